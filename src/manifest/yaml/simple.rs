//! The part of YAML that nearly all files keep to, read line by line into the events that the parser of all of YAML would give:
//! block mappings of plain and quoted scalars, lists of scalars, and brackets within a line. At anything else it gives up.

use std::borrow::Cow;

use granit_parser::{Event, Placement, ScalarStyle, StructureStyle};

use crate::diagnostic::Span;

/// Larger files are left to the parser, which does not hold all of their events.
const MOST_BYTES: usize = 256 * 1024;
/// How deep values may be nested: less than the parser takes.
const MOST_DEPTH: usize = 16;
/// The longest key: shorter than those that the parser takes for no key.
const LONGEST_KEY: usize = 256;

/// Whether comments are among the events. Where they stand beside other values is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    Skipped,
    Seen,
}

/// Events, each with its place.
pub(super) type SimpleEvents<'a> = Vec<(Event<'a>, Span)>;

/// Gives the events of a file, or nothing where it holds more than is read here.
pub(super) fn events(text: &str, comments: Comments) -> Option<SimpleEvents<'_>> {
    let is_control = |one: u8| one < b' ' && one != b'\n' || one == 0x7f;
    let fits = text.len() <= MOST_BYTES
        && !text.bytes().any(is_control)
        && (text.is_ascii() || text.chars().all(|one| one.is_ascii() || is_printed(one)));
    if !fits {
        return None;
    }
    let events = Vec::with_capacity(text.len() / 12);
    let mut reader = SimpleReader { events, comments, open: Vec::new(), awaits: Awaited::Nothing };
    let mut line = YamlLine { text: "", start: 0, number: 0 };
    for text in text.split('\n') {
        let start = if line.number == 0 { 0 } else { line.start + u32::try_from(line.text.len()).ok()? + 1 };
        line = YamlLine { text, start, number: line.number + 1 };
        reader.line(&line)?;
    }
    reader.finish(line.span(line.text.len(), line.text.len()))
}

/// Tells of characters beyond ASCII that everybody prints alike.
fn is_printed(one: char) -> bool {
    one.is_alphanumeric() || matches!(one, '\u{a1}'..='\u{ff}' | '\u{2010}'..='\u{2027}' | '\u{20a0}'..='\u{20bf}')
}

struct YamlLine<'a> {
    text: &'a str,
    /// The byte of the file at which it begins.
    start: u32,
    number: u32,
}

impl YamlLine<'_> {
    /// Makes the span of some bytes of the line, before which all are ASCII.
    fn span(&self, from: usize, to: usize) -> Span {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (start, end) = (self.start + narrow(from), self.start + narrow(to));
        Span { start, end, line: self.number, column: narrow(from + 1) }
    }
}

/// A collection that goes on, by the column of its keys or items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenBlock {
    Map(usize),
    List(usize),
}

impl OpenBlock {
    fn column(self) -> usize {
        let (Self::Map(column) | Self::List(column)) = self;
        column
    }
}

/// What has to come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Nothing,
    /// The document that `---` has begun.
    Document,
    /// The value of a key that stands at a column, on lines of its own.
    Value(usize),
}

struct SimpleReader<'a> {
    events: SimpleEvents<'a>,
    comments: Comments,
    open: Vec<OpenBlock>,
    awaits: Awaited,
}

impl<'a> SimpleReader<'a> {
    fn line(&mut self, line: &YamlLine<'a>) -> Option<()> {
        let column = line.text.bytes().position(|one| one != b' ');
        let Some(column) = column else { return Some(()) };
        if line.text.as_bytes()[column] == b'#' {
            self.comment(line, column);
            return Some(());
        }
        if line.text.starts_with("---") || line.text.starts_with("...") {
            return if line.text == "---" { self.next_document(line) } else { None };
        }
        self.reach(line, column)?;
        match self.open.last()? {
            OpenBlock::Map(_) => self.pair(line, column),
            OpenBlock::List(_) => self.item(line, column),
        }
    }

    fn next_document(&mut self, line: &YamlLine<'a>) -> Option<()> {
        match (self.awaits, self.open.is_empty()) {
            (Awaited::Nothing, true) => {}
            (Awaited::Nothing, false) => self.end_document(line.span(0, 0)),
            (Awaited::Document | Awaited::Value(_), _) => return None,
        }
        self.awaits = Awaited::Document;
        self.events.push((Event::DocumentStart(true, None), line.span(0, 3)));
        Some(())
    }

    /// Ends and begins blocks, so that the last one has its keys or items at a column.
    fn reach(&mut self, line: &YamlLine<'a>, column: usize) -> Option<()> {
        let (at, is_item) = (line.span(column, column), line.text[column..].starts_with("- "));
        let begins = match self.awaits {
            Awaited::Value(key) => key < column,
            Awaited::Document | Awaited::Nothing if self.open.is_empty() => {
                if self.awaits == Awaited::Nothing {
                    self.events.push((Event::DocumentStart(false, None), at));
                }
                column == 0 && !is_item
            }
            Awaited::Document | Awaited::Nothing => {
                while self.open.last().is_some_and(|block| block.column() > column) {
                    self.close(at);
                }
                return self.open.last().is_some_and(|block| block.column() == column).then_some(());
            }
        };
        self.awaits = Awaited::Nothing;
        if !begins || self.open.len() == MOST_DEPTH {
            return None;
        }
        let (block, event) = if is_item {
            (OpenBlock::List(column), Event::SequenceStart(StructureStyle::Block, 0, None))
        } else {
            (OpenBlock::Map(column), Event::MappingStart(StructureStyle::Block, 0, None))
        };
        self.open.push(block);
        self.events.push((event, at));
        Some(())
    }

    fn close(&mut self, at: Span) {
        match self.open.pop() {
            Some(OpenBlock::Map(_)) => self.events.push((Event::MappingEnd, at)),
            Some(OpenBlock::List(_)) => self.events.push((Event::SequenceEnd, at)),
            None => {}
        }
    }

    fn end_document(&mut self, at: Span) {
        while !self.open.is_empty() {
            self.close(at);
        }
        self.events.push((Event::DocumentEnd, at));
    }

    fn finish(mut self, end: Span) -> Option<SimpleEvents<'a>> {
        if self.awaits != Awaited::Nothing || self.open.is_empty() {
            return None;
        }
        self.end_document(end);
        Some(self.events)
    }

    fn scalar(&mut self, text: &'a str, style: ScalarStyle, at: Span) {
        self.events.push((Event::Scalar(Cow::Borrowed(text), style, 0, None), at));
    }

    /// Notes a comment, which goes on to the end of its line.
    fn comment(&mut self, line: &YamlLine<'a>, from: usize) {
        if self.comments == Comments::Seen {
            let event = Event::Comment(Cow::Borrowed(&line.text[from + 1..]), Placement::default());
            self.events.push((event, line.span(from, line.text.len())));
        }
    }

    /// Tells whether nothing but blanks and a comment stands in the rest of a line, and notes the comment.
    fn is_over(&mut self, line: &YamlLine<'a>, from: usize) -> bool {
        let rest = &line.text[from..];
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        if blanks == rest.len() {
            return true;
        }
        let is_comment = blanks > 0 && rest.as_bytes()[blanks] == b'#';
        if is_comment {
            self.comment(line, from + blanks);
        }
        is_comment
    }

    /// Reads a key and what stands behind it.
    fn pair(&mut self, line: &YamlLine<'a>, column: usize) -> Option<()> {
        let after = match quoted(line.text, column) {
            Some((text, style, end)) => {
                if !text.is_ascii() {
                    return None;
                }
                self.scalar(text, style, line.span(column, end));
                end
            }
            None => {
                let text = plain_key(&line.text[column..])?;
                let end = column + text.len();
                self.scalar(text, ScalarStyle::Plain, line.span(column, end));
                end
            }
        };
        let rest = line.text[after..].strip_prefix(':').filter(|_| after - column <= LONGEST_KEY)?;
        if self.is_over(line, line.text.len() - rest.len()) {
            self.awaits = Awaited::Value(column);
            return Some(());
        }
        let from = after + 1 + rest.bytes().position(|one| one != b' ').filter(|blanks| *blanks > 0)?;
        self.value(line, from)
    }

    fn item(&mut self, line: &YamlLine<'a>, column: usize) -> Option<()> {
        let rest = line.text[column..].strip_prefix("- ")?;
        let from = column + 2 + rest.bytes().position(|one| one != b' ')?;
        self.value(line, from)
    }

    /// Reads a value up to the end of its line.
    fn value(&mut self, line: &YamlLine<'a>, from: usize) -> Option<()> {
        if let Some((text, style, end)) = quoted(line.text, from) {
            self.scalar(text, style, line.span(from, end));
            return self.is_over(line, end).then_some(());
        }
        if matches!(line.text.as_bytes()[from], b'{' | b'[') {
            let mut brackets = Brackets { line, at: from, depth: self.open.len() };
            brackets.collection(&mut self.events)?;
            let end = brackets.at;
            return (line.text.is_ascii() && self.is_over(line, end)).then_some(());
        }
        let text = plain_value(&line.text[from..])?;
        let end = from + text.len();
        self.scalar(text, ScalarStyle::Plain, line.span(from, end));
        self.is_over(line, end).then_some(())
    }
}

/// Reads text in quotes, without escapes. Gives where it ends, too.
fn quoted(line: &str, from: usize) -> Option<(&str, ScalarStyle, usize)> {
    let (quote, style) = match line.as_bytes()[from] {
        b'"' => (b'"', ScalarStyle::DoubleQuoted),
        b'\'' => (b'\'', ScalarStyle::SingleQuoted),
        _ => return None,
    };
    let length = line.as_bytes()[from + 1..].iter().position(|one| *one == quote)?;
    let (text, end) = (&line[from + 1..from + 1 + length], from + length + 2);
    let escapes = quote == b'"' && text.contains('\\') || quote == b'\'' && line[end..].starts_with('\'');
    (!escapes).then_some((text, style, end))
}

/// Reads a key without quotes.
fn plain_key(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_key = |one: &u8| one.is_ascii_alphanumeric() || matches!(one, b'_' | b'-' | b'.' | b'/' | b':');
    let ends = |at: usize| bytes[at] == b':' && bytes.get(at + 1).is_none_or(|next| *next == b' ');
    let end = (0..bytes.len()).find(|at| ends(*at) || !is_key(&bytes[*at])).filter(|end| ends(*end))?;
    let begins = bytes[0].is_ascii_alphanumeric() || bytes[0] == b'_';
    begins.then(|| &text[..end])
}

/// Reads a scalar without quotes that goes on to the end of its line, or to a comment.
fn plain_value(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let begins = match bytes[0] {
        b'_' | b'/' | b'.' | b'(' | b'+' | b'~' | b'$' => true,
        b'-' => bytes.get(1).is_some_and(u8::is_ascii_alphanumeric),
        first => first.is_ascii_alphanumeric() || !first.is_ascii(),
    };
    let end = (1..bytes.len()).find(|at| bytes[*at] == b'#' && bytes[*at - 1] == b' ').unwrap_or(bytes.len());
    let text = text[..end].trim_end_matches(' ');
    let holds_pair = text.ends_with(':') || text.as_bytes().windows(2).any(|two| two == b": ");
    (begins && !holds_pair).then_some(text)
}

/// A collection in brackets that ends in its line.
struct Brackets<'a, 'l> {
    line: &'l YamlLine<'a>,
    at: usize,
    depth: usize,
}

impl<'a> Brackets<'a, '_> {
    fn next(&self) -> Option<u8> {
        self.line.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.next() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Takes one character if it is the next.
    fn takes(&mut self, one: u8) -> bool {
        let is_next = self.next() == Some(one);
        self.at += usize::from(is_next);
        is_next
    }

    fn collection(&mut self, events: &mut SimpleEvents<'a>) -> Option<()> {
        self.depth += 1;
        let is_map = self.next() == Some(b'{');
        let (begin, end, close) = if is_map {
            (Event::MappingStart(StructureStyle::Flow, 0, None), Event::MappingEnd, b'}')
        } else {
            (Event::SequenceStart(StructureStyle::Flow, 0, None), Event::SequenceEnd, b']')
        };
        events.push((begin, self.line.span(self.at, self.at + 1)));
        self.at += 1;
        self.skip_blanks();
        let mut is_first = true;
        while !self.takes(close) {
            if !is_first && !self.takes(b',') || self.depth > MOST_DEPTH {
                return None;
            }
            is_first = false;
            self.skip_blanks();
            if is_map {
                self.scalar(events)?;
                if !self.takes(b':') || self.next() != Some(b' ') {
                    return None;
                }
                self.skip_blanks();
            }
            match self.next()? {
                b'{' | b'[' => self.collection(events)?,
                _ => self.scalar(events)?,
            }
            self.skip_blanks();
        }
        events.push((end, self.line.span(self.at - 1, self.at)));
        self.depth -= 1;
        Some(())
    }

    fn scalar(&mut self, events: &mut SimpleEvents<'a>) -> Option<()> {
        self.next()?;
        let (text, style, end) = match quoted(self.line.text, self.at) {
            Some(quoted) => quoted,
            None => {
                let rest = &self.line.text[self.at..];
                let is_plain = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'_' | b'.' | b'/' | b'+' | b'-');
                let length = rest.bytes().position(|one| !is_plain(one)).unwrap_or(rest.len());
                if !rest.starts_with(|one: char| one.is_ascii_alphanumeric() || one == '_') {
                    return None;
                }
                (&rest[..length], ScalarStyle::Plain, self.at + length)
            }
        };
        events.push((Event::Scalar(Cow::Borrowed(text), style, 0, None), self.line.span(self.at, end)));
        self.at = end;
        Some(())
    }
}

#[cfg(test)]
pub(super) mod tests;
