//! What differs between a saved plan and one made now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::plan::{GuardV1, ImageV1, PlanV1, StepV1};
use super::remarks::BlockedV1;
use super::saved::SavedPlan;
use crate::model::Field;
use crate::plan::Action;
use crate::redact::Shown;

/// Says what differs between a saved plan and one made now; empty when the saved one still holds. Positions in files,
/// the commit, and clients that no step touches may differ.
pub(crate) fn difference(saved: &SavedPlan, now: &PlanV1) -> Vec<String> {
    let (old, new) = (steps(&saved.plan), steps(now));
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
        ("prune", saved.plan.prune == now.prune),
        ("blocked", blocked(&saved.plan) == blocked(now)),
        ("guard", guard(&saved.plan) == guard(now)),
    ];
    differences.extend(same.iter().filter(|(_, same)| !same).map(|(part, _)| format!("`{part}` differs")));
    if differences.is_empty() && !saved.is_understood() {
        differences.push("the saved plan says more than this version of icsync knows".to_owned());
    }
    differences
}

/// Gives the steps by client, without what may differ without meaning anything: where definitions stand.
fn steps(plan: &PlanV1) -> BTreeMap<String, StepV1> {
    let without_positions = |step: &StepV1| {
        let mut step = step.clone();
        step.number = 0;
        step.source = None;
        step.after_steps.clear();
        for change in &mut step.changes {
            change.source = None;
        }
        step
    };
    plan.steps.iter().map(|step| (step_key(step), without_positions(step))).collect()
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

fn verb(step: &StepV1) -> &'static str {
    step.action.known().map_or("do something to", Action::name)
}

fn step_key(step: &StepV1) -> String {
    let client = step.client.as_ref().map(|client| client.as_str().to_owned());
    client.or_else(|| Some(step.id.as_ref()?.as_str().to_owned())).unwrap_or_else(|| step.scope.to_string())
}

fn step_difference(key: &str, old: &StepV1, new: &StepV1) -> Vec<String> {
    if old == new {
        return Vec::new();
    }
    let same = [("action", old.action == new.action), ("scope", old.scope == new.scope), ("id", old.id == new.id)];
    let mut differences: Vec<String> =
        same.iter().filter(|(_, same)| !same).map(|(name, _)| format!("{key}: `{name}` differs")).collect();
    for (was, is, what) in [(&old.before, &new.before, "the live"), (&old.after, &new.after, "the desired")] {
        for ((field, was), (_, is)) in fields(was.as_ref()).into_iter().zip(fields(is.as_ref())) {
            if was != is {
                let keys = differing_keys(was, is);
                differences.push(format!("{key}: {what} `{field}`{keys} is not what it was when the plan was saved"));
            }
        }
    }
    if differences.is_empty() {
        differences.push(format!("{key}: the live client is not what it was when the plan was saved"));
    }
    differences
}

/// One field of an image.
#[derive(Clone, Copy, PartialEq)]
enum ImageField<'a> {
    /// There is no image.
    None,
    Text(Option<&'a Shown>),
    Entries(Option<&'a BTreeMap<Arc<str>, Shown>>),
}

fn fields(image: Option<&ImageV1>) -> [(Field, ImageField<'_>); 4] {
    let Some(image) = image else { return Field::ALL.map(|field| (field, ImageField::None)) };
    let ImageV1 { description, cm_environment_id, policies, settings } = image;
    [
        (Field::Description, ImageField::Text(description.as_ref())),
        (Field::CmEnvironmentId, ImageField::Text(cm_environment_id.as_ref())),
        (Field::Policies, ImageField::Entries(policies.as_ref())),
        (Field::Settings, ImageField::Entries(settings.as_ref())),
    ]
}

fn differing_keys(was: ImageField<'_>, is: ImageField<'_>) -> String {
    let (ImageField::Entries(Some(was)), ImageField::Entries(Some(is))) = (was, is) else { return String::new() };
    let keys: BTreeSet<&Arc<str>> = was.keys().chain(is.keys()).filter(|key| was.get(*key) != is.get(*key)).collect();
    let keys: Vec<String> = keys.into_iter().map(|key| format!("`{}`", key.escape_debug())).collect();
    format!(" at {}", keys.join(", "))
}
