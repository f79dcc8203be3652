//! The rows of the page: one for each group of clients that say the same.

use maud::{Markup, html};

use super::super::group::{self, Group, title};
use super::super::plain;
use super::super::view::{Hue, IsComplaint, Level, Mark, ReportEntry, ReportKind, RowWeight, ShownDifference};
use super::anchor::Anchors;
use super::prose::{directed, said};
use super::values;
use crate::text::{bounded, message};

/// So many rows are laid out together: what is out of sight costs nothing.
const CHUNK: usize = 100;

/// Names a telephony server for a filter; a scope that names none has an empty one.
pub(super) fn telsys(entry: &ReportEntry<'_>) -> String {
    bounded(&entry.place.telsys, 40).into_owned()
}

/// Tells whether an entry counts: a notice speaks of a client that has a row of its own.
pub(super) fn counts(kind: ReportKind, entry: &ReportEntry<'_>) -> bool {
    match kind {
        ReportKind::Validate | ReportKind::Failure => true,
        ReportKind::Plan | ReportKind::Apply | ReportKind::Drift | ReportKind::Diff => {
            entry.hue != Hue::Mark(Mark::Notice)
        }
    }
}

pub(super) fn list(kind: ReportKind, groups: &[Group<'_, '_>], label: &str, anchors: &mut Anchors) -> Markup {
    let many = groups.len() > 2 * CHUNK;
    html! {
        @if groups.is_empty() { p.quiet { "Nothing to do." } }
        section.list aria-label=(label) {
            @if many {
                @for chunk in groups.chunks(CHUNK) { div.chunk { @for group in chunk { (row(kind, group, anchors)) } } }
            } @else {
                @for group in groups { (row(kind, group, anchors)) }
            }
        }
    }
}

fn row(kind: ReportKind, group: &Group<'_, '_>, anchors: &mut Anchors) -> Markup {
    let Group { first, others, likeness: _ } = group;
    let anchor = anchors.entry(first);
    let weight = first.hue.weight();
    html! {
        details.row.(first.hue.colour().class()).tinted[weight == RowWeight::Tinted].faint[weight == RowWeight::Faint]
            id=[&anchor] data-state=(first.state) data-telsys=(telsys(first)) data-aside[!counts(kind, first)]
            data-grave[first.level == Level::Error] {
            summary {
                span.number { @if let Some(number) = first.number { (number) } }
                span.mark { (first.mark.symbol()) }
                span.name {
                    (directed(&name(first)))
                    @if !others.is_empty() { " " span.more { "and " (others.len()) " more" } }
                }
                span.scope { (directed(&beside(first))) }
                span.people { (directed(&first.people())) }
                span.state { b { (first.state) } @if let Some(tried) = tried(kind, first) { " " (tried) } }
                span.at { @if let Some(at) = first.written() { (at) } }
            }
            div.body { (body(group, anchor.as_deref(), anchors)) }
        }
    }
}

/// Names what was tried, where the word of a row says what became of it.
fn tried(kind: ReportKind, entry: &ReportEntry<'_>) -> Option<&'static str> {
    let tried = matches!(entry.mark, Mark::Add | Mark::Change | Mark::Replace | Mark::Delete);
    (kind == ReportKind::Apply && tried).then(|| Hue::Mark(entry.mark).name())
}

/// Names what a row is about: a client, or a mistake by what it is.
fn name(entry: &ReportEntry<'_>) -> String {
    match (&entry.problem, entry.complaint) {
        (Some(problem), IsComplaint::Yes) => message(&problem.message).into_owned(),
        _ => title(entry),
    }
}

/// Gives what stands beside the name: the scope, or the code of a mistake.
fn beside(entry: &ReportEntry<'_>) -> String {
    match entry.complaint {
        IsComplaint::Yes => group::name(entry),
        IsComplaint::No => entry.whereabouts().into_owned(),
    }
}

/// What the clients of a group do not share.
struct Unlike {
    changes: Vec<bool>,
    problem: bool,
}

impl Unlike {
    fn of(group: &Group<'_, '_>) -> Self {
        let Group { first, others, likeness: _ } = group;
        let same = |one: &ShownDifference<'_>, other: Option<&ShownDifference<'_>>| {
            other.is_some_and(|other| {
                (&one.before, &one.after, &one.sides) == (&other.before, &other.after, &other.sides)
            })
        };
        let own = |(place, change)| !others.iter().all(|other| same(change, other.changes.get(place)));
        Self {
            changes: first.changes.iter().enumerate().map(own).collect(),
            problem: !others.iter().all(|other| other.problem == first.problem),
        }
    }
}

/// Writes what a row says. What is so of the first client alone is marked as its own.
fn body(group: &Group<'_, '_>, anchor: Option<&str>, anchors: &mut Anchors) -> Markup {
    let Group { first, others, likeness: _ } = group;
    let unlike = Unlike::of(group);
    html! {
        @if anchor.is_some() || first.id.is_some() {
            p.own.quiet {
                @if let Some(anchor) = anchor { a href=(format!("#{anchor}")) { "#" (anchor) } }
                @if let Some(id) = first.id { " id " code { (bounded(id, 200)) } }
            }
        }
        @for note in &first.notes { p { (said(&message(note))) } }
        @for note in first.said_of_itself() { p.own { (said(&message(&note))) } }
        @for line in first.problem.iter().flat_map(plain::problem) { p.problem.own[unlike.problem] { (said(&line)) } }
        (values::table(&first.changes, &unlike.changes))
        @if !others.is_empty() {
            p.own { "The same on " (others.len()) " more:" }
            @for chunk in others.chunks(CHUNK) {
                ul.others { @for other in chunk { (member(first, other, &unlike, anchors)) } }
            }
        }
    }
}

/// Writes one more client of a group, with what is so of it alone.
fn member(first: &ReportEntry<'_>, entry: &ReportEntry<'_>, unlike: &Unlike, anchors: &mut Anchors) -> Markup {
    let anchor = anchors.entry(entry);
    let (server, people) = (telsys(entry), entry.people());
    let own = entry.changes.iter().zip(&unlike.changes).filter(|(_, own)| **own).map(|(change, _)| change);
    let problem = entry.problem.iter().filter(|_| unlike.problem).flat_map(plain::problem);
    let notes = entry.said_of_itself().map(|note| message(&note).into_owned());
    let lines: Vec<String> = notes.chain(problem).chain(own.flat_map(plain::change)).collect();
    html! {
        li id=[&anchor] data-telsys=[(server != telsys(first)).then_some(&server)] {
            @if let Some(anchor) = &anchor { a href=(format!("#{anchor}")) { (directed(&name(entry))) } } @else { b { (directed(&name(entry))) } }
            " " span.scope { (directed(&beside(entry))) } " "
            span.people { (directed(&people)) } " "
            span.at { @if let Some(at) = entry.written() { (at) } }
            @if let Some(id) = entry.id { " " code { (bounded(id, 200)) } }
            @for line in &lines { " " span.line { (said(line)) } }
        }
    }
}
