//! Values as they may leave the process: plain, or as a digest when their field is sensitive.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::model::{Content, Entries, Field, FieldPattern, Json, LiveClient, Observed, Payload, sha256_text};

/// A value that may be shown, saved and journalled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The value itself.
    Plain(Json),
    /// `sha256:…` of a value whose field is sensitive: tells that it changed, not what it is.
    Sensitive(String),
}

impl Serialize for Shown {
    /// Writes the value, or `{"sensitive":"sha256:…"}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Sensitive(digest) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("sensitive", digest)?;
                map.end()
            }
        }
    }
}

/// The content of a client as it may be shown.
pub(crate) type Image = Content<Observed<Shown>, Observed<BTreeMap<Arc<str>, Shown>>>;

/// Decides by field and key, never by value, what is sensitive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mask<'a>(pub &'a [FieldPattern]);

impl Mask<'_> {
    /// Tells whether a field is sensitive as a whole.
    pub(crate) fn hides_field(self, field: Field) -> bool {
        self.0.iter().any(|pattern| pattern.covers_field(field))
    }

    /// Tells whether the value of a key is sensitive.
    pub(crate) fn hides_key(self, field: Field, key: &str) -> bool {
        self.0.iter().any(|pattern| pattern.covers_key(field, key))
    }

    /// Shows a text field.
    pub(crate) fn text(self, field: Field, value: &str) -> Shown {
        let value = Json::text(value);
        if self.hides_field(field) {
            return Shown::Sensitive(digest(field, "", &value));
        }
        Shown::Plain(value)
    }

    /// Shows the value of one key of `policies` or `settings`.
    pub(crate) fn entry(self, field: Field, key: &str, value: &Json) -> Shown {
        if self.hides_key(field, key) {
            return Shown::Sensitive(digest(field, key, value));
        }
        Shown::Plain(value.clone())
    }

    /// Shows all keys of `policies` or `settings`.
    pub(crate) fn entries(self, field: Field, entries: &Entries) -> BTreeMap<Arc<str>, Shown> {
        entries.iter().map(|(key, value)| (Arc::clone(key), self.entry(field, key, value))).collect()
    }

    /// Shows a live client.
    pub(crate) fn live(self, live: &LiveClient) -> Image {
        live.content.as_ref().map(
            |field, text| text.as_ref().map(|text| self.text(field, text)),
            |field, entries| entries.as_ref().map(|entries| self.entries(field, entries)),
        )
    }

    /// Shows a payload.
    pub(crate) fn payload(self, payload: &Payload) -> Image {
        payload.as_ref().map(
            |field, text| Observed::Known(self.text(field, text)),
            |field, entries| Observed::Known(self.entries(field, entries)),
        )
    }
}

/// Digests a sensitive value together with its place, so that equal values of different keys do not look equal.
fn digest(field: Field, key: &str, value: &Json) -> String {
    let mut hash = Sha256::new();
    for part in [field.name(), key, &value.canonical()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    sha256_text(hash)
}
