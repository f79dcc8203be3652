//! The keys that git declares of `policies` or `settings`, each with the place where it was written.

use std::sync::Arc;

use super::keyed::in_order;
use super::{Declared, Entries, FilePath, Json, Keyed, KnownLists, Location};

/// Keys of `policies` or `settings` with the place of each. Values lie apart from places: a live client that is in sync shares
/// the values, and clients that are laid out alike share the places. Those of a fleet that have nothing of their own share all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DeclaredEntries(Arc<PlacedEntries>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct PlacedEntries {
    values: Entries,
    places: EntryPlaces,
}

/// Where values were written, in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
enum EntryPlaces {
    /// In one file: from a line on, by the lines from there and the columns.
    Near { file: FilePath, line: u32, steps: Arc<[PlaceStep]> },
    /// Wherever.
    Far(Arc<[Location]>),
}

/// The lines from the first line of all, and the column.
type PlaceStep = (u32, u32);

/// A value that is declared, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeclaredValue<'a> {
    pub(crate) value: &'a Json,
    places: &'a EntryPlaces,
    index: usize,
}

impl DeclaredValue<'_> {
    /// Tells where it was written.
    pub(crate) fn at(&self) -> Location {
        self.places.get(self.index)
    }

    fn declared(&self) -> Declared<Json> {
        Declared { value: self.value.clone(), at: self.at() }
    }
}

impl Default for EntryPlaces {
    fn default() -> Self {
        Self::Far(Arc::default())
    }
}

impl EntryPlaces {
    fn of(places: Vec<Location>) -> Self {
        let Some(first) = places.first().filter(|first| places.iter().all(|place| place.file == first.file)) else {
            return Self::Far(places.into());
        };
        let line = places.iter().map(|place| place.line).min().unwrap_or_default();
        let steps = places.iter().map(|place| (place.line - line, place.column)).collect();
        Self::Near { file: first.file.clone(), line, steps }
    }

    fn get(&self, index: usize) -> Location {
        match self {
            Self::Near { file, line, steps } => {
                let (lines, column) = steps[index];
                Location { file: file.clone(), line: line + lines, column }
            }
            Self::Far(places) => places[index].clone(),
        }
    }
}

/// What entries of many definitions repeat, kept once.
#[derive(Debug, Default)]
pub(crate) struct KnownEntries {
    lists: KnownLists<Json>,
    steps: Vec<Arc<[PlaceStep]>>,
}

impl KnownEntries {
    /// So many ways to lay out entries are kept, those that were met last.
    const MOST: usize = 16;

    /// Lets entries share what others had before. Values are the same where they are one in memory.
    pub(crate) fn share(&mut self, entries: &mut DeclaredEntries) {
        // Those of a profile are shared as they are.
        let Some(PlacedEntries { values, places }) = Arc::get_mut(&mut entries.0) else { return };
        self.lists.share(values, Json::is_copy_of);
        let EntryPlaces::Near { steps, .. } = places else { return };
        if let Some(known) = self.steps.iter().rfind(|known| *known == steps) {
            *steps = Arc::clone(known);
            return;
        }
        if self.steps.len() == Self::MOST {
            self.steps.remove(0);
        }
        self.steps.push(Arc::clone(steps));
    }
}

impl DeclaredEntries {
    /// Gives the values without their places.
    pub(crate) fn values(&self) -> &Entries {
        &self.0.values
    }

    /// Counts the keys.
    pub(crate) fn len(&self) -> usize {
        self.values().len()
    }

    /// Tells whether there is no key.
    pub(crate) fn is_empty(&self) -> bool {
        self.values().is_empty()
    }

    /// Tells whether a key is there.
    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.values().contains_key(key)
    }

    /// Gives the keys, in order.
    pub(crate) fn keys(&self) -> std::slice::Iter<'_, Arc<str>> {
        self.values().keys()
    }

    /// Gives the value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<DeclaredValue<'_>> {
        let PlacedEntries { values, places } = &*self.0;
        let index = values.position(key)?;
        Some(DeclaredValue { value: values.values().get(index)?, places, index })
    }

    /// Gives keys and values, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, DeclaredValue<'_>)> {
        let PlacedEntries { values, places } = &*self.0;
        values.iter().enumerate().map(|(index, (key, value))| (key, DeclaredValue { value, places, index }))
    }

    /// Lays other values over these: theirs win.
    #[must_use]
    pub(crate) fn under(&self, upper: &Self) -> Self {
        match (self.is_empty(), upper.is_empty()) {
            (true, _) => return upper.clone(),
            (_, true) => return self.clone(),
            (false, false) => {}
        }
        self.iter().chain(upper.iter()).map(|(key, one)| (Arc::clone(key), one.declared())).collect()
    }

    /// Gives what is left without certain keys.
    #[must_use]
    pub(crate) fn without(&self, leaves: impl Fn(&str) -> bool) -> Self {
        if self.keys().any(|key| leaves(key)) {
            let kept = self.iter().filter(|(key, _)| !leaves(key));
            return kept.map(|(key, one)| (Arc::clone(key), one.declared())).collect();
        }
        self.clone()
    }
}

impl FromIterator<(Arc<str>, Declared<Json>)> for DeclaredEntries {
    /// Puts the pairs in order; of equal keys the last one wins.
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Declared<Json>)>>(pairs: I) -> Self {
        let pairs = in_order(pairs.into_iter().collect());
        let mut places = Vec::with_capacity(pairs.len());
        let values = pairs.into_iter().map(|(key, Declared { value, at })| {
            places.push(at);
            (key, value)
        });
        let values = values.collect::<Keyed<Json>>();
        Self(Arc::new(PlacedEntries { values, places: EntryPlaces::of(places) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(file: &FilePath, line: u32, column: u32) -> Location {
        Location { file: file.clone(), line, column }
    }

    fn entries(pairs: &[(&Arc<str>, bool, Location)]) -> DeclaredEntries {
        let one = |(key, value, at): &(&Arc<str>, bool, Location)| {
            (Arc::clone(key), Declared { value: Json::from(*value), at: at.clone() })
        };
        pairs.iter().map(one).collect()
    }

    #[test]
    fn every_value_keeps_its_place() {
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let (one, other) = (FilePath::from("one.yaml"), FilePath::from("other.yaml"));
        let own = entries(&[(&b, true, at(&one, 4, 3)), (&a, true, at(&one, 9, 5))]);
        let places = |entries: &DeclaredEntries| entries.iter().map(|(_, one)| one.at()).collect::<Vec<_>>();
        assert_eq!(places(&own), [at(&one, 9, 5), at(&one, 4, 3)]);
        let profile = entries(&[(&a, false, at(&other, 2, 1))]);
        let laid = profile.under(&own);
        assert_eq!(places(&laid), places(&own));
        let laid = own.under(&profile);
        assert_eq!(places(&laid), [at(&other, 2, 1), at(&one, 4, 3)]);
        assert_eq!(laid.get("a").map(|one| one.value.clone()), Some(Json::from(false)));
        assert_eq!(places(&laid.without(|key| key == "a")), [at(&one, 4, 3)]);
    }

    #[test]
    fn entries_that_are_written_alike_share_all_but_the_file() {
        let key: Arc<str> = "a".into();
        let written = |file: &str, line| entries(&[(&key, true, at(&FilePath::from(file), line, 3))]);
        let (mut one, mut other) = (written("one.yaml", 4), written("other.yaml", 40));
        let mut known = KnownEntries::default();
        known.share(&mut one);
        known.share(&mut other);
        assert!(one.values().is_copy_of(other.values()));
        let (EntryPlaces::Near { steps: first, .. }, EntryPlaces::Near { steps: second, .. }) =
            (&one.0.places, &other.0.places)
        else {
            panic!("each is in one file")
        };
        assert!(Arc::ptr_eq(first, second));
        assert_eq!(other, written("other.yaml", 40));
    }
}
