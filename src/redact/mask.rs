//! Values as they may leave the process: plain, or not at all when their field is sensitive.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::model::{
    Content, Entries, Field, Fingerprint, Json, KeyedDigest, LiveClient, Nullable, Observed, Payload, Sensitive,
};

/// A value that may be shown, saved and journalled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The value itself.
    Plain(Json),
    /// A value whose field is sensitive. The digest tells it from others while the process runs.
    Sensitive(KeyedDigest),
}

impl Serialize for Shown {
    /// Writes the value, or `{"sensitive":true}`: a digest leaves the process only where it is asked for.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Sensitive(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("sensitive", &true)?;
                map.end()
            }
        }
    }
}

/// The content of a client as it may be shown.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// The content; what holds no value reads as empty.
    pub content: Content<Observed<Shown>, Observed<BTreeMap<Arc<str>, Shown>>>,
    /// Fields that are to hold no value: an add leaves them out, a change says null.
    pub unset: Vec<Field>,
}

/// Decides by field and key, never by value, what is sensitive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mask<'a>(pub &'a Sensitive);

impl Mask<'_> {
    /// Tells whether a field is sensitive as a whole.
    pub(crate) fn hides_field(self, field: Field) -> bool {
        self.0.patterns.iter().any(|pattern| pattern.covers_field(field))
    }

    /// Tells whether the value of a key is sensitive.
    pub(crate) fn hides_key(self, field: Field, key: &str) -> bool {
        self.0.patterns.iter().any(|pattern| pattern.covers_key(field, key))
    }

    /// Shows a text field.
    pub(crate) fn text(self, field: Field, value: &str) -> Shown {
        let value = Json::text(value);
        if self.hides_field(field) {
            return Shown::Sensitive(self.digest(field, "", &value));
        }
        Shown::Plain(value)
    }

    /// Shows the value of one key of `policies` or `settings`.
    pub(crate) fn entry(self, field: Field, key: &str, value: &Json) -> Shown {
        if self.hides_key(field, key) {
            return Shown::Sensitive(self.digest(field, key, value));
        }
        Shown::Plain(value.clone())
    }

    /// Shows all keys of `policies` or `settings`.
    pub(crate) fn entries(self, field: Field, entries: &Entries) -> BTreeMap<Arc<str>, Shown> {
        entries.iter().map(|(key, value)| (Arc::clone(key), self.entry(field, key, value))).collect()
    }

    /// Shows a live client.
    pub(crate) fn live(self, live: &LiveClient) -> Image {
        let content = live.content.as_ref().map(
            |field, text| text.as_ref().map(|text| self.text(field, text)),
            |field, entries| entries.as_ref().map(|entries| self.entries(field, entries)),
        );
        Image { content, unset: Vec::new() }
    }

    /// Shows a payload.
    pub(crate) fn payload(self, payload: &Payload) -> Image {
        let content = payload.as_ref().map(
            |field, text| Observed::Known(self.text(field, text)),
            |field, entries| Observed::Known(self.entries(field, entries)),
        );
        Image { content, unset: payload.fields_where(Nullable::is_null, Nullable::is_null) }
    }

    /// Gives the description of a live client for a person.
    pub(crate) fn title(self, live: &LiveClient) -> &str {
        if self.hides_field(Field::Description) { "(sensitive)" } else { live.title() }
    }

    /// Takes the fingerprint of a live client, from which nothing sensitive can be guessed.
    pub(crate) fn fingerprint(self, live: &LiveClient) -> Fingerprint {
        Fingerprint::of(live, |field, key| {
            key.map_or_else(|| self.hides_field(field), |key| self.hides_key(field, key))
        })
    }

    /// Digests a value together with its place, so that equal values of different keys do not look equal.
    fn digest(self, field: Field, key: &str, value: &Json) -> KeyedDigest {
        self.0.key.digest(&[field.name(), key, &value.canonical()])
    }
}
