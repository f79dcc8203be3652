//! The content keys that clients, profiles and fleet templates share.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::budget::{Budget, Mistakes};
use super::config::read_patterns;
use super::keys::{self, OWNERSHIPS, Written};
use super::read::{TreeReader, glued};
use super::variables::{Columns, Template, TextPart, Variables, fill};
use super::yaml::{Data, MapEntry, Node, Number, ScalarValue};
use crate::catalogue::{EntryPart, KeyFault, ValueType};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Content, Declared, DeclaredEntries, Field, FieldPattern, Json, Keyed, KnownEntries, Location, Nullable, Ownership,
    Owns, SharedValues, Spec,
};
use crate::text::quote;

/// Content as it is written, before profiles and columns take part.
#[derive(Clone, Default)]
pub(super) struct OpenContent {
    fields: Content<Option<Declared<Nullable<Template>>>, Option<OpenEntries>>,
    owns: Content<(), Option<Ownership>>,
    pub(super) ignore: Vec<FieldPattern>,
}

/// Values by key, of which some may have columns left to substitute. No key is in both.
#[derive(Clone, Default)]
struct OpenEntries {
    /// Nothing is left: shared by all clients that have it.
    fixed: DeclaredEntries,
    open: Keyed<Declared<Arc<Pattern>>>,
}

/// A JSON value with columns in it.
pub(super) enum Pattern {
    Fixed(Value),
    Text(Arc<[TextPart]>),
    List(Vec<Pattern>),
    Map(Vec<(String, Pattern)>),
}

/// Text and values that many definitions repeat, kept once.
#[derive(Default)]
pub(super) struct Interner {
    keys: HashSet<Arc<str>>,
    values: SharedValues,
    entries: KnownEntries,
    /// The keys of the last mapping of each field, as they were written: the next one mostly has the same.
    last: BTreeMap<Field, Vec<Arc<str>>>,
    budget: Arc<Budget>,
}

impl Interner {
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), ..Self::default() }
    }

    /// Gives what the files may take that share these.
    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    fn key(&mut self, key: &str) -> Arc<str> {
        if let Some(key) = self.keys.get(key) {
            return Arc::clone(key);
        }
        let key: Arc<str> = Arc::from(key);
        self.keys.insert(Arc::clone(&key));
        key
    }
}

/// Reads the content keys of a mapping.
pub(super) fn read_content<'n>(
    reader: &mut TreeReader<'_>,
    keys: impl Into<keys::ContentKeys<'n>>,
    variables: &Variables<'_>,
    shared: &mut Interner,
) -> OpenContent {
    let keys::ContentKeys { description, cm_environment_id, policies, settings, owns, ignore } = keys.into();
    let fields = Content { description, cm_environment_id, policies, settings }
        .map_texts(|_, written: Written<'_>| read_text(reader, written.entry?, variables))
        .map_entries(|field, written: Written<'_>| read_entries(reader, (field, written.entry?), variables, shared));
    let owns = owns.entry.and_then(|entry| reader.keys(entry));
    let owns = owns.map_or_else(Content::default, |keys::OwnsKeys { policies, settings }| Content {
        policies: reader.word(policies, &OWNERSHIPS),
        settings: reader.word(settings, &OWNERSHIPS),
        ..Content::default()
    });
    let ignore = ignore.entry.map_or_else(Vec::new, |entry| read_patterns(reader, entry));
    OpenContent { fields, owns, ignore }
}

/// Reads text in which `null` means empty.
fn read_text(
    reader: &mut TreeReader<'_>,
    entry: &MapEntry<'_>,
    variables: &Variables<'_>,
) -> Option<Declared<Nullable<Template>>> {
    let at = location(reader, entry);
    if entry.value.is_missing() {
        nothing_there(reader, entry, "write `\"\"` or `null` to manage it as empty, or leave the key out");
        return None;
    }
    if entry.value.is_null() {
        return Some(Declared { value: Nullable::default(), at });
    }
    let text = reader.text(entry)?;
    Some(Declared { value: variables.template(reader, text, entry.value.span)?.into(), at })
}

fn read_entries(
    reader: &mut TreeReader<'_>,
    (field, entry): (Field, &MapEntry<'_>),
    variables: &Variables<'_>,
    shared: &mut Interner,
) -> Option<OpenEntries> {
    if entry.value.is_null() {
        nothing_there(reader, entry, &format!("write `{}: {{}}` to manage it as empty, or leave it out", entry.key));
        return None;
    }
    let fields = reader.map(entry)?;
    let (mut fixed, mut open) = (Vec::with_capacity(fields.entries().len()), Vec::new());
    let mut keys = ExpectedKeys::after(shared, field);
    for entry in fields.entries() {
        let (Some(key), Some(pattern)) = (read_key(reader, entry), read_value(reader, entry, variables)) else {
            continue;
        };
        check_key(reader, (field, &key), entry, &pattern);
        let (Some(key), at) = (keys.next(shared, &key), location(reader, entry)) else { continue };
        match pattern {
            Pattern::Fixed(value) => fixed.push((key, Declared { value: shared.values.share(value), at })),
            pattern => open.push((key, Declared { value: Arc::new(pattern), at })),
        }
    }
    keys.finish(shared, field);
    let mut fixed: DeclaredEntries = fixed.into_iter().collect();
    shared.entries.share(&mut fixed);
    Some(OpenEntries { fixed, open: open.into_iter().collect() })
}

/// The keys of a mapping, taken one after the other. As long as they are those of the mapping before, nothing is looked up.
struct ExpectedKeys {
    before: Vec<Arc<str>>,
    taken: Vec<Arc<str>>,
    /// What was taken, once the mapping differs from the one before.
    seen: Option<HashSet<Arc<str>>>,
}

impl ExpectedKeys {
    fn after(shared: &mut Interner, field: Field) -> Self {
        let before = shared.last.remove(&field).unwrap_or_default();
        Self { taken: Vec::with_capacity(before.len()), before, seen: None }
    }

    /// Gives the one text of a key, unless it was taken already: the first of two equal keys stays, as everywhere; the second
    /// was reported.
    fn next(&mut self, shared: &mut Interner, key: &str) -> Option<Arc<str>> {
        let expected = self.before.get(self.taken.len()).filter(|expected| self.seen.is_none() && ***expected == *key);
        let key = match expected {
            Some(expected) => Arc::clone(expected),
            None => {
                let key = shared.key(key);
                let seen = self.seen.get_or_insert_with(|| self.taken.iter().cloned().collect());
                if !seen.insert(Arc::clone(&key)) {
                    return None;
                }
                key
            }
        };
        self.taken.push(Arc::clone(&key));
        Some(key)
    }

    fn finish(self, shared: &mut Interner, field: Field) {
        shared.last.insert(field, self.taken);
    }
}

/// Reports a key with nothing after it; what follows a `#` there is a comment.
fn nothing_there(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>, help: &str) {
    let rest =
        reader.file.text().get(entry.key_span.end as usize..).unwrap_or_default().lines().next().unwrap_or_default();
    let help = if let Some(apart) = glued(&entry.key) {
        format!("between brackets a colon needs a blank behind it: write `{apart}`")
    } else if rest.contains('#') {
        format!("what follows `#` is a comment: put it in quotes if it is meant; else {help}")
    } else {
        help.to_owned()
    };
    reader.error_with(Code::NothingThere, entry.key_span, format!("nothing stands after {}", quote(&entry.key)), help);
}

/// Reads a key of content, in which nothing is substituted: a reference is a mistake, and `$${` stands for `${`.
fn read_key<'n>(reader: &mut TreeReader<'_>, entry: &'n MapEntry<'_>) -> Option<Cow<'n, str>> {
    if !entry.key.contains("${") {
        return Some(Cow::Borrowed(&entry.key));
    }
    if entry.key.match_indices("${").any(|(at, _)| !entry.key[..at].ends_with('$')) {
        let message = format!("the key {} holds a reference", quote(&entry.key));
        let help = "references stand in values only; write `$${` for a literal `${`";
        reader.error_with(Code::BadReference, entry.key_span, message, help);
        return None;
    }
    Some(Cow::Owned(entry.key.replace("$${", "${")))
}

/// Reads the value of a key of content.
fn read_value(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>, variables: &Variables<'_>) -> Option<Pattern> {
    if entry.value.is_missing() {
        nothing_there(reader, entry, "write `\"\"` or `null` if that is meant, or leave the key out");
        return None;
    }
    read_json(reader, &entry.value, variables)
}

/// Holds a key and its value against the catalogue of keys.
fn check_key(reader: &mut TreeReader<'_>, (field, key): (Field, &str), entry: &MapEntry<'_>, pattern: &Pattern) {
    let Some(catalogue) = reader.catalogue else { return };
    let (found, value) = match pattern {
        // Variables of the environment may be left to substitute.
        Pattern::Fixed(Value::String(text)) if text.contains("${") => (ValueType::String, None),
        Pattern::Fixed(value) => (ValueType::of(value), Some(value)),
        Pattern::Text(_) => (ValueType::String, None),
        Pattern::List(_) => (ValueType::Array, None),
        Pattern::Map(_) => (ValueType::Object, None),
    };
    for KeyFault { severity, part, code, message, help } in catalogue.faults(field, key, found, value) {
        let span = match part {
            EntryPart::Key => entry.key_span,
            EntryPart::Value => entry.value_span(),
        };
        let diagnostic = Diagnostic { severity, ..Diagnostic::warning(code, message) };
        reader.found.push(diagnostic.at(reader.place(span), "").help(help));
    }
}

fn location(reader: &TreeReader<'_>, entry: &MapEntry<'_>) -> Location {
    Location { file: reader.file.path().clone(), line: entry.key_span.line, column: entry.key_span.column }
}

/// Reads any value as JSON. Numbers keep their digits.
fn read_json(reader: &mut TreeReader<'_>, node: &Node<'_>, variables: &Variables<'_>) -> Option<Pattern> {
    match &node.data {
        Data::Scalar(_) if node.is_missing() => {
            let help = "write `\"\"` or `null` if that is meant, or remove the item";
            reader.error_with(Code::NothingThere, node.span, "nothing stands in an item of a list", help);
            None
        }
        Data::Scalar(scalar) => match scalar.value() {
            ScalarValue::Null => Some(Pattern::Fixed(Value::Null)),
            ScalarValue::Bool(truth) => Some(Pattern::Fixed(Value::Bool(truth))),
            ScalarValue::Number(Number::Json(digits)) => {
                Some(Pattern::Fixed(Value::Number(serde_json::Number::from_string_unchecked(digits))))
            }
            ScalarValue::Number(Number::Unclear(reason)) => {
                reader.unclear_number(node, reason);
                None
            }
            ScalarValue::Text if !scalar.text.contains('$') => {
                Some(Pattern::Fixed(Value::String(scalar.text.as_ref().to_owned())))
            }
            ScalarValue::Text => Some(match variables.template(reader, &scalar.text, node.span)? {
                Template::Fixed(text) => Pattern::Fixed(Value::String(text.to_string())),
                Template::Open(parts) => Pattern::Text(parts),
            }),
        },
        Data::List(items) => {
            let read: Vec<_> = items.iter().filter_map(|item| read_json(reader, item, variables)).collect();
            (read.len() == items.len()).then(|| list_pattern(read))
        }
        Data::Map(entries) => {
            let mut read = Vec::with_capacity(entries.len());
            for entry in entries.iter().rev() {
                let (key, value) = (read_key(reader, entry), read_value(reader, entry, variables));
                read.push((key?.into_owned(), value?));
            }
            Some(map_pattern(read))
        }
    }
}

fn list_pattern(items: Vec<Pattern>) -> Pattern {
    if !items.iter().all(|item| matches!(item, Pattern::Fixed(_))) {
        return Pattern::List(items);
    }
    Pattern::Fixed(Value::Array(items.into_iter().filter_map(Pattern::into_fixed).collect()))
}

fn map_pattern(entries: Vec<(String, Pattern)>) -> Pattern {
    if !entries.iter().all(|(_, value)| matches!(value, Pattern::Fixed(_))) {
        return Pattern::Map(entries);
    }
    let fixed = entries.into_iter().filter_map(|(key, value)| Some((key, value.into_fixed()?)));
    Pattern::Fixed(Value::Object(fixed.collect()))
}

impl Pattern {
    fn into_fixed(self) -> Option<Value> {
        match self {
            Self::Fixed(value) => Some(value),
            Self::Text(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    fn fill(&self, columns: &impl Columns, found: &mut Mistakes) -> Option<Value> {
        match self {
            Self::Fixed(value) => columns.afford(text_length(value)).then(|| value.clone()),
            Self::Text(parts) => fill(parts, columns, found).map(Value::String),
            Self::List(items) => {
                let filled: Option<Vec<_>> = items.iter().map(|item| item.fill(columns, found)).collect();
                filled.map(Value::Array)
            }
            Self::Map(entries) => {
                let filled = entries.iter().map(|(key, value)| Some((key.clone(), value.fill(columns, found)?)));
                filled.collect::<Option<_>>().map(Value::Object)
            }
        }
    }
}

/// Counts the bytes of a value that is copied, roughly.
fn text_length(value: &Value) -> usize {
    const OVERHEAD: usize = size_of::<Value>();
    match value {
        Value::Null | Value::Bool(_) => OVERHEAD,
        Value::Number(number) => OVERHEAD + number.as_str().len(),
        Value::String(text) => OVERHEAD + text.len(),
        Value::Array(items) => OVERHEAD + items.iter().map(text_length).sum::<usize>(),
        Value::Object(entries) => {
            OVERHEAD + entries.iter().map(|(key, value)| key.len() + OVERHEAD + text_length(value)).sum::<usize>()
        }
    }
}

impl OpenEntries {
    /// Lays other values over these: theirs win.
    fn under(&self, upper: &Self) -> Self {
        let Self { fixed, open } = upper;
        Self {
            fixed: self.fixed.without(|key| open.contains_key(key)).under(fixed),
            open: self.open.without(|key| fixed.contains_key(key)).under(open),
        }
    }

    fn extent(&self) -> usize {
        self.fixed.len() + self.open.len()
    }

    fn fill(&self, columns: &impl Columns, found: &mut Mistakes) -> DeclaredEntries {
        let Self { fixed, open } = self;
        let filled = open.iter().filter_map(|(key, Declared { value, at })| {
            let value = Json::from(value.fill(columns, found)?);
            Some((Arc::clone(key), Declared { value, at: at.clone() }))
        });
        fixed.under(&filled.collect())
    }
}

impl OpenContent {
    /// Lays other content over this one: its text replaces, its keys win one by one, what it ignores is added.
    pub(super) fn lay_over(&mut self, upper: &Self) {
        let Self { fields, owns, ignore } = upper;
        self.fields.as_mut().zip(fields.as_ref()).map(
            |_, (lower, upper)| replace(lower, upper.as_ref()),
            |_, (lower, upper)| {
                if let Some(upper) = upper {
                    let lower = lower.get_or_insert_default();
                    *lower = lower.under(upper);
                }
            },
        );
        self.owns = self.owns.zip(*owns).map(|_, _| (), |_, (lower, upper)| upper.or(lower));
        let mut there: HashSet<String> = self.ignore.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        self.ignore.extend(ignore.iter().filter(|pattern| there.insert(pattern.as_str().to_owned())).cloned());
    }

    /// Substitutes columns and gives the finished content; unknown columns are reported.
    pub(super) fn fill(&self, columns: &impl Columns, found: &mut Mistakes) -> Spec {
        let texts = self.fields.as_ref().map_texts(|_, template| {
            let template = template.as_ref()?;
            Some(Declared {
                value: match template.value.set() {
                    Some(template) => template.fill(columns, found)?.into(),
                    None => Nullable::default(),
                },
                at: template.at.clone(),
            })
        });
        texts.map_entries(|_, entries| Some(entries.as_ref()?.fill(columns, found)))
    }

    /// Counts what is copied where this is laid over other content, or other content over it.
    pub(super) fn extent(&self) -> usize {
        let keys = self.fields.entries().filter_map(|(_, entries)| entries.as_ref()).map(OpenEntries::extent);
        keys.sum::<usize>() + self.ignore.len()
    }

    /// Tells whether there are keys that are laid over others one by one.
    pub(super) fn has_keys(&self) -> bool {
        self.fields.entries().any(|(_, entries)| entries.as_ref().is_some_and(|entries| entries.extent() > 0))
    }

    /// Counts the bytes of text that each client gets for itself.
    pub(super) fn text_length(&self) -> usize {
        let texts = self.fields.texts().filter_map(|(_, text)| text.as_ref()?.value.set());
        texts.map(Template::length).sum()
    }

    /// Counts what each client of a fleet gets for itself of this.
    pub(super) fn extent_per_client(&self) -> usize {
        let keys = self.fields.entries().filter_map(|(_, entries)| entries.as_ref());
        keys.filter(|entries| !entries.open.is_empty()).map(OpenEntries::extent).sum::<usize>() + self.ignore.len()
    }

    /// Says what happens to keys that git does not list.
    pub(super) fn owns(&self) -> Owns {
        self.owns.map_entries(|_, ownership| ownership.unwrap_or_default())
    }
}

fn replace<T: Clone>(lower: &mut Option<T>, upper: Option<&T>) {
    if let Some(upper) = upper {
        *lower = Some(upper.clone());
    }
}
