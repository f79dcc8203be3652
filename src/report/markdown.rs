//! Markdown for one comment of a pull request: the verdict first, and never longer than a comment may be.

use std::fmt::Write as _;
use std::io;

use super::Grouping;
use super::group::{Group, arrange, name, names, stray_title, title};
use super::plain;
use super::value::{Rendered, render, symbol};
use super::view::{Report, ReportEntry, ReportKind, ShownFinding, Stray};
use crate::text::{bounded, bounded_again, code_span, markdown, visible};

/// The longest comment in bytes: hosts allow 65,536 characters, and no character is shorter than a byte.
const BUDGET: usize = 65_000;
/// What is kept for the lines after the folds.
const RESERVE: usize = 1_500;
/// The most that the list of what is destroyed takes with scopes and places; names alone are listed beyond.
const DETAILED: usize = 30_000;
/// The most refusals, and the most causes, at the head.
const MOST_LINES: usize = 20;
/// The most rows of one fold.
const MOST_ROWS: usize = 400;

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, grouping: Grouping) -> io::Result<()> {
    let mut text = head(report);
    let tail = tail(report);
    text.push_str(&destroyed(report, (BUDGET - RESERVE).saturating_sub(tail.len() + text.len())));
    let folds = folds(report, grouping);
    let room = (BUDGET - RESERVE).saturating_sub(tail.len());
    let mut left_out = 0;
    for Fold { text: fold, clients } in folds {
        if left_out == 0 && text.len() + fold.len() <= room {
            text.push_str(&fold);
        } else {
            left_out += clients;
        }
    }
    if left_out > 0 {
        let clients = if left_out == 1 { "client is" } else { "clients are" };
        let _ = write!(text, "_{left_out} more {clients} not shown here: a comment has a limit._\n\n");
    }
    text.push_str(&tail);
    out.write_all(text.as_bytes())
}

/// Makes a line of its own of short text that a person wrote or a server sent.
fn short(text: &str) -> String {
    markdown(&bounded_again(text, 300))
}

fn head(report: &Report<'_>) -> String {
    let command = report.kind.command();
    let mut text = format!("<!-- icsync: {command}{} -->\n", marked(report));
    let refused = if report.findings.is_empty() { "" } else { " · refused" };
    let _ = write!(text, "### icsync {command} · {}{refused}\n\n**{}**\n\n", short(report.subject), report.closing);
    for ShownFinding { rule, message, help, steps: _ } in report.findings.iter().take(MOST_LINES) {
        let _ = write!(text, "> **Refused** by {}: {}\n> help: {}\n\n", code_span(rule), short(message), short(help));
    }
    text.push_str(&more(report.findings.len()));
    for (at, clients) in report.reach.iter().take(MOST_LINES) {
        let _ = write!(text, "{clients} clients through {}\n\n", code_span(&bounded(&at.to_string(), 300)));
    }
    text.push_str(&more(report.reach.len()));
    let parts: Vec<String> = report.header.iter().map(|part| short(part)).collect();
    let _ = write!(text, "{}\n\n", parts.join(" · "));
    let quiet = report.entries.is_empty() && report.remarks.is_empty();
    let counts: Vec<_> = report.counts.iter().filter(|count| count.number > 0).collect();
    if !quiet && !counts.is_empty() {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        text.push_str(&row(counts.iter().map(|count| count.what.to_owned()).collect()));
        text.push_str(&row(counts.iter().map(|_| "--:".to_owned()).collect()));
        text.push_str(&row(counts.iter().map(|count| count.number.to_string()).collect()));
        text.push('\n');
    }
    text
}

/// Says how many lines are not shown at the head.
fn more(lines: usize) -> String {
    match lines.saturating_sub(MOST_LINES) {
        0 => String::new(),
        more => format!("and {more} more\n\n"),
    }
}

/// Names the target in the hidden marker, by which a comment is found and updated. A review has none, because its
/// revisions differ from push to push.
fn marked(report: &Report<'_>) -> String {
    if report.kind == ReportKind::Diff {
        return String::new();
    }
    // Two hyphens or a `>` could end the comment.
    let name = visible(report.subject).replace("--", "\\u{2d}-").replace('>', "\\u{3e}");
    format!(" {}", crate::text::bounded(&name, 200))
}

/// Lists everything that is destroyed: line by line, by name alone when that is too long.
fn destroyed(report: &Report<'_>, room: usize) -> String {
    let entries: Vec<&ReportEntry<'_>> = report.entries.iter().filter(|entry| entry.is_destructive()).collect();
    if entries.is_empty() {
        return String::new();
    }
    let head = format!("**{} {}**\n\n", entries.len(), report.kind.destroys());
    let lines: String = entries.iter().map(|entry| destroyed_line(entry)).collect();
    if lines.len() <= DETAILED.min(room) {
        return format!("{head}{lines}\n");
    }
    let mut text = head;
    for (index, entry) in entries.iter().enumerate() {
        let name = format!("{}{}", if index == 0 { "" } else { ", " }, code_span(&name(entry)));
        if text.len() + name.len() + 100 > room {
            let _ = write!(text, " **and {} more, too many for one comment**", entries.len() - index);
            break;
        }
        text.push_str(&name);
    }
    text + "\n\n"
}

fn destroyed_line(entry: &ReportEntry<'_>) -> String {
    let ReportEntry { number, mark, .. } = entry;
    let number = number.map(|number| format!("#&#8203;{number} ")).unwrap_or_default();
    let place = Some(entry.whereabouts()).filter(|place| !place.is_empty());
    let place = place.map(|place| format!(" {}", code_span(&place))).unwrap_or_default();
    let people = Some(entry.people()).filter(|people| !people.is_empty());
    let people = people.map(|people| format!(" {}", short(&people))).unwrap_or_default();
    let written = entry.written().map(|written| format!(" {}", code_span(&written))).unwrap_or_default();
    let said = entry.said().fold(String::new(), |text, part| format!("{text} · {}", short(part)));
    let title = code_span(&title(entry));
    format!("- {number}{} {title}{place}{people}{written}{said}\n", code_span(mark.symbol()))
}

/// A part that is shown whole or not at all.
struct Fold {
    text: String,
    clients: usize,
}

fn folds(report: &Report<'_>, grouping: Grouping) -> Vec<Fold> {
    let mut folds: Vec<Fold> = arrange(&report.remarks, grouping).iter().map(fold).collect();
    folds.extend(arrange(&report.entries, grouping).iter().map(fold));
    folds.extend(unmanaged(&report.unmanaged));
    folds
}

fn fold(group: &Group<'_, '_>) -> Fold {
    let Group { first, others, likeness: _ } = group;
    let number = first.number.map(|number| format!("{number} ")).unwrap_or_default();
    let at = first.at.map(|at| format!(" · {}", short(&at.to_string()))).unwrap_or_default();
    let summary = format!("{number}{} {}{at}", short(first.mark.symbol()), short(&plain::headline(group)));
    let mut rows: Vec<String> = first.said().map(|note| format!("# {}", crate::text::message(note))).collect();
    let problem = first.problem.iter().flat_map(plain::problem);
    rows.extend(problem.map(|line| format!("# {line}")));
    rows.extend(first.changes.iter().flat_map(change));
    if rows.len() > MOST_ROWS {
        let cut = rows.len() - MOST_ROWS;
        rows.truncate(MOST_ROWS);
        rows.push(format!("# … {cut} more lines"));
    }
    if !others.is_empty() {
        rows.push(format!("# the same on {} more: {}", others.len(), names(others)));
    }
    let body = if rows.is_empty() { String::new() } else { fenced(&rows.join("\n")) };
    Fold { text: folded(&summary, &body), clients: group.len() }
}

/// Writes a difference so that its first column is one that `diff` colours: `+`, `-`, or `!` for a change.
fn change(change: &super::view::ShownDifference<'_>) -> Vec<String> {
    let field = plain::field(change);
    let source = plain::trailer(change, change.at);
    let mark = if symbol(change) == '~' { '!' } else { symbol(change) };
    match render(change) {
        rendered @ Rendered::Line(_) => vec![format!("{mark} {field}: {}{source}", rendered.lines().concat())],
        rendered @ Rendered::Block(_) => {
            std::iter::once(format!("{mark} {field}:{source}")).chain(rendered.lines()).collect()
        }
    }
}

fn fenced(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}diff\n{text}\n{fence}\n")
}

fn folded(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{body}\n</details>\n\n")
}

fn unmanaged(strays: &[Stray<'_>]) -> Option<Fold> {
    let lines: Vec<String> = strays
        .iter()
        .take(MOST_ROWS)
        .map(|stray| {
            let kept = stray.kept.map(|kept| format!(" ({})", short(kept))).unwrap_or_default();
            format!("- {}{kept}", code_span(&stray_title(stray)))
        })
        .collect();
    let more = strays.len().saturating_sub(MOST_ROWS);
    let more = if more > 0 { format!("\n- … and {more} more") } else { String::new() };
    let summary = format!("{} unmanaged (in the boundary, not in git)", strays.len());
    let text = folded(&summary, &format!("{}{more}\n", lines.join("\n")));
    (!strays.is_empty()).then_some(Fold { text, clients: strays.len() })
}

fn tail(report: &Report<'_>) -> String {
    if report.next.is_empty() {
        return String::new();
    }
    let commands: Vec<String> =
        report.next.iter().map(|command| crate::text::bounded(command, 200).into_owned()).collect();
    format!("Next:\n\n{}", fenced(&commands.join("\n")).replace("```diff", "```sh"))
}
