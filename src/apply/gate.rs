//! The gate: a step is begun only while no window is closed for what it touches.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::model::Windows;
use crate::plan::{Plan, Step, Withheld, connected};

/// Tells the time.
pub(crate) type Clock = fn() -> Timestamp;

/// Lets steps through, or not. What depends on each other is let through together, when its first step is begun: a ring of
/// moves that is half done when a window closes would leave clients missing.
pub(super) struct Gate<'a> {
    windows: &'a Windows,
    clock: Clock,
    /// The steps of each group.
    members: Vec<Vec<&'a Step>>,
    group_of: BTreeMap<usize, usize>,
    verdicts: Mutex<BTreeMap<usize, Result<(), Withheld>>>,
}

impl<'a> Gate<'a> {
    pub(super) fn new(plan: &'a Plan, windows: &'a Windows, clock: Clock) -> Self {
        // Without windows every group is let through, so there is nothing to tell them apart for.
        let steps: BTreeMap<usize, &Step> =
            if windows.0.is_empty() { BTreeMap::new() } else { plan.ready().map(|step| (step.number, step)).collect() };
        let groups = connected(steps.values().copied());
        let members = groups.iter().map(|group| group.iter().map(|number| steps[number]).collect()).collect();
        let places = groups.iter().enumerate();
        let group_of = places.flat_map(|(place, group)| group.iter().map(move |number| (*number, place))).collect();
        Self { windows, clock, members, group_of, verdicts: Mutex::default() }
    }

    /// Tells why a step must not be begun now, if so. The first of a group to ask decides for all of them.
    pub(super) fn admit(&self, step: &Step) -> Result<(), Withheld> {
        let Some(group) = self.group_of.get(&step.number) else { return Ok(()) };
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.entry(*group).or_insert_with(|| self.judge(*group)).clone()
    }

    /// Tells why a step is not begun, if that is decided already.
    pub(super) fn turned_away(&self, step: &Step) -> Option<Withheld> {
        let group = self.group_of.get(&step.number)?;
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner).get(group)?.clone().err()
    }

    fn judge(&self, group: usize) -> Result<(), Withheld> {
        let scopes: Vec<_> = self.members[group].iter().flat_map(|step| step.touches()).collect();
        match self.windows.closed(&scopes, (self.clock)()) {
            Some(closed) => Err(Withheld::Closed(closed)),
            None => Ok(()),
        }
    }
}
