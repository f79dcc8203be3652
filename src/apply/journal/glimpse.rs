//! What the first and the last lines of a journal tell, without reading what lies between: a large run leaves a large journal,
//! and every later plan looks at it.

use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{Line, Record, RunRecord, open, read_line};

/// As much of the end of a journal is looked at, and of its first line: far more than either takes.
const LOOKED_AT: u64 = 64 * 1024;

/// Gives the run that a journal tells of, by its first line.
pub(crate) fn run_of(journal: &Path) -> Option<RunRecord> {
    let mut line = Vec::new();
    BufReader::new(open(journal).ok()?.0.take(LOOKED_AT)).read_until(b'\n', &mut line).ok()?;
    match read_line(&line, "") {
        Some((Record::Run(run), _)) => Some(run),
        _ => None,
    }
}

/// Tells whether a journal says at its end that nothing is in doubt. One that says nothing of it has to be read whole.
pub(crate) fn leaves_no_doubt(journal: &Path) -> bool {
    tail(journal).is_ok_and(|tail| ends_without_doubt(&tail))
}

fn tail(journal: &Path) -> io::Result<Vec<u8>> {
    let (mut file, length) = open(journal)?;
    file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
    let mut tail = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut tail)?;
    Ok(tail)
}

/// Reads the last line after the one before it, with whose sum it has to fit.
fn ends_without_doubt(tail: &[u8]) -> bool {
    let Some(whole) = tail.strip_suffix(b"\n") else { return false };
    let mut lines = whole.rsplitn(3, |byte| *byte == b'\n');
    let (Some(last), Some(before)) = (lines.next(), lines.next()) else { return false };
    let Ok(Line { sum, record: _ }) = serde_json::from_slice(before) else { return false };
    matches!(read_line(last, &sum), Some((Record::End { doubtful: Some(0), .. }, _)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;
    use crate::apply::journal::{IntentRecord, Journal, OutcomeRecord, Part};

    fn intent(step: usize) -> Record {
        Record::Intent(Box::new(IntentRecord { step, part: Part::Delete, client: None, before: None, after: None }))
    }

    fn outcome(step: usize, outcome: &str) -> Record {
        Record::Outcome(OutcomeRecord {
            step,
            action: None,
            client: None,
            scope: None,
            part: None,
            outcome: outcome.to_owned(),
            effect: None,
            id: None,
            message: None,
            left: None,
        })
    }

    async fn journal_of(records: &[Record]) -> (tempfile::TempDir, Journal) {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::create(folder.path(), run()).expect("a journal");
        for record in records {
            journal.record(record).await.expect("a record");
        }
        (folder, journal)
    }

    #[tokio::test]
    async fn the_last_line_says_whether_anything_is_in_doubt() {
        for (records, no_doubt) in [
            (vec![], true),
            (vec![intent(1), outcome(1, "applied")], true),
            (vec![intent(1), outcome(1, "unknown")], false),
            (vec![intent(1), intent(2), outcome(2, "failed")], false),
            (vec![outcome(1, "skipped")], true),
        ] {
            let (folder, journal) = journal_of(&records).await;
            let path = folder.path().join("r1.jsonl");
            assert!(!leaves_no_doubt(&path), "a run that has not ended may leave anything");
            journal.end(false).await.expect("an end");
            assert_eq!(leaves_no_doubt(&path), no_doubt, "{records:?}");
            assert_eq!(run_of(&path), Some(run()));
        }
    }

    #[tokio::test]
    async fn an_end_that_says_nothing_or_does_not_fit_leaves_doubt() {
        let (folder, journal) = journal_of(&[intent(1), outcome(1, "applied")]).await;
        journal.record(&Record::End { interrupted: false, doubtful: None }).await.expect("an end");
        assert!(!leaves_no_doubt(&folder.path().join("r1.jsonl")));
        let (folder, journal) = journal_of(&[intent(1), outcome(1, "applied")]).await;
        journal.end(true).await.expect("an end");
        let whole = tail(&folder.path().join("r1.jsonl")).expect("a journal");
        assert!(ends_without_doubt(&whole));
        for cut in 1..whole.len() {
            assert!(!ends_without_doubt(&whole[..cut]), "{cut}");
        }
        let text = String::from_utf8(whole).expect("text");
        assert!(!ends_without_doubt(text.replace("\"interrupted\":true", "\"interrupted\":false").as_bytes()));
    }
}
