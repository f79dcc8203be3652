//! What a later reading shows of a step that a run left in doubt.

use serde::{Deserialize, Serialize};

use super::as_left::is_as;
use super::run_step::RunStep;
use super::snapshot::Snapshot;
use crate::model::{Change, ClientId, Live, LiveClient, Policy, Scope};
use crate::redact::Mask;

/// What a later reading showed of a step in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DoubtFound {
    /// The client is as the step was to leave it.
    Applied,
    /// The client is as it was before.
    NotApplied,
    /// A replace has deleted, and nothing was added.
    HalfReplaced,
    /// It is neither: somebody changed it since.
    ChangedSince,
}

/// Judges a step by what was read, or gives nothing where the reading does not show its client: outside of what was read,
/// or not in detail. The reading has to come after everything that the step may still have brought about.
pub(crate) fn settled(step: &RunStep<'_>, live: &Live, policy: &Policy) -> Option<DoubtFound> {
    let reading = LiveReading { live, policy };
    match (step.changed, step.deleted, step.added) {
        (Some(change), _, _) => reading.of_change(change),
        (None, Some(was), None) => match reading.old(was) {
            OldClient::There(_) => Some(DoubtFound::NotApplied),
            OldClient::Gone => Some(DoubtFound::Applied),
            OldClient::Unseen => None,
        },
        (None, deleted, Some(became)) => reading.of_add(deleted, became),
        (None, None, None) => None,
    }
}

/// The client that was there before a step.
enum OldClient<'a> {
    There(&'a LiveClient),
    Gone,
    /// Nobody can tell whether it is there.
    Unseen,
}

struct LiveReading<'a> {
    live: &'a Live,
    policy: &'a Policy,
}

impl LiveReading<'_> {
    fn of_change(&self, Change { before, after }: Change<&Snapshot>) -> Option<DoubtFound> {
        let row = match self.old(before) {
            OldClient::There(row) => row,
            // A server may give a client another id when it changes it.
            OldClient::Gone => match self.live.only_at(&before.scope) {
                Some(row) if self.is_like(row, after)? => return Some(DoubtFound::Applied),
                Some(_) | None => return Some(DoubtFound::ChangedSince),
            },
            OldClient::Unseen => return None,
        };
        Some(match (self.is_like(row, after)?, self.is_like(row, before)?) {
            (true, _) => DoubtFound::Applied,
            (false, true) => DoubtFound::NotApplied,
            (false, false) => DoubtFound::ChangedSince,
        })
    }

    fn of_add(&self, deleted: Option<&Snapshot>, became: &Snapshot) -> Option<DoubtFound> {
        match deleted.map(|was| self.old(was)) {
            Some(OldClient::There(_)) => return Some(DoubtFound::NotApplied),
            Some(OldClient::Unseen) => return None,
            Some(OldClient::Gone) | None => {}
        }
        if !self.shows(&became.scope) {
            return None;
        }
        let Some(row) = self.live.clients.values().find(|row| row.scope == became.scope) else {
            return Some(if deleted.is_some() { DoubtFound::HalfReplaced } else { DoubtFound::NotApplied });
        };
        Some(if self.is_like(row, became)? { DoubtFound::Applied } else { DoubtFound::ChangedSince })
    }

    fn old(&self, was: &Snapshot) -> OldClient<'_> {
        let Some(id) = &was.id else { return OldClient::Unseen };
        match self.live.clients.get(id) {
            Some(row) => OldClient::There(row),
            None if self.live.hidden.contains_key(id) || self.is_unread(id) || !self.shows(&was.scope) => {
                OldClient::Unseen
            }
            None => OldClient::Gone,
        }
    }

    fn is_unread(&self, id: &ClientId) -> bool {
        self.live.unread.iter().any(|row| row.id.as_ref() == Some(id))
    }

    /// Tells whether every live client of a scope was seen.
    fn shows(&self, scope: &Scope) -> bool {
        let hides = |row: &LiveClient| row.scope.is_unresolved() && row.scope.telsys == scope.telsys;
        self.policy.boundary.contains(scope)
            && self.policy.selection.is_of_shard(scope)
            && !scope.is_unresolved()
            && !self.live.unread.iter().any(|row| row.may_hide(scope))
            && !self.live.clients.values().any(|row| hides(row))
    }

    fn is_like(&self, row: &LiveClient, then: &Snapshot) -> Option<bool> {
        (!row.has_unread()).then(|| is_as(row, then, Mask(&self.policy.sensitive)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{World, id, row};

    fn snapshot(setting: bool) -> Snapshot {
        let world = World::empty();
        Snapshot::of_live(&row("desk", "01", &[("ui::a", json!(setting))]), Mask(&world.policy.sensitive))
    }

    fn now(setting: bool) -> World {
        World::empty().live("desk", "01", &[("ui::a", json!(setting))])
    }

    fn judged(step: &RunStep<'_>, world: &World) -> Option<DoubtFound> {
        settled(step, &world.live, &world.policy)
    }

    #[test]
    fn a_change_in_doubt_is_judged_by_both_sides_of_it() {
        let (before, after) = (snapshot(false), snapshot(true));
        let step = RunStep { changed: Some(Change { before: &before, after: &after }), ..RunStep::default() };
        assert_eq!(judged(&step, &now(true)), Some(DoubtFound::Applied));
        assert_eq!(judged(&step, &now(false)), Some(DoubtFound::NotApplied));
        let other = World::empty().live("desk", "01", &[("ui::a", json!("other"))]);
        assert_eq!(judged(&step, &other), Some(DoubtFound::ChangedSince));
        assert_eq!(judged(&step, &World::empty()), Some(DoubtFound::ChangedSince));
    }

    #[test]
    fn an_add_a_delete_and_a_replace_in_doubt_are_judged_by_who_is_there() {
        let became = Snapshot { id: None, ..snapshot(true) };
        let add = RunStep { added: Some(&became), ..RunStep::default() };
        assert_eq!(judged(&add, &now(true)), Some(DoubtFound::Applied));
        assert_eq!(judged(&add, &World::empty()), Some(DoubtFound::NotApplied));
        let was = snapshot(true);
        let delete = RunStep { deleted: Some(&was), ..RunStep::default() };
        assert_eq!(judged(&delete, &now(true)), Some(DoubtFound::NotApplied));
        assert_eq!(judged(&delete, &World::empty()), Some(DoubtFound::Applied));
        let replace = RunStep { deleted: Some(&was), added: Some(&became), ..RunStep::default() };
        assert_eq!(judged(&replace, &now(true)), Some(DoubtFound::NotApplied));
        assert_eq!(judged(&replace, &World::empty()), Some(DoubtFound::HalfReplaced));
        let added = World::empty().live("desk", "01", &[("ui::a", json!(true))]);
        let other = Snapshot { id: Some(id("02")), ..snapshot(true) };
        let replace = RunStep { deleted: Some(&other), added: Some(&became), ..RunStep::default() };
        assert_eq!(judged(&replace, &added), Some(DoubtFound::Applied));
    }

    #[test]
    fn what_was_not_read_settles_nothing() {
        let was = snapshot(true);
        let delete = RunStep { deleted: Some(&was), ..RunStep::default() };
        let mut elsewhere = World::empty();
        elsewhere.policy.boundary = crate::model::Boundary::managed(&[]);
        assert_eq!(judged(&delete, &elsewhere), None);
        // Each telephony server is of one of the shards, and the other does not read it.
        let of_shard = |shard: &str| {
            let mut world = World::empty();
            world.policy.selection.shard = Some(shard.parse().expect("a shard"));
            judged(&delete, &world)
        };
        let mut both = [of_shard("0/2"), of_shard("1/2")];
        both.sort_by_key(Option::is_some);
        assert_eq!(both, [None, Some(DoubtFound::Applied)]);
        let mut hidden = World::empty();
        let refusal = crate::model::PinRefusal { reason: String::new(), help: String::new() };
        hidden.live.hidden.insert(id("01"), refusal);
        assert_eq!(judged(&delete, &hidden), None);
    }
}
