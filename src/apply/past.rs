//! What a run wrote, as far as its journal tells.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::{DELETED, History, IntentRecord, NO_EFFECT, OutcomeRecord, Part, Record};
use super::outcome::{FAILED, UNKNOWN};
use crate::model::Change;
use crate::plan::{RunEnd, RunStep};

/// Gives the steps of a run in their order.
pub(crate) fn run_steps(history: &History) -> Vec<RunStep<'_>> {
    let mut steps: BTreeMap<usize, RunStep<'_>> = BTreeMap::new();
    for record in &history.records {
        match record {
            Record::Intent(intent) => {
                let step = steps.entry(intent.step).or_default();
                step.number = intent.step;
                note_intent(step, intent);
            }
            // A part of a step leaves the step open.
            Record::Outcome(outcome) if outcome.part.is_none() => {
                note_outcome(steps.entry(outcome.step).or_default(), outcome);
            }
            Record::Run(_) | Record::Outcome(_) | Record::End { .. } => {}
        }
    }
    steps.into_values().collect()
}

/// Names the steps of a run that replaced a client, deleted it, and could not add it again.
pub(crate) fn lost_steps(history: &History) -> BTreeSet<usize> {
    let (mut deleted, mut lost) = (BTreeSet::new(), BTreeSet::new());
    for record in &history.records {
        match record {
            Record::Outcome(outcome) if outcome.part.is_some() => drop(deleted.insert(outcome.step)),
            // One that was added, only not as it shall be, has an id.
            Record::Outcome(outcome) if outcome.outcome == FAILED && outcome.id.is_none() => {
                lost.extend(deleted.get(&outcome.step));
            }
            Record::Run(_) | Record::Intent(_) | Record::Outcome(_) | Record::End { .. } => {}
        }
    }
    lost
}

fn note_intent<'a>(run: &mut RunStep<'a>, intent: &'a IntentRecord) {
    let IntentRecord { step: _, part, client, before, after } = intent;
    let (before, after) = (before.as_ref(), after.as_ref());
    run.client = client.as_ref();
    match part {
        Part::Add => run.added = after,
        Part::Change => run.changed = before.zip(after).map(|(before, after)| Change { before, after }),
        Part::Delete => run.deleted = before,
    }
}

fn note_outcome<'a>(run: &mut RunStep<'a>, record: &'a OutcomeRecord) {
    let OutcomeRecord { step: _, action: _, client: _, scope: _, part: _, outcome, effect, id, message: _, left } =
        record;
    run.id = id.as_ref();
    run.left = left.as_deref();
    run.end = match (effect.as_deref(), outcome.as_str()) {
        (Some(NO_EFFECT), _) => RunEnd::WithoutEffect,
        (Some(DELETED), _) => RunEnd::Settled,
        (_, UNKNOWN | FAILED) => RunEnd::InDoubt,
        _ => RunEnd::Settled,
    };
}
