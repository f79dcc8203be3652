//! What YAML makes of a document that is probably not what its author meant: warnings.

use super::read::{TreeReader, double_quoted};
use super::yaml::{Data, Node, Scalar, ScalarForm, ScalarValue};
use crate::diagnostic::{Code, Span};
use crate::text::quote;

/// Warns of everything in a document that is valid and probably not meant.
pub(super) fn lint(reader: &mut TreeReader<'_>, node: &Node<'_>) {
    match &node.data {
        Data::Scalar(scalar) => cut_short(reader, node.span, scalar),
        Data::List(items) => items.iter().for_each(|item| lint(reader, item)),
        Data::Map(entries) => entries.iter().for_each(|entry| lint(reader, &entry.value)),
    }
}

/// Warns of text without quotes behind which a `#` begins a comment that does not look like one.
fn cut_short(reader: &mut TreeReader<'_>, span: Span, scalar: &Scalar<'_>) {
    if scalar.style != ScalarForm::Plain || scalar.text.is_empty() {
        return;
    }
    let rest = reader.file.text().get(span.end as usize..).unwrap_or_default();
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let comment = line.trim_start_matches([' ', '\t']);
    let glued = comment.strip_prefix('#').is_some_and(|text| text.starts_with(|one: char| one.is_alphanumeric()));
    if comment.len() == line.len() || !glued || scalar.value() != ScalarValue::Text {
        return;
    }
    let message =
        format!("the value is cut short: what begins with ` #` is a comment, and the value is {}", quote(&scalar.text));
    let whole = format!("{}{}", scalar.text, line.trim_end());
    let help = format!("write `{}` if all of it is meant, or a blank behind the `#`", double_quoted(&whole));
    reader.warn(Code::CutShort, span, message, help);
}
