//! A command that could not do its work: what happened, what to do next, and the exit code.

use std::io;
use std::path::Path;

use super::exit::Exit;
use crate::api::ApiError;
use crate::diagnostic::Diagnostic;
use crate::text;

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    /// How the command ends.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// Particulars of it, a line each.
    pub details: Vec<String>,
    /// What led to it, outermost first.
    pub causes: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
    /// What is wrong with files, if that is the reason.
    pub mistakes: Option<Box<Mistakes>>,
}

/// What is wrong with files.
#[derive(Debug)]
pub(super) struct Mistakes {
    /// Each one.
    pub diagnostics: Vec<Diagnostic>,
    /// The revision that the files are of; `None` for the working tree.
    pub revision: Option<String>,
}

impl Failure {
    /// Makes a failure without help.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), details: Vec::new(), causes: Vec::new(), help: None, mistakes: None }
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

    /// Makes the failure of an error and of everything that led to it.
    pub(super) fn of(exit: Exit, error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string).collect();
        Self { causes, ..Self::new(exit, error.to_string()) }
    }

    /// Makes the failure of files that are wrong.
    pub(super) fn invalid(diagnostics: Vec<Diagnostic>) -> Self {
        let message = match diagnostics.len() {
            1 => "the configuration or a definition is invalid".to_owned(),
            several => format!("the configuration or definitions are invalid: {several} errors"),
        };
        let mistakes = Mistakes { diagnostics, revision: None };
        Self { mistakes: Some(Box::new(mistakes)), ..Self::new(Exit::Invalid, message) }
    }

    /// Says which revision the files are of.
    pub(super) fn of_revision(mut self, name: &str) -> Self {
        self.message = format!("at `{name}` {}", self.message);
        if let Some(mistakes) = &mut self.mistakes {
            mistakes.revision = Some(name.to_owned());
        }
        self
    }

    /// Gives what is wrong with files.
    pub(super) fn diagnostics(&self) -> &[Diagnostic] {
        self.mistakes.as_ref().map_or(&[], |mistakes| &mistakes.diagnostics)
    }

    /// Makes the failure of a file that cannot be read or written.
    pub(super) fn file(verb: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(Exit::Failed, format!("cannot {verb} `{}`", text::path(path))).caused_by(error)
    }

    /// Lets how the command ended decide the exit code, if that is a failure too: what was done, refused or left in doubt
    /// matters more than a report that could not be written.
    #[must_use]
    pub(super) fn after(self, exit: Exit) -> Self {
        match exit {
            Exit::Done | Exit::Changes => self,
            exit => Self { exit, ..self },
        }
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
