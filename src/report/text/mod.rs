//! Text for people: aligned, short by default, complete on request, the same words with and without colour.

mod entry;
pub(super) mod paint;

use std::io;

use super::group::{self, Group};
use super::value::quoted;
use super::view::{Report, ShownFinding, Stray};
use super::{Grouping, Style};
use entry::ColumnWidths;
use paint::{Painter, Tone};

/// How many unmanaged clients are listed unless all are asked for.
const FEW: usize = 3;

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    let paint = Painter(style.colour);
    let mut parts: Vec<String> = vec![header(report, paint)];
    let entries = group::arrange(&report.entries, style.grouping);
    let remarks = group::arrange(&report.remarks, style.grouping);
    let columns = ColumnWidths::of(&entries, &remarks, report.kind, paint);
    parts.extend(section(&columns, &entries));
    parts.extend(section(&columns, &remarks));
    let mut last = unmanaged(&report.unmanaged, style.grouping, paint);
    last.extend(report.findings.iter().flat_map(|finding| refusal(finding, paint)));
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
