//! `icsync runs`: lists journals, what each run did, and any that ended in doubt.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::apply::{self, History};
use crate::cli::args::{Global, RunsArguments};
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::root;
use crate::document::{self, RunStateV1, RunV1, RunsV1, UnreadableJournalV1};
use crate::report::Format;
use crate::text::visible;

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &RunsArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let folder = match &arguments.journal {
        Some(folder) => environment.path(folder),
        None => root(environment, global).join(".icsync/runs"),
    };
    let mut document = RunsV1::default();
    for file in journals(&folder)? {
        match History::read(&file) {
            Ok(history) => document.runs.push(RunV1::from(&history)),
            Err(error) => document.unreadable.push(UnreadableJournalV1 {
                file: file.file_name().unwrap_or_default().to_string_lossy().escape_debug().to_string(),
                reason: error.to_string(),
            }),
        }
    }
    sink.render(|format, out, _| match format {
        Format::Json => document::write(out, &document),
        _ => text(out, &document),
    })?;
    Ok(Exit::Done)
}

fn journals(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::file("list", folder, error)),
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    Ok(files)
}

/// Gives the run, and when it began, that applied a saved plan with this digest; the last one, if there are several.
pub(super) fn of_plan(folder: &Path, digest: &str) -> Option<String> {
    let histories = journals(folder).ok()?.into_iter().rev().filter_map(|file| History::read(&file).ok());
    let mut runs = histories.map(|history| history.run).filter(|run| run.plan.as_deref() == Some(digest));
    runs.next().map(|run| run.run)
}

/// What a run of a moment ago may still do.
pub(super) struct OpenRun {
    pub run: String,
    /// How long it may take until that shows.
    pub wait: Duration,
}

/// Finds the run that ended in doubt less than `patience` ago, the last of several: what it sent may still be carried out.
pub(super) fn still_open(folder: &Path, patience: Duration) -> Option<OpenRun> {
    let files = journals(folder).ok()?;
    let mut recent: Vec<(Duration, PathBuf)> =
        files.into_iter().filter_map(|file| Some((patience.checked_sub(age(&file)?)?, file))).collect();
    recent.sort();
    recent.into_iter().rev().find_map(|(wait, file)| {
        let history = History::read(&file).ok().filter(|history| !history.doubtful().is_empty())?;
        Some(OpenRun { run: history.run.run, wait })
    })
}

/// Finds runs that are at work now on this machine.
pub(super) fn active(folder: &Path) -> Vec<String> {
    let files = journals(folder).unwrap_or_default().into_iter().filter(|file| apply::is_being_written(file));
    files.filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect()
}

/// Gives how long ago the last record was written: when the last answer came, or before the run was killed.
fn age(journal: &Path) -> Option<Duration> {
    journal.metadata().ok()?.modified().ok()?.elapsed().ok()
}

fn text(out: &mut Vec<u8>, document: &RunsV1) -> std::io::Result<()> {
    let RunsV1 { format_version: _, runs, unreadable } = document;
    if runs.is_empty() && unreadable.is_empty() {
        return writeln!(out, "No runs.");
    }
    for run in runs {
        let outcomes: Vec<_> = run.outcomes.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let outcomes = if outcomes.is_empty() { "nothing done".to_owned() } else { outcomes.join(", ") };
        let rollback = run.rollback_of.as_ref().map(|of| format!(" · rolls back {of}")).unwrap_or_default();
        let target = visible(&run.target);
        let state = match run.state {
            RunStateV1::Ended => "ended",
            RunStateV1::Interrupted => "interrupted",
            RunStateV1::Killed => "killed",
        };
        let steps = if run.steps == 1 { "1 step".to_owned() } else { format!("{} steps", run.steps) };
        writeln!(out, "{}  {target}  {state}, {steps}: {outcomes}{}", visible(&run.run), visible(&rollback))?;
        if !run.in_doubt.is_empty() {
            let steps: Vec<_> = run.in_doubt.iter().map(ToString::to_string).collect();
            writeln!(out, "    in doubt: step {}; `icsync plan` reads what is there now", steps.join(", "))?;
        }
        if run.left_out_sensitive > 0 {
            writeln!(
                out,
                "    {} sensitive values were left out of the journal: a rollback cannot restore them",
                run.left_out_sensitive
            )?;
        }
        if let Some(line) = run.corrupt_line {
            writeln!(out, "    damaged: line {line} of its journal does not fit; what stands before it is true")?;
        }
    }
    for unreadable in unreadable {
        writeln!(out, "{}  cannot be read: {}", unreadable.file, unreadable.reason)?;
    }
    Ok(())
}
