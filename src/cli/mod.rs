//! The program: arguments → steps → report → exit code.

mod args;
mod commands;
mod connect;
mod environment;
mod exit;
mod failure;
mod git;
mod interrupt;
mod logging;
mod output;
mod planning;
mod progress;
mod reading;
mod repository;

use clap::{CommandFactory as _, Parser as _};

use args::{Arguments, Command};
use commands::run;
use environment::{Environment, variable};
use exit::Exit;
use failure::Failure;

/// Runs the program and says how it ended.
pub fn main() -> std::process::ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    match Environment::look(&arguments.global) {
        Ok(environment) => run(&environment, &arguments).into(),
        Err(failure) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr().lock(), "error: {}", failure.message);
            failure.exit.into()
        }
    }
}

/// Help and version are what was asked for; everything else that clap says is a wrong command line.
fn usage(error: &clap::Error) -> std::process::ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}
