//! What a change of layout would do to a file, as a unified diff.

use std::io;

use similar::{ChangeTag, TextDiff};

use super::Style;
use super::text::paint::{Painter, Tone};
use crate::text::visible;

/// Writes the path of a file that was laid out.
pub(crate) fn path(out: &mut impl io::Write, path: &str) -> io::Result<()> {
    writeln!(out, "{}", visible(path))
}

/// Writes a unified diff (as `diff -u` does) from a file as it is to how it would be laid out.
pub(crate) fn layout(
    out: &mut impl io::Write,
    path: &str,
    before: &str,
    after: &str,
    style: Style<'_>,
) -> io::Result<()> {
    let paint = Painter(style.colour);
    let (diff, path) = (TextDiff::from_lines(before, after), visible(path));
    writeln!(out, "{}", paint.text(Tone::Strong, &format!("--- a/{path}\n+++ b/{path}")))?;
    for hunk in diff.unified_diff().iter_hunks() {
        writeln!(out, "{}", paint.text(Tone::Faint, &hunk.header().to_string()))?;
        for change in hunk.iter_changes() {
            let (sign, tone) = match change.tag() {
                ChangeTag::Equal => (' ', Tone::Plain),
                ChangeTag::Delete => ('-', Tone::Bad),
                ChangeTag::Insert => ('+', Tone::Good),
            };
            let line = change.value().trim_end_matches(['\r', '\n']);
            writeln!(out, "{}", paint.text(tone, &format!("{sign}{}", visible(line))))?;
            if change.missing_newline() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}
