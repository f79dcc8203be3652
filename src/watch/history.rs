//! The rounds of late, kept over restarts: a line each in a file that is cut when it grows long.

use std::collections::VecDeque;
use std::fs::{File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::round::WatchRound;
use crate::apply::create_private_folder;

/// So many rounds are kept: a day and a half of one every five minutes.
pub(crate) const MOST_ROUNDS: usize = 500;
/// A file that is longer was not written here, in bytes.
const LONGEST_FILE: u64 = 64 << 20;

/// The rounds of late, the last one last.
#[derive(Debug, Default)]
pub(crate) struct RoundHistory {
    rounds: VecDeque<WatchRound>,
    /// Where they are kept, unless that failed.
    file: Option<KeptFile>,
}

#[derive(Debug)]
struct KeptFile {
    path: PathBuf,
    lines: usize,
    /// Held as long as the process lives.
    _lock: File,
}

impl RoundHistory {
    /// Reads what a file keeps, as far as it can be read. A line that was cut off by a crash is nobody's loss. Fails with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) while another process keeps its rounds there.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            create_private_folder(folder)?;
        }
        let lock = hold(&path.with_extension("lock"))?;
        let mut rounds = VecDeque::new();
        match File::open(path) {
            Ok(file) => {
                let lines = BufReader::new(file.take(LONGEST_FILE)).lines().map_while(Result::ok);
                for round in lines.filter_map(|line| serde_json::from_str(&line).ok()) {
                    push(&mut rounds, round);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut history = Self { rounds, file: Some(KeptFile { path: path.to_owned(), lines: 0, _lock: lock }) };
        // What could not be read goes, and what is written next stands on a line of its own.
        history.rewrite()?;
        Ok(history)
    }

    /// Gives the rounds, the last one last.
    pub(crate) fn rounds(&self) -> &VecDeque<WatchRound> {
        &self.rounds
    }

    /// Gives the last round that was not interrupted.
    pub(crate) fn last(&self) -> Option<&WatchRound> {
        self.rounds.iter().rev().find(|round| round.outcome != super::RoundOutcome::Interrupted)
    }

    /// Adds a round. An error is of the file; the round is there all the same.
    pub(crate) fn add(&mut self, round: WatchRound) -> io::Result<()> {
        push(&mut self.rounds, round);
        match &mut self.file {
            Some(kept) if kept.lines < 2 * MOST_ROUNDS => {
                let line = self.rounds.back().map(serde_json::to_string).transpose()?.unwrap_or_default();
                kept.lines += 1;
                File::options().append(true).open(&kept.path)?.write_all(format!("{line}\n").as_bytes())
            }
            Some(_) => self.rewrite(),
            None => Ok(()),
        }
    }

    /// Writes the file anew, whole or not at all.
    fn rewrite(&mut self) -> io::Result<()> {
        let Some(kept) = &mut self.file else { return Ok(()) };
        let folder = kept.path.parent().unwrap_or_else(|| Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for round in &self.rounds {
            writeln!(file, "{}", serde_json::to_string(round)?)?;
        }
        file.persist(&kept.path)?;
        kept.lines = self.rounds.len();
        Ok(())
    }
}

/// Holds a lock that ends with the process, on systems and file systems that have such.
fn hold(path: &Path) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn push(rounds: &mut VecDeque<WatchRound>, round: WatchRound) {
    if rounds.len() == MOST_ROUNDS {
        rounds.pop_front();
    }
    rounds.push_back(round);
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn round(number: usize) -> WatchRound {
        WatchRound::begin(Timestamp::UNIX_EPOCH, &number.to_string())
    }

    #[test]
    fn a_history_survives_a_restart_and_a_torn_line_and_stays_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state/watch.jsonl");
        let mut history = RoundHistory::open(&path).expect("a history");
        (0..1_700).for_each(|number| history.add(round(number)).expect("added"));
        let mut file = File::options().append(true).open(&path).expect("the file");
        write!(file, "{{\"began\": \"19").expect("written");
        assert_eq!(RoundHistory::open(&path).expect_err("held").kind(), io::ErrorKind::WouldBlock);
        let before = history.rounds().clone();
        drop(history);
        let mut again = RoundHistory::open(&path).expect("a history");
        assert_eq!(again.rounds(), &before);
        assert_eq!((again.rounds().len(), again.last().expect("a round").trigger.as_str()), (MOST_ROUNDS, "1699"));
        again.add(round(1_700)).expect("added");
        drop(again);
        let third = RoundHistory::open(&path).expect("a history");
        assert_eq!(third.last().expect("a round").trigger, "1700");
        let lines = BufReader::new(File::open(&path).expect("the file")).lines().count();
        assert!(lines <= 2 * MOST_ROUNDS, "{lines}");
    }
}
