//! Turns a run back: a plan, made from its journal and what is live now, that restores what the run changed.
//!
//! Whatever somebody has changed since is left alone and named; nothing is ever taken from them.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::{History, IntentRecord, NO_EFFECT, Part, Record};
use super::outcome::{FAILED, UNKNOWN};
use super::snapshot::Snapshot;
use crate::model::{ClientId, ClientName, Content, Field, Json, Live, LiveClient, Payload, Policy, Scope};
use crate::plan::{Blocked, Obstacle, Plan, Unchanged, add_step, change_step, delete_step, finish, replace_step};
use crate::redact::Mask;

/// What one step of a run did, or may have done.
#[derive(Debug, Default)]
struct Deed<'a> {
    client: Option<&'a ClientName>,
    changed: Option<(&'a Snapshot, &'a Snapshot)>,
    deleted: Option<&'a Snapshot>,
    added: Option<&'a Snapshot>,
    added_id: Option<&'a ClientId>,
    /// The word of the step's last outcome; `None` after a kill.
    outcome: Option<&'a str>,
    /// Whether the journal says that nothing came of it.
    without_effect: bool,
}

impl Deed<'_> {
    /// Tells whether the step may have added a client whose id it never learnt: it was killed, or ended without knowing.
    fn is_in_doubt(&self) -> bool {
        self.added_id.is_none()
            && !self.without_effect
            && self.outcome.is_none_or(|word| word == UNKNOWN || word == FAILED)
    }
}

/// Names the scopes that a run wrote to, so that they can be read again.
pub fn touched_scopes(history: &History) -> BTreeSet<Scope> {
    let intents = history.records.iter().filter_map(intent);
    intents.flat_map(|intent| intent.before.iter().chain(&intent.after)).map(|one| one.scope.clone()).collect()
}

/// Names the live clients that a run wrote to or added, as far as they are there: their details have to be read.
pub fn touched_clients(history: &History, live: &Live) -> BTreeSet<ClientId> {
    let scopes = touched_scopes(history);
    let ids: BTreeSet<&ClientId> = history
        .records
        .iter()
        .flat_map(|record| match record {
            Record::Intent(intent) => intent.before.iter().filter_map(|before| before.id.as_ref()).collect(),
            Record::Outcome(outcome) => outcome.id.iter().collect(),
            Record::Run(_) | Record::End { .. } => Vec::new(),
        })
        .collect();
    let touched = |row: &&LiveClient| ids.contains(&row.id) || scopes.contains(&row.scope);
    live.clients.values().filter(touched).map(|row| row.id.clone()).collect()
}

/// Plans to restore what a run changed. Steps whose outcome was in doubt are judged by what is live now.
pub fn rollback(history: &History, live: &Live, policy: &Policy) -> Plan {
    let mut plan = Plan { outside: live.outside, ..Plan::default() };
    let deeds = deeds(history);
    let mut turning = Turning { live, mask: Mask(&policy.sensitive), ours: BTreeSet::new() };
    turning.ours = deeds.values().filter_map(|deed| turning.own(deed).cloned()).collect();
    for deed in deeds.values().filter(|deed| !deed.without_effect) {
        match (deed.changed, deed.deleted, deed.added) {
            (Some((was, became)), _, _) => turning.turn_change(deed, was, became, &mut plan),
            (None, Some(was), Some(became)) => turning.turn_replace(deed, was, became, &mut plan),
            (None, Some(was), None) => turning.turn_delete(deed, was, &mut plan),
            (None, None, Some(became)) => turning.turn_add(deed, became, &mut plan),
            (None, None, None) => {}
        }
    }
    finish(plan, live, live.clients.len(), policy)
}

fn intent(record: &Record) -> Option<&IntentRecord> {
    match record {
        Record::Intent(intent) => Some(intent),
        Record::Run(_) | Record::Outcome(_) | Record::End { .. } => None,
    }
}

fn deeds(history: &History) -> BTreeMap<usize, Deed<'_>> {
    let mut deeds: BTreeMap<usize, Deed<'_>> = BTreeMap::new();
    for record in &history.records {
        match record {
            Record::Intent(intent) => {
                let IntentRecord { step, part, client, before, after } = &**intent;
                let deed = deeds.entry(*step).or_default();
                deed.client = client.as_ref();
                match part {
                    Part::Add => deed.added = after.as_ref(),
                    Part::Change => deed.changed = before.as_ref().zip(after.as_ref()),
                    Part::Delete => deed.deleted = before.as_ref(),
                }
            }
            Record::Outcome(outcome) => {
                if let Some(deed) = deeds.get_mut(&outcome.step).filter(|_| outcome.part.is_none()) {
                    deed.outcome = Some(&outcome.outcome);
                    deed.without_effect = outcome.effect.as_deref() == Some(NO_EFFECT);
                    deed.added_id = outcome.id.as_ref().filter(|_| deed.added.is_some());
                }
            }
            Record::Run(_) | Record::End { .. } => {}
        }
    }
    deeds
}

struct Turning<'a> {
    live: &'a Live,
    mask: Mask<'a>,
    /// The clients that the run added; turning them back frees their scopes.
    ours: BTreeSet<ClientId>,
}

impl Turning<'_> {
    fn turn_change(&self, deed: &Deed<'_>, was: &Snapshot, became: &Snapshot, plan: &mut Plan) {
        let Some(row) = was.id.as_ref().and_then(|id| self.live.clients.get(id)) else {
            plan.blocked.push(blocked(deed, was, None, "its live client is gone since the run", GONE));
            return;
        };
        let (payload, refused) = match restored(row, was, became, self.mask) {
            Ok(restored) => restored,
            Err(obstacle) => {
                plan.blocked.push(Blocked { obstacle, ..blocked(deed, was, Some(row), "", "") });
                return;
            }
        };
        let step = change_step(deed.client.cloned(), row, payload, self.mask);
        if !refused.is_empty() {
            let reason = format!(
                "not restored, because it is not as the run left it or not in the journal: {}",
                refused.join(", ")
            );
            plan.blocked.push(blocked(deed, was, Some(row), &reason, "set it through the definition instead"));
        }
        if !step.changes.is_empty() {
            plan.steps.push(step);
        } else if refused.is_empty() {
            plan.unchanged.extend(unchanged(deed, row));
        }
    }

    fn turn_add(&self, deed: &Deed<'_>, became: &Snapshot, plan: &mut Plan) {
        let Some(row) = self.find_added(deed, became) else { return };
        match untouched(row, became, self.mask) {
            Ok(()) => plan.steps.push(delete_step(deed.client.cloned(), row, self.mask)),
            Err(changed) => plan.blocked.push(blocked(deed, became, Some(row), &changed, CHANGED)),
        }
    }

    fn turn_delete(&self, deed: &Deed<'_>, was: &Snapshot, plan: &mut Plan) {
        if let Some(row) = was.id.as_ref().and_then(|id| self.live.clients.get(id)) {
            // The delete was intended and did not happen.
            plan.unchanged.extend(unchanged(deed, row));
            return;
        }
        if let Some(row) = self.holder(&was.scope).filter(|row| !self.ours.contains(&row.id)) {
            match untouched(row, was, self.mask) {
                Ok(()) => plan.unchanged.extend(unchanged(deed, row)),
                Err(_) => {
                    plan.blocked.push(blocked(deed, was, Some(row), "its scope is held by another live client", HELD));
                }
            }
            return;
        }
        if was.scope.is_unresolved() {
            plan.blocked.push(blocked(
                deed,
                was,
                None,
                "its true scope was never shown, so it cannot be added",
                UNRESOLVED,
            ));
            return;
        }
        let (payload, missing) = payload_of(was);
        note_missing(deed, was, &missing, plan);
        plan.steps.push(add_step(deed.client.cloned(), was.scope.clone(), payload, self.mask));
    }

    fn turn_replace(&self, deed: &Deed<'_>, was: &Snapshot, became: &Snapshot, plan: &mut Plan) {
        let Some(row) = self.find_added(deed, became) else { return self.turn_delete(deed, was, plan) };
        if was.id.as_ref().is_some_and(|id| self.live.clients.contains_key(id)) {
            return self.turn_add(deed, became, plan);
        }
        match untouched(row, became, self.mask) {
            Ok(()) => {
                let (payload, missing) = payload_of(was);
                note_missing(deed, was, &missing, plan);
                plan.steps.push(replace_step(deed.client.cloned(), was.scope.clone(), row, payload, self.mask));
            }
            Err(changed) => plan.blocked.push(blocked(deed, became, Some(row), &changed, CHANGED)),
        }
    }

    /// Finds what a step added: by its id, and by its scope only if the run ended before it learnt the id. Whoever holds the
    /// scope after an add that failed was added by somebody else.
    fn find_added(&self, deed: &Deed<'_>, became: &Snapshot) -> Option<&LiveClient> {
        match deed.added_id {
            Some(id) => self.live.clients.get(id),
            None if deed.is_in_doubt() => self.holder(&became.scope),
            None => None,
        }
    }

    /// Gives the client that a step added, also if it never learnt the id: what holds the scope and is as it was to be.
    fn own(&self, deed: &Deed<'_>) -> Option<&'_ ClientId> {
        let became = deed.added?;
        let row = self.find_added(deed, became)?;
        let as_added = deed.added_id.is_some() || untouched(row, became, self.mask).is_ok();
        as_added.then_some(&row.id)
    }

    fn holder(&self, scope: &Scope) -> Option<&LiveClient> {
        self.live.clients.values().find(|row| row.scope == *scope && !scope.is_unresolved())
    }
}

const GONE: &str = "nothing to restore: the next `icsync apply` adds it if git defines it";
const CHANGED: &str = "somebody changed it since the run: look at it, then edit or remove its definition instead";
const HELD: &str = "remove that client first if the old one shall come back";
const UNRESOLVED: &str = "add a definition with the true scope";

fn blocked(deed: &Deed<'_>, one: &Snapshot, row: Option<&LiveClient>, reason: &str, help: &str) -> Blocked {
    Blocked {
        client: deed.client.cloned(),
        scope: one.scope.clone(),
        id: row.map(|row| row.id.clone()),
        at: None,
        obstacle: Obstacle::new(reason, help),
    }
}

fn unchanged(deed: &Deed<'_>, row: &LiveClient) -> Option<Unchanged> {
    let client = deed.client.cloned()?;
    let at = crate::model::Location { file: "journal".into(), line: 1, column: 1 };
    Some(Unchanged { client, scope: row.scope.clone(), id: Some(row.id.clone()), at, not_compared: Vec::new() })
}

fn note_missing(deed: &Deed<'_>, was: &Snapshot, missing: &[String], plan: &mut Plan) {
    if missing.is_empty() {
        return;
    }
    let reason = format!("restored without {}, which the journal does not hold", missing.join(", "));
    let help = "sensitive values are never journalled, and what the server does not show cannot be: set them by `icsync apply`";
    plan.blocked.push(blocked(deed, was, None, &reason, help));
}

/// Checks that a client is as the run left it, field by field; what the server does not show is no evidence.
fn untouched(row: &LiveClient, became: &Snapshot, mask: Mask<'_>) -> Result<(), String> {
    let now = Snapshot::of_live(row, mask);
    let paths = differing(&now, became);
    if paths.is_empty() {
        return Ok(());
    }
    Err(format!("it is not as the run left it: {}", paths.join(", ")))
}

/// Names what differs between two snapshots, as `settings.core::x`.
fn differing(now: &Snapshot, then: &Snapshot) -> Vec<String> {
    let (now, then) = (flat(now), flat(then));
    let paths: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    let comparable = |path: &&&String| {
        let field = path.split('.').next().unwrap_or_default();
        shows(&now, field) && shows(&then, field)
    };
    let differs = paths.iter().filter(comparable).filter(|path| now.get(**path) != then.get(**path));
    differs.map(|path| format!("`{}`", path.escape_debug())).collect()
}

type Flat = BTreeMap<String, Json>;

/// Tells whether a field was shown at all: each shown field leaves a mark under its own name.
fn shows(flat: &Flat, field: &str) -> bool {
    flat.contains_key(field)
}

fn flat(one: &Snapshot) -> Flat {
    let Snapshot { scope: _, id: _, content, left_out } = one;
    let mut flat = Flat::new();
    for (field, value) in content.texts() {
        flat.extend(value.clone().map(|value| (field.name().to_owned(), value)));
    }
    for (field, entries) in content.entries() {
        let Some(entries) = entries else { continue };
        flat.insert(field.name().to_owned(), Json::from(true));
        flat.extend(entries.iter().map(|(key, value)| (format!("{field}.{key}"), value.clone())));
    }
    flat.extend(left_out.iter().map(|(path, digest)| (path.clone(), Json::text(digest.clone()))));
    flat
}

/// Gives the content that undoes a change: the live content with each value that the run changed put back, and the paths
/// that are not put back because they are not as the run left them.
fn restored(
    row: &LiveClient,
    was: &Snapshot,
    became: &Snapshot,
    mask: Mask<'_>,
) -> Result<(Payload, Vec<String>), Obstacle> {
    let mut payload = row.content.known().complete().map(Content::cloned).map_err(|unknown| {
        Obstacle::new(
            format!("the live {} cannot be read, and writing would wipe it", Field::list(&unknown)),
            "restore it through its definition",
        )
    })?;
    let (now, then, before) = (flat(&Snapshot::of_live(row, mask)), flat(became), flat(was));
    let (mut refused, mut unseen) = (Vec::new(), BTreeSet::new());
    let paths: BTreeSet<&String> = then.keys().chain(before.keys()).collect();
    for path in paths {
        let (old, new) = (before.get(path), then.get(path));
        if old == new || now.get(path) == old {
            continue;
        }
        let sensitive = was.left_out.contains_key(path) || became.left_out.contains_key(path);
        let field = path.split('.').next().unwrap_or_default();
        if !shows(&before, field) && !sensitive {
            // What it was nobody knows, so nothing takes its place.
            unseen.insert(format!("`{field}`"));
        } else if now.get(path) != new || sensitive {
            refused.push(format!("`{}`{}", path.escape_debug(), if sensitive { " (sensitive)" } else { "" }));
        } else {
            put(&mut payload, path, old);
        }
    }
    refused.extend(unseen.into_iter().map(|field| format!("{field} (the server did not show it before the run)")));
    Ok((payload, refused))
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
            (Some(key), Some(value)) => drop(entries.insert(key.into(), value.clone())),
            (Some(key), None) => drop(entries.remove(key)),
            (None, _) => {}
        },
    );
}

/// Gives the content of a snapshot, and what it does not hold.
fn payload_of(was: &Snapshot) -> (Payload, Vec<String>) {
    let Snapshot { scope: _, id: _, content, left_out } = was;
    let mut missing: Vec<String> = left_out.keys().map(|path| format!("`{}`", path.escape_debug())).collect();
    let unread = content.fields_where(Option::is_none, Option::is_none);
    let unread = unread.iter().filter(|field| !left_out.contains_key(field.name()));
    missing.extend(unread.map(|field| format!("`{field}`")));
    let payload = content.as_ref().map(
        |_, text| text.as_ref().and_then(|text| text.value().as_str()).unwrap_or_default().to_owned(),
        |_, entries| entries.clone().unwrap_or_default(),
    );
    (payload, missing)
}
