//! Finds what many clients share: keys with the same value in the same clients become a profile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::yaml::{self, Line};
use crate::model::{ClientId, Field, FieldPattern, Json, LiveClient};

/// A profile is worth its file from this many clients on.
const LEAST_CLIENTS: usize = 3;
/// A profile is worth its file from this many lines saved on.
const LEAST_SAVED: usize = 6;

/// What some clients share.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) clients: BTreeSet<ClientId>,
    keys: Keys,
}

/// The keys that a profile sets.
type Keys = BTreeMap<(Field, Arc<str>), Json>;

/// A key with the canonical form of its value.
type Pair<'a> = (Field, &'a Arc<str>, String);

impl Profile {
    /// Tells whether the profile sets a key.
    pub(super) fn holds(&self, field: Field, key: &Arc<str>) -> bool {
        self.keys.contains_key(&(field, Arc::clone(key)))
    }

    /// Writes the profile's document.
    pub(super) fn document(&self) -> String {
        let mut lines = vec![Line::pair(0, "kind", "Profile"), Line::pair(0, "name", &self.name)];
        for field in [Field::Policies, Field::Settings] {
            let keys: Vec<_> = self.keys.iter().filter(|((of, _), _)| *of == field).collect();
            if !keys.is_empty() {
                lines.push(Line::open(0, field.name()));
                lines.extend(
                    keys.iter().map(|((_, key), value)| Line::pair(1, &yaml::literal(key), &yaml::value(value))),
                );
            }
        }
        yaml::document(&lines)
    }
}

/// Finds the profiles of clients, the widest first. Sensitive keys are never shared.
pub(super) fn profiles(clients: &[&LiveClient], sensitive: &[FieldPattern]) -> Vec<Profile> {
    let mut holders: BTreeMap<Pair<'_>, (Vec<usize>, &Json)> = BTreeMap::new();
    for (index, client) in clients.iter().enumerate() {
        for (field, entries) in [(Field::Policies, client.policies.known()), (Field::Settings, client.settings.known())]
        {
            for (key, value) in entries.into_iter().flatten() {
                if !sensitive.iter().any(|pattern| pattern.covers_key(field, key)) {
                    holders.entry((field, key, value.canonical())).or_insert((Vec::new(), value)).0.push(index);
                }
            }
        }
    }
    let mut groups: BTreeMap<Vec<usize>, Keys> = BTreeMap::new();
    for ((field, key, _), (indices, value)) in holders {
        groups.entry(indices).or_default().insert((field, Arc::clone(key)), value.clone());
    }
    let mut worth: Vec<_> = groups
        .into_iter()
        .filter(|(indices, keys)| indices.len() >= LEAST_CLIENTS && keys.len() * (indices.len() - 1) >= LEAST_SAVED)
        .collect();
    worth.sort_by_key(|(indices, keys)| (std::cmp::Reverse(indices.len()), keys.keys().next().cloned()));
    worth
        .into_iter()
        .enumerate()
        .map(|(number, (indices, keys))| Profile {
            name: format!("shared-{}", number + 1),
            clients: indices.into_iter().map(|index| clients[index].id.clone()).collect(),
            keys,
        })
        .collect()
}
