//! What differs between a saved plan and one made now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::guard::GuardV1;
use super::meaning::{ImageField, StepMeaning, fields};
use super::plan::{PlanV1, PruneV1, StepV1};
use super::remarks::{BlockedV1, NotComparedV1};
use crate::model::{ClientId, ClientName};
use crate::plan::Action;

const LIVE: &str = "the live";
const DESIRED: &str = "the desired";

/// Says what differs between a saved plan and one made now; empty when the saved one still holds. Positions in files,
/// the commit, and clients that no step touches may differ. `obstacles` are what blocks clients now, also those of which the
/// two plans say nothing any more.
pub(super) fn difference(saved: &PlanV1, now: &PlanV1, obstacles: &[BlockedV1]) -> Vec<String> {
    let Some(rest) = PlanRest::of(now).read_back() else { return unwritable() };
    let old: BTreeMap<String, &StepV1> = saved.steps.iter().map(|step| (StepMeaning::from(step).key(), step)).collect();
    // By what there is to say of old steps first, then of new ones.
    let mut told: BTreeMap<(bool, String), Vec<String>> = BTreeMap::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for step in &now.steps {
        let Some(step) = read_back(step) else { return unwritable() };
        let step = StepMeaning::from(&step);
        let key = step.key();
        let differences = match old.get(&key) {
            Some(old) => step_difference(&key, &StepMeaning::from(*old), &step),
            None => vec![format!("{}: it now has to {} it, which the saved plan does not", step.title(), verb(&step))],
        };
        seen.insert(key.clone());
        if !differences.is_empty() {
            told.insert((!old.contains_key(&key), key), differences);
        }
    }
    for (key, step) in old.iter().filter(|(key, _)| !seen.contains(*key)) {
        let text = missing(step, now, obstacles);
        told.insert((false, key.clone()), vec![text]);
    }
    let told_of: BTreeSet<String> = told.keys().map(|(_, key)| key.clone()).collect();
    let mut differences: Vec<String> = told.into_values().flatten().collect();
    differences.extend(blocked_difference((&blocked(&saved.blocked), &blocked(&rest.blocked)), &told_of));
    differences.extend((saved.prune != rest.prune).then(|| "`prune` differs".to_owned()));
    differences.extend(guard_difference(&guard(&saved.guard), &guard(&rest.guard)));
    differences
}

/// Says why a step of the saved plan is none any more, as far as that can be told.
fn missing(step: &StepV1, now: &PlanV1, obstacles: &[BlockedV1]) -> String {
    let meaning = StepMeaning::from(step);
    let (title, verb) = (meaning.title(), verb(&meaning));
    let is_of = |one: &&BlockedV1| match &step.client {
        Some(client) => one.client.as_ref() == Some(client),
        None => one.client.is_none() && one.id == step.id,
    };
    let is_settled = |one: &NotComparedV1| step.client.as_ref() == Some(&one.client);
    let why = match obstacles.iter().find(is_of) {
        Some(obstacle) => format!("it is blocked now: {}", obstacle.reason),
        None if now.unchanged.iter().any(is_settled) => "there is nothing to do any more".to_owned(),
        None => "there is nothing to do any more or something else".to_owned(),
    };
    format!("{title}: the saved plan would {verb} it, and {why}")
}

/// Says who is blocked now and was not, and the other way round; of whom a step is told already, nothing is said again.
fn blocked_difference((saved, now): (&[BlockedV1], &[BlockedV1]), told_of: &BTreeSet<String>) -> Vec<String> {
    if saved == now {
        return Vec::new();
    }
    let fresh = now.iter().filter(|one| !saved.contains(one)).map(|one| (one, format!("blocked now: {}", one.reason)));
    let gone = saved.iter().filter(|one| !now.contains(one));
    let gone = gone.map(|one| (one, format!("not blocked any more as the saved plan says: {}", one.reason)));
    let lines: Vec<(String, String)> = fresh.chain(gone).map(|(one, what)| (blocked_key(one), what)).collect();
    if lines.is_empty() {
        return vec!["`blocked` differs".to_owned()];
    }
    lines.into_iter().filter(|(key, _)| !told_of.contains(key)).map(|(key, what)| format!("{key}: {what}")).collect()
}

fn blocked_key(blocked: &BlockedV1) -> String {
    let BlockedV1 { client, scope, id, .. } = blocked;
    let name = client.as_ref().map(ClientName::as_str).or_else(|| id.as_ref().map(ClientId::as_str));
    name.map_or_else(|| scope.to_string(), str::to_owned)
}

fn unwritable() -> Vec<String> {
    vec!["what would be done now cannot be written down".to_owned()]
}

/// Reads a step back as that of a saved plan was: of a sensitive value both say nothing but its digest. What changes is not
/// compared, as it follows from both sides.
fn read_back(step: &StepV1) -> Option<StepV1> {
    let step = StepV1 { changes: Vec::new(), ..step.clone() };
    serde_json::to_value(step).and_then(serde_json::from_value).ok()
}

/// What is compared of a plan besides its steps.
#[derive(Serialize, Deserialize)]
struct PlanRest {
    prune: PruneV1,
    blocked: Vec<BlockedV1>,
    guard: GuardV1,
}

impl PlanRest {
    fn of(plan: &PlanV1) -> Self {
        Self { prune: plan.prune, blocked: plan.blocked.clone(), guard: plan.guard.clone() }
    }

    fn read_back(self) -> Option<Self> {
        serde_json::to_value(self).and_then(serde_json::from_value).ok()
    }
}

fn blocked(blocked: &[BlockedV1]) -> Vec<BlockedV1> {
    blocked.iter().map(|one| BlockedV1 { source: None, ..one.clone() }).collect()
}

fn guard(guard: &GuardV1) -> GuardV1 {
    let mut guard = guard.clone();
    for finding in &mut guard.findings {
        finding.steps.clear();
    }
    guard
}

/// Says what the guard refuses now and did not, and the other way round.
fn guard_difference(saved: &GuardV1, now: &GuardV1) -> Vec<String> {
    let lines = |ones: &GuardV1, others: &GuardV1, what: &str| -> Vec<String> {
        let fresh = ones.findings.iter().filter(|one| !others.findings.contains(one));
        fresh.map(|one| format!("{what} (`{}`): {}", one.rule, one.message)).collect()
    };
    let mut differences = lines(now, saved, "the guard refuses it now");
    differences.extend(lines(saved, now, "the guard does not say any more"));
    if differences.is_empty() && saved != now {
        differences.push("`guard` differs".to_owned());
    }
    differences
}

fn verb(step: &StepMeaning<'_>) -> &'static str {
    step.action.known().map_or("do something to", Action::name)
}

fn step_difference(key: &str, old: &StepMeaning<'_>, new: &StepMeaning<'_>) -> Vec<String> {
    if old == new {
        return Vec::new();
    }
    let same = [("action", old.action == new.action), ("scope", old.scope == new.scope), ("id", old.id == new.id)];
    let mut differences: Vec<String> =
        same.iter().filter(|(_, same)| !same).map(|(name, _)| format!("{key}: `{name}` differs")).collect();
    for (was, is, what) in [(old.before, new.before, LIVE), (old.after, new.after, DESIRED)] {
        for ((field, was), (_, is)) in fields(was).into_iter().zip(fields(is)) {
            if was != is {
                let keys = differing_keys(was, is);
                differences.push(format!("{key}: {what} `{field}`{keys} is not what it was when the plan was saved"));
            }
        }
    }
    for (path, _) in old.sensitive.iter().filter(|(path, was)| new.sensitive.get(*path).is_some_and(|is| is != *was)) {
        let (side, path) = path.split_once('.').unwrap_or(("", path));
        let what = if side == "before" { LIVE } else { DESIRED };
        let path = path.escape_debug();
        differences.push(format!("{key}: {what} `{path}` (sensitive) is not what it was when the plan was saved"));
    }
    if differences.is_empty() {
        differences.push(format!("{key}: the live client is not what it was when the plan was saved"));
    }
    differences
}

fn differing_keys(was: ImageField<'_>, is: ImageField<'_>) -> String {
    let (ImageField::Entries(Some(was)), ImageField::Entries(Some(is))) = (was, is) else { return String::new() };
    let keys: BTreeSet<&Arc<str>> = was.keys().chain(is.keys()).filter(|key| was.get(*key) != is.get(*key)).collect();
    let keys: Vec<String> = keys.into_iter().map(|key| format!("`{}`", key.escape_debug())).collect();
    format!(" at {}", keys.join(", "))
}
