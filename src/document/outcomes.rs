//! What `apply -o json` writes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{ActionV1, FormatVersionV1, PositionV1, count, is_zero};
use super::plan::{PlanV1, StepV1};
use crate::apply::{Outcome, Outcomes, Problem, StepOutcome};
use crate::model::{ClientId, ClientName, Scope};
use crate::text::for_target;

/// `apply -o json`: what became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Outcomes")]
pub(crate) struct OutcomesV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) plan: PlanV1,
    /// The journal, for `icsync rollback RUN`; null if nothing was to be done.
    pub(crate) run: Option<String>,
    pub(crate) outcomes: Vec<OutcomeV1>,
    pub(crate) interrupted: bool,
    pub(crate) summary: OutcomeSummaryV1,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OutcomeV1 {
    /// The number of the step in the plan.
    pub(crate) number: u64,
    pub(crate) action: ActionV1,
    pub(crate) client: Option<ClientName>,
    pub(crate) scope: Scope,
    /// Where a replace took the client from, if that is another scope: it is gone there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from_scope: Option<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<PositionV1>,
    pub(crate) outcome: OutcomeWordV1,
    /// The wave that it was in, from 1, if there were waves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wave: Option<u64>,
    /// The id of the live client, if it is known.
    pub(crate) id: Option<ClientId>,
    pub(crate) error: Option<OutcomeErrorV1>,
    /// Whether a replace deleted the client and could not add it again, so that it is missing now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) lost: bool,
    /// What is to be done although it is applied: a client that the server lists with partition -3 is only found by its pin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutcomeWordV1 {
    Applied,
    Failed,
    Skipped,
    Withheld,
    Stale,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OutcomeErrorV1 {
    /// The code of the API, if it gave one.
    pub(crate) code: Option<u64>,
    pub(crate) name: Option<String>,
    pub(crate) message: String,
    pub(crate) help: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OutcomeSummaryV1 {
    pub(crate) applied: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// Steps that were left undone on purpose.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) withheld: u64,
    pub(crate) stale: u64,
    pub(crate) unknown: u64,
    pub(crate) blocked: u64,
    /// How many of the failed left a client missing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) lost: u64,
}

impl OutcomesV1 {
    /// Makes the document of what became of a plan.
    pub(crate) fn new(plan: PlanV1, outcomes: &Outcomes) -> Self {
        let Outcomes { run, steps, interrupted } = outcomes;
        let planned: BTreeMap<u64, &StepV1> = plan.steps.iter().map(|step| (step.number, step)).collect();
        let completed = |outcome: OutcomeV1| {
            let help = |error: OutcomeErrorV1| OutcomeErrorV1 { help: advice(&error.help, &plan), ..error };
            let from_scope = planned.get(&outcome.number).and_then(|step| step.from_scope.clone());
            OutcomeV1 { error: outcome.error.map(help), from_scope, ..outcome }
        };
        let outcomes: Vec<OutcomeV1> = steps.iter().map(OutcomeV1::from).map(completed).collect();
        let ended = |word| count(outcomes.iter().filter(|one| one.outcome == word));
        Self {
            format_version: FormatVersionV1::default(),
            run: run.clone(),
            interrupted: *interrupted,
            summary: OutcomeSummaryV1 {
                applied: ended(OutcomeWordV1::Applied),
                failed: ended(OutcomeWordV1::Failed),
                skipped: ended(OutcomeWordV1::Skipped),
                withheld: ended(OutcomeWordV1::Withheld),
                stale: ended(OutcomeWordV1::Stale),
                unknown: ended(OutcomeWordV1::Unknown),
                blocked: count(&plan.blocked),
                lost: count(outcomes.iter().filter(|one| one.lost)),
            },
            outcomes,
            plan,
        }
    }
}

/// Words advice so that it can be pasted: with the target of the plan, and after a rollback with another one, since `icsync apply`
/// by itself would do once more what was to be turned back.
fn advice(text: &str, plan: &PlanV1) -> String {
    let text = match &plan.options.rollback_of {
        Some(_) => {
            let command = format!("`{}`", plan.options.command());
            text.replace("`icsync plan`", &command).replace("`icsync apply`", &command)
        }
        None => text.to_owned(),
    };
    for_target(&text, &plan.target.name).into_owned()
}

impl From<&StepOutcome> for OutcomeV1 {
    fn from(step: &StepOutcome) -> Self {
        let StepOutcome { number, action, client, scope, at, id, outcome, wave, listed: _ } = step;
        Self {
            number: *number as u64,
            action: (*action).into(),
            client: client.clone(),
            scope: scope.clone(),
            from_scope: None,
            source: at.as_ref().map(PositionV1::from),
            outcome: outcome.into(),
            id: id.clone(),
            error: outcome.problem().map(OutcomeErrorV1::from),
            lost: outcome.is_lost(),
            wave: wave.map(|wave| wave as u64),
            note: step.pin_needed().map(pin_now),
        }
    }
}

fn pin_now(id: &ClientId) -> String {
    format!(
        "the server lists it with partition -3, where no plan finds it by its scope: write `id: \"{id}\"` into its definition now"
    )
}

impl From<&Outcome> for OutcomeWordV1 {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Applied => Self::Applied,
            Outcome::Failed(_) => Self::Failed,
            Outcome::Skipped(_) => Self::Skipped,
            Outcome::Withheld(_) => Self::Withheld,
            Outcome::Stale(_) => Self::Stale,
            Outcome::Unknown(_) => Self::Unknown,
        }
    }
}

impl From<&Problem> for OutcomeErrorV1 {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code().map(u64::from),
            name: problem.name().map(str::to_owned),
            message: problem.message(),
            help: problem.help(),
        }
    }
}
