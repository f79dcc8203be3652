//! What became of a plan, as a report.

use std::collections::BTreeMap;

use super::plan::described;
use super::{
    Count, Former, Hue, Level, Mark, Report, ReportEntry, ReportKind, ShownProblem, SourceLine, SteadyClients, counted,
};
use crate::document::{
    ActionV1, OutcomeErrorV1, OutcomeSummaryV1, OutcomeV1, OutcomeWordV1, OutcomesV1, PlanV1, StepV1,
};
use crate::text::shell_option;

/// Makes a report of outcomes, the gravest first; the plan adds what it could not plan.
pub(crate) fn outcomes(outcomes: &OutcomesV1) -> Report<'_> {
    let OutcomesV1 { format_version: _, plan, run, outcomes, interrupted, summary } = outcomes;
    let planned = super::plan(plan, SteadyClients::Beside);
    let mut header = planned.header;
    header.extend(run.iter().map(|run| format!("run {run}")));
    header.extend(interrupted.then(|| "interrupted".to_owned()));
    let counts = counts(summary);
    let steps: BTreeMap<u64, &StepV1> = plan.steps.iter().map(|step| (step.number, step)).collect();
    let mut entries: Vec<ReportEntry<'_>> =
        outcomes.iter().map(|one| entry(one, steps.get(&one.number).copied())).collect();
    entries.sort_by_key(|entry| entry.hue);
    Report {
        kind: ReportKind::Apply,
        header,
        entries,
        closing: closing(outcomes.is_empty(), &counts, summary, *interrupted),
        remarks: planned.remarks.into_iter().filter(|one| one.mark == Mark::Blocked).collect(),
        steady: Vec::new(),
        unmanaged: Vec::new(),
        counts,
        next: next(plan, run.as_deref().filter(|_| outcomes.iter().any(may_have_written)), summary),
        ..planned
    }
    .told_apart()
}

/// Tells whether there may be anything to turn back: a refusal with a code is certain.
fn may_have_written(outcome: &OutcomeV1) -> bool {
    match outcome.outcome {
        OutcomeWordV1::Applied | OutcomeWordV1::Unknown => true,
        OutcomeWordV1::Failed => outcome.lost || outcome.error.as_ref().is_none_or(|error| error.code.is_none()),
        OutcomeWordV1::Skipped | OutcomeWordV1::Withheld | OutcomeWordV1::Stale => false,
    }
}

/// Says what helps: where something is open a look at what is there by now, and the way back. What a rollback left open another
/// one turns back; to apply would do it again.
fn next(plan: &PlanV1, run: Option<&str>, summary: &OutcomeSummaryV1) -> Vec<String> {
    let OutcomeSummaryV1 { applied: _, failed, skipped, withheld, stale, unknown, blocked: _, lost } = *summary;
    let (target, command) = (shell_option("target", &plan.target.name), plan.options.command());
    let is_forward = plan.options.rollback_of.is_none();
    let open = failed + skipped + withheld + stale + unknown > 0;
    let mut commands = Vec::new();
    commands.extend(open.then(|| format!("{command} {target}")));
    commands.extend((lost > 0 && is_forward).then(|| format!("icsync apply {target}")));
    commands.extend(run.map(|run| format!("icsync rollback {run} {target}")));
    commands
}

fn counts(summary: &OutcomeSummaryV1) -> Vec<Count> {
    let OutcomeSummaryV1 { applied, failed, skipped, withheld, stale, unknown, blocked, lost: _ } = *summary;
    let count = |what, number| Count { what, number };
    vec![
        count("applied", applied),
        count("failed", failed),
        count("skipped", skipped),
        count("withheld", withheld),
        count("stale", stale),
        count("unknown", unknown),
        count("blocked", blocked),
    ]
}

fn closing(empty: bool, counts: &[Count], summary: &OutcomeSummaryV1, interrupted: bool) -> String {
    let (always, sometimes) = counts.split_at(2);
    let lost = match summary.lost {
        0 => String::new(),
        1 => " · 1 client is missing now".to_owned(),
        lost => format!(" · {lost} clients are missing now"),
    };
    let interrupted = if interrupted { " · interrupted" } else { "" };
    match (empty, summary.blocked) {
        (true, 0) => format!("Apply: nothing to do{interrupted}"),
        (true, blocked) => format!("Apply: nothing to do, {blocked} blocked{interrupted}"),
        (false, _) => format!("Apply: {}{lost}{interrupted}", counted(always, sometimes)),
    }
}

fn entry<'a>(outcome: &'a OutcomeV1, step: Option<&'a StepV1>) -> ReportEntry<'a> {
    let OutcomeV1 { number, action, client, scope, from_scope, source, outcome, wave, id, error, lost, note } = outcome;
    let (word, level, hue) = match outcome {
        OutcomeWordV1::Applied => ("applied", Level::Fine, Hue::Applied),
        OutcomeWordV1::Skipped => ("skipped", Level::Warning, Hue::Skipped),
        OutcomeWordV1::Withheld => ("withheld", Level::Warning, Hue::Withheld),
        OutcomeWordV1::Failed if *lost => ("lost", Level::Error, Hue::Lost),
        OutcomeWordV1::Failed => ("failed", Level::Error, Hue::Failed),
        OutcomeWordV1::Stale => ("stale", Level::Error, Hue::Stale),
        OutcomeWordV1::Unknown => ("unknown", Level::Error, Hue::Doubtful),
    };
    let new = id.as_ref().filter(|_| *outcome == OutcomeWordV1::Applied);
    ReportEntry {
        number: Some(*number),
        level,
        hue,
        client: client.as_ref().map(crate::model::ClientName::as_str),
        described: step.filter(|_| client.is_none()).and_then(described),
        labels: step.map(|step| step.labels.texts().collect()).unwrap_or_default(),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: source.as_ref().map(SourceLine::from),
        was: Former { place: from_scope.as_ref().map(ToString::to_string), ..Former::default() },
        notes: wave.iter().map(|wave| format!("wave {wave}")).chain(note.clone()).collect(),
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
