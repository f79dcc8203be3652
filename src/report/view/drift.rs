//! Drift as a report.

use std::collections::BTreeSet;

use std::collections::BTreeMap;

use super::{
    Count, DifferenceSides, Hue, Level, Mark, Report, ReportEntry, ReportKind, ShownDifference, ShownProblem,
    ShownValue, SourceLine, Stray, counted,
};
use crate::document::{ActionV1, ChangeV1, ClientDriftV1, DriftStateV1, DriftSummaryV1, DriftV1, TargetV1};
use crate::text::shell_option;

pub(crate) fn drift(drift: &DriftV1) -> Report<'_> {
    let DriftV1 {
        format_version: _,
        target: TargetV1 { name, url: _ },
        since,
        select: _,
        exclude: _,
        shard: _,
        clients,
        unmanaged,
        unread_rows,
        diagnostics,
        summary,
    } = drift;
    let (mut entries, mut excepted, mut steady) = (Vec::new(), Vec::new(), Vec::new());
    let mut remarks: Vec<ReportEntry<'_>> = unread_rows.iter().map(super::unread).collect();
    remarks.extend(diagnostics.iter().map(super::complaint));
    let besides = remarks.len();
    let mut clients: Vec<&ClientDriftV1> = clients.iter().collect();
    clients.sort_by_key(|client| urgency(client.state));
    let mut customers = BTreeMap::new();
    for client in clients {
        super::note_customer(&mut customers, &client.scope, client.labels.telsys.as_deref());
        match client.state {
            DriftStateV1::InSync => steady.push(entry(client)),
            DriftStateV1::Excepted => excepted.push(entry(client)),
            DriftStateV1::NotCompared | DriftStateV1::Blocked => remarks.push(entry(client)),
            DriftStateV1::Drifted | DriftStateV1::Pending | DriftStateV1::Conflict | DriftStateV1::Missing => {
                entries.push(entry(client));
            }
        }
    }
    let (first, second, third) = counts(summary, since.is_some());
    let closing = if entries.is_empty() && remarks.len() == besides && unmanaged.is_empty() {
        format!("No drift: {}", counted(&second, &third))
    } else {
        format!("Drift: {} · {}", counted(&first, &[]), counted(&second, &third))
    };
    remarks.extend(excepted);
    Report {
        kind: ReportKind::Drift,
        subject: name,
        header: header(drift),
        entries,
        remarks,
        steady,
        unmanaged: unmanaged.iter().map(Stray::from).collect(),
        findings: Vec::new(),
        reach: Vec::new(),
        customers,
        made_of: Vec::new(),
        counts: first.into_iter().chain(second).chain(third).collect(),
        closing,
        next: next(drift),
    }
    .for_target(name)
    .told_apart()
}

fn counts(summary: &DriftSummaryV1, three_way: bool) -> (Vec<Count>, Vec<Count>, Vec<Count>) {
    let DriftSummaryV1 {
        in_sync,
        drifted,
        pending,
        conflict,
        missing,
        excepted,
        not_compared,
        blocked,
        unmanaged,
        outside,
        outside_counted,
    } = *summary;
    let count = |what, number| Count { what, number };
    let mut first = vec![count("drifted", drifted)];
    if three_way {
        first.extend([count("pending", pending), count("in conflict", conflict)]);
    }
    first.push(count("missing", missing));
    let mut second = vec![count("in sync", in_sync), count("unmanaged", unmanaged)];
    second.extend(outside_counted.then(|| count("outside the boundary", outside)));
    (first, second, vec![count("excepted", excepted), count("blocked", blocked), count("not compared", not_compared)])
}

fn entry<'a>(drift: &'a ClientDriftV1) -> ReportEntry<'a> {
    let ClientDriftV1 {
        client,
        state,
        action,
        id,
        scope,
        labels,
        from_scope: _,
        source,
        changes,
        reason,
        help,
        candidates,
        not_compared,
        updated_by,
        updated_at,
    } = drift;
    let aside =
        super::last_change(updated_by.as_deref(), updated_at.as_deref()).filter(|_| *state != DriftStateV1::InSync);
    let blocked = reason.as_ref().map(|reason| ShownProblem {
        candidates: super::candidates(candidates),
        ..ShownProblem::new(reason, help.as_deref().unwrap_or_default())
    });
    let blind = (!not_compared.is_empty()).then(|| super::not_compared(not_compared));
    let whole = matches!(action, Some(ActionV1::Add | ActionV1::Delete));
    let difference = |one: &'a ChangeV1| {
        let shown = ShownDifference::from(one);
        let base = one.base.as_ref().map(ShownValue::from);
        let sides = if whole { DifferenceSides::Content } else { DifferenceSides::LiveAndGit { base } };
        ShownDifference { state: shown.state.filter(|other| *other != word(*state)), sides, ..shown }
    };
    let (mark, level, hue) = mark(*state, *action);
    ReportEntry {
        level,
        hue,
        client: Some(client.as_str()),
        labels: labels.texts().collect(),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: Some(SourceLine::from(source)),
        changes: changes.iter().map(difference).collect(),
        notes: notes(drift),
        aside,
        problem: blocked.or(blind),
        ..ReportEntry::new(mark, word(*state), scope.into())
    }
}

/// Says where the client is on either side, where that is not the same.
fn notes(client: &ClientDriftV1) -> Vec<String> {
    let ClientDriftV1 { scope, from_scope, action, changes, .. } = client;
    let exceptions: BTreeSet<(&str, &str)> =
        changes.iter().filter_map(|change| change.exception.as_ref()).map(|one| (&*one.until, &*one.reason)).collect();
    let exceptions = exceptions.into_iter().map(|(until, reason)| format!("excepted until {until}: {reason}"));
    let moved = from_scope.iter().map(|from| format!("git: {scope} · live: {from}"));
    let there = match action {
        Some(ActionV1::Add) => Some("git: present · live: missing".to_owned()),
        Some(ActionV1::Delete) => Some("git: absent · live: present".to_owned()),
        Some(ActionV1::Change | ActionV1::Replace | ActionV1::Unknown) | None => None,
    };
    moved.chain(there).chain(exceptions).collect()
}

/// What git wants gone is marked as a delete, so that each is shown by itself.
fn mark(state: DriftStateV1, action: Option<ActionV1>) -> (Mark, Level, Hue) {
    let (hue, level) = match state {
        DriftStateV1::InSync => (Hue::Mark(Mark::Steady), Level::Fine),
        DriftStateV1::Drifted => (Hue::Drifted, Level::Warning),
        DriftStateV1::Pending => (Hue::Pending, Level::Warning),
        DriftStateV1::Conflict => (Hue::Conflict, Level::Error),
        DriftStateV1::Missing => (Hue::Mark(Mark::Missing), Level::Error),
        DriftStateV1::Excepted => (Hue::Excepted, Level::Note),
        DriftStateV1::NotCompared => (Hue::Mark(Mark::Unknown), Level::Warning),
        DriftStateV1::Blocked => (Hue::Mark(Mark::Blocked), Level::Error),
    };
    let mark = match (state, action) {
        (DriftStateV1::InSync, _) => Mark::Steady,
        (DriftStateV1::Drifted | DriftStateV1::Pending | DriftStateV1::Conflict, Some(ActionV1::Delete)) => {
            Mark::Delete
        }
        (DriftStateV1::Pending, Some(ActionV1::Add)) => Mark::Add,
        (DriftStateV1::Drifted | DriftStateV1::Pending, _) => Mark::Change,
        (DriftStateV1::Missing, _) => Mark::Missing,
        (DriftStateV1::Excepted, _) => Mark::Notice,
        (DriftStateV1::NotCompared, _) => Mark::Unknown,
        (DriftStateV1::Conflict | DriftStateV1::Blocked, _) => Mark::Blocked,
    };
    (mark, level, hue)
}

/// Gives the place of a state: what needs a person first, and what the next apply does by itself last.
fn urgency(state: DriftStateV1) -> u8 {
    match state {
        DriftStateV1::Conflict => 0,
        DriftStateV1::Missing => 1,
        DriftStateV1::Drifted => 2,
        DriftStateV1::Pending => 3,
        DriftStateV1::Blocked => 4,
        DriftStateV1::NotCompared => 5,
        DriftStateV1::Excepted => 6,
        DriftStateV1::InSync => 7,
    }
}

/// Says what was compared with what, and which part of it.
fn header(drift: &DriftV1) -> Vec<String> {
    let DriftV1 { target: TargetV1 { name, url }, since, select, exclude, shard, .. } = drift;
    let mut header = vec![format!("{name} ({url})")];
    header.push(match since {
        Some(since) => format!("since {since}"),
        None => "without --since: drifted and pending are one".to_owned(),
    });
    header.extend(select.iter().map(|expression| format!("only {expression}")));
    header.extend(exclude.iter().map(|expression| format!("without {expression}")));
    header.extend(shard.iter().map(|shard| format!("shard {shard}")));
    header
}

/// Says how to take the live side, and how to restore git's.
fn next(drift: &DriftV1) -> Vec<String> {
    let DriftV1 { target, since, select, exclude, shard, summary, .. } = drift;
    let DriftSummaryV1 { drifted, pending, conflict, missing, unmanaged, .. } = *summary;
    let mut words = vec![shell_option("target", &target.name)];
    words.extend(select.iter().map(|one| shell_option("select", one)));
    words.extend(exclude.iter().map(|one| shell_option("exclude", one)));
    let part = words.join(" ");
    words.extend(shard.iter().map(|one| shell_option("shard", one)));
    let target = words.join(" ");
    let mut commands = Vec::new();
    if drifted + pending + conflict + missing > 0 {
        commands.push(format!("icsync apply {target}   # makes live what git says"));
    }
    if drifted + conflict > 0 {
        let since = since.as_ref().map(|since| format!(" {}", shell_option("since", since))).unwrap_or_default();
        let all = format!("icsync drift --accept --all {target}{since}");
        commands.push(format!("{all}   # or writes what is live into the definitions"));
    }
    if unmanaged > 0 {
        commands.push(format!("icsync export {part}   # writes definitions of what git does not define"));
    }
    commands
}

/// Gives a state in words.
pub(super) fn word(state: DriftStateV1) -> &'static str {
    match state {
        DriftStateV1::InSync => "in sync",
        DriftStateV1::Drifted => "drifted",
        DriftStateV1::Pending => "pending",
        DriftStateV1::Conflict => "conflict",
        DriftStateV1::Missing => "missing",
        DriftStateV1::Excepted => "excepted",
        DriftStateV1::NotCompared => "not compared",
        DriftStateV1::Blocked => "blocked",
    }
}
