//! The keys of policies and settings: which there are, which are probably misspelt, and what people say of them.

mod census;
mod findings;
mod known;
mod likeness;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::model::Field;

pub(crate) use census::{Census, Evidence, KeyUse};
pub(crate) use findings::{CertainKey, KeyFinding, certain, findings};
pub(crate) use known::{Catalogue, CatalogueEntry, Deprecation, EntryPart, KeyFault, KeyStrictness};

/// The JSON type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ValueType {
    Boolean,
    Number,
    String,
    Array,
    Object,
    Null,
}

impl ValueType {
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
            Value::Null => Self::Null,
        }
    }

    /// Gives the word of JSON Schema.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
            Self::Null => "null",
        }
    }

    /// Gives the word with its article.
    fn phrase(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Null => "null",
        }
    }
}

/// Names a key of a field.
fn noun(field: Field) -> &'static str {
    match field {
        Field::Policies => "policy",
        Field::Settings => "setting",
        Field::Description | Field::CmEnvironmentId => "key",
    }
}
