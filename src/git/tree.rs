//! The files of a commit.

use std::path::Path;

use super::command::bytes;
use super::error::RevisionError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    pub(crate) kind: EntryKind,
    /// Where it lies below the folder that was asked for.
    pub(crate) path: String,
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

/// Lists what a commit has below a folder, which is named as [`super::prefix`] does.
pub(crate) fn tree(folder: &Path, commit: &str, prefix: &str) -> Result<Vec<TreeEntry>, RevisionError> {
    let mut list = vec!["ls-tree", "-r", "-z", "--full-tree", commit];
    list.extend((!prefix.is_empty()).then_some(["--", prefix]).into_iter().flatten());
    let tree = bytes(folder, &list)?.ok_or_else(|| RevisionError::Git("ls-tree failed".to_owned()))?;
    Ok(tree.split(|byte| *byte == 0).filter_map(|line| entry(line, prefix)).collect())
}

/// Reads one line of `ls-tree`.
fn entry(line: &[u8], prefix: &str) -> Option<TreeEntry> {
    let (about, path) = std::str::from_utf8(line).ok()?.split_once('\t')?;
    let mut about = about.split(' ');
    let (mode, _kind, object) = (about.next()?, about.next()?, about.next()?);
    let kind = match mode {
        "120000" => EntryKind::Link,
        "160000" => EntryKind::Submodule,
        _ if mode.starts_with("100") => EntryKind::File,
        _ => return None,
    };
    Some(TreeEntry { kind, path: path.strip_prefix(prefix)?.to_owned(), object: object.to_owned() })
}
