//! The warning of values that look like secrets and are written into files as they are.

use std::collections::BTreeMap;

use super::environment::Environment;
use crate::export::ClearKey;
use crate::text::{self, counted};

/// So many keys that look like secrets are named.
const MOST_NAMED: usize = 20;

/// Warns of values that are about to be written as they are although they look like secrets, and says what else to do than to name them.
pub(super) fn warn_of_secrets(environment: &Environment, found: &BTreeMap<ClearKey, usize>, instead: &str) {
    if found.is_empty() {
        return;
    }
    let keys = counted(found.len(), "key");
    let (written, them) = match found.len() {
        1 => ("looks like a secret is written as it is", "it"),
        _ => ("look like secrets are written as they are", "them"),
    };
    environment
        .say(&format!("warning: {keys} that {written}, because `sensitive` in icsync.yaml does not name {them}:"));
    for (ClearKey { field, key }, clients) in found.iter().take(MOST_NAMED) {
        environment.say(&format!("  {field}.{}  ({})", text::bounded(key, 200), counted(*clients, "client")));
    }
    if found.len() > MOST_NAMED {
        environment.say(&format!("  and {} more", found.len() - MOST_NAMED));
    }
    environment.say(&format!("help: name {them} there, {instead}"));
}
