//! A manual page: what the command line says of itself, and what no option says: exit codes, variables, files, examples.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use super::examples::{Example, examples};
use crate::cli::exit::Exit;
use crate::cli::plan_key::{KEY_FILE, STATE};
use crate::cli::planning::RUNS;
use crate::cli::variables::HeardVariable;
use crate::manifest::{CATALOGUE_FILE, CONFIG_FILE, DEFAULT_DEFINITIONS};
use crate::manual::{TOPICS, Topic};
use crate::watch::{FamilyText, MetricFamily};

/// The page that explains what `/metrics` serves.
const WATCH_PAGE: &str = concat!(env!("CARGO_PKG_NAME"), "-watch");

/// What the library of TLS hears on systems whose authorities are files (`rustls-native-certs`).
const AUTHORITIES: (&str, &str) = (
    "SSL_CERT_FILE, SSL_CERT_DIR",
    "the certificates of authorities that are trusted instead of those of the platform, on Linux; `ca_file` adds to them",
);

/// Writes the page of a command in roff. The program's own page tells what holds for all commands.
pub(super) fn page(command: &Command, name: &str) -> io::Result<Vec<u8>> {
    // A date that is empty and not quoted would make the source the date.
    let man = Man::new(command.clone().name(name.to_owned()))
        .date("\"\"")
        .source(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")))
        .manual(concat!(env!("CARGO_PKG_NAME"), " manual"));
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    synopsis(command, name).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut own = Roff::new();
    if name == env!("CARGO_PKG_NAME") {
        man.render_subcommands_section(&mut page)?;
        section(&mut own, "EXIT STATUS", Exit::ALL.map(|exit| (exit.number().to_string(), exit.meaning().to_owned())));
        section(&mut own, "ENVIRONMENT", variables(command));
        section(&mut own, "FILES", files());
        section(&mut own, "SEE ALSO", TOPICS.iter().map(|topic| (page_of(*topic), topic.about().to_owned())));
    } else {
        if command.has_subcommands() {
            man.render_subcommands_section(&mut page)?;
        }
        if name == WATCH_PAGE {
            section(&mut own, "METRICS", metrics());
        }
        example_section(&mut own, examples(name));
        own.control("SH", ["SEE ALSO"]);
        let program = bold(env!("CARGO_PKG_NAME"));
        own.text([program, roman("(1): the exit codes, the variables of the environment, the files")]);
    }
    own.to_writer(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// Says how a command is typed, as its help does: the library leaves out what options take.
fn synopsis(command: &Command, name: &str) -> Roff {
    let usage = command.clone().bin_name(name.replace('-', " ")).render_usage().to_string();
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    for line in usage.trim_start_matches("Usage:").lines() {
        roff.text([roman(line.trim())]);
        roff.control("br", []);
    }
    roff
}

/// Names the page of a topic, as `man` calls it.
fn page_of(topic: Topic) -> String {
    format!("{}-{}(7)", env!("CARGO_PKG_NAME"), topic.name)
}

/// Adds a section of terms and what each means.
fn section(roff: &mut Roff, heading: &str, entries: impl IntoIterator<Item = (String, String)>) {
    roff.control("SH", [heading]);
    for (term, meaning) in entries {
        roff.control("TP", []);
        roff.text([bold(term)]);
        roff.text(in_words(&meaning));
    }
}

fn example_section(roff: &mut Roff, examples: &[Example]) {
    if examples.is_empty() {
        return;
    }
    roff.control("SH", ["EXAMPLES"]);
    for Example { line, meaning } in examples {
        roff.control("TP", []);
        roff.text([bold(*line)]);
        roff.text(in_words(meaning));
    }
}

/// Sets in bold what stands between backticks.
fn in_words(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate();
    parts.map(|(number, part)| if number % 2 == 0 { roman(part) } else { bold(part) }).collect()
}

/// Lists the variables that are heard: those of options, then the others.
pub(super) fn variables(command: &Command) -> Vec<(String, String)> {
    let of_options = command.get_arguments().filter_map(|option| {
        let name = option.get_env()?.to_string_lossy().into_owned();
        Some((name, option.get_help().map(ToString::to_string).unwrap_or_default()))
    });
    let (proxies, users) =
        (HeardVariable::proxies().map(HeardVariable::name), HeardVariable::users().map(HeardVariable::name));
    let runs = HeardVariable::runs().map(HeardVariable::name);
    let families: [Vec<&str>; 3] = [proxies.collect(), users.collect(), runs.collect()];
    let mut own: Vec<(String, String)> = Vec::new();
    for variable in HeardVariable::all() {
        let family = families.iter().find(|family| family.contains(&variable.name()));
        let name = family.map_or_else(|| variable.name().to_owned(), |family| family.join(", "));
        if own.last().is_none_or(|(last, _)| *last != name) {
            own.push((name, variable.meaning().to_owned()));
        }
    }
    let named = ("NAME", "whatever `auth` and `${env.NAME}` of the configuration and the definitions name");
    let others = [AUTHORITIES, named].map(|(name, meaning)| (name.to_owned(), meaning.to_owned()));
    of_options.chain(own).chain(others).collect()
}

/// Lists what `/metrics` serves, in the words of the families.
fn metrics() -> impl Iterator<Item = (String, String)> {
    MetricFamily::ALL.iter().map(|family| {
        let FamilyText { name, kind, labels, help } = family.text();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(", ")) };
        (format!("{name}{labels}"), format!("{}: {help}", kind.name()))
    })
}

pub(super) fn files() -> [(String, String); 5] {
    [
        (CONFIG_FILE.to_owned(), "the configuration: targets, what is managed, limits; `icsync schema config`"),
        (
            DEFAULT_DEFINITIONS.to_owned(),
            "the definitions, unless the configuration names others; `icsync schema definition`",
        ),
        (CATALOGUE_FILE.to_owned(), "the keys that are known, which `icsync keys` `--write` keeps"),
        (format!("{STATE}/{RUNS}"), "the journals of the runs, without which none can be turned back"),
        (format!("{STATE}/{KEY_FILE}"), "the key of digests of sensitive values where there is no other"),
    ]
    .map(|(path, meaning)| (path, meaning.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Arguments;

    fn headings(command: &Command, name: &str) -> Vec<String> {
        let page = String::from_utf8(page(command, name).expect("a page")).expect("text");
        page.lines().filter_map(|line| line.strip_prefix(".SH ")).map(|line| line.replace('"', "")).collect()
    }

    #[test]
    fn the_pages_tell_examples_and_the_first_of_them_exit_codes_variables_and_files() {
        let mut command = Arguments::command();
        command.build();
        assert_eq!(
            headings(&command, "icsync"),
            [
                "NAME",
                "SYNOPSIS",
                "DESCRIPTION",
                "OPTIONS",
                "GLOBAL OPTIONS",
                "SUBCOMMANDS",
                "EXIT STATUS",
                "ENVIRONMENT",
                "FILES",
                "SEE ALSO",
                "VERSION"
            ]
        );
        let plan = command.find_subcommand("plan").expect("a command");
        assert_eq!(
            headings(plan, "icsync-plan"),
            ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "GLOBAL OPTIONS", "EXAMPLES", "SEE ALSO", "VERSION"]
        );
        let watch = command.find_subcommand("watch").expect("a command");
        assert!(headings(watch, WATCH_PAGE).contains(&"METRICS".to_owned()));
    }
}
