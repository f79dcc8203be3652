//! The JSON of a command that could not do its work, and of what is wrong with files.

use std::io;

use serde::Serialize;

use super::{FORMAT, PositionV1, write};
use crate::report::{Complaint, Gravity};

/// A command that could not do its work.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The word for it, such as `invalid`.
    pub code: &'a str,
    /// What happened.
    pub message: &'a str,
    /// What to do next.
    pub help: Option<&'a str>,
}

/// Writes a failure, with what is wrong with files in the form that `validate` uses.
pub fn failure(out: &mut impl io::Write, failure: Failure<'_>, diagnostics: &[impl Serialize]) -> io::Result<()> {
    let Failure { code, message, help } = failure;
    let error = FailureErrorV1 { code, message, help };
    write(out, &FailureV1 { format_version: FORMAT, error, diagnostics })
}

/// Writes what is wrong with files.
pub fn complaints(out: &mut impl io::Write, complaints: &[Complaint]) -> io::Result<()> {
    let diagnostics = complaints.iter().map(ComplaintV1::from).collect();
    write(out, &ComplaintsV1 { format_version: FORMAT, diagnostics })
}

#[derive(Serialize)]
struct FailureV1<'a, D> {
    format_version: &'static str,
    error: FailureErrorV1<'a>,
    diagnostics: &'a [D],
}

#[derive(Serialize)]
struct FailureErrorV1<'a> {
    code: &'a str,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct ComplaintsV1<'a> {
    format_version: &'static str,
    diagnostics: Vec<ComplaintV1<'a>>,
}

#[derive(Serialize)]
struct ComplaintV1<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    source: Option<PositionV1<'a>>,
    help: Option<&'a str>,
}

impl<'a> From<&'a Complaint> for ComplaintV1<'a> {
    fn from(complaint: &'a Complaint) -> Self {
        let Complaint { code, gravity, message, at, also: _, help } = complaint;
        let severity = match gravity {
            Gravity::Error => "error",
            Gravity::Warning => "warning",
        };
        Self { code, severity, message, source: at.as_ref().map(PositionV1::from), help: help.as_deref() }
    }
}
