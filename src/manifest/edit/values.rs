//! Writing values into documents: what a document shall say is brought about line by line, and everything else stays.

use std::collections::BTreeMap;

use serde_json::Value as JsonValue;

use super::entry::{self, NotWritten};
use super::meaning::{Meaning, Value};
use super::outline::{Outline, OutlineDocument};
use crate::diagnostic::Diagnostic;
use crate::emitter::without_references;
use crate::manifest::keys::FLEET_KIND;
use crate::model::Json;

/// What a document shall say at a path, or that it shall say nothing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueEdit {
    pub path: Vec<String>,
    /// What its value comes to now, once variables stand in it: what is the same in the new one stays as it is written.
    pub before: Option<Json>,
    /// As the server has it: `${` means nothing in it.
    pub after: Option<Json>,
}

/// What a document of a file shall say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentEdit {
    /// A line of the document, from 1.
    pub line: u32,
    pub values: Vec<ValueEdit>,
}

/// A file with values written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenValues {
    pub text: String,
    /// The edits, by their place in the list, that could not be made, and why. The file says nothing of them.
    pub failed: BTreeMap<usize, NotWritten>,
}

/// The beginning of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentHead {
    /// Its first line, from 1.
    pub line: u32,
    pub kind: String,
    pub name: String,
}

impl DocumentHead {
    /// Finds the document of a line.
    pub(crate) fn of_line(heads: &[Self], line: u32) -> Option<&Self> {
        heads[..heads.partition_point(|head| head.line <= line)].last()
    }

    pub(crate) fn is_fleet(&self) -> bool {
        self.kind == FLEET_KIND
    }
}

/// Makes documents of a file say something else. Comments, quotes and the order of keys stay, and a file that is laid out as
/// `icsync fmt` does is so afterwards.
///
/// Fails with the mistakes of a file that is not YAML.
pub(crate) fn write_values(path: &str, text: &str, edits: &[DocumentEdit]) -> Result<WrittenValues, Vec<Diagnostic>> {
    Meaning::of(path, text)?;
    let begins = begins(text, &Outline::of(text).unwrap_or_default());
    let mut parts: Vec<String> = parts(text, &begins).map(str::to_owned).collect();
    let mut failed = BTreeMap::new();
    for (number, edit) in edits.iter().enumerate() {
        let at = offset(text, edit.line);
        let part = begins.partition_point(|begin| *begin <= at).checked_sub(1).and_then(|index| parts.get_mut(index));
        let Some(part) = part else {
            failed.insert(number, NotWritten::Document);
            continue;
        };
        match say(part, &edit.values) {
            Ok(written) => *part = written,
            Err(reason) => drop(failed.insert(number, reason)),
        }
    }
    let written = parts.concat();
    let is_laid_out = || super::format(path, text).is_ok_and(|laid| laid == text);
    let text = if written != text && is_laid_out() { super::format(path, &written)? } else { written };
    Ok(WrittenValues { text, failed })
}

/// Gives the beginnings of the documents of a file that can be read.
pub(crate) fn document_heads(text: &str) -> Vec<DocumentHead> {
    let outline = Outline::of(text).unwrap_or_default();
    let begins = begins(text, &outline);
    let head = |(document, begin): (&OutlineDocument, &usize)| {
        let said =
            |key: &str| document.root.get(key).and_then(|entry| entry.value.text()).unwrap_or_default().to_owned();
        let line = text[..*begin].matches('\n').count() + 1;
        DocumentHead { line: u32::try_from(line).unwrap_or(u32::MAX), kind: said("kind"), name: said("name") }
    };
    outline.documents.iter().zip(&begins).map(head).collect()
}

/// Gives where each document begins: with the marker before it, or with the file.
fn begins(text: &str, outline: &Outline) -> Vec<usize> {
    let mut begins = Vec::with_capacity(outline.documents.len());
    let mut after = 0;
    for document in &outline.documents {
        let root = document.root.range.start;
        let begin = if begins.is_empty() { 0 } else { marker(text, after, root).unwrap_or(after) };
        begins.push(begin);
        after = entry::end_of_line(text, document.root.end());
    }
    begins
}

/// Finds the last marker of a document between two places.
fn marker(text: &str, from: usize, root: usize) -> Option<usize> {
    let end = entry::end_of_line(text, root + 1);
    let mut at = from;
    let lines = text.get(from..end)?.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        (start, line)
    });
    lines.filter(|(start, line)| *start <= root && line.starts_with("---")).last().map(|(start, _)| start)
}

fn parts<'t>(text: &'t str, begins: &[usize]) -> impl Iterator<Item = &'t str> {
    let ends: Vec<usize> = begins.iter().skip(1).copied().chain([text.len()]).collect();
    begins.iter().copied().zip(ends).map(|(begin, end)| &text[begin..end])
}

/// Gives where a line begins.
fn offset(text: &str, line: u32) -> usize {
    let line = (line as usize).saturating_sub(1);
    text.split_inclusive('\n').take(line).map(str::len).sum()
}

/// Makes a document say something else, step by step: an edit may change what aliases and merge keys stand for.
fn say(text: &str, edits: &[ValueEdit]) -> Result<String, NotWritten> {
    const MOST_ROUNDS: usize = 6;
    let mut wanted = meaning(text)?;
    for ValueEdit { path, before, after } in edits {
        let path: Vec<String> = path.iter().map(|key| without_references(key)).collect();
        set(&mut wanted, &path, (before.as_ref(), after.as_ref()));
    }
    let mut text = text.to_owned();
    for _ in 0..MOST_ROUNDS {
        let now = meaning(&text)?;
        let mut steps = Vec::new();
        compare(&now, &wanted, &mut Vec::new(), &mut steps);
        if steps.is_empty() {
            return Ok(text);
        }
        for (path, before, after) in steps {
            text = entry::edit(&text, &path, before, after)?;
        }
    }
    Err(NotWritten::Layout)
}

fn meaning(text: &str) -> Result<Value, NotWritten> {
    let read = Meaning::of("", text).map_err(|_| NotWritten::Layout)?;
    read.documents.into_iter().next().ok_or(NotWritten::Document)
}

type ValueStep<'v> = (Vec<String>, Option<&'v Value>, Option<&'v Value>);

/// Lists what differs, as deep as mappings go.
fn compare<'v>(now: &'v Value, wanted: &'v Value, path: &mut Vec<String>, steps: &mut Vec<ValueStep<'v>>) {
    let (Value::Map(before), Value::Map(after)) = (now, wanted) else {
        if now != wanted {
            steps.push((path.clone(), Some(now), Some(wanted)));
        }
        return;
    };
    for (key, value) in after {
        path.push(key.clone());
        match before.iter().find(|(other, _)| other == key) {
            Some((_, old)) => compare(old, value, path, steps),
            None => steps.push((path.clone(), None, Some(value))),
        }
        path.pop();
    }
    for (key, value) in before.iter().filter(|(key, _)| after.iter().all(|(other, _)| other != key)) {
        let mut path = path.clone();
        path.push(key.clone());
        steps.push((path, Some(value), None));
    }
}

fn set(value: &mut Value, path: &[String], sides: (Option<&Json>, Option<&Json>)) {
    let [key, rest @ ..] = path else { return };
    if !matches!(value, Value::Map(_)) {
        *value = Value::Map(Vec::new());
    }
    let Some(pairs) = value.pairs() else { return };
    let at = pairs.iter().position(|(other, _)| other == key);
    match (rest, at, sides) {
        ([], Some(at), (_, None)) => drop(pairs.remove(at)),
        (_, None, (_, None)) => {}
        ([], Some(at), (Some(before), Some(after))) => pairs[at].1 = blend(&pairs[at].1, before.value(), after.value()),
        ([], Some(at), (None, Some(after))) => pairs[at].1 = of_json(after.value()),
        ([], None, (_, Some(after))) => pairs.push((key.clone(), of_json(after.value()))),
        (_, Some(at), _) => set(&mut pairs[at].1, rest, sides),
        (_, None, _) => {
            let mut inner = Value::Map(Vec::new());
            set(&mut inner, rest, sides);
            pairs.push((key.clone(), inner));
        }
    }
    pairs.sort();
}

/// Puts a value of the server in place of what is written, and keeps of that what says the same.
fn blend(written: &Value, before: &JsonValue, after: &JsonValue) -> Value {
    match (written, before, after) {
        _ if before == after => written.clone(),
        (Value::Map(pairs), JsonValue::Object(old), JsonValue::Object(new)) => {
            let one = |(key, value): (&String, &JsonValue)| {
                let key = without_references(key);
                let there = pairs.iter().find(|(other, _)| *other == key).map(|(_, written)| written);
                let old = old.iter().find(|(other, _)| without_references(other) == key).map(|(_, old)| old);
                let value = there.zip(old).map_or_else(|| of_json(value), |(there, old)| blend(there, old, value));
                (key, value)
            };
            let mut pairs: Vec<_> = new.iter().map(one).collect();
            pairs.sort();
            Value::Map(pairs)
        }
        (Value::List(items), JsonValue::Array(old), JsonValue::Array(new))
            if items.len() == old.len() && old.len() == new.len() =>
        {
            Value::List(items.iter().zip(old.iter().zip(new)).map(|(item, (old, new))| blend(item, old, new)).collect())
        }
        _ => of_json(after),
    }
}

fn of_json(json: &JsonValue) -> Value {
    match json {
        JsonValue::String(text) => Value::Text(without_references(text)),
        JsonValue::Array(items) => Value::List(items.iter().map(of_json).collect()),
        JsonValue::Object(map) => {
            let mut pairs: Vec<_> = map.iter().map(|(key, value)| (without_references(key), of_json(value))).collect();
            pairs.sort();
            Value::Map(pairs)
        }
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) => Value::Word(json.to_string()),
    }
}
