//! The files of a commit, and those that the index knows.

use std::path::Path;

use super::command::records;
use super::error::RevisionError;
use crate::text::quote;

/// As many bytes may a path have, as on disk: what is longer is nowhere there.
pub(crate) const LONGEST_PATH: usize = 4_096;
/// How many files a tree may have, of definitions or not.
const MOST_ENTRIES: usize = 1_000_000;

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
    let mut listed = Listed::default();
    records(folder, &list, |record| {
        let below = || {
            let (about, path) = split(record)?;
            let [mode, _kind, object] = words(about)?;
            entry(mode, object, path.strip_prefix(prefix.as_bytes())?)
        };
        listed.take(below(), |entry| entry)
    })?;
    Ok(listed.entries)
}

/// Tells whether a commit has a file of this name anywhere.
pub(crate) fn has_named(folder: &Path, commit: &str, name: &str) -> Result<bool, RevisionError> {
    let is_named = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next() == Some(name.as_bytes());
    Ok(tree(folder, commit, "")?.iter().any(|entry| is_named(&entry.path)))
}

/// Lists what git tracks below a folder.
pub(crate) fn index(folder: &Path) -> Result<Vec<IndexEntry>, RevisionError> {
    let list = ["ls-files", "-z", "-v", "--stage"];
    let tracked = |record: &[u8]| {
        let (about, path) = split(record)?;
        let [tag, mode, object, _stage] = words(about)?;
        // A small letter stands for what is assumed to be unchanged.
        let watch =
            if tag == "S" || tag.chars().all(char::is_lowercase) { IndexWatch::Skipped } else { IndexWatch::Watched };
        Some(IndexEntry { entry: entry(mode, object, path)?, watch })
    };
    let mut listed = Listed::default();
    records(folder, &list, |record| listed.take(tracked(record), |tracked| &tracked.entry))?;
    Ok(listed.entries)
}

/// What git lists, as far as a folder of a disk could hold it.
struct Listed<T> {
    entries: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> Listed<T> {
    fn take(&mut self, one: Option<T>, entry: impl Fn(&T) -> &TreeEntry) -> Result<(), RevisionError> {
        if let Some(long) = one.as_ref().map(|one| &entry(one).path).filter(|path| path.len() > LONGEST_PATH) {
            let begin = String::from_utf8_lossy(&long[..LONGEST_PATH]).into_owned();
            let what = format!("a path of more than {LONGEST_PATH} bytes: {}", quote(&begin));
            return Err(RevisionError::TooLarge(what));
        }
        if one.is_some() && self.entries.len() == MOST_ENTRIES {
            return Err(RevisionError::TooLarge(format!("more than {MOST_ENTRIES} files")));
        }
        self.entries.extend(one);
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_no_disk_could_hold_is_refused_while_git_lists_it() {
        let entry = |path: Vec<u8>| Some(TreeEntry { kind: EntryKind::File, path, object: String::new() });
        let long = vec![entry(b"a/".repeat(LONGEST_PATH))];
        let many = (0..=MOST_ENTRIES).map(|number| entry(number.to_string().into_bytes())).collect();
        for (entries, kept, said) in
            [(long, 0, "a path of more than 4096 bytes"), (many, MOST_ENTRIES, "more than 1000000 files")]
        {
            let mut listed = Listed::default();
            let refused = entries.into_iter().try_for_each(|one| listed.take(one, |entry| entry)).err();
            let refused = refused.map(|error| error.to_string());
            assert!(refused.as_ref().is_some_and(|text| text.contains(said)), "{refused:?}");
            assert_eq!(listed.entries.len(), kept);
        }
    }
}
