//! The journal: what a run is about to write and what became of it, on disk before each write.
//!
//! One file per run, one JSON object per line. Each line carries a sum over itself and the line before, so that a torn
//! last line (a kill) is told from damage.

mod glimpse;
mod write;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::outcome::{APPLIED, UNKNOWN};
use crate::model::{ClientId, ClientName, Json, Scope, sha256_text};
use crate::plan::Snapshot;

pub(crate) use glimpse::{leaves_no_doubt, run_of};
pub(crate) use write::{Journal, create_private_folder, is_being_written};

/// What an outcome says of its effect when there is certainly none.
pub(super) const NO_EFFECT: &str = "none";

/// What it says when a replace has deleted, and the add has certainly no effect.
pub(super) const DELETED: &str = "deleted";

/// The version of the journal's format that this program writes.
pub(crate) const FORMAT: &str = "1.0";

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Record {
    /// The first line: which run this is.
    Run(RunRecord),
    /// Something is about to be written.
    Intent(Box<IntentRecord>),
    /// What became of a step.
    Outcome(OutcomeRecord),
    /// The last line: the run ended by itself.
    End {
        /// Whether a signal ended it early.
        interrupted: bool,
        /// How many steps it left in doubt; journals of earlier versions do not say so.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        doubtful: Option<usize>,
    },
}

/// Which run a journal tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    /// The format of the journal.
    pub format_version: String,
    /// The run's name, which is also the file's.
    pub run: String,
    /// When it began (RFC 3339).
    pub started: String,
    /// The target's name.
    pub target: String,
    /// The target's URL.
    pub url: String,
    /// Who ran it, as far as the environment tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user: Option<String>,
    /// The commit of the definitions, if they are in git.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub git_commit: Option<String>,
    /// Whether they were not as that commit has them; journals of earlier versions do not say so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub git_dirty: Option<bool>,
    /// The run that this one rolls back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rollback_of: Option<String>,
    /// The name of the key of digests of sensitive values.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest_key: Option<String>,
    /// The digest of the saved plan that it applied, if it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plan: Option<String>,
    /// How many steps the plan has.
    pub steps: usize,
}

/// What is about to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IntentRecord {
    /// The number of the step.
    pub step: usize,
    /// Which write of it.
    pub part: Part,
    /// The definition's name; `None` for an unmanaged client that is pruned.
    pub client: Option<ClientName>,
    /// The client before the write; `None` for an add.
    pub before: Option<Snapshot>,
    /// The client after the write; `None` for a delete.
    pub after: Option<Snapshot>,
}

/// One write of a step; a replace has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// An Add.
    Add,
    /// A Change.
    Change,
    /// A Delete.
    Delete,
}

/// What became of a step, or of the delete of a replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutcomeRecord {
    /// The number of the step.
    pub step: usize,
    /// What the step does, by the word of the plan; for a step of which nothing was written, too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub action: Option<String>,
    /// The definition's name; `None` for an unmanaged client that is pruned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client: Option<ClientName>,
    /// Where the client is or shall be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<Scope>,
    /// Which write of it; `None` when nothing was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub part: Option<Part>,
    /// `applied`, `failed`, `skipped`, `stale` or `unknown`.
    pub outcome: String,
    /// `none` when it is certain that nothing was changed, `deleted` when a replace certainly did only its first half.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effect: Option<String>,
    /// The id of the client after the write.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<ClientId>,
    /// Why it is not applied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// What the server made of a write that it took, where that is something else than was sent; journals of earlier
    /// versions do not say so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left: Option<Box<Snapshot>>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    sum: String,
    record: serde_json::Value,
}

/// What a journal says, as far as it can be read.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// The run.
    pub run: RunRecord,
    /// The records after the first, in the order in which they were written.
    pub records: Vec<Record>,
    /// What is wrong with the end of the file.
    pub tail: Tail,
}

/// How a journal ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tail {
    /// With a whole line.
    Whole,
    /// In the middle of a line, as after a kill: normal.
    Torn,
    /// With lines that do not fit: the file was damaged or edited.
    Corrupt {
        /// The number of the first such line, from 1.
        line: usize,
    },
}

/// The longest journal that is read, in bytes: a run of hundreds of thousands of steps.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// The longest line, in bytes: the largest client that a server takes, before and after, and much more.
const MOST_OF_LINE: u64 = 128 * 1024 * 1024;

/// Why a journal cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    /// The file cannot be opened.
    #[error("the journal cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Its first line is not that of a journal.
    #[error("its first line does not name a run: it is torn or no journal")]
    NoRun,
    /// It was written by a newer program.
    #[error("it has the journal format {0}, and this icsync reads format 1")]
    Newer(String),
}

impl History {
    /// Reads a journal.
    pub(crate) fn read(path: &Path) -> Result<Self, HistoryError> {
        let (file, length) = open(path)?;
        if length > MOST_BYTES {
            return Err(
                io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {MOST_BYTES} bytes")).into()
            );
        }
        Self::parse(BufReader::new(file))
    }

    /// Reads the text of a journal, a line at a time.
    pub(crate) fn parse(mut text: impl BufRead) -> Result<Self, HistoryError> {
        let (mut records, mut tail, mut last) = (Vec::new(), Tail::Whole, String::new());
        let (mut line, mut number) = (Vec::new(), 0);
        while tail == Tail::Whole && text.by_ref().take(MOST_OF_LINE).read_until(b'\n', &mut line)? > 0 {
            number += 1;
            if line.len() as u64 == MOST_OF_LINE && !line.ends_with(b"\n") {
                tail = Tail::Corrupt { line: number };
                break;
            }
            let ended = line.pop_if(|last| *last == b'\n').is_some();
            match read_line(&line, &last) {
                Some((record, sum)) => {
                    records.push(record);
                    last = sum;
                }
                None if ended => tail = Tail::Corrupt { line: number },
                None => tail = Tail::Torn,
            }
            line.clear();
        }
        let mut records = records.into_iter();
        let Some(Record::Run(run)) = records.next() else { return Err(HistoryError::NoRun) };
        if !run.format_version.starts_with("1.") {
            return Err(HistoryError::Newer(run.format_version.escape_debug().to_string()));
        }
        Ok(Self { run, records: records.collect(), tail })
    }

    /// Gives the steps of which something was about to be written and whose outcome is not known.
    pub(crate) fn doubtful(&self) -> Vec<usize> {
        let mut open = OpenSteps::default();
        self.records.iter().for_each(|record| open.note(record));
        open.0.into_iter().collect()
    }

    /// Tells whether a step is noted as applied.
    pub(crate) fn has_applied(&self) -> bool {
        let applied = |record: &Record| matches!(record, Record::Outcome(outcome) if outcome.part.is_none() && outcome.outcome == APPLIED);
        self.records.iter().any(applied)
    }

    /// Gives the first line that does not fit, if the file was damaged or edited: what it said is not known.
    pub(crate) fn damaged_at(&self) -> Option<usize> {
        match self.tail {
            Tail::Corrupt { line } => Some(line),
            Tail::Whole | Tail::Torn => None,
        }
    }

    /// Tells whether the run ended by itself.
    pub(crate) fn ended(&self) -> bool {
        self.records.iter().any(|record| matches!(record, Record::End { .. }))
    }
}

/// The steps of which something was about to be written and whose outcome is not known.
#[derive(Debug, Default)]
struct OpenSteps(BTreeSet<usize>);

impl OpenSteps {
    /// Takes a record into account, after all before it.
    fn note(&mut self, record: &Record) {
        match record {
            Record::Intent(intent) => drop(self.0.insert(intent.step)),
            // A part of a step leaves the step open.
            Record::Outcome(outcome) if outcome.outcome == UNKNOWN || outcome.part.is_some() => {
                self.0.insert(outcome.step);
            }
            Record::Outcome(outcome) => drop(self.0.remove(&outcome.step)),
            Record::Run(_) | Record::End { .. } => {}
        }
    }
}

/// Opens a journal to read it. Gives its length too.
fn open(path: &Path) -> io::Result<(File, u64)> {
    // Looked at before it is opened: opening a pipe waits for who writes.
    let there = path.metadata()?;
    if !there.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok((File::open(path)?, there.len()))
}

fn read_line(line: &[u8], last: &str) -> Option<(Record, String)> {
    let Line { sum: stated, record } = serde_json::from_slice(line).ok()?;
    let fits = sum(last, &record) == stated;
    fits.then(|| serde_json::from_value(record).ok()).flatten().map(|record| (record, stated))
}

fn sum(last: &str, record: &serde_json::Value) -> String {
    let text = Json::from(record.clone()).canonical();
    let whole = sha256_text(Sha256::new_with_prefix(format!("{last}\n{text}")));
    whole.trim_start_matches("sha256:").chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn run() -> RunRecord {
        RunRecord {
            format_version: FORMAT.to_owned(),
            run: "r1".to_owned(),
            started: "2026-01-01T00:00:00Z".to_owned(),
            target: "prod".to_owned(),
            url: "https://ccs.example.com".to_owned(),
            user: None,
            git_commit: None,
            git_dirty: None,
            plan: None,
            rollback_of: None,
            digest_key: None,
            steps: 1,
        }
    }

    async fn written() -> (tempfile::TempDir, Vec<u8>) {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::create(folder.path(), run()).expect("a journal");
        let intent = IntentRecord { step: 1, part: Part::Delete, client: None, before: None, after: None };
        journal.record(&Record::Intent(Box::new(intent))).await.expect("a record");
        #[expect(clippy::disallowed_methods, reason = "a test looks at the file")]
        let bytes = std::fs::read(folder.path().join("r1.jsonl")).expect("the file");
        (folder, bytes)
    }

    #[tokio::test]
    async fn a_journal_cut_at_any_byte_is_whole_torn_or_without_a_run() {
        let (_folder, bytes) = written().await;
        let first = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
        for cut in 0..bytes.len() {
            match History::parse(&bytes[..cut]) {
                Ok(history) if cut == first => assert_eq!(history.tail, Tail::Whole),
                Ok(history) => assert!(cut + 1 >= first && history.tail != Tail::Corrupt { line: 1 }, "{cut}"),
                Err(error) => assert!(matches!(error, HistoryError::NoRun) && cut < first, "{cut}"),
            }
        }
        assert_eq!(History::parse(&bytes[..]).expect("a history").doubtful(), [1]);
    }

    #[tokio::test]
    async fn a_changed_byte_is_said_to_be_damage() {
        let (_folder, bytes) = written().await;
        let text = String::from_utf8(bytes).expect("text").replace("delete", "change");
        assert_eq!(History::parse(text.as_bytes()).expect("a history").tail, Tail::Corrupt { line: 2 });
    }
}
