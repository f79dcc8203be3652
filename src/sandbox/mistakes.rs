//! What is wrong with a file that the sandbox reads, each mistake at its place.

use crate::diagnostic::Diagnostic;
use crate::manifest::mask;

/// Why a file is not what the sandbox reads.
#[derive(Debug)]
pub struct FileMistakes {
    file: String,
    /// What it is not: `an estate`.
    what: &'static str,
    diagnostics: Vec<Diagnostic>,
}

impl FileMistakes {
    /// Takes mistakes, and shows nothing of what looks like a secret: an estate may be made of a real one.
    pub(super) fn new(file: &str, what: &'static str, mut diagnostics: Vec<Diagnostic>) -> Self {
        mask(&mut diagnostics, Some(&[]));
        Self { file: file.to_owned(), what, diagnostics }
    }

    /// Gives each mistake with its place.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

impl std::fmt::Display for FileMistakes {
    /// Says the first mistake with its line and column.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, what, diagnostics } = self;
        write!(f, "`{file}` is not {what}")?;
        let Some(first) = diagnostics.first() else { return Ok(()) };
        write!(f, ": {}", first.message)?;
        first.location().map_or(Ok(()), |at| write!(f, " at {}:{}", at.line, at.column))
    }
}

impl std::error::Error for FileMistakes {}
