//! Text for people: aligned, short by default, complete on request, the same words with and without colour.

mod entry;
pub(super) mod paint;

use std::io;

use super::group::{self, Group};
use super::value::quoted;
use super::view::{Mark, Report, ReportKind, ShownFinding, Stray};
use super::{Grouping, Style};
use entry::ColumnWidths;
use paint::{Painter, Tone};

/// How many unmanaged clients are listed unless all are asked for.
const FEW: usize = 3;

/// So many lines further down, what is destroyed is out of sight.
const FAR: usize = 24;

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    let paint = Painter(style.colour);
    let mut parts: Vec<String> = vec![header(report, paint)];
    let entries = group::arrange(&report.entries, style.grouping);
    let remarks = group::arrange(&report.remarks, style.grouping);
    let columns = ColumnWidths::of(&entries, &remarks, report.kind, paint);
    let mut last = unmanaged(&report.unmanaged, style.grouping, paint);
    let refusals: Vec<String> = report.findings.iter().flat_map(|finding| refusal(finding, paint)).collect();
    if report.kind == ReportKind::Plan && entries.iter().any(|group| group.first.mark.is_destructive()) {
        let sections = by_danger(&columns, &entries, paint);
        let (dangerous, rest) = sections.split_at(1);
        parts.extend(dangerous.iter().cloned());
        parts.extend((!refusals.is_empty()).then(|| refusals.join("\n")));
        parts.extend(section(&columns, &remarks));
        parts.extend(rest.iter().cloned());
        if lines(&parts[2..]) > FAR {
            last.push(again(&columns, &entries, paint));
            last.extend(refusals);
        }
    } else {
        parts.extend(section(&columns, &entries));
        parts.extend(section(&columns, &remarks));
        last.extend(refusals);
    }
    last.extend(report.reach.iter().map(|(at, clients)| format!("{clients} clients through {at}")));
    last.push(closing(report, paint));
    parts.push(last.join("\n"));
    writeln!(out, "{}", parts.join("\n\n"))
}

fn header(report: &Report<'_>, paint: Painter) -> String {
    let mut line = paint.text(Tone::Strong, &format!("icsync {}", report.kind.command()));
    for part in &report.header {
        line.push_str(" · ");
        line.push_str(&crate::text::message(part));
    }
    line
}

/// Gives what is destroyed, and then the rest, each under a heading of its own.
fn by_danger(columns: &ColumnWidths, groups: &[Group<'_, '_>], paint: Painter) -> Vec<String> {
    let under = |kinds: &[(Mark, &str)]| {
        let marks = |group: &&Group<'_, '_>| kinds.iter().any(|(mark, _)| group.first.mark == *mark);
        let lines: Vec<String> = groups.iter().filter(marks).flat_map(|group| columns.lines(group)).collect();
        (!lines.is_empty()).then(|| format!("{}\n{}", heading(groups, kinds, paint), lines.join("\n")))
    };
    let rest =
        [under(&[(Mark::Unknown, "UNKNOWN")]), under(&[(Mark::Change, "CHANGES")]), under(&[(Mark::Add, "ADDS")])];
    under(&DESTRUCTIVE).into_iter().chain(rest.into_iter().flatten()).collect()
}

const DESTRUCTIVE: [(Mark, &str); 2] = [(Mark::Delete, "DELETES"), (Mark::Replace, "REPLACES")];

/// Writes `DELETES 2, REPLACES 1`.
fn heading(groups: &[Group<'_, '_>], kinds: &[(Mark, &str)], paint: Painter) -> String {
    let count = |mark| groups.iter().filter(|group| group.first.mark == mark).map(Group::len).sum::<usize>();
    let counted = kinds.iter().map(|(mark, word)| (count(*mark), Tone::from(*mark), word));
    let shown = counted.filter(|(number, ..)| *number > 0);
    shown.map(|(number, tone, word)| paint.text(tone, &format!("{word} {number}"))).collect::<Vec<_>>().join(", ")
}

/// Repeats what is destroyed, a line each.
fn again(columns: &ColumnWidths, groups: &[Group<'_, '_>], paint: Painter) -> String {
    let destroyed = groups.iter().filter(|group| group.first.mark.is_destructive());
    let heads = destroyed.flat_map(Group::members).map(|entry| columns.head(entry));
    std::iter::once(heading(groups, &DESTRUCTIVE, paint)).chain(heads).collect::<Vec<_>>().join("\n")
}

fn lines(parts: &[String]) -> usize {
    parts.iter().map(|part| part.lines().count() + 1).sum()
}

fn section(columns: &ColumnWidths, groups: &[Group<'_, '_>]) -> Option<String> {
    let lines: Vec<String> = groups.iter().flat_map(|group| columns.lines(group)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn unmanaged(strays: &[Stray<'_>], grouping: Grouping, paint: Painter) -> Vec<String> {
    if strays.is_empty() {
        return Vec::new();
    }
    let head = paint.text(Tone::Strong, &format!("{} unmanaged", strays.len()));
    let head = format!("{head} (in the boundary, not in git):");
    let one = |stray: &Stray<'_>| {
        let kept = stray.kept.map(|kept| format!(" ({})", crate::text::bounded(kept, 40))).unwrap_or_default();
        format!("{} {}{kept}", crate::text::bounded(&stray.place.text, 200), quoted(&stray.description))
    };
    match grouping {
        Grouping::Full => {
            let line = |stray: &Stray<'_>| format!("  {}  {}", crate::text::bounded(stray.id, 200), one(stray));
            std::iter::once(head).chain(strays.iter().map(line)).collect()
        }
        Grouping::Grouped => {
            let listed: Vec<String> = strays.iter().take(FEW).map(one).collect();
            let more = if strays.len() > FEW { " … (--full lists them)" } else { "" };
            vec![format!("{head} {}{more}", listed.join(", "))]
        }
    }
}

fn refusal(finding: &ShownFinding<'_>, paint: Painter) -> [String; 2] {
    let ShownFinding { rule, message, help, steps: _ } = finding;
    let refused = paint.text(Tone::Bad, "refused");
    [
        format!("{refused}: {} ({})", crate::text::message(message), crate::text::message(rule)),
        format!("  help: {}", crate::text::message(help)),
    ]
}

fn closing(report: &Report<'_>, paint: Painter) -> String {
    paint.text(Tone::Strong, &report.closing)
}

#[cfg(test)]
mod tests;
