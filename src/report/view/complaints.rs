//! What is wrong with files, as a report.

use super::{
    Count, IsComplaint, Level, Mark, Report, ReportEntry, ReportKind, ScopeText, ShownProblem, SourceLine, counted,
};
use crate::document::{DiagnosticV1, RelatedV1, SeverityV1};

/// Makes a report of what is wrong with the files of `subject`.
pub(crate) fn complaints<'a>(kind: ReportKind, subject: &'a str, complaints: &'a [DiagnosticV1]) -> Report<'a> {
    let number = |severity| complaints.iter().filter(|one| one.severity == severity).count() as u64;
    let noun = |number, one, several| Count { what: if number == 1 { one } else { several }, number };
    let counts =
        [noun(number(SeverityV1::Error), "error", "errors"), noun(number(SeverityV1::Warning), "warning", "warnings")];
    Report {
        kind,
        subject,
        header: vec![subject.to_owned()],
        entries: complaints.iter().map(complaint).collect(),
        remarks: Vec::new(),
        steady: Vec::new(),
        unmanaged: Vec::new(),
        findings: Vec::new(),
        reach: Vec::new(),
        closing: match kind {
            ReportKind::Failure => "Failed: there is nothing else to report".to_owned(),
            ReportKind::Plan | ReportKind::Apply | ReportKind::Drift | ReportKind::Diff | ReportKind::Validate => {
                format!("Validate: {}", counted(&counts, &[]))
            }
        },
        counts: counts.to_vec(),
        commit: None,
        next: Vec::new(),
    }
}

/// Shows what is wrong with a file, or probably not meant in it.
pub(super) fn complaint(complaint: &DiagnosticV1) -> ReportEntry<'_> {
    let DiagnosticV1 { code, severity, message, file, line, column, help, related } = complaint;
    let (mark, level, state) = match severity {
        SeverityV1::Error => (Mark::Blocked, Level::Error, "error"),
        SeverityV1::Warning => (Mark::Notice, Level::Warning, "warning"),
    };
    let also = related.iter().fold(String::new(), |text, RelatedV1 { file, line, column: _, message }| {
        format!("{text} ({message}: {file}:{line})")
    });
    ReportEntry {
        level,
        complaint: IsComplaint::Yes,
        client: Some(code),
        at: file.as_deref().zip(*line).map(|(file, line)| SourceLine { file, line }),
        column: *column,
        problem: Some(ShownProblem::new(format!("{message}{also}"), help.as_deref().unwrap_or_default())),
        ..ReportEntry::new(mark, state, ScopeText::NONE)
    }
}
