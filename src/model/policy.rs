//! What the configuration allows: the boundary, prune, limits, protection, sensitive fields, selection.

use std::collections::{BTreeMap, BTreeSet};

use super::selection::Selection;
use super::{
    ClientId, ClientName, Definition, Device, Field, Live, LiveClient, Partition, Scope, Sensitive, Telsys, UnreadRow,
};

/// Everything besides the two sides that decides a plan.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// Which live clients are icsync's business at all.
    pub boundary: Boundary,
    /// What happens to unmanaged clients.
    pub prune: Prune,
    /// How much a plan may destroy or change.
    pub limits: Limits,
    /// What is never changed or deleted.
    pub protect: Vec<Protection>,
    /// Which fields and keys are never shown.
    pub sensitive: Sensitive,
    /// Which clients this run is about.
    pub selection: Selection,
    /// Fields that git changed since the revision of `--since`: written although the server does not show them.
    pub changed_in_git: BTreeMap<ClientName, BTreeSet<Field>>,
    /// Files of definitions that git tracks and did not check out: what they define is not known.
    pub not_checked_out: Vec<String>,
}

/// Which live clients are icsync's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Boundary {
    /// The `manage` list: each entry is a filter, as the List operation reads its path.
    Managed(BTreeSet<Scope>),
    /// Without `manage`: exactly the scopes that the definitions name. Nothing can be pruned.
    Defined(BTreeSet<Scope>),
}

impl Boundary {
    /// Makes the boundary of a `manage` list.
    pub(crate) fn managed(filters: &[Scope]) -> Self {
        Self::Managed(filters.iter().cloned().collect())
    }

    /// Gives the scopes that make up the boundary.
    pub(crate) fn scopes(&self) -> Vec<&Scope> {
        match self {
            Self::Managed(filters) => filters.iter().collect(),
            Self::Defined(scopes) => scopes.iter().collect(),
        }
    }

    /// Tells whether a scope lies in the boundary.
    pub(crate) fn contains(&self, scope: &Scope) -> bool {
        match self {
            // A provider may name thousands of partitions, and have a hundred thousand clients.
            Self::Managed(filters) if filters.len() > Scope::WIDENINGS => {
                scope.widened().any(|wide| filters.contains(&wide))
            }
            Self::Managed(filters) => filters.iter().any(|filter| filter.contains(scope)),
            Self::Defined(scopes) => scopes.contains(scope),
        }
    }
}

/// What happens to unmanaged clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Prune {
    /// They are reported.
    #[default]
    Report,
    /// They are deleted.
    Delete,
}

impl Prune {
    /// Gives the word of the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Delete => "delete",
        }
    }
}

/// How much a plan may destroy or change before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// For deletes and replaces together.
    pub delete: Limit,
    /// For changes.
    pub change: Limit,
    /// For pinned clients that are gone and would be added anew.
    pub vanished: Limit,
    /// `--max-deletes N`: lifts `delete` to just N.
    pub max_deletes: Option<u64>,
    /// `--max-changes N`: lifts `change` to just N.
    pub max_changes: Option<u64>,
    /// `--max-vanished N`: lifts `vanished` to just N.
    pub max_vanished: Option<u64>,
}

impl Default for Limits {
    /// Ten deletes and a fifth of the managed clients; changes without limit; ten vanished and a fifth of the pinned clients.
    fn default() -> Self {
        Self {
            delete: Limit { count: Some(10), percent: Some(20) },
            change: Limit { count: None, percent: None },
            vanished: Limit { count: Some(10), percent: Some(20) },
            max_deletes: None,
            max_changes: None,
            max_vanished: None,
        }
    }
}

/// A limit as a count, as a percentage of the clients that it is about, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// At most this many.
    pub count: Option<u64>,
    /// At most this many of a hundred clients, 0 to 100.
    pub percent: Option<u64>,
}

impl Limit {
    /// Says what is allowed: `10`, `20 %`, or each of both.
    pub(crate) fn words(self) -> impl Iterator<Item = String> {
        let Self { count, percent } = self;
        count.map(|most| most.to_string()).into_iter().chain(percent.map(|most| format!("{most} %")))
    }
}

/// Live clients that are never changed or deleted, whatever the definitions say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Protection {
    /// By id.
    Id(ClientId),
    /// By scope: parts that are written must be equal, parts left out may be anything.
    Scope {
        /// The telephony server.
        telsys: Telsys,
        /// The partition, if written.
        partition: Option<Partition>,
        /// The device, if written.
        device: Option<Device>,
    },
}

impl std::fmt::Display for Protection {
    /// Writes the id, or the scope with `*` for parts that may be anything.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Scope { telsys, partition, device } => {
                let partition = partition.map_or_else(|| "*".to_owned(), |partition| partition.number().to_string());
                let device = device.as_ref().map_or("*", |device| device.as_str());
                write!(f, "{}/{partition}/{device}", telsys.number())
            }
        }
    }
}

impl Protection {
    /// Tells whether this entry protects everything that another one does.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Id(one), Self::Id(other)) => one == other,
            (
                Self::Scope { telsys, partition, device },
                Self::Scope { telsys: its, partition: in_it, device: there },
            ) => {
                let is_wider = partition.is_none() || partition == in_it;
                telsys == its && is_wider && (device.is_none() || device == there)
            }
            (Self::Id(_), Self::Scope { .. }) | (Self::Scope { .. }, Self::Id(_)) => false,
        }
    }

    /// Tells whether a live client is protected by this entry.
    pub(crate) fn covers(&self, live: &LiveClient) -> bool {
        match self {
            Self::Id(id) => *id == live.id,
            Self::Scope { .. } => self.covers_scope(&live.scope),
        }
    }

    /// Tells whether this entry protects the client of a definition.
    pub(crate) fn covers_definition(&self, definition: &Definition) -> bool {
        match self {
            Self::Id(id) => definition.id.as_ref().is_some_and(|pinned| pinned.value == *id),
            Self::Scope { .. } => self.covers_scope(&definition.scope),
        }
    }

    /// Tells whether a live client is protected by this entry, or may be: of what could not be read, and of a row that hides
    /// its scope, nobody knows.
    pub(crate) fn may_cover_any(&self, live: &Live) -> bool {
        let covers =
            |client: &LiveClient| self.covers(client) || client.scope.is_unresolved() && self.may_meet(&client.scope);
        let may_be = |row: &UnreadRow| match self {
            Self::Id(id) => row.id.as_ref().is_none_or(|known| known == id),
            Self::Scope { telsys, .. } => match &row.scope {
                Some(scope) if !scope.is_unresolved() => self.covers_scope(scope),
                _ => row.may_be_in(*telsys),
            },
        };
        live.clients.values().any(|client| covers(client)) || live.unread.iter().any(may_be)
    }

    /// Tells whether anything can lie in a part of the estate that this entry protects.
    pub(crate) fn may_meet(&self, part: &Scope) -> bool {
        match self {
            Self::Id(_) => true,
            Self::Scope { telsys, partition, device } => {
                let (partition, device) = (partition.unwrap_or(Partition::All), device.clone().unwrap_or(Device::All));
                part.overlaps(&Scope { telsys: *telsys, partition, device })
            }
        }
    }

    /// Tells whether this entry protects whatever is live at a scope. A partition that is not shown may be any.
    pub(crate) fn covers_scope(&self, scope: &Scope) -> bool {
        match self {
            Self::Id(_) => false,
            Self::Scope { telsys, partition, device } => {
                *telsys == scope.telsys
                    && (scope.is_unresolved() || partition.is_none_or(|partition| partition == scope.partition))
                    && device.as_ref().is_none_or(|device| *device == scope.device)
            }
        }
    }
}
