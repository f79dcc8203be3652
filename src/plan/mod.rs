//! Decides what to do: bind, own, diff, order, guard. Pure and synchronous; everything it needs is an argument.

mod as_left;
mod bind;
mod build;
mod compose;
mod diff;
mod differences;
mod doubt;
mod extent;
mod guard;
mod likely;
mod order;
mod own;
mod past_scope;
mod recognise;
mod rollback;
mod run_step;
mod snapshot;
mod step;
#[cfg(test)]
mod tests;
mod waves;
mod withhold;

use std::collections::BTreeMap;

use crate::model::{ClientId, ClientName, Field, Labels, Live, Location, Policy, Prune, Scope, UnreadRow};
use crate::redact::Shown;
use crate::text::counted;

use waves::fill;
use withhold::withhold;

pub(crate) use bind::{Binding, Bindings, Candidate, Obstacle, bind};
pub(crate) use build::{plan, wanted_details};
pub(crate) use diff::{ValueDifference, value_differences};
pub(crate) use differences::{excepted_differences, readable_differences};
pub(crate) use doubt::{DoubtFound, settled};
pub(crate) use extent::{PlanTooLarge, afford};
#[cfg(test)]
pub(crate) use guard::GUARD_RULES;
pub(crate) use guard::{Finding, Guard};
pub(crate) use likely::{LikelyMove, LikelyOrigin};
pub(crate) use order::order;
pub(crate) use rollback::{reachable, rollback, touched_clients, touched_scopes};
pub(crate) use run_step::{RunEnd, RunStep};
pub(crate) use snapshot::Snapshot;
pub(crate) use step::{Action, FieldChange, Precondition, Side, Step, Write};
pub(crate) use waves::{Rollout, WaveChoice, connected};
pub(crate) use withhold::{Conditions, Withheld};

/// What has to be done so that live equals desired, and everything that a person should know besides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// What happens to unmanaged clients.
    pub prune: Prune,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Definitions whose live client is as it shall be, as far as it can be compared.
    pub unchanged: Vec<Unchanged>,
    /// Live clients in the boundary that git does not define and that are left alone.
    pub unmanaged: Vec<Unmanaged>,
    /// How many rows lie outside the boundary, if that was counted.
    pub outside: Option<usize>,
    /// Rows that could not be read, and what that means for the plan.
    pub unread: Vec<UnreadNotice>,
    /// Definitions for which nothing can be done, and why.
    pub blocked: Vec<Blocked>,
    /// What a person should know: pins that are out of date; in a rollback, what is still in doubt.
    pub notices: Vec<Notice>,
    /// Whether the plan may be applied.
    pub guard: Guard,
    /// What of it is withheld, and in which waves the rest goes.
    pub rollout: Rollout,
}

impl Plan {
    /// Tells whether every definition is certain to be as it shall be.
    pub(crate) fn is_settled(&self) -> bool {
        let compared = self.unchanged.iter().all(|one| one.not_compared.is_empty());
        self.steps.is_empty() && self.blocked.is_empty() && compared
    }

    /// Decides what is withheld whenever the plan is applied, and the waves of the rest.
    #[must_use]
    pub(crate) fn rolled_out(self, lasting: &Conditions, choice: &WaveChoice) -> Self {
        let withheld = withhold(&self.steps, lasting);
        let guard = self.guard.besides(&withheld);
        let waves = fill(&self.steps, &withheld, choice);
        Self { guard, rollout: Rollout { withheld, for_now: BTreeMap::new(), waves }, ..self }
    }

    /// Decides what is withheld besides by an apply under these conditions, and the waves of the rest.
    #[must_use]
    pub(crate) fn under(self, conditions: &Conditions, choice: &WaveChoice) -> Self {
        let rollout = self.rollout_under(conditions, choice);
        let all = rollout.withheld.iter().chain(&rollout.for_now);
        let guard = self.guard.besides(&all.map(|(number, reason)| (*number, reason.clone())).collect());
        Self { guard, rollout, ..self }
    }

    /// Tells what is withheld by an apply under these conditions, and the waves of the rest.
    pub(crate) fn rollout_under(&self, conditions: &Conditions, choice: &WaveChoice) -> Rollout {
        let withheld = self.rollout.withheld.clone();
        let mut all = withhold(&self.steps, conditions);
        all.extend(withheld.clone());
        let waves = fill(&self.steps, &all, choice);
        let for_now = all.into_iter().filter(|(number, _)| !withheld.contains_key(number)).collect();
        Rollout { withheld, for_now, waves }
    }

    /// Leaves a part of the steps: `numbers` says which, and by which numbers they are called then. What speaks against no
    /// step of the part, and what cannot be planned, is not its business.
    #[must_use]
    pub(crate) fn part(self, numbers: &BTreeMap<usize, usize>) -> Self {
        let renumbered = |all: &[usize]| all.iter().filter_map(|number| numbers.get(number).copied()).collect();
        let steps = self.steps.into_iter().filter_map(|step| {
            let (number, after_steps) = (*numbers.get(&step.number)?, renumbered(&step.after_steps));
            Some(Step { number, after_steps, ..step })
        });
        let mut steps: Vec<Step> = steps.collect();
        steps.sort_by_key(|step| step.number);
        let findings = self.guard.findings.into_iter().map(|one| Finding { steps: renumbered(&one.steps), ..one });
        let guard = Guard { findings: findings.filter(|one| !one.steps.is_empty()).collect() };
        Self { steps, guard, blocked: Vec::new(), rollout: Rollout::default(), ..self }
    }

    /// Says what speaks against it to whoever applies it as saved; `command` makes such plans.
    #[must_use]
    pub(crate) fn of_saved(self, command: &str) -> Self {
        let findings = self.guard.findings.into_iter().map(|one| one.of_saved(command)).collect();
        Self { guard: Guard { findings }, ..self }
    }

    /// Says what speaks against it to whoever looks at rounds; `command` applies it once.
    #[must_use]
    pub(crate) fn of_round(self, command: &str) -> Self {
        let findings = self.guard.findings.into_iter().map(|one| one.of_round(command)).collect();
        Self { guard: Guard { findings }, ..self }
    }

    /// Gives what is to be done: the steps that are not withheld.
    pub(crate) fn ready(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| self.rollout.reason(step.number).is_none())
    }

    /// Counts the steps for whoever is to approve them, what destroys first: `2 deletes, 1 replace, 50 others`.
    pub(crate) fn tally(&self) -> String {
        let count = |action| self.ready().filter(|step| step.action() == action).count();
        let (all, deletes, replaces) = (self.ready().count(), count(Action::Delete), count(Action::Replace));
        let others = all - deletes - replaces;
        if others == all {
            return counted(others, "step");
        }
        let parts = [(deletes, "delete"), (replaces, "replace"), (others, "other")];
        let parts = parts.into_iter().filter(|(number, _)| *number > 0);
        parts.map(|(number, what)| counted(number, what)).collect::<Vec<_>>().join(", ")
    }
}

/// A definition with nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unchanged {
    /// The definition.
    pub client: ClientName,
    /// Its scope.
    pub scope: Scope,
    /// Its live client; `None` for a client that is absent as it shall be.
    pub id: Option<ClientId>,
    /// Where the definition stands.
    pub at: Location,
    /// Fields that git sets and the server does not show: neither in sync nor not.
    pub not_compared: Vec<Field>,
}

/// A live client that git does not define.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmanaged {
    /// Its id.
    pub id: ClientId,
    /// Its scope as the row shows it.
    pub scope: Scope,
    /// Its description, as it may be shown.
    pub description: Shown,
    /// Why prune leaves it alone, if prune was asked for.
    pub kept: Option<Kept>,
    /// What the server calls the place, and who changed it last.
    pub labels: Labels,
}

/// Why prune leaves an unmanaged client alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// `protect` covers it.
    Protected,
    /// The server hides its scope, so nobody knows what it is for.
    Unresolved,
    /// `--select` or `--exclude` leaves it out.
    NotSelected,
}

/// A definition, or a client to prune, for which nothing can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// The definition; `None` for an unmanaged client.
    pub client: Option<ClientName>,
    /// Its scope.
    pub scope: Scope,
    /// The live client, if one is known.
    pub id: Option<ClientId>,
    /// Where the definition stands.
    pub at: Option<Location>,
    /// Why, and what to do next.
    pub obstacle: Obstacle,
    /// What the server calls the place, and who changed the live client last.
    pub labels: Labels,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadNotice {
    /// What is known of it.
    pub row: UnreadRow,
    /// What follows from it, and what to do next.
    pub help: String,
}

/// Something that a person should know about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The definition; `None` for a client that git did not define.
    pub client: Option<ClientName>,
    pub scope: Scope,
    /// Where, if a file says it.
    pub at: Option<Location>,
    /// What.
    pub message: String,
    /// What to do next.
    pub help: String,
}

/// The arguments of a plan together, for the functions that build it.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    live: &'a Live,
    policy: &'a Policy,
}
