//! Which step goes in which wave.

use std::collections::{BTreeMap, BTreeSet};

use super::step::Step;
use super::withhold::Withheld;
use crate::model::Waves;

/// In which waves a plan is carried out.
#[derive(Debug, Clone, Default)]
pub(crate) struct WaveChoice {
    /// How many steps each takes, if there are to be waves.
    pub waves: Option<Waves>,
    /// The numbers of the steps that go first.
    pub first: BTreeSet<usize>,
}

/// How a plan is carried out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rollout {
    /// The steps that are not done whenever the plan is applied, and why.
    pub withheld: BTreeMap<usize, Withheld>,
    /// Those that are not done besides: what one apply of the plan does not approve.
    pub for_now: BTreeMap<usize, Withheld>,
    /// The numbers of the steps of each wave; none where all are done at once.
    pub waves: Vec<BTreeSet<usize>>,
}

impl Rollout {
    /// Tells why a step is not done, if so.
    pub(crate) fn reason(&self, number: usize) -> Option<&Withheld> {
        self.withheld.get(&number).or_else(|| self.for_now.get(&number))
    }

    /// Gives the wave of a step, from 1.
    pub(crate) fn wave_of(&self, number: usize) -> Option<usize> {
        self.waves.iter().position(|wave| wave.contains(&number)).map(|place| place + 1)
    }
}

/// Steps that depend on each other, also by way of others.
#[derive(Debug, Clone)]
struct StepGroup {
    steps: Vec<usize>,
    destroys: bool,
    chosen: bool,
}

/// Fills waves in the order of the plan. What depends on each other goes together, also where that is more than a wave takes.
/// The first wave begins with what is `chosen`, and as long as there is anything else it has neither deletes nor replaces.
pub(crate) fn fill(steps: &[Step], withheld: &BTreeMap<usize, Withheld>, choice: &WaveChoice) -> Vec<BTreeSet<usize>> {
    let WaveChoice { waves, first: chosen } = choice;
    let mut open = groups(steps, withheld, chosen);
    let all = open.iter().map(|group| group.steps.len()).sum();
    let mut filled = Vec::new();
    if waves.is_none() && chosen.is_empty() {
        return filled;
    }
    let mut rooms: Vec<usize> = waves.iter().flat_map(Waves::sizes).map(|size| size.steps(all)).collect();
    if rooms.is_empty() {
        // Only what is chosen goes first.
        rooms = vec![0, usize::MAX];
    }
    for (place, room) in rooms.into_iter().enumerate() {
        let first = place == 0;
        let spares = first && open.iter().any(|group| !group.destroys);
        let (fit, later): (Vec<StepGroup>, Vec<StepGroup>) =
            open.into_iter().partition(|group| !(spares && group.destroys));
        let (wave, left) = take(fit, room, if first { Chosen::First } else { Chosen::AsOthers });
        open = left.into_iter().chain(later).collect();
        open.sort_by_key(|group| group.steps[0]);
        if !wave.is_empty() {
            filled.push(wave);
        }
    }
    filled
}

/// Whether what is chosen comes before the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    First,
    AsOthers,
}

/// Takes groups for a wave as long as there is room, and leaves the rest. A group that is larger than the wave is taken by itself.
fn take(groups: Vec<StepGroup>, room: usize, chosen: Chosen) -> (BTreeSet<usize>, Vec<StepGroup>) {
    let (first, others): (Vec<StepGroup>, Vec<StepGroup>) =
        groups.into_iter().partition(|group| chosen == Chosen::First && group.chosen);
    let mut wave: BTreeSet<usize> = first.into_iter().flat_map(|group| group.steps).collect();
    let mut left = Vec::new();
    for group in others {
        let fits = wave.len().saturating_add(group.steps.len()) <= room || (wave.is_empty() && room > 0);
        if fits && left.is_empty() {
            wave.extend(group.steps);
        } else {
            left.push(group);
        }
    }
    (wave, left)
}

/// Gives what is done in groups that are never split, in the order of their first steps.
fn groups(steps: &[Step], withheld: &BTreeMap<usize, Withheld>, chosen: &BTreeSet<usize>) -> Vec<StepGroup> {
    let done: BTreeMap<usize, &Step> =
        steps.iter().filter(|step| !withheld.contains_key(&step.number)).map(|step| (step.number, step)).collect();
    let group = |numbers: Vec<usize>| StepGroup {
        destroys: numbers.iter().any(|number| done[number].action().is_destructive()),
        chosen: numbers.iter().any(|number| chosen.contains(number)),
        steps: numbers,
    };
    connected(done.values().copied()).into_iter().map(group).collect()
}

/// Gives the numbers of steps that depend on each other, also by way of others, each group in order.
pub(crate) fn connected<'s>(steps: impl Iterator<Item = &'s Step>) -> Vec<Vec<usize>> {
    let mut near: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let steps: Vec<&Step> = steps.collect();
    let numbers: BTreeSet<usize> = steps.iter().map(|step| step.number).collect();
    for step in &steps {
        for other in step.after_steps.iter().filter(|other| numbers.contains(other)) {
            near.entry(step.number).or_default().push(*other);
            near.entry(*other).or_default().push(step.number);
        }
    }
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut groups = Vec::new();
    for number in &numbers {
        let mut open = vec![*number];
        let mut group = Vec::new();
        while let Some(one) = open.pop() {
            if seen.insert(one) {
                group.push(one);
                open.extend(near.get(&one).into_iter().flatten());
            }
        }
        if !group.is_empty() {
            group.sort_unstable();
            groups.push(group);
        }
    }
    groups
}
