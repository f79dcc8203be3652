//! The form in which machines read diagnostics.

use serde::Serialize;

use super::{Diagnostic, Label};

/// A diagnostic as `-o json` writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagnosticV1<'a> {
    /// The stable code, such as `IC0201`.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: &'a str,
    /// The path relative to the folder of `icsync.yaml`.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: Option<u32>,
    /// The column in characters, counted from 1.
    pub column: Option<u32>,
    /// What to do about it.
    pub help: Option<&'a str>,
    /// Other places that matter.
    pub related: Vec<RelatedV1<'a>>,
}

/// Another place that matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelatedV1<'a> {
    /// The path relative to the folder of `icsync.yaml`.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// Why the place matters.
    pub message: &'a str,
}

impl<'a> From<&'a Diagnostic> for DiagnosticV1<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let Diagnostic { code, severity, message, primary: _, secondary, help } = diagnostic;
        let location = diagnostic.location();
        Self {
            code: code.as_str(),
            severity: severity.name(),
            message,
            file: location.as_ref().map(|location| location.file.to_string()),
            line: location.as_ref().map(|location| location.line),
            column: location.as_ref().map(|location| location.column),
            help: help.as_deref(),
            related: secondary.iter().map(RelatedV1::from).collect(),
        }
    }
}

impl<'a> From<&'a Label> for RelatedV1<'a> {
    fn from(label: &'a Label) -> Self {
        let location = label.place.location();
        Self { file: location.file.to_string(), line: location.line, column: location.column, message: &label.text }
    }
}
