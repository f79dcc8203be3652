//! `icsync completions` and `icsync man`: made from the command line itself.

use clap::CommandFactory as _;

use super::completing::script as script_of;
use super::manual_page::page;
use crate::cli::args::{Arguments, CompletionsArguments, ManArguments};
use crate::cli::environment::{Environment, FileAccess, print, write};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// Prints the completion script of a shell.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    script_of(arguments.shell, &mut script)?;
    print(&script)?;
    Ok(Exit::Done)
}

/// Writes a manual page for the program and for each command.
pub(super) fn man(environment: &Environment, arguments: &ManArguments) -> Result<Exit, Failure> {
    let folder = environment.path(&arguments.folder);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    let mut command = Arguments::command();
    command.build();
    pages(&command, env!("CARGO_PKG_NAME"), &mut |name, page| {
        write(&folder.join(format!("{name}.1")), page, FileAccess::Shared)
    })?;
    Ok(Exit::Done)
}

fn pages(
    command: &clap::Command,
    name: &str,
    write: &mut impl FnMut(&str, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    write(name, &page(command, name)?)?;
    for inner in command.get_subcommands() {
        pages(inner, &format!("{name}-{}", inner.get_name()), write)?;
    }
    Ok(())
}
