//! Drift as a report.

use super::plan::stray;
use super::{Count, Difference, Entry, Kind, Level, Mark, Problem, Report, Source, counted};
use crate::drift::{ClientDrift, Drift, DriftSummary, State};
use crate::plan::Action;
use crate::report::DriftHeading;

/// Makes a report of drift.
pub(crate) fn drift<'a>(heading: &DriftHeading<'a>, drift: &'a Drift) -> Report<'a> {
    let DriftHeading { target, since } = *heading;
    let mut header = vec![format!("{} ({})", target.name, target.url)];
    header.push(match since {
        Some(since) => format!("since {since}"),
        None => "without --since: drifted and pending are one".to_owned(),
    });
    let (mut entries, mut remarks, mut steady) = (Vec::new(), Vec::new(), Vec::new());
    for client in &drift.clients {
        match client.state {
            State::InSync => steady.push(entry(client)),
            State::NotCompared | State::Blocked => remarks.push(entry(client)),
            State::Drifted | State::Pending | State::Conflict | State::Missing => entries.push(entry(client)),
        }
    }
    let (first, second, third) = counts(drift.summary(), since.is_some());
    let verdict = if drift.is_in_sync(&std::collections::BTreeSet::new()) {
        format!("No drift: {}", counted(&second, &third))
    } else {
        format!("Drift: {} · {}", counted(&first, &[]), counted(&second, &third))
    };
    Report {
        kind: Kind::Drift,
        subject: &target.name,
        header,
        entries,
        remarks,
        steady,
        unmanaged: drift.unmanaged.iter().map(stray).collect(),
        findings: Vec::new(),
        reach: Vec::new(),
        counts: first.into_iter().chain(second).chain(third).collect(),
        closing: verdict,
        next: Vec::new(),
    }
}

fn counts(summary: DriftSummary, three_way: bool) -> (Vec<Count>, Vec<Count>, Vec<Count>) {
    let DriftSummary { in_sync, drifted, pending, conflict, missing, not_compared, blocked, unmanaged, outside } =
        summary;
    let mut first = vec![Count::new("drifted", drifted)];
    if three_way {
        first.extend([Count::new("pending", pending), Count::new("in conflict", conflict)]);
    }
    first.push(Count::new("missing", missing));
    let second = vec![
        Count::new("in sync", in_sync),
        Count::new("unmanaged", unmanaged),
        Count::new("outside the boundary", outside),
    ];
    (first, second, vec![Count::new("blocked", blocked), Count::new("not compared", not_compared)])
}

fn entry(client: &ClientDrift) -> Entry<'_> {
    let ClientDrift {
        client,
        state,
        action,
        scope,
        from_scope,
        id,
        at,
        changes,
        obstacle,
        not_compared,
        updated_by,
        updated_at,
    } = client;
    let mut notes = Vec::new();
    notes.extend(from_scope.as_ref().map(|from| format!("is at {from}, and git says {scope}")));
    let aside = last_change(updated_by.as_deref(), updated_at.as_deref()).filter(|_| *state != State::InSync);
    let blind = (!not_compared.is_empty()).then(|| super::not_compared(&super::field_names(not_compared)));
    let (mark, level) = mark(*state, *action);
    Entry {
        level,
        client: Some(client.as_str()),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: Some(Source::from(at)),
        changes: changes
            .iter()
            .map(|one| {
                let differs = (one.state != *state).then(|| word(one.state));
                Difference { state: differs, ..Difference::from(&one.change) }
            })
            .collect(),
        notes,
        aside,
        problem: obstacle.as_ref().map(Problem::from).or(blind),
        ..Entry::new(mark, word(*state), scope.into())
    }
}

fn last_change(by: Option<&str>, at: Option<&str>) -> Option<String> {
    match (by, at) {
        (Some(by), Some(at)) => Some(format!("last changed by {by} at {at}")),
        (Some(by), None) => Some(format!("last changed by {by}")),
        (None, Some(at)) => Some(format!("last changed at {at}")),
        (None, None) => None,
    }
}

/// What git wants gone is marked as a delete, so that each is shown by itself.
fn mark(state: State, action: Option<Action>) -> (Mark, Level) {
    match (state, action) {
        (State::InSync, _) => (Mark::Steady, Level::Fine),
        (State::Drifted | State::Pending, Some(Action::Delete)) => (Mark::Delete, Level::Warning),
        (State::Conflict, Some(Action::Delete)) => (Mark::Delete, Level::Error),
        (State::Pending, Some(Action::Add)) => (Mark::Add, Level::Warning),
        (State::Drifted | State::Pending, _) => (Mark::Change, Level::Warning),
        (State::Missing, _) => (Mark::Missing, Level::Error),
        (State::NotCompared, _) => (Mark::Unknown, Level::Warning),
        (State::Conflict | State::Blocked, _) => (Mark::Blocked, Level::Error),
    }
}

/// Gives a state in words.
fn word(state: State) -> &'static str {
    match state {
        State::InSync => "in sync",
        State::NotCompared => "not compared",
        State::Drifted | State::Pending | State::Conflict | State::Missing | State::Blocked => state.name(),
    }
}
