//! A review as a report.

use super::{Count, Difference, Entry, Kind, Mark, Place, Report, Source, Value, counted};
use crate::model::Origin;
use crate::plan::{FieldChange, Side};
use crate::report::ReviewHeading;
use crate::review::{self, ClientReview, Review, ReviewSummary, TermChange};

/// How many causes are listed.
const MOST_CAUSES: usize = 10;

/// Makes a report of a review.
pub(crate) fn review<'a>(heading: &ReviewHeading<'a>, review: &'a Review) -> Report<'a> {
    let ReviewHeading { base, head } = *heading;
    let Review { clients, unchanged: _, causes, rules } = review;
    let ReviewSummary { added, removed, changed, renamed, moved, unchanged } = review.summary();
    let always = [Count::new("added", added), Count::new("changed", changed), Count::new("removed", removed)];
    let sometimes = [Count::new("renamed", renamed), Count::new("moved", moved)];
    let closing = match (review.is_empty(), rules.is_empty()) {
        (true, _) => format!("No changes: {unchanged} unchanged"),
        (false, true) => format!("Diff: {} · {unchanged} unchanged", counted(&always, &sometimes)),
        (false, false) => {
            format!("Diff: {} · {unchanged} unchanged · the configuration changes", counted(&always, &sometimes))
        }
    };
    let wide = causes.iter().filter(|cause| cause.clients > 1).take(MOST_CAUSES);
    Report {
        kind: Kind::Diff,
        subject: head,
        header: vec![format!("{base} → {head}")],
        entries: clients.iter().map(entry).collect(),
        remarks: configuration(rules).into_iter().collect(),
        steady: Vec::new(),
        unmanaged: Vec::new(),
        findings: Vec::new(),
        reach: wide.map(|cause| (Source::from(&cause.at), cause.clients)).collect(),
        counts: always.into_iter().chain(sometimes).chain([Count::new("unchanged", unchanged)]).collect(),
        closing,
        next: Vec::new(),
    }
}

/// Shows what changes of the configuration as one remark: it may matter more than any client.
fn configuration(rules: &[TermChange]) -> Option<Entry<'_>> {
    let place = Place { text: String::new(), telsys: String::new(), device: None };
    let changes = rules.iter().map(term).collect();
    let entry = Entry { client: Some("icsync.yaml"), changes, ..Entry::new(Mark::Notice, "changed", place) };
    (!rules.is_empty()).then_some(entry)
}

fn entry(client: &ClientReview) -> Entry<'_> {
    let ClientReview { client, kind, scope, from_client, from_scope, at, cause: _, changes, terms, .. } = client;
    let mut notes = Vec::new();
    notes.extend(from_client.as_ref().map(|from| format!("was `{from}`")));
    notes.extend(from_scope.as_ref().map(|from| format!("moves from {from} to {scope}")));
    let stays = terms.iter().any(|term| term.term == "state" && term.change.before.is_some());
    let whole = matches!(kind, review::Kind::Added | review::Kind::Removed) && !stays;
    let mark = match kind {
        review::Kind::Added => Mark::Add,
        review::Kind::Removed => Mark::Delete,
        review::Kind::Changed | review::Kind::Renamed => Mark::Change,
        review::Kind::Moved => Mark::Replace,
    };
    let mut differences: Vec<Difference<'_>> = terms.iter().map(term).collect();
    differences.extend(changes.iter().map(|change| if whole { change.into() } else { content(change) }));
    Entry {
        client: Some(client.as_str()),
        at: Some(Source::from(at)),
        changes: differences,
        notes,
        ..Entry::new(mark, kind.name(), scope.into())
    }
}

/// Shows a change of content. A field that a side leaves out is one that git does not manage there.
fn content(change: &FieldChange) -> Difference<'_> {
    let side = |side: &Side, value| match (side, &change.key) {
        (Side::Absent, None) => Value::NotManaged,
        _ => value,
    };
    let shown = Difference::from(change);
    Difference { before: side(&change.before, shown.before), after: side(&change.after, shown.after), ..shown }
}

fn term(change: &TermChange) -> Difference<'_> {
    let TermChange { term, change } = change;
    let side = |side: &Option<String>| Value::Word(side.clone().unwrap_or_else(|| "(none)".to_owned()));
    Difference {
        field: term,
        key: None,
        before: side(&change.before),
        after: side(&change.after),
        at: None,
        origin: Origin::Own,
        state: None,
    }
}
