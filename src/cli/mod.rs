//! The program: arguments → steps → report → exit code.

mod args;
mod base;
mod ci;
mod clear_keys;
mod commands;
mod connect;
mod destination;
mod environment;
mod error;
mod exit;
mod failure;
mod habits;
mod hardening;
mod interrupt;
mod logging;
mod other_targets;
mod output;
mod overwriting;
mod pager;
mod part;
mod past_runs;
mod plan_error;
mod plan_key;
mod planning;
mod progress;
mod repository;
mod sandbox_files;
mod saved;
mod screen;
mod selecting;
mod targets;
mod variables;
mod waving;

use clap::FromArgMatches as _;
use tokio::runtime::Runtime;

use args::{Arguments, LogFormat, Output};
use commands::{answer, command_line, run};
use environment::Environment;
use error::CommandError;
use exit::Exit;
use failure::Failure;
use output::write_failure;

use crate::text::visible_lines;

/// Runs the program and says how it ended.
pub fn main() -> std::process::ExitCode {
    hardening::keep_values_out_of_panics(LogFormat::Text);
    hardening::keep_memory_to_itself();
    hardening::survive_large_files();
    if let Some(answered) = answer() {
        return if answered { Exit::Done } else { Exit::Failed }.into();
    }
    let parsed = command_line().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    logging::start(&arguments.global);
    hardening::keep_values_out_of_panics(arguments.global.log_format);
    match Environment::look(&arguments.global) {
        Ok(environment) => run(&environment, &arguments).into(),
        Err(failure) => {
            match arguments.global.log_format {
                LogFormat::Text => logging::say(LogFormat::Text, &format!("error: {}", failure.message())),
                LogFormat::Json => logging::fail(&failure),
            }
            tell_machines(&failure);
            failure.exit().into()
        }
    }
}

/// Help and version are what was asked for; everything else that clap says is a wrong command line.
fn usage(error: &clap::Error) -> std::process::ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Done.into();
    }
    let text = error.render().to_string().trim_start_matches("error: ").trim_end().to_owned();
    let tip = habits::tip(error, &command_line(), std::env::args_os());
    let failure = Failure::from(CommandError::CommandLine { text, tip });
    if !logging::fail_early(&failure, std::env::args_os()) {
        // Words of the command line stand in it.
        let shown = error.render().to_string();
        match visible_lines(shown.clone()) {
            harmless if harmless == shown => drop(error.print()),
            harmless => harmless.trim_end().lines().for_each(|line| logging::say(LogFormat::Text, line)),
        }
        failure.help().iter().for_each(|help| logging::say(LogFormat::Text, &format!("help: {help}")));
    }
    tell_machines(&failure);
    failure.exit().into()
}

/// Writes a failure as JSON to stdout where a command line that leads nowhere asks for that.
fn tell_machines(failure: &Failure) {
    if Output::asks_for_json(std::env::args_os()) {
        // Nothing is left to tell of a closed stdout.
        let _ = write_failure(&mut std::io::stdout().lock(), failure);
    }
}

/// Makes the runtime of the commands that talk to a server. One thread is faster than several: what there is to compute is
/// little, and handing it from thread to thread costs more.
fn runtime() -> Result<Runtime, Failure> {
    check_open_files()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::Runtime(error).into())
}

/// Says that a task ended by a panic, whose message may hold a value.
fn panicked(_: tokio::task::JoinError) -> std::io::Error {
    std::io::Error::other("a part of icsync stopped by a mistake of its own")
}

/// Makes the runtime of the server.
fn server_runtime() -> Result<Runtime, Failure> {
    check_open_files()?;
    Runtime::new().map_err(|error| CommandError::Runtime(error).into())
}

/// Makes sure that the process may open as many files as a runtime does: tokio panics where it may not open those by which
/// it hears of signals. The root folder is there even where nothing else is, as in an image of icsync alone.
fn check_open_files() -> Result<(), Failure> {
    const FILES: usize = 8;
    /// `ENFILE` and `EMFILE` (errno(3)): the system, or the process, has too many open files.
    const TOO_MANY: [i32; 2] = [23, 24];
    if cfg!(unix) {
        let files = (0..FILES).map(|_| std::fs::File::open("/")).collect::<Result<Vec<_>, _>>();
        let is_limit = |error: &std::io::Error| error.raw_os_error().is_some_and(|code| TOO_MANY.contains(&code));
        if let Some(error) = files.err().filter(is_limit) {
            return Err(CommandError::Runtime(error).into());
        }
    }
    Ok(())
}
