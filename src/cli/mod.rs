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

use clap::Parser as _;
use tokio::runtime::Runtime;

use args::Arguments;
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

/// Makes the runtime of the commands that talk to a server.
fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| Failure::new(Exit::Failed, "the runtime cannot be started").caused_by(error))
}

/// Gives the key that signs plans, if one is set.
fn plan_key() -> Option<Vec<u8>> {
    variable("ICSYNC_PLAN_KEY").filter(|key| !key.is_empty()).map(String::into_bytes)
}
