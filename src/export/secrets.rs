//! Keys that look like those of secrets although nothing says that they are sensitive.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Field, LiveClient};
use crate::redact::Mask;

/// What names of secrets hold, in small letters and without what separates words.
const STEMS: [&str; 9] =
    ["password", "passwd", "passphrase", "passcode", "secret", "token", "credential", "apikey", "privatekey"];
/// Words that are names of secrets by themselves.
const WORDS: [&str; 3] = ["pwd", "pin", "pass"];

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
                let holds_text = value.value().as_str().is_some_and(|text| !text.is_empty());
                if holds_text && !mask.hides_key(field, key) && looks_secret(key) {
                    *found.entry(ClearKey { field, key: Arc::clone(key) }).or_default() += 1;
                }
            }
        }
    }
    found
}

fn looks_secret(key: &str) -> bool {
    let plain: String = key.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let mut words = key.split(|one: char| !one.is_alphanumeric()).map(str::to_lowercase);
    STEMS.iter().any(|stem| plain.contains(stem)) || words.any(|word| WORDS.contains(&&*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_others() {
        for key in
            ["crm::password", "sip.authToken", "voicemail::pin", "api_key", "x::API-Key", "db_pwd", "clientSecret"]
        {
            assert!(looks_secret(key), "{key}");
        }
        for key in ["ui::spinner", "core::compass", "interface::showPreview", "keyboard::layout", "pinned", "bypass"] {
            assert!(!looks_secret(key), "{key}");
        }
    }
}
