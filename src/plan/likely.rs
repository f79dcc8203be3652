//! What an add looks like a move of.

use crate::model::{ClientId, Labels, PinPlace, Scope};
use crate::redact::Shown;

/// What an add may be meant to move: live clients that git does not define, or definitions that go. Only one of them, and of one
/// add, is a likely one; nobody can tell several apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LikelyMove<Origin = LikelyOrigin> {
    /// The first few of them.
    pub of: Vec<Origin>,
    /// How many there are.
    pub clients: usize,
    /// How many adds have that content.
    pub adds: usize,
    /// Whether the definition has a place for the id that would make it a move.
    pub pin: PinPlace,
}

/// How many are named; the rest is counted.
const MOST: usize = 5;

impl<Origin> LikelyMove<Origin> {
    /// Tells of an add what it may be meant to move.
    pub(crate) fn new<T>(found: &[T], origin: impl FnMut(&T) -> Origin, adds: usize, pin: PinPlace) -> Self {
        Self { of: found.iter().take(MOST).map(origin).collect(), clients: found.len(), adds, pin }
    }
}

/// A live client that git does not define, and that has the content of an add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LikelyOrigin {
    pub id: ClientId,
    /// Its scope as the row shows it.
    pub scope: Scope,
    /// Its description, as it may be shown.
    pub description: Shown,
    /// What the server calls the place.
    pub labels: Labels,
}
