//! The runs as text: a line for each, or one of them in detail.

use std::io;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::table::{Column, table};
use super::view::moved;
use crate::document::{FoundV1, PastStepV1, RunDetailV1, RunStateV1, RunV1, RunsV1, SettledV1};
use crate::text::{bounded, counted, message, told_apart, visible, within};

/// Writes a line for each run, and below it what is open or was settled.
pub(crate) fn text(out: &mut impl io::Write, document: &RunsV1, width: Option<usize>) -> io::Result<()> {
    let RunsV1 { format_version: _, runs, unreadable } = document;
    if runs.is_empty() && unreadable.is_empty() {
        return writeln!(out, "No runs.");
    }
    for run in runs {
        let rollback = run.rollback_of.as_ref().map(|of| format!(" · rolls back {of}")).unwrap_or_default();
        let (name, target, state) = (visible(&run.run), visible(&run.target), state(run.state));
        let (lost, rollback) = (lost(run), visible(&rollback));
        let line = format!("{name}  {target}  {state}, {}: {}{lost}{rollback}", steps(run.steps), outcomes(run));
        say(out, &line, width)?;
        remarks(run).iter().try_for_each(|line| say(out, &format!("    {line}"), width))?;
    }
    for unreadable in unreadable {
        say(out, &format!("{}  cannot be read: {}", unreadable.file, unreadable.reason), width)?;
    }
    Ok(())
}

/// Writes one run: who, when, of what, and a line for each step.
pub(crate) fn detail(out: &mut impl io::Write, document: &RunDetailV1, width: Option<usize>) -> io::Result<()> {
    let RunDetailV1 { format_version: _, run, steps: past } = document;
    let (name, target, url) = (visible(&run.run), visible(&run.target), visible(&run.url));
    say(out, &format!("icsync run {name} · {target} ({url}) · {}", state(run.state)), width)?;
    writeln!(out)?;
    let started = to_the_second(&run.started);
    let beside = if run.git_dirty == Some(true) { " with uncommitted changes" } else { "" };
    let commit = run.git_commit.as_ref().map(|commit| format!("{commit}{beside}"));
    let facts = [
        ("began", Some(&started)),
        ("by", run.user.as_ref()),
        ("commit", commit.as_ref()),
        ("plan", run.plan.as_ref()),
        ("rolls back", run.rollback_of.as_ref()),
    ];
    let facts = facts.into_iter().filter_map(|(name, fact)| Some([name.to_owned(), bounded(fact?, 200).into_owned()]));
    let facts: Vec<_> = facts.collect();
    table(&facts, [Column::Padded, Column::Last], width.map(|width| width - 2))
        .iter()
        .try_for_each(|line| writeln!(out, "  {line}"))?;
    if !past.is_empty() {
        writeln!(out)?;
        let described: Vec<&str> = past.iter().map(|step| step.description.as_deref().unwrap_or_default()).collect();
        let rows: Vec<[String; 5]> =
            past.iter().zip(told_apart(&described)).map(|(step, described)| cells(step, &described)).collect();
        let columns = [Column::Kept, Column::Kept, Column::Padded, Column::Kept, Column::Last];
        table(&rows, columns, width).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    writeln!(out, "\n{}: {}{}", steps(run.steps), outcomes(run), lost(run))?;
    remarks(run).iter().try_for_each(|line| say(out, line, width))
}

/// Writes a time as people read it; the fraction only tells runs apart.
fn to_the_second(time: &str) -> String {
    let whole = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Trunc);
    let read = time.parse::<Timestamp>().and_then(|time| time.round(whole));
    read.map_or_else(|_| time.to_owned(), |time| time.to_string())
}

fn say(out: &mut impl io::Write, line: &str, width: Option<usize>) -> io::Result<()> {
    within(line, width, 6).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn cells(step: &PastStepV1, described: &str) -> [String; 5] {
    let PastStepV1 {
        number,
        action,
        client,
        description,
        scope,
        from_scope,
        id,
        outcome,
        message: why,
        lost,
        in_doubt,
        settled,
    } = step;
    let name = match (client, description, id) {
        (Some(client), _, _) => client.to_string(),
        (None, Some(_), _) => format!("\"{}\" (not in git)", bounded(described, 40)),
        (None, None, Some(id)) => format!("{} (not in git)", visible(id.as_str())),
        (None, None, None) => "(not in git)".to_owned(),
    };
    let scope = scope.as_ref().map(ToString::to_string).unwrap_or_default();
    let scope = from_scope.as_ref().map_or_else(|| scope.clone(), |from| moved(&from.to_string(), &scope));
    let scope = visible(&scope).into_owned();
    let outcome = if *lost { "lost" } else { outcome.as_deref().unwrap_or("not noted") };
    let doubt = in_doubt.then(|| "in doubt".to_owned());
    let settled = settled.as_ref().map(|settled| format!("settled: {}", found(settled.found)));
    let why = why.as_ref().map(|why| message(why).into_owned());
    let rest: Vec<String> = [Some(visible(outcome).into_owned()), settled, doubt, why].into_iter().flatten().collect();
    [number.to_string(), visible(action.as_deref().unwrap_or("?")).into_owned(), name, scope, rest.join(" · ")]
}

/// Says what somebody should know of a run.
fn remarks(run: &RunV1) -> Vec<String> {
    let mut lines = Vec::new();
    if !run.in_doubt.is_empty() {
        let steps: Vec<_> = run.in_doubt.iter().map(ToString::to_string).collect();
        lines.push(format!("in doubt: step {}; `icsync plan` reads what is there now", steps.join(", ")));
    }
    lines.extend(run.settled.iter().map(|SettledV1 { step, found: what, at }| {
        format!("was in doubt: step {step}; settled by what was read at {}: {}", visible(at), found(*what))
    }));
    if run.left_out_sensitive > 0 {
        let left_out = run.left_out_sensitive;
        let (values, were, them) = match left_out {
            1 => ("value", "was", "it"),
            _ => ("values", "were", "them"),
        };
        lines.push(format!(
            "{left_out} sensitive {values} that the run changed or deleted {were} left out of the journal: a rollback cannot restore {them}"
        ));
    }
    if let Some(line) = run.corrupt_line {
        lines.push(format!("damaged: line {line} of its journal does not fit; what stands before it is true"));
    }
    lines
}

fn found(found: FoundV1) -> &'static str {
    match found {
        FoundV1::Applied => "it was applied",
        FoundV1::NotApplied => "it did not show then",
        FoundV1::HalfReplaced => "the old client was gone then, and no new one showed",
        FoundV1::ChangedSince => "the client was neither as before nor as it was to be",
    }
}

/// Says how many steps ended how, and what became of the rest: begun and not noted, or not begun.
fn outcomes(run: &RunV1) -> String {
    let noted: u64 = run.outcomes.values().sum();
    let unknown = run.outcomes.get("unknown").copied().unwrap_or_default();
    let doubtful = (run.in_doubt.len() + run.settled.len()) as u64;
    let unnoted = doubtful.saturating_sub(unknown);
    let word = match (run.in_doubt.is_empty(), run.settled.is_empty()) {
        (false, true) => "in doubt",
        (true, false) => "settled later",
        _ => "not noted",
    };
    let unbegun = run.steps.saturating_sub(noted + unnoted);
    let counts = run.outcomes.iter().map(|(name, count)| (visible(name), *count));
    let counts = counts.chain([(word.into(), unnoted), ("not begun".into(), unbegun)]);
    let counts: Vec<_> =
        counts.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
    if counts.is_empty() { "nothing done".to_owned() } else { counts.join(", ") }
}

fn lost(run: &RunV1) -> String {
    match run.lost {
        0 => String::new(),
        lost => format!(" · {} lost", counted(usize::try_from(lost).unwrap_or(usize::MAX), "client")),
    }
}

fn steps(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "step")
}

fn state(state: RunStateV1) -> &'static str {
    match state {
        RunStateV1::Ended => "ended",
        RunStateV1::Interrupted => "interrupted",
        RunStateV1::Killed => "killed",
    }
}
