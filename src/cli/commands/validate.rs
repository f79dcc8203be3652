//! `icsync validate`: checks the configuration and every definition.

use std::io::Write as _;

use crate::cli::args::Global;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::load;
use crate::document::{self, DiagnosticV1, ValidationV1};
use crate::manifest::Emptiness;
use crate::report::{self, Format};
use crate::text::visible;

pub(super) fn run(environment: &Environment, global: &Global, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let (repository, desired) = load(environment, global, Emptiness::Refused)?;
    let count = desired.clients.len();
    let clients = if count == 1 { "1 client".to_owned() } else { format!("{count} clients") };
    sink.complain(repository.warnings());
    let diagnostics: Vec<DiagnosticV1> = repository.warnings().iter().map(DiagnosticV1::from).collect();
    let warnings = match diagnostics.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        several => format!(", {several} warnings"),
    };
    sink.render(|format, out, style| match format {
        Format::Json => {
            let diagnostics = diagnostics.clone();
            document::write(out, &ValidationV1 { clients: count as u64, diagnostics, ..ValidationV1::default() })
        }
        Format::Text => writeln!(out, "valid: {clients} for target {}{warnings}", visible(repository.target_name())),
        other => report::complaints(other, out, "definitions", &diagnostics, style),
    })?;
    Ok(Exit::Done)
}
