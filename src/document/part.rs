//! A part of a saved plan: which of its steps are asked for, and whether they still hold.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::difference;
use super::guard::{GuardV1, VerdictV1};
use super::meaning::StepMeaning;
use super::plan::{PlanV1, PreconditionV1, StepV1};
use super::saved::{DocumentError, SavedPlan};
use crate::model::ClientId;

/// The steps of a saved plan that an apply is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PlanPart {
    /// Those that are asked for.
    pub(crate) wanted: BTreeSet<u64>,
    /// Those that have to come before them, and were not asked for.
    pub(crate) along: BTreeSet<u64>,
}

/// A part of a saved plan beside what would be done now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ComparedPart {
    /// The numbers of its steps in the plan made now, and in the saved one.
    pub(crate) numbers: BTreeMap<usize, usize>,
    /// What differs, a line each.
    pub(crate) differences: Vec<String>,
}

impl SavedPlan {
    /// Takes along what the wanted steps wait for, so that no step of the part waits for one that is not in it.
    pub(crate) fn part(&self, wanted: BTreeSet<u64>) -> PlanPart {
        let steps: BTreeMap<u64, &StepV1> = self.plan.steps.iter().map(|step| (step.number, step)).collect();
        let mut all = wanted.clone();
        let mut open: Vec<u64> = wanted.iter().copied().collect();
        while let Some(step) = open.pop().and_then(|number| steps.get(&number)) {
            open.extend(step.after_steps.iter().copied().filter(|number| all.insert(*number)));
        }
        let along = all.difference(&wanted).copied().collect();
        PlanPart { wanted, along }
    }

    /// Compares the steps of a part with those of a plan made now. What was taken along and is done by now is no difference.
    pub(crate) fn compare_part(&self, part: &PlanPart, now: &PlanV1) -> Result<ComparedPart, DocumentError> {
        if now.digest_key.is_some() && self.plan.digest_key.is_none() {
            return Err(DocumentError::NoDigests);
        }
        let present: BTreeMap<String, &StepV1> = now.steps.iter().map(|step| (key(step), step)).collect();
        let is_done = |step: &StepV1| part.along.contains(&step.number) && !present.contains_key(&key(step));
        let is_meant = |step: &&StepV1| part.wanted.contains(&step.number) || part.along.contains(&step.number);
        let meant: Vec<&StepV1> = self.plan.steps.iter().filter(is_meant).collect();
        let done: BTreeSet<&ClientId> =
            meant.iter().filter(|step| is_done(step)).filter_map(|step| step.id.as_ref()).collect();
        let saved = meant.iter().filter(|step| !is_done(step)).map(|step| without(step, &done));
        let saved = alone(&self.plan, saved.collect());
        let keys: BTreeMap<String, u64> = saved.steps.iter().map(|step| (key(step), step.number)).collect();
        let numbers = now.steps.iter().filter_map(|step| {
            let number = keys.get(&key(step))?;
            Some((usize::try_from(step.number).ok()?, usize::try_from(*number).ok()?))
        });
        let obstacles = &now.blocked;
        let now = alone(now, now.steps.iter().filter(|step| keys.contains_key(&key(step))).cloned().collect());
        let mut differences = difference(&saved, &now, obstacles);
        if differences.is_empty() && !self.is_understood() {
            differences.push("the saved plan says more than this version of icsync knows".to_owned());
        }
        Ok(ComparedPart { numbers: numbers.collect(), differences })
    }
}

fn key(step: &StepV1) -> String {
    StepMeaning::from(step).key()
}

/// Gives the plan with nothing but some of its steps: what speaks against the others is none of their business.
fn alone(plan: &PlanV1, steps: Vec<StepV1>) -> PlanV1 {
    let guard = GuardV1 { verdict: VerdictV1::Allowed, findings: Vec::new() };
    PlanV1 { steps, guard, blocked: Vec::new(), ..plan.clone() }
}

/// Gives a step that expects clients no more which are gone from its scope by now.
fn without(step: &StepV1, done: &BTreeSet<&ClientId>) -> StepV1 {
    let mut step = step.clone();
    if let PreconditionV1::ScopeIsFree { known_ids, .. } = &mut step.precondition {
        known_ids.retain(|id| !done.contains(id));
    }
    step
}
