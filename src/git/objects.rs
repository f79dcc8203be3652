//! The contents of files.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

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

    /// Asks for one object. Before its bytes are taken its size is given to `wait`.
    pub(crate) fn read<W>(&mut self, object: &str, wait: impl FnOnce(u64) -> W) -> std::io::Result<(Vec<u8>, W)> {
        self.ask.write_all(format!("{object}\n").as_bytes())?;
        let size = size(&mut self.answer)?;
        let waited = wait(size);
        Ok((content(&mut self.answer, size, size.min(self.most.saturating_add(1)))?, waited))
    }

    /// Asks for many objects, some at once: as many are given, from the first on, as have at most `most` bytes together.
    pub(crate) fn read_first(&mut self, objects: &[&str], most: u64) -> Vec<std::io::Result<Vec<u8>>> {
        const AT_ONCE: usize = 256;
        let (mut answers, mut bytes) = (Vec::new(), 0);
        for some in objects.chunks(AT_ONCE) {
            let read = self.read_some(some, most.saturating_sub(bytes));
            bytes += read.iter().flatten().map(|answer| answer.len() as u64).sum::<u64>();
            let is_last = read.len() < some.len();
            answers.extend(read);
            if is_last {
                break;
            }
        }
        answers
    }

    /// Asks for objects while the answers come in: one question at a time would wait for git each time. From the first on that
    /// does not fit into `most` bytes none is kept.
    fn read_some(&mut self, objects: &[&str], most: u64) -> Vec<std::io::Result<Vec<u8>>> {
        let questions: String = objects.iter().flat_map(|object| [object, "\n"]).collect();
        let mut ask = &self.ask;
        std::thread::scope(|scope| {
            // When git is gone there are no answers, which says enough.
            scope.spawn(move || drop(ask.write_all(questions.as_bytes())));
            let (mut answers, mut room) = (Vec::new(), Some(most));
            for _ in objects {
                let one = answer(&mut self.answer, self.most, room.unwrap_or_default()).transpose();
                room = room.zip(one.as_ref()).map(|(room, one)| room - one.as_ref().map_or(0, |one| one.len() as u64));
                answers.extend(one.filter(|_| room.is_some()));
            }
            answers
        })
    }
}

/// Tells whether an object is the one of a file with these bytes: it is named by their hash, SHA-1 or SHA-256 as its repository
/// has it (git-hash-object, hash-function-transition).
pub(crate) fn is_blob_of(name: &str, bytes: &[u8]) -> bool {
    let header = format!("blob {}\0", bytes.len());
    let is_named = |hash: &[u8]| {
        let digits = hash.iter().zip(name.as_bytes().chunks(2));
        2 * hash.len() == name.len()
            && digits.into_iter().all(|(byte, digits)| format!("{byte:02x}").as_bytes() == digits)
    };
    match name.len() {
        40 => is_named(&Sha1::new_with_prefix(header).chain_update(bytes).finalize()),
        64 => is_named(&Sha256::new_with_prefix(header).chain_update(bytes).finalize()),
        _ => false,
    }
}

/// Reads the next object that was asked for, or passes over it if that takes more than `room` bytes.
fn answer(answer: &mut impl BufRead, most: u64, room: u64) -> std::io::Result<Option<Vec<u8>>> {
    let size = size(answer)?;
    let wanted = size.min(most.saturating_add(1));
    let bytes = content(answer, size, if wanted > room { 0 } else { wanted })?;
    Ok((wanted <= room).then_some(bytes))
}

/// Reads what git says of the next object: its size.
fn size(answer: &mut impl BufRead) -> std::io::Result<u64> {
    let mut header = String::new();
    answer.read_line(&mut header)?;
    let size = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    size.ok_or_else(|| {
        std::io::Error::other(
            "git does not have the object here; in a partial clone fetch it first, or clone without `--filter`",
        )
    })
}

/// Reads an object of a size and keeps its first bytes.
fn content(answer: &mut impl BufRead, size: u64, kept: u64) -> std::io::Result<Vec<u8>> {
    // At once as large as the object: what grows holds it twice.
    let mut bytes = Vec::with_capacity(usize::try_from(kept).unwrap_or_default());
    answer.by_ref().take(kept).read_to_end(&mut bytes)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_up_to_so_many_bytes_and_the_rest_one_by_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = |arguments: &[&str]| {
            let output = command(folder.path()).args(arguments).output().expect("git");
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).expect("text").trim().to_owned()
        };
        git(&["init", "--quiet"]);
        let object = |number: u8| {
            let mut child = command(folder.path())
                .args(["hash-object", "-w", "--stdin"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("git");
            child.stdin.take().expect("a pipe").write_all(&[number; 100]).expect("room");
            let output = child.wait_with_output().expect("git");
            String::from_utf8(output.stdout).expect("text").trim().to_owned()
        };
        let five = [0, 1, 2, 3, 4].map(object);
        let names: Vec<&str> = five.iter().map(String::as_str).cycle().take(600).collect();
        let mut objects = Objects::start(folder.path(), 1_000).expect("git");
        for (most, kept) in
            [(50, 0), (150, 1), (200, 2), (201, 2), (100 * 256, 256), (100 * 300, 300), (1_000_000, 600)]
        {
            let answers = objects.read_first(&names, most);
            assert_eq!(answers.len(), kept, "{most}");
            assert!(answers.into_iter().all(|answer| answer.expect("an object").len() == 100));
            assert_eq!(objects.read(names[4], |size| size).expect("an object"), (vec![4; 100], 100), "{most}");
        }
    }
}
