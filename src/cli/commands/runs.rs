//! `icsync runs`: lists journals, what each run did, and any that ended in doubt; or shows one run in detail.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::apply::{History, Settlement};
use crate::cli::args::{Global, RunsArguments};
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::past_runs::{history, journals};
use crate::cli::plan_key::STATE;
use crate::cli::planning::RUNS;
use crate::cli::repository::root;
use crate::document::{self, RunDetailV1, RunV1, RunsV1, UnreadableJournalV1};
use crate::report::{Format, runs};

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &RunsArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let folder = match &arguments.journal {
        Some(folder) => environment.path(folder),
        None => root(environment, global).join(STATE).join(RUNS),
    };
    match &arguments.run {
        Some(run) => show((&folder, arguments.journal.as_ref()), run, sink)?,
        // Where nothing was ever applied there is no folder yet; one that is named and not there is a slip.
        None if arguments.journal.is_some() && !folder.is_dir() => return Err(CommandError::NoFolder(folder).into()),
        None => list(&folder, sink)?,
    }
    Ok(Exit::Done)
}

fn list(folder: &Path, sink: &Sink<'_>) -> Result<(), Failure> {
    let mut document = RunsV1::default();
    for file in journals(folder)? {
        match History::read(&file) {
            Ok(history) => document.runs.push(RunV1::new(&history, &Settlement::read(&file))),
            Err(error) => document.unreadable.push(UnreadableJournalV1 {
                file: file.file_name().unwrap_or_default().to_string_lossy().escape_debug().to_string(),
                reason: error.to_string(),
            }),
        }
    }
    // The names of runs are as fine as a second.
    document.runs.sort_by_cached_key(|run| (run.started.parse::<Timestamp>().ok(), run.run.clone()));
    sink.render(|format, out, style| match format {
        Format::Json => document::write(out, &document),
        _ => runs::text(out, &document, style.width),
    })
}

fn show(place: (&Path, Option<&PathBuf>), run: &str, sink: &Sink<'_>) -> Result<(), Failure> {
    let (history, file) = history(place, run)?;
    let document = RunDetailV1::new(&history, &Settlement::read(&file));
    sink.render(|format, out, style| match format {
        Format::Json => document::write(out, &document),
        _ => runs::detail(out, &document, style.width),
    })
}
