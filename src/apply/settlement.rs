//! What later readings settled of a run's doubt, kept beside its journal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::journal::History;
use super::past::run_steps;
use crate::model::{Live, Policy};
use crate::plan::{DoubtFound, RunStep, settled};

/// What was settled of a run, by the number of the step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settlement {
    pub steps: BTreeMap<usize, SettledStep>,
}

/// What a reading showed of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettledStep {
    pub found: DoubtFound,
    /// When it was read (RFC 3339).
    pub at: String,
}

impl Settlement {
    /// Gives the file beside a journal.
    pub(crate) fn path(journal: &Path) -> PathBuf {
        journal.with_extension("settled.json")
    }

    /// Reads what was settled of a journal. Without such a file, or with one that cannot be read, nothing was: the doubt
    /// is only told again.
    pub(crate) fn read(journal: &Path) -> Self {
        #[expect(clippy::disallowed_methods, reason = "it is read where the journal is read")]
        let bytes = std::fs::read(Self::path(journal)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Gives the steps of a run that are still in doubt.
    pub(crate) fn open(&self, history: &History) -> Vec<usize> {
        let mut doubtful = history.doubtful();
        doubtful.retain(|step| !self.steps.contains_key(step));
        doubtful
    }

    /// Gives what the steps wrote, or may have written, that are still in doubt.
    pub(crate) fn open_steps<'a>(&self, history: &'a History) -> Vec<RunStep<'a>> {
        let open = self.open(history);
        run_steps(history).into_iter().filter(|step| open.contains(&step.number)).collect()
    }

    /// Adds what a reading at a time shows of the steps in doubt; tells whether that is anything.
    pub(crate) fn settle(&mut self, history: &History, (live, policy): (&Live, &Policy), at: &str) -> bool {
        let before = self.steps.len();
        for step in self.open_steps(history) {
            if let Some(found) = settled(&step, live, policy) {
                self.steps.insert(step.number, SettledStep { found, at: at.to_owned() });
            }
        }
        self.steps.len() > before
    }
}
