//! Values by key, in the order of the keys, in one piece of memory that copies share.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Values by key, in the order of the keys. A copy costs nothing: there are as many as clients, and most are never changed.
pub(crate) struct Keyed<V>(Option<Arc<[KeyedPair<V>]>>);

type KeyedPair<V> = (Arc<str>, V);

impl<V> Keyed<V> {
    /// Makes one without keys.
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    fn pairs(&self) -> &[(Arc<str>, V)] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Gives the place in memory, which copies share.
    pub(crate) fn address(&self) -> *const () {
        self.pairs().as_ptr().cast()
    }

    /// Counts the keys.
    pub(crate) fn len(&self) -> usize {
        self.pairs().len()
    }

    /// Tells whether there is no key.
    pub(crate) fn is_empty(&self) -> bool {
        self.pairs().is_empty()
    }

    /// Gives the value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        let at = self.pairs().binary_search_by(|(other, _)| (**other).cmp(key)).ok()?;
        Some(&self.pairs()[at].1)
    }

    /// Tells whether a key is there.
    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Gives the pairs, in order.
    pub(crate) fn iter(&self) -> KeyedPairs<'_, V> {
        self.pairs().iter().map(|(key, value)| (key, value))
    }

    /// Gives the keys, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.pairs().iter().map(|(key, _)| key)
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
}

impl<V: Clone> Keyed<V> {
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
        *self = self.under(&Self(Some([(key, value)].into())));
    }

    /// Takes a key out, for all who do not share it.
    pub(crate) fn remove(&mut self, key: &str) {
        *self = self.without(|other| other == key);
    }
}

/// The pairs of a [`Keyed`], in order.
pub(crate) type KeyedPairs<'a, V> =
    std::iter::Map<std::slice::Iter<'a, KeyedPair<V>>, fn(&'a KeyedPair<V>) -> (&'a Arc<str>, &'a V)>;

impl<V> Clone for Keyed<V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<V> Default for Keyed<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: PartialEq> PartialEq for Keyed<V> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) if Arc::ptr_eq(one, other) => true,
            _ => self.pairs() == other.pairs(),
        }
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
        let mut pairs: Vec<(Arc<str>, V)> = pairs.into_iter().collect();
        if !pairs.is_sorted_by(|(one, _), (next, _)| one < next) {
            pairs.reverse();
            pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
            pairs.dedup_by(|(later, _), (first, _)| later == first);
        }
        if pairs.is_empty() { Self::new() } else { Self(Some(pairs.into())) }
    }
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
}
