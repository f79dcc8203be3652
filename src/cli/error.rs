//! Everything that a command can fail with: its own refusals, and each error of the library once.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::plan_error::SavedPlanError;
use crate::api::{ApiError, ConnectError};
use crate::apply::HistoryError;
use crate::diagnostic::Diagnostic;
use crate::git::{HistoryExtent, RevisionError};
use crate::manifest::SecretError;
use crate::model::ServerUrlError;
use crate::plan::PlanTooLarge;
use crate::report::{self, Format};
use crate::sandbox::{DialectError, FaultError, SandboxError, StoreError};
use crate::text::{self, shell_word};
use crate::watch::WatchError;

/// Why a command could not do its work. What it exits with is decided beside the exit codes.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// What the parser of the command line says.
    #[error("{text}")]
    CommandLine { text: String, tip: Option<String> },
    #[error("`{}` is not a folder", text::path(.0))]
    NoFolder(PathBuf),
    /// What is wrong with `-` in the place of a file, and what to do.
    #[error("{what}")]
    WrongUse { what: &'static str, help: &'static str },
    #[error("this is no server: {0}")]
    NoServer(String),
    #[error("two documents would be written to {0}")]
    SamePlace(String),
    #[error("`{}` is not a code", code.escape_debug())]
    UnknownCode { code: String },
    #[error("there is neither a topic nor a command {}", text::quote(name))]
    UnknownTopic { name: String, near: Option<String> },
    #[error("`{}` fits no definition{}", text::visible(text), if *live { " and no live client of the boundary" } else { "" })]
    NothingFits { text: String, near: Option<String>, live: bool },
    #[error("{0} is not a loopback address")]
    NoLoopback(SocketAddr),
    /// A command that could also be given an estate.
    #[error("the target `{0}` is not a sandbox")]
    NoEstate(String),
    #[error("the target `{0}` is not a sandbox")]
    NoSandbox(String),
    #[error("`{command}` writes {}, not {format}", report::names(offered))]
    OtherFormat { command: &'static str, format: Format, offered: &'static [Format] },
    #[error(transparent)]
    DialectOption(DialectError),

    #[error("{}", invalid(diagnostics, revision.as_deref()))]
    Invalid { diagnostics: Vec<Diagnostic>, revision: Option<String> },
    #[error("neither `{base}` nor `{head}` has a configuration here")]
    NoConfiguration { base: String, head: String },
    #[error(transparent)]
    PlanKey(#[from] PlanKeyError),
    #[error("`{}` is not UTF-8", text::path(path))]
    NotUtf8 { path: PathBuf, source: std::string::FromUtf8Error },
    #[error("`{}` is not text in UTF-8", text::path(.0))]
    NotText(PathBuf),
    #[error(transparent)]
    Faults(#[from] FaultError),
    #[error(transparent)]
    DialectOfTarget(DialectError),

    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A secret that an option names; the help names the option.
    #[error("{error}")]
    SecretOfOption { error: SecretError, help: &'static str },
    #[error(transparent)]
    Revision(#[from] RevisionError),
    #[error(transparent)]
    Watch(#[from] WatchError),

    #[error("{} {} for approval, and there is no terminal to ask on", text::counted(*steps, "step"), if *steps == 1 { "waits" } else { "wait" })]
    NoTerminal { steps: usize },
    #[error(transparent)]
    Rollout(#[from] RolloutError),
    #[error("the answer cannot be read")]
    NoAnswer(#[source] io::Error),
    #[error("not approved: nothing was written")]
    NotApproved,
    #[error(transparent)]
    PlanTooLarge(#[from] PlanTooLarge),
    /// The guard's findings and their help.
    #[error("refused, nothing was written: {message}")]
    Guard { message: String, help: String },

    #[error(transparent)]
    SavedPlan(Box<SavedPlanError>),

    #[error("the run was against {url}, and this target is {}", target.1)]
    RunOnOtherTarget { url: String, name: String, target: (String, String) },
    /// In a folder that an option chose, if one did.
    #[error("there is no run `{}` in `{}`", run.escape_debug(), text::path(folder))]
    NoRun { run: String, folder: PathBuf, chosen: Option<PathBuf> },
    #[error("the journal of `{run}` cannot be used")]
    UnusableJournal { run: String, source: HistoryError },
    #[error("the journal of `{run}` is damaged from line {line} on: what the run did behind it is not known")]
    DamagedJournal { run: String, line: usize },
    #[error("cannot create a journal in `{}`", text::path(folder))]
    NoJournal { folder: PathBuf, source: io::Error },

    #[error("no definition is named {}", text::quote(name))]
    NoClient { name: String, near: Option<String> },
    #[error("the export would not say what is live: {what}")]
    UntrueExport { what: String, diagnostics: Vec<Diagnostic> },
    #[error("no user in `{0}` has an `api_key`")]
    NoApiKey(String),
    #[error(transparent)]
    Url(#[from] ServerUrlError),
    #[error("the sandbox cannot be started")]
    Sandbox(#[from] SandboxError),
    #[error("`sandbox.data` leads out of the repository: `{}`", text::path(.0))]
    StoreOutside(PathBuf),
    #[error("the store cannot be emptied")]
    Store(#[from] StoreError),
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the runtime cannot be started")]
    Runtime(#[source] io::Error),
    #[error("the current folder cannot be read")]
    CurrentFolder(#[source] io::Error),
    #[error("cannot {verb} `{}`", text::path(path))]
    File { verb: &'static str, path: PathBuf, source: io::Error },
    /// A file that the target names.
    #[error("cannot read `{}`", text::path(path))]
    CaFile { path: PathBuf, source: io::Error },
    #[error("the result cannot be written")]
    Output(#[from] io::Error),
    /// In a folder that an option chose, if one did.
    #[error(
        "run {} is left in doubt: {} had been sent and not settled when the time was over",
        text::visible(run),
        numbers(steps)
    )]
    LeftInDoubt { run: String, steps: Vec<usize>, folder: Option<PathBuf> },
    #[error("interrupted: nothing was written")]
    Interrupted,
}

/// Why there is no key of plans.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanKeyError {
    #[error("ICSYNC_PLAN_KEY is set and empty")]
    Empty,
    #[error("ICSYNC_PLAN_KEY is set to what is not text in UTF-8")]
    NotText,
    #[error("the key of digests of sensitive values cannot be kept in `{}`", text::path(path))]
    NotKept { path: PathBuf, source: io::Error },
}

/// Why a plan cannot be applied in this way.
#[derive(Debug, thiserror::Error)]
pub(super) enum RolloutError {
    #[error("the plan has {}, and none is number {number}", text::counted(*steps, "step"))]
    UnknownStep { number: u64, steps: usize },
    #[error("no step of the plan is chosen")]
    NothingChosen,
    #[error("each wave waits for a word, and there is no terminal to ask on")]
    NobodyToAsk,
}

impl RolloutError {
    /// Says what to do next.
    fn help(&self) -> &'static str {
        match self {
            Self::UnknownStep { .. } | Self::NothingChosen => "`icsync show PLAN` numbers its steps",
            Self::NobodyToAsk => "give a time, such as `--pause 10m`, or run it on a terminal",
        }
    }
}

impl PlanKeyError {
    /// Says what to do next.
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Empty => "give it the key, or unset it; a missing secret of CI reads as empty",
            Self::NotText => "give it a key of text, such as `openssl rand -hex 32` makes",
            Self::NotKept { .. } => "set ICSYNC_PLAN_KEY, and no key is kept",
        }
    }
}

const NO_TERMINAL: &str = "look at the plan, then run `icsync apply --auto-approve`, or save one with `icsync plan --out FILE` and apply that";
const OPTIONS_OF_PLAN: &str = "give --shard, --prune, --since, --max-deletes, --max-changes and --max-vanished to the command that saves it: \
     `icsync plan --out FILE`, or `icsync rollback RUN --out FILE`";
const SELECTION_OF_PLAN: &str = "give --select and --exclude to the command that saves it, `icsync plan --out FILE`, or to `icsync apply FILE`, which \
     applies that part";
const STORE: &str =
    "if it is a store that was cut off, remove the file: the next run starts from the estate; else name another one";
const NOTHING_FITS: &str = "`icsync list` names every definition, and `icsync plan` counts the live clients";

impl From<SavedPlanError> for CommandError {
    fn from(error: SavedPlanError) -> Self {
        Self::SavedPlan(Box::new(error))
    }
}

impl CommandError {
    /// What brings its own options is given others.
    pub(super) const OPTIONS_OF_SAVED_PLAN: Self =
        Self::WrongUse { what: "a saved plan brings its own options", help: OPTIONS_OF_PLAN };

    /// A whole plan is checked.
    pub(super) const SELECTION_OF_SAVED_PLAN: Self =
        Self::WrongUse { what: "a saved plan is checked as a whole", help: SELECTION_OF_PLAN };

    /// Says what to do next.
    pub(super) fn help(&self) -> Option<String> {
        Some(match self {
            Self::NothingFits { text: _, near: Some(near), live: _ } => {
                format!("did you mean `{}`?", text::visible(near))
            }
            Self::CommandLine { text: _, tip: Some(tip) } => tip.clone(),
            Self::UnknownTopic { name: _, near: Some(near) } => format!("did you mean `icsync help {near}`?"),
            Self::SavedPlan(error) => return error.help(),
            Self::RunOnOtherTarget { url: _, name, target: (now, _) } if name == now => {
                "the `url` of this target was another one then: a run can only be turned back on the server that it was on".to_owned()
            }
            Self::RunOnOtherTarget { url: _, name, target: _ } => {
                format!("choose the run's target with --target {}", shell_word(name))
            }
            Self::NoRun { run: _, folder: _, chosen } => format!("`icsync runs{}` lists them", journal_option(chosen.as_ref())),
            Self::LeftInDoubt { run, steps: _, folder } => format!(
                "run `icsync runs {}{}`: it names what was written; the next round, or `icsync plan` in a while, reads what is there by then",
                text::visible(run),
                journal_option(folder.as_ref())
            ),
            Self::DamagedJournal { run: _, line } => format!(
                "without the lines from {line} on it rolls back what stands before them: keep a copy of the file"
            ),
            Self::NoClient { name: _, near: Some(near) } => format!("did you mean `{near}`?"),
            Self::Guard { message: _, help } => help.clone(),
            other => return other.fixed_help().map(str::to_owned),
        })
    }

    // Of those that give none the first five say it in words of their own, and the rest says all there is to say.
    fn fixed_help(&self) -> Option<&'static str> {
        Some(match self {
            Self::SamePlace(_) => "give each its own place: `-o json -o markdown=plan.md`",
            Self::WrongUse { what: _, help } | Self::SecretOfOption { error: _, help } => help,
            Self::NoLoopback(_) => "the sandbox is for this machine only: listen on 127.0.0.1",
            Self::NoEstate(_) => "name the estate with --estate FILE",
            Self::NoSandbox(_) => "name a target that is one with --target NAME: `targets` in icsync.yaml lists them",
            Self::NoConfiguration { .. } => "say where icsync.yaml is with `-C DIR` or `--config FILE`",
            Self::PlanKey(error) => error.help(),
            Self::Api(error) => error.help(),
            Self::Connect(error) => error.help(),
            Self::Secret(_) => "`auth` in icsync.yaml says where the secret comes from",
            Self::Revision(error) => help_for_revision(error),
            Self::Watch(error) => error.help(),
            Self::PlanTooLarge(_) => PlanTooLarge::HELP,
            Self::NoTerminal { .. } => NO_TERMINAL,
            Self::Rollout(error) => error.help(),
            Self::NothingFits { .. } => NOTHING_FITS,
            Self::UnknownTopic { .. } => "`icsync help` lists both",
            Self::NoJournal { .. } => "nothing was written; choose a folder with --journal DIR",
            Self::NoClient { .. } => "`icsync list` names every client",
            Self::UntrueExport { .. } => "nothing was written; leave it out with `--exclude`, and report this as a bug",
            Self::CaFile { .. } => "`ca_file` in icsync.yaml names this file",
            Self::Store(_) => STORE,
            Self::StoreOutside(_) => "write a path below the folder of icsync.yaml, or an absolute one",
            Self::NoApiKey(_) => "give a user of the estate one, for example `api_key: sandbox-key`",
            Self::UnknownCode { .. } => "`icsync explain` lists all codes, those of the API too",
            Self::SavedPlan(_)
            | Self::RunOnOtherTarget { .. }
            | Self::NoRun { .. }
            | Self::LeftInDoubt { .. }
            | Self::DamagedJournal { .. }
            | Self::Guard { .. }
            | Self::CommandLine { .. }
            | Self::NoFolder(_)
            | Self::NoServer(_)
            | Self::OtherFormat { .. }
            | Self::DialectOption(_)
            | Self::Invalid { .. }
            | Self::NotUtf8 { .. }
            | Self::NotText(_)
            | Self::Faults(_)
            | Self::DialectOfTarget(_)
            | Self::NoAnswer(_)
            | Self::NotApproved
            | Self::UnusableJournal { .. }
            | Self::Url(_)
            | Self::Sandbox(_)
            | Self::Listen { .. }
            | Self::Runtime(_)
            | Self::CurrentFolder(_)
            | Self::File { .. }
            | Self::Output(_)
            | Self::Interrupted => return None,
        })
    }
}

/// Gives the option that leads to the journals where they were asked for.
fn journal_option(chosen: Option<&PathBuf>) -> String {
    let option = chosen.map(|chosen| format!(" --journal {}", shell_word(&chosen.to_string_lossy())));
    option.unwrap_or_default()
}

/// So many steps are named.
const MOST_STEPS: usize = 10;

fn numbers(steps: &[usize]) -> String {
    let named: Vec<String> = steps.iter().take(MOST_STEPS).map(ToString::to_string).collect();
    let more = if steps.len() > MOST_STEPS { ", …" } else { "" };
    format!("step{} {}{more}", if steps.len() == 1 { "" } else { "s" }, named.join(", "))
}

fn help_for_revision(error: &RevisionError) -> &'static str {
    match error {
        RevisionError::NoGit(_) => "install git, or put it on the PATH",
        RevisionError::NoRepository { .. } => "run it where the definitions are kept in git",
        RevisionError::NoMergeBase(_) => {
            "fetch more of the history (`git fetch --unshallow`, or `fetch-depth: 0` in CI), or name the revision: `icsync diff BASE`"
        }
        RevisionError::Unknown { extent: HistoryExtent::Shallow, .. } => {
            "the clone is shallow: fetch more of the history (`git fetch --unshallow`, or `fetch-depth: 0` in CI)"
        }
        RevisionError::Unknown { extent: HistoryExtent::Empty, .. } => {
            "nothing is committed yet: `git add --all` and `git commit` make the first commit"
        }
        RevisionError::Unknown { extent: HistoryExtent::Whole, .. } => {
            "`git log` and `git branch --all` show what there is"
        }
        RevisionError::TooLarge(_) => "keep definitions in a repository of their own",
        RevisionError::Git(_) => "`git fsck` tells whether the repository is whole",
    }
}

fn invalid(diagnostics: &[Diagnostic], revision: Option<&str>) -> String {
    let lead = revision.map(|name| format!("at `{name}` ")).unwrap_or_default();
    match diagnostics.iter().filter(|one| one.is_error()).count() {
        1 => format!("{lead}the configuration or a definition is invalid"),
        several => format!("{lead}the configuration or definitions are invalid: {several} errors"),
    }
}
