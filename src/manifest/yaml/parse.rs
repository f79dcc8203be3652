//! From the text of a file to one tree per document, within limits.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::{Data, Entry, Measure, Node, Scalar, ScalarValue, Style};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span, quote};

/// How deep values may be nested, aliases included.
const MOST_DEPTH: usize = 64;
/// How many values the aliases of one document may stand for.
const MOST_ALIASED: usize = 100_000;
/// How many documents one file may hold.
const MOST_DOCUMENTS: usize = 250_000;

/// The documents of one file, one after the other.
pub(in crate::manifest) struct Documents<'a> {
    file: &'a Arc<SourceFile>,
    parser: Parser<'a, StrInput<'a>>,
    count: usize,
    /// Where the last syntax error was: reading must get beyond it, or it ends.
    stuck_at: Option<usize>,
    ended: bool,
}

/// Where reading got to.
enum Reached {
    DocumentEnd,
    FileEnd,
}

/// One document.
#[derive(Debug)]
pub(in crate::manifest) enum Document<'a> {
    /// It was read; mistakes such as duplicate keys may have been reported.
    Read(Node<'a>),
    /// It could not be read, which was reported.
    Broken,
}

impl<'a> Documents<'a> {
    pub(in crate::manifest) fn new(file: &'a Arc<SourceFile>) -> Self {
        let mut options = granit_parser::options! {
            block_nesting_limit: MOST_DEPTH,
            flow_nesting_limit: MOST_DEPTH,
        };
        options.set_emit_comments(false);
        let parser = Parser::new_from_str_with_options(file.text(), options);
        Self { file, parser, count: 0, stuck_at: None, ended: false }
    }

    /// Reads the next document that is not empty. Mistakes go to `found`.
    pub(in crate::manifest) fn next(&mut self, found: &mut Vec<Diagnostic>) -> Option<Document<'a>> {
        while !self.ended {
            let mut tree = Tree::new(self.file);
            let reached = self.read(&mut tree);
            found.append(&mut tree.found);
            match reached {
                Ok(Reached::FileEnd) => self.ended = true,
                Ok(Reached::DocumentEnd) => {
                    if let Some(node) = tree.root.filter(|root| !root.is_null()) {
                        return Some(Document::Read(node));
                    }
                }
                Err(error) => {
                    found.push(*error);
                    self.recover();
                    return Some(Document::Broken);
                }
            }
        }
        None
    }

    /// Reads events up to the end of a document.
    fn read(&mut self, tree: &mut Tree<'a>) -> Result<Reached, Box<Diagnostic>> {
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| Box::new(self.syntax_error(&error)))?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(..) => self.count_document(to_span(&span))?,
                Event::DocumentEnd => return Ok(Reached::DocumentEnd),
                event => tree.take(event, &span)?,
            }
        }
        Ok(Reached::FileEnd)
    }

    fn count_document(&mut self, span: Span) -> Result<(), Box<Diagnostic>> {
        self.count += 1;
        if self.count <= MOST_DOCUMENTS {
            return Ok(());
        }
        self.ended = true;
        let place = Place { file: Arc::clone(self.file), span };
        let message = format!("the file holds more than {MOST_DOCUMENTS} documents");
        let error = Diagnostic::error(Code::TooManyDocuments, message).at(place, "the first one too many");
        Err(Box::new(error.help("split the file")))
    }

    /// Goes on after the next `---`, if that is beyond the last error.
    fn recover(&mut self) {
        if self.ended {
            return;
        }
        let goes_on = matches!(self.parser.proceed_next_document(), Ok(true));
        let at = self.parser.peek().and_then(|event| Some(event.ok()?.1.start.index()));
        let beyond = match (at, self.stuck_at) {
            (Some(at), Some(last)) => at > last,
            // A document that is broken at its first character still lies beyond the one before it.
            _ => true,
        };
        self.ended = !goes_on || !beyond || self.count > MOST_DOCUMENTS;
        self.count += 1;
        self.stuck_at = at.or(self.stuck_at);
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let place = |span| Place { file: Arc::clone(self.file), span };
        let mark = error.marker();
        let span = place(Span { end: position(mark.byte_offset()), ..from_marker(*mark) });
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => too_deep(span),
            ErrorKind::UnknownAnchor => {
                Diagnostic::error(Code::BadAlias, "no anchor of this name stands before the alias")
                    .at(span, "")
                    .help("mark the value with `&name` before; text that begins with `*` needs quotes")
            }
            kind => Diagnostic::error(Code::Syntax, format!("the YAML is not valid: {}", error.info()))
                .at(span, "")
                .help(syntax_help(kind)),
        }
    }
}

fn syntax_help(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => "indent with spaces, not with tabs",
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => "close the quote",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => "close every `[` and `{`, in order",
        ErrorKind::UnexpectedCharacter { .. } => "text that begins with this character needs quotes",
        _ => "the mistake is here or just before; text with `: `, ` #` or a special first character needs quotes",
    }
}

fn too_deep(place: Place) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, format!("values are nested more than {MOST_DEPTH} deep")).at(place, "")
}

/// A collection that is not complete yet.
struct Frame<'a> {
    span: Span,
    anchor: usize,
    parts: Parts<'a>,
}

enum Parts<'a> {
    List(Vec<Node<'a>>),
    Map { entries: Vec<Entry<'a>>, merges: Vec<(Span, Node<'a>)>, key: Option<Key<'a>> },
}

enum Key<'a> {
    Text(Cow<'a, str>, Span),
    Merge(Span),
    /// It was reported; its value is dropped.
    Bad,
}

/// A document while it is read.
struct Tree<'a> {
    file: &'a Arc<SourceFile>,
    root: Option<Node<'a>>,
    stack: Vec<Frame<'a>>,
    anchors: HashMap<usize, (Node<'a>, Measure)>,
    aliased: usize,
    found: Vec<Diagnostic>,
}

impl<'a> Tree<'a> {
    fn new(file: &'a Arc<SourceFile>) -> Self {
        Self { file, root: None, stack: Vec::new(), anchors: HashMap::new(), aliased: 0, found: Vec::new() }
    }

    fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(self.file), span }
    }

    fn take(&mut self, event: Event<'a>, span: &granit_parser::Span) -> Result<(), Box<Diagnostic>> {
        let place = to_span(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Text };
                let scalar = self.tagged(Scalar { text, style }, tag.as_deref(), place);
                self.complete(Node { span: place, data: Data::Scalar(scalar) }, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", place);
                self.open(Frame { span: place, anchor, parts: Parts::List(Vec::new()) })?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", place);
                let parts = Parts::Map { entries: Vec::new(), merges: Vec::new(), key: None };
                self.open(Frame { span: place, anchor, parts })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
            Event::Alias(anchor) => self.alias(anchor, place)?,
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, frame: Frame<'a>) -> Result<(), Box<Diagnostic>> {
        if self.stack.len() >= MOST_DEPTH {
            return Err(Box::new(too_deep(self.place(frame.span))));
        }
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self, end: Span) {
        let Some(Frame { mut span, anchor, parts }) = self.stack.pop() else { return };
        let data = match parts {
            Parts::List(items) => {
                span.end = items.last().map_or(span.end, |last| last.span.end);
                Data::List(items)
            }
            Parts::Map { mut entries, merges, .. } => {
                span.end = entries.last().map_or(span.end, |last| last.value.span.end.max(last.key_span.end));
                self.report_duplicates(&entries);
                if !merges.is_empty() {
                    self.merge(&mut entries, merges);
                }
                Data::Map(entries)
            }
        };
        // A closing bracket belongs to the collection; the end of a block is only the beginning of what follows.
        if end.end > end.start {
            span.end = end.end;
        }
        self.complete(Node { span, data }, anchor);
    }

    /// Puts a complete value where it belongs.
    fn complete(&mut self, node: Node<'a>, anchor: usize) {
        if anchor != 0 {
            let measure = node.measure();
            self.aliased += measure.values;
            self.anchors.insert(anchor, (node.clone(), measure));
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut frame.parts {
            Parts::List(items) => items.push(node),
            Parts::Map { entries, merges, key } => match key.take() {
                Some(Key::Text(key, key_span)) => entries.push(Entry { key, key_span, value: node }),
                Some(Key::Merge(span)) => merges.push((span, node)),
                Some(Key::Bad) => {}
                None => {
                    let read = self.key(node);
                    if let Some(Frame { parts: Parts::Map { key, .. }, .. }) = self.stack.last_mut() {
                        *key = Some(read);
                    }
                }
            },
        }
    }

    fn key(&mut self, node: Node<'a>) -> Key<'a> {
        let (what, place) = (node.what(), self.place(node.span));
        match node.data {
            Data::Scalar(Scalar { text, style: Style::Plain }) if text == "<<" => Key::Merge(node.span),
            Data::Scalar(scalar) => {
                if scalar.value() != ScalarValue::Text {
                    let message = format!("the key {} is {what}, not text", quote(&scalar.text));
                    let help = format!("write `\"{}\"` if text is meant", scalar.text.escape_debug());
                    self.found.push(Diagnostic::error(Code::KeyNotText, message).at(place, "").help(help));
                }
                Key::Text(scalar.text, node.span)
            }
            Data::List(_) | Data::Map(_) => {
                self.found
                    .push(Diagnostic::error(Code::KeyNotText, format!("a key is {what}, not text")).at(place, ""));
                Key::Bad
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Box<Diagnostic>> {
        let Some((node, measure)) = self.anchors.get(&anchor) else {
            let error = Diagnostic::error(Code::BadAlias, "an alias stands for the value that contains it");
            return Err(Box::new(error.at(self.place(span), "inside what it stands for")));
        };
        if self.stack.len() + measure.depth > MOST_DEPTH {
            return Err(Box::new(too_deep(self.place(span))));
        }
        self.aliased += measure.values;
        if self.aliased > MOST_ALIASED {
            let message = format!("the aliases of this document stand for more than {MOST_ALIASED} values");
            let error = Diagnostic::error(Code::AliasBudget, message).at(self.place(span), "too much from here on");
            return Err(Box::new(error.help("write profiles instead of aliases")));
        }
        let node = node.clone();
        self.complete(node, 0);
        Ok(())
    }

    fn report_duplicates(&mut self, entries: &[Entry<'a>]) {
        let mut first: HashMap<&str, &Entry<'a>> = HashMap::with_capacity(entries.len());
        for entry in entries {
            let before = *first.entry(&entry.key).or_insert(entry);
            if before.key_span == entry.key_span {
                continue;
            }
            let message = format!("the key {} stands twice in one mapping", quote(&entry.key));
            let diagnostic = Diagnostic::error(Code::DuplicateKey, message)
                .at(self.place(entry.key_span), "again here")
                .also(self.place(before.key_span), "first written here")
                .help("remove one of them");
            self.found.push(diagnostic);
        }
    }

    /// Takes over the keys that the mapping does not have itself. In a list earlier mappings win.
    fn merge(&mut self, entries: &mut Vec<Entry<'a>>, written: Vec<(Span, Node<'a>)>) {
        let mut present: HashSet<Cow<'a, str>> = entries.iter().map(|entry| entry.key.clone()).collect();
        if let [first, second, ..] = &written[..] {
            let diagnostic = Diagnostic::error(Code::DuplicateKey, "the key `<<` stands twice in one mapping")
                .at(self.place(second.0), "again here")
                .also(self.place(first.0), "first written here");
            self.found.push(diagnostic.help("write one `<<` with a list: `<<: [*one, *two]`"));
        }
        for (key, value) in written {
            let sources = match value.data {
                Data::List(items) => items,
                data => vec![Node { span: value.span, data }],
            };
            for source in sources {
                let what = source.what();
                let Data::Map(merged) = source.data else {
                    let diagnostic = Diagnostic::error(Code::BadMerge, format!("`<<` takes a mapping, not {what}"));
                    self.found.push(diagnostic.at(self.place(key), "").help("write `<<: *anchor`"));
                    continue;
                };
                entries.extend(merged.into_iter().filter(|entry| present.insert(entry.key.clone())));
            }
        }
    }

    fn tagged(&mut self, scalar: Scalar<'a>, tag: Option<&Tag>, span: Span) -> Scalar<'a> {
        let Some(tag) = tag else { return scalar };
        let plain = Scalar { text: scalar.text, style: Style::Plain };
        let fits = match (tag.core_suffix(), plain.value()) {
            (Some("str"), _) => return Scalar { text: plain.text, style: Style::Text },
            (Some("int"), ScalarValue::Number(_)) => {
                !plain.text.contains(['.', 'e', 'E']) || plain.text.starts_with("0x")
            }
            (Some("null"), ScalarValue::Null)
            | (Some("bool"), ScalarValue::Bool(_))
            | (Some("float"), ScalarValue::Number(_)) => true,
            (None, _) if tag.original() == "!" => {
                return Scalar { text: plain.text, style: Style::Text };
            }
            _ => false,
        };
        if !fits {
            self.bad_tag(tag, span);
        }
        plain
    }

    fn check_tag(&mut self, tag: Option<&Tag>, expected: &str, span: Span) {
        if let Some(tag) = tag.filter(|tag| tag.core_suffix() != Some(expected)) {
            self.bad_tag(tag, span);
        }
    }

    fn bad_tag(&mut self, tag: &Tag, span: Span) {
        let message = match tag.core_suffix() {
            Some("str" | "int" | "float" | "bool" | "null" | "seq" | "map") => "the tag {} does not fit its value",
            _ => "the tag {} is not known",
        };
        let message = message.replace("{}", &quote(&tag.original()));
        self.found.push(Diagnostic::error(Code::BadTag, message).at(self.place(span), "").help("remove the tag"));
    }
}

fn to_span(span: &granit_parser::Span) -> Span {
    Span { end: position(span.end.byte_offset()), ..from_marker(span.start) }
}

fn from_marker(marker: Marker) -> Span {
    let start = position(marker.byte_offset());
    Span { start, end: start, line: narrow(marker.line()), column: narrow(marker.col() + 1) }
}

fn position(offset: Option<usize>) -> u32 {
    narrow(offset.unwrap_or_default())
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
