//! Plans to restore what a run changed, from what its journal tells and what is live now.
//!
//! Whatever somebody has changed since is left alone and named; nothing is ever taken from them.

use std::collections::BTreeSet;

use super::as_left::{AsLeft, field_of, flat, is_as, shows};
use super::build::finish;
use super::compose::{add_step, change_step, delete_step, replace_step};
use super::guard::ShareBase;
use super::past_scope::{PastScope, blocked_outside, past_scope};
use super::run_step::{RunEnd, RunStep};
use super::snapshot::Snapshot;
use super::{Blocked, Notice, Obstacle, Plan, Unchanged};
use crate::model::{
    Boundary, Change, ClientId, Content, Empty, Field, Json, Labels, Live, LiveClient, Location, Nullable, Payload,
    Policy, Scope,
};
use crate::redact::Mask;

/// Leaves the steps of a run that a rollback may read and turn back.
pub(crate) fn reachable<'a>(steps: &[RunStep<'a>], boundary: &Boundary) -> Vec<RunStep<'a>> {
    let inside = |step: &&RunStep<'_>| matches!(past_scope(step, boundary), PastScope::Inside);
    steps.iter().filter(inside).copied().collect()
}

/// Names the scopes that a run wrote to, so that they can be read again.
pub(crate) fn touched_scopes(steps: &[RunStep<'_>]) -> BTreeSet<Scope> {
    steps.iter().flat_map(|step| step.snapshots()).map(|one| one.scope.clone()).collect()
}

/// Names the live clients that a run wrote to or added, as far as they are there: their details have to be read.
pub(crate) fn touched_clients(steps: &[RunStep<'_>], live: &Live) -> BTreeSet<ClientId> {
    let scopes = touched_scopes(steps);
    let ids: BTreeSet<&ClientId> =
        steps.iter().flat_map(|step| step.snapshots().filter_map(|one| one.id.as_ref()).chain(step.id)).collect();
    let touched = |row: &&LiveClient| ids.contains(&row.id) || scopes.contains(&row.scope);
    live.clients.values().map(Box::as_ref).filter(touched).map(|row| row.id.clone()).collect()
}

/// Plans to restore what a run changed. Steps whose outcome was in doubt are judged by what is live now.
pub(crate) fn rollback(steps: &[RunStep<'_>], live: &Live, policy: &Policy) -> Plan {
    let mut plan = Plan { outside: live.outside, ..Plan::default() };
    let mut rollback = Rollback { live, mask: Mask(&policy.sensitive), added: BTreeSet::new() };
    rollback.added = steps.iter().filter_map(|step| rollback.own(step).cloned()).collect();
    for step in steps.iter().filter(|step| step.end != RunEnd::WithoutEffect) {
        if let PastScope::Outside(scope) = past_scope(step, &policy.boundary) {
            plan.blocked.push(blocked_outside(step, scope, &policy.boundary));
            continue;
        }
        match (step.changed, step.deleted, step.added) {
            (Some(change), _, _) => rollback.undo_change(step, change, &mut plan),
            (None, Some(was), Some(became)) => rollback.undo_replace(step, was, became, &mut plan),
            (None, Some(was), None) => rollback.undo_delete(step, was, &mut plan),
            (None, None, Some(became)) => rollback.undo_add(step, became, &mut plan),
            (None, None, None) => {}
        }
    }
    let managed = live.clients.values().filter(|row| policy.boundary.contains(&row.scope)).count();
    let base = ShareBase { managed, ..ShareBase::default() };
    finish(plan, live, &base, policy)
}

struct Rollback<'a> {
    live: &'a Live,
    mask: Mask<'a>,
    /// The clients that the run added; their scopes become free.
    added: BTreeSet<ClientId>,
}

impl Rollback<'_> {
    fn undo_change(&self, run: &RunStep<'_>, change: Change<&Snapshot>, plan: &mut Plan) {
        let Change { before: was, after: became } = change;
        let Some(row) = self.find_changed(run, change) else {
            plan.blocked.push(blocked(run, was, None, "its live client is gone since the run", GONE));
            return;
        };
        let left = AsLeft::of(run, became);
        let (payload, refused) = match restored(row, was, left, self.mask) {
            Ok(restored) => restored,
            Err(obstacle) => {
                plan.blocked.push(Blocked { obstacle, ..blocked(run, was, Some(row), "", "") });
                return;
            }
        };
        let step = change_step(run.client.cloned(), row, payload, self.mask);
        if !refused.is_empty() {
            let reason =
                format!("not restored, because {} or not in the journal: {}", left.not_so(), refused.join(", "));
            plan.blocked.push(blocked(run, was, Some(row), &reason, left.help()[0]));
        }
        if !step.changes.is_empty() {
            plan.steps.push(step);
        } else if refused.is_empty() {
            plan.unchanged.extend(unchanged(run, row));
            plan.notices.extend(still_open(run, became));
        }
    }

    fn undo_add(&self, run: &RunStep<'_>, became: &Snapshot, plan: &mut Plan) {
        let Some(row) = self.find_added(run, became) else {
            plan.notices.extend(still_open(run, became).filter(|_| run.id.is_none()));
            return;
        };
        let left = AsLeft::of(run, became);
        match left.untouched(row, self.mask) {
            Ok(()) => plan.steps.push(delete_step(run.client.cloned(), row, self.mask)),
            Err(changed) => plan.blocked.push(blocked(run, became, Some(row), &changed, left.help()[1])),
        }
    }

    fn undo_delete(&self, run: &RunStep<'_>, was: &Snapshot, plan: &mut Plan) {
        if let Some(row) = was.id.as_ref().and_then(|id| self.live.clients.get(id)) {
            // The delete was intended and did not happen.
            plan.unchanged.extend(unchanged(run, row));
            plan.notices.extend(still_open(run, was));
            return;
        }
        if let Some(row) = self.holder(&was.scope).filter(|row| !self.added.contains(&row.id)) {
            if is_as(row, was, self.mask) {
                plan.unchanged.extend(unchanged(run, row));
            } else {
                plan.blocked.push(blocked(run, was, Some(row), "its scope is held by another live client", HELD));
            }
            return;
        }
        if was.scope.is_unresolved() {
            plan.blocked.push(blocked(
                run,
                was,
                None,
                "its true scope was never shown, so it cannot be added",
                UNRESOLVED,
            ));
            return;
        }
        let (payload, missing) = payload_of(was);
        note_missing(run, was, &missing, plan);
        plan.steps.push(add_step(run.client.cloned(), was.scope.clone(), payload, self.mask));
    }

    fn undo_replace(&self, run: &RunStep<'_>, was: &Snapshot, became: &Snapshot, plan: &mut Plan) {
        let Some(row) = self.find_added(run, became) else {
            self.undo_delete(run, was, plan);
            if plan.notices.last().is_none_or(|notice| notice.client.as_ref() != run.client) {
                plan.notices.extend(still_open(run, became).filter(|_| run.id.is_none()));
            }
            return;
        };
        if was.id.as_ref().is_some_and(|id| self.live.clients.contains_key(id)) {
            return self.undo_add(run, became, plan);
        }
        let back = self.holder(&was.scope).filter(|back| !self.added.contains(&back.id));
        if back.is_some_and(|back| is_as(back, was, self.mask)) {
            // It is back already, and what was added came late.
            return self.undo_add(run, became, plan);
        }
        let left = AsLeft::of(run, became);
        match left.untouched(row, self.mask) {
            Ok(()) => {
                let (payload, missing) = payload_of(was);
                note_missing(run, was, &missing, plan);
                plan.steps.push(replace_step(run.client.cloned(), was.scope.clone(), row, payload, self.mask));
            }
            Err(changed) => plan.blocked.push(blocked(run, became, Some(row), &changed, left.help()[1])),
        }
    }

    /// Finds what a step changed: by its id, and by the one that it has since, as a server may give another with each change. One
    /// that the run never learnt is at the scope, as the run was to leave it.
    fn find_changed(
        &self,
        run: &RunStep<'_>,
        Change { before: was, after: became }: Change<&Snapshot>,
    ) -> Option<&LiveClient> {
        let known = was.id.as_ref().into_iter().chain(run.id).find_map(|id| self.live.clients.get(id));
        let by_scope = || {
            let row = self.live.only_at(&was.scope).filter(|_| run.end == RunEnd::InDoubt)?;
            is_as(row, became, self.mask).then_some(row)
        };
        known.map(Box::as_ref).or_else(by_scope)
    }

    /// Finds what a step added: by its id, and by its scope only if the run ended before it learnt the id. Whoever holds the
    /// scope after an add that failed was added by somebody else.
    fn find_added(&self, run: &RunStep<'_>, became: &Snapshot) -> Option<&LiveClient> {
        match run.id {
            Some(id) => self.live.clients.get(id).map(Box::as_ref),
            None if run.end == RunEnd::InDoubt => self.holder(&became.scope),
            None => None,
        }
    }

    /// Gives the client that a step added, also if it never learnt the id: what holds the scope and is as it was to be.
    fn own(&self, run: &RunStep<'_>) -> Option<&'_ ClientId> {
        let became = run.added?;
        let row = self.find_added(run, became)?;
        let as_added = run.id.is_some() || AsLeft::of(run, became).untouched(row, self.mask).is_ok();
        as_added.then_some(&row.id)
    }

    fn holder(&self, scope: &Scope) -> Option<&LiveClient> {
        self.live.clients.values().map(Box::as_ref).find(|row| row.scope == *scope && !scope.is_unresolved())
    }
}

const GONE: &str = "nothing to restore: the next `icsync apply` adds it if git defines it";
const HELD: &str = "remove that client first if the old one shall come back";
const UNRESOLVED: &str = "add a definition with the true scope";

fn blocked(run: &RunStep<'_>, one: &Snapshot, row: Option<&LiveClient>, reason: &str, help: &str) -> Blocked {
    Blocked {
        client: run.client.cloned(),
        scope: one.scope.clone(),
        id: row.map(|row| row.id.clone()),
        at: None,
        obstacle: Obstacle::new(reason, help),
        labels: Labels::default(),
    }
}

/// Says that a step may still be carried out, of which nothing is to be seen.
fn still_open(run: &RunStep<'_>, one: &Snapshot) -> Option<Notice> {
    let number = run.number;
    (run.end == RunEnd::InDoubt).then(|| Notice {
        client: run.client.cloned(),
        scope: one.scope.clone(),
        at: None,
        message: format!(
            "step {number} of the run is in doubt: nothing shows that it was carried out, and it still may be"
        ),
        help: "run `icsync rollback` again in a while: it judges by what is live by then".to_owned(),
    })
}

fn unchanged(run: &RunStep<'_>, row: &LiveClient) -> Option<Unchanged> {
    let client = run.client.cloned()?;
    let at = Location { file: "journal".into(), line: 1, column: 1 };
    Some(Unchanged { client, scope: row.scope.clone(), id: Some(row.id.clone()), at, not_compared: Vec::new() })
}

fn note_missing(run: &RunStep<'_>, was: &Snapshot, missing: &[String], plan: &mut Plan) {
    if missing.is_empty() {
        return;
    }
    let reason = format!("restored without {}, which the journal does not hold", missing.join(", "));
    let help = "sensitive values are never journalled, and what the server does not show cannot be: set them by `icsync apply`";
    plan.blocked.push(blocked(run, was, None, &reason, help));
}

/// Gives the content that undoes a change: the live content with each value that the run changed put back, and the paths
/// that are not put back because they are not as the run left them.
fn restored(
    row: &LiveClient,
    was: &Snapshot,
    left: AsLeft<'_>,
    mask: Mask<'_>,
) -> Result<(Payload, Vec<String>), Obstacle> {
    let mut payload = row.content.known().complete().map(Content::cloned).map_err(|unknown| {
        Obstacle::new(
            format!("the live {} cannot be read, and writing would wipe it", Field::list(&unknown)),
            "restore it through its definition",
        )
    })?;
    let (now, then, before) = (flat(&Snapshot::of_live(row, mask)), left.sent(), flat(was));
    let seen = left.seen();
    let as_seen =
        |path: &str| seen.as_ref().is_some_and(|seen| shows(seen, field_of(path)) && seen.get(path) == now.get(path));
    let (mut refused, mut unseen) = (Vec::new(), BTreeSet::new());
    let paths: BTreeSet<&String> = then.keys().chain(before.keys()).collect();
    for path in paths {
        let (old, new) = (before.get(path), then.get(path));
        if old == new || now.get(path) == old {
            continue;
        }
        let sensitive = was.left_out.contains_key(path) || left.is_sensitive(path);
        let field = field_of(path);
        if !shows(&before, field) && !sensitive {
            // What it was nobody knows, so nothing takes its place.
            unseen.insert(format!("`{field}`"));
        } else if sensitive || (now.get(path) != new && !as_seen(path)) {
            refused.push(format!("`{}`{}", path.escape_debug(), if sensitive { " (sensitive)" } else { "" }));
        } else {
            put(&mut payload, path, old);
        }
    }
    refused.extend(unseen.into_iter().map(|field| format!("{field} (the server did not show it before the run)")));
    Ok((kept_unset(payload, &was.unset), refused))
}

/// Leaves what was not set so, where nothing stands there.
fn kept_unset(payload: Payload, unset: &BTreeSet<String>) -> Payload {
    fn keep<T: Empty>(unset: bool, value: Nullable<T>) -> Nullable<T> {
        if unset { Nullable::<T>::default().becoming(value) } else { value }
    }
    payload.map(
        |field, text| keep(unset.contains(field.name()), text),
        |field, entries| keep(unset.contains(field.name()), entries),
    )
}

fn put(payload: &mut Payload, path: &str, value: Option<&Json>) {
    let (name, key) = path.split_once('.').map_or((path, None), |(name, key)| (name, Some(key)));
    let text = value.and_then(|value| value.value().as_str()).unwrap_or_default();
    payload.as_mut().map(
        |field, old| {
            if field.name() == name {
                text.clone_into(old);
            }
        },
        |field, entries| match (key.filter(|_| field.name() == name), value) {
            (Some(key), Some(value)) => entries.insert(key.into(), value.clone()),
            (Some(key), None) => entries.remove(key),
            (None, _) => {}
        },
    );
}

/// Gives the content of a snapshot, and what it does not hold.
fn payload_of(was: &Snapshot) -> (Payload, Vec<String>) {
    let Snapshot { scope: _, id: _, content, unset, left_out } = was;
    let mut missing: Vec<String> = left_out.keys().map(|path| format!("`{}`", path.escape_debug())).collect();
    let unread = content.fields_where(Option::is_none, Option::is_none);
    let unread = unread.iter().filter(|field| !left_out.contains_key(field.name()));
    missing.extend(unread.map(|field| format!("`{field}`")));
    let payload = content.as_ref().map(
        |_, text| text.as_ref().and_then(|text| text.value().as_str()).map(str::to_owned).into(),
        |_, entries| entries.clone().into(),
    );
    (kept_unset(payload, unset), missing)
}
