//! Text for people: aligned, short by default, complete on request, the same words with and without colour.

mod columns;
mod entry;
pub(super) mod paint;

use std::io;

use super::group::{self, Group, RuleRefusal, stray_title};
use super::view::{Level, Report, ReportKind, ShownFinding, Stray};
use super::{Grouping, Style};
use crate::text::{columns, wrapped};
use entry::EntryLayout;
use paint::{Painter, Tone};

/// How many unmanaged clients are listed unless all are asked for.
const FEW: usize = 3;

/// So many lines further down, what is destroyed is out of sight.
const FAR: usize = 24;

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    let paint = Painter(style.colour);
    let entries = group::arrange(&report.entries, style.grouping);
    let remarks = group::arrange(&report.remarks, style.grouping);
    let (layout, besides) = EntryLayout::both(&entries, &remarks, report.kind, style);
    let fit = |line: String| layout.fit(line.as_str(), line.len() - line.trim_start().len() + 2);
    let mut parts: Vec<String> = vec![fit(header(report, paint)).join("\n")];
    let mut last: Vec<String> = unmanaged(&report.unmanaged, style.grouping, paint).into_iter().flat_map(fit).collect();
    let refusals: Vec<String> =
        group::refusals(&report.findings).iter().flat_map(|one| refusal(one, style)).flat_map(fit).collect();
    let destroyed = chunks(&entries).first().copied().filter(|first| first[0].first.mark.is_destructive());
    if let (ReportKind::Plan, Some(destroyed)) = (report.kind, destroyed) {
        let mut sections = by_danger(&layout, &chunks(&entries), &report.findings, paint).into_iter();
        parts.extend(sections.next());
        parts.extend((!refusals.is_empty()).then(|| refusals.join("\n")));
        parts.extend(section(&besides, &remarks));
        parts.extend(sections);
        if lines(&parts[2..]) > FAR && style.grouping != Grouping::Brief {
            last.push(again(&layout, destroyed, &report.findings, paint));
            last.extend(refusals);
        }
    } else {
        // What is done to all clients matters more than any of them.
        let (of_all, others): (Vec<_>, Vec<_>) = remarks.into_iter().partition(|group| group.first.is_configuration());
        parts.extend(section(&besides, &of_all));
        parts.extend(section(&layout, &entries));
        parts.extend(section(&besides, &others));
        last.extend(refusals);
    }
    last.extend(report.reach.iter().flat_map(|(at, clients)| fit(format!("{clients} clients through {at}"))));
    last.extend(fit(closing(report, paint)));
    parts.push(last.join("\n"));
    parts.extend(next(report, style.width));
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

/// Writes entries that are in the order of their danger: what is destroyed, and then the rest, each under a heading.
fn by_danger(
    layout: &EntryLayout,
    chunks: &[&[Group<'_, '_>]],
    findings: &[ShownFinding<'_>],
    paint: Painter,
) -> Vec<String> {
    let lines = |chunk: &&[Group<'_, '_>]| chunk.iter().flat_map(|group| layout.lines(group)).collect::<Vec<_>>();
    let heading = |chunk: &[Group<'_, '_>]| layout.fit(heading(chunk, findings, paint), 2);
    chunks.iter().map(|chunk| [heading(chunk), lines(chunk)].concat().join("\n")).collect()
}

/// Takes entries apart that stand under headings of their own.
fn chunks<'g, 'r, 'a>(groups: &'g [Group<'r, 'a>]) -> Vec<&'g [Group<'r, 'a>]> {
    let together = |one: &Group<'_, '_>, next: &Group<'_, '_>| {
        let (one, next) = (one.first.mark, next.first.mark);
        one == next || (one.is_destructive() && next.is_destructive())
    };
    groups.chunk_by(together).collect()
}

/// Writes `DELETES 2, REPLACES 1   limit 2, asked 3`.
fn heading(chunk: &[Group<'_, '_>], findings: &[ShownFinding<'_>], paint: Painter) -> String {
    let counted = chunk.chunk_by(|one, next| one.first.mark == next.first.mark).map(|run| {
        let (mark, number) = (run[0].first.mark, run.iter().map(Group::len).sum::<usize>());
        paint.text(mark.into(), &format!("{} {number}", mark.heading()))
    });
    let heading = counted.collect::<Vec<_>>().join(", ");
    let speaks = |finding: &&ShownFinding<'_>| {
        chunk
            .iter()
            .flat_map(Group::members)
            .any(|entry| entry.number.is_some_and(|one| finding.steps.binary_search(&one).is_ok()))
    };
    match findings.iter().filter(|finding| finding.exceeded.is_some()).find(speaks) {
        Some(ShownFinding { exceeded: Some(limit), .. }) => format!("{heading}   {}", paint.text(Tone::Bad, limit)),
        _ => heading,
    }
}

/// Repeats what is destroyed, a line each.
fn again(layout: &EntryLayout, destroyed: &[Group<'_, '_>], findings: &[ShownFinding<'_>], paint: Painter) -> String {
    let line = |entry| layout.head(entry).into_iter().take(1).chain(layout.problem(entry));
    let heads = destroyed.iter().flat_map(Group::members).flat_map(line);
    layout.fit(heading(destroyed, findings, paint), 2).into_iter().chain(heads).collect::<Vec<_>>().join("\n")
}

fn lines(parts: &[String]) -> usize {
    parts.iter().map(|part| part.lines().count() + 1).sum()
}

fn section(layout: &EntryLayout, groups: &[Group<'_, '_>]) -> Option<String> {
    let lines: Vec<String> = groups.iter().flat_map(|group| layout.lines(group)).collect();
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
        format!("{}{kept}", stray_title(stray))
    };
    match grouping {
        Grouping::Full => {
            let line = |stray: &Stray<'_>| format!("  {}  {}", crate::text::bounded(stray.id, 200), one(stray));
            std::iter::once(head).chain(strays.iter().map(line)).collect()
        }
        Grouping::Grouped | Grouping::Brief => {
            let listed: Vec<String> = strays.iter().take(FEW).map(one).collect();
            let more = if strays.len() > FEW { " … (--full lists them)" } else { "" };
            vec![format!("{head} {}{more}", listed.join(", "))]
        }
    }
}

/// Says what one rule has against it: each of a few steps, the numbers of the rest.
fn refusal(refusal: &RuleRefusal<'_, '_>, style: Style<'_>) -> Vec<String> {
    let refused = Painter(style.colour).text(Tone::Bad, "refused");
    let RuleRefusal { rule, findings } = refusal;
    let told = if style.grouping == Grouping::Full { findings.len() } else { findings.len().min(FEW) };
    let mut lines = Vec::new();
    for (index, ShownFinding { rule: _, message, help, steps: _, exceeded: _ }) in
        findings.iter().enumerate().take(told)
    {
        lines.push(format!("{refused}: {} ({})", crate::text::message(message), crate::text::message(rule)));
        // The others are helped in the same way.
        lines.extend(
            (index + 1 == told || *help != findings[index + 1].help)
                .then(|| format!("  help: {}", crate::text::message(help))),
        );
    }
    lines.extend(refusal.steps_beyond(told).map(|rest| format!("{refused}: {rest} ({})", crate::text::message(rule))));
    lines
}

fn closing(report: &Report<'_>, paint: Painter) -> String {
    paint.text(Tone::Strong, &report.closing)
}

/// Lists what can be typed next, where something is not as it should be; after a plan that goes without saying.
fn next(report: &Report<'_>, most: Option<usize>) -> Option<String> {
    let open = report.kind == ReportKind::Drift || report.entries.iter().any(|entry| entry.level > Level::Fine);
    let helps = matches!(report.kind, ReportKind::Apply | ReportKind::Drift) && open && !report.next.is_empty();
    let commands = report.next.iter().flat_map(|command| command_lines(&crate::text::message(command), most));
    helps.then(|| std::iter::once("Next:".to_owned()).chain(commands).collect::<Vec<_>>().join("\n"))
}

/// Breaks a command so that it stays one when it is copied: what it does stands above it, and its lines end as a shell reads
/// on. No word is broken.
fn command_lines(command: &str, most: Option<usize>) -> Vec<String> {
    let whole = format!("  {command}");
    let Some(most) = most.filter(|most| columns(&whole) > *most) else { return vec![whole] };
    let (words, remark) = command.split_once("# ").unwrap_or((command, ""));
    let remark = format!("  # {remark}");
    let mut lines = if remark.trim() == "#" { Vec::new() } else { wrapped(&remark, most - 2, 2) };
    for line in lines.iter_mut().skip(1) {
        line.insert_str(2, "# ");
    }
    let mut line = String::from(" ");
    for word in shell_words(words.trim()) {
        if columns(&line) + 1 + columns(word) + 2 > most && !line.trim().is_empty() {
            lines.push(format!("{line} \\"));
            line = String::from("   ");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.extend((!line.trim().is_empty()).then_some(line));
    lines
}

/// Takes a command apart at blanks outside of quotes.
fn shell_words(command: &str) -> Vec<&str> {
    let mut quoted = false;
    let words = command.split(|one| {
        quoted ^= one == '\'';
        one == ' ' && !quoted
    });
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests;
