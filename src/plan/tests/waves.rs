//! Which step goes in which wave.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::model::{Payload, Waves};
use crate::plan::compose::{add_step, change_step, delete_step, replace_step};
use crate::plan::waves::{connected, fill};
use crate::plan::withhold::withhold;
use crate::plan::{Action, Conditions, Step, WaveChoice, Withheld};
use crate::redact::Mask;

/// Steps of these kinds; each depends on those before it that are named by their distance.
fn steps(kinds: &[(Action, Vec<usize>)]) -> Vec<Step> {
    let sensitive = crate::model::Sensitive::default();
    let mask = Mask(&sensitive);
    let live = row(A, "417/1/01", "x");
    let payload = Payload::default;
    let step = |(place, (action, after)): (usize, &(Action, Vec<usize>))| {
        let step = match action {
            Action::Add => add_step(None, live.scope.clone(), payload(), mask),
            Action::Change => change_step(None, &live, payload(), mask),
            Action::Replace => replace_step(None, live.scope.clone(), &live, payload(), mask),
            Action::Delete => delete_step(None, &live, mask),
        };
        // Only what destroys frees a scope.
        let frees = |number: &usize| *number > 0 && kinds[number - 1].0.is_destructive();
        let after: BTreeSet<usize> =
            after.iter().filter_map(|back| (place + 1).checked_sub(*back)).filter(frees).collect();
        Step { number: place + 1, after_steps: after.into_iter().collect(), ..step }
    };
    kinds.iter().enumerate().map(step).collect()
}

fn waves(text: &str) -> Waves {
    text.parse().expect("waves")
}

fn filled(kinds: &[(Action, Vec<usize>)], text: &str, first: &[usize]) -> Vec<Vec<usize>> {
    let choice = WaveChoice { waves: Some(waves(text)), first: first.iter().copied().collect() };
    fill(&steps(kinds), &BTreeMap::new(), &choice).into_iter().map(|wave| wave.into_iter().collect()).collect()
}

#[test]
fn waves_fill_in_the_order_of_the_plan_and_begin_with_what_destroys_nothing() {
    let (change, delete) = ((Action::Change, vec![]), (Action::Delete, vec![]));
    let plan = [delete.clone(), change.clone(), change.clone(), change.clone()];
    assert_eq!(filled(&plan, "1,50%,rest", &[]), [vec![2], vec![1, 3], vec![4]]);
    assert_eq!(filled(&plan, "100%", &[]), [vec![2, 3, 4], vec![1]]);
    assert_eq!(filled(&[delete.clone(), delete.clone()], "1", &[]), [[1], [2]]);
    assert_eq!(filled(&plan, "1,rest", &[4]), [vec![4], vec![1, 2, 3]]);
    // What is chosen and destroys has to wait all the same.
    assert_eq!(filled(&plan, "1,rest", &[1]), [vec![2], vec![1, 3, 4]]);
}

#[test]
fn what_depends_on_each_other_goes_together_also_where_that_is_more_than_a_wave_takes() {
    let plan = [(Action::Delete, vec![]), (Action::Replace, vec![1]), (Action::Add, vec![1]), (Action::Delete, vec![])];
    assert_eq!(filled(&plan, "1,1,rest", &[]), [vec![1, 2, 3], vec![4]]);
}

#[test]
fn only_what_is_chosen_goes_first_where_nobody_says_how_many() {
    let change = (Action::Change, vec![]);
    let plan = steps(&[change.clone(), change.clone(), change]);
    let choice = WaveChoice { waves: None, first: BTreeSet::from([2]) };
    assert_eq!(fill(&plan, &BTreeMap::new(), &choice), [BTreeSet::from([2]), BTreeSet::from([1, 3])]);
}

#[test]
fn nothing_to_approve_of_a_kind_withholds_what_waits_for_it_also_by_way_of_others() {
    let plan = steps(&[(Action::Delete, vec![]), (Action::Replace, vec![1]), (Action::Add, vec![1])]);
    let approved = Some(BTreeSet::from([Action::Add, Action::Replace]));
    let withheld = withhold(&plan, &Conditions { approved, ..Conditions::default() });
    let expected = [(1, Withheld::NotApproved(Action::Delete)), (2, Withheld::Waits(1)), (3, Withheld::Waits(2))];
    assert_eq!(withheld, BTreeMap::from(expected));
}

fn kinds() -> impl Strategy<Value = Vec<(Action, Vec<usize>)>> {
    let action = proptest::sample::select(Action::ALL.to_vec());
    let one = (action, proptest::collection::vec(1..6_usize, 0..2)).prop_map(|(action, after)| {
        // A change neither frees a scope nor needs one.
        let after = if action == Action::Change { Vec::new() } else { after };
        (action, after)
    });
    proptest::collection::vec(one, 0..20)
}

proptest! {
    #[test]
    fn every_step_that_is_not_withheld_is_in_one_wave_with_what_it_depends_on(
        kinds in kinds(),
        text in proptest::sample::select(vec!["1", "3", "1,10%,rest", "50%", "2,2,2", "100%"]),
        first in proptest::collection::btree_set(1..20_usize, 0..4),
        withheld in proptest::collection::btree_set(1..20_usize, 0..4),
    ) {
        let steps = steps(&kinds);
        let withheld: BTreeMap<usize, Withheld> =
            withheld.into_iter().map(|number| (number, Withheld::NoDeletes)).collect();
        let choice = WaveChoice { waves: Some(waves(text)), first };
        let filled = fill(&steps, &withheld, &choice);
        let all: Vec<usize> = filled.iter().flatten().copied().collect();
        let expected: BTreeSet<usize> =
            steps.iter().map(|step| step.number).filter(|number| !withheld.contains_key(number)).collect();
        prop_assert_eq!(all.len(), expected.len());
        prop_assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), expected.clone());
        let place = |number: usize| filled.iter().position(|wave| wave.contains(&number));
        let done = || steps.iter().filter(|step| expected.contains(&step.number));
        for group in connected(done()) {
            prop_assert!(group.iter().all(|number| place(*number) == place(group[0])), "{:?}", group);
        }
        prop_assert!(filled.iter().all(|wave| !wave.is_empty()));
        let action = |number: &usize| steps[number - 1].action();
        if done().any(|step| step.action() == Action::Change) {
            prop_assert!(filled[0].iter().all(|number| !action(number).is_destructive()));
        }
        // A wave has room for what is in it, is one group, or is the first and has what was chosen.
        for (place, (wave, size)) in filled.iter().zip(choice.waves.iter().flat_map(Waves::sizes)).enumerate() {
            let fits = wave.len() <= size.steps(expected.len());
            let one = connected(steps.iter().filter(|step| wave.contains(&step.number))).len() == 1;
            let chosen = place == 0 && wave.iter().any(|number| choice.first.contains(number));
            prop_assert!(fits || one || chosen, "{:?}", filled);
        }
    }
}
