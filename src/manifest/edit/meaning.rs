//! What a file says, and what it remarks: an edit is right if this is right.

use std::sync::Arc;

use super::outline::Outline;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::manifest::budget::Mistakes;
use crate::manifest::yaml::{Data, Document, Documents, Node, Scalar, ScalarValue};

/// The documents and the comments of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meaning<'t> {
    pub(super) documents: Vec<Value>,
    /// In the order of the alphabet: comments move with what they stand at.
    comments: Vec<&'t str>,
}

/// A value, without the way it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Text(String),
    /// Null, true, false or a number, as it is written.
    Word(String),
    List(Vec<Value>),
    /// In the order of the alphabet.
    Map(Vec<(String, Value)>),
}

impl<'t> Meaning<'t> {
    /// Reads a file, or gives its mistakes.
    pub(super) fn of(path: &str, text: &'t str) -> Result<Self, Vec<Diagnostic>> {
        Self::with(path, text, Outline::of(text).as_ref())
    }

    /// Reads a file of which the outline is known, if it has one.
    pub(super) fn with(path: &str, text: &'t str, outline: Option<&Outline>) -> Result<Self, Vec<Diagnostic>> {
        let file = Arc::new(SourceFile::new(path, text.to_owned()));
        let (mut read, mut found, mut documents) = (Documents::new(&file), Mistakes::default(), Vec::new());
        while let Some(document) = read.next(&mut found) {
            if let Document::Read(node) = document {
                documents.push(Value::of(&node));
            }
        }
        if !found.is_empty() {
            return Err(found.into_vec());
        }
        let comments = outline.iter().flat_map(|outline| &outline.comments).filter_map(|range| text.get(range.clone()));
        let mut comments: Vec<&str> = comments.map(str::trim_end).collect();
        comments.sort_unstable();
        Ok(Self { documents, comments })
    }
}

impl Value {
    fn of(node: &Node<'_>) -> Self {
        match &node.data {
            Data::Scalar(scalar) => Self::of_scalar(scalar),
            Data::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Data::Map(entries) => {
                let mut pairs: Vec<_> =
                    entries.iter().map(|entry| (entry.key.to_string(), Self::of(&entry.value))).collect();
                pairs.sort();
                Self::Map(pairs)
            }
        }
    }

    fn of_scalar(scalar: &Scalar<'_>) -> Self {
        let text = scalar.text.to_string();
        match scalar.value() {
            ScalarValue::Text => Self::Text(text),
            ScalarValue::Null | ScalarValue::Bool(_) | ScalarValue::Number(_) => Self::Word(text),
        }
    }

    pub(super) fn pairs(&mut self) -> Option<&mut Vec<(String, Self)>> {
        match self {
            Self::Map(pairs) => Some(pairs),
            _ => None,
        }
    }
}
