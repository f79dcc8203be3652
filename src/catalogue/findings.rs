//! Declared keys that are probably not meant: written once, close to a key that many have, or with a type that nobody has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::likeness::{KeyWords, MOST_COMPARED, Trust, Vocabulary, distance};
use super::{Catalogue, Census, Evidence, KeyUse, ValueType};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{DeclaredEntries, Desired, Field, Location, Presence, Selection};
use crate::text::quote;

/// So many have to have written a key or a type on their own before another one looks wrong beside it.
const FEWEST_WRITERS: u64 = 2;
/// By so many times a key has to be more common than one that stands in several places and looks like it.
const MORE_COMMON: u64 = 10;
/// By so many times more clients have to have a key than another one that was written as often.
const MORE_CLIENTS: u64 = 5;

/// A declared key that is probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFinding {
    pub(crate) field: Field,
    pub(crate) key: Arc<str>,
    pub(crate) at: Location,
    pub(super) doubt: KeyDoubt,
}

/// Why a key is probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyDoubt {
    /// Another key is close to it.
    Misspelt { meant: (Field, Arc<str>), clients: u64 },
    /// Everybody else has another type.
    UnusualType { found: ValueType, usual: ValueType, clients: u64 },
}

/// Compares the keys of the selected definitions with those of all others and of live clients. What the catalogue has is
/// right, and what it lacks was said when the files were read.
pub(crate) fn findings(
    desired: &Desired,
    census: &Census,
    catalogue: Option<&Catalogue>,
    selection: &Selection,
) -> Vec<KeyFinding> {
    let doubts = Doubts::of(census);
    let mut found: BTreeMap<(Location, Field, &Arc<str>), &KeyDoubt> = BTreeMap::new();
    let selected = |state, covered| state == Presence::Present && covered;
    for definition in desired.clients.values().filter(|one| selected(one.state, selection.covers(one))) {
        for (field, entries) in definition.spec.entries() {
            for (key, declared) in entries.iter().flat_map(DeclaredEntries::iter) {
                let known = catalogue.is_some_and(|catalogue| catalogue.decides(field, key));
                let doubt = doubts.get(field, key, ValueType::of(declared.value.value()));
                if let Some(doubt) = doubt.filter(|_| !known) {
                    found.insert((declared.at(), field, key), doubt);
                }
            }
        }
    }
    let finding = |((at, field, key), doubt): ((Location, _, &Arc<str>), &KeyDoubt)| KeyFinding {
        field,
        key: Arc::clone(key),
        at,
        doubt: doubt.clone(),
    };
    found.into_iter().map(finding).collect()
}

/// What is doubtful about keys, wherever they stand.
#[derive(Default)]
struct Doubts<'c> {
    keys: BTreeMap<(Field, &'c str), KeyDoubt>,
    types: BTreeMap<(Field, &'c str, ValueType), KeyDoubt>,
}

impl<'c> Doubts<'c> {
    fn of(census: &'c Census) -> Self {
        let (mut doubts, mut vocabulary) = (Self::default(), Vocabulary::default());
        let mut keys: Vec<CountedKey<'c>> = Vec::new();
        for (field, key, used) in census.keys() {
            let sure = used.whole.writers() >= FEWEST_WRITERS || used.whole.clients() >= MORE_CLIENTS;
            let trust = if sure { Trust::Sure } else { Trust::Unsure };
            let words = KeyWords::of(key, trust);
            if sure {
                vocabulary.add(&words);
            }
            keys.push(CountedKey { field, key, evidence: &used.whole, words });
            doubts.types.extend(unusual_types(used).map(|doubt| ((field, &**key, doubt.0), doubt.1)));
        }
        let most = MOST_COMPARED / keys.len().max(1);
        for rare in keys.iter().filter(|one| one.evidence.is_rare()).take(most) {
            let doubt = misplaced(rare, census).or_else(|| misspelt(rare, &keys, &vocabulary));
            doubts.keys.extend(doubt.map(|doubt| ((rare.field, &**rare.key), doubt)));
        }
        doubts
    }

    fn get<'k>(&'k self, field: Field, key: &'k str, found: ValueType) -> Option<&'k KeyDoubt> {
        self.keys.get(&(field, key)).or_else(|| self.types.get(&(field, key, found)))
    }
}

struct CountedKey<'c> {
    field: Field,
    key: &'c Arc<str>,
    evidence: &'c Evidence,
    words: KeyWords,
}

/// A key that is surely meant, with the types that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertainKey {
    pub(crate) field: Field,
    pub(crate) key: Arc<str>,
    pub(crate) types: BTreeSet<ValueType>,
    /// The types that few values have, and that are probably not meant.
    pub(crate) doubtful: BTreeSet<ValueType>,
}

/// Gives the keys that are not doubtful, each with its types, and names the keys that are.
pub(crate) fn certain(census: &Census) -> (Vec<CertainKey>, Vec<Arc<str>>) {
    let doubts = Doubts::of(census);
    let (mut keys, mut doubtful) = (Vec::new(), Vec::new());
    for (field, key, used) in census.keys() {
        if doubts.keys.contains_key(&(field, &**key)) {
            doubtful.push(Arc::clone(key));
            continue;
        }
        let is_doubtful = |found: &ValueType| doubts.types.contains_key(&(field, &**key, *found));
        let (doubtful, types) = used.types.keys().copied().partition(is_doubtful);
        keys.push(CertainKey { field, key: Arc::clone(key), types, doubtful });
    }
    (keys, doubtful)
}

/// Tells whether so many more have one thing than another that the other looks wrong beside it.
fn outweighs(common: &Evidence, rare: &Evidence) -> bool {
    let needed = match rare.writers() {
        ..=1 => FEWEST_WRITERS,
        several => several * MORE_COMMON,
    };
    common.writers() >= needed || (rare.writers() <= 1 && common.clients() >= rare.clients() * MORE_CLIENTS)
}

/// Finds a rare key under the other of policies and settings, where it is common.
fn misplaced(rare: &CountedKey<'_>, census: &Census) -> Option<KeyDoubt> {
    let other = match rare.field {
        Field::Policies => Field::Settings,
        Field::Settings => Field::Policies,
        Field::Description | Field::CmEnvironmentId => return None,
    };
    let used = census.get(other, rare.key)?;
    let clients = used.whole.clients();
    outweighs(&used.whole, rare.evidence).then(|| KeyDoubt::Misspelt { meant: (other, Arc::clone(rare.key)), clients })
}

/// Finds the common key of the same field that a rare one is close to.
fn misspelt(rare: &CountedKey<'_>, keys: &[CountedKey<'_>], vocabulary: &Vocabulary) -> Option<KeyDoubt> {
    let common = |one: &&CountedKey<'_>| {
        one.field == rare.field && one.key != rare.key && outweighs(one.evidence, rare.evidence)
    };
    let near = keys.iter().filter(common).filter_map(|one| {
        let wrong = distance(&rare.words, &one.words, vocabulary)?;
        Some((wrong, u64::MAX - one.evidence.clients(), one))
    });
    let (_, _, meant) = near.min_by_key(|(wrong, rarity, _)| (*wrong, *rarity))?;
    Some(KeyDoubt::Misspelt { meant: (meant.field, Arc::clone(meant.key)), clients: meant.evidence.clients() })
}

/// Finds the types of a key that stand in one place while all others have another type.
fn unusual_types(used: &KeyUse) -> impl Iterator<Item = (ValueType, KeyDoubt)> {
    used.types.iter().filter_map(|(found, evidence)| {
        if !evidence.is_rare() || evidence.writers() > 1 {
            return None;
        }
        let others = used.types.iter().filter(|(other, _)| *other != found && **other != ValueType::Null);
        let (usual, common) = others.max_by_key(|(_, other)| (other.writers(), other.clients()))?;
        let doubt = KeyDoubt::UnusualType { found: *found, usual: *usual, clients: common.clients() };
        outweighs(common, evidence).then_some((*found, doubt))
    })
}

impl KeyFinding {
    /// Makes a warning of it, at the place of the key.
    pub(crate) fn warning(&self, place: Place) -> Diagnostic {
        let Self { field, key, at: _, doubt } = self;
        let (noun, key) = (super::noun(*field), quote(key));
        match doubt {
            KeyDoubt::Misspelt { meant: (other, meant), clients } => {
                let message = format!("no other client has the {noun} {key}");
                let place_of_meant = if other == field { String::new() } else { format!(" of `{other}`") };
                let help = format!(
                    "did you mean {}{place_of_meant}, which {} have? If the key is right, add it to keys.yaml",
                    quote(meant),
                    people(*clients)
                );
                Diagnostic::warning(Code::MisspeltKey, message).at(place, "").help(help)
            }
            KeyDoubt::UnusualType { found, usual, clients } => {
                let message = format!("the {noun} {key} is {} here and nowhere else", found.phrase());
                let help = format!(
                    "{} have {} there: write one, or say in keys.yaml which types the key may have",
                    people(*clients),
                    usual.phrase()
                );
                Diagnostic::warning(Code::UnusualType, message).at(place, "").help(help)
            }
        }
    }
}

fn people(clients: u64) -> String {
    if clients == 1 { "1 other client".to_owned() } else { format!("{clients} other clients") }
}
