//! What people type who come from other tools, and what it is called here.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};

/// Words of options, and what stands for them. An option of icsync with one dash in front needs no line.
const OPTIONS: &[(&[&str], &str)] = &[
    (&["--yes", "-y", "--approve", "--assume-yes"], "`--auto-approve` applies without asking"),
    (&["--dry-run", "-dry-run"], "`icsync plan` is the dry run: it shows what `apply` would do and writes nothing"),
    (
        &["-f", "--file", "--filename"],
        "a saved plan stands alone, as in `icsync apply PLAN`; `--config FILE` names the configuration, `-C DIR` its folder",
    ),
    (&["-chdir", "--chdir"], "`-C DIR` runs as if started in DIR"),
    (&["-json", "--json"], "`-o json` writes JSON"),
    (&["-no-color", "--no-color"], "`--color never` leaves colour out"),
    (&["--context", "--namespace", "-n", "--env", "--workspace"], "`--target NAME` chooses the server"),
    (&["-l", "--selector", "--label", "--filter"], "`--select EXPR` chooses clients, as in `--select telsys=417`"),
    (&["-var", "--var", "-var-file", "--var-file", "--set"], "variables are the `vars` of a target in icsync.yaml"),
    (&["--force", "-force"], "nothing is forced: what is refused names the option that allows just this"),
    (
        &["-destroy", "--destroy"],
        "`state: absent` in a definition deletes its client, and `--prune` those that git does not define",
    ),
    (
        &["-refresh", "-refresh-only", "--refresh-only"],
        "`icsync drift` shows what changed on the server; there is no state",
    ),
    (&["--pause", "--stop-after"], "`icsync apply` pauses between waves and stops; `plan` shows the waves"),
    (&["-replace", "--replace"], "a client is replaced where its scope changes"),
];

/// Words of commands, and what stands for them.
const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["get", "describe", "ls", "state"],
        "`icsync list` names the definitions, `icsync show --effective NAME` tells one, `icsync export` what the server has",
    ),
    (
        &["delete", "destroy", "rm", "remove"],
        "take the definition out of git, or say `state: absent` in it; then `icsync plan` and `icsync apply`",
    ),
    (&["create", "add", "edit", "set", "update"], "edit the definitions; then `icsync plan` and `icsync apply`"),
    (&["import", "pull"], "`icsync export` writes definitions for what the server has"),
    (&["refresh", "status"], "`icsync drift` shows where live and git disagree"),
    (&["lint", "check", "test"], "`icsync validate` checks every file"),
    (&["format"], "`icsync fmt` lays the files out"),
    (&["undo", "revert", "restore"], "`icsync rollback RUN` plans the way back from a run"),
    (&["history", "log", "logs"], "`icsync runs` lists the runs"),
    (&["login", "config"], "`auth` of a target in icsync.yaml says how to log in"),
    (&["version"], "`icsync --version` tells it"),
    (&["completion"], "`icsync completions SHELL` prints the script"),
];

/// Says what was probably meant by a command line that cannot be read.
pub(super) fn tip(
    error: &clap::Error,
    line: &clap::Command,
    mut words: impl Iterator<Item = OsString>,
) -> Option<String> {
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) {
        return of(COMMANDS, word);
    }
    let _program = words.next();
    let mut commands = vec![line];
    for word in words.take_while(|word| word != "--") {
        let word = word.to_string_lossy();
        if let Some(inner) = commands.last().and_then(|command| command.find_subcommand(&*word)) {
            commands.push(inner);
            continue;
        }
        let (name, _) = word.split_once('=').unwrap_or((&word, ""));
        let meant = one_dash(name, &commands).or_else(|| {
            let is_own = name.strip_prefix("--").is_some_and(|long| takes(&commands, long));
            if is_own { None } else { of(OPTIONS, name) }
        });
        if meant.is_some() {
            return meant;
        }
    }
    None
}

/// Takes `-out` for `--out`.
fn one_dash(word: &str, commands: &[&clap::Command]) -> Option<String> {
    let long = word.strip_prefix('-').filter(|rest| rest.len() > 1 && !rest.starts_with('-'))?;
    takes(commands, long).then(|| format!("did you mean `--{long}`?"))
}

/// Tells whether one of the commands has a long option.
fn takes(commands: &[&clap::Command], long: &str) -> bool {
    commands.iter().flat_map(|command| command.get_arguments()).any(|one| one.get_long() == Some(long))
}

fn of(table: &[(&[&str], &str)], word: &str) -> Option<String> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, meant)| (*meant).to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Arguments;

    fn told(words: &str) -> Option<String> {
        let words = || words.split(' ').map(OsString::from);
        let error = Arguments::command().try_get_matches_from(words()).expect_err("a wrong command line");
        tip(&error, &Arguments::command(), words())
    }

    #[test]
    fn habits_of_other_tools_are_answered() {
        for (line, meant) in [
            ("icsync plan -out plan.json", "did you mean `--out`?"),
            ("icsync plan -out=plan.json", "did you mean `--out`?"),
            ("icsync apply -auto-approve", "did you mean `--auto-approve`?"),
            ("icsync plan -target=prod", "did you mean `--target`?"),
            ("icsync plan -detailed-exitcode", "did you mean `--detailed-exitcode`?"),
            ("icsync apply --yes", "`--auto-approve`"),
            ("icsync apply -y", "`--auto-approve`"),
            ("icsync apply --dry-run", "`icsync plan` is the dry run"),
            ("icsync apply -f plan.json", "`icsync apply PLAN`"),
            ("icsync plan --json", "`-o json`"),
            ("icsync -chdir=x plan", "`-C DIR`"),
            ("icsync apply --force", "nothing is forced"),
            ("icsync get clients", "`icsync list`"),
            ("icsync destroy", "`state: absent`"),
        ] {
            assert!(told(line).is_some_and(|told| told.contains(meant)), "{line}: {:?}", told(line));
        }
    }

    #[test]
    fn what_is_only_wrong_here_gets_no_tip() {
        for line in ["icsync plan --nonsense", "icsync plan -o nonsense", "icsync frobnicate", "icsync show"] {
            assert_eq!(told(line), None, "{line}");
        }
    }

    #[test]
    fn no_habit_is_an_option_or_a_command_by_now() {
        let line = Arguments::command();
        let has = |word: &str| word.strip_prefix("--").is_some_and(|long| takes(&[&line], long));
        assert!(OPTIONS.iter().all(|(words, _)| !words.iter().any(|word| has(word))));
        assert!(COMMANDS.iter().all(|(words, _)| !words.iter().any(|word| line.find_subcommand(word).is_some())));
    }
}
