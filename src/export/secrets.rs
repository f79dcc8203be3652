//! Keys that look like those of secrets although nothing says that they are sensitive.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::model::{Field, LiveClient};
use crate::redact::{Mask, looks_secret};

/// A key that looks like that of a secret and whose values are not hidden.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClearKey {
    pub(crate) field: Field,
    pub(crate) key: Arc<str>,
}

/// Finds the keys of texts that look like secrets and are not sensitive, with how many clients hold one.
pub(crate) fn likely_secrets(clients: &[&LiveClient], mask: Mask<'_>) -> BTreeMap<ClearKey, usize> {
    let mut found = BTreeMap::new();
    for client in clients {
        for (field, entries) in client.content.entries() {
            let Some(entries) = entries.known() else { continue };
            for (key, value) in entries.iter() {
                if is_likely_secret(field, key, value.value(), mask) {
                    *found.entry(ClearKey { field, key: Arc::clone(key) }).or_default() += 1;
                }
            }
        }
    }
    found
}

/// Tells whether the value of a key is a text that looks like a secret and is not sensitive.
pub(crate) fn is_likely_secret(field: Field, key: &str, value: &Value, mask: Mask<'_>) -> bool {
    let holds_text = value.as_str().is_some_and(|text| !text.is_empty());
    holds_text && !mask.hides_key(field, key) && looks_secret(key)
}
