//! What a shell may put in at the cursor: commands and options, and what the repository at hand has for each.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(test)]
use clap::Arg;
use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _, complete};
use clap_complete::env::{self, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Shells};

use super::explain::codes;
use crate::cli::args::{Arguments, Global};
use crate::cli::environment::{Environment, current_folder};
use crate::cli::output::formats;
use crate::cli::past_runs::journals;
use crate::cli::plan_key::STATE;
use crate::cli::planning::RUNS;
use crate::cli::repository::{load_offline, locate, root};
use crate::cli::variables::HeardVariable;
use crate::drift::Ignored;
use crate::manifest::{Folder, target_names};
use crate::manual::TOPICS;
use crate::model::{Definition, Selector};
use crate::plan::Action;
use crate::report::Format;
use crate::text::shell_word;

/// The program, as shells call it.
const NAME: &str = env!("CARGO_PKG_NAME");
/// The variable by which a completion script asks; it holds the name of the shell.
const VARIABLE: &str = HeardVariable::Complete.name();
/// Which word is completed, for clap's completers.
const INDEX: &str = HeardVariable::CompleteIndex.name();
/// What stands between candidates for bash: no word of a command line holds it.
const BETWEEN: u8 = 0x0b;

const SHELLS: Shells<'static> = Shells(&[&Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// Answers a shell that asks what may come next. Gives nothing where none asks, else whether there was an answer.
pub(in crate::cli) fn answer() -> Option<bool> {
    let asked = CompleteEnv::with_factory(command).var(VARIABLE).bin(NAME).completer(NAME).shells(SHELLS);
    // What is wrong with a command line that is not finished is nobody's business yet.
    match asked.try_complete(std::env::args_os(), current_folder().ok().as_deref()) {
        Ok(false) => None,
        Ok(true) => Some(true),
        Err(_) => Some(false),
    }
}

/// Writes the script of a shell, which asks the program that is on the path.
pub(super) fn script(shell: clap_complete::Shell, out: &mut Vec<u8>) -> io::Result<()> {
    let name = shell.to_string();
    let completer = SHELLS.completer(&name).ok_or_else(|| io::Error::other(format!("no script for {name}")))?;
    completer.write_registration(VARIABLE, NAME, NAME, NAME, out)
}

/// Makes the command line with what completes each value.
fn command() -> Command {
    with_candidates(Arguments::command(), "")
}

fn with_candidates(command: Command, path: &str) -> Command {
    let path = path.to_owned();
    let command = command.mut_args(|argument| match candidates(argument.get_id().as_str(), &path) {
        Some(candidates) => argument.add(candidates),
        None => argument,
    });
    command.mut_subcommands(|inner| {
        let name = inner.get_name().to_owned();
        with_candidates(inner, name.as_str())
    })
}

/// Gives what completes an argument, by its name and that of its command.
fn candidates(argument: &str, command: &str) -> Option<ArgValueCompleter> {
    let of = |values: fn(&AtHand) -> Vec<String>| {
        Some(ArgValueCompleter::new(move |word: &OsStr| {
            AtHand::find().map_or_else(Vec::new, |place| beginning(word, values(&place)))
        }))
    };
    match argument {
        "target" => of(AtHand::targets),
        "effective" | "accept" => of(AtHand::clients),
        "covering" => of(AtHand::scopes),
        "run" => of(AtHand::runs),
        "select" | "exclude" | "first" => Some(ArgValueCompleter::new(expressions)),
        "words" => Some(ArgValueCompleter::new(|word: &OsStr| beginning(word, explained()))),
        "code" => Some(ArgValueCompleter::new(|word: &OsStr| beginning(word, codes()))),
        "ignore" => {
            let names = || Ignored::known().into_iter().map(|(name, _)| name.to_owned()).collect();
            Some(ArgValueCompleter::new(move |word: &OsStr| beginning(word, names())))
        }
        "auto_approve" => {
            let names = || Action::ALL.map(|action| action.name().to_owned()).to_vec();
            Some(ArgValueCompleter::new(move |word: &OsStr| beginning(word, names())))
        }
        "output" => {
            let formats = formats(command);
            Some(ArgValueCompleter::new(move |word: &OsStr| outputs(word, formats)))
        }
        _ => None,
    }
}

/// Gives what `icsync help` tells of: topics and commands.
fn explained() -> Vec<String> {
    let commands = Arguments::command();
    let commands = commands.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name);
    // Some are both.
    let all: BTreeSet<&str> = TOPICS.iter().map(|topic| topic.name).chain(commands).collect();
    all.into_iter().map(str::to_owned).collect()
}

/// Leaves the values that begin with a word. What a shell would not take as it stands is left out: it would be put into a
/// command line unquoted.
fn beginning(word: &OsStr, values: Vec<String>) -> Vec<CompletionCandidate> {
    let word = word.to_string_lossy();
    let fits = |value: &String| value.starts_with(&*word) && shell_word(value) == *value;
    values.into_iter().filter(fits).map(CompletionCandidate::new).collect()
}

/// Completes `--select` and `--exclude`: first what is compared, then with what.
fn expressions(word: &OsStr) -> Vec<CompletionCandidate> {
    let kinds = Selector::of_each_kind();
    if !word.to_string_lossy().contains('=') {
        let kinds = kinds.iter().filter_map(|kind| kind.as_str().split_once('='));
        return beginning(word, kinds.map(|(kind, _)| format!("{kind}=")).collect());
    }
    let said =
        |place: &AtHand| place.said(|definition| kinds.iter().flat_map(|kind| kind.said_of(definition)).collect());
    AtHand::find().map_or_else(Vec::new, |place| beginning(word, said(&place)))
}

/// Completes `-o`: a format, and behind `=` a file.
fn outputs(word: &OsStr, formats: &[Format]) -> Vec<CompletionCandidate> {
    let text = word.to_string_lossy();
    match text.split_once('=') {
        Some((format, file)) => {
            let files = PathCompleter::file().stdio().complete(OsStr::new(file));
            files.into_iter().map(|one| one.add_prefix(format!("{format}="))).collect()
        }
        None => beginning(word, formats.iter().map(|format| format.name().to_owned()).collect()),
    }
}

/// The repository that the words before the cursor lead to.
struct AtHand {
    environment: Environment,
    global: Global,
    journal: Option<PathBuf>,
}

impl AtHand {
    fn find() -> Option<Self> {
        let (words, _) = joined(std::env::args_os().skip_while(|word| word != "--").skip(1).collect(), 0);
        let matches = Arguments::command().ignore_errors(true).try_get_matches_from(words).ok()?;
        let global = Global::from_arg_matches(&matches).ok()?;
        let environment = Environment::look(&global).ok()?;
        Some(Self { environment, global, journal: matches.subcommand().and_then(|(_, inner)| journal(inner)) })
    }

    fn targets(&self) -> Vec<String> {
        let (root, file) = locate(&self.environment, &self.global);
        target_names(&Folder::new(root), &file)
    }

    fn clients(&self) -> Vec<String> {
        self.said(|definition| vec![definition.name.to_string()])
    }

    fn scopes(&self) -> Vec<String> {
        self.said(|definition| vec![definition.scope.to_string()])
    }

    /// Gives what is said of the definitions, each once. Definitions with mistakes say nothing.
    fn said(&self, say: impl Fn(&Definition) -> Vec<String>) -> Vec<String> {
        let Ok(tree) = load_offline(&self.environment, &self.global) else { return Vec::new() };
        let said: BTreeSet<String> = tree.desired.clients.values().flat_map(|one| say(one)).collect();
        said.into_iter().collect()
    }

    /// Gives the runs, the last one first.
    fn runs(&self) -> Vec<String> {
        let folder = match &self.journal {
            Some(folder) => self.environment.path(folder),
            None => root(&self.environment, &self.global).join(STATE).join(RUNS),
        };
        let files = journals(&folder).unwrap_or_default();
        files.iter().rev().filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect()
    }
}

fn journal(matches: &ArgMatches) -> Option<PathBuf> {
    matches.try_get_one::<PathBuf>("journal").ok().flatten().cloned()
}

/// The script for bash and what it asks. bash breaks words at `=` and `:` (`COMP_WORDBREAKS`), so `name=desk` comes in three
/// pieces and only the last of them is replaced.
struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == self.name()
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        program: &str,
        completer: &str,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let between = format!("$'\\{BETWEEN:03o}'");
        write!(
            out,
            "_{name}() {{
    local IFS={between}
    COMPREPLY=($({INDEX}=$COMP_CWORD {variable}=bash {completer} -- \"${{COMP_WORDS[@]:0:COMP_CWORD + 1}}\" 2>/dev/null))
    if [[ ${{#COMPREPLY[@]}} -eq 1 && ${{COMPREPLY[0]}} == *[=/] ]] && type compopt >/dev/null 2>&1; then
        compopt -o nospace
    fi
}}
if [[ ${{BASH_VERSINFO[0]}} -gt 4 || ${{BASH_VERSINFO[0]}} -eq 4 && ${{BASH_VERSINFO[1]}} -ge 4 ]]; then
    complete -o bashdefault -o nosort -F _{name} {program}
else
    complete -o bashdefault -F _{name} {program}
fi
"
        )
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let index = HeardVariable::CompleteIndex.text().and_then(|index| index.parse().ok()).unwrap_or_default();
        let text = |word: Option<&OsString>| word.map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let last = text(words.get(index));
        let (words, index) = joined(words, index);
        let whole = text(words.get(index));
        let kept = if is_break(&last) { whole.len() } else { whole.len().saturating_sub(last.len()) };
        let found = complete(command, words, index, folder)?;
        let found = found.iter().map(|one| one.get_value().to_string_lossy().into_owned());
        // What is in front of the last break stays, whatever it is.
        let rest: Vec<String> = found.filter_map(|one| one.get(kept..).map(str::to_owned)).collect();
        out.write_all(rest.join(&char::from(BETWEEN).to_string()).as_bytes())
    }
}

/// The script for zsh, which adds no blank behind `name=`; what it asks is answered as clap does. As a file of `fpath` it is
/// read at the first completion, which it has to answer too.
struct Zsh;

impl EnvCompleter for Zsh {
    fn name(&self) -> &'static str {
        "zsh"
    }

    fn is(&self, name: &str) -> bool {
        name == self.name()
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        program: &str,
        completer: &str,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        write!(
            out,
            "#compdef {program}
_{name}() {{
    local -a found=(\"${{(@f)$(_CLAP_IFS=$'\\n' {INDEX}=$((CURRENT - 1)) {variable}=zsh {completer} -- \"${{words[@]}}\" 2>/dev/null)}}\")
    local -a open=(${{(M)found:#*[=/]}}) whole=(${{found:#*[=/]}})
    (( $#open )) && _describe -V values open -S ''
    (( $#whole )) && _describe -V values whole
}}
if [[ $funcstack[1] == _{name} ]]; then _{name} \"$@\"; else compdef _{name} {program}; fi
"
        )
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        env::Zsh.write_complete(command, words, folder, out)
    }
}

fn is_break(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|one| matches!(one, '=' | ':'))
}

/// Puts words together that bash broke, and follows the word at an index.
fn joined(words: Vec<OsString>, index: usize) -> (Vec<OsString>, usize) {
    let (mut whole, mut at, mut open): (Vec<OsString>, usize, bool) = (Vec::new(), index, false);
    for (number, word) in words.into_iter().enumerate() {
        let breaks = is_break(&word.to_string_lossy());
        match whole.last_mut().filter(|_| number > 1 && (open || breaks)) {
            Some(last) => last.push(&word),
            None => whole.push(word),
        }
        open = breaks;
        if number == index {
            at = whole.len() - 1;
        }
    }
    (whole, at)
}

/// Keeps the arguments that take a file from being taken for something else.
#[cfg(test)]
fn is_file(argument: &Arg) -> bool {
    argument.get_value_hint() == clap::ValueHint::AnyPath
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn words_that_bash_broke_are_put_together() {
        let broken = words(&["icsync", "plan", "--select", "name", "=", "su"]);
        assert_eq!(joined(broken, 5), (words(&["icsync", "plan", "--select", "name=su"]), 3));
        let begun = words(&["icsync", "plan", "--output", "=", "json", "="]);
        assert_eq!(joined(begun, 5), (words(&["icsync", "plan", "--output=json="]), 2));
        let plain = words(&["icsync", "plan", "-o", ""]);
        assert_eq!(joined(plain.clone(), 3), (plain, 3));
    }

    #[test]
    fn what_a_shell_would_obey_is_no_candidate() {
        let values = ["prod", "$(reboot)", "p\u{1b}[31m", "a b", "`x`"].map(str::to_owned).to_vec();
        let found = beginning(OsStr::new(""), values);
        assert_eq!(found.iter().map(CompletionCandidate::get_value).collect::<Vec<_>>(), ["prod"]);
    }

    #[test]
    fn every_argument_is_completed_or_takes_what_only_a_person_knows() {
        let mut open = BTreeSet::new();
        let mut look = |command: &Command| {
            for argument in command.get_arguments().filter(|one| one.get_action().takes_values()) {
                let known = argument.get::<ArgValueCompleter>().is_some()
                    || !argument.get_possible_values().is_empty()
                    || is_file(argument);
                if !known {
                    open.insert(argument.get_id().to_string());
                }
            }
        };
        let command = command();
        look(&command);
        for inner in command.get_subcommands() {
            look(inner);
            inner.get_subcommands().for_each(&mut look);
        }
        let open: Vec<_> = open.iter().map(String::as_str).collect();
        let persons = [
            "base",
            "changes",
            "deletes",
            "dialect",
            "expect",
            "follow",
            "from",
            "head",
            "host",
            "interval",
            "jitter",
            "listen",
            "notify",
            "notify_key",
            "parallelism",
            "pause",
            "sensitive_at",
            "sha256",
            "shard",
            "since",
            "steps",
            "stop_after",
            "url",
            "vanished",
            "waves",
        ];
        assert_eq!(open, persons);
    }
}
