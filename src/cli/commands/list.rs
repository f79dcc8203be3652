//! `icsync list`: the definitions of a target, without a server and without a value of the environment.

use crate::cli::args::{Global, ListArguments};
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::{check_strict, load_offline};
use crate::cli::selecting::{check_selection, selection};
use crate::document::{self, DefinitionsV1};
use crate::manifest::LoadedTree;
use crate::report::{Format, list};

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &ListArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let LoadedTree { resolved, desired, profiles: _, catalogue: _, warnings, idle: _ } =
        load_offline(environment, global)?;
    check_strict(global, &warnings, None)?;
    sink.complain(&warnings);
    let selection = selection(&arguments.select);
    check_selection(environment, &selection, [&desired], None)?;
    let chosen = desired.definitions().filter(|one| selection.covers(one));
    let document = DefinitionsV1::new(&resolved.target, chosen);
    sink.render(|format, out, style| match format {
        Format::Json => document::write(out, &document),
        _ => list::text(out, &document, style.width),
    })?;
    Ok(Exit::Done)
}
