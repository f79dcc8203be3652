//! Values as they may leave the process: plain, or as a digest when their field is sensitive.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::model::{Entries, Field, FieldPattern, Json, LiveClient, Observed, Payload, sha256_text};

/// A value that may be shown, saved and journalled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
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

/// The whole content of a client as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `Description`.
    pub description: Observed<Shown>,
    /// `CMEnvironmentID`.
    pub cm_environment_id: Observed<Shown>,
    /// `Policies` by key.
    pub policies: Observed<BTreeMap<Arc<str>, Shown>>,
    /// `Settings` by key.
    pub settings: Observed<BTreeMap<Arc<str>, Shown>>,
}

/// Decides by field and key, never by value, what is sensitive.
#[derive(Debug, Clone, Copy)]
pub struct Mask<'a>(pub &'a [FieldPattern]);

impl Mask<'_> {
    /// Shows a text field.
    pub fn text(self, field: Field, value: &str) -> Shown {
        let value = Json::text(value);
        if self.0.iter().any(|pattern| pattern.covers_field(field)) {
            return Shown::Sensitive(digest(field, "", &value));
        }
        Shown::Plain(value)
    }

    /// Shows the value of one key of `policies` or `settings`.
    pub fn entry(self, field: Field, key: &str, value: &Json) -> Shown {
        if self.0.iter().any(|pattern| pattern.covers_key(field, key)) {
            return Shown::Sensitive(digest(field, key, value));
        }
        Shown::Plain(value.clone())
    }

    /// Shows all keys of `policies` or `settings`.
    pub fn entries(self, field: Field, entries: &Entries) -> BTreeMap<Arc<str>, Shown> {
        entries.iter().map(|(key, value)| (Arc::clone(key), self.entry(field, key, value))).collect()
    }

    /// Shows a live client.
    pub fn live(self, live: &LiveClient) -> Image {
        let LiveClient { description, cm_environment_id, policies, settings, id: _, scope: _, labels: _, detail: _ } =
            live;
        Image {
            description: description.as_ref().map(|text| self.text(Field::Description, text)),
            cm_environment_id: cm_environment_id.as_ref().map(|text| self.text(Field::CmEnvironmentId, text)),
            policies: policies.as_ref().map(|entries| self.entries(Field::Policies, entries)),
            settings: settings.as_ref().map(|entries| self.entries(Field::Settings, entries)),
        }
    }

    /// Shows a payload.
    pub fn payload(self, payload: &Payload) -> Image {
        let Payload { description, cm_environment_id, policies, settings } = payload;
        Image {
            description: Observed::Known(self.text(Field::Description, description)),
            cm_environment_id: Observed::Known(self.text(Field::CmEnvironmentId, cm_environment_id)),
            policies: Observed::Known(self.entries(Field::Policies, policies)),
            settings: Observed::Known(self.entries(Field::Settings, settings)),
        }
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
