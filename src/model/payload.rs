//! The whole content of a client, as Add and Change send it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::sha256_text;
use super::{Content, Entries, Field, LiveClient, Nullable};

/// The whole content of a client. Change may replace or merge (nobody knows), so the whole object is sent always.
pub(crate) type Payload = Content<Nullable<String>, Nullable<Entries>>;

impl Payload {
    /// Tells whether any field is not set.
    pub(crate) fn has_null(&self) -> bool {
        !self.fields_where(Nullable::is_null, Nullable::is_null).is_empty()
    }
}

/// `sha256:…` over the whole of a live client: id, scope and every field, known or not, without the values that are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fingerprint(String);

/// What stands for a value of which there is none: nothing is as long.
const NO_VALUE: [u8; 8] = u64::MAX.to_le_bytes();

impl Fingerprint {
    /// Takes the fingerprint of a live client. Equal values give equal fingerprints, in whatever form they were sent. What
    /// `hides` covers, a field or a key of it, is no part: a short value could be guessed from it.
    pub(crate) fn of(live: &LiveClient, hides: impl Fn(Field, Option<&str>) -> bool) -> Self {
        let LiveClient { id, scope, content, labels: _, detail: _ } = live;
        let mut hash = Sha256::new();
        hash_part(&mut hash, id.as_str());
        hash_part(&mut hash, &scope.to_string());
        for (field, text) in content.texts() {
            hash.update([u8::from(text.known().is_some())]);
            if let Some(text) = text.known() {
                hash_value(&mut hash, (!hides(field, None)).then_some(&**text));
            }
        }
        for (field, entries) in content.entries() {
            hash.update([u8::from(entries.known().is_some())]);
            if let Some(entries) = entries.known() {
                for (key, value) in &**entries {
                    hash_part(&mut hash, key);
                    hash_value(&mut hash, (!hides(field, Some(key))).then(|| value.canonical()).as_deref());
                }
                hash.update([2]);
            }
        }
        Self(sha256_text(hash))
    }
}

/// Hashes text with its length, so that two parts are not one.
pub(super) fn hash_part(hash: &mut Sha256, part: &str) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part.as_bytes());
}

fn hash_value(hash: &mut Sha256, value: Option<&str>) {
    match value {
        Some(value) => hash_part(hash, value),
        None => hash.update(NO_VALUE),
    }
}
