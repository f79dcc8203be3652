//! What each command is used for, as a person types it.

/// A command line and what it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Example {
    /// As it is typed.
    pub line: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

const fn example(line: &'static str, meaning: &'static str) -> Example {
    Example { line, meaning }
}

/// Gives the examples of a command by the name of its page, such as `icsync-plan`.
pub(super) fn examples(page: &str) -> &'static [Example] {
    match page.strip_prefix("icsync-").unwrap_or_default() {
        "" => ICSYNC,
        "sandbox" => SANDBOX,
        "init" => INIT,
        "validate" => VALIDATE,
        "list" => LIST,
        "keys" => KEYS,
        "fmt" => FMT,
        "plan" => PLAN,
        "apply" => APPLY,
        "show" => SHOW,
        "drift" => DRIFT,
        "diff" => DIFF,
        "export" => EXPORT,
        "pin" => PIN,
        "rollback" => ROLLBACK,
        "runs" => RUNS,
        "watch" => WATCH,
        "sandbox-serve" => SERVE,
        "sandbox-reset" => RESET,
        "schema" => SCHEMA,
        "explain" => EXPLAIN,
        "help" => HELP,
        "completions" => COMPLETIONS,
        "man" => MAN,
        _ => &[],
    }
}

const ICSYNC: &[Example] = &[
    example("icsync init phones", "starts a repository with a sandbox to try things on"),
    example("icsync -C phones plan", "shows what `apply` would do"),
    example("icsync -C phones apply", "plans, shows, asks, applies"),
];
const SANDBOX: &[Example] = &[
    example("icsync sandbox serve", "serves the estate of the target until it is interrupted"),
    example("icsync sandbox reset", "starts over with what the estate says"),
];
const INIT: &[Example] = &[
    example("icsync init phones", "starts a repository with a sandbox to try things on"),
    example("icsync init --url https://ccs.example.com --ci github", "starts one for a server, in the current folder"),
    example("icsync init --update", "shows as a patch what recipes and schemas would be now"),
];
const VALIDATE: &[Example] =
    &[example("icsync validate --strict -o sarif=mistakes.sarif", "takes warnings for mistakes too")];
const LIST: &[Example] =
    &[example("icsync list --target prod -o json", "lists the definitions of a target for a program")];
const KEYS: &[Example] =
    &[example("icsync keys --write", "writes every key that git and the server have into keys.yaml")];
const FMT: &[Example] = &[example("icsync fmt --check", "fails where a file is not laid out")];
const PLAN: &[Example] = &[
    example("icsync plan", "shows what `apply` would do"),
    example("icsync plan --out plan.json -o html=plan.html", "saves it for `apply`, and as a page to read"),
    example("icsync plan --select name=sunshine-* --prune", "plans some clients, deletes included"),
    example("icsync plan --check plan.json", "tells whether a saved plan would still be done"),
];
const APPLY: &[Example] = &[
    example("icsync apply", "plans, shows, asks, applies"),
    example(
        "icsync apply plan.json --auto-approve",
        "applies exactly the plan that was saved, if nothing has changed since",
    ),
    example("icsync apply --max-deletes 12", "allows what a plan that was refused needs"),
];
const SHOW: &[Example] = &[
    example("icsync show plan.json --full", "shows a saved plan with every client spelt out"),
    example(
        "icsync show --effective sunshine-reception",
        "shows what a client comes to, and where each value is written",
    ),
    example(
        "icsync show --covering 417/1/01234567120 --target prod",
        "shows every client that covers a device, in git and live, key by level",
    ),
];
const DRIFT: &[Example] = &[
    example("icsync drift --ignore unmanaged", "exits with 2 where the server and git differ"),
    example("icsync drift --since v1.2", "tells what changed on the server from what changed in git"),
    example(
        "icsync drift --accept reception --dry-run",
        "shows what would be written into the definitions so that the plan is empty",
    ),
];
const DIFF: &[Example] =
    &[example("icsync diff main HEAD -o markdown", "compares two revisions for a comment, without a server")];
const EXPORT: &[Example] = &[
    example("icsync export", "writes a file for each live client that git does not define"),
    example("icsync export --as-profiles --into clients", "finds what they have in common and writes profiles"),
];
const PIN: &[Example] =
    &[example("icsync pin --select telsys=417", "writes the ids of one telephony server's clients")];
const ROLLBACK: &[Example] = &[example(
    "icsync rollback 20261124T052700Z-4900a2 --out back.json",
    "plans the way back from a run, for `icsync apply back.json`",
)];
const RUNS: &[Example] = &[
    example("icsync runs", "lists the runs, and says which ended in doubt"),
    example("icsync runs 20261124T052700Z-4900a2", "shows what one run did, step by step"),
];
const WATCH: &[Example] = &[
    example(
        "icsync watch --interval 5m --listen 127.0.0.1:9464",
        "compares every five minutes, for Prometheus to scrape",
    ),
    example(
        "icsync watch --apply --follow main",
        "applies what is merged, and turns back what others change on the server",
    ),
];
const SERVE: &[Example] = &[
    example("icsync sandbox serve --listen 127.0.0.1:8080 --estate estate.yaml", "serves the API for other clients"),
    example(
        "icsync sandbox serve --dialect put=merge --faults faults.yaml",
        "behaves in another way, and fails on demand",
    ),
];
const RESET: &[Example] = &[example("icsync sandbox reset", "starts over with what the estate says")];
const SCHEMA: &[Example] = &[example("icsync schema config", "prints the schema of icsync.yaml")];
const EXPLAIN: &[Example] = &[
    example("icsync explain IC0101", "tells what a mistake means and how it is mended"),
    example("icsync explain 30005", "tells what an error of the API means"),
];
const HELP: &[Example] = &[
    example("icsync help start", "shows how to come from nothing to the first applied change"),
    example("icsync help sandbox serve", "shows what `icsync sandbox serve --help` shows"),
];
const COMPLETIONS: &[Example] = &[example("icsync completions bash", "prints the script for bash")];
const MAN: &[Example] = &[example("icsync man man", "writes all pages into the folders man1 and man7 of a folder")];

#[cfg(test)]
mod tests {
    use clap::{ArgMatches, Command, CommandFactory as _};

    use super::*;
    use crate::cli::args::Arguments;

    fn leaves(command: &Command, name: &str, found: &mut Vec<String>) {
        if !command.has_subcommands() {
            found.push(name.to_owned());
        }
        for inner in command.get_subcommands() {
            leaves(inner, &format!("{name}-{}", inner.get_name()), found);
        }
    }

    fn led_to(matches: &ArgMatches) -> String {
        matches.subcommand().map_or_else(String::new, |(name, inner)| format!("-{name}{}", led_to(inner)))
    }

    #[test]
    fn every_command_has_examples_that_the_command_line_takes() {
        let (command, mut found) = (Arguments::command(), Vec::new());
        leaves(&command, "icsync", &mut found);
        assert!(found.len() > 15);
        for name in found.iter().map(String::as_str).chain(["icsync", "icsync-sandbox"]) {
            let given = examples(name);
            assert!(!given.is_empty(), "{name} has no example");
            for Example { line, meaning: _ } in given {
                let matches = command.clone().try_get_matches_from(line.split(' ')).expect(line);
                let led = format!("icsync{}", led_to(&matches));
                assert!(led == name || matches!(name, "icsync" | "icsync-sandbox") && led.starts_with(name), "{line}");
            }
        }
    }
}
