//! Finds what many clients share: keys that the same clients have with the same values become a profile.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Taken;
use super::name::slug;
use crate::emitter::{self, YamlNode};
use crate::model::{Content, Entries, Field, Json, LiveClient};
use crate::redact::Mask;

/// A profile is worth its file from this many clients on.
const LEAST_CLIENTS: usize = 3;
/// A profile is worth its file from this many lines saved on.
const LEAST_SAVED: usize = 6;
/// Values of which this many of a hundred clients are the same belong together; the others say what they have instead.
const ALIKE: usize = 80;
/// How deep a shared value may be nested.
const MOST_DEPTH: usize = 60;

/// What some clients share.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) name: String,
    /// The clients by their place in the export, in order: each of them has every key, though not always with this value.
    pub(super) clients: Vec<usize>,
    keys: FieldKeys,
    /// The environment that all of them have: none of them is given another by a later profile.
    environment: Option<String>,
}

type FieldKey = (Field, Arc<str>);
type FieldKeys = BTreeMap<FieldKey, Json>;

/// The clients that have a key with a certain value.
struct Holders {
    key: FieldKey,
    value: Json,
    clients: BTreeSet<usize>,
}

impl Profile {
    pub(super) fn entries(&self, field: Field) -> impl Iterator<Item = (&Arc<str>, &Json)> {
        self.keys.iter().filter(move |((of, _), _)| *of == field).map(|((_, key), value)| (key, value))
    }

    /// Gives a text that all its clients have.
    pub(super) fn text(&self, field: Field) -> Option<&str> {
        self.environment.as_deref().filter(|_| field == Field::CmEnvironmentId)
    }

    pub(super) fn document(&self) -> String {
        let mut document = vec![
            ("kind".to_owned(), YamlNode::plain("Profile")),
            ("name".to_owned(), YamlNode::Phrase(self.name.clone())),
        ];
        let environment = self.environment.as_deref().map(YamlNode::phrase_of_server);
        document.extend(environment.map(|text| (Field::CmEnvironmentId.name().to_owned(), text)));
        for (_, field) in Content::FIELDS.entries() {
            let entries = self.entries(*field).map(|(key, value)| (&**key, YamlNode::of(value)));
            let entries = emitter::literal_entries(entries);
            if !entries.is_empty() {
                document.push((field.name().to_owned(), YamlNode::Flow(entries)));
            }
        }
        emitter::document(&document)
    }
}

/// Finds the profiles of clients, the widest first. Sensitive keys are never shared.
pub(super) fn profiles(clients: &[&LiveClient], mask: Mask<'_>, taken: &Taken) -> Vec<Profile> {
    let mut groups: Vec<Profile> = Vec::new();
    for group in group(holders(clients, mask)) {
        let keys: FieldKeys = group.into_iter().map(|holders| (holders.key, holders.value)).collect();
        let having: Vec<usize> = (0..clients.len()).filter(|index| fits(clients[*index], &keys)).collect();
        let mut profile = Profile { name: String::new(), clients: having, keys, environment: None };
        // One key alone is chance, unless all clients share it.
        if profile.keys.len() > 1 || profile.clients.len() == clients.len() {
            complete(&mut profile, clients, mask);
            groups.push(profile);
        }
    }
    groups.sort_by_key(|profile| (Reverse(profile.clients.len()), profile.keys.keys().next().cloned()));
    let mut worth: Vec<Profile> = Vec::new();
    for mut profile in groups {
        leave_to(&worth, &mut profile);
        if is_worth(&profile) {
            worth.push(profile);
        }
    }
    let mut names = taken.profiles.clone();
    for profile in &mut worth {
        profile.name = name(profile, &names, taken);
        profile.environment = environment(profile, clients, mask);
        names.insert(profile.name.clone());
    }
    worth
}

/// Gives the environment that all clients of a profile have, if it may be shown.
fn environment(profile: &Profile, clients: &[&LiveClient], mask: Mask<'_>) -> Option<String> {
    if mask.hides_field(Field::CmEnvironmentId) {
        return None;
    }
    let mut texts = profile.clients.iter().map(|index| clients[*index].content.cm_environment_id.known());
    let first = texts.next().flatten()?;
    texts.all(|other| other == Some(first)).then(|| first.to_string())
}

fn entries_of(client: &LiveClient) -> impl Iterator<Item = (Field, &Entries)> {
    client.content.entries().filter_map(|(field, entries)| Some((field, &**entries.known()?)))
}

fn value_of<'a>(client: &'a LiveClient, (field, key): &FieldKey) -> Option<&'a Json> {
    entries_of(client).find(|(of, _)| of == field).and_then(|(_, entries)| entries.get(key))
}

fn holders(clients: &[&LiveClient], mask: Mask<'_>) -> Vec<Holders> {
    let mut holders: BTreeMap<(Field, &Arc<str>, String), Holders> = BTreeMap::new();
    for (index, client) in clients.iter().enumerate() {
        for (field, entries) in entries_of(client) {
            for (key, value) in entries.iter().filter(|(key, value)| may_be_shared(field, key, value, mask)) {
                let new = || Holders { key: (field, Arc::clone(key)), value: value.clone(), clients: BTreeSet::new() };
                holders.entry((field, key, value.canonical())).or_insert_with(new).clients.insert(index);
            }
        }
    }
    let mut holders: Vec<_> = holders.into_values().filter(|one| one.clients.len() >= LEAST_CLIENTS).collect();
    holders.sort_by_key(|one| Reverse(one.clients.len()));
    holders
}

fn may_be_shared(field: Field, key: &str, value: &Json, mask: Mask<'_>) -> bool {
    emitter::depth(value) <= MOST_DEPTH && !mask.hides_key(field, key)
}

/// Puts values together that nearly the same clients have.
fn group(holders: Vec<Holders>) -> Vec<Vec<Holders>> {
    let mut groups: Vec<Vec<Holders>> = Vec::new();
    for one in holders {
        let alike = |group: &&mut Vec<Holders>| {
            let (first, own) = (&group[0].clients, &one.clients);
            // Most groups are too large or too small to be alike, which costs nothing to see.
            own.len() * 100 >= first.len() * ALIKE && group.iter().all(|other| other.key != one.key) && {
                let both = first.intersection(own).count();
                both * 100 >= (first.len() + own.len() - both) * ALIKE
            }
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// Tells whether a client has all keys, and more than half of them with these values.
fn fits(client: &LiveClient, keys: &FieldKeys) -> bool {
    let values: Option<Vec<bool>> = keys.iter().map(|(key, value)| Some(value_of(client, key)? == value)).collect();
    values.is_some_and(|values| values.iter().filter(|same| **same).count() * 2 > values.len())
}

/// Adds what all clients of a profile have, and most of them with one value: it may be common to other clients too.
fn complete(profile: &mut Profile, clients: &[&LiveClient], mask: Mask<'_>) {
    let Some((first, rest)) = profile.clients.split_first() else { return };
    for (field, entries) in entries_of(clients[*first]) {
        for (key, value) in entries.iter().filter(|(key, value)| may_be_shared(field, key, value, mask)) {
            let key = (field, Arc::clone(key));
            if profile.keys.contains_key(&key) {
                continue;
            }
            let values: Option<Vec<&Json>> = rest.iter().map(|index| value_of(clients[*index], &key)).collect();
            let same = values.map(|values| values.into_iter().filter(|other| *other == value).count() + 1);
            if same.is_some_and(|same| same * 100 >= profile.clients.len() * ALIKE) {
                profile.keys.insert(key, value.clone());
            }
        }
    }
}

/// Removes what wider profiles give to all clients of this one.
fn leave_to(wider: &[Profile], profile: &mut Profile) {
    for other in
        wider.iter().filter(|other| profile.clients.iter().all(|index| other.clients.binary_search(index).is_ok()))
    {
        profile.keys.retain(|key, value| other.keys.get(key) != Some(value));
    }
}

/// Tells whether a profile is worth its file.
fn is_worth(profile: &Profile) -> bool {
    let (keys, clients) = (profile.keys.len(), profile.clients.len());
    clients >= LEAST_CLIENTS && keys * (clients - 1) >= LEAST_SAVED
}

/// Names a profile after its first key, so that the name stays when other profiles come and go.
fn name(profile: &Profile, names: &BTreeSet<String>, taken: &Taken) -> String {
    let first = profile.keys.keys().next().map(|(_, key)| slug(key)).filter(|slug| !slug.is_empty());
    let base = first.map_or_else(|| "shared".to_owned(), |slug| format!("shared-{slug}"));
    let is_taken = |name: &str| names.contains(name) || taken.files.contains(&format!("clients/profiles/{name}.yaml"));
    let mut name = base.clone();
    let mut number = 2;
    while is_taken(&name) {
        name = format!("{base}-{number}");
        number += 1;
    }
    name
}
