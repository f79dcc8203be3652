//! A part of a saved plan: which of its steps the command line names, and whether they still hold.

use std::collections::BTreeSet;
use std::path::Path;

use super::args::{SelectArguments, StepList};
use super::error::RolloutError;
use super::failure::Failure;
use super::planning::{ChosenRollout, Planned};
use super::saved::{bounded, unusable};
use super::selecting::selection;
use crate::document::{ComparedPart, PlanPart, PlanV1, SavedPlan};
use crate::model::Desired;
use crate::plan::WaveChoice;

/// Finds the steps of a saved plan that the command line names; `None` if it means the whole plan.
pub(super) fn part_of(
    saved: &SavedPlan,
    (list, select): (Option<&StepList>, &SelectArguments),
    desired: &Desired,
) -> Result<Option<PlanPart>, Failure> {
    let selection = selection(select);
    if list.is_none() && selection.is_all() {
        return Ok(None);
    }
    let steps = &saved.plan.steps;
    let ranges = list.map_or(&[][..], StepList::ranges);
    let known = |number: u64| steps.iter().any(|step| step.number == number);
    if let Some(number) = ranges.iter().flat_map(|(first, last)| [*first, *last]).find(|number| !known(*number)) {
        return Err(RolloutError::UnknownStep { number, steps: steps.len() }.into());
    }
    let is_listed =
        |number: u64| list.is_none() || ranges.iter().any(|(first, last)| (*first..=*last).contains(&number));
    let wanted: BTreeSet<u64> = steps
        .iter()
        .filter(|step| is_listed(step.number) && selection.covers_step(step.client.as_ref(), &step.scope, desired))
        .map(|step| step.number)
        .collect();
    if wanted.is_empty() {
        return Err(RolloutError::NothingChosen.into());
    }
    Ok(Some(saved.part(wanted)))
}

/// Leaves the part of a plan made now, under the numbers of the saved one. Gives what differs too, a line each.
pub(super) fn leave_part(
    planned: Planned,
    (saved, file): (&SavedPlan, &Path),
    part: &PlanPart,
    now: &PlanV1,
) -> Result<(Planned, Vec<String>), Failure> {
    let key = &planned.policy.sensitive.key;
    let unusable = |error| unusable((saved, file), error);
    saved.check_key(key).map_err(unusable)?;
    let ComparedPart { numbers, differences } = saved.compare_part(part, now).map_err(unusable)?;
    let Planned { plan, rollout: ChosenRollout { rules, choice }, mut heading, .. } = planned;
    let first = choice.first.iter().filter_map(|number| numbers.get(number).copied()).collect();
    heading.options.part = Some(ranges(part.wanted.union(&part.along).copied()));
    let plan = plan.part(&numbers);
    let rollout = ChosenRollout { rules, choice: WaveChoice { first, ..choice } };
    Ok((Planned { heading, plan, rollout, ..planned }, bounded(differences)))
}

/// Writes numbers, in order, as `1-20,35`.
pub(super) fn ranges(numbers: impl IntoIterator<Item = u64>) -> String {
    let numbers: BTreeSet<u64> = numbers.into_iter().collect();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut().filter(|(_, last)| last + 1 == number) {
            Some((_, last)) => *last = number,
            None => ranges.push((number, number)),
        }
    }
    let text = |(first, last): (u64, u64)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    ranges.into_iter().map(text).collect::<Vec<_>>().join(",")
}
