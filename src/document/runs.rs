//! What `runs -o json` writes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{FormatVersionV1, count};
use crate::apply::{History, Record, RunRecord};

/// `runs -o json`: the journals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Runs")]
pub(crate) struct RunsV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) runs: Vec<RunV1>,
    /// Journals that cannot be read.
    pub(crate) unreadable: Vec<UnreadableJournalV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RunV1 {
    pub(crate) run: String,
    /// When it began (RFC 3339).
    pub(crate) started: String,
    pub(crate) target: String,
    pub(crate) url: String,
    /// The run that it turned back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rollback_of: Option<String>,
    pub(crate) state: RunStateV1,
    pub(crate) steps: u64,
    /// How many steps ended how.
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// The numbers of the steps whose outcome is not known.
    pub(crate) in_doubt: Vec<u64>,
    pub(crate) left_out_sensitive: u64,
    /// The first line that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) corrupt_line: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RunStateV1 {
    Ended,
    Interrupted,
    Killed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UnreadableJournalV1 {
    pub(crate) file: String,
    pub(crate) reason: String,
}

impl From<&History> for RunV1 {
    fn from(history: &History) -> Self {
        let RunRecord { format_version: _, run, started, target, url, git_commit: _, rollback_of, plan: _, steps } =
            history.run.clone();
        let (mut outcomes, mut left_out, mut interrupted) = (BTreeMap::new(), 0, false);
        for record in &history.records {
            match record {
                Record::Outcome(outcome) if outcome.part.is_none() => {
                    *outcomes.entry(outcome.outcome.clone()).or_insert(0) += 1;
                }
                Record::Intent(intent) => left_out += intent.before.iter().map(|one| count(&one.left_out)).sum::<u64>(),
                Record::End { interrupted: ended_early } => interrupted = *ended_early,
                Record::Run(_) | Record::Outcome(_) => {}
            }
        }
        Self {
            run,
            started,
            target,
            url,
            rollback_of,
            state: match (history.ended(), interrupted) {
                (true, false) => RunStateV1::Ended,
                (true, true) => RunStateV1::Interrupted,
                (false, _) => RunStateV1::Killed,
            },
            steps: steps as u64,
            outcomes,
            in_doubt: history.doubtful().into_iter().map(|step| step as u64).collect(),
            left_out_sensitive: left_out,
            corrupt_line: history.damaged_at().map(|line| line as u64),
        }
    }
}
