//! The command line. Names here are fixed: scripts of users depend on them.

mod accept;
mod export;
mod help;
mod init;
mod keys;
mod limits;
mod list;
mod rollout;
mod sandbox;
mod schema;
mod values;
mod watch;

use std::path::PathBuf;
use std::str::FromStr as _;

use crate::model::{Parallelism, Scope, Shard};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::drift::Ignored;
use crate::plan::Action;
use crate::text::shell_word;
pub(super) use accept::AcceptArguments;
pub(super) use export::{ExportArguments, SensitiveWritten};
pub(super) use help::{CompletionsArguments, ExplainArguments, HelpArguments, ManArguments};
pub(super) use init::{CiHost, InitArguments, parse_server};
pub(super) use keys::KeysArguments;
pub(super) use limits::LimitArguments;
pub(super) use list::ListArguments;
pub(super) use rollout::{RolloutArguments, StepList, WaveArguments};
use rollout::{parse_action, parse_steps};
pub(super) use sandbox::{SandboxCommand, ServeArguments};
pub(super) use schema::{SchemaArguments, SchemaDocument};
pub(super) use values::{Output, Selected, is_stream};
use values::{parse_selector, parse_steps_digest};
pub(super) use watch::{Receiver, WatchArguments};

/// The version, and where it is known the commit and its date: `0.1.0 (3f2a41c09d7e 2026-11-24)`.
const VERSION: &str = env!("ICSYNC_VERSION");

/// Keeps the integrator clients of an Akixi CCS service as YAML in git.
#[derive(Debug, Parser)]
#[command(name = "icsync", version = VERSION, propagate_version = true, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "The manual is in the program: `icsync help` lists its pages, `icsync help start` is the first of them."
)]
pub(super) struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// The configuration [default: icsync.yaml here, or in a folder above in the same git repository]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The server to talk to, by its name in `targets` [default: `default_target`]
    #[arg(long, value_name = "NAME", env = "ICSYNC_TARGET", global = true)]
    pub target: Option<String>,
    /// Treat warnings as errors
    #[arg(long, global = true)]
    pub strict: bool,
    /// Say on stderr only what went wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log each request on stderr; twice for connections and the names of headers too
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// The form of every line on stderr
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, global = true)]
    pub log_format: LogFormat,
    /// Whether to colour text; `NO_COLOR` is honoured
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: ColorWhen,
    /// Whether to show progress on stderr
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub progress: ProgressWhen,
}

impl Global {
    /// Writes the options that lead another command to the same place.
    pub(super) fn same_place(&self) -> String {
        let Self {
            directory,
            config,
            target: _,
            strict: _,
            quiet: _,
            verbose: _,
            log_format: _,
            color: _,
            progress: _,
        } = self;
        let directory = directory.as_ref().map(|path| format!(" -C {}", shell_word(&path.to_string_lossy())));
        let config = config.as_ref().map(|path| format!(" --config {}", shell_word(&path.to_string_lossy())));
        let target = self.target().map(|name| format!(" --target {}", shell_word(name)));
        [directory, config, target].into_iter().flatten().collect()
    }

    /// Gives the target that is named; an empty name, as CI sets variables that have no value, names none.
    pub(super) fn target(&self) -> Option<&str> {
        self.target.as_deref().filter(|name| !name.is_empty())
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Whether to colour text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether to show progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ProgressWhen {
    /// On a terminal as a line that is drawn again, elsewhere as a line every ten seconds.
    #[default]
    Auto,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start a repository: a configuration, an example, schemas, recipes for CI
    Init(InitArguments),
    /// Check the configuration and every definition
    Validate(ValidateArguments),
    /// List the definitions with their scopes, files and profiles; needs no server
    List(ListArguments),
    /// List every policy and setting key of the definitions and the live clients; keep the catalogue
    Keys(KeysArguments),
    /// Lay out the YAML: keys in one order, two columns a level, comments kept
    Fmt(FmtArguments),
    /// Read both sides and show what `apply` would do; writes nothing
    Plan(PlanArguments),
    /// Apply a saved plan, or plan, ask and apply
    Apply(ApplyArguments),
    /// Show a saved plan, one client after profiles, fleets and variables, or what covers a device
    Show(ShowArguments),
    /// Show where live and git disagree; exits with 2 if they do
    Drift(DriftArguments),
    /// Compare the definitions of two git revisions; needs no server and no secrets
    Diff(DiffArguments),
    /// Write definitions, ids pinned, for live clients that git does not define
    Export(ExportArguments),
    /// Write the ids of live clients into the definitions that they are bound to
    Pin(PinArguments),
    /// Show what a run changed, turned back: a plan from its journal
    Rollback(RollbackArguments),
    /// List what each run did, and any that ended in doubt; show one in detail
    Runs(RunsArguments),
    /// Compare live and git for ever, or apply what differs; serves metrics, health and a status page
    Watch(WatchArguments),
    /// Run or empty the embedded server
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Print the JSON Schema of a document
    Schema(SchemaArguments),
    /// Explain the code of a diagnostic or of the API
    Explain(ExplainArguments),
    /// Show a page of the manual, or the help of a command; without either, list both
    Help(HelpArguments),
    /// Print the completion script of a shell
    Completions(CompletionsArguments),
    /// Write manual pages into a folder
    Man(ManArguments),
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub(super) struct ValidateArguments {
    /// Write the result as FORMAT (text, json, markdown, html, junit, sarif, github), to FILE or to stdout; repeatable
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    pub output: Vec<Output>,
}

/// Arguments of `fmt`.
#[derive(Debug, Args)]
pub(super) struct FmtArguments {
    /// Only show what would change, as a diff; exits with 2 if something would
    #[arg(long)]
    pub check: bool,
    /// Only these files [default: the configuration and all definitions]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Which clients a command is about.
#[derive(Debug, Args, Default)]
pub(super) struct SelectArguments {
    /// Only these: name=GLOB, telsys=N, partition=N, device=GLOB or profile=NAME; repeatable
    #[arg(long, value_name = "EXPR", value_parser = parse_selector)]
    pub select: Vec<Selected>,
    /// Not these
    #[arg(long, value_name = "EXPR", value_parser = parse_selector)]
    pub exclude: Vec<Selected>,
}

/// Options that shape a plan.
#[derive(Debug, Args, Default)]
pub(super) struct ShapeArguments {
    /// Which clients.
    #[command(flatten)]
    pub select: SelectArguments,
    /// Only the telephony servers of part I of N, from 0 to N-1: all parts together are the whole; limits hold for each part
    #[arg(long, value_name = "I/N", value_parser = Shard::from_str)]
    pub shard: Option<Shard>,
    /// Delete live clients in the boundary that git does not define
    #[arg(long, overrides_with = "no_prune")]
    pub prune: bool,
    /// Report them only
    #[arg(long, overrides_with = "prune")]
    pub no_prune: bool,
    /// How much it may do.
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Write what the server does not show where git changed it since this revision
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// At most this many requests at the same time, or `auto`
    #[arg(long, value_name = "N", value_parser = Parallelism::from_str)]
    pub parallelism: Option<Parallelism>,
}

/// Options of everything that shows a plan.
#[derive(Debug, Args, Default)]
pub(super) struct RenderArguments {
    /// Write the result as FORMAT (text, json, markdown, html, junit, sarif, github; a plan also gitlab), to FILE or to stdout; repeatable
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    pub output: Vec<Output>,
    /// Spell out grouped changes
    #[arg(long)]
    pub full: bool,
    /// In text, one line for each client
    #[arg(long, conflicts_with = "full")]
    pub brief: bool,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    /// What shapes the plan.
    #[command(flatten)]
    pub shape: ShapeArguments,
    /// How it is shown.
    #[command(flatten)]
    pub render: RenderArguments,
    /// In which waves it would be applied.
    #[command(flatten)]
    pub waves: WaveArguments,
    /// Save the plan for `apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Hide what this revision calls sensitive too, also where the tree at hand does not any more
    #[arg(long, value_name = "REV")]
    pub sensitive_at: Option<String>,
    /// Plan as this saved plan was planned, and exit with 6 unless the same would be done
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub check: Option<PathBuf>,
    /// Exit with 2 when there are changes, or clients that are blocked or not compared
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// Arguments of `drift`.
#[derive(Debug, Args)]
pub(super) struct DriftArguments {
    /// Which clients.
    #[command(flatten)]
    pub select: SelectArguments,
    /// Only the telephony servers of part I of N, from 0 to N-1: all parts together are the whole; limits hold for each part
    #[arg(long, value_name = "I/N", value_parser = Shard::from_str)]
    pub shard: Option<Shard>,
    /// How it is shown.
    #[command(flatten)]
    pub render: RenderArguments,
    /// Tell what changed on the server from what changed in git since this revision
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Exit with 0 in spite of these: drifted, pending, conflict, missing, `not_compared`, blocked, unmanaged; repeatable
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub ignore: Vec<Ignored>,
    /// What is taken over.
    #[command(flatten)]
    pub accepting: AcceptArguments,
    /// At most this many requests at the same time, or `auto`
    #[arg(long, value_name = "N", value_parser = Parallelism::from_str)]
    pub parallelism: Option<Parallelism>,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The one revision [default: where the branch left its upstream, else HEAD]
    #[arg(value_name = "BASE")]
    pub base: Option<String>,
    /// The other [default: the working tree]
    #[arg(value_name = "HEAD")]
    pub head: Option<String>,
    /// Which clients.
    #[command(flatten)]
    pub select: SelectArguments,
    /// How it is shown.
    #[command(flatten)]
    pub render: RenderArguments,
    /// Exit with 2 when there are differences
    #[arg(long)]
    pub exit_code: bool,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    /// A plan that `plan --out` saved
    #[arg(value_name = "PLAN")]
    pub plan: Option<PathBuf>,
    /// What shapes the plan.
    #[command(flatten)]
    pub shape: ShapeArguments,
    /// How it is shown.
    #[command(flatten)]
    pub render: RenderArguments,
    /// Do not ask; with add, change, replace or delete after `=`, several with commas, only steps of these kinds are done
    #[arg(long, value_name = "ACTIONS", num_args = 0.., require_equals = true, value_delimiter = ',', value_parser = parse_action)]
    pub auto_approve: Option<Vec<Action>>,
    /// Only these steps of a saved plan, by their numbers such as 1-20,35, and what they wait for
    #[arg(long, value_name = "LIST", value_parser = parse_steps, requires = "plan")]
    pub steps: Option<StepList>,
    /// In which waves.
    #[command(flatten)]
    pub rollout: RolloutArguments,
    /// Do not ask, and apply only what has this `steps_digest`, as `plan -o json` gives it
    #[arg(long, value_name = "DIGEST", value_parser = parse_steps_digest)]
    pub expect: Option<String>,
    /// Try every step, also when the first are all refused with the same answer
    #[arg(long)]
    pub keep_going: bool,
    /// Keep the journal of the run here [default: .icsync/runs]
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// Find the journal of the run that a saved rollback turns back here [default: where --journal is]
    #[arg(long, value_name = "DIR", requires = "plan")]
    pub rollback_journal: Option<PathBuf>,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The saved plan
    #[arg(value_name = "PLAN", required_unless_present_any = ["effective", "covering"])]
    pub plan: Option<PathBuf>,
    /// One client as the definitions say it, with the line that says each value; as text or json
    #[arg(long, value_name = "NAME", conflicts_with = "plan")]
    pub effective: Option<String>,
    /// Every client whose scope covers TELSYS[/PARTITION[/DEVICE]], key by level, with --target the live ones too; as text or json
    #[arg(long, value_name = "SCOPE", conflicts_with_all = ["plan", "effective"])]
    pub covering: Option<Scope>,
    /// How it is shown.
    #[command(flatten)]
    pub render: RenderArguments,
}

/// Arguments of `pin`.
#[derive(Debug, Args)]
pub(super) struct PinArguments {
    /// Which clients.
    #[command(flatten)]
    pub select: SelectArguments,
}

/// Arguments of `rollback`.
#[derive(Debug, Args)]
pub(super) struct RollbackArguments {
    /// The run, as `icsync runs` names it
    #[arg(value_name = "RUN")]
    pub run: String,
    /// How it is shown.
    #[command(flatten)]
    pub render: RenderArguments,
    /// Save the plan for `apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How much it may do.
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Where the journal is [default: .icsync/runs]
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub(super) struct RunsArguments {
    /// One run in detail, as the list names it [default: all runs are listed]
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Where the journals are [default: .icsync/runs]
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// Write the result as FORMAT (text, json), to FILE or to stdout; repeatable
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    pub output: Vec<Output>,
}
