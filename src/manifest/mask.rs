//! Keeps sensitive values out of what is shown of files with mistakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::yaml::{Data, Document, Documents, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span};
use crate::model::{Field, FieldPattern};

/// Makes all diagnostics point into copies of their files in which sensitive values are asterisks.
pub fn mask(found: &mut [Diagnostic], sensitive: &[FieldPattern]) {
    if sensitive.is_empty() {
        return;
    }
    let mut masked: BTreeMap<Arc<str>, Arc<SourceFile>> = BTreeMap::new();
    for place in found.iter_mut().flat_map(Diagnostic::places_mut) {
        let file = masked.entry(Arc::clone(place.file.path())).or_insert_with(|| {
            let spans = spans(&place.file, sensitive);
            if spans.is_empty() { Arc::clone(&place.file) } else { Arc::new(place.file.masked(&spans)) }
        });
        place.file = Arc::clone(file);
    }
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
            Document::Read(root) => values(&root, sensitive, &mut spans),
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
    lines.map(|(start, line)| file.span(start, start + line.trim_end_matches(['\r', '\n']).len())).collect()
}

/// What stands behind a sensitive key in lines of a document that cannot be read.
fn suspects(file: &SourceFile, sensitive: &[FieldPattern]) -> Vec<Span> {
    let mut spans = Vec::new();
    for (start, line) in (1..).map_while(|number| file.line(number)) {
        let end = line.trim_end_matches(['\r', '\n']).len();
        let behind = sensitive.iter().filter_map(|pattern| {
            let word = pattern.literal();
            Some(line.find(word)? + word.len())
        });
        spans.extend(behind.min().filter(|behind| *behind < end).map(|behind| file.span(start + behind, start + end)));
    }
    spans
}

/// Finds sensitive values below any key: a mistake may be that they stand in the wrong place.
fn values(node: &Node<'_>, sensitive: &[FieldPattern], spans: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(_) => {}
        Data::List(items) => items.iter().for_each(|item| values(item, sensitive, spans)),
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
                    spans.push(entry.value.span);
                } else {
                    values(&entry.value, sensitive, spans);
                }
            }
        }
    }
}
