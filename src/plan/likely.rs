//! What an add looks like a move of.

use crate::model::{ClientId, Labels, Scope};
use crate::redact::Shown;

/// The live clients that an add may be meant to move. Only one of them, and of one add, is a likely one; nobody can tell
/// several apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LikelyMove {
    /// The first few of them.
    pub of: Vec<LikelyOrigin>,
    /// How many there are.
    pub clients: usize,
    /// How many adds of the plan have that content.
    pub adds: usize,
    /// Whether the definition has a place for the id that would make it a move.
    pub pin: PinPlace,
}

/// Whether a definition has a line for an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PinPlace {
    /// Its own document.
    Document,
    /// None: it is one of a fleet.
    Fleet,
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
