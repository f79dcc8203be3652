//! What YAML makes of a document that is probably not what its author meant: warnings.

use super::read::{TreeReader, double_quoted};
use super::yaml::{Data, Node, Scalar, ScalarForm, ScalarValue};
use crate::diagnostic::{Code, Span};
use crate::emitter;
use crate::model::Field;
use crate::text::{is_hidden, quote};

/// Whether values are those of policies and settings, which the server takes with any type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Free,
    Fixed,
}

/// Warns of everything in a document that is valid and probably not meant.
pub(super) fn lint(reader: &mut TreeReader<'_>, node: &Node<'_>) {
    lint_value(reader, node, Typed::Fixed);
}

fn lint_value(reader: &mut TreeReader<'_>, node: &Node<'_>, typed: Typed) {
    match &node.data {
        Data::Scalar(scalar) => {
            cut_short(reader, node.span, scalar);
            hidden_ends(reader, node.span, &scalar.text);
            if typed == Typed::Free {
                boolean_word(reader, node.span, scalar);
            }
        }
        Data::List(items) => items.iter().for_each(|item| lint_value(reader, item, typed)),
        Data::Map(entries) => {
            for entry in entries {
                let keyed = Field::ALL.into_iter().any(|field| field.has_keys() && field.name() == entry.key);
                if typed == Typed::Free {
                    hidden_ends(reader, entry.key_span, &entry.key);
                }
                lint_value(reader, &entry.value, if keyed { Typed::Free } else { typed });
            }
        }
    }
}

/// Warns of a word without quotes that other programs read as true or false.
fn boolean_word(reader: &mut TreeReader<'_>, span: Span, scalar: &Scalar<'_>) {
    let meant = emitter::boolean_word(&scalar.text).filter(|_| scalar.style == ScalarForm::Plain);
    let Some(meant) = meant else { return };
    let message = format!("{} is text here, not true or false", quote(&scalar.text));
    let help = format!("write `{meant}`, or `{}` if the text is meant", double_quoted(&scalar.text));
    reader.warn(Code::BooleanWord, span, message, help);
}

/// Warns of blanks and invisible characters at the ends of a text. The line end behind a block is none.
fn hidden_ends(reader: &mut TreeReader<'_>, span: Span, text: &str) {
    let unseen = |one: &char| (one.is_whitespace() && *one != '\n') || is_hidden(*one);
    if let [first, .., last] | [first @ last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return;
    }
    let body = text.trim_matches('\n');
    let (first, last) = (body.chars().next().filter(unseen), body.chars().next_back().filter(unseen));
    let Some((one, where_)) = first.map(|one| (one, "begins")).or(last.map(|one| (one, "ends"))) else { return };
    let message = format!("the text {where_} with something that nobody sees: {}", described(one));
    reader.warn(Code::HiddenEnd, span, message, "remove it, unless the server wants it".to_owned());
}

fn described(one: char) -> String {
    match one {
        ' ' => "a blank".to_owned(),
        '\t' => "a tab".to_owned(),
        other => format!("U+{:04X}", u32::from(other)),
    }
}

/// Warns of text without quotes behind which a `#` begins a comment that does not look like one.
fn cut_short(reader: &mut TreeReader<'_>, span: Span, scalar: &Scalar<'_>) {
    if scalar.style != ScalarForm::Plain || scalar.text.is_empty() {
        return;
    }
    let rest = reader.file.text().get(span.end as usize..).unwrap_or_default();
    let comment = rest.trim_start_matches([' ', '\t']);
    let glued = comment.strip_prefix('#').is_some_and(|text| text.starts_with(|one: char| one.is_alphanumeric()));
    if comment.len() == rest.len() || !glued || scalar.value() != ScalarValue::Text {
        return;
    }
    // Only now: to look for its end behind each of the many values of a long line takes quadratic time.
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let message =
        format!("the value is cut short: what begins with ` #` is a comment, and the value is {}", quote(&scalar.text));
    let whole = format!("{}{}", scalar.text, line.trim_end());
    let help = format!("write `{}` if all of it is meant, or a blank behind the `#`", double_quoted(&whole));
    reader.warn(Code::CutShort, span, message, help);
}
