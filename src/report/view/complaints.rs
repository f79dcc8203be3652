//! What is wrong with files, as a report.

use super::{Count, Entry, Kind, Level, Mark, Place, Problem, Report, Source, counted};
use crate::report::{Complaint, Gravity};

/// Makes a report of complaints about the files of `subject`.
pub(crate) fn complaints<'a>(kind: Kind, subject: &'a str, complaints: &'a [Complaint]) -> Report<'a> {
    let number = |gravity| complaints.iter().filter(|one| one.gravity == gravity).count();
    let noun = |number, one, several| Count::new(if number == 1 { one } else { several }, number);
    let counts =
        [noun(number(Gravity::Error), "error", "errors"), noun(number(Gravity::Warning), "warning", "warnings")];
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

fn entry(complaint: &Complaint) -> Entry<'_> {
    let Complaint { code, gravity, message, at, also, help } = complaint;
    let (mark, level, state) = match gravity {
        Gravity::Error => (Mark::Blocked, Level::Error, "error"),
        Gravity::Warning => (Mark::Notice, Level::Warning, "warning"),
    };
    let place = Place { text: String::new(), telsys: String::new(), device: None };
    let help = help.as_deref().unwrap_or_default();
    let also = also.iter().fold(String::new(), |text, (words, at)| format!("{text} ({words}: {at})"));
    Entry {
        level,
        client: Some(code),
        at: at.as_ref().map(Source::from),
        column: at.as_ref().map(|at| at.column),
        problem: Some(Problem {
            code: None,
            message: format!("{message}{also}").into(),
            help: help.into(),
            candidates: Vec::new(),
        }),
        ..Entry::new(mark, state, place)
    }
}
