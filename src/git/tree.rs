//! The files of a commit, and those that the index knows.

use std::path::Path;

use super::command::bytes;
use super::error::RevisionError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    pub(crate) kind: EntryKind,
    /// Where it lies below the folder that was asked for, in the bytes that git has.
    pub(crate) path: Vec<u8>,
    /// The name of its object.
    pub(crate) object: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Link,
    /// A commit of another repository, whose files are not in this one.
    Submodule,
}

/// A file that git tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    pub(crate) entry: TreeEntry,
    /// Whether git looks at the working tree for it.
    pub(crate) watch: IndexWatch,
}

/// Whether git tells of a tracked file that the working tree lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexWatch {
    Watched,
    /// It does not: the file is left out of a sparse checkout, or marked so that git looks away.
    Skipped,
}

/// Lists what a commit has below a folder, which is named as [`super::prefix`] does.
pub(crate) fn tree(folder: &Path, commit: &str, prefix: &str) -> Result<Vec<TreeEntry>, RevisionError> {
    let mut list = vec!["ls-tree", "-r", "-z", "--full-tree", commit];
    list.extend((!prefix.is_empty()).then_some(["--", prefix]).into_iter().flatten());
    let tree = bytes(folder, &list)?.ok_or_else(|| RevisionError::Git("ls-tree failed".to_owned()))?;
    let below = |line: &[u8]| {
        let (about, path) = split(line)?;
        let [mode, _kind, object] = words(about)?;
        entry(mode, object, path.strip_prefix(prefix.as_bytes())?)
    };
    Ok(tree.split(|byte| *byte == 0).filter_map(below).collect())
}

/// Lists what git tracks below a folder.
pub(crate) fn index(folder: &Path) -> Result<Vec<IndexEntry>, RevisionError> {
    let list = ["ls-files", "-z", "-v", "--stage"];
    let index = bytes(folder, &list)?.ok_or_else(|| RevisionError::Git("ls-files failed".to_owned()))?;
    let tracked = |line: &[u8]| {
        let (about, path) = split(line)?;
        let [tag, mode, object, _stage] = words(about)?;
        // A small letter stands for what is assumed to be unchanged.
        let watch =
            if tag == "S" || tag.chars().all(char::is_lowercase) { IndexWatch::Skipped } else { IndexWatch::Watched };
        Some(IndexEntry { entry: entry(mode, object, path)?, watch })
    };
    Ok(index.split(|byte| *byte == 0).filter_map(tracked).collect())
}

/// Splits a line into what is said of a path and the path.
fn split(line: &[u8]) -> Option<(&str, &[u8])> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    Some((std::str::from_utf8(&line[..tab]).ok()?, &line[tab + 1..]))
}

fn words<const N: usize>(about: &str) -> Option<[&str; N]> {
    about.split(' ').collect::<Vec<_>>().try_into().ok()
}

fn entry(mode: &str, object: &str, path: &[u8]) -> Option<TreeEntry> {
    let kind = match mode {
        "120000" => EntryKind::Link,
        "160000" => EntryKind::Submodule,
        _ if mode.starts_with("100") => EntryKind::File,
        _ => return None,
    };
    Some(TreeEntry { kind, path: path.to_vec(), object: object.to_owned() })
}
