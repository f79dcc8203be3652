//! One self-contained HTML file: readable without scripts and without a network, searched and filtered with them.

mod anchor;
mod chart;
mod controls;
mod prose;
mod row;
mod values;

use std::io;

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::Grouping;
use super::group::{self, Group, arrange, stray_title};
use super::view::{Report, ReportEntry, ReportKind, RowWeight, ShownFinding, Stray};
use crate::text::{bounded, message, visible};
use anchor::Anchors;
use controls::ServerCount;
use prose::{command, directed, said};

pub(super) const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, grouping: Grouping) -> io::Result<()> {
    let mut groups = ordered(report, grouping);
    // Elsewhere it is said with a number that nothing is to be done.
    groups.extend((report.kind == ReportKind::Drift).then(|| arrange(&report.steady, grouping)).into_iter().flatten());
    let servers = ServerCount::all(&groups, &report.customers);
    let mut anchors = Anchors::new();
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
                    (next(report))
                    (chart::chart(report.kind, &groups, &servers))
                    (controls::controls(report.kind, &groups, &servers))
                    (row::list(report.kind, &groups, "clients", &mut anchors))
                    (unmanaged(&report.unmanaged, &mut anchors))
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
    let mut groups = ordered(report, Grouping::Grouped);
    let chart = chart::chart(report.kind, &groups, &ServerCount::all(&groups, &report.customers));
    let more = groups.len().saturating_sub(most);
    groups.truncate(most);
    // The page has several parts, and a client may be in each.
    let mut anchors = Anchors::unnamed();
    let page = html! {
        p.closing { (report.closing) }
        (findings(report))
        (chart)
        (row::list(report.kind, &groups, &format!("clients, {}", report.kind.command()), &mut anchors))
        @if more > 0 { p.quiet { "and " (more) " more rows: `icsync " (report.kind.command()) "` shows all" } }
        (unmanaged(&report.unmanaged, &mut anchors))
    };
    page.into_string()
}

/// Gives the rows in the order of their danger: what is destroyed or went wrong, then what a person should know besides,
/// then the rest.
fn ordered<'r, 'a>(report: &'r Report<'a>, grouping: Grouping) -> Vec<Group<'r, 'a>> {
    let leads = |entry: &ReportEntry<'_>| match report.kind {
        ReportKind::Plan => entry.is_destructive(),
        ReportKind::Apply => entry.hue.weight() != RowWeight::Faint,
        ReportKind::Drift => true,
        ReportKind::Diff | ReportKind::Validate | ReportKind::Failure => false,
    };
    let mut groups: Vec<Group<'r, 'a>> =
        arrange(&report.entries, grouping).into_iter().flat_map(group::spread).collect();
    let rest = groups.split_off(groups.iter().take_while(|group| leads(group.first)).count());
    let remarks = arrange(&report.remarks, grouping).into_iter().flat_map(group::spread);
    groups.into_iter().chain(remarks).chain(rest).collect()
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
                @for (what, fact) in &report.made_of { span { (what) " " code { (bounded(fact, 100)) } } }
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
                @let ShownFinding { rule: _, message: text, help, steps: _, exceeded: _ } = refusal.findings[0];
                strong { "refused by " (message(refusal.rule)) } " " (said(&message(text)))
                @if let Some(more) = refusal.steps_beyond(1) { p { (more) } }
                p { "help: " (said(&message(help))) }
            }
        }
    }
}

/// Lists what can be typed next.
fn next(report: &Report<'_>) -> Markup {
    html! {
        @if !report.next.is_empty() {
            section.next aria-label="next" {
                h2 { "Next" }
                @for line in &report.next {
                    @match line.strip_prefix("# ") {
                        Some(remark) => p.quiet { (visible(remark)) },
                        None => p { (command(&visible(line))) },
                    }
                }
            }
        }
    }
}

fn unmanaged(strays: &[Stray<'_>], anchors: &mut Anchors) -> Markup {
    html! {
        @if !strays.is_empty() {
            details.unmanaged {
                summary { (strays.len()) " unmanaged (in the boundary, not in git)" }
                ul {
                    @for stray in strays {
                        li id=[anchors.stray(stray)] {
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

#[cfg(test)]
mod tests {
    use super::super::view::PageColour;
    use super::STYLE;

    #[test]
    fn every_colour_is_in_the_style_in_light_and_dark() {
        for colour in PageColour::ALL.map(PageColour::class) {
            assert_eq!(STYLE.matches(&format!("--{colour}: #")).count(), 2, "{colour}");
            assert!(STYLE.contains(&format!(".{colour} {{ --hue: var(--{colour}); }}")), "{colour}");
        }
    }
}
