//! What a change of layout would do to a file, as a unified diff.

use std::io;

use similar::{ChangeTag, TextDiff};

use super::Style;
use super::text::paint::{Painter, Tone};
use super::value::lines_told_apart;
use crate::text::{isolated, visible};

/// Writes the path of a file that was laid out.
pub(crate) fn path(out: &mut impl io::Write, path: &str) -> io::Result<()> {
    writeln!(out, "{}", visible(path))
}

/// Writes a unified diff (as `diff -u` does) from a file as it is to how it would be laid out.
pub(crate) fn layout(
    out: &mut (impl io::Write + ?Sized),
    path: &str,
    before: &str,
    after: &str,
    style: Style<'_>,
) -> io::Result<()> {
    LayoutChange::of(before, after).write(out, path, style)
}

/// What a change of layout does to a file: a few lines of it, most of the time.
#[derive(Debug)]
pub(crate) struct LayoutChange {
    hunks: Vec<ChangedLines>,
}

/// Lines that change, with those around them.
#[derive(Debug)]
struct ChangedLines {
    header: String,
    lines: Vec<ChangedLine>,
}

/// A line, as it is shown behind its sign.
#[derive(Debug)]
struct ChangedLine {
    tag: ChangeTag,
    shown: String,
    lacks_newline: bool,
}

impl LayoutChange {
    /// Compares a file as it is with how it would be laid out.
    pub(crate) fn of(before: &str, after: &str) -> Self {
        let diff = TextDiff::from_lines(before, after);
        let mut hunks = Vec::new();
        for hunk in diff.unified_diff().iter_hunks() {
            let changes: Vec<_> = hunk.iter_changes().collect();
            // How far a line is indented is seen in a diff, and is what it is about.
            let lines: Vec<_> =
                changes.iter().map(|change| (change.tag(), change.value().trim_start_matches(' '))).collect();
            let lines = lines_told_apart(&lines, &['\n', '\r']);
            let lines = changes.iter().zip(lines).map(|(change, (tag, line))| {
                let indent = " ".repeat(change.value().len() - change.value().trim_start_matches(' ').len());
                let shown = format!("{indent}{}", isolated(visible(&line)));
                ChangedLine { tag, shown, lacks_newline: change.missing_newline() }
            });
            hunks.push(ChangedLines { header: hunk.header().to_string(), lines: lines.collect() });
        }
        Self { hunks }
    }

    /// Counts the bytes that it takes up, roughly.
    pub(crate) fn size(&self) -> usize {
        let lines = self.hunks.iter().flat_map(|hunk| &hunk.lines);
        lines.map(|line| size_of::<ChangedLine>() + line.shown.len()).sum()
    }

    /// Writes it as a unified diff.
    pub(crate) fn write(&self, out: &mut (impl io::Write + ?Sized), path: &str, style: Style<'_>) -> io::Result<()> {
        let (paint, path) = (Painter(style.colour), visible(path));
        writeln!(out, "{}", paint.text(Tone::Strong, &format!("--- a/{path}\n+++ b/{path}")))?;
        for ChangedLines { header, lines } in &self.hunks {
            writeln!(out, "{}", paint.text(Tone::Faint, header))?;
            for ChangedLine { tag, shown, lacks_newline } in lines {
                let (sign, tone) = match tag {
                    ChangeTag::Equal => (' ', Tone::Plain),
                    ChangeTag::Delete => ('-', Tone::Bad),
                    ChangeTag::Insert => ('+', Tone::Good),
                };
                writeln!(out, "{}", paint.text(tone, &format!("{sign}{shown}")))?;
                if *lacks_newline {
                    writeln!(out, "\\ No newline at end of file")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Colour;
    use super::*;

    fn style() -> Style<'static> {
        Style {
            colour: Colour::Never,
            grouping: super::super::Grouping::Grouped,
            folder: "",
            width: None,
            hosted: super::super::Hosted::NOWHERE,
        }
    }

    #[test]
    fn of_a_file_in_which_each_line_changes_all_lines_are_shown() {
        const LINES: usize = 60_000;
        let line = |blanks: &str, number: usize| format!("  k{number}:{blanks}{number}\n");
        let file = |blanks: &str| (0..LINES).map(|number| line(blanks, number)).collect::<Vec<_>>().concat();
        let mut out = Vec::new();
        layout(&mut out, "a.yaml", &file("   "), &file(" "), style()).expect("a buffer");
        let text = String::from_utf8(out).expect("text");
        let count = |sign: &str| text.lines().skip(3).filter(|line| line.starts_with(sign)).count();
        assert_eq!((count("-"), count("+")), (LINES, LINES));
    }

    #[test]
    fn lines_that_look_alike_show_what_goes_and_what_comes() {
        let style = style();
        let mut out = Vec::new();
        layout(&mut out, "a.yaml", "name: a \nb\u{a0}c: 1\nx: 1\r\n", "name: a\nb c: 1\nx: 1\n", style)
            .expect("a buffer");
        insta::assert_snapshot!(String::from_utf8(out).expect("text"), @r"
        --- a/a.yaml
        +++ b/a.yaml
        @@ -1,3 +1,3 @@
        -name: a (U+0020)
        -b (U+00A0)c: 1
        -x: 1\r\n
        +name: a
        +b (U+0020)c: 1
        +x: 1\n
        ");
    }
}
