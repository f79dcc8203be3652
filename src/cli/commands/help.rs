//! `icsync help`: a page of the manual, or the help of a command.

use std::fmt::Write as _;

use crate::cli::args::HelpArguments;
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::pager::show;
use crate::manifest::nearest;
use crate::manual::{Ink, Sheet, TOPICS, Topic, to_terminal};

pub(super) fn run(environment: &Environment, arguments: &HelpArguments) -> Result<Exit, Failure> {
    let mut program = super::command_line();
    program.build();
    let words: Vec<&str> = arguments.words.iter().map(|word| word.trim()).collect();
    let topic = match &words[..] {
        [] => {
            show(environment, &index(&program, environment))?;
            return Ok(Exit::Done);
        }
        [name] => Topic::find(&name.to_lowercase()),
        _ => None,
    };
    let command = find(&mut program, &words).map(|command| help(command, environment));
    // A word that is both is a topic first: what the command takes comes behind it.
    let parts: Vec<String> = topic.map(|topic| page(topic, environment)).into_iter().chain(command).collect();
    if parts.is_empty() {
        return Err(unknown(&program, &words).into());
    }
    show(environment, &parts.join("\n"))?;
    Ok(Exit::Done)
}

fn page(topic: Topic, environment: &Environment) -> String {
    to_terminal(topic.text, sheet(environment))
}

fn sheet(environment: &Environment) -> Sheet {
    Sheet { ink: if environment.colour { Ink::Ansi } else { Ink::Plain }, width: environment.width() }
}

fn find<'c>(program: &'c mut clap::Command, words: &[&str]) -> Option<&'c mut clap::Command> {
    words.iter().try_fold(program, |command, word| command.find_subcommand_mut(word))
}

fn help(command: &mut clap::Command, environment: &Environment) -> String {
    let help = command.render_long_help();
    if environment.colour { help.ansi().to_string() } else { help.to_string() }
}

/// Lists the commands and the topics, each with what it is about.
fn index(program: &clap::Command, environment: &Environment) -> String {
    let commands = program.get_subcommands().map(|command| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        (command.get_name().to_owned(), about.lines().next().unwrap_or_default().to_owned())
    });
    let topics = TOPICS.iter().map(|topic| (topic.name.to_owned(), topic.about().to_owned()));
    let mut text = String::from("## commands\n\n");
    table(&mut text, "command", commands);
    text.push_str("\n## topics\n\n");
    table(&mut text, "topic", topics);
    text.push_str("\n`icsync help COMMAND` shows what a command takes, `icsync help TOPIC` a page of the manual.\n");
    to_terminal(&text, sheet(environment))
}

fn table(text: &mut String, head: &str, rows: impl Iterator<Item = (String, String)>) {
    let _ = write!(text, "| {head} | does |\n|---|---|\n");
    for (name, about) in rows {
        let _ = writeln!(text, "| `{name}` | {about} |");
    }
}

fn unknown(program: &clap::Command, words: &[&str]) -> CommandError {
    let names: Vec<&str> =
        TOPICS.iter().map(|topic| topic.name).chain(program.get_subcommands().map(clap::Command::get_name)).collect();
    let name = words.join(" ");
    CommandError::UnknownTopic { near: nearest(&name.to_lowercase(), &names).map(str::to_owned), name }
}
