//! Edits of YAML text that keep what they do not concern: comments, quotes, blank lines, line breaks.

mod canonical;
mod catalogue;
mod comments;
mod entry;
mod flow_line;
mod layout;
mod meaning;
mod outline;
mod pin;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use self::catalogue::add_keys;
#[cfg(test)]
use self::pin::Pinned;
pub(crate) use self::pin::{NotPinned, pin};
pub(crate) use self::values::{DocumentEdit, DocumentHead, ValueEdit, document_heads, write_values};

use std::cell::LazyCell;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use self::meaning::Meaning;
use self::outline::{Order, Outline, OutlineBuilder};
use super::budget::{Budget, Mistakes};
use super::yaml::Documents;
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};

/// A byte order mark is no part of the text (YAML 1.2, section 5.2).
const BYTE_ORDER_MARK: char = '\u{feff}';

/// How files are laid out. Of all of them together no more mistakes are told than anybody reads.
#[derive(Debug, Default)]
pub(crate) struct FileFormat(Arc<Budget>);

impl FileFormat {
    /// Lays out a file as `icsync fmt` does: the keys that icsync knows in one order, two columns of indentation a level, one
    /// blank line at most. Definitions are written in one form, whoever wrote them: one kind of quotes, policies and settings by
    /// the alphabet, a line for each where they do not fit into one. The configuration keeps its quotes, blocks and the order
    /// of keys that are the user's.
    ///
    /// Laying out twice gives the same as once, and the file means the same after as before. A document with anchors keeps
    /// its quotes and the order of its keys, folded texts stay folded, and JSON stays JSON.
    ///
    /// Fails with the mistakes of a file that is not YAML, with one that is too large, and with nothing once there were too
    /// many mistakes.
    pub(crate) fn format(&self, path: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
        if self.0.is_enough() {
            return Err(Vec::new());
        }
        let mut told = Mistakes::within(&self.0);
        laid_out(path, text).map_err(|found| {
            told.extend(found);
            told.into_vec()
        })
    }
}

fn laid_out(path: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
    if let Some(what) = too_large(text) {
        // No line of it is shown: to look for secrets around one, all of it would be parsed.
        let place = Place { file: Arc::new(SourceFile::new(path, String::new())), span: Span::START };
        let message = format!("the file has more than {what}, and is not laid out");
        let help = "split it, or name the files that are to be laid out: `icsync fmt FILE …`";
        return Err(vec![Diagnostic::error(Code::TooLarge, message).at(place, "").help(help)]);
    }
    let (mark, body) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(body) => (&text[..BYTE_ORDER_MARK.len_utf8()], body),
        None => ("", text),
    };
    let Some(outline) = read(path, body)? else { return Ok(text.to_owned()) };
    // Most files are laid out already, and what they mean matters only where something is written anew.
    let before = LazyCell::new(|| Meaning::with(path, body, Some(&outline)).ok());
    let forms =
        if is_json(path) { &[Rewriting::Kept][..] } else { &[Rewriting::Free, Rewriting::Lines, Rewriting::Kept] };
    let laid = forms.iter().find_map(|rewriting| settle(body, (&before, &outline), *rewriting));
    let laid = laid.map(|laid| if laid == body { laid } else { settled(laid, &before, forms) });
    Ok(format!("{mark}{}", laid.unwrap_or_else(|| body.to_owned())))
}

/// Lays out what is laid out until that changes nothing: what could not be rewritten as it was may be so now.
fn settled(laid: String, before: &dyn Deref<Target = Option<Meaning<'_>>>, forms: &[Rewriting]) -> String {
    let Some(outline) = Outline::of(&laid) else { return laid };
    match forms.iter().find_map(|rewriting| settle(&laid, (before, &outline), *rewriting)) {
        Some(next) if next != laid => settled(next, before, forms),
        _ => laid,
    }
}

/// So many bytes a file has at most that is laid out: it is in memory many times meanwhile.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// So many lines.
const MOST_LINES: usize = 1024 * 1024;

fn too_large(text: &str) -> Option<String> {
    let lines = || text.bytes().filter(|byte| *byte == b'\n').nth(MOST_LINES).is_some();
    if text.len() > MOST_BYTES {
        return Some(format!("{MOST_BYTES} bytes"));
    }
    lines().then(|| format!("{MOST_LINES} lines"))
}

/// Gives the outline of a file, if it can be edited by one, or its mistakes.
fn read(path: &str, text: &str) -> Result<Option<Outline>, Vec<Diagnostic>> {
    let file = Arc::new(SourceFile::new(path, text.to_owned()));
    let (mut documents, mut found) = (Documents::with_comments(&file), Mistakes::default());
    let mut outline = OutlineBuilder::new(text);
    while documents.next_seen(&mut found, &mut |event, span| outline.see(event, span)).is_some() {}
    if found.is_empty() { Ok(outline.finish()) } else { Err(found.into_vec()) }
}

fn is_json(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// How much of a file may be written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rewriting {
    /// Lines and values.
    Free,
    /// Lines, in their order by key.
    Lines,
    /// Lines, in the order they have.
    Kept,
}

/// Lays out until nothing changes any more; `None` if that has no end, or if the meaning would change.
fn settle(
    text: &str,
    (before, outline): (&dyn Deref<Target = Option<Meaning<'_>>>, &Outline),
    rewriting: Rewriting,
) -> Option<String> {
    const MOST_ROUNDS: usize = 4;
    let mut laid = once(text, outline, rewriting)?;
    if laid == text {
        return Some(laid);
    }
    for _ in 1..MOST_ROUNDS {
        let outline = Outline::of(&laid)?;
        let next = once(&laid, &outline, rewriting)?;
        if next == laid {
            let after = Meaning::with("", &laid, Some(&outline)).ok();
            return (after.is_some() && after == **before).then_some(laid);
        }
        laid = next;
    }
    None
}

fn once(text: &str, outline: &Outline, rewriting: Rewriting) -> Option<String> {
    let laid = layout::lay_out(text, outline, if rewriting == Rewriting::Kept { Order::Kept } else { Order::Free });
    match rewriting {
        Rewriting::Free if laid == text => Some(canonical::rewrite(&laid, outline)),
        Rewriting::Free => Some(canonical::rewrite(&laid, &Outline::of(&laid)?)),
        Rewriting::Lines | Rewriting::Kept => Some(laid),
    }
}

/// Lays out one file by itself.
pub(crate) fn format(path: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
    FileFormat::default().format(path, text)
}
