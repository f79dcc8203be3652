//! Workflow commands of GitHub Actions: the summary, and an annotation for each edit at the line that causes it, as far as the
//! host shows them.

use std::io;

use super::Style;
use super::group::{Group, RuleRefusal, arrange, names, refusals, spread, stray_title};
use super::plain;
use super::view::{Level, Report, ReportKind, ShownFinding, Stray};
use crate::text::{workflow_message, workflow_property};

/// The most annotations of one level that GitHub shows of a step (its documentation, "Annotations": 10 warnings, 10 errors and
/// 10 notices for each step).
const MOST_OF_A_LEVEL: usize = 10;
/// The most lines of one annotation; the host cuts long ones anyway.
const MOST_LINES: usize = 30;
/// The levels, the gravest first.
const LEVELS: [&str; 3] = ["error", "warning", NOTICE];
/// The level of what is as it should be.
const NOTICE: &str = "notice";

/// What stands at a line of a file, or at none.
struct Annotation {
    level: &'static str,
    /// The properties that say where.
    place: String,
    title: String,
    text: String,
}

/// Writes the summary, then of each level as many annotations as the host shows; the last one tells of all others.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    let command = report.kind.command();
    line(out, &Annotation::nowhere(NOTICE, format!("icsync {command}"), report.closing.clone()))?;
    let annotations = annotations(report, style);
    for level in LEVELS {
        let of_level: Vec<&Annotation> = annotations.iter().filter(|one| one.level == level).collect();
        // The summary is a notice too.
        let room = if level == NOTICE { MOST_OF_A_LEVEL - 1 } else { MOST_OF_A_LEVEL };
        let shown = if of_level.len() > room { room - 1 } else { of_level.len() };
        let (shown, rest) = of_level.split_at(shown);
        shown.iter().try_for_each(|one| line(out, one))?;
        if !rest.is_empty() {
            let title = format!("icsync {command}: {} more", rest.len());
            let titles = rest.iter().map(|one| one.title.trim_start_matches("icsync ").to_owned()).collect();
            line(out, &Annotation::nowhere(level, title, cut(titles).join("\n")))?;
        }
    }
    Ok(())
}

fn annotations(report: &Report<'_>, style: Style<'_>) -> Vec<Annotation> {
    let Style { grouping, folder, colour: _, hosted: _, width: _ } = style;
    let command = report.kind.command();
    let refusals = refusals(&report.findings).into_iter().map(|refusal| {
        let RuleRefusal { rule, findings } = &refusal;
        let ShownFinding { rule: _, message, help, steps: _, exceeded: _ } = findings[0];
        let more = refusal.steps_beyond(1).map(|more| format!("\n{more}")).unwrap_or_default();
        let text = format!("{}{more}\nhelp: {}", crate::text::message(message), crate::text::message(help));
        Annotation::nowhere("error", format!("icsync {command}: refused by {rule}"), text)
    });
    let groups = arrange(&report.entries, grouping).into_iter().chain(arrange(&report.remarks, grouping));
    let groups = groups.flat_map(spread).filter_map(|group| annotation(folder, report.kind, &group));
    let strays: &[Stray<'_>] = if report.kind == ReportKind::Drift { &report.unmanaged } else { &[] };
    let strays = strays.iter().map(|stray| {
        let stray = stray_title(stray);
        let text = format!("unmanaged: {stray} is in the boundary, not in git");
        Annotation::nowhere("warning", format!("icsync drift: unmanaged: {stray}"), text)
    });
    refusals.chain(groups).chain(strays).collect()
}

fn annotation(folder: &str, kind: ReportKind, group: &Group<'_, '_>) -> Option<Annotation> {
    let level = match group.first.level {
        Level::Fine => return None,
        Level::Note => NOTICE,
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let mut lines = cut(plain::body(group.first));
    if !group.others.is_empty() {
        lines.push(format!("also: {}", names(&group.others)));
    }
    if lines.is_empty() {
        lines.push(plain::headline(group));
    }
    let column = group.first.column.map(|column| format!("col={column},")).unwrap_or_default();
    let place = group.cause().map(|at| {
        let file = workflow_property(&format!("{folder}{}", at.file));
        format!("file={file},line={},{column}", at.line)
    });
    let title = format!("icsync {}: {}", kind.command(), plain::headline(group));
    Some(Annotation { level, place: place.unwrap_or_default(), title, text: lines.join("\n") })
}

/// Leaves as many lines as an annotation holds, and says how many there are besides.
fn cut(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    lines.extend((more > 0).then(|| format!("… {more} more lines")));
    lines
}

impl Annotation {
    /// Makes one that stands at no line.
    fn nowhere(level: &'static str, title: String, text: String) -> Self {
        Self { level, place: String::new(), title, text }
    }
}

fn line(out: &mut impl io::Write, annotation: &Annotation) -> io::Result<()> {
    let Annotation { level, place, title, text } = annotation;
    writeln!(out, "::{level} {place}title={}::{}", workflow_property(title), workflow_message(text))
}
