//! One self-contained HTML file: readable without scripts and without a network, searched and filtered with them.

mod chart;

use std::collections::BTreeSet;
use std::io;

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::Grouping;
use super::group::{self, Group, arrange, stray_title, title};
use super::plain;
use super::value::{Piece, Rendered, Role, render, sides, symbol};
use super::view::{Level, Mark, Report, ReportEntry, ReportKind, ShownDifference, ShownFinding, Stray};
use crate::text::{bounded, is_right_to_left, isolates, message};

pub(super) const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, grouping: Grouping) -> io::Result<()> {
    let groups = arrange(&report.remarks, grouping).into_iter().chain(arrange(&report.entries, grouping));
    let groups: Vec<Group<'_, '_>> = groups.flat_map(group::spread).collect();
    let name = format!("icsync {} · {}", report.kind.command(), bounded(report.subject, 100));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (name) }
                // No request may leave the page, not even for an icon.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head(report, &name))
                main {
                    (chart::chart(report.kind, &groups))
                    (controls(report.kind, &groups))
                    (list(&groups, "clients"))
                    (unmanaged(&report.unmanaged))
                }
                footer { "icsync " (env!("CARGO_PKG_VERSION")) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    writeln!(out, "{}", page.into_string())
}

/// Writes what there is to say of clients as a part of another page: what speaks against it, a chart, rows, and who is
/// unmanaged. No more than `most` rows.
pub(super) fn part(report: &Report<'_>, most: usize) -> String {
    let groups = arrange(&report.remarks, Grouping::Grouped).into_iter();
    let groups = groups.chain(arrange(&report.entries, Grouping::Grouped)).flat_map(group::spread);
    let mut groups: Vec<Group<'_, '_>> = groups.collect();
    let chart = chart::chart(report.kind, &groups);
    let more = groups.len().saturating_sub(most);
    groups.truncate(most);
    let page = html! {
        p.closing { (report.closing) }
        (findings(report))
        (chart)
        (list(&groups, &format!("clients, {}", report.kind.command())))
        @if more > 0 { p.quiet { "and " (more) " more rows: `icsync " (report.kind.command()) "` shows all" } }
        (unmanaged(&report.unmanaged))
    };
    page.into_string()
}

/// Allows this page's own style and script and nothing else.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        BASE64.encode(Sha256::digest(STYLE)),
        BASE64.encode(Sha256::digest(SCRIPT))
    )
}

fn head(report: &Report<'_>, name: &str) -> Markup {
    html! {
        header {
            h1 { (name) }
            p.verdict { (report.closing) }
            p.parts {
                @for part in &report.header { span { (message(part)) } }
            }
            (findings(report))
            @for (at, clients) in &report.reach { p.reach { (clients) " clients through " code { (at) } } }
            ul.counts {
                @for count in &report.counts {
                    li data-none[count.number == 0] { b { (count.number) } " " (count.what) }
                }
            }
        }
    }
}

fn findings(report: &Report<'_>) -> Markup {
    html! {
        @for refusal in group::refusals(&report.findings) {
            div.refused {
                @let ShownFinding { rule: _, message: text, help, steps: _ } = refusal.findings[0];
                strong { "refused by " (message(refusal.rule)) } " " (message(text))
                @if let Some(more) = refusal.steps_beyond(1) { p { (more) } }
                p { "help: " (message(help)) }
            }
        }
    }
}

/// Names a telephony server for a filter; a scope that names none has an empty one.
pub(super) fn telsys(entry: &ReportEntry<'_>) -> String {
    bounded(&entry.place.telsys, 40).into_owned()
}

/// Search and filters; the script shows them, because nothing happens without it.
fn controls(kind: ReportKind, groups: &[Group<'_, '_>]) -> Markup {
    let states: BTreeSet<&str> = groups.iter().map(|group| group.first.state).collect();
    let servers: BTreeSet<String> = groups.iter().flat_map(|group| group.members().map(telsys)).collect();
    html! {
        form.controls hidden role="search" {
            label { "Search " input type="search" id="search" autocomplete="off" placeholder="name, scope, key, value"; }
            label { (if kind == ReportKind::Drift { "State " } else { "Action " })
                select id="action" {
                    option value="" { "all" }
                    @for state in states { option value=(state) { (state) } }
                }
            }
            label { "Telephony server "
                select id="telsys" {
                    option value="" { "all" }
                    @for server in servers.iter().filter(|server| !server.is_empty()) {
                        option value=(server) { (server) }
                    }
                }
            }
            output id="shown" aria-live="polite" {}
        }
    }
}

fn list(groups: &[Group<'_, '_>], label: &str) -> Markup {
    html! {
        @if groups.is_empty() { p.quiet { "Nothing to do." } }
        section.list aria-label=(label) {
            @for group in groups { (row(group)) }
        }
    }
}

fn row(group: &Group<'_, '_>) -> Markup {
    let Group { first, others, likeness: _ } = group;
    let servers: BTreeSet<String> = group.members().map(telsys).collect();
    let servers = servers.into_iter().collect::<Vec<_>>().join(" ");
    // A notice speaks of a client that has a row of its own.
    let clients = if first.mark == Mark::Notice { 0 } else { group.len() };
    html! {
        details.row data-action=(first.state) data-telsys=(servers) data-clients=(clients)
            data-grave[first.level == Level::Error] {
            summary {
                span.number { @if let Some(number) = first.number { (number) } }
                span.mark.(first.hue.class()) title=(first.state) { (first.mark.symbol()) }
                span.name {
                    (directed(&title(first)))
                    @if let Some(what) = group::mistake(first) { ": " (directed(&what)) }
                    @if !others.is_empty() { " " span.more { "and " (others.len()) " more" } }
                }
                span.scope { (directed(&first.whereabouts())) }
                span.people { (directed(&first.people())) }
                span.state { (first.state) }
                @if let Some(at) = first.written() { span.at { (at) } }
            }
            div.body {
                (details(first))
                @if !others.is_empty() {
                    p { "The same on " (others.len()) " more:" }
                    ul.others {
                        @for other in others {
                            li {
                                @if let Some(what) = group::mistake(other) {
                                    (directed(&format!("{}: {what}", group::listed(other))))
                                } @else { (directed(&title(other))) }
                                " " span.scope { (directed(&other.scope())) } " "
                                span.people { (directed(&other.people())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn details(entry: &ReportEntry<'_>) -> Markup {
    let problem: Vec<String> = entry.problem.iter().flat_map(plain::problem).collect();
    html! {
        @if let Some(id) = entry.id { p.id { "id " code { (bounded(id, 200)) } } }
        @for note in entry.said() { p.note { (message(note)) } }
        @for line in problem { p.problem { (line) } }
        @if !entry.changes.is_empty() {
            table {
                @for change in &entry.changes { (change_row(change)) }
            }
        }
    }
}

fn change_row(change: &ShownDifference<'_>) -> Markup {
    html! {
        tr {
            td.sign { (symbol(change)) }
            th scope="row" {
                (bounded(change.field, 60))
                @if let Some(key) = change.shown_key() { " " code { (directed(&key)) } }
            }
            td.value {
                @match render(change) {
                    Rendered::Line(line) => code { (pieces(&line)) },
                    Rendered::Block(rows) => {
                        pre {
                            @for line in rows { span.line { (line.sign) " " (pieces(&line.pieces)) "\n" } }
                        }
                    }
                }
            }
            td.at { (plain::remarks(change, change.at).join(", ")) }
        }
    }
}

/// Writes text so that what is read from right to left is an element of its own.
fn directed(text: &str) -> Markup {
    html! {
        @for (alone, part) in isolates(text) {
            @if alone { bdi { (part) } } @else { (part) }
        }
    }
}

/// Writes a row, each side of it an element of its own where it is read from right to left.
fn pieces(pieces: &[Piece]) -> Markup {
    html! {
        @for side in sides(pieces) {
            @if side.iter().any(|piece| is_right_to_left(&piece.text)) { bdi { (one_side(side)) } } @else { (one_side(side)) }
        }
    }
}

fn one_side(pieces: &[Piece]) -> Markup {
    html! {
        @for Piece { role, text } in pieces {
            @match role {
                Role::Plain => (text),
                Role::Old => span.old { (text) },
                Role::New => span.new { (text) },
                Role::OldPart => del { (text) },
                Role::NewPart => ins { (text) },
            }
        }
    }
}

fn unmanaged(strays: &[Stray<'_>]) -> Markup {
    html! {
        @if !strays.is_empty() {
            details.unmanaged {
                summary { (strays.len()) " unmanaged (in the boundary, not in git)" }
                ul {
                    @for stray in strays {
                        li {
                            (directed(&stray_title(stray))) " "
                            code { (bounded(stray.id, 200)) }
                            @if let Some(kept) = stray.kept { " (" (bounded(kept, 40)) ")" }
                        }
                    }
                }
            }
        }
    }
}
