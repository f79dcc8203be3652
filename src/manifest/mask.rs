//! Keeps sensitive values out of what is shown of files with mistakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::yaml::{Data, Document, Documents, Entry, Node};
use crate::diagnostic::{Code, Diagnostic, SourceFile, Span};
use crate::model::{Field, FieldPattern};

/// Makes all diagnostics point into copies of their files in which sensitive values are asterisks, and takes what they
/// quote of such values out of their words.
pub fn mask(found: &mut [Diagnostic], sensitive: &[FieldPattern]) {
    if sensitive.is_empty() {
        return;
    }
    let mut masked: BTreeMap<Arc<str>, (Arc<SourceFile>, Vec<Span>)> = BTreeMap::new();
    for diagnostic in found.iter_mut() {
        let mut secrets: Vec<String> = Vec::new();
        for place in diagnostic.places_mut() {
            let (file, spans) = masked.entry(Arc::clone(place.file.path())).or_insert_with(|| {
                let spans = spans(&place.file, sensitive);
                let file = if spans.is_empty() { Arc::clone(&place.file) } else { Arc::new(place.file.masked(&spans)) };
                (file, spans)
            });
            let touched = spans.iter().filter(|span| span.start <= place.span.end && place.span.start <= span.end);
            secrets.extend(touched.filter_map(|span| text_at(&place.file, *span)).map(str::to_owned));
            place.file = Arc::clone(file);
        }
        // The names of variables are no secrets, and say what is to be set.
        let names = matches!(diagnostic.code, Code::UnsetVariable | Code::UnsetEnvironment);
        if !secrets.is_empty() && !names {
            diagnostic.words_mut().for_each(|words| *words = without(words, &secrets));
        }
    }
}

/// Takes out what stands in backticks and is a part of a secret, or holds one, however it is written there.
fn without(words: &str, secrets: &[String]) -> String {
    let bare = |text: &str| text.chars().filter(|one| one.is_alphanumeric()).collect::<String>();
    let told = |part: &str| {
        let plain = bare(part);
        part.contains('\\')
            || secrets.iter().any(|secret| {
                let whole = bare(secret);
                secret.contains(part)
                    || (!plain.is_empty() && whole.contains(&plain))
                    || (!whole.is_empty() && plain.contains(&whole))
            })
    };
    let parts = words.split('`').enumerate();
    let parts = parts.map(|(place, part)| if place % 2 == 1 && told(part) { "***" } else { part });
    parts.collect::<Vec<_>>().join("`")
}

/// Makes the same text with asterisks in place of sensitive values.
pub fn masked_text(path: &str, text: &str, sensitive: &[FieldPattern]) -> String {
    let file = Arc::new(SourceFile::new(path, text.to_owned()));
    file.masked(&spans(&file, sensitive)).text().to_owned()
}

fn spans(file: &Arc<SourceFile>, sensitive: &[FieldPattern]) -> Vec<Span> {
    if !is_yaml(file.path()) {
        return rows(file);
    }
    let (mut spans, mut documents) = (Vec::new(), Documents::new(file));
    let mut broken = false;
    while let Some(document) = documents.next(&mut Vec::new()) {
        match document {
            Document::Read(root) => values(file, &root, sensitive, &mut spans),
            Document::Broken => broken = true,
        }
    }
    if broken {
        spans.extend(suspects(file, sensitive));
    }
    spans
}

fn is_yaml(path: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| path.ends_with(ending))
}

/// The rows of a table: any column may end up in a sensitive value.
fn rows(file: &SourceFile) -> Vec<Span> {
    let lines = (2..).map_while(|number| file.line(number));
    lines.map(|(start, line)| file.span(start, start + line.len())).collect()
}

/// What stands behind a sensitive key in lines of a document that cannot be read, up to the next line that begins another
/// key at least as far left.
fn suspects(file: &SourceFile, sensitive: &[FieldPattern]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut below: Option<usize> = None;
    for (start, line) in (1..).map_while(|number| file.line(number)) {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let behind = sensitive.iter().filter_map(|pattern| {
            let word = pattern.literal();
            Some(line.find(word)? + word.len())
        });
        let from = match (behind.min(), below) {
            (Some(behind), _) => {
                below = Some(indent);
                behind
            }
            (None, Some(column)) if indent > column || !begins_key(line) => 0,
            (None, _) => {
                below = None;
                continue;
            }
        };
        if from < line.len() {
            spans.push(file.span(start + from, start + line.len()));
        }
    }
    spans
}

/// Tells whether a line begins an entry of a mapping, or a document.
fn begins_key(line: &str) -> bool {
    let key = line
        .trim_start_matches([' ', '-'])
        .split_once(':')
        .filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '));
    let plain = |one: char| one.is_ascii_alphanumeric() || "_.\"'".contains(one);
    line.starts_with("---") || key.is_some_and(|(key, _)| !key.is_empty() && key.chars().all(plain))
}

/// Finds sensitive values below any key: a mistake may be that they stand in the wrong place.
fn values(file: &SourceFile, node: &Node<'_>, sensitive: &[FieldPattern], spans: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(_) => {
            let text = text_at(file, node.span).unwrap_or_default();
            // A colon may have been forgotten.
            if sensitive.iter().any(|pattern| text.contains(pattern.literal())) {
                spans.push(node.span);
            }
        }
        Data::List(items) => items.iter().for_each(|item| values(file, item, sensitive, spans)),
        Data::Map(entries) => {
            for entry in entries {
                let hidden = |pattern: &FieldPattern| {
                    Field::ALL.into_iter().any(|field| {
                        if pattern.covers_field(field) {
                            entry.key == field.name()
                        } else {
                            pattern.touches(field) && pattern.covers_key(field, &entry.key)
                        }
                    })
                };
                if sensitive.iter().any(hidden) {
                    spans.push(behind(file, entry));
                    all(&entry.value, spans);
                } else {
                    values(file, &entry.value, sensitive, spans);
                }
            }
        }
    }
}

/// Gives the place of a value with the tag and the anchor before it.
fn behind(file: &SourceFile, entry: &Entry<'_>) -> Span {
    let (key, value) = (entry.key_span, entry.value.span);
    let between = file.text().get(key.end as usize..value.start as usize).unwrap_or_default();
    let after = between.find(':').map_or("", |colon| between[colon + 1..].trim_start());
    file.span(value.start as usize - after.len(), value.end as usize)
}

fn text_at(file: &SourceFile, span: Span) -> Option<&str> {
    file.text().get(span.start as usize..span.end as usize)
}

/// Adds all values below a node: those of merge keys stand elsewhere.
fn all(node: &Node<'_>, spans: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(_) => spans.push(node.span),
        Data::List(items) => items.iter().for_each(|item| all(item, spans)),
        Data::Map(entries) => entries.iter().for_each(|entry| all(&entry.value, spans)),
    }
}
