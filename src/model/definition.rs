//! The desired side: what git says of each client.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{
    ClientId, ClientName, Content, Declared, DeclaredEntries, Exception, Field, FieldPattern, Location, Nullable,
    Scope, Shard,
};

/// Everything that git defines, after profiles, fleets and variables are expanded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Desired {
    /// The definitions by name. Trees that are compared share those that they have alike.
    pub clients: BTreeMap<ClientName, Arc<Definition>>,
    /// `sha256:…` over the paths and bytes of every file that was read.
    pub digest: String,
    /// The files that were read, relative to the folder of the configuration.
    pub(crate) files: BTreeSet<String>,
}

/// What git says of one client.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    /// The name, unique in the tree.
    pub name: ClientName,
    /// What the client applies to.
    pub scope: Scope,
    /// Where that is written: the line of the device for a client of a fleet.
    pub scope_at: Location,
    /// The pin: the id of the live client that this definition means.
    pub id: Option<Box<Declared<ClientId>>>,
    /// Whether the client shall exist.
    pub state: Presence,
    /// The content that git manages.
    pub spec: Spec,
    /// What happens to live keys that git does not list.
    pub owns: Owns,
    /// What keeps its live value whatever git says.
    pub ignore: Arc<[FieldPattern]>,
    /// What the configuration leaves alone for a while.
    pub exceptions: Arc<[Arc<Exception>]>,
    /// The profiles that took part, direct and inherited, for `--select profile=NAME`.
    pub profiles: Arc<[Arc<str>]>,
    /// Where the definition begins: the fleet's document for a client of a fleet.
    pub at: Location,
    /// The last line of that document.
    pub until: u32,
    /// Whether that document has a line for a pin.
    pub pin_place: PinPlace,
}

/// Whether a definition has a line for an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PinPlace {
    /// Its own document.
    Document,
    /// None: it is one of a fleet.
    Fleet,
}

impl Definition {
    /// Gives what keeps its live value whatever git says: for good, and for a while.
    pub(crate) fn left_alone(&self) -> Cow<'_, [FieldPattern]> {
        if self.exceptions.is_empty() {
            return Cow::Borrowed(&self.ignore);
        }
        let excepted = self.exceptions.iter().flat_map(|exception| &exception.fields);
        Cow::Owned(self.ignore.iter().chain(excepted).cloned().collect())
    }

    /// Gives the exception that covers a field, or one key of it: the one that ends last.
    pub(crate) fn excepted(&self, field: Field, key: Option<&str>) -> Option<&Arc<Exception>> {
        let covering = self.exceptions.iter().filter(|exception| exception.covers(field, key));
        covering.max_by_key(|exception| exception.until)
    }

    /// Tells where a value was written that the definition has.
    pub(crate) fn origin(&self, at: &Location) -> Origin {
        let own = at.file == self.at.file && (self.at.line..=self.until).contains(&at.line);
        if own { Origin::Own } else { Origin::Inherited }
    }
}

/// Where a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Origin {
    /// In the client's own document, or in that of its fleet.
    #[default]
    Own,
    /// In a profile.
    Inherited,
}

/// Whether a client shall exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Presence {
    /// It shall exist.
    #[default]
    Present,
    /// It shall not: it is deleted, prune or not.
    Absent,
}

/// The content that git says. `None` is a field that git does not manage; an empty value manages it as empty.
pub(crate) type Spec = Content<Option<Declared<Nullable<String>>>, Option<DeclaredEntries>>;

/// Ownership of the keys of each field.
pub(crate) type Owns = Content<(), Ownership>;

/// What happens to live keys that git does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ownership {
    /// They are removed.
    #[default]
    Exact,
    /// They are left alone.
    Listed,
}

impl Ownership {
    /// Gives the word of a definition.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Listed => "listed",
        }
    }
}

impl Desired {
    /// Gives the definitions, in the order of their names.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Definition> + Clone {
        self.clients.values().map(Arc::as_ref)
    }

    /// Names the fields of each client that say something else than in `base`, or that `base` does not define.
    pub(crate) fn changed_since(&self, base: &Self) -> BTreeMap<ClientName, BTreeSet<Field>> {
        let changed = |definition: &Definition| {
            let before = base.clients.get(&definition.name).map(|before| &before.spec);
            let differing = before.map_or(Field::ALL.to_vec(), |before| definition.spec.differing(before));
            (definition.name.clone(), differing.into_iter().collect())
        };
        self.definitions().map(changed).collect()
    }

    /// Names the clients of which `base` says something else: what they have, where they are, or whether they shall exist.
    pub(crate) fn differing_clients(&self, base: &Self) -> BTreeSet<ClientName> {
        let place = |one: &Definition| (one.scope.clone(), one.state);
        let there = |desired: &Self, name: &ClientName| desired.clients.get(name).map(|one| place(one));
        let has_moved = |name: &ClientName| there(base, name) != there(self, name);
        let changed = self.changed_since(base).into_iter();
        changed.filter(|(name, fields)| !fields.is_empty() || has_moved(name)).map(|(name, _)| name).collect()
    }

    /// Gives the ids that definitions of a shard are pinned to, each with the scope of its definition.
    pub(crate) fn pins(&self, shard: Option<Shard>) -> BTreeMap<&ClientId, &Scope> {
        let own = self.clients.values().filter(|one| shard.is_none_or(|shard| shard.owns(one.scope.telsys)));
        own.filter_map(|one| Some((&one.id.as_ref()?.value, &one.scope))).collect()
    }
}

impl Spec {
    /// Names the fields that git manages.
    pub(crate) fn managed(&self) -> Vec<Field> {
        self.fields_where(Option::is_some, Option::is_some)
    }

    /// Names the fields that say something else, wherever it is written.
    fn differing(&self, other: &Self) -> Vec<Field> {
        self.as_ref().zip(other.as_ref()).fields_where(
            |(one, other)| one.as_ref().map(|one| &one.value) != other.as_ref().map(|other| &other.value),
            |(one, other)| one.as_ref().map(DeclaredEntries::values) != other.as_ref().map(DeclaredEntries::values),
        )
    }

    /// Gives the place that wrote a field, or one key of it.
    pub(crate) fn written_at(&self, field: Field, key: Option<&str>) -> Option<Location> {
        let at = self.as_ref().map(
            |_, text| text.as_ref().map(|text| text.at.clone()),
            |_, entries| entries.as_ref()?.get(key?).map(|value| value.at()),
        );
        at.get(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_takes_up_little_room_because_fleets_make_a_hundred_thousand() {
        assert!(size_of::<Definition>() <= 240, "{} bytes", size_of::<Definition>());
    }
}
