//! The contents of files.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::command::command;
use super::error::RevisionError;

/// `git cat-file --batch`: one process for all files.
#[derive(Debug)]
pub(crate) struct Objects {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
    most: u64,
}

impl Objects {
    /// Starts git. Of an object with more than `most` bytes only one byte more is kept, which says that it is too large.
    pub(crate) fn start(folder: &Path, most: u64) -> Result<Self, RevisionError> {
        let mut command = command(folder);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| RevisionError::NoGit(error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(ask), Some(answer)) => Ok(Self { child, ask, answer: BufReader::new(answer), most }),
            _ => Err(RevisionError::Git("cat-file has no pipes".to_owned())),
        }
    }

    pub(crate) fn read(&mut self, object: &str) -> std::io::Result<Vec<u8>> {
        self.ask.write_all(format!("{object}\n").as_bytes())?;
        answer(&mut self.answer, self.most)
    }

    /// Asks for many objects while the answers come in: one question at a time would wait for git each time.
    pub(crate) fn read_all(&mut self, objects: &[&str]) -> Vec<std::io::Result<Vec<u8>>> {
        let questions: String = objects.iter().flat_map(|object| [object, "\n"]).collect();
        let mut ask = &self.ask;
        std::thread::scope(|scope| {
            // When git is gone there are no answers, which says enough.
            scope.spawn(move || drop(ask.write_all(questions.as_bytes())));
            objects.iter().map(|_| answer(&mut self.answer, self.most)).collect()
        })
    }
}

/// Reads the next object that was asked for.
fn answer(answer: &mut impl BufRead, most: u64) -> std::io::Result<Vec<u8>> {
    let mut header = String::new();
    answer.read_line(&mut header)?;
    let size = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    let size = size.ok_or_else(|| {
        std::io::Error::other(
            "git does not have the object here; in a partial clone fetch it first, or clone without `--filter`",
        )
    })?;
    let mut bytes = Vec::new();
    answer.by_ref().take(size.min(most + 1)).read_to_end(&mut bytes)?;
    std::io::copy(&mut answer.by_ref().take(size - bytes.len() as u64), &mut std::io::sink())?;
    answer.read_exact(&mut [0])?;
    Ok(bytes)
}

impl Drop for Objects {
    fn drop(&mut self) {
        // The process ends by itself when its input does; this only makes sure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
