//! A file that was read, and places in it.

use std::sync::{Arc, OnceLock};

use crate::model::{FilePath, Location};

/// A file of the repository as it was read. A tree has thousands of files and hardly ever a mistake: the text of one that is
/// only pointed at is put in once it is to be shown.
pub(crate) struct SourceFile {
    path: FilePath,
    text: OnceLock<Arc<String>>,
    /// Where lines begin, here and there.
    marks: OnceLock<Arc<[LineMark]>>,
}

/// Where a line begins. There may be millions of lines, so that those in between are counted where they are asked for.
#[derive(Debug, Clone, Copy)]
struct LineMark {
    /// The line, counted from 1.
    line: u32,
    /// The byte.
    start: u32,
}

/// At least so many bytes lie between two marks.
const BETWEEN_MARKS: usize = 256;

/// A stretch of a file: bytes from `start` to before `end`, and where it begins for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span {
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

impl Span {
    /// The very beginning of a file.
    pub(crate) const START: Self = Self { start: 0, end: 0, line: 1, column: 1 };
}

/// A stretch of a certain file.
#[derive(Clone)]
pub(crate) struct Place {
    pub file: Arc<SourceFile>,
    pub span: Span,
}

impl SourceFile {
    /// Takes a file: its path relative to the folder of `icsync.yaml`, and its text.
    pub(crate) fn new(path: impl Into<FilePath>, text: String) -> Self {
        Self { path: path.into(), text: Arc::new(text).into(), marks: OnceLock::new() }
    }

    /// Names a file without its text.
    pub(crate) fn named(path: FilePath) -> Self {
        Self { path, text: OnceLock::new(), marks: OnceLock::new() }
    }

    /// Puts in the text of a file that was only named.
    pub(crate) fn fill(&self, text: impl FnOnce() -> String) {
        self.text.get_or_init(|| Arc::new(text()));
    }

    /// Puts in the text of a file that was only named, which another has.
    pub(crate) fn fill_from(&self, other: &Self) {
        if let Some(text) = other.text.get() {
            self.text.get_or_init(|| Arc::clone(text));
        }
    }

    pub(crate) fn path(&self) -> &FilePath {
        &self.path
    }

    pub(crate) fn text(&self) -> &str {
        self.text.get().map_or("", |text| text)
    }

    /// Makes the same file with secret stretches replaced by asterisks, byte by byte, so that places stay true.
    #[must_use]
    pub(crate) fn masked(&self, secrets: &[Span]) -> Self {
        let mut bytes = self.text().to_owned().into_bytes();
        for span in secrets {
            let range = span.start as usize..(span.end as usize).min(bytes.len());
            for byte in bytes.get_mut(range).unwrap_or_default() {
                if !matches!(byte, b'\n' | b'\r') {
                    *byte = b'*';
                }
            }
        }
        let text = String::from_utf8(bytes);
        match text {
            // Lines begin where they did.
            Ok(text) => Self { path: self.path.clone(), text: Arc::new(text).into(), marks: self.marks.clone() },
            Err(error) => Self::new(self.path.clone(), String::from_utf8_lossy(error.as_bytes()).into_owned()),
        }
    }

    /// Gives a line, counted from 1, without its line break, and the byte at which it begins.
    pub(crate) fn line(&self, number: u32) -> Option<(usize, &str)> {
        let (line, mut starts) = self.starts_near(|mark| mark.line <= number);
        let start = starts.nth(usize::try_from(number.checked_sub(line)?).ok()?)?;
        let end = starts.next().unwrap_or(self.text().len());
        Some((start, self.text().get(start..end)?.trim_end_matches(['\n', '\r'])))
    }

    /// Gives where lines begin from the last mark on that is still wanted, and the number of the first.
    fn starts_near(&self, is_wanted: impl Fn(&LineMark) -> bool) -> (u32, impl Iterator<Item = usize>) {
        let marks = self.marks.get_or_init(|| marks(self.text()));
        let last = marks.partition_point(is_wanted).saturating_sub(1);
        let LineMark { line, start } = marks.get(last).copied().unwrap_or(LineMark { line: 1, start: 0 });
        (line, line_starts(self.text(), start as usize))
    }

    /// Gives the stretch that begins at a place and ends before the next blank or colon that ends a key.
    pub(crate) fn span_at(&self, line: u32, column: u32) -> Span {
        let Some((start, text)) = self.line(line) else { return Span { line, column, ..Span::START } };
        let before = text.trim_start_matches('\u{feff}').chars().take(column.saturating_sub(1) as usize);
        let from = start + before.map(char::len_utf8).sum::<usize>();
        let rest = self.text().get(from..start + text.len()).unwrap_or_default();
        let quote = rest.chars().next().filter(|one| matches!(one, '"' | '\''));
        let length = match quote {
            Some(quote) => rest[1..].find(quote).map_or(rest.len(), |end| end + 2),
            None => rest.find(": ").or_else(|| rest.trim_end().strip_suffix(':').map(str::len)).unwrap_or(rest.len()),
        };
        Span { start: narrow(from), end: narrow(from + length), line, column }
    }

    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let (first, starts) = self.starts_near(|mark| mark.start as usize <= start);
        let (line, begin) = (first..).zip(starts.take_while(|begin| *begin <= start)).last().unwrap_or((1, 0));
        let before = self.text().get(begin..start).unwrap_or_default();
        Span {
            start: narrow(start),
            end: narrow(end),
            line,
            column: narrow(before.trim_start_matches('\u{feff}').chars().count() + 1),
        }
    }
}

impl std::fmt::Debug for SourceFile {
    /// Names the file only: its text may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceFile({})", self.path.escape_debug())
    }
}

impl Place {
    /// Tells where the place is, without the text of the file.
    pub(crate) fn location(&self) -> Location {
        Location { file: self.file.path().clone(), line: self.span.line, column: self.span.column }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Span { start, end, line, column } = self.span;
        write!(f, "{}:{line}:{column} ({start}..{end})", self.file.path().escape_debug())
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.file.path == other.file.path && self.span == other.span
    }
}

impl Eq for Place {}

/// Gives where lines begin, from the one on that begins at a byte. They end as YAML says: with `\n`, `\r\n` or a lone `\r`.
fn line_starts(text: &str, from: usize) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let ends = move |index: &usize| match bytes[*index] {
        b'\n' => true,
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(from).chain((from..bytes.len()).filter(ends).map(|index| index + 1))
}

fn marks(text: &str) -> Arc<[LineMark]> {
    let (mut marks, mut next) = (Vec::new(), 0);
    for (line, start) in (1..).zip(line_starts(text, 0)) {
        if start >= next {
            marks.push(LineMark { line, start: narrow(start) });
            next = start + BETWEEN_MARKS;
        }
    }
    marks.into()
}

/// Gives a number of bytes or lines in the form that places have: files are smaller than any that would not fit.
pub(crate) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_any_line_break() {
        let file = SourceFile::new("a", "one\r\ntwo\rthree\nfour".to_owned());
        let lines: Vec<_> = (1..=5).map(|number| file.line(number).map(|(_, text)| text)).collect();
        assert_eq!(lines, [Some("one"), Some("two"), Some("three"), Some("four"), None]);
        assert_eq!(file.span(9, 14), Span { start: 9, end: 14, line: 3, column: 1 });
    }

    #[test]
    fn lines_are_found_between_marks_and_at_them() {
        for length in [0, 1, 100, 254, 255, 256, 257, 1000] {
            let lines: Vec<String> = (1..=50).map(|number| format!("{number}{}", "x".repeat(length))).collect();
            let file = SourceFile::new("a", lines.join("\n"));
            let mut start = 0;
            for (number, line) in (1..).zip(&lines) {
                assert_eq!(file.line(number), Some((start, &**line)));
                for at in [start, start + line.len()] {
                    let Span { line, column, .. } = file.span(at, at);
                    assert_eq!((line, column as usize), (number, at - start + 1));
                }
                start += line.len() + 1;
            }
            assert_eq!((file.line(0), file.line(51)), (None, None));
        }
    }

    #[test]
    fn a_masked_file_keeps_its_places() {
        let file = SourceFile::new("a", "key: hünter\nnext".to_owned());
        let masked = file.masked(&[file.span(5, 12)]);
        assert_eq!(masked.text(), "key: *******\nnext");
    }

    #[test]
    fn a_file_that_is_only_named_takes_one_text() {
        let file = SourceFile::named("a".into());
        assert_eq!((file.text(), file.line(2)), ("", None));
        let file = SourceFile::named("a".into());
        file.fill(|| "one\ntwo".to_owned());
        file.fill(|| unreachable!("it has its text"));
        assert_eq!(file.line(2), Some((4, "two")));
    }
}
