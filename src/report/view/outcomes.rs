//! What became of a plan, as a report.

use super::plan::option;
use super::{Count, Level, Mark, Report, ReportEntry, ReportKind, ShownProblem, SourceLine, counted};
use crate::document::{ActionV1, OutcomeErrorV1, OutcomeSummaryV1, OutcomeV1, OutcomeWordV1, OutcomesV1};

/// Makes a report of outcomes; the plan adds what it could not plan.
pub(crate) fn outcomes(outcomes: &OutcomesV1) -> Report<'_> {
    let OutcomesV1 { format_version: _, plan, run, outcomes, interrupted, summary } = outcomes;
    let planned = super::plan(plan);
    let mut header = planned.header;
    header.extend(run.iter().map(|run| format!("run {run}")));
    header.extend(interrupted.then(|| "interrupted".to_owned()));
    let counts = counts(summary);
    Report {
        kind: ReportKind::Apply,
        header,
        entries: outcomes.iter().map(entry).collect(),
        closing: closing(outcomes.is_empty(), &counts, summary.blocked, *interrupted),
        remarks: planned.remarks.into_iter().filter(|one| one.mark == Mark::Blocked).collect(),
        steady: Vec::new(),
        unmanaged: Vec::new(),
        counts,
        next: run.iter().map(|run| format!("icsync rollback {run} {}", option("target", &plan.target.name))).collect(),
        ..planned
    }
}

fn counts(summary: &OutcomeSummaryV1) -> Vec<Count> {
    let OutcomeSummaryV1 { applied, failed, skipped, stale, unknown, blocked } = *summary;
    let count = |what, number| Count { what, number };
    vec![
        count("applied", applied),
        count("failed", failed),
        count("skipped", skipped),
        count("stale", stale),
        count("unknown", unknown),
        count("blocked", blocked),
    ]
}

fn closing(empty: bool, counts: &[Count], blocked: u64, interrupted: bool) -> String {
    let (always, sometimes) = counts.split_at(2);
    let interrupted = if interrupted { " · interrupted" } else { "" };
    match (empty, blocked) {
        (true, 0) => format!("Apply: nothing to do{interrupted}"),
        (true, blocked) => format!("Apply: nothing to do, {blocked} blocked{interrupted}"),
        (false, _) => format!("Apply: {}{interrupted}", counted(always, sometimes)),
    }
}

fn entry(outcome: &OutcomeV1) -> ReportEntry<'_> {
    let OutcomeV1 { number, action, client, scope, source, outcome, id, error } = outcome;
    let (word, level) = match outcome {
        OutcomeWordV1::Applied => ("applied", Level::Fine),
        OutcomeWordV1::Skipped => ("skipped", Level::Warning),
        OutcomeWordV1::Failed => ("failed", Level::Error),
        OutcomeWordV1::Stale => ("stale", Level::Error),
        OutcomeWordV1::Unknown => ("unknown", Level::Error),
    };
    let new = id.as_ref().filter(|_| *outcome == OutcomeWordV1::Applied);
    ReportEntry {
        number: Some(*number),
        level,
        client: client.as_ref().map(crate::model::ClientName::as_str),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: source.as_ref().map(SourceLine::from),
        problem: error.as_ref().map(ShownProblem::from),
        new_id: new.and_then(|id| match action {
            ActionV1::Add => Some(format!("id {id}")),
            ActionV1::Replace => Some(format!("new id {id}")),
            ActionV1::Change | ActionV1::Delete | ActionV1::Unknown => None,
        }),
        ..ReportEntry::new(action.known().map_or(Mark::Unknown, Mark::from), word, scope.into())
    }
}

impl<'a> From<&'a OutcomeErrorV1> for ShownProblem<'a> {
    fn from(error: &'a OutcomeErrorV1) -> Self {
        let OutcomeErrorV1 { code, name, message, help } = error;
        let code: Vec<String> = code.map(|code| code.to_string()).into_iter().chain(name.clone()).collect();
        Self { code: (!code.is_empty()).then(|| code.join(" ")), ..Self::new(message, help) }
    }
}
