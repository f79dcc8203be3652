//! From the events of one document to its tree: anchors, aliases, merge keys, duplicate keys, tags, within limits.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, Tag};

use super::super::budget::{Budget, Mistakes};
use super::{Data, MapEntry, Measure, Node, Scalar, ScalarForm, ScalarValue};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::text::quote;

/// How deep values may be nested, aliases included.
pub(super) const MOST_DEPTH: usize = 64;
/// How many values the aliases of one document may stand for.
const MOST_ALIASED: usize = 100_000;
/// How many values may be marked with anchors where there are aliases: each is kept twice.
const MOST_ANCHORED: usize = 1_000_000;
/// How many bytes of text may be marked with anchors where there are aliases, that of inner anchors counted again.
const MOST_ANCHORED_BYTES: usize = 64 * 1024 * 1024;
/// Text with more bytes counts as what an alias makes does: clients share neither.
const LONG_TEXT: usize = 4 * 1024;
/// How many keys and values one document may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) struct MostValues(usize);

impl MostValues {
    /// Of definitions, of which a file may hold many.
    pub(in crate::manifest) const DEFINITION: Self = Self(500_000);
    /// Of an estate, which is one document whatever its size: 100,000 clients with some keys each.
    pub(in crate::manifest) const ESTATE: Self = Self(4_000_000);
}

pub(super) fn too_deep(place: Place) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, format!("values are nested more than {MOST_DEPTH} deep")).at(place, "")
}

/// A collection that is not complete yet.
struct Frame<'a> {
    span: Span,
    anchor: usize,
    parts: Collection<'a>,
}

enum Collection<'a> {
    List(Vec<Node<'a>>),
    Map { entries: Vec<MapEntry<'a>>, merges: Vec<(Span, Node<'a>)>, key: Option<ComposedKey<'a>> },
}

enum ComposedKey<'a> {
    Text(Cow<'a, str>, Span),
    Merge(Span),
    /// It was reported; its value is dropped.
    Bad,
}

/// A document while it is read.
pub(super) struct Composer<'a> {
    file: &'a Arc<SourceFile>,
    pub(super) root: Option<Node<'a>>,
    stack: Vec<Frame<'a>>,
    anchors: HashMap<usize, (Node<'a>, Measure)>,
    aliased: usize,
    anchored: Measure,
    values: usize,
    most: MostValues,
    /// What is wrong, within what all files may take.
    pub(super) found: Mistakes,
}

impl<'a> Composer<'a> {
    pub(super) fn new(file: &'a Arc<SourceFile>, budget: &Arc<Budget>, most: MostValues) -> Self {
        Self {
            file,
            root: None,
            stack: Vec::new(),
            anchors: HashMap::new(),
            aliased: 0,
            anchored: Measure::default(),
            values: 0,
            most,
            found: Mistakes::within(budget),
        }
    }

    fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(self.file), span }
    }

    pub(super) fn take(&mut self, event: Event<'a>, place: Span) -> Result<(), Box<Diagnostic>> {
        self.count(&event, place)?;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if text.len() > LONG_TEXT {
                    self.found
                        .budget()
                        .expand(0, text.len())
                        .map_err(|overspent| Box::new(overspent.at(self.place(place))))?;
                }
                let style = if style == ScalarStyle::Plain { ScalarForm::Plain } else { ScalarForm::Text };
                let scalar = self.tagged(Scalar { text, style }, tag.as_deref(), place);
                self.complete(Node { span: place, data: Data::Scalar(scalar) }, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", place);
                self.open(Frame { span: place, anchor, parts: Collection::List(Vec::new()) })?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", place);
                let parts = Collection::Map { entries: Vec::new(), merges: Vec::new(), key: None };
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
            Collection::List(items) => {
                span.end = items.last().map_or(span.end, |last| last.span.end);
                Data::List(items)
            }
            Collection::Map { mut entries, merges, .. } => {
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
            self.anchored = self.anchored.beside(measure);
            if self.is_anchorable() {
                self.anchors.insert(anchor, (node.clone(), measure));
            }
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut frame.parts {
            Collection::List(items) => items.push(node),
            Collection::Map { entries, merges, key } => match key.take() {
                Some(ComposedKey::Text(key, key_span)) => entries.push(MapEntry { key, key_span, value: node }),
                Some(ComposedKey::Merge(span)) => merges.push((span, node)),
                Some(ComposedKey::Bad) => {}
                None => {
                    let read = self.key(node);
                    if let Some(Frame { parts: Collection::Map { key, .. }, .. }) = self.stack.last_mut() {
                        *key = Some(read);
                    }
                }
            },
        }
    }

    fn key(&mut self, node: Node<'a>) -> ComposedKey<'a> {
        // Hardly any key is a fault, and there are many.
        let is_text = node.scalar().is_some_and(|scalar| scalar.value() == ScalarValue::Text);
        let what = if is_text { "text" } else { node.what() };
        match node.data {
            Data::Scalar(Scalar { text, style: ScalarForm::Plain }) if text == "<<" => ComposedKey::Merge(node.span),
            Data::Scalar(scalar) => {
                if !is_text {
                    let place = self.place(node.span);
                    let message = format!("the key {} is {what}, not text", quote(&scalar.text));
                    let help = format!("write `\"{}\"` if text is meant", scalar.text.escape_debug());
                    self.found.push(Diagnostic::error(Code::KeyNotText, message).at(place, "").help(help));
                }
                ComposedKey::Text(scalar.text, node.span)
            }
            Data::List(_) | Data::Map(_) => {
                let place = self.place(node.span);
                self.found
                    .push(Diagnostic::error(Code::KeyNotText, format!("a key is {what}, not text")).at(place, ""));
                ComposedKey::Bad
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Box<Diagnostic>> {
        if !self.is_anchorable() {
            let message = format!(
                "the anchors of this document mark more than {MOST_ANCHORED} values or {MOST_ANCHORED_BYTES} bytes"
            );
            let error = Diagnostic::error(Code::AliasBudget, message).at(self.place(span), "an alias needs them kept");
            return Err(Box::new(error.help("write profiles instead of aliases")));
        }
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
        if let Err(overspent) = self.found.budget().expand(measure.values, measure.bytes) {
            return Err(Box::new(overspent.at(self.place(span))));
        }
        let node = node.clone();
        self.complete(node, 0);
        Ok(())
    }

    /// Tells whether anchors are kept: what they mark is kept twice.
    fn is_anchorable(&self) -> bool {
        self.anchored.values <= MOST_ANCHORED && self.anchored.bytes <= MOST_ANCHORED_BYTES
    }

    /// Tells whether the document holds more values than one may.
    pub(super) fn is_full(&self) -> bool {
        self.values > self.most.0
    }

    /// Counts the values of a document.
    fn count(&mut self, event: &Event<'a>, span: Span) -> Result<(), Box<Diagnostic>> {
        if matches!(event, Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..)) {
            self.values += 1;
        }
        if !self.is_full() {
            return Ok(());
        }
        let message = format!("the document holds more than {} keys and values", self.most.0);
        let error = Diagnostic::error(Code::TooManyDocuments, message).at(self.place(span), "the first one too many");
        Err(Box::new(error.help("write `---` between definitions, and long lists of devices as a CSV file")))
    }

    fn report_duplicates(&mut self, entries: &[MapEntry<'a>]) {
        // In files that were laid out the keys are in order, and then it is seen without a table of them.
        if entries.is_sorted_by(|one, next| one.key < next.key) {
            return;
        }
        let mut first: HashMap<&str, &MapEntry<'a>> = HashMap::with_capacity(entries.len());
        for entry in entries {
            let before = *first.entry(&entry.key).or_insert(entry);
            if before.key_span == entry.key_span {
                continue;
            }
            let message = format!("the key {} stands twice in one mapping", quote(&entry.key));
            let diagnostic = Diagnostic::error(Code::DuplicateKey, message)
                .at(self.place(entry.key_span), "again here")
                .also(self.place(before.key_span), "first written here")
                .help(if entry.key == "kind" || entry.key == "name" {
                    "write `---` between two definitions of one file; else remove one of the two"
                } else {
                    "remove one of them"
                });
            self.found.push(diagnostic);
        }
    }

    /// Takes over the keys that the mapping does not have itself. In a list earlier mappings win.
    fn merge(&mut self, entries: &mut Vec<MapEntry<'a>>, written: Vec<(Span, Node<'a>)>) {
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
        let plain = Scalar { text: scalar.text, style: ScalarForm::Plain };
        let fits = match (tag.core_suffix(), plain.value()) {
            (Some("str"), _) => return Scalar { text: plain.text, style: ScalarForm::Text },
            (Some("int"), ScalarValue::Number(_)) => {
                !plain.text.contains(['.', 'e', 'E']) || plain.text.starts_with("0x")
            }
            (Some("null"), ScalarValue::Null)
            | (Some("bool"), ScalarValue::Bool(_))
            | (Some("float"), ScalarValue::Number(_)) => true,
            (None, _) if tag.original() == "!" => {
                return Scalar { text: plain.text, style: ScalarForm::Text };
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
