//! Names of profiles in other documents.

use std::sync::Arc;

use super::keys::Written;
use super::read::TreeReader;
use crate::diagnostic::{Code, Place};

/// A name of another document, and where it is named.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) name: Arc<str>,
    pub(super) place: Place,
}

/// How many profiles a document may name: each is laid over the others.
const MOST_REFERENCES: usize = 100;

pub(super) fn read_references(reader: &mut TreeReader<'_>, written: Written<'_>) -> Vec<Reference> {
    let Some(entry) = written.entry else { return Vec::new() };
    let Some(items) = reader.list(entry) else { return Vec::new() };
    if let Some(item) = items.get(MOST_REFERENCES) {
        let message = format!("`{}` names more than {MOST_REFERENCES} profiles", entry.key);
        reader.error_with(Code::TooManyDocuments, item.span, message, "let one profile extend some of the others");
    }
    let mut references = Vec::new();
    for item in items.iter().take(MOST_REFERENCES) {
        if let Some(name) = reader.item_text(item, &entry.key) {
            references.push(Reference { name: Arc::from(name), place: reader.place(item.span) });
        }
    }
    references
}
