//! `icsync completions` and `icsync man`: made from the command line itself.

use clap::CommandFactory as _;

use super::completing::script as script_of;
use super::manual_page::page;
use crate::cli::args::{Arguments, CompletionsArguments, ManArguments};
use crate::cli::environment::{Environment, FileAccess, print, write};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::manual::{TOPICS, to_roff};

/// Prints the completion script of a shell.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    script_of(arguments.shell, &mut script)?;
    print(&script)?;
    Ok(Exit::Done)
}

/// Writes a manual page for the program and for each command into `man1`, and the topics into `man7`.
pub(super) fn man(environment: &Environment, arguments: &ManArguments) -> Result<Exit, Failure> {
    let folder = environment.path(&arguments.folder);
    let section = |number: u8| {
        let folder = folder.join(format!("man{number}"));
        std::fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
        Ok::<_, Failure>(move |name: &str, page: &[u8]| {
            write(&folder.join(format!("{name}.{number}")), page, FileAccess::Shared)
        })
    };
    let mut command = Arguments::command();
    command.build();
    pages(&command, env!("CARGO_PKG_NAME"), &mut section(1)?)?;
    let write_topic = section(7)?;
    for topic in TOPICS {
        let page = to_roff(*topic, concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")));
        write_topic(&format!("{}-{}", env!("CARGO_PKG_NAME"), topic.name), page.as_bytes())?;
    }
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
