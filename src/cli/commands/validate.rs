//! `icsync validate`: checks the configuration and every definition.

use crate::cli::args::Global;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::load;
use crate::report::{Format, json};

/// Runs the command.
pub fn run(environment: &Environment, global: &Global, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let (repository, desired) = load(environment, global)?;
    let count = desired.clients.len();
    let clients = if count == 1 { "1 client".to_owned() } else { format!("{count} clients") };
    sink.render(|format, out, _| match format {
        Format::Json => json::valid(&mut &mut *out, count),
        Format::Text => writeln!(out, "valid: {clients} for target {}", repository.target_name()),
        _ => Ok(()),
    })?;
    Ok(Exit::Done)
}
