//! `JUnit` XML: one test case for each client.

use std::io;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::group::{self, name, stray_title};
use super::plain;
use super::view::{IsComplaint, Level, Report, ReportEntry, ReportKind, ShownFinding};
use crate::text::{bounded, visible};

/// Writes a report. A plan's steps are skipped cases: they are not done yet, and nothing is wrong with them.
pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>) -> io::Result<()> {
    let mut suite = TestSuite::new(format!("icsync {} {}", report.kind.command(), bounded(report.subject, 200)));
    suite.add_property(("summary", visible(&report.closing).as_ref()));
    suite.add_test_cases(report.findings.iter().map(refusal));
    let entries = report.entries.iter().chain(&report.remarks).chain(&report.steady);
    suite.add_test_cases(entries.map(|entry| case(report.kind, entry)));
    suite.add_test_cases(report.unmanaged.iter().map(|stray| {
        let status = match report.kind {
            ReportKind::Drift => failure("unmanaged", "unmanaged: in the boundary, not in git"),
            ReportKind::Plan | ReportKind::Apply | ReportKind::Diff | ReportKind::Validate | ReportKind::Failure => {
                skipped("unmanaged", "not in git")
            }
        };
        let mut case = TestCase::new(stray_title(stray), status);
        case.set_classname("unmanaged");
        case
    }));
    let mut document = Document::new("icsync");
    document.add_test_suite(suite);
    let text = document.to_string().map_err(io::Error::other)?;
    writeln!(out, "{}", text.trim_end())
}

/// Names a case: a mistake by its place, since many have one code.
fn case_name(entry: &ReportEntry<'_>) -> String {
    match (entry.at, entry.column) {
        (Some(at), Some(column)) => format!("{} {at}:{column}", name(entry)),
        _ => name(entry),
    }
}

fn skipped(word: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(word).set_message(message);
    status
}

fn failure(word: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(word).set_message(message);
    status
}

fn refusal(finding: &ShownFinding<'_>) -> TestCase {
    let ShownFinding { rule, message, help, steps: _, exceeded: _ } = finding;
    let mut status = failure("refused", &crate::text::message(message));
    status.set_description(format!("help: {}", crate::text::message(help)));
    let mut case = TestCase::new(bounded(rule, 100).as_ref(), status);
    case.set_classname("guard");
    case
}

fn case(kind: ReportKind, entry: &ReportEntry<'_>) -> TestCase {
    let body = plain::body(entry);
    let head = plain::headline(&group::alone(entry));
    let message = body.first().map_or(head.as_str(), String::as_str);
    let mut status = match (entry.level, kind) {
        (Level::Warning, _) if entry.complaint == IsComplaint::Yes => skipped(entry.state, message),
        (Level::Fine, _) => TestCaseStatus::success(),
        (Level::Note, _)
        | (
            Level::Warning,
            ReportKind::Plan | ReportKind::Apply | ReportKind::Diff | ReportKind::Validate | ReportKind::Failure,
        ) => skipped(entry.state, message),
        (Level::Warning, ReportKind::Drift) | (Level::Error, _) => failure(entry.state, message),
    };
    if !body.is_empty() && entry.level != Level::Fine {
        status.set_description(body.join("\n"));
    }
    let mut case = TestCase::new(case_name(entry), status);
    let class = entry.scope();
    case.set_classname(if class.is_empty() { "icsync" } else { &class });
    if let Some(at) = entry.at {
        case.extra.insert("file".into(), visible(at.file).as_ref().into());
        case.extra.insert("line".into(), at.line.to_string().into());
    }
    case
}
