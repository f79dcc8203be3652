//! Commits, and where a folder lies in its repository.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use super::command::{bytes, command, line};
use super::error::{HistoryExtent, RevisionError};

/// Gives where a folder lies below the root of its repository, with a slash at the end; nothing for the root itself.
pub(crate) fn prefix(folder: &Path) -> Result<String, RevisionError> {
    let output = command(folder).args(["rev-parse", "--show-prefix"]).stdin(Stdio::null()).output();
    let output = output.map_err(|error| RevisionError::NoGit(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    Err(RevisionError::NoRepository { folder: folder.display().to_string(), words })
}

/// Gives the full name of the commit that a name means.
pub(crate) fn commit(folder: &Path, name: &str) -> Result<String, RevisionError> {
    let wanted = format!("{name}^{{commit}}");
    match line(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])? {
        Some(commit) => Ok(commit),
        None => {
            let says =
                |arguments: &[&str], word: &str| line(folder, arguments).map(|said| said.as_deref() == Some(word));
            let extent = if says(&["rev-parse", "--is-shallow-repository"], "true")? {
                HistoryExtent::Shallow
            } else if says(&["rev-list", "--max-count=1", "--all"], "")? {
                HistoryExtent::Empty
            } else {
                HistoryExtent::Whole
            };
            Err(RevisionError::Unknown { name: name.to_owned(), extent })
        }
    }
}

/// What a folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Checkout {
    /// The commit that is checked out, if there is one.
    pub(crate) commit: Option<String>,
    /// Whether what it holds is that commit.
    pub(crate) state: CheckoutState,
}

/// Whether a folder holds what was committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum CheckoutState {
    /// It does.
    #[default]
    Clean,
    /// It does not.
    Dirty,
}

/// Looks at what a folder holds. Of files that git does not know those count that are among `read`.
pub(crate) fn checkout(folder: &Path, read: &BTreeSet<String>) -> Result<Checkout, RevisionError> {
    let prefix = prefix(folder)?;
    let commit = line(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let commit = commit.filter(|one| !one.is_empty() && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let changes = changes(folder)?;
    let counts = |entry: &[u8]| match std::str::from_utf8(entry).ok().and_then(|entry| entry.strip_prefix("?? ")) {
        Some(unknown) => unknown.strip_prefix(&*prefix).is_some_and(|path| read.contains(path)),
        None => !entry.is_empty() && !entry.starts_with(b"?? "),
    };
    let dirty = changes.split(|byte| *byte == 0).any(counts);
    Ok(Checkout { commit, state: if dirty { CheckoutState::Dirty } else { CheckoutState::Clean } })
}

/// Names the files below a folder that are not as they were committed.
pub(crate) fn uncommitted(folder: &Path) -> Result<BTreeSet<String>, RevisionError> {
    let prefix = prefix(folder)?;
    let changes = changes(folder)?;
    let path = |entry: &[u8]| Some(std::str::from_utf8(entry).ok()?.get(3..)?.strip_prefix(&*prefix)?.to_owned());
    Ok(changes.split(|byte| *byte == 0).filter_map(path).collect())
}

/// Lists what git says of the files below a folder: two letters and a blank, then the path from the root.
fn changes(folder: &Path) -> Result<Vec<u8>, RevisionError> {
    let status = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "."];
    bytes(folder, &status)?.ok_or_else(|| RevisionError::Git("status failed".to_owned()))
}

/// Gives where the branch of the working tree left the one it is meant for: the merge base of HEAD and its upstream,
/// else of HEAD and the default branch of `origin`.
pub(crate) fn default_base(folder: &Path) -> Result<Option<String>, RevisionError> {
    prefix(folder)?;
    let mut cut = None;
    for upstream in ["@{upstream}", "origin/HEAD"] {
        if let Some(base) = line(folder, &["merge-base", "HEAD", upstream])? {
            return Ok(Some(base));
        }
        let name = line(folder, &["rev-parse", "--verify", "--quiet", "--abbrev-ref", upstream])?;
        cut = cut.or(name.filter(|name| !name.is_empty()));
    }
    cut.map_or(Ok(None), |upstream| Err(RevisionError::NoMergeBase(upstream)))
}
