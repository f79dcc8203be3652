//! What differs between a saved plan and one made now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::guard::GuardV1;
use super::meaning::{ImageField, StepMeaning, fields};
use super::plan::PlanV1;
use super::remarks::BlockedV1;
use crate::plan::Action;

const LIVE: &str = "the live";
const DESIRED: &str = "the desired";

/// Says what differs between a saved plan and one made now; empty when the saved one still holds. Positions in files,
/// the commit, and clients that no step touches may differ.
pub(super) fn difference(saved: &PlanV1, now: &PlanV1) -> Vec<String> {
    // Read back as the saved one was: of a sensitive value both say nothing but its digest.
    let Ok(now) = serde_json::to_value(now).and_then(serde_json::from_value::<PlanV1>) else {
        return vec!["what would be done now cannot be written down".to_owned()];
    };
    let (old, new) = (steps(saved), steps(&now));
    let mut differences = Vec::new();
    for (key, step) in &old {
        match new.get(key) {
            None => differences.push(format!(
                "{key}: the saved plan would {} it, and there is nothing to do any more or something else",
                verb(step)
            )),
            Some(other) => differences.extend(step_difference(key, step, other)),
        }
    }
    differences.extend(
        new.iter()
            .filter(|(key, _)| !old.contains_key(*key))
            .map(|(key, step)| format!("{key}: it now has to {} it, which the saved plan does not", verb(step))),
    );
    let same = [
        ("prune", saved.prune == now.prune),
        ("blocked", blocked(saved) == blocked(&now)),
        ("guard", guard(saved) == guard(&now)),
    ];
    differences.extend(same.iter().filter(|(_, same)| !same).map(|(part, _)| format!("`{part}` differs")));
    differences
}

fn steps(plan: &PlanV1) -> BTreeMap<String, StepMeaning<'_>> {
    plan.steps.iter().map(StepMeaning::from).map(|step| (step.key(), step)).collect()
}

fn blocked(plan: &PlanV1) -> Vec<BlockedV1> {
    plan.blocked.iter().map(|one| BlockedV1 { source: None, ..one.clone() }).collect()
}

fn guard(plan: &PlanV1) -> GuardV1 {
    let mut guard = plan.guard.clone();
    for finding in &mut guard.findings {
        finding.steps.clear();
    }
    guard
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
