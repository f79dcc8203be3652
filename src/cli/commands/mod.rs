//! One file per command.

mod accept;
mod apply;
mod completing;
mod covering;
mod diff;
mod documentation;
mod drift;
mod examples;
mod explain;
mod export;
#[cfg(test)]
mod facts;
mod fmt;
mod help;
mod init;
mod keys;
mod list;
mod manual_page;
mod performing;
mod pin;
mod plan;
mod rollback;
mod runs;
mod sandbox;
mod schema;
mod show;
mod validate;
mod watch;

use std::path::Path;

pub(super) use completing::answer;

use clap::CommandFactory as _;

use self::examples::{Example, examples};
use super::args::{Arguments, Command, Global, Output};
use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Sink;

/// Makes the command line, with examples in the long help of each command.
pub(super) fn command_line() -> clap::Command {
    with_examples(Arguments::command(), env!("CARGO_PKG_NAME"))
}

fn with_examples(command: clap::Command, page: &str) -> clap::Command {
    let header = *command.get_styles().get_header();
    let examples = examples(page)
        .iter()
        .fold(String::new(), |text, Example { line, meaning }| format!("{text}\n  {line}\n      {meaning}"));
    let page = page.to_owned();
    let command = command.mut_subcommands(|inner| {
        let page = format!("{page}-{}", inner.get_name());
        with_examples(inner, &page)
    });
    if examples.is_empty() {
        command
    } else {
        command.after_long_help(format!("{header}Examples:{header:#}{examples}"))
    }
}

/// Runs a command, tells of its failure, and says how it ended.
pub(super) fn run(environment: &Environment, arguments: &Arguments) -> Exit {
    let sink = sink(environment, &arguments.global, &arguments.command);
    match sink.check(saved(&arguments.command)).and_then(|()| dispatch(environment, arguments, &sink)) {
        Ok(exit) => exit,
        Err(failure) => {
            let failure = failure.in_place(&arguments.global);
            sink.fail(&failure);
            failure.exit()
        }
    }
}

fn sink<'a>(environment: &'a Environment, global: &Global, command: &Command) -> Sink<'a> {
    let sink = |name, render| Sink::new(environment, global, name, render);
    let plain = |name, outputs: &[Output]| Sink::of(environment, global, name, outputs);
    match command {
        Command::Plan(arguments) => {
            sink("plan", &arguments.render).leaving_stdout_to(arguments.out.as_deref(), &arguments.render.output)
        }
        Command::Apply(arguments) => sink("apply", &arguments.render),
        Command::Show(arguments) => {
            let name = match (&arguments.effective, &arguments.covering) {
                (Some(_), _) => "show --effective",
                (None, Some(_)) => "show --covering",
                (None, None) => "show",
            };
            sink(name, &arguments.render)
        }
        Command::Drift(arguments) => {
            let name = if arguments.accepting.accept.is_some() { "drift --accept" } else { "drift" };
            sink(name, &arguments.render)
        }
        Command::Diff(arguments) => sink("diff", &arguments.render),
        Command::Rollback(arguments) => {
            sink("rollback", &arguments.render).leaving_stdout_to(arguments.out.as_deref(), &arguments.render.output)
        }
        Command::Validate(arguments) => plain("validate", &arguments.output),
        Command::Keys(arguments) => plain("keys", &arguments.output),
        Command::List(arguments) => plain("list", &arguments.output),
        Command::Runs(arguments) => plain("runs", &arguments.output),
        Command::Init(_)
        | Command::Fmt(_)
        | Command::Pin(_)
        | Command::Export(_)
        | Command::Sandbox(_)
        | Command::Watch(_)
        | Command::Schema(_)
        | Command::Explain(_)
        | Command::Help(_)
        | Command::Completions(_)
        | Command::Man(_) => plain("command", &[]),
    }
}

/// Gives the file that a command saves a plan to.
fn saved(command: &Command) -> Option<&Path> {
    match command {
        Command::Plan(arguments) => arguments.out.as_deref(),
        Command::Rollback(arguments) => arguments.out.as_deref(),
        _ => None,
    }
}

fn dispatch(environment: &Environment, arguments: &Arguments, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let global = &arguments.global;
    match &arguments.command {
        Command::Validate(_) => validate::run(environment, global, sink),
        Command::Keys(own) => keys::run(environment, global, own, sink),
        Command::List(own) => list::run(environment, global, own, sink),
        Command::Init(own) => init::run(environment, own, sink),
        Command::Fmt(own) => fmt::run(environment, global, own, sink),
        Command::Pin(own) => pin::run(environment, global, own),
        Command::Plan(own) => plan::run(environment, global, own, sink),
        Command::Apply(own) => apply::run(environment, global, own, sink),
        Command::Show(own) => show::run(environment, global, own, sink),
        Command::Drift(own) => drift::run(environment, global, own, sink),
        Command::Diff(own) => diff::run(environment, global, own, sink),
        Command::Export(own) => export::run(environment, global, own),
        Command::Rollback(own) => rollback::run(environment, global, own, sink),
        Command::Runs(own) => runs::run(environment, global, own, sink),
        Command::Watch(own) => watch::run(environment, global, own),
        Command::Sandbox(own) => sandbox::run(environment, global, own),
        Command::Schema(own) => schema::run(environment, global, own),
        Command::Explain(own) => explain::run(own),
        Command::Help(own) => help::run(environment, own),
        Command::Completions(own) => documentation::completions(own),
        Command::Man(own) => documentation::man(environment, own),
    }
}
