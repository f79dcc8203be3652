//! What of a plan is not done although nothing speaks against it: a person did not approve it, or a window is closed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::guard::Guard;
use super::step::{Action, Step};
use crate::model::{ClosedWindow, Limits, Windows};

/// Why a step is withheld.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Withheld {
    /// `--auto-approve` names other actions.
    #[error("`{}` is not among what --auto-approve approves", .0.name())]
    NotApproved(Action),
    /// `--max-deletes 0`.
    #[error("nothing is deleted or replaced with --max-deletes 0")]
    NoDeletes,
    /// A window is closed.
    #[error("the window {} is closed{}", .0.window, opens(.0))]
    Closed(ClosedWindow),
    /// What it depends on is withheld.
    #[error("it waits for step {0}, which is withheld")]
    Waits(usize),
}

impl Withheld {
    /// Says what to do next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::NotApproved(action) => {
                format!("look at it in the plan; `--auto-approve={}` approves steps of its kind", action.name())
            }
            Self::NoDeletes => "look at it in the plan; --max-deletes N allows so many".to_owned(),
            Self::Closed(ClosedWindow { opens: Some(_), .. }) => {
                "apply again then: it goes on with what is left, of a saved plan with `--steps`".to_owned()
            }
            Self::Closed(ClosedWindow { opens: None, .. }) => {
                "look at all `windows` in icsync.yaml: a freeze ends with a commit that takes it out, which is reviewed; then apply again"
                    .to_owned()
            }
            Self::Waits(step) => format!("see why step {step} is withheld"),
        }
    }
}

/// Says when a window opens.
fn opens(closed: &ClosedWindow) -> String {
    match &closed.opens {
        Some(moment) => format!(" and opens {moment}"),
        None => " and does not open within two weeks".to_owned(),
    }
}

/// What has to be given for a step to be done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    /// The actions that are approved; `None` if all are.
    pub approved: Option<BTreeSet<Action>>,
    pub deletes: Deletes,
    /// The windows, and the time.
    pub windows: Option<(Windows, Timestamp)>,
}

/// Whether anything may be deleted or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Deletes {
    #[default]
    Done,
    Withheld,
}

impl From<&Limits> for Deletes {
    /// A person who allows none of them wants the rest; what the configuration allows is a limit, and more is refused.
    fn from(limits: &Limits) -> Self {
        if limits.max_deletes == Some(0) { Self::Withheld } else { Self::Done }
    }
}

impl Conditions {
    /// What holds whenever a plan is applied.
    pub(crate) fn lasting(limits: &Limits) -> Self {
        Self { deletes: Deletes::from(limits), ..Self::default() }
    }

    fn reason(&self, step: &Step) -> Option<Withheld> {
        let Self { approved, deletes, windows } = self;
        let action = step.action();
        match approved {
            _ if *deletes == Deletes::Withheld && action.is_destructive() => Some(Withheld::NoDeletes),
            Some(approved) if !approved.contains(&action) => Some(Withheld::NotApproved(action)),
            Some(_) | None => {
                let scopes: Vec<_> = step.touches().collect();
                let closed = windows.as_ref().and_then(|(windows, now)| windows.closed(&scopes, *now));
                closed.map(Withheld::Closed)
            }
        }
    }
}

/// Gives the steps that are withheld, by number: those whose conditions are not met, and what depends on them.
pub(crate) fn withhold(steps: &[Step], conditions: &Conditions) -> BTreeMap<usize, Withheld> {
    let own = steps.iter().filter_map(|step| Some((step.number, conditions.reason(step)?)));
    let mut withheld: BTreeMap<usize, Withheld> = own.collect();
    let mut dependants: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for step in steps {
        step.after_steps.iter().for_each(|first| dependants.entry(*first).or_default().push(step.number));
    }
    let mut open: Vec<usize> = withheld.keys().copied().collect();
    while let Some(first) = open.pop() {
        for dependant in dependants.get(&first).into_iter().flatten() {
            if !withheld.contains_key(dependant) {
                withheld.insert(*dependant, Withheld::Waits(first));
                open.push(*dependant);
            }
        }
    }
    withheld
}

impl Guard {
    /// Leaves what speaks against a plan of which some steps are withheld: a finding is idle when all its steps are. A limit
    /// counts all of them as long as one is done, so that no run of parts goes around it.
    #[must_use]
    pub(crate) fn besides(self, withheld: &BTreeMap<usize, Withheld>) -> Self {
        let idle = |steps: &[usize]| !steps.is_empty() && steps.iter().all(|number| withheld.contains_key(number));
        Self { findings: self.findings.into_iter().filter(|finding| !idle(&finding.steps)).collect() }
    }
}
