//! `apply -o json`.

use std::io;

use serde::Serialize;

use super::{FORMAT, PositionV1, write};
use crate::apply::{OutcomeSummary, Outcomes, Problem, StepOutcome};
use crate::model::{ClientId, ClientName, Scope};
use crate::plan::{Heading, Plan, write_document};

/// Writes what became of a plan.
pub fn outcomes(out: &mut impl io::Write, heading: &Heading, plan: &Plan, outcomes: &Outcomes) -> io::Result<()> {
    let mut planned = Vec::new();
    write_document(&mut planned, heading, plan, None)?;
    let planned: serde_json::Value = serde_json::from_slice(&planned)?;
    let Outcomes { run, steps, interrupted } = outcomes;
    let view = OutcomesV1 {
        format_version: FORMAT,
        plan: &planned,
        run: run.as_deref(),
        outcomes: steps.iter().map(OutcomeV1::from).collect(),
        interrupted: *interrupted,
        summary: SummaryV1 { outcomes: outcomes.summary(), blocked: plan.blocked.len() },
    };
    write(out, &view)
}

#[derive(Serialize)]
struct OutcomesV1<'a> {
    format_version: &'static str,
    plan: &'a serde_json::Value,
    run: Option<&'a str>,
    outcomes: Vec<OutcomeV1<'a>>,
    interrupted: bool,
    summary: SummaryV1,
}

#[derive(Serialize)]
struct SummaryV1 {
    #[serde(flatten)]
    outcomes: OutcomeSummary,
    blocked: usize,
}

#[derive(Serialize)]
struct OutcomeV1<'a> {
    number: usize,
    action: &'static str,
    client: Option<&'a ClientName>,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<PositionV1<'a>>,
    outcome: &'static str,
    id: Option<&'a ClientId>,
    error: Option<ErrorV1>,
}

#[derive(Serialize)]
struct ErrorV1 {
    code: Option<u32>,
    name: Option<&'static str>,
    message: String,
    help: String,
}

impl<'a> From<&'a StepOutcome> for OutcomeV1<'a> {
    fn from(step: &'a StepOutcome) -> Self {
        let StepOutcome { number, action, client, scope, at, id, outcome } = step;
        Self {
            number: *number,
            action: action.name(),
            client: client.as_ref(),
            scope,
            source: at.as_ref().map(PositionV1::from),
            outcome: outcome.name(),
            id: id.as_ref(),
            error: outcome.problem().map(ErrorV1::from),
        }
    }
}

impl From<&Problem> for ErrorV1 {
    fn from(problem: &Problem) -> Self {
        Self { code: problem.code(), name: problem.name(), message: problem.message(), help: problem.help() }
    }
}
