//! Workflow commands of GitHub Actions: one annotation for each edit, at the line that causes it.

use std::io;

use super::Style;
use super::group::{Group, arrange, names, spread, stray_title};
use super::plain;
use super::view::{Level, Report, ReportKind, ShownFinding};
use crate::text::{workflow_message, workflow_property};

/// The most mistakes that are annotated one by one.
const MOST_MISTAKES: usize = 100;
/// The most lines of one annotation; the host cuts long ones anyway.
const MOST_LINES: usize = 30;

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    let Style { grouping, folder, colour: _ } = style;
    let command = report.kind.command();
    for finding in &report.findings {
        let ShownFinding { rule, message, help, steps: _ } = finding;
        let text = format!("{}\nhelp: {}", crate::text::message(message), crate::text::message(help));
        line(out, "error", None, &format!("icsync {command}: refused by {rule}"), &text)?;
    }
    let groups = arrange(&report.entries, grouping).into_iter().chain(arrange(&report.remarks, grouping));
    let groups: Vec<Group<'_, '_>> = groups.flat_map(spread).collect();
    // Nobody reads thousands of mistakes in a log; the closing line counts them.
    let most = if report.kind == ReportKind::Validate { MOST_MISTAKES } else { groups.len() };
    for group in groups.iter().take(most) {
        annotate(out, folder, report.kind, group)?;
    }
    if report.kind == ReportKind::Drift {
        for stray in &report.unmanaged {
            let text = format!("unmanaged: {} is in the boundary, not in git", stray_title(stray));
            line(out, "warning", None, "icsync drift: unmanaged", &text)?;
        }
    }
    line(out, "notice", None, &format!("icsync {command}"), &report.closing)
}

fn annotate(out: &mut impl io::Write, folder: &str, kind: ReportKind, group: &Group<'_, '_>) -> io::Result<()> {
    let level = match group.first.level {
        Level::Fine => return Ok(()),
        Level::Note => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let mut lines = plain::body(group.first);
    let cut = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    if cut > 0 {
        lines.push(format!("… {cut} more lines"));
    }
    if !group.others.is_empty() {
        lines.push(format!("also: {}", names(&group.others)));
    }
    if lines.is_empty() {
        lines.push(plain::headline(group));
    }
    let title = format!("icsync {}: {}", kind.command(), plain::headline(group));
    let place = group
        .cause()
        .map(|at| format!("file={},line={},", workflow_property(&format!("{folder}{}", at.file)), at.line));
    let column = group.first.column.map(|column| format!("col={column},")).unwrap_or_default();
    let place = place.map(|place| place + &column);
    line(out, level, place.as_deref(), &title, &lines.join("\n"))
}

fn line(out: &mut impl io::Write, level: &str, place: Option<&str>, title: &str, text: &str) -> io::Result<()> {
    let place = place.unwrap_or_default();
    writeln!(out, "::{level} {place}title={}::{}", workflow_property(title), workflow_message(text))
}
