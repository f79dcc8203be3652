//! The catalogue of keys that people keep in `keys.yaml`, and what a declared value must be to fit it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::likeness::KnownKeys;
use super::{ValueType, noun};
use crate::diagnostic::{Code, Severity};
use crate::model::{Field, Json};
use crate::text::{bounded, quote};

/// So many of the allowed values are named in a message.
const MOST_NAMED: usize = 12;

/// The keys of `keys.yaml`.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    keys: BTreeMap<Field, BTreeMap<Arc<str>, CatalogueEntry>>,
    known: BTreeMap<Field, KnownKeys>,
    strictness: KeyStrictness,
}

/// How grave it is that a definition does not fit the catalogue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum KeyStrictness {
    /// It is warned about.
    #[default]
    Warn,
    /// It is a mistake.
    Strict,
}

impl KeyStrictness {
    /// Gives the word that stands in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Strict => "strict",
        }
    }
}

/// What people say of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CatalogueEntry {
    /// The types that its values may have; any if there is none.
    pub(crate) types: BTreeSet<ValueType>,
    pub(crate) description: Option<String>,
    /// The values that it may have; any if there is none.
    pub(crate) values: Vec<Json>,
    pub(crate) deprecation: Deprecation,
}

/// Whether a key is still to be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Deprecation {
    #[default]
    Current,
    Deprecated,
    /// With a word on what to do.
    Because(String),
}

/// In what a declared key does not fit the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFault {
    pub(crate) severity: Severity,
    pub(crate) part: EntryPart,
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// What a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryPart {
    Key,
    Value,
}

impl Catalogue {
    pub(crate) fn new(strictness: KeyStrictness) -> Self {
        Self { strictness, ..Self::default() }
    }

    pub(crate) fn add(&mut self, field: Field, key: Arc<str>, entry: CatalogueEntry) {
        self.known.entry(field).or_default().add(&key);
        self.keys.entry(field).or_default().insert(key, entry);
    }

    pub(crate) fn get(&self, field: Field, key: &str) -> Option<&CatalogueEntry> {
        self.keys.get(&field)?.get(key)
    }

    /// Gives every key with what is said of it, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Field, &Arc<str>, &CatalogueEntry)> {
        self.keys.iter().flat_map(|(field, keys)| keys.iter().map(|(key, entry)| (*field, key, entry)))
    }

    /// Tells whether the catalogue alone decides what is right for a key: one that it lacks was reported, and of one that
    /// it has it says the types.
    pub(super) fn decides(&self, field: Field, key: &str) -> bool {
        self.get(field, key).is_none_or(|entry| !entry.types.is_empty())
    }

    /// Says in what a declared key does not fit. `value` is `None` where columns of a fleet are still to be filled in.
    pub(crate) fn faults(&self, field: Field, key: &str, found: ValueType, value: Option<&Value>) -> Vec<KeyFault> {
        let Some(entry) = self.get(field, key) else { return vec![self.unknown(field, key)] };
        let CatalogueEntry { types, description: _, values, deprecation } = entry;
        let (noun, key) = (noun(field), quote(key));
        let mut faults = Vec::new();
        if !types.is_empty() && !types.contains(&found) {
            let wanted: Vec<&str> = types.iter().map(|one| one.phrase()).collect();
            faults.push(KeyFault {
                severity: self.severity(),
                part: EntryPart::Value,
                code: Code::CatalogueType,
                message: format!("the {noun} {key} is {}, and keys.yaml wants {}", found.phrase(), wanted.join(" or ")),
                help: format!("write {}, or add the type to keys.yaml", wanted.join(" or ")),
            });
        } else if value.is_some_and(|value| !values.is_empty() && !values.contains(&Json::from(value.clone()))) {
            faults.push(KeyFault {
                severity: self.severity(),
                part: EntryPart::Value,
                code: Code::CatalogueValue,
                message: format!("the {noun} {key} has a value that keys.yaml does not list"),
                help: format!("write {}, or add the value to keys.yaml", listed(values)),
            });
        }
        let instead = match deprecation {
            Deprecation::Current => return faults,
            Deprecation::Deprecated => "remove it".to_owned(),
            Deprecation::Because(words) => bounded(words, 200).into_owned(),
        };
        let message = format!("the {noun} {key} is deprecated");
        let (severity, part) = (Severity::Warning, EntryPart::Key);
        faults.push(KeyFault { severity, part, code: Code::DeprecatedKey, message, help: instead });
        faults
    }

    fn unknown(&self, field: Field, key: &str) -> KeyFault {
        let elsewhere = self.keys.iter().find(|(other, keys)| **other != field && keys.contains_key(key));
        let near = self.known.get(&field).and_then(|known| known.likely(key));
        let help = match (elsewhere, near) {
            (Some((other, _)), _) => format!("did you mean `{other}`, where keys.yaml has it?"),
            (None, Some(near)) => format!("did you mean {}?", quote(near)),
            (None, None) => "add it to keys.yaml, by hand or with `icsync keys --write`".to_owned(),
        };
        let message = format!("keys.yaml has no {} {}", noun(field), quote(key));
        KeyFault { severity: self.severity(), part: EntryPart::Key, code: Code::UncataloguedKey, message, help }
    }

    fn severity(&self) -> Severity {
        match self.strictness {
            KeyStrictness::Warn => Severity::Warning,
            KeyStrictness::Strict => Severity::Error,
        }
    }
}

/// Lists values as YAML writes them.
fn listed(values: &[Json]) -> String {
    let mut shown: Vec<String> = values.iter().take(MOST_NAMED).map(|one| quote(&one.canonical())).collect();
    shown.extend((values.len() > MOST_NAMED).then(|| "another one that it lists".to_owned()));
    shown.join(" or ")
}
