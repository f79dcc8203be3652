//! Writes the journal: records of many steps at once, and each step waits only until its own is on disk.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Line, OpenSteps, Record, RunRecord, sum};

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    run: String,
    desk: Arc<Desk>,
    open: Mutex<OpenSteps>,
}

/// Where records wait for the disk. Whoever comes first has all of them written: one wait for the disk is enough for all
/// that came meanwhile, and nobody waits for the disk on the thread that talks to the server.
#[derive(Debug)]
struct Desk {
    file: Mutex<OpenJournal>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    records: Vec<(serde_json::Value, oneshot::Sender<io::Result<()>>)>,
    clerk: Clerk,
}

/// Whether somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Clerk {
    #[default]
    Idle,
    AtWork,
}

#[derive(Debug)]
struct OpenJournal {
    file: File,
    sum: String,
    health: Health,
}

/// Whether a journal can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    /// It can.
    Sound,
    /// A write failed and may have left a part of a line, behind which nothing can be read.
    Broken,
}

impl Journal {
    /// Creates the journal of a run as `FOLDER/RUN.jsonl`, readable for its owner only. Fails if the run exists.
    pub(crate) fn create(folder: &Path, run: RunRecord) -> io::Result<Self> {
        create_private_folder(folder)?;
        let path = folder.join(format!("{}.jsonl", run.run));
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        hold(&file);
        // The name has to be on disk too, or a power cut loses the whole journal.
        File::open(folder)?.sync_all()?;
        let mut file = OpenJournal { file, sum: String::new(), health: Health::Sound };
        let name = run.run.clone();
        file.append([&serde_json::to_value(Record::Run(run))?])?;
        let desk = Desk { file: Mutex::new(file), waiting: Mutex::default() };
        Ok(Self { run: name, desk: Arc::new(desk), open: Mutex::default() })
    }

    /// Gives the run's name.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Appends a record and waits until it is on disk, in the order of the calls. After one failure every further record
    /// fails too: it could not be read back.
    pub(crate) async fn record(&self, record: &Record) -> io::Result<()> {
        self.open().note(record);
        let (done, told) = oneshot::channel();
        if self.desk.hand_in(serde_json::to_value(record)?, done) == Clerk::Idle {
            let desk = Arc::clone(&self.desk);
            tokio::task::spawn_blocking(move || desk.work());
        }
        told.await.unwrap_or_else(|_| Err(failed()))
    }

    /// Appends the last record, which says how many steps are in doubt.
    pub(crate) async fn end(&self, interrupted: bool) -> io::Result<()> {
        let doubtful = Some(self.open().0.len());
        self.record(&Record::End { interrupted, doubtful }).await
    }

    fn open(&self) -> MutexGuard<'_, OpenSteps> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds the lock of a journal for as long as the process lives: the system lets go of it however the process ends. A file
/// system without locks is no reason not to write; then nobody is warned. On Windows a lock would keep readers out.
fn hold(journal: &File) {
    if cfg!(unix) {
        let _ = journal.try_lock();
    }
}

/// Tells whether a process that lives on this machine writes a journal, as far as the file system knows.
pub(crate) fn is_being_written(journal: &Path) -> bool {
    let held = |file: File| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    cfg!(unix) && File::open(journal).is_ok_and(held)
}

impl Desk {
    /// Lets a record wait, and tells whether somebody wrote already.
    fn hand_in(&self, record: serde_json::Value, done: oneshot::Sender<io::Result<()>>) -> Clerk {
        let mut waiting = self.waiting();
        waiting.records.push((record, done));
        std::mem::replace(&mut waiting.clerk, Clerk::AtWork)
    }

    /// Writes until nothing waits.
    fn work(&self) {
        loop {
            let mut waiting = self.waiting();
            let (records, told): (Vec<_>, Vec<_>) = std::mem::take(&mut waiting.records).into_iter().unzip();
            if records.is_empty() {
                waiting.clerk = Clerk::Idle;
                return;
            }
            drop(waiting);
            let written = match self.file.lock() {
                Ok(mut file) => file.append(&records),
                Err(_) => Err(failed()),
            };
            for told in told {
                // Who gave up waiting is nobody to tell.
                let _ = told
                    .send(written.as_ref().copied().map_err(|error| io::Error::new(error.kind(), error.to_string())));
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenJournal {
    /// Appends records and waits until all are on disk.
    fn append<'r>(&mut self, records: impl IntoIterator<Item = &'r serde_json::Value>) -> io::Result<()> {
        if std::mem::replace(&mut self.health, Health::Broken) == Health::Broken {
            return Err(failed());
        }
        let mut lines = Vec::new();
        for record in records {
            self.sum = sum(&self.sum, record);
            serde_json::to_writer(&mut lines, &Line { sum: self.sum.clone(), record: record.clone() })?;
            lines.push(b'\n');
        }
        self.file.write_all(&lines)?;
        self.file.sync_data()?;
        self.health = Health::Sound;
        Ok(())
    }
}

fn failed() -> io::Error {
    io::Error::other("an earlier write to the journal failed")
}

/// Creates a folder and those above it for their owner only, each with its name on disk.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    create_private_folder(parent)?;
    let mut builder = std::fs::DirBuilder::new();
    // Another run may create it at the same time.
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    File::open(parent)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;
    use crate::apply::journal::{History, IntentRecord, Part, Tail};

    fn intent(step: usize) -> Record {
        Record::Intent(Box::new(IntentRecord { step, part: Part::Delete, client: None, before: None, after: None }))
    }

    #[tokio::test]
    async fn records_of_many_steps_are_whole_and_each_is_on_disk_when_its_step_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::create(folder.path(), run()).expect("a journal");
        let path = folder.path().join("r1.jsonl");
        let steps = (0..200).map(async |step| {
            journal.record(&intent(step)).await.expect("a record");
            let history = History::read(&path).expect("a history");
            assert!(history.records.contains(&intent(step)), "{step}");
        });
        futures_util::future::join_all(steps).await;
        let history = History::read(&path).expect("a history");
        assert_eq!((history.records.len(), history.tail), (200, Tail::Whole));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn after_one_failed_write_nothing_more_is_accepted() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::create(folder.path(), run()).expect("a journal");
        let full = OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
        let file = std::mem::replace(&mut journal.desk.file.lock().expect("a file").file, full);
        let error = journal.record(&Record::End { interrupted: false, doubtful: None }).await.expect_err("no room");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        journal.desk.file.lock().expect("a file").file = file;
        journal
            .record(&Record::End { interrupted: false, doubtful: None })
            .await
            .expect_err("a part of a line may stand before it");
    }

    #[cfg(unix)]
    #[test]
    fn a_journal_is_readable_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        Journal::create(&folder.path().join("runs"), run()).expect("a journal");
        let mode = std::fs::metadata(folder.path().join("runs/r1.jsonl")).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
