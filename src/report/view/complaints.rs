//! What is wrong with files, as a report.

use super::{Count, Entry, Kind, Level, Mark, Place, Problem, Report, Source, counted};
use crate::document::{DiagnosticV1, RelatedV1, SeverityV1};

/// Makes a report of what is wrong with the files of `subject`.
pub(crate) fn complaints<'a>(kind: Kind, subject: &'a str, complaints: &'a [DiagnosticV1]) -> Report<'a> {
    let number = |severity| complaints.iter().filter(|one| one.severity == severity).count() as u64;
    let noun = |number, one, several| Count { what: if number == 1 { one } else { several }, number };
    let counts =
        [noun(number(SeverityV1::Error), "error", "errors"), noun(number(SeverityV1::Warning), "warning", "warnings")];
    Report {
        kind,
        subject,
        header: vec![subject.to_owned()],
        entries: complaints.iter().map(entry).collect(),
        remarks: Vec::new(),
        steady: Vec::new(),
        unmanaged: Vec::new(),
        findings: Vec::new(),
        reach: Vec::new(),
        closing: match kind {
            Kind::Failure => "Failed: there is nothing else to report".to_owned(),
            Kind::Plan | Kind::Apply | Kind::Drift | Kind::Diff | Kind::Validate => {
                format!("Validate: {}", counted(&counts, &[]))
            }
        },
        counts: counts.to_vec(),
        next: Vec::new(),
    }
}

fn entry(complaint: &DiagnosticV1) -> Entry<'_> {
    let DiagnosticV1 { code, severity, message, file, line, column, help, related } = complaint;
    let (mark, level, state) = match severity {
        SeverityV1::Error => (Mark::Blocked, Level::Error, "error"),
        SeverityV1::Warning => (Mark::Notice, Level::Warning, "warning"),
    };
    let also = related.iter().fold(String::new(), |text, RelatedV1 { file, line, column: _, message }| {
        format!("{text} ({message}: {file}:{line})")
    });
    Entry {
        level,
        client: Some(code),
        at: file.as_deref().zip(*line).map(|(file, line)| Source { file, line }),
        column: *column,
        problem: Some(Problem::new(format!("{message}{also}"), help.as_deref().unwrap_or_default())),
        ..Entry::new(mark, state, Place::NONE)
    }
}
