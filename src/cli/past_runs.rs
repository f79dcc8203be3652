//! The journals of earlier runs: which there are, what is still open, and what a new reading settles.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::environment::{FileAccess, now, write};
use super::error::CommandError;
use super::failure::Failure;
use crate::apply::{self, History, HistoryError, RunRecord, Settlement};
use crate::document::RunDetailV1;
use crate::model::{ClientId, Live, Policy};
use crate::plan::touched_clients;

/// So many of the last runs are looked at by whoever reads the live side anew. Older ones were looked at when they were the last.
const MOST_LOOKED_AT: usize = 10;

/// Gives the journals of a folder, the oldest first.
pub(super) fn journals(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
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

/// Reads the journal of a run in a folder, which an option chose or not. Gives its file too.
pub(super) fn history((folder, chosen): (&Path, Option<&PathBuf>), run: &str) -> Result<(History, PathBuf), Failure> {
    let name_is_plain = run.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let unknown = || {
        let (run, folder, chosen) = (run.to_owned(), folder.to_owned(), chosen.cloned());
        Failure::from(CommandError::NoRun { run, folder, chosen })
    };
    if !name_is_plain || run.is_empty() {
        return Err(unknown());
    }
    let file = folder.join(format!("{run}.jsonl"));
    let history = History::read(&file).map_err(|error| match error {
        HistoryError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => unknown(),
        source => CommandError::UnusableJournal { run: run.to_owned(), source }.into(),
    })?;
    Ok((history, file))
}

/// The runs that applied a saved plan, or parts of it.
#[derive(Debug, Default)]
pub(super) struct RunsOfPlan {
    pub runs: Vec<String>,
    /// The numbers of the steps that they applied.
    pub applied: BTreeSet<u64>,
    /// The runs that turned one of them back.
    pub turned_back_by: Vec<String>,
}

/// Finds the runs that applied steps of a saved plan with this digest.
pub(super) fn of_plan(folder: &Path, digest: &str) -> RunsOfPlan {
    let files = journals(folder).unwrap_or_default();
    let runs: Vec<(PathBuf, RunRecord)> =
        files.into_iter().filter_map(|file| Some((file.clone(), apply::run_of(&file)?))).collect();
    let mut found = RunsOfPlan::default();
    for (file, _) in runs.iter().filter(|(_, run)| run.plan.as_deref() == Some(digest)) {
        let Ok(history) = History::read(file) else { continue };
        let RunDetailV1 { run, steps, .. } = RunDetailV1::new(&history, &Settlement::read(file));
        let applied: Vec<u64> =
            steps.iter().filter(|step| step.outcome.as_deref() == Some("applied")).map(|step| step.number).collect();
        if !applied.is_empty() {
            found.runs.push(run.run);
            found.applied.extend(applied);
        }
    }
    let turns_back = |run: &RunRecord| run.rollback_of.as_ref().is_some_and(|of| found.runs.contains(of));
    let back =
        runs.iter().filter(|(file, run)| turns_back(run) && History::read(file).is_ok_and(|one| one.has_applied()));
    found.turned_back_by = back.map(|(_, run)| run.run.clone()).collect();
    found
}

/// What a run of a moment ago may still do.
pub(super) struct OpenRun {
    pub run: String,
    /// How long it may take until that shows.
    pub wait: Duration,
}

/// Finds the run that ended in doubt less than `patience` ago, the last of several: what it sent may still be carried out.
/// One that is at work has not ended.
pub(super) fn still_open(folder: &Path, patience: Duration) -> Option<OpenRun> {
    let files = journals(folder).ok()?;
    let mut recent: Vec<(Duration, PathBuf)> =
        files.into_iter().filter_map(|file| Some((patience.checked_sub(age(&file)?)?, file))).collect();
    recent.sort();
    let may_be_open = |file: &Path| !apply::is_being_written(file) && !apply::leaves_no_doubt(file);
    recent.into_iter().rev().filter(|(_, file)| may_be_open(file)).find_map(|(wait, file)| {
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

/// What earlier runs left in doubt, as far as nothing that they sent can still land.
#[derive(Default)]
pub(super) struct OpenDoubt(Vec<DoubtfulRun>);

struct DoubtfulRun {
    file: PathBuf,
    history: History,
    settlement: Settlement,
}

impl OpenDoubt {
    /// Finds it. Runs whose writes may still land are left alone: the reading that settles has to begin after them.
    pub(super) fn find(folder: &Path, url: &str, patience: Duration) -> Self {
        let files = journals(folder).unwrap_or_default();
        let open = files.into_iter().rev().take(MOST_LOOKED_AT).filter_map(|file| {
            // Most runs leave no doubt and say so: their journals may be large and are not read.
            let is_over = age(&file).is_some_and(|age| age > patience) && !apply::is_being_written(&file);
            if !is_over || apply::leaves_no_doubt(&file) || apply::run_of(&file).is_none_or(|run| run.url != url) {
                return None;
            }
            let (history, settlement) = (History::read(&file).ok()?, Settlement::read(&file));
            let is_open = !settlement.open(&history).is_empty();
            is_open.then_some(DoubtfulRun { file, history, settlement })
        });
        Self(open.collect())
    }

    /// Names the live clients whose details settle it: a row of a list does not show all that a write set.
    pub(super) fn wanted(&self, live: &Live) -> BTreeSet<ClientId> {
        let of_run = |run: &DoubtfulRun| touched_clients(&run.settlement.open_steps(&run.history), live);
        self.0.iter().flat_map(of_run).collect()
    }

    /// Notes beside the journals what a reading of the live side settles. Where nothing can be noted the doubt is told
    /// again, which does no harm.
    pub(super) fn settle(self, (live, policy): (&Live, &Policy)) {
        for DoubtfulRun { file, history, mut settlement } in self.0 {
            if settlement.settle(&history, (live, policy), &now().to_string())
                && let Ok(bytes) = serde_json::to_vec(&settlement)
            {
                let _ = write(&Settlement::path(&file), &bytes, FileAccess::Private);
            }
        }
    }
}
