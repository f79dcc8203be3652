//! What became of a plan, as a report.

use super::plan::option;
use super::{Count, Entry, Kind, Level, Mark, Problem, Report, Source, counted};
use crate::apply::{Outcome, OutcomeSummary, Outcomes, StepOutcome};
use crate::plan::{Heading, Plan};

/// Makes a report of outcomes; the plan adds what it could not plan.
pub(crate) fn outcomes<'a>(heading: &'a Heading, plan: &'a Plan, outcomes: &'a Outcomes) -> Report<'a> {
    let Outcomes { run, steps, interrupted, .. } = outcomes;
    let planned = super::plan(heading, plan);
    let blocked: Vec<Entry<'a>> = planned.remarks.into_iter().filter(|one| one.mark == Mark::Blocked).collect();
    let mut header = planned.header;
    header.extend(run.iter().map(|run| format!("run {run}")));
    header.extend(interrupted.then(|| "interrupted".to_owned()));
    let counts = counts(outcomes.summary(), blocked.len());
    Report {
        kind: Kind::Apply,
        header,
        entries: steps.iter().map(step).collect(),
        closing: closing(steps.is_empty(), &counts, blocked.len(), *interrupted),
        remarks: blocked,
        steady: Vec::new(),
        unmanaged: Vec::new(),
        counts,
        next: run
            .iter()
            .map(|run| format!("icsync rollback {run} {}", option("target", &heading.target.name)))
            .collect(),
        ..planned
    }
}

fn counts(summary: OutcomeSummary, blocked: usize) -> Vec<Count> {
    let OutcomeSummary { applied, failed, skipped, stale, unknown } = summary;
    vec![
        Count::new("applied", applied),
        Count::new("failed", failed),
        Count::new("skipped", skipped),
        Count::new("stale", stale),
        Count::new("unknown", unknown),
        Count::new("blocked", blocked),
    ]
}

fn closing(empty: bool, counts: &[Count], blocked: usize, interrupted: bool) -> String {
    let (always, sometimes) = counts.split_at(2);
    let interrupted = if interrupted { " · interrupted" } else { "" };
    match (empty, blocked) {
        (true, 0) => format!("Apply: nothing to do{interrupted}"),
        (true, blocked) => format!("Apply: nothing to do, {blocked} blocked{interrupted}"),
        (false, _) => format!("Apply: {}{interrupted}", counted(always, sometimes)),
    }
}

fn step(step: &StepOutcome) -> Entry<'_> {
    let StepOutcome { number, action, client, scope, at, id, outcome } = step;
    Entry {
        number: Some(*number as u64),
        level: level(outcome),
        client: client.as_ref().map(crate::model::ClientName::as_str),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: at.as_ref().map(Source::from),
        problem: outcome.problem().map(Problem::from),
        notes: match (outcome, id) {
            (Outcome::Applied, Some(id)) if crate::plan::Action::Add == *action => vec![format!("id {id}")],
            (Outcome::Applied, Some(id)) if crate::plan::Action::Replace == *action => vec![format!("new id {id}")],
            _ => Vec::new(),
        },
        ..Entry::new((*action).into(), outcome.name(), scope.into())
    }
}

fn level(outcome: &Outcome) -> Level {
    match outcome {
        Outcome::Applied => Level::Fine,
        Outcome::Skipped(_) => Level::Warning,
        Outcome::Failed(_) | Outcome::Stale(_) | Outcome::Unknown(_) => Level::Error,
    }
}

impl From<&crate::apply::Problem> for Problem<'_> {
    fn from(problem: &crate::apply::Problem) -> Self {
        let name = problem.name().map(|name| format!(" {name}")).unwrap_or_default();
        let code = problem.code().map(|code| format!("{code}{name}"));
        Self { code, message: problem.message().into(), help: problem.help().into(), candidates: Vec::new() }
    }
}
