//! Markdown for one comment of a pull request: the verdict and what is destroyed first, then customers, then groups by their
//! size, and never longer than a comment may be.

mod caution;
mod customers;
mod fold;

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io;

use super::group::{Group, arrange};
use super::view::{Level, Mark, Report, ReportKind};
use super::{ChangeStage, Hosted, Style};
use crate::text::{bounded, bounded_again, code_span, markdown, visible};
use fold::{Fold, fenced};

/// The longest comment in bytes: hosts allow 65,536 characters, and no character is shorter than a byte.
const BUDGET: usize = 65_000;
/// What is kept for the line that says what is left out.
const RESERVE: usize = 200;
/// The most causes at the head.
const MOST_LINES: usize = 20;
/// From this size on a group is named whatever else there is.
const NOTEWORTHY: usize = 10;

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    let room = BUDGET - RESERVE;
    let tail = tail(report, style.hosted);
    let folds = folds(report, style);
    // What every group of some size needs to be named.
    let mut named: usize = folds.iter().filter(|fold| fold.clients >= NOTEWORTHY).map(|fold| fold.line().len()).sum();
    let mut text = head(report);
    let table = customers::table(report);
    let caution = caution::block(report, style, room.saturating_sub(text.len() + table.len() + tail.len() + named));
    text = text + &caution + &facts(report) + &table;
    let (mut clients, mut groups) = (0, 0);
    for fold in folds {
        let line = if fold.clients >= NOTEWORTHY { fold.line() } else { String::new() };
        named -= line.len();
        let left = room.saturating_sub(text.len() + tail.len() + named);
        let whole = if left > fold.summary.len() { fold.whole() } else { String::new() };
        if !whole.is_empty() && whole.len() <= left {
            text.push_str(&whole);
        } else if !line.is_empty() && line.len() <= left {
            text.push_str(&line);
        } else {
            (clients, groups) = (clients + fold.clients, groups + 1);
        }
    }
    if clients > 0 {
        let clients = if clients == 1 { "1 client is".to_owned() } else { format!("{clients} clients are") };
        let _ = write!(text, "_{clients} not shown here (groups: {groups}): a comment has a limit._\n\n");
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
    let refused = if report.findings.is_empty() { "" } else { " · refused" };
    format!(
        "<!-- icsync: {command}{} -->\n### icsync {command} · {}{refused}\n\n**{}**\n\n",
        marked(report),
        short(report.subject),
        report.closing
    )
}

/// Says what shaped the report, and which lines cause what it says.
fn facts(report: &Report<'_>) -> String {
    let mut text = String::new();
    for (at, clients) in report.reach.iter().take(MOST_LINES) {
        let _ = write!(text, "{clients} clients through {}\n\n", code_span(&bounded(&at.to_string(), 300)));
    }
    if report.reach.len() > MOST_LINES {
        let _ = write!(text, "and {} more\n\n", report.reach.len() - MOST_LINES);
    }
    let parts: Vec<String> = report.header.iter().map(|part| short(part)).collect();
    let _ = write!(text, "{}\n\n", parts.join(" · "));
    text
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

/// Gives what is shown by groups: those of most clients first, and what is destroyed, which stands above already, last. Of what
/// was done first what is not as it should be.
fn folds(report: &Report<'_>, style: Style<'_>) -> Vec<Fold> {
    let remarks = arrange(&report.remarks, style.grouping);
    let entries = arrange(&report.entries, style.grouping);
    let weight = |group: &Group<'_, '_>| {
        let (mark, clients) = (group.first.mark, Reverse(group.len()));
        match report.kind {
            // What is not as it should be comes first.
            ReportKind::Apply => (u8::from(mark == Mark::Notice), Reverse(group.first.level), clients),
            // A notice is of a client that is told of elsewhere.
            _ if mark.is_destructive() => (2, Reverse(Level::Fine), clients),
            _ => (u8::from(mark == Mark::Notice), Reverse(Level::Fine), clients),
        }
    };
    let mut groups: Vec<_> = remarks.into_iter().chain(entries).collect();
    groups.sort_by_key(weight);
    let shown = groups.iter().filter(|group| !caution::is_told_above(report, group));
    shown.map(|group| Fold::of(group, report.kind)).chain(fold::unmanaged(&report.unmanaged)).collect()
}

fn tail(report: &Report<'_>, hosted: Hosted<'_>) -> String {
    let mut text = String::new();
    let mut facts: Vec<String> =
        report.made_of.iter().map(|(what, fact)| format!("{what} {}", code_span(&bounded(fact, 100)))).collect();
    facts.extend(hosted.page.map(|page| format!("[the full report](<{page}>)")));
    if !facts.is_empty() {
        let _ = write!(text, "{}\n\n", facts.join(" · "));
    }
    match (hosted.stage, report.kind) {
        (ChangeStage::Proposed, ReportKind::Plan) => text.push_str(&merged(report)),
        _ if report.next.is_empty() => {}
        _ => {
            let commands: Vec<String> = report.next.iter().map(|command| bounded(command, 200).into_owned()).collect();
            let _ = write!(text, "Next:\n\n{}", fenced("sh", &commands.join("\n")));
        }
    }
    text
}

/// Says what merging does: whoever reads it there has no laptop to type commands at.
fn merged(report: &Report<'_>) -> String {
    let blocked = report.remarks.iter().filter(|one| one.mark == Mark::Blocked).count();
    let blocked = match blocked {
        0 => String::new(),
        1 => " 1 blocked client stays as it is.".to_owned(),
        several => format!(" {several} blocked clients stay as they are."),
    };
    let said = match (report.entries.is_empty(), report.findings.is_empty()) {
        (true, _) => "merging applies nothing.",
        (false, false) => {
            "merging applies nothing while the plan is refused: change the proposal, or the limit that refuses it."
        }
        (false, true) => {
            "once this is merged the plan is made again, and what it says then is applied, at once or when somebody approves it: \
             the same as here, unless the server or git changes until then."
        }
    };
    format!("Next: {said}{blocked}\n")
}
