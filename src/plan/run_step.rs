//! What the journal of a run tells of one of its steps.

use super::snapshot::Snapshot;
use crate::model::{Change, ClientId, ClientName};

/// What one step of a run wrote, or may have written, as far as its journal tells.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunStep<'a> {
    /// The definition's name; `None` for an unmanaged client that was pruned.
    pub client: Option<&'a ClientName>,
    /// The client that was changed.
    pub changed: Option<Change<&'a Snapshot>>,
    /// The client that was deleted.
    pub deleted: Option<&'a Snapshot>,
    /// The client that was added.
    pub added: Option<&'a Snapshot>,
    /// The id of the client after the step; of one that was added, once it was learnt.
    pub id: Option<&'a ClientId>,
    /// What reading back showed, where the server took the write and made something else of it.
    pub left: Option<&'a Snapshot>,
    /// What is known of the end of the step.
    pub end: RunEnd,
    /// The number of the step.
    pub number: usize,
}

/// What is known of how a step of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RunEnd {
    /// It may have added a client whose id it never learnt: it was killed, or ended without knowing.
    #[default]
    InDoubt,
    /// It certainly changed nothing.
    WithoutEffect,
    /// Neither.
    Settled,
}

impl<'a> RunStep<'a> {
    /// Counts the sensitive values that the step changed or deleted: its snapshots hold digests of them only.
    pub(crate) fn lost_sensitive(self) -> usize {
        let Self { client: _, changed, deleted, added: _, id: _, left: _, end, number: _ } = self;
        let changed = changed.map_or(0, |Change { before, after }| {
            before.left_out.iter().filter(|(path, digest)| after.left_out.get(*path) != Some(digest)).count()
        });
        match end {
            RunEnd::WithoutEffect => 0,
            RunEnd::InDoubt | RunEnd::Settled => changed + deleted.map_or(0, |was| was.left_out.len()),
        }
    }

    pub(super) fn snapshots(self) -> impl Iterator<Item = &'a Snapshot> {
        let Self { client: _, changed, deleted, added, id: _, left: _, end: _, number: _ } = self;
        changed.into_iter().flat_map(|Change { before, after }| [before, after]).chain(deleted).chain(added)
    }
}
