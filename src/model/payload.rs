//! The whole content of a client, as Add and Change send it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::sha256_text;
use super::{Entries, Field, LiveClient, Observed};

/// The whole content of a client. Change may replace or merge (nobody knows), so the whole object is sent always.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Payload {
    /// `Description`.
    pub description: String,
    /// `CMEnvironmentID`.
    pub cm_environment_id: String,
    /// `Policies`.
    pub policies: Entries,
    /// `Settings`.
    pub settings: Entries,
}

impl Payload {
    /// Takes the whole content of a live client, or says which fields are not known.
    pub fn of(live: &LiveClient) -> Result<Self, Vec<Field>> {
        let LiveClient { description, cm_environment_id, policies, settings, .. } = live;
        match (description, cm_environment_id, policies, settings) {
            (
                Observed::Known(description),
                Observed::Known(cm_environment_id),
                Observed::Known(policies),
                Observed::Known(settings),
            ) => Ok(Self {
                description: description.clone(),
                cm_environment_id: cm_environment_id.clone(),
                policies: policies.clone(),
                settings: settings.clone(),
            }),
            _ => Err(Field::ALL.into_iter().filter(|field| !live.knows(*field)).collect()),
        }
    }
}

impl std::fmt::Debug for Payload {
    /// Shows no values: they may be sensitive.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payload(..)")
    }
}

/// `sha256:…` over the whole of a live client: id, scope and every field, known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Takes the fingerprint of a live client. Equal values give equal fingerprints, in whatever form they were sent.
    pub fn of(live: &LiveClient) -> Self {
        let LiveClient { id, scope, description, cm_environment_id, policies, settings, labels: _, detail: _ } = live;
        let mut hash = Sha256::new();
        hash_part(&mut hash, id.as_str());
        hash_part(&mut hash, &scope.to_string());
        hash_text(&mut hash, description);
        hash_text(&mut hash, cm_environment_id);
        hash_entries(&mut hash, policies);
        hash_entries(&mut hash, settings);
        Self(sha256_text(hash))
    }

    /// Gives the fingerprint as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hash_part(hash: &mut Sha256, part: &str) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part.as_bytes());
}

fn hash_text(hash: &mut Sha256, text: &Observed<String>) {
    match text {
        Observed::Known(text) => {
            hash.update([1]);
            hash_part(hash, text);
        }
        Observed::Unread | Observed::Unreadable { .. } => hash.update([0]),
    }
}

fn hash_entries(hash: &mut Sha256, entries: &Observed<Entries>) {
    match entries {
        Observed::Known(entries) => {
            hash.update([1]);
            for (key, value) in entries {
                hash_part(hash, key);
                hash_part(hash, &value.canonical());
            }
            hash.update([2]);
        }
        Observed::Unread | Observed::Unreadable { .. } => hash.update([0]),
    }
}
