//! The live side: what the server has, as far as it was read.

use std::collections::{BTreeMap, BTreeSet};

use super::{ClientId, Content, Directory, Entries, Field, Labels, Nullable, Observed, Scope, Telsys};

/// What the server has inside the boundary.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live {
    /// Clients inside the boundary, and pinned ones outside it, by id.
    pub clients: BTreeMap<ClientId, Box<LiveClient>>,
    /// How many rows lie outside the boundary, if everything was listed; nothing more of them is kept.
    pub outside: Option<usize>,
    /// Listed rows that could not be read, wherever they lie.
    pub unread: Vec<UnreadRow>,
    /// How far a pinned client was looked for.
    pub reach: Reach,
    /// Pinned clients that no list shows and that the server does not call gone: they exist or not.
    pub hidden: BTreeMap<ClientId, PinRefusal>,
    /// What the server calls its telephony servers and partitions, wherever a row said so.
    pub directory: Directory,
}

impl Live {
    /// Gives the texts for people of a scope, and of the client that is to be found there, if there is one.
    pub(crate) fn labels(&self, scope: &Scope, id: Option<&ClientId>) -> Labels {
        let client = id.and_then(|id| self.clients.get(id));
        self.directory.labels(scope, client.map(|client| (&client.scope, &client.labels)))
    }

    /// Gives the scopes that several clients have. Of those that the server hides nobody knows.
    pub(crate) fn shared_scopes(&self) -> BTreeSet<Scope> {
        let mut seen = BTreeSet::new();
        let scopes = self.clients.values().map(|row| &row.scope).filter(|scope| !scope.is_unresolved());
        scopes.filter(|scope| !seen.insert(*scope)).cloned().collect()
    }

    /// Gives the only client that has exactly a scope, if there is one and no other.
    pub(crate) fn only_at(&self, scope: &Scope) -> Option<&LiveClient> {
        let here = |row: &&LiveClient| row.scope == *scope && !scope.is_unresolved();
        let mut rows = self.clients.values().map(Box::as_ref).filter(here);
        rows.next().filter(|_| rows.next().is_none())
    }
}

/// Why nobody can tell whether a pinned client exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PinRefusal {
    /// What the server said.
    pub reason: String,
    /// What to do next.
    pub help: String,
}

/// A row of a list that could not be read, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadRow {
    /// Its id, if that much could be read.
    pub id: Option<ClientId>,
    /// Its telephony server, if that much could be read.
    pub telsys: Option<Telsys>,
    /// Its whole scope, if that much could be read.
    pub scope: Option<Scope>,
    /// What is odd about it; bounded and without control characters.
    pub reason: String,
}

impl UnreadRow {
    /// Tells whether it may stand for a client of a telephony server.
    pub(crate) fn may_be_in(&self, telsys: Telsys) -> bool {
        self.telsys.is_none_or(|known| known == telsys || known == Telsys::All)
    }

    /// Tells whether it may stand for a client of exactly a scope, although nobody can tell.
    pub(crate) fn may_hide(&self, scope: &Scope) -> bool {
        self.scope.as_ref().is_none_or(Scope::is_unresolved) && self.may_be_in(scope.telsys)
    }
}

impl std::fmt::Display for UnreadRow {
    /// Writes ``id-7 (417): `DeviceNumber` is missing or no text``.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, telsys, scope, reason } = self;
        match id {
            Some(id) => write!(f, "{id}")?,
            None => f.write_str("a row without a readable id")?,
        }
        match (scope, telsys) {
            (Some(scope), _) => write!(f, " ({scope})")?,
            (None, Some(Telsys::One(telsys))) => write!(f, " (telephony server {telsys})")?,
            (None, Some(Telsys::All)) => f.write_str(" (every telephony server)")?,
            (None, None) => f.write_str(" (telephony server not known)")?,
        }
        write!(f, ": {reason}")
    }
}

/// How far a pinned client was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reach {
    /// Everywhere: one that was not found is gone.
    #[default]
    Everywhere,
    /// In the boundary, because the server refuses to list more: one that was not found may be elsewhere.
    Boundary,
}

/// A client as the server shows it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LiveClient {
    /// The id that the server gave it.
    pub id: ClientId,
    /// The scope that the row shows, which may be unresolved.
    pub scope: Scope,
    /// The content, as far as it was seen.
    pub content: LiveContent,
    /// Texts that the server adds for people.
    pub labels: Labels,
    /// How far the client was read.
    pub detail: Detail,
}

/// The content that the server shows; its `null` is empty.
pub(crate) type LiveContent = Content<Observed<Nullable<String>>, Observed<Nullable<Entries>>>;

/// Content as far as it is known.
pub(crate) type KnownContent<'a> = Content<Option<&'a Nullable<String>>, Option<&'a Nullable<Entries>>>;

/// How far a client was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Only a list row was seen.
    Listed,
    /// The Info operation answered.
    Read,
    /// The Info operation answered with the documented fields only, because it refused more for this client.
    Narrow,
    /// The Info operation was refused for this client.
    Refused {
        /// What the server said.
        reason: String,
        /// What to do next.
        help: String,
        /// What kind of refusal it is; decides the exit code.
        kind: RefusalKind,
    },
}

/// What kind of refusal the Info operation met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// The client is gone since it was listed (30003).
    Gone,
    /// The user may not see it (30000 and its relatives).
    NotPermitted,
    /// Anything else, such as 30007.
    Other,
}

impl LiveClient {
    /// Tells whether the value of a field is known.
    pub(crate) fn knows(&self, field: Field) -> bool {
        !self.content.unknown().contains(&field)
    }

    /// Tells whether only a list row was seen and it lacks a field, so that Info may tell more.
    pub(crate) fn has_unread(&self) -> bool {
        self.detail == Detail::Listed && !self.content.unknown().is_empty()
    }

    /// Gives the description for a person, empty when it is not known.
    pub(crate) fn title(&self) -> &str {
        self.content.description.known().map_or("", |text| text.as_str())
    }
}

impl std::fmt::Debug for LiveClient {
    /// Names the client only: its values may be sensitive.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveClient").field("id", &self.id).field("scope", &self.scope).finish_non_exhaustive()
    }
}
