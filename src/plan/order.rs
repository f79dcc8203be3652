//! The order of steps: what frees a scope comes before what needs it, also in a ring of moves.

use std::collections::{BTreeMap, BTreeSet};

use super::step::Step;
use crate::model::Scope;

/// Orders steps and numbers them from 1. Independent steps stand in the order of their definitions; in a ring of moves
/// the first of them opens it: it deletes before its own scope is free.
pub(crate) fn order(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by(|left, right| left.at.cmp(&right.at).then_with(|| sort_key(left).cmp(&sort_key(right))));
    let needs = needs(&steps);
    let mut waiting: BTreeSet<usize> = (0..steps.len()).collect();
    let mut ready: BTreeSet<usize> = waiting.iter().copied().filter(|index| needs[*index].is_empty()).collect();
    let mut dependents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut open: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    for (index, needed) in needs.iter().enumerate() {
        needed.iter().for_each(|other| dependents.entry(*other).or_default().push(index));
    }
    let mut sequence = Vec::with_capacity(steps.len());
    while let Some(next) = ready.pop_first().or_else(|| waiting.first().copied()) {
        ready.remove(&next);
        waiting.remove(&next);
        sequence.push(next);
        for dependent in dependents.get(&next).into_iter().flatten() {
            open[*dependent] -= 1;
            if open[*dependent] == 0 && waiting.contains(dependent) {
                ready.insert(*dependent);
            }
        }
    }
    number(steps, &sequence, &needs)
}

fn sort_key(step: &Step) -> (Option<&str>, &Scope, Option<&str>) {
    (
        step.client.as_ref().map(crate::model::ClientName::as_str),
        &step.scope,
        step.id().map(crate::model::ClientId::as_str),
    )
}

/// For each step, the steps that free the scope that it needs.
fn needs(steps: &[Step]) -> Vec<BTreeSet<usize>> {
    let mut freed: BTreeMap<&Scope, Vec<usize>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        if let Some(scope) = step.frees() {
            freed.entry(scope).or_default().push(index);
        }
    }
    let needed = |(index, step): (usize, &Step)| {
        let freeing = step.needs().and_then(|scope| freed.get(scope));
        freeing.into_iter().flatten().copied().filter(|other| *other != index).collect()
    };
    steps.iter().enumerate().map(needed).collect()
}

fn number(steps: Vec<Step>, sequence: &[usize], needs: &[BTreeSet<usize>]) -> Vec<Step> {
    let numbers: BTreeMap<usize, usize> =
        sequence.iter().enumerate().map(|(place, index)| (*index, place + 1)).collect();
    let mut steps: Vec<Step> = steps
        .into_iter()
        .enumerate()
        .map(|(index, step)| Step {
            number: numbers[&index],
            after_steps: {
                let mut after: Vec<usize> = needs[index].iter().map(|other| numbers[other]).collect();
                after.sort_unstable();
                after
            },
            ..step
        })
        .collect();
    steps.sort_by_key(|step| step.number);
    steps
}
