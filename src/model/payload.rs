//! The whole content of a client, as Add and Change send it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::sha256_text;
use super::{Content, Entries, LiveClient, Nullable, Observed};

/// The whole content of a client. Change may replace or merge (nobody knows), so the whole object is sent always.
pub(crate) type Payload = Content<Nullable<String>, Nullable<Entries>>;

impl Payload {
    /// Tells whether any field is not set.
    pub(crate) fn has_null(&self) -> bool {
        !self.fields_where(Nullable::is_null, Nullable::is_null).is_empty()
    }
}

/// `sha256:…` over the whole of a live client: id, scope and every field, known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    /// Takes the fingerprint of a live client. Equal values give equal fingerprints, in whatever form they were sent.
    pub(crate) fn of(live: &LiveClient) -> Self {
        let LiveClient { id, scope, content, labels: _, detail: _ } = live;
        let mut hash = Sha256::new();
        hash_part(&mut hash, id.as_str());
        hash_part(&mut hash, &scope.to_string());
        content.texts().for_each(|(_, text)| hash_text(&mut hash, text));
        content.entries().for_each(|(_, entries)| hash_entries(&mut hash, entries));
        Self(sha256_text(hash))
    }
}

fn hash_part(hash: &mut Sha256, part: &str) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part.as_bytes());
}

fn hash_text(hash: &mut Sha256, text: &Observed<Nullable<String>>) {
    match text {
        Observed::Known(text) => {
            hash.update([1]);
            hash_part(hash, text);
        }
        Observed::Unread | Observed::Unreadable { .. } => hash.update([0]),
    }
}

fn hash_entries(hash: &mut Sha256, entries: &Observed<Nullable<Entries>>) {
    match entries {
        Observed::Known(entries) => {
            hash.update([1]);
            for (key, value) in &**entries {
                hash_part(hash, key);
                hash_part(hash, &value.canonical());
            }
            hash.update([2]);
        }
        Observed::Unread | Observed::Unreadable { .. } => hash.update([0]),
    }
}
