//! What the steps of a plan would say together, counted before any is made: they share values, but a document writes each of
//! them for every client, and a step names every key.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::bind::{Binding, Bindings, bind};
use super::build::moves;
use super::own::is_met;
use crate::model::{
    Declared, DeclaredEntries, Definition, Desired, Field, FieldPath, Json, Live, Location, Policy, Presence,
};

/// How many keys the steps of a plan may name: as many as 100,000 new clients of 80 keys.
const MOST_KEYS: usize = 8_000_000;
/// How many bytes the values that the steps write may have, each counted for every client that gets it.
const MOST_BYTES: usize = 1024 * 1024 * 1024;

/// A plan that would say too much.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the steps of the plan would say too much: {excess}; {largest} takes most of it, in {clients} clients, for example by {at}"
)]
pub(crate) struct PlanTooLarge {
    excess: Excess,
    /// The field or key that has most of it.
    largest: FieldPath,
    /// How many clients have that.
    clients: usize,
    /// Where it is written for one of them.
    at: Location,
}

impl PlanTooLarge {
    /// What to do next.
    pub(crate) const HELP: &'static str =
        "make that value shorter, or plan some of the clients at a time with `--select`";
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excess {
    Keys,
    Bytes,
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keys => write!(f, "more than {MOST_KEYS} keys"),
            Self::Bytes => write!(f, "more than {MOST_BYTES} bytes of values"),
        }
    }
}

/// Makes sure that a plan can be held, shown and saved.
pub(crate) fn afford(desired: &Desired, live: &Live, policy: &Policy) -> Result<(), PlanTooLarge> {
    afford_within((MOST_KEYS, MOST_BYTES), desired, live, policy)
}

fn afford_within(most: (usize, usize), desired: &Desired, live: &Live, policy: &Policy) -> Result<(), PlanTooLarge> {
    let mut extents = Extents::default();
    let present = || {
        let selected = desired.definitions().filter(|definition| policy.selection.covers(definition));
        selected.filter(|definition| definition.state == Presence::Present)
    };
    // Nearly always everything fits that could be written.
    if extents.over(most, present()).is_none() {
        return Ok(());
    }
    let bindings = bind(desired, live, policy);
    let written: Vec<&Definition> = present().filter(|definition| is_written(definition, &bindings, live)).collect();
    let over = extents.over(most, written.iter().copied());
    over.and_then(|said| too_large(said, &written, &mut extents)).map_or(Ok(()), Err)
}

/// Tells whether a definition gets a step.
fn is_written(definition: &Definition, bindings: &Bindings, live: &Live) -> bool {
    match bindings.bound.get(&definition.name) {
        Some(Binding::Live(id)) => {
            live.clients.get(id).is_none_or(|row| !is_met(definition, row) || moves(definition, row))
        }
        Some(Binding::Blocked(_)) => false,
        Some(Binding::None) | None => true,
    }
}

/// Sizes that were taken already: many clients share what they have.
#[derive(Default)]
struct Extents {
    /// Keys and bytes of entries, by the place where they stand in memory.
    entries: HashMap<*const (), (usize, usize)>,
    /// Bytes of lists and objects, likewise.
    values: HashMap<*const Value, usize>,
}

impl Extents {
    /// Says what definitions have too much of.
    fn over<'d>(
        &mut self,
        (most_keys, most_bytes): (usize, usize),
        definitions: impl Iterator<Item = &'d Definition>,
    ) -> Option<Excess> {
        let (mut keys, mut bytes) = (0usize, 0usize);
        for definition in definitions {
            let texts = definition.spec.texts().filter_map(|(_, text)| text.as_ref());
            bytes = texts.fold(bytes, |bytes, text| bytes.saturating_add(text.value.len()));
            for (_, entries) in definition.spec.entries() {
                let extent = entries.as_ref().map_or((0, 0), |entries| self.of_entries(entries));
                (keys, bytes) = (keys.saturating_add(extent.0), bytes.saturating_add(extent.1));
            }
        }
        match () {
            () if bytes > most_bytes => Some(Excess::Bytes),
            () if keys > most_keys => Some(Excess::Keys),
            () => None,
        }
    }

    fn of_entries(&mut self, entries: &DeclaredEntries) -> (usize, usize) {
        if let Some(known) = self.entries.get(&entries.values().address()) {
            return *known;
        }
        let bytes = entries.iter().map(|(key, declared)| key.len() + self.of_value(declared.value)).sum();
        self.entries.insert(entries.values().address(), (entries.len(), bytes));
        (entries.len(), bytes)
    }

    fn of_value(&mut self, json: &Json) -> usize {
        match json.value() {
            value @ (Value::Array(_) | Value::Object(_)) => {
                *self.values.entry(std::ptr::from_ref(value)).or_insert_with(|| length(value))
            }
            scalar => length(scalar),
        }
    }
}

/// Gives how many bytes a value has when it is written, about.
fn length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(number) => number.as_str().len(),
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| length(item) + 1).sum::<usize>() + 2,
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + 4 + length(value)).sum::<usize>() + 2,
    }
}

/// Names what takes most of it.
fn too_large(excess: Excess, written: &[&Definition], extents: &mut Extents) -> Option<PlanTooLarge> {
    type Share = (usize, usize, Location);
    let mut shares: BTreeMap<(Field, Option<&Arc<str>>), Share> = BTreeMap::new();
    let mut share = |place, bytes: usize, at| {
        let share = shares.entry(place).or_insert((0, 0, at));
        (share.0, share.1) = (share.0.saturating_add(bytes), share.1 + 1);
    };
    for definition in written {
        for (field, text) in definition.spec.texts() {
            let Some(Declared { value, at }) = text else { continue };
            share((field, None), value.len(), at.clone());
        }
        for (field, entries) in definition.spec.entries() {
            for (key, declared) in entries.iter().flat_map(DeclaredEntries::iter) {
                share((field, Some(key)), key.len() + extents.of_value(declared.value), declared.at());
            }
        }
    }
    let largest = shares.into_iter().max_by_key(|(_, (bytes, ..))| *bytes);
    largest.map(|((field, key), (_, clients, at))| {
        let largest = FieldPath { field, key: key.cloned() };
        PlanTooLarge { excess, largest, clients, at }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::World;

    fn blob(value: &str) -> [(&'static str, Value); 1] {
        [("x::blob", Value::from(value))]
    }

    #[test]
    fn what_many_clients_get_is_counted_for_each_and_named() {
        let world = World::empty().defined("a", "101", &blob("0123456789")).defined("b", "102", &blob("0123456789"));
        let afford = |most| afford_within(most, &world.desired, &world.live, &world.policy);
        let said = |most| afford(most).map_err(|error| error.to_string());
        let all = 2 * ("x::blob".len() + 12) + "ab".len();
        assert_eq!((said((2, all)), said((100, 1_000))), (Ok(()), Ok(())));
        insta::assert_snapshot!(
            said((2, all - 1)).expect_err("too many bytes"),
            @"the steps of the plan would say too much: more than 1073741824 bytes of values; `settings.x::blob` takes most of it, in 2 clients, for example by clients/a.yaml:2"
        );
        assert!(said((1, all)).expect_err("too many keys").contains("more than 8000000 keys"));
    }

    #[test]
    fn what_is_in_sync_counts_nothing() {
        let world = World::empty().in_sync("a", "101", &blob("0123456789")).defined("b", "102", &blob("01"));
        assert_eq!(afford_within((1, 20), &world.desired, &world.live, &world.policy), Ok(()));
    }

    #[test]
    fn what_is_shared_is_measured_once() {
        let value = Json::from(serde_json::json!({ "a": ["x", 1, null] }));
        let mut extents = Extents::default();
        assert_eq!(extents.of_value(&value), value.canonical().len() + 2);
        assert_eq!((extents.of_value(&value.clone()), extents.values.len()), (value.canonical().len() + 2, 1));
    }
}
