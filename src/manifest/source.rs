//! Where the files of a tree come from; the only place of the manifest that reads the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use super::walk::{FolderEntry, FolderEntryKind, Layout, Located, walk};

/// How large one file may be, in bytes.
pub(crate) const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Files of a repository by paths relative to the folder of `icsync.yaml`, with `/` between their parts.
pub(crate) trait Source: Send + Sync {
    /// Lists every file below a folder (`""` is the root) in order. Mistakes do not hide the other files.
    fn list(&self, folder: &str, hidden: DotFiles) -> FolderListing;

    /// Makes ready to read files, where it is cheaper to ask for many at once.
    fn prepare(&self, paths: &[String]) {
        let _ = paths;
    }

    /// Reads a file; refuses what lies outside the repository, is no regular file, or is larger than [`MOST_BYTES`].
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError>;
}

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
    /// There is no such file.
    #[error("`{}` does not exist", .0.escape_debug())]
    Missing(String),
    /// The file is larger than [`MOST_BYTES`].
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

/// A folder on disk: the working tree.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    real_root: OnceLock<PathBuf>,
}

impl Folder {
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
        Self { root, real_root: OnceLock::new() }
    }

    fn real_root(&self) -> Result<&Path, SourceError> {
        if let Some(root) = self.real_root.get() {
            return Ok(root);
        }
        let real = self.root.canonicalize().map_err(|error| failure(&self.root.to_string_lossy(), &error))?;
        Ok(self.real_root.get_or_init(|| real))
    }

    /// Follows symbolic links and makes sure that the end lies in the repository.
    fn real(&self, path: &str) -> Result<PathBuf, SourceError> {
        let relative = Path::new(path);
        if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(SourceError::Outside(path.to_owned()));
        }
        let real = self.root.join(relative).canonicalize().map_err(|error| failure(path, &error))?;
        if real.starts_with(self.real_root()?) { Ok(real) } else { Err(SourceError::Outside(path.to_owned())) }
    }
}

impl Source for Folder {
    fn list(&self, folder: &str, hidden: DotFiles) -> FolderListing {
        walk(self, folder, hidden)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let real = self.real(path)?;
        let metadata = real.metadata().map_err(|error| failure(path, &error))?;
        if !metadata.is_file() {
            return Err(SourceError::Unreadable {
                path: path.to_owned(),
                reason: "it is not a regular file".to_owned(),
            });
        }
        let file = std::fs::File::open(&real).map_err(|error| failure(path, &error))?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(MOST_BYTES)).unwrap_or_default());
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failure(path, &error))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(SourceError::TooLarge(path.to_owned()));
        }
        Ok(bytes)
    }
}

impl Layout for Folder {
    fn locate(&self, path: &str) -> Result<Located, SourceError> {
        let real = self.real(path)?;
        let below = real.strip_prefix(self.real_root()?).map_err(|_| SourceError::Outside(path.to_owned()))?;
        let parts: Option<Vec<&str>> = below.iter().map(std::ffi::OsStr::to_str).collect();
        let own = parts.ok_or_else(|| SourceError::NotUnicode(path.to_owned()))?.join("/");
        Ok(if real.is_dir() { Located::Folder(own) } else { Located::File(own) })
    }

    fn entries(&self, folder: &str) -> Result<Vec<FolderEntry>, SourceError> {
        let failure = |error| failure(folder, &error);
        let entries = std::fs::read_dir(self.real_root()?.join(folder)).map_err(failure)?;
        let entry = |entry: std::fs::DirEntry| {
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            let kind = match kind {
                _ if name.to_str().is_none() && !kind.is_file() => FolderEntryKind::Unnamed(ProblemKind::Unclear),
                _ if name.to_str().is_none() => FolderEntryKind::Unnamed(ProblemKind::File),
                kind if kind.is_dir() => FolderEntryKind::Folder,
                kind if kind.is_symlink() => FolderEntryKind::Link,
                _ => FolderEntryKind::File,
            };
            Ok(FolderEntry { name: name.to_string_lossy().into_owned(), kind })
        };
        entries.map(|one| one.and_then(entry)).collect::<Result<_, _>>().map_err(failure)
    }

    fn behind(&self, link: &str, _: &SourceError) -> ProblemKind {
        if self.root.join(link).is_dir() { ProblemKind::Folder } else { ProblemKind::File }
    }
}

fn failure(path: &str, error: &std::io::Error) -> SourceError {
    match error.kind() {
        std::io::ErrorKind::NotFound => SourceError::Missing(path.to_owned()),
        _ => SourceError::Unreadable { path: path.to_owned(), reason: error.to_string() },
    }
}

/// Reads a small file that may lie outside the repository, as secrets do.
pub(super) fn read_secret_file(path: &Path) -> Result<String, String> {
    const MOST: u64 = 64 * 1024;
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}
