//! What somebody has to see before anything else: what is destroyed, and what refuses it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::group::{Group, RuleRefusal, arrange, name, names, refusals, spread, title};
use super::super::view::{Level, Mark, Report, ReportEntry, ReportKind};
use super::super::{Style, plain};
use super::{customers, short};
use crate::text::{bounded, bounded_again, code_span, counted, markdown};

/// The most that the list of what is destroyed takes with scopes and places; names alone are listed beyond.
const DETAILED: usize = 30_000;
/// The most destroyed clients of which is shown what goes with them.
const FEW: usize = 10;

/// The longest part of why a step is not as it should be.
const LONGEST_WHY: usize = 1_200;

/// The most changes of the configuration that are listed.
const MOST_TERMS: usize = 30;

/// Writes the block, in no more than `room` bytes; nothing if there is nothing of the kind.
pub(super) fn block(report: &Report<'_>, style: Style<'_>, room: usize) -> String {
    if report.kind == ReportKind::Apply {
        return outcomes(report, style, room);
    }
    let entries: Vec<&ReportEntry<'_>> = report.entries.iter().filter(|entry| entry.is_destructive()).collect();
    let mut refused = String::new();
    for RuleRefusal { rule, findings } in refusals(&report.findings) {
        let first = findings[0];
        let more = match findings.len() - 1 {
            0 => String::new(),
            1 => " (and 1 more step)".to_owned(),
            more => format!(" (and {more} more steps)"),
        };
        let _ = write!(
            refused,
            ">\n> **Refused** by {}: {}{more}  \n> help: {}\n",
            code_span(&bounded(rule, 100)),
            short(first.message),
            short(&first.help)
        );
    }
    let refused = configuration(report) + &left_alone(report) + &refused;
    if entries.is_empty() && refused.is_empty() {
        return String::new();
    }
    let mut text = "> [!CAUTION]\n".to_owned();
    if entries.is_empty() {
        return text + refused.trim_start_matches(">\n") + "\n";
    }
    let _ = write!(text, "> **{}**\n>\n", heading(report, &entries));
    let room = room.saturating_sub(text.len() + refused.len());
    let lines: String = entries.iter().map(|entry| line(entry, report.kind)).collect();
    if lines.len() <= DETAILED.min(room) {
        return text + &lines + &refused + "\n";
    }
    text + &by_name(report, &entries, room) + &refused + "\n"
}

/// Writes what changes of the configuration, a line each: it is about all clients.
fn configuration(report: &Report<'_>) -> String {
    let (mut text, mut left) = (String::new(), MOST_TERMS);
    for entry in report.remarks.iter().filter(|entry| entry.is_configuration()) {
        let targets = entry.said().fold(String::new(), |text, part| format!("{text} · {}", short(&part)));
        let _ = write!(text, ">\n> **The configuration changes**{targets}\n>\n");
        for change in entry.changes.iter().take(left) {
            let _ = writeln!(text, "> - {}", short(&plain::change(change).join(" ")));
        }
        let more = entry.changes.len().saturating_sub(left);
        if more > 0 {
            let _ = writeln!(text, "> - and {more} more");
        }
        left = left.saturating_sub(entry.changes.len());
    }
    text
}

/// Writes what may be taken from live clients that was left alone before, and from which.
fn left_alone(report: &Report<'_>) -> String {
    let mut endangered: BTreeMap<&str, Vec<&ReportEntry<'_>>> = BTreeMap::new();
    for entry in &report.entries {
        entry.dangers.iter().for_each(|danger| endangered.entry(danger).or_default().push(entry));
    }
    let (mut text, mut left) = (String::new(), MOST_TERMS);
    for (danger, entries) in endangered {
        let shown = entries.iter().take(left).map(|entry| code_span(&title(entry))).collect::<Vec<_>>();
        let more = entries.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        left = left.saturating_sub(shown.len()).max(1);
        let clients = counted(entries.len(), "client");
        let _ = write!(text, ">\n> **{clients}**: {} · {}{more}\n", short(danger), shown.join(", "));
    }
    text
}

/// Writes what became of steps that are not as they should be, and who is blocked: after the fact that is what matters, and
/// not what was asked for.
fn outcomes(report: &Report<'_>, style: Style<'_>, room: usize) -> String {
    let told = [&report.entries, &report.remarks].into_iter().flat_map(|entries| arrange(entries, style.grouping));
    let groups = told.filter(|group| is_told_above(report, group));
    let groups: Vec<Group<'_, '_>> = groups.flat_map(spread).collect();
    if groups.is_empty() {
        return String::new();
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for group in &groups {
        match counts.iter_mut().find(|(state, _)| *state == group.first.state) {
            Some((_, count)) => *count += group.len(),
            None => counts.push((group.first.state, group.len())),
        }
    }
    let counts: Vec<String> = counts.into_iter().map(|(state, count)| format!("{count} {state}")).collect();
    let mut text = format!("> [!CAUTION]\n> **{}**\n>\n", counts.join(", "));
    let mut left: usize = groups.iter().map(Group::len).sum();
    for group in &groups {
        let why = group.first.problem.iter().flat_map(plain::problem);
        let why = why.fold(String::new(), |text, part| format!("{text} · {}", whole(part.trim_start())));
        let others = match group.others.len() {
            0 => String::new(),
            more => format!(" · the same on {more} more: {}", short(&names(&group.others))),
        };
        let line = format!("{} · **{}**{why}{others}\n", line(group.first, report.kind).trim_end(), group.first.state);
        if text.len() + line.len() + 100 > room {
            let _ = writeln!(text, "> - **and {left} more, too many for one comment**");
            break;
        }
        text.push_str(&line);
        left -= group.len();
    }
    text + "\n"
}

/// Makes a line of why a step is not as it should be: its help says how what is lost comes back, and is not cut where others are.
fn whole(why: &str) -> String {
    markdown(&bounded_again(why, LONGEST_WHY))
}

/// Tells whether the block says all there is to say of a group.
pub(super) fn is_told_above(report: &Report<'_>, group: &Group<'_, '_>) -> bool {
    match report.kind {
        ReportKind::Apply => group.first.level == Level::Error,
        _ => group.first.is_destructive() && !(are_few(report) && says_more(group)),
    }
}

/// Tells whether so few are destroyed that what goes with each is shown.
fn are_few(report: &Report<'_>) -> bool {
    report.entries.iter().filter(|entry| entry.is_destructive()).nth(FEW).is_none()
}

/// Tells whether anything goes with a destroyed client.
fn says_more(group: &Group<'_, '_>) -> bool {
    group.others.is_empty() && !(group.first.changes.is_empty() && group.first.problem.is_none())
}

/// Counts them: `2 deletes, 1 replace`, or in the words of the report.
fn heading(report: &Report<'_>, entries: &[&ReportEntry<'_>]) -> String {
    let count = |mark| entries.iter().filter(|entry| entry.mark == mark).count();
    let (deletes, replaces) = (count(Mark::Delete), count(Mark::Replace));
    let (one, other) = report.kind.destroyed();
    let parts = [(deletes, one), (replaces, other)];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    parts.map(|(number, what)| counted(number, what)).collect::<Vec<_>>().join(", ")
}

/// Names all of them, those of each kind and customer together.
fn by_name(report: &Report<'_>, entries: &[&ReportEntry<'_>], room: usize) -> String {
    let mut groups: Vec<Vec<&ReportEntry<'_>>> = Vec::new();
    let mut places: BTreeMap<(u8, &str), usize> = BTreeMap::new();
    for entry in entries {
        let place = *places.entry((entry.mark.urgency(), entry.place.telsys.as_str())).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups.sort_by_key(|group| group[0].mark.urgency());
    let (mut text, mut left) = (String::new(), entries.len());
    for group in &groups {
        let customer = customers::name(report, &group[0].place.telsys);
        let head = format!("> - {} **{customer}**, {}: ", code_span(group[0].mark.symbol()), group.len());
        for (index, entry) in group.iter().enumerate() {
            let lead = if index == 0 { head.as_str() } else { ", " };
            let name = format!("{lead}{}", code_span(&shortly(entry)));
            if text.len() + name.len() + 100 > room {
                let _ = writeln!(text, "\n> - **and {left} more, too many for one comment**");
                return text;
            }
            text.push_str(&name);
            left -= 1;
        }
        text.push('\n');
    }
    text
}

/// Names one, and of one that moves from where to where.
fn shortly(entry: &ReportEntry<'_>) -> String {
    match entry.mark {
        Mark::Replace => format!("{} {}", name(entry), entry.whereabouts()).trim_end().to_owned(),
        _ => name(entry),
    }
}

fn line(entry: &ReportEntry<'_>, report: ReportKind) -> String {
    let ReportEntry { number, mark, .. } = entry;
    let number = number.map(|number| format!("#&#8203;{number} ")).unwrap_or_default();
    let place = Some(entry.whereabouts()).filter(|place| !place.is_empty());
    let place = place.map(|place| format!(" {}", code_span(&place))).unwrap_or_default();
    let people = Some(entry.people()).filter(|people| !people.is_empty());
    let people = people.map(|people| format!(" {}", short(&people))).unwrap_or_default();
    let written = entry.written().map(|written| format!(" {}", code_span(&written))).unwrap_or_default();
    let withheld =
        entry.problem.iter().filter(|_| report == ReportKind::Plan).map(|problem| Cow::from(&*problem.message));
    let said = entry.said().chain(withheld).fold(String::new(), |text, part| format!("{text} · {}", short(&part)));
    let title = code_span(&title(entry));
    format!("> - {number}{} {title}{place}{people}{written}{said}\n", code_span(mark.symbol()))
}
