//! Counts which keys there are: per key numbers, a few places and a few values, never the values of every client.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::rc::Rc;
use std::sync::Arc;

use super::ValueType;
use crate::model::{
    ClientId, DeclaredValue, Definition, Desired, Field, FieldPattern, Json, Live, LiveClient, Location, Presence,
    Scope,
};

/// So many places are kept of what definitions declare: what stands in more is no slip of the pen.
const MOST_PLACES: usize = 4;
/// So many values are kept as examples.
const MOST_EXAMPLES: usize = 3;
/// The longest value that serves as an example, in characters of JSON.
const LONGEST_EXAMPLE: usize = 60;

/// Which keys there are, by field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census(BTreeMap<Field, BTreeMap<Arc<str>, KeyUse>>);

/// How a key is used.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyUse {
    /// With whatever value.
    pub(crate) whole: Evidence,
    /// By the type of the value.
    pub(crate) types: BTreeMap<ValueType, Evidence>,
    /// Some values, short ones.
    pub(crate) examples: Vec<Json>,
}

/// Who has something.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// Definitions that declare it.
    pub(crate) definitions: u64,
    /// Live clients that hold it.
    pub(crate) live: u64,
    /// Live clients that hold it and whose definition, if they have one, does not declare it.
    pub(crate) elsewhere: u64,
    /// The first places that declare it.
    pub(super) places: Vec<Location>,
}

impl Evidence {
    /// Counts the clients that have it, on whichever side.
    pub(super) fn clients(&self) -> u64 {
        self.definitions + self.elsewhere
    }

    /// Counts those who wrote it without knowing of each other, up to a few in git: a profile is one.
    pub(super) fn writers(&self) -> u64 {
        self.places.len() as u64 + self.elsewhere
    }

    /// Tells whether so few places of git have it, and nobody else, that it may be a slip of the pen.
    pub(super) fn is_rare(&self) -> bool {
        self.elsewhere == 0 && !self.places.is_empty() && self.places.len() < MOST_PLACES
    }

    fn declare(&mut self, one: DeclaredValue<'_>) {
        self.definitions += 1;
        if self.places.len() < MOST_PLACES {
            let at = one.at();
            if !self.places.contains(&at) {
                self.places.push(at);
            }
        }
    }
}

impl KeyUse {
    fn declare(&mut self, one: DeclaredValue<'_>) {
        self.whole.declare(one);
        self.types.entry(ValueType::of(one.value.value())).or_default().declare(one);
        self.show(one.value);
    }

    /// Counts a value of a live client; `own` is what its definition declares for the key.
    fn hold(&mut self, value: &Json, own: Option<&Json>) {
        let found = ValueType::of(value.value());
        let same = own.is_some_and(|own| ValueType::of(own.value()) == found);
        let typed = self.types.entry(found).or_default();
        typed.live += 1;
        typed.elsewhere += u64::from(!same);
        self.whole.live += 1;
        self.whole.elsewhere += u64::from(own.is_none());
        self.show(value);
    }

    fn show(&mut self, value: &Json) {
        let wanted = self.examples.len() < MOST_EXAMPLES && !self.examples.contains(value);
        if wanted && value.canonical().chars().count() <= LONGEST_EXAMPLE {
            self.examples.push(value.clone());
        }
    }
}

impl Census {
    /// Counts the keys of definitions whose client shall exist, and of live clients.
    pub(crate) fn of(desired: &Desired, live: Option<&Live>) -> Self {
        let mut tally = Tally::default();
        for definition in desired.clients.values().filter(|one| one.state == Presence::Present) {
            tally.declare(definition);
        }
        let owners = Owners::of(desired);
        for client in live.iter().flat_map(|live| live.clients.values()) {
            tally.hold(client, owners.find(client));
        }
        tally.census()
    }

    /// Gives the use of every key, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (Field, &Arc<str>, &KeyUse)> {
        self.0.iter().flat_map(|(field, keys)| keys.iter().map(|(key, used)| (*field, key, used)))
    }

    /// Tells whether a pattern covers a key, or a whole field; where there are no keys nothing can be told.
    pub(crate) fn is_met_by(&self, pattern: &FieldPattern) -> bool {
        self.0.values().all(BTreeMap::is_empty)
            || Field::ALL.into_iter().any(|field| pattern.covers_field(field))
            || self.0.iter().any(|(field, keys)| {
                let beginning = pattern.beginning();
                let from = keys.range::<str, _>((Bound::Included(beginning), Bound::Unbounded));
                let mut near = from.map(|(key, _)| key).take_while(|key| key.starts_with(beginning));
                near.any(|key| pattern.covers_key(*field, key))
            })
    }

    pub(crate) fn get(&self, field: Field, key: &str) -> Option<&KeyUse> {
        self.0.get(&field)?.get(key)
    }
}

/// A census while it is taken. Keys are few and shared by many clients, as are whole lists of them: what is at an address that
/// was seen before is not compared again.
#[derive(Default)]
struct Tally<'a> {
    uses: Vec<(Field, &'a Arc<str>, KeyUse)>,
    by_key: HashMap<(Field, &'a str), usize>,
    by_address: HashMap<(Field, *const str), usize>,
    /// The lists that were met last, each with the places of its keys.
    lists: Vec<CountedList<'a>>,
}

/// A list of keys, and the place of each among all.
struct CountedList<'a> {
    field: Field,
    keys: &'a [Arc<str>],
    places: Rc<[usize]>,
}

impl<'a> Tally<'a> {
    /// So many lists are known by their address: most trees have fewer.
    const MOST_LISTS: usize = 16;

    fn declare(&mut self, definition: &'a Definition) {
        for (field, entries) in definition.spec.entries() {
            let Some(entries) = entries else { continue };
            let places = self.places(field, entries.keys().as_slice());
            for ((_, declared), place) in entries.iter().zip(&*places) {
                self.uses[*place].2.declare(declared);
            }
        }
    }

    fn hold(&mut self, client: &'a LiveClient, definition: Option<&Definition>) {
        for (field, entries) in client.content.entries() {
            let Some(entries) = entries.known() else { continue };
            let own = definition.and_then(|one| one.spec.entries().find(|(other, _)| *other == field)?.1.as_ref());
            let places = self.places(field, entries.keys().as_slice());
            let mut own = own.into_iter().flat_map(|own| own.values().iter()).peekable();
            for ((key, value), place) in entries.iter().zip(&*places) {
                // Both sides are in the order of their keys.
                while own.next_if(|(other, _)| !Arc::ptr_eq(other, key) && *other < key).is_some() {}
                let declared = own.next_if(|(other, _)| *other == key).map(|(_, declared)| declared);
                self.uses[*place].2.hold(value, declared);
            }
        }
    }

    /// Gives the places of the keys of a list.
    fn places(&mut self, field: Field, keys: &'a [Arc<str>]) -> Rc<[usize]> {
        let same = |list: &&CountedList<'_>| list.field == field && std::ptr::eq(list.keys, keys);
        if let Some(list) = self.lists.iter().rfind(same) {
            return Rc::clone(&list.places);
        }
        let places: Rc<[usize]> = keys.iter().map(|key| self.place(field, key)).collect();
        if self.lists.len() == Self::MOST_LISTS {
            self.lists.remove(0);
        }
        self.lists.push(CountedList { field, keys, places: Rc::clone(&places) });
        places
    }

    fn place(&mut self, field: Field, key: &'a Arc<str>) -> usize {
        let Self { uses, by_key, by_address, lists: _ } = self;
        *by_address.entry((field, Arc::as_ptr(key))).or_insert_with(|| {
            *by_key.entry((field, key)).or_insert_with(|| {
                uses.push((field, key, KeyUse::default()));
                uses.len() - 1
            })
        })
    }

    fn census(self) -> Census {
        let mut census = Census::default();
        for (field, key, used) in self.uses {
            census.0.entry(field).or_default().insert(Arc::clone(key), used);
        }
        census
    }
}

/// Which definition a live client belongs to: by its pin, else by its scope.
struct Owners<'a> {
    pins: HashMap<&'a ClientId, &'a Definition>,
    scopes: HashMap<&'a Scope, &'a Definition>,
}

impl<'a> Owners<'a> {
    fn of(desired: &'a Desired) -> Self {
        let all = || desired.definitions();
        Self {
            pins: all().filter_map(|one| Some((&one.id.as_ref()?.value, one))).collect(),
            scopes: all().map(|one| (&one.scope, one)).collect(),
        }
    }

    fn find(&self, client: &LiveClient) -> Option<&'a Definition> {
        self.pins.get(&client.id).or_else(|| self.scopes.get(&client.scope)).copied()
    }
}
