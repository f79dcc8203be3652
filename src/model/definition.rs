//! The desired side: what git says of each client.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{ClientId, ClientName, Declared, Field, FieldPattern, Json, Location, Scope};

/// Everything that git defines, after profiles, fleets and variables are expanded.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The definitions by name.
    pub clients: BTreeMap<ClientName, Definition>,
    /// `sha256:…` over the paths and bytes of every file that was read.
    pub digest: String,
}

/// What git says of one client.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The name, unique in the tree.
    pub name: ClientName,
    /// What the client applies to.
    pub scope: Scope,
    /// Where that is written: the line of the device for a client of a fleet.
    pub scope_at: Location,
    /// The pin: the id of the live client that this definition means.
    pub id: Option<Declared<ClientId>>,
    /// Whether the client shall exist.
    pub state: Presence,
    /// The content that git manages.
    pub spec: Spec,
    /// What happens to live keys that git does not list.
    pub owns: Owns,
    /// What keeps its live value whatever git says.
    pub ignore: Vec<FieldPattern>,
    /// The profiles that took part, direct and inherited, for `--select profile=NAME`.
    pub profiles: Vec<Arc<str>>,
    /// Where the definition begins: the fleet's document for a client of a fleet.
    pub at: Location,
    /// The last line of that document.
    pub until: u32,
}

impl Definition {
    /// Tells where a value was written that the definition has.
    pub fn origin(&self, at: &Location) -> Origin {
        let own = at.file == self.at.file && (self.at.line..=self.until).contains(&at.line);
        if own { Origin::Own } else { Origin::Inherited }
    }
}

/// Where a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// In the client's own document, or in that of its fleet.
    #[default]
    Own,
    /// In a profile.
    Inherited,
}

/// Whether a client shall exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// It shall exist.
    #[default]
    Present,
    /// It shall not: it is deleted, prune or not.
    Absent,
}

/// Content of a client. `None` is a field that git does not manage; an empty value manages it as empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Spec {
    /// `Description`; the empty text is empty, as `null` is.
    pub description: Option<Declared<String>>,
    /// `CMEnvironmentID`; the empty text is empty, as `null` is.
    pub cm_environment_id: Option<Declared<String>>,
    /// `Policies` by key.
    pub policies: Option<DeclaredEntries>,
    /// `Settings` by key.
    pub settings: Option<DeclaredEntries>,
}

/// Keys of `policies` or `settings` with the place of each. Values are shared, because fleets repeat them.
pub type DeclaredEntries = BTreeMap<Arc<str>, Declared<Arc<Json>>>;

/// Ownership of the keys that git does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owns {
    /// For `policies`.
    pub policies: Ownership,
    /// For `settings`.
    pub settings: Ownership,
}

/// What happens to live keys that git does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ownership {
    /// They are removed.
    #[default]
    Exact,
    /// They are left alone.
    Listed,
}

impl Desired {
    /// Names the fields of each client that say something else than in `base`, or that `base` does not define.
    pub fn changed_since(&self, base: &Self) -> BTreeMap<ClientName, BTreeSet<Field>> {
        let changed = |definition: &Definition| {
            let before = base.clients.get(&definition.name).map(|before| &before.spec);
            let differs = |field: &Field| !before.is_some_and(|before| definition.spec.says_the_same(before, *field));
            (definition.name.clone(), Field::ALL.into_iter().filter(differs).collect())
        };
        self.clients.values().map(changed).collect()
    }

    /// Gives the ids that definitions are pinned to.
    pub fn pins(&self) -> BTreeSet<&ClientId> {
        self.clients.values().filter_map(|one| one.id.as_ref()).map(|pin| &pin.value).collect()
    }
}

impl Spec {
    /// Tells whether a field says the same in both, wherever it is written.
    fn says_the_same(&self, other: &Self, field: Field) -> bool {
        let text = |one: &Option<Declared<String>>| one.as_ref().map(|one| one.value.clone());
        let entries = |one: &Option<DeclaredEntries>| -> Option<BTreeMap<Arc<str>, Arc<Json>>> {
            let values = one.as_ref()?.iter().map(|(key, one)| (Arc::clone(key), Arc::clone(&one.value)));
            Some(values.collect())
        };
        match field {
            Field::Description => text(&self.description) == text(&other.description),
            Field::CmEnvironmentId => text(&self.cm_environment_id) == text(&other.cm_environment_id),
            Field::Policies => entries(&self.policies) == entries(&other.policies),
            Field::Settings => entries(&self.settings) == entries(&other.settings),
        }
    }

    /// Tells whether git manages a field.
    pub fn manages(&self, field: Field) -> bool {
        let Self { description, cm_environment_id, policies, settings } = self;
        match field {
            Field::Description => description.is_some(),
            Field::CmEnvironmentId => cm_environment_id.is_some(),
            Field::Policies => policies.is_some(),
            Field::Settings => settings.is_some(),
        }
    }
}

impl std::fmt::Debug for Spec {
    /// Names the managed fields only: values may be sensitive.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(Field::ALL.into_iter().filter(|field| self.manages(*field))).finish()
    }
}
