//! Values by key, in the order of the keys, in memory that copies share. Keys and values lie apart: most clients have the
//! same keys as others.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Values by key, in the order of the keys. A copy costs nothing: there are as many as clients, and most are never changed.
pub(crate) struct Keyed<V> {
    keys: KeyList,
    values: Option<Arc<[V]>>,
}

/// Keys in their order, which copies share.
type KeyList = Option<Arc<[Arc<str>]>>;

/// What is met again, each kept once: lists of keys, and of keys with their values.
#[derive(Debug)]
pub(crate) struct KnownLists<V> {
    keys: Vec<Arc<[Arc<str>]>>,
    whole: Vec<Keyed<V>>,
}

impl<V> Default for KnownLists<V> {
    fn default() -> Self {
        Self { keys: Vec::new(), whole: Vec::new() }
    }
}

impl<V> KnownLists<V> {
    /// So many of each are kept, those that were met last: most trees have fewer.
    const MOST: usize = 16;

    /// Lets values share the list of their keys with those that had the same ones before, and all of it where the values are
    /// the `same` too. Keys are the same where they are one text in memory.
    pub(crate) fn share(&mut self, entries: &mut Keyed<V>, same: impl Fn(&V, &V) -> bool) {
        let Some(keys) = &entries.keys else { return };
        let same_keys = |known: &Arc<[Arc<str>]>| {
            known.len() == keys.len() && known.iter().zip(&**keys).all(|(one, other)| Arc::ptr_eq(one, other))
        };
        match self.keys.iter().rposition(same_keys) {
            Some(at) => entries.keys = Some(Arc::clone(&self.keys[at])),
            None => remember(&mut self.keys, Arc::clone(keys), Self::MOST),
        }
        let same_values = |known: &&Keyed<V>| {
            known.keys_address() == entries.keys_address()
                && known.values().iter().zip(entries.values()).all(|(one, other)| same(one, other))
        };
        match self.whole.iter().rfind(same_values) {
            Some(known) => *entries = known.clone(),
            None => remember(&mut self.whole, entries.clone(), Self::MOST),
        }
    }
}

fn remember<T>(known: &mut Vec<T>, new: T, most: usize) {
    if known.len() == most {
        known.remove(0);
    }
    known.push(new);
}

impl<V> Keyed<V> {
    /// Makes one without keys.
    pub(crate) const fn new() -> Self {
        Self { keys: None, values: None }
    }

    fn key_list(&self) -> &[Arc<str>] {
        self.keys.as_deref().unwrap_or_default()
    }

    /// Gives the values, in the order of their keys.
    pub(crate) fn values(&self) -> &[V] {
        self.values.as_deref().unwrap_or_default()
    }

    /// Gives the place in memory, which copies share.
    pub(crate) fn address(&self) -> *const () {
        self.values().as_ptr().cast()
    }

    /// Counts the keys.
    pub(crate) fn len(&self) -> usize {
        self.key_list().len()
    }

    /// Tells whether there is no key.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_none()
    }

    /// Gives the place of a key among all.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        self.key_list().binary_search_by(|other| (**other).cmp(key)).ok()
    }

    /// Gives the key at a place and its value.
    pub(crate) fn at(&self, place: usize) -> Option<(&Arc<str>, &V)> {
        self.key_list().get(place).zip(self.values().get(place))
    }

    /// Gives the value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.values().get(self.position(key)?)
    }

    /// Tells whether a key is there.
    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// Gives the pairs, in order.
    pub(crate) fn iter(&self) -> KeyedPairs<'_, V> {
        self.key_list().iter().zip(self.values())
    }

    /// Gives the keys, in order.
    pub(crate) fn keys(&self) -> std::slice::Iter<'_, Arc<str>> {
        self.key_list().iter()
    }

    /// Gives where its keys lie: what has the same keys at the same place needs to be looked at once.
    pub(crate) fn keys_address(&self) -> *const Arc<str> {
        self.key_list().as_ptr()
    }

    /// Tells whether this is a copy of another one, which shares all of it.
    pub(crate) fn is_copy_of(&self, other: &Self) -> bool {
        match (&self.values, &other.values) {
            (Some(one), Some(other_values)) => {
                Arc::ptr_eq(one, other_values) && self.keys_address() == other.keys_address()
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Shares the list of keys with other values that have the same ones, in memory too.
    #[must_use]
    pub(crate) fn with_keys_of(self, other: &Self) -> Self {
        let same =
            self.len() == other.len() && self.keys().zip(other.keys()).all(|(one, other)| Arc::ptr_eq(one, other));
        if same { Self { keys: other.keys.clone(), ..self } } else { self }
    }
}

impl<V: Clone> Keyed<V> {
    /// Lays other values over these: theirs win.
    #[must_use]
    pub(crate) fn under(&self, upper: &Self) -> Self {
        match (self.is_empty(), upper.is_empty()) {
            (true, _) => return upper.clone(),
            (_, true) => return self.clone(),
            (false, false) => {}
        }
        self.iter().chain(upper.iter()).map(|(key, value)| (Arc::clone(key), value.clone())).collect()
    }

    /// Gives what is left without certain keys.
    #[must_use]
    pub(crate) fn without(&self, leaves: impl Fn(&str) -> bool) -> Self {
        if self.keys().any(|key| leaves(key)) {
            let kept = self.iter().filter(|(key, _)| !leaves(key));
            return kept.map(|(key, value)| (Arc::clone(key), value.clone())).collect();
        }
        self.clone()
    }

    /// Puts a value in the place of what a key has, for all who do not share it.
    pub(crate) fn insert(&mut self, key: Arc<str>, value: V) {
        *self = self.under(&Self::from_iter([(key, value)]));
    }

    /// Takes a key out, for all who do not share it.
    pub(crate) fn remove(&mut self, key: &str) {
        *self = self.without(|other| other == key);
    }
}

/// The pairs of a [`Keyed`], in order.
pub(crate) type KeyedPairs<'a, V> = std::iter::Zip<std::slice::Iter<'a, Arc<str>>, std::slice::Iter<'a, V>>;

impl<V> Clone for Keyed<V> {
    fn clone(&self) -> Self {
        Self { keys: self.keys.clone(), values: self.values.clone() }
    }
}

impl<V> Default for Keyed<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: PartialEq> PartialEq for Keyed<V> {
    fn eq(&self, other: &Self) -> bool {
        self.is_copy_of(other) || self.keys == other.keys && self.values() == other.values()
    }
}

impl<V: Eq> Eq for Keyed<V> {}

impl<V: fmt::Debug> fmt::Debug for Keyed<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<V> FromIterator<(Arc<str>, V)> for Keyed<V> {
    /// Puts the pairs in order; of equal keys the last one wins.
    fn from_iter<I: IntoIterator<Item = (Arc<str>, V)>>(pairs: I) -> Self {
        let (keys, values): (Vec<_>, Vec<_>) = in_order(pairs.into_iter().collect()).into_iter().unzip();
        if keys.is_empty() { Self::new() } else { Self { keys: Some(keys.into()), values: Some(values.into()) } }
    }
}

/// Puts pairs in the order of their keys; of equal keys the last one stays.
pub(super) fn in_order<V>(mut pairs: Vec<(Arc<str>, V)>) -> Vec<(Arc<str>, V)> {
    if !pairs.is_sorted_by(|(one, _), (next, _)| one < next) {
        pairs.reverse();
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        pairs.dedup_by(|(later, _), (first, _)| later == first);
    }
    pairs
}

impl<'a, V> IntoIterator for &'a Keyed<V> {
    type Item = (&'a Arc<str>, &'a V);
    type IntoIter = KeyedPairs<'a, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<V: Serialize> Serialize for Keyed<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(key, value)| map.serialize_entry(&**key, value))?;
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Keyed<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeyedVisitor(PhantomData))
    }
}

struct KeyedVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for KeyedVisitor<V> {
    type Value = Keyed<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or_default().min(1024));
        while let Some((key, value)) = map.next_entry::<String, V>()? {
            pairs.push((Arc::from(key), value));
        }
        Ok(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(pairs in prop::collection::vec(("[a-c]{0,2}", any::<u8>()), 0..9), upper in prop::collection::vec(("[a-c]{0,2}", any::<u8>()), 0..9)) {
            let shared = |pairs: &[(String, u8)]| -> Vec<(Arc<str>, u8)> { pairs.iter().map(|(key, value)| (key.as_str().into(), *value)).collect() };
            let (pairs, upper) = (shared(&pairs), shared(&upper));
            let (mut map, keyed): (BTreeMap<_, _>, Keyed<u8>) = (pairs.iter().cloned().collect(), pairs.iter().cloned().collect());
            prop_assert!(keyed.iter().eq(&map));
            prop_assert_eq!(keyed.get("a"), map.get("a"));
            let text = serde_json::to_string(&keyed).expect("a document");
            prop_assert_eq!(&text, &serde_json::to_string(&map).expect("a document"));
            prop_assert_eq!(&serde_json::from_str::<Keyed<u8>>(&text).expect("a map"), &keyed);
            map.extend(upper.iter().cloned());
            prop_assert!(keyed.under(&upper.into_iter().collect()).iter().eq(&map));
        }
    }

    #[test]
    fn equal_lists_are_kept_once() {
        let key: [Arc<str>; 2] = ["a".into(), "b".into()];
        let of = |keys: &[&Arc<str>], value| keys.iter().map(|key| (Arc::clone(key), value)).collect::<Keyed<u8>>();
        let mut lists = KnownLists::default();
        let mut all = [of(&[&key[0], &key[1]], 1), of(&[&key[0]], 1), of(&[&key[0], &key[1]], 2), of(&[&key[0]], 1)];
        let before = all.clone();
        all.iter_mut().for_each(|one| lists.share(one, u8::eq));
        assert!(all == before);
        assert_eq!(all[0].keys_address(), all[2].keys_address());
        assert_ne!(all[0].keys_address(), all[1].keys_address());
        assert!(!all[0].is_copy_of(&all[2]) && all[1].is_copy_of(&all[3]));
        for number in 0..100 {
            lists.share(&mut of(&[&key[0], &key[1]], number), u8::eq);
        }
        assert_eq!((lists.keys.len(), lists.whole.len()), (2, KnownLists::<u8>::MOST));
    }
}
