//! Keeps sensitive values out of what is shown of files with mistakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::yaml::{Data, Document, Documents, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span};
use crate::model::{Field, FieldPattern};

/// Makes all diagnostics point into copies of their files in which sensitive values are asterisks.
pub(super) fn mask(found: &mut [Diagnostic], sensitive: &[FieldPattern]) {
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

fn spans(file: &Arc<SourceFile>, sensitive: &[FieldPattern]) -> Vec<Span> {
    let (mut spans, mut documents) = (Vec::new(), Documents::new(file));
    while let Some(document) = documents.next(&mut Vec::new()) {
        if let Document::Read(root) = document {
            content(&root, sensitive, &mut spans);
            below(&root, "template").into_iter().for_each(|template| content(template, sensitive, &mut spans));
        }
    }
    spans
}

fn below<'n>(node: &'n Node<'n>, key: &str) -> Option<&'n Node<'n>> {
    let Data::Map(entries) = &node.data else { return None };
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn content(node: &Node<'_>, sensitive: &[FieldPattern], spans: &mut Vec<Span>) {
    for field in Field::ALL {
        let Some(value) = below(node, field.name()) else { continue };
        if sensitive.iter().any(|pattern| pattern.covers_field(field)) {
            spans.push(value.span);
        } else if let Data::Map(entries) = &value.data {
            let hidden = entries.iter().filter(|entry| sensitive.iter().any(|one| one.covers_key(field, &entry.key)));
            spans.extend(hidden.map(|entry| entry.value.span));
        }
    }
}
