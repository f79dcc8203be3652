//! A command that could not do its work: what happened, what to do next, and the exit code.

use std::io;

use super::exit::Exit;
use crate::api::ApiError;
use crate::diagnostic::Diagnostic;

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    /// How the command ends.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// What led to it, outermost first.
    pub causes: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
    /// What is wrong with files, if that is the reason.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// Makes a failure without help.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), help: None, diagnostics: Vec::new() }
    }

    /// Says what to do next.
    #[must_use]
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Says what led to it.
    #[must_use]
    pub(super) fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Makes the failure of files that are wrong.
    pub(super) fn invalid(diagnostics: Vec<Diagnostic>) -> Self {
        let message = match diagnostics.len() {
            1 => "the configuration or a definition is invalid".to_owned(),
            several => format!("the configuration or definitions are invalid: {several} errors"),
        };
        Self { diagnostics, ..Self::new(Exit::Invalid, message) }
    }

    /// Makes the failure of a file that cannot be read or written.
    pub(super) fn file(verb: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::new(Exit::Failed, format!("cannot {verb} `{}`", path.display())).caused_by(error)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::new(Exit::of_error(&error), error.to_string()).help(error.help())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Failed, "the result cannot be written").caused_by(error)
    }
}
