//! A review as a report.

use std::collections::BTreeMap;

use super::becomes::becomes;
use super::{
    CONFIGURATION, Count, DifferenceSides, Former, Level, Mark, NO_TERM, Report, ReportEntry, ReportKind, ScopeText,
    ShownDifference, ShownValue, SourceLine, counted,
};
use crate::document::{
    ChangeV1, ClientReviewV1, ConsequenceV1, NextActionV1, ReviewChangeV1, ReviewSummaryV1, ReviewV1, ReviewWordV1,
    TermV1,
};
use crate::model::{ClientName, Origin, Scope};
use crate::text::visible;

/// How many causes are listed.
const MOST_CAUSES: usize = 10;

pub(crate) fn review(review: &ReviewV1) -> Report<'_> {
    let ReviewV1 { format_version: _, base, head, clients, causes, configuration, diagnostics, summary } = review;
    let ReviewSummaryV1 { added, removed, changed, renamed, moved, unchanged, configuration: _ } = *summary;
    let count = |what, number| Count { what, number };
    let always = [count("added", added), count("changed", changed), count("removed", removed)];
    let sometimes = [count("renamed", renamed), count("moved", moved)];
    let closing = match (clients.is_empty(), configuration.is_empty()) {
        (true, true) => format!("No changes: {unchanged} unchanged"),
        (_, true) => format!("Diff: {} · {unchanged} unchanged", counted(&always, &sometimes)),
        (_, false) => {
            format!("Diff: {} · {unchanged} unchanged · the configuration changes", counted(&always, &sometimes))
        }
    };
    let wide = causes.iter().filter(|cause| cause.clients > 1).take(MOST_CAUSES);
    Report {
        kind: ReportKind::Diff,
        subject: head,
        header: vec![format!("{base} → {head}")],
        entries: clients.iter().map(entry).collect(),
        remarks: rules(configuration).into_iter().chain(diagnostics.iter().map(super::complaint)).collect(),
        steady: Vec::new(),
        unmanaged: Vec::new(),
        findings: Vec::new(),
        reach: wide.map(|cause| (SourceLine::from(&cause.source), cause.clients)).collect(),
        customers: BTreeMap::new(),
        made_of: Vec::new(),
        counts: always.into_iter().chain(sometimes).chain([count("unchanged", unchanged)]).collect(),
        closing,
        next: Vec::new(),
    }
    .told_apart()
}

/// Shows what changes of the configuration as a remark, one for each group of targets: it may matter more than any client.
fn rules(configuration: &[TermV1]) -> Vec<ReportEntry<'_>> {
    let mut by_targets: BTreeMap<&[String], Vec<&TermV1>> = BTreeMap::new();
    configuration.iter().for_each(|term| by_targets.entry(&term.targets).or_default().push(term));
    let entries = by_targets.into_iter().map(|(targets, terms)| ReportEntry {
        client: Some(CONFIGURATION),
        edited: Some(SourceLine { file: CONFIGURATION, line: 1 }),
        changes: terms.iter().map(|term| ShownDifference::from(*term)).collect(),
        notes: only_for(targets).into_iter().collect(),
        level: if terms.iter().any(|term| term.danger.is_some()) { Level::Warning } else { Level::Note },
        ..ReportEntry::new(Mark::Notice, "changed", ScopeText::NONE)
    });
    entries.collect()
}

fn entry<'a>(review: &'a ClientReviewV1) -> ReportEntry<'a> {
    let ClientReviewV1 {
        client,
        change,
        scope,
        from_client,
        from_scope,
        source,
        cause,
        changes,
        pinnable: _,
        dangers,
        consequence: _,
        next,
        looks_like_move,
        targets,
    } = review;
    let mut notes = dangers.clone();
    notes.extend(becomes(review, lost_pin(changes)));
    notes.extend(only_for(targets));
    let likely = looks_like_move.as_ref().map(super::likely::of_review).unwrap_or_default();
    notes.extend(likely.shared);
    let was = Former {
        client: from_client.as_ref().map(ClientName::as_str),
        place: from_scope.as_ref().map(Scope::to_string),
        moved_by: None,
    };
    let (mark, word) = marked(review);
    let is_blocked = next.as_ref().is_some_and(|next| next.action == NextActionV1::Blocked);
    // A definition that stays and only says that its client shall come or go has content on both sides.
    let stays = |change: &ReviewChangeV1| matches!(change, ReviewChangeV1::Term(term) if term.field == "state" && term.before.is_some());
    let whole = matches!(change, ReviewWordV1::Added | ReviewWordV1::Removed) && !changes.iter().any(stays);
    let difference = |change: &'a ReviewChangeV1| match change {
        ReviewChangeV1::Term(term) => term.into(),
        ReviewChangeV1::Content(change) if whole => change.into(),
        ReviewChangeV1::Content(change) => content(change),
    };
    let (at, by) = (SourceLine::from(source), SourceLine::from(&cause.source));
    ReportEntry {
        client: Some(client.as_str()),
        at: Some(at),
        // The head has no line of what is gone.
        edited: Some(if is_of_base(review) { SourceLine { line: 1, ..by } } else { by }),
        aside: (by.file != at.file && !is_table_free(changes, by)).then(|| format!("row {by}")),
        level: if dangers.is_empty() && !is_blocked { mark.level() } else { Level::Warning },
        dangers,
        changes: changes.iter().map(difference).collect(),
        notes,
        likely_move: likely.own,
        was,
        ..ReportEntry::new(mark, word, scope.into())
    }
}

/// Gives the mark and the word of a change. Whatever it is called, what is deleted is told where deletes are.
fn marked(review: &ClientReviewV1) -> (Mark, &'static str) {
    let (mark, word) = match review.change {
        ReviewWordV1::Added => (Mark::Add, "added"),
        ReviewWordV1::Removed => (Mark::Delete, "removed"),
        ReviewWordV1::Changed => (Mark::Change, "changed"),
        ReviewWordV1::Renamed => (Mark::Change, "renamed"),
        ReviewWordV1::Moved => (Mark::Replace, "moved"),
    };
    let is_replaced = review.next.as_ref().is_some_and(|next| next.action == NextActionV1::Replace);
    let deletes = is_replaced || review.consequence == Some(ConsequenceV1::Deleted);
    (if deletes && mark != Mark::Delete { Mark::Replace } else { mark }, word)
}

/// Tells whether a definition is one of the base alone.
fn is_of_base(review: &ClientReviewV1) -> bool {
    let is_wanted = |change: &ReviewChangeV1| matches!(change, ReviewChangeV1::Term(term) if term.field == "state" && term.after.is_some());
    review.change == ReviewWordV1::Removed && !review.changes.iter().any(is_wanted)
}

/// Tells whether what caused a change is a line of its values, in a profile, and no row of a table.
fn is_table_free(changes: &[ReviewChangeV1], by: SourceLine<'_>) -> bool {
    let written = changes.iter().filter_map(|change| match change {
        ReviewChangeV1::Content(change) => change.source.as_ref(),
        ReviewChangeV1::Term(_) => None,
    });
    written.map(SourceLine::from).any(|at| at.file == by.file)
}

/// Gives the pin that a definition had and has no more.
fn lost_pin(changes: &[ReviewChangeV1]) -> Option<&str> {
    changes.iter().find_map(|change| match change {
        ReviewChangeV1::Term(TermV1 { field, before: Some(before), after: None, danger: _, targets: _ })
            if field == "id" =>
        {
            Some(before.as_str())
        }
        ReviewChangeV1::Term(_) | ReviewChangeV1::Content(_) => None,
    })
}

/// Says for which targets something is so, if not for all.
fn only_for(targets: &[String]) -> Option<String> {
    let names: Vec<_> = targets.iter().map(|target| visible(target)).collect();
    (!names.is_empty()).then(|| format!("for {} only", names.join(" and ")))
}

/// Shows a change of content. A field that a side leaves out is one that git does not manage there.
fn content(change: &ChangeV1) -> ShownDifference<'_> {
    let shown = ShownDifference::from(change);
    let side = |value| match (value, &change.key) {
        (ShownValue::Absent, None) => ShownValue::NotManaged,
        (value, _) => value,
    };
    ShownDifference { before: side(shown.before), after: side(shown.after), ..shown }
}

impl<'a> From<&'a TermV1> for ShownDifference<'a> {
    fn from(term: &'a TermV1) -> Self {
        let TermV1 { field, before, after, danger, targets: _ } = term;
        let side = |side: &Option<String>| ShownValue::Word(side.clone().unwrap_or_else(|| NO_TERM.to_owned()));
        Self {
            field,
            key: None,
            before: side(before),
            after: side(after),
            at: None,
            origin: Origin::Own,
            state: danger.as_deref(),
            sides: DifferenceSides::Change,
            told: None,
        }
    }
}
