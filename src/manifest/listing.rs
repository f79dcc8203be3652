//! What a folder holds, and why something in it cannot be had.

use std::collections::{BTreeMap, BTreeSet};

/// Whether folders at the top are listed whose names begin with a dot: those that tools keep there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DotFiles {
    Skipped,
    Listed,
}

/// Files of a folder.
#[derive(Debug, Default)]
pub(crate) struct FolderListing {
    /// The paths, sorted.
    pub files: BTreeSet<String>,
    /// Paths among them that are links or lead through one, each with its path without links.
    pub links: BTreeMap<String, String>,
    /// What could not be listed.
    pub problems: Vec<ListingProblem>,
}

/// A path that could not be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListingProblem {
    pub path: String,
    /// What may be there.
    pub kind: ProblemKind,
    /// Why it cannot be had.
    pub error: SourceError,
}

/// What may be at a path that could not be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// A folder: any file may be below it.
    Folder,
    /// A file, or nothing.
    File,
    /// A file or a folder: nobody can tell.
    Unclear,
}

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    /// The path or a symbolic link in it leads out of the repository.
    #[error("`{}` leads out of the repository", .0.escape_debug())]
    Outside(String),
    /// The file, or the one behind the link, holds a credential.
    #[error("`{}` is a file of secrets, which `auth` of a target names", .0.escape_debug())]
    Secret(String),
    /// There is no such file.
    #[error("`{}` does not exist", .0.escape_debug())]
    Missing(String),
    /// The file is larger than what one file may be.
    #[error("`{}` is larger than 64 MiB", .0.escape_debug())]
    TooLarge(String),
    /// The path or a symbolic link in it has a name that is no text.
    #[error("`{}` has a name that is not UTF-8", .0.escape_debug())]
    NotUnicode(String),
    /// The path leads into another repository.
    #[error("`{}` cannot be read: it is a git submodule, and its files are not in this commit", .0.escape_debug())]
    Submodule(String),
    /// Symbolic links lead back to each other.
    #[error("the links of `{}` lead round in a circle", .0.escape_debug())]
    Circle(String),
    /// The file cannot be read for another reason.
    #[error("`{}` cannot be read: {reason}", .path.escape_debug())]
    Unreadable {
        path: String,
        /// What the system says.
        reason: String,
    },
}
