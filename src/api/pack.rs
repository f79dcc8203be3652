//! `Policies` and `Settings` of an answer. What is as git says is seen while it is read and shares git's values: most clients
//! are in sync, and nothing is made of them.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::cell::{NUMBER_TOKEN, unreadable};
use super::shape::{Single, doubled, reserved_keys};
use crate::model::{Content, DeclaredEntries, Desired, Entries, Field, Json, Nullable, Observed, Scope, SharedValues};

/// What repeats from client to client, each kept once: keys of policies and settings, names of servers, values.
#[derive(Debug, Default)]
pub(super) struct Texts {
    shared: Mutex<HashSet<Arc<str>>>,
    values: Mutex<SharedValues>,
    expected: RwLock<Option<ExpectedClients>>,
}

/// What git says of the clients of each scope, by a sum over it: whatever is found here is compared before it is believed.
#[derive(Debug)]
struct ExpectedClients {
    sums: RandomState,
    clients: HashMap<u64, ExpectedClient>,
}

/// The entries of a client as git says them, empty where it says nothing.
pub(super) type ExpectedClient = Content<(), Entries>;

impl Texts {
    /// Beyond this many, texts are no longer shared: a hostile server must not fill the memory.
    const MOST: usize = 1 << 16;

    pub(super) fn share(&self, text: &str) -> Arc<str> {
        let mut texts = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = texts.get(text) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = text.into();
        if texts.len() < Self::MOST {
            texts.insert(Arc::clone(&shared));
        }
        shared
    }

    /// Takes what git says, which the server mostly says too.
    pub(super) fn expect(&self, desired: &Desired) {
        let sums = RandomState::new();
        let values = |entries: Option<&DeclaredEntries>| entries.map(|one| one.values().clone()).unwrap_or_default();
        let clients = desired.clients.values().map(|definition| {
            let expected = definition.spec.as_ref().map(|_, _| (), |_, entries| values(entries.as_ref()));
            (sums.hash_one(&definition.scope), expected)
        });
        let clients = clients.collect();
        *self.expected.write().unwrap_or_else(PoisonError::into_inner) = Some(ExpectedClients { sums, clients });
    }

    /// Gives what git says of the client of a scope.
    pub(super) fn expected(&self, scope: &Scope) -> Option<ExpectedClient> {
        let expected = self.expected.read().unwrap_or_else(PoisonError::into_inner);
        let ExpectedClients { sums, clients } = expected.as_ref()?;
        clients.get(&sums.hash_one(scope)).cloned()
    }

    /// Makes an entry, of what is expected where it is the same.
    fn entry(&self, key: &str, value: Value, expected: &Entries) -> (Arc<str>, Json) {
        match expected.position(key).and_then(|place| expected.at(place)) {
            Some((key, expected)) if *expected.value() == value => (Arc::clone(key), expected.clone()),
            Some((key, _)) => (Arc::clone(key), self.share_value(value)),
            None => (self.share(key), self.share_value(value)),
        }
    }

    fn share_value(&self, value: Value) -> Json {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).share(value)
    }
}

/// `Policies` or `Settings` as they are written; `None` if the key is not there.
#[derive(Default)]
pub(super) struct RawPack<'a>(Option<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for RawPack<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw)))
    }
}

impl RawPack<'_> {
    /// Reads the entries, which are mostly those that git says.
    pub(super) fn read(
        self,
        field: Field,
        expected: Option<&ExpectedClient>,
        texts: &Texts,
    ) -> Result<Observed<Nullable<Entries>>, String> {
        let Some(raw) = self.0 else { return Ok(Observed::Unread) };
        let expected = expected.and_then(|client| client.entries().find(|(other, _)| *other == field)).map(|one| one.1);
        if let Some(expected) = expected.filter(|expected| is_written(expected, raw.get())) {
            return Ok(Observed::Known(expected.clone().into()));
        }
        let pack: Pack = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
        Ok(pack.observed(field.api_name(), expected, texts))
    }
}

/// Tells whether a JSON object holds exactly these entries, each once and written as it is here. It may hold them all the same
/// where this says no.
fn is_written(entries: &Entries, json: &str) -> bool {
    let mut reader = serde_json::Deserializer::from_str(json);
    !entries.is_empty() && json.starts_with('{') && SameEntries(entries).deserialize(&mut reader).is_ok()
}

/// Reads an object and fails at the first difference.
struct SameEntries<'e>(&'e Entries);

impl<'de> DeserializeSeed<'de> for SameEntries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for SameEntries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(entries) = self;
        let mut met = vec![false; entries.len()];
        let mut next = 0;
        while let Some(place) = map.next_key_seed(SameKey { entries, next })? {
            let (Some((_, value)), false) = (entries.at(place), std::mem::replace(&mut met[place], true)) else {
                return Err(A::Error::custom("it stands twice"));
            };
            map.next_value_seed(SameValue(value.value()))?;
            next = place + 1;
        }
        if met.contains(&false) { Err(A::Error::custom("something is missing")) } else { Ok(()) }
    }
}

/// Finds the place of a key, which is mostly the next one.
struct SameKey<'e> {
    entries: &'e Entries,
    next: usize,
}

impl<'de> DeserializeSeed<'de> for SameKey<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for SameKey<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of the keys")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<usize, E> {
        let is_next = self.entries.at(self.next).is_some_and(|(next, _)| **next == *key);
        let place = if is_next { Some(self.next) } else { self.entries.position(key) };
        place.ok_or_else(|| E::custom("it is another key"))
    }
}

/// Reads a value and fails unless it is written the same.
struct SameValue<'e>(&'e Value);

impl SameValue<'_> {
    fn is<E: serde::de::Error>(same: bool) -> Result<(), E> {
        if same { Ok(()) } else { Err(E::custom("it is another value")) }
    }
}

impl<'de> DeserializeSeed<'de> for SameValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            Value::Array(_) | Value::Object(_) => {
                let Single(value) = Single::deserialize(deserializer)?;
                Self::is(value.as_ref() == Some(self.0))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for SameValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same value")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        Self::is(self.0.as_str() == Some(text))
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<(), E> {
        Self::is(self.0.as_bool() == Some(truth))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Self::is(self.0.is_null())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        Self::is(self.0.as_u64() == Some(number))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        Self::is(self.0.as_i64() == Some(number))
    }

    /// A number of any other size comes as a map of one key, which no other map has: such keys were looked for before.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Value::Number(number) = self.0 else { return Self::is(false) };
        if map.next_key::<String>()?.as_deref() != Some(NUMBER_TOKEN) {
            return Self::is(false);
        }
        Self::is(map.next_value::<String>()? == number.as_str())
    }
}

/// `Policies` or `Settings`, as an object or as JSON inside a string.
#[derive(Default)]
enum Pack {
    /// The key is not there.
    #[default]
    Absent,
    Null,
    Entries(Vec<(String, Value)>),
    /// An object in which a key stands twice.
    Doubled,
    /// Something that is no object, in whatever form.
    Other,
}

impl Pack {
    fn observed(self, name: &str, expected: Option<&Entries>, texts: &Texts) -> Observed<Nullable<Entries>> {
        let nothing = Entries::new();
        let expected = expected.unwrap_or(&nothing);
        match self {
            Self::Absent => Observed::Unread,
            Self::Null => Observed::Known(Nullable::default()),
            Self::Entries(entries) => {
                let entries = entries.into_iter().map(|(key, value)| texts.entry(&key, value, expected));
                Observed::Known(entries.collect::<Entries>().with_keys_of(expected).into())
            }
            Self::Doubled => unreadable(name, "in which a key stands twice"),
            Self::Other => unreadable(name, "that is neither an object nor one in a string"),
        }
    }
}

impl<'de> Deserialize<'de> for Pack {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PackVisitor::Field)
    }
}

/// Builds a [`Pack`]; a string is opened once, and not again inside.
#[derive(Clone, Copy)]
enum PackVisitor {
    Field,
    InsideText,
}

struct TextPack(Pack);

impl<'de> Deserialize<'de> for TextPack {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PackVisitor::InsideText).map(Self)
    }
}

impl<'de> Visitor<'de> for PackVisitor {
    type Value = Pack;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, or one in a string")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pack, A::Error> {
        let (mut entries, mut single) = (Vec::new(), true);
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER_TOKEN {
                map.next_value::<IgnoredAny>()?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(Pack::Other);
            }
            match map.next_value::<Single>()? {
                Single(Some(value)) => entries.push((key, value)),
                Single(None) => single = false,
            }
        }
        Ok(if single && doubled(&entries).is_none() { Pack::Entries(entries) } else { Pack::Doubled })
    }

    fn visit_str<E>(self, text: &str) -> Result<Pack, E> {
        Ok(match self {
            Self::Field if text.trim().is_empty() => Pack::Entries(Vec::new()),
            Self::Field if reserved_keys(text.as_bytes()) > 0 => Pack::Other,
            Self::Field => serde_json::from_str::<TextPack>(text).map_or(Pack::Other, |TextPack(pack)| pack),
            Self::InsideText => Pack::Other,
        })
    }

    fn visit_unit<E>(self) -> Result<Pack, E> {
        Ok(Pack::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Pack, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Pack::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Pack, E> {
        Ok(Pack::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Pack, E> {
        Ok(Pack::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Pack, E> {
        Ok(Pack::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Pack, E> {
        Ok(Pack::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(json: &str) -> Entries {
        serde_json::from_str(json).expect("entries")
    }

    #[test]
    fn what_is_written_as_expected_is_seen_as_such_and_nothing_else_is() {
        let numbers = entries(r#"{"a":1,"b":-2,"c":12345678901234567890123,"d":1.50}"#);
        assert!(is_written(&numbers, r#"{"a":1,"b":-2,"c":12345678901234567890123,"d":1.50}"#));
        for other in ["2", "-1", "1.0", "1e0", "\"1\""] {
            assert!(!is_written(&entries(r#"{"a":1}"#), &format!(r#"{{"a":{other}}}"#)), "{other}");
        }
        let expected = entries(r#"{"a":true,"b":"x","c":1.0,"d":null,"e":[1,{"f":2}],"\u0067":{}}"#);
        for same in [
            r#"{"a":true,"b":"x","c":1.0,"d":null,"e":[1,{"f":2}],"g":{}}"#,
            r#" {"g": {}, "e": [1, {"f": 2}], "d": null, "c": 1.0, "b": "\u0078", "a": true} "#.trim(),
        ] {
            assert!(is_written(&expected, same), "{same}");
        }
        for other in [
            r#"{"a":true,"b":"x","c":1,"d":null,"e":[1,{"f":2}],"g":{}}"#,
            r#"{"a":true,"b":"x","c":1.0,"d":null,"e":[1,{"f":2}]}"#,
            r#"{"a":true,"b":"x","c":1.0,"d":null,"e":[1,{"f":2}],"g":{},"h":1}"#,
            r#"{"a":true,"a":true,"b":"x","c":1.0,"d":null,"e":[1,{"f":2}],"g":{}}"#,
            r#"{"a":true,"b":"x","c":1.0,"d":null,"e":[1,{"f":2,"f":2}],"g":{}}"#,
            r#"{"a":"true","b":"x","c":1.0,"d":null,"e":[1,{"f":2}],"g":{}}"#,
            r#"{"a":true,"b":"x","c":"1.0","d":null,"e":[1,{"f":2}],"g":{}}"#,
            r#"{"a":true,"b":"x","c":1.0,"d":false,"e":[1,{"f":2}],"g":{}}"#,
            "[]",
            "null",
            r#""{}""#,
        ] {
            assert!(!is_written(&expected, other), "{other}");
        }
        assert!(!is_written(&Entries::new(), "{}"), "nothing is shared of what is empty");
    }

    #[test]
    fn what_differs_shares_all_that_does_not() {
        let expected = entries(r#"{"a":"x","b":"y","c":"z"}"#);
        let read = |json: &str| {
            let raw: Box<RawValue> = serde_json::from_str(json).expect("JSON");
            let client = ExpectedClient { settings: expected.clone(), ..ExpectedClient::default() };
            RawPack(Some(&*raw)).read(Field::Settings, Some(&client), &Texts::default()).expect("entries")
        };
        let Observed::Known(same) = read(r#"{"c":"z","b":"y","a":"x"}"#) else { panic!("it is known") };
        assert!(same.is_copy_of(&expected));
        let Observed::Known(other) = read(r#"{"a":"x","b":"other","c":"z"}"#) else { panic!("it is known") };
        assert_eq!(*other, entries(r#"{"a":"x","b":"other","c":"z"}"#));
        assert_eq!(other.keys_address(), expected.keys_address());
        assert!(other.get("a").is_some_and(|value| value.is_copy_of(&expected.values()[0])));
        let Observed::Known(fewer) = read(r#"{"a":"x"}"#) else { panic!("it is known") };
        assert_eq!(*fewer, entries(r#"{"a":"x"}"#));
    }
}
