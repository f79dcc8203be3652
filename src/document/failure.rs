//! What a command writes as JSON that could not do its work.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::FormatVersionV1;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::model::Location;

/// A command that could not do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Failure")]
pub(crate) struct FailureV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) error: FailureErrorV1,
    /// What is wrong with files, if that is the reason.
    pub(crate) diagnostics: Vec<DiagnosticV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FailureErrorV1 {
    /// The word of the exit code: `failed`, `invalid`, `not_permitted`, `refused`, `stale`, `partial`, `in_doubt`, …
    pub(crate) code: Cow<'static, str>,
    /// What happened.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) help: Option<String>,
}

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DiagnosticV1 {
    /// The stable code; `icsync explain CODE` says more.
    #[schemars(regex(pattern = "^IC[0-9]{4}$"))]
    pub(crate) code: Cow<'static, str>,
    pub(crate) severity: SeverityV1,
    pub(crate) message: String,
    pub(crate) file: Option<Arc<str>>,
    /// Counted from 1.
    pub(crate) line: Option<u64>,
    /// In characters, counted from 1.
    pub(crate) column: Option<u64>,
    /// What to do about it.
    pub(crate) help: Option<String>,
    /// Other places that matter.
    pub(crate) related: Vec<RelatedV1>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SeverityV1 {
    Error,
    Warning,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RelatedV1 {
    pub(crate) file: Arc<str>,
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) message: String,
}

impl FailureV1 {
    /// Makes the document of a failure: its word, what happened, and what to do next.
    pub(crate) fn new(code: &'static str, message: String, help: Option<String>, diagnostics: &[Diagnostic]) -> Self {
        Self {
            format_version: FormatVersionV1::default(),
            error: FailureErrorV1 { code: code.into(), message, help },
            diagnostics: diagnostics.iter().map(DiagnosticV1::from).collect(),
        }
    }
}

impl From<&Diagnostic> for DiagnosticV1 {
    fn from(diagnostic: &Diagnostic) -> Self {
        let Diagnostic { code, severity, message, primary: _, secondary, help, constant: _ } = diagnostic;
        let location = diagnostic.location();
        Self {
            code: code.as_str().into(),
            severity: match severity {
                Severity::Error => SeverityV1::Error,
                Severity::Warning => SeverityV1::Warning,
            },
            message: message.clone(),
            file: location.as_ref().map(|at| Arc::clone(&at.file)),
            line: location.as_ref().map(|at| u64::from(at.line)),
            column: location.as_ref().map(|at| u64::from(at.column)),
            help: help.clone(),
            related: secondary.iter().map(RelatedV1::from).collect(),
        }
    }
}

impl From<&Label> for RelatedV1 {
    fn from(label: &Label) -> Self {
        let Label { place, text } = label;
        let Location { file, line, column } = place.location();
        Self { file: Arc::clone(&file), line: u64::from(line), column: u64::from(column), message: text.clone() }
    }
}
