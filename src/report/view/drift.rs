//! Drift as a report.

use super::{
    Count, Level, Mark, Report, ReportEntry, ReportKind, ShownDifference, ShownProblem, SourceLine, Stray, counted,
};
use crate::document::{ActionV1, ClientDriftV1, DriftStateV1, DriftSummaryV1, DriftV1, TargetV1};

pub(crate) fn drift(drift: &DriftV1) -> Report<'_> {
    let DriftV1 {
        format_version: _,
        target: TargetV1 { name, url },
        since,
        clients,
        unmanaged,
        unread_rows,
        diagnostics,
        summary,
    } = drift;
    let mut header = vec![format!("{name} ({url})")];
    header.push(match since {
        Some(since) => format!("since {since}"),
        None => "without --since: drifted and pending are one".to_owned(),
    });
    let (mut entries, mut steady) = (Vec::new(), Vec::new());
    let mut remarks: Vec<ReportEntry<'_>> = unread_rows.iter().map(super::unread).collect();
    remarks.extend(diagnostics.iter().map(super::complaint));
    let besides = remarks.len();
    for client in clients {
        match client.state {
            DriftStateV1::InSync => steady.push(entry(client)),
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
    Report {
        kind: ReportKind::Drift,
        subject: name,
        header,
        entries,
        remarks,
        steady,
        unmanaged: unmanaged.iter().map(Stray::from).collect(),
        findings: Vec::new(),
        reach: Vec::new(),
        counts: first.into_iter().chain(second).chain(third).collect(),
        closing,
        next: Vec::new(),
    }
}

fn counts(summary: &DriftSummaryV1, three_way: bool) -> (Vec<Count>, Vec<Count>, Vec<Count>) {
    let DriftSummaryV1 {
        in_sync,
        drifted,
        pending,
        conflict,
        missing,
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
    (first, second, vec![count("blocked", blocked), count("not compared", not_compared)])
}

fn entry(client: &ClientDriftV1) -> ReportEntry<'_> {
    let ClientDriftV1 {
        client,
        state,
        action,
        id,
        scope,
        labels,
        from_scope,
        source,
        changes,
        reason,
        help,
        candidates,
        not_compared,
        updated_by,
        updated_at,
    } = client;
    let aside =
        super::last_change(updated_by.as_deref(), updated_at.as_deref()).filter(|_| *state != DriftStateV1::InSync);
    let blocked = reason.as_ref().map(|reason| ShownProblem {
        candidates: super::candidates(candidates),
        ..ShownProblem::new(reason, help.as_deref().unwrap_or_default())
    });
    let blind = (!not_compared.is_empty()).then(|| super::not_compared(not_compared));
    let difference = |one| {
        let shown = ShownDifference::from(one);
        ShownDifference { state: shown.state.filter(|other| *other != word(*state)), ..shown }
    };
    let (mark, level) = mark(*state, *action);
    ReportEntry {
        level,
        client: Some(client.as_str()),
        labels: labels.texts().collect(),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: Some(SourceLine::from(source)),
        changes: changes.iter().map(difference).collect(),
        notes: from_scope.iter().map(|from| format!("is at {from}, and git says {scope}")).collect(),
        aside,
        problem: blocked.or(blind),
        ..ReportEntry::new(mark, word(*state), scope.into())
    }
}

/// What git wants gone is marked as a delete, so that each is shown by itself.
fn mark(state: DriftStateV1, action: Option<ActionV1>) -> (Mark, Level) {
    match (state, action) {
        (DriftStateV1::InSync, _) => (Mark::Steady, Level::Fine),
        (DriftStateV1::Drifted | DriftStateV1::Pending, Some(ActionV1::Delete)) => (Mark::Delete, Level::Warning),
        (DriftStateV1::Conflict, Some(ActionV1::Delete)) => (Mark::Delete, Level::Error),
        (DriftStateV1::Pending, Some(ActionV1::Add)) => (Mark::Add, Level::Warning),
        (DriftStateV1::Drifted | DriftStateV1::Pending, _) => (Mark::Change, Level::Warning),
        (DriftStateV1::Missing, _) => (Mark::Missing, Level::Error),
        (DriftStateV1::NotCompared, _) => (Mark::Unknown, Level::Warning),
        (DriftStateV1::Conflict | DriftStateV1::Blocked, _) => (Mark::Blocked, Level::Error),
    }
}

/// Gives a state in words.
pub(super) fn word(state: DriftStateV1) -> &'static str {
    match state {
        DriftStateV1::InSync => "in sync",
        DriftStateV1::Drifted => "drifted",
        DriftStateV1::Pending => "pending",
        DriftStateV1::Conflict => "conflict",
        DriftStateV1::Missing => "missing",
        DriftStateV1::NotCompared => "not compared",
        DriftStateV1::Blocked => "blocked",
    }
}
