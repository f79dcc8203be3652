//! A small YAML tree in which every key and value knows its place.

mod compose;
mod parse;
mod position;
mod scalar;
mod simple;

use std::borrow::Cow;

use crate::diagnostic::Span;

pub(super) use compose::MostValues;
#[cfg(test)]
pub(super) use parse::see_parsed;
pub(super) use parse::{Document, Documents, see_events};
pub(super) use scalar::{Number, Scalar, ScalarForm, ScalarValue};
#[cfg(test)]
pub(super) use simple::tests::texts;

/// A value and its place. An alias is replaced by a copy of what it stands for, which keeps the place of the original.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) span: Span,
    pub(super) data: Data<'a>,
}

#[derive(Debug, Clone)]
pub(super) enum Data<'a> {
    Scalar(Scalar<'a>),
    List(Vec<Node<'a>>),
    /// Entries in the order of the file, those of merge keys last. A key that stands twice was reported and stays.
    Map(Vec<MapEntry<'a>>),
}

/// A key with its value. Keys are text: others were reported.
#[derive(Debug, Clone)]
pub(super) struct MapEntry<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) key_span: Span,
    pub(super) value: Node<'a>,
}

impl MapEntry<'_> {
    /// Gives the place to point at for the value: the key if nothing stands after it.
    pub(super) fn value_span(&self) -> Span {
        let span = self.value.span;
        if span.start == span.end { self.key_span } else { span }
    }
}

impl<'a> Node<'a> {
    /// Says in a few words what the value is.
    pub(super) fn what(&self) -> &'static str {
        match &self.data {
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
            Data::Scalar(scalar) => match scalar.value() {
                ScalarValue::Null => "nothing",
                ScalarValue::Bool(_) => "true or false",
                ScalarValue::Number(_) => "a number",
                ScalarValue::Text => "text",
            },
        }
    }

    /// Gives the scalar, if it is one.
    pub(super) fn scalar(&self) -> Option<&Scalar<'a>> {
        match &self.data {
            Data::Scalar(scalar) => Some(scalar),
            Data::List(_) | Data::Map(_) => None,
        }
    }

    /// Tells whether nothing is written.
    pub(super) fn is_missing(&self) -> bool {
        self.is_null() && self.span.start == self.span.end
    }

    /// Tells whether the value is null, written or left out.
    pub(super) fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// Counts the values in this one, itself included, how deep they are nested, and their text.
    pub(super) fn measure(&self) -> Measure {
        let inner = match &self.data {
            Data::Scalar(scalar) => Measure { bytes: scalar.text.len(), ..Measure::default() },
            Data::List(items) => items.iter().map(Node::measure).fold(Measure::default(), Measure::beside),
            Data::Map(entries) => {
                let keys = Measure { bytes: entries.iter().map(|entry| entry.key.len()).sum(), ..Measure::default() };
                entries.iter().map(|entry| entry.value.measure()).fold(keys, Measure::beside)
            }
        };
        Measure { values: inner.values + 1, depth: inner.depth + 1, bytes: inner.bytes }
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measure {
    pub(super) values: usize,
    pub(super) depth: usize,
    /// The length of all text and all keys.
    pub(super) bytes: usize,
}

impl Measure {
    fn beside(self, other: Self) -> Self {
        Self { values: self.values + other.values, depth: self.depth.max(other.depth), bytes: self.bytes + other.bytes }
    }
}
