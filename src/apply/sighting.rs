//! What a look after a write shows.

use super::outcome::ListedScope;
use super::problem::Problem;
use super::ruling::Seen;
use crate::model::ClientId;
use crate::plan::Snapshot;

/// What a look showed.
pub(super) struct Sighting {
    pub(super) seen: Seen,
    /// The client that was found.
    pub(super) id: Option<ClientId>,
    /// Why what is seen is not what it shall be.
    pub(super) problem: Option<Problem>,
    /// What the client is, where that is something else than was sent.
    pub(super) left: Option<Box<Snapshot>>,
    /// How the lists show the client that was found.
    pub(super) listed: ListedScope,
}

impl Sighting {
    /// Makes a sighting of what is as it shall be.
    pub(super) fn plain(seen: Seen) -> Self {
        Self { seen, id: None, problem: None, left: None, listed: ListedScope::default() }
    }

    /// Makes a sighting with what is said if it stays so.
    pub(super) fn of(seen: Seen, problem: impl Into<Problem>) -> Self {
        Self { seen, id: None, problem: Some(problem.into()), left: None, listed: ListedScope::default() }
    }
}
