//! `icsync show`: renders a saved plan, stale or not.

use crate::cli::args::ShowArguments;
use crate::cli::environment::{Environment, read};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::plan::{Document, DocumentError};
use crate::report;

/// Runs the command.
pub(super) fn run(environment: &Environment, arguments: &ShowArguments, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let bytes = read(&environment.path(&arguments.plan))?;
    let document = Document::parse(&bytes, None).map_err(|error| {
        let exit = match error {
            DocumentError::NotAPlan(_) | DocumentError::Newer { .. } => Exit::Failed,
            DocumentError::Digest | DocumentError::Unsigned | DocumentError::Signature => Exit::Stale,
        };
        Failure::new(exit, format!("`{}` cannot be shown: {error}", arguments.plan.display()))
            .help("make a new plan with `icsync plan --out FILE`")
    })?;
    sink.render(|format, out, style| report::document(format, out, &document, style))?;
    Ok(Exit::Done)
}
