//! Why git does not answer.

use crate::text::visible;

/// Why a revision cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RevisionError {
    #[error("the `git` program cannot be run: {0}")]
    NoGit(String),
    /// The folder is in no repository that git will read.
    #[error("`{}` is not in a git repository that can be read{}", .folder.escape_debug(), said(.words))]
    NoRepository { folder: String, words: String },
    /// The branch and what it is meant for have no common commit here.
    #[error("the history here does not reach back to where the branch left `{0}`")]
    NoMergeBase(String),
    /// The name means no commit here.
    #[error("`{}` is not a commit of this repository", .name.escape_debug())]
    Unknown { name: String, extent: HistoryExtent },
    /// It holds more than is looked at, or what no folder of a disk can hold.
    #[error("the tree has {0}")]
    TooLarge(String),
    /// Git says something unexpected.
    #[error("git does not say what the repository holds: {0}")]
    Git(String),
}

/// How much of its history a repository has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistoryExtent {
    Whole,
    /// It was cut off when the repository was cloned.
    Shallow,
    /// Nothing was ever committed.
    Empty,
}

/// What git says, behind a message.
fn said(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {}", visible(words)) }
}
