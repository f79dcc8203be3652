//! Where the files of a tree come from; the only place of the manifest that reads the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

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

/// Whether files and folders whose names begin with a dot are listed.
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
    /// Paths among them that are links, each with the path of the repository that it leads to.
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
    fn locate(&self, path: &str) -> Result<PathBuf, SourceError> {
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
        let mut walk =
            Walk { folder: self, hidden, seen: BTreeSet::new(), links: Vec::new(), listing: FolderListing::default() };
        match self.locate(folder) {
            Ok(real) if real.is_dir() => walk.visit(&real, folder.trim_matches('/')),
            Ok(_) => {
                walk.listing.files.insert(folder.to_owned());
            }
            // Nothing to list is for the caller to say: the pattern matches nothing.
            Err(SourceError::Missing(_)) => {}
            Err(error) => walk.problem(folder, ProblemKind::Folder, error),
        }
        // Links come last and one by one, so that a file is known by its real path where it has one in the tree.
        while let Some(link) = walk.links.pop() {
            walk.follow(&link);
        }
        walk.listing
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let real = self.locate(path)?;
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

/// A walk through folders; each real folder and linked file is visited once, so that loops end.
struct Walk<'a> {
    folder: &'a Folder,
    hidden: DotFiles,
    seen: BTreeSet<PathBuf>,
    links: Vec<String>,
    listing: FolderListing,
}

impl Walk<'_> {
    fn visit(&mut self, real: &Path, path: &str) {
        let mut folders = vec![(real.to_owned(), path.to_owned())];
        while let Some((real, path)) = folders.pop() {
            if !self.seen.insert(real.clone()) {
                continue;
            }
            match self.entries(&real, &path) {
                Ok(below) => folders.extend(below),
                Err(error) => self.problem(&path, ProblemKind::Folder, failure(&path, &error)),
            }
        }
    }

    /// Notes the files and links of a folder and gives its folders.
    fn entries(&mut self, real: &Path, path: &str) -> std::io::Result<Vec<(PathBuf, String)>> {
        let mut folders = Vec::new();
        let mut entries = std::fs::read_dir(real)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name == ".git" || (self.hidden == DotFiles::Skipped && name.starts_with('.')) {
                continue;
            }
            let path = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((entry.path(), path));
            } else if kind.is_symlink() {
                self.links.push(path);
            } else {
                self.listing.files.insert(path);
            }
        }
        Ok(folders)
    }

    fn follow(&mut self, link: &str) {
        match self.folder.locate(link) {
            Ok(real) if real.is_dir() => {
                let parent = link.rsplit_once('/').map_or("", |(parent, _)| parent);
                // A link to a folder that contains it leads round in a circle.
                if self.folder.locate(parent).is_ok_and(|parent| !parent.starts_with(&real)) {
                    self.visit(&real, link);
                }
            }
            Ok(real) => {
                let root = self.folder.real_root().ok();
                let own = root.and_then(|root| Some(real.strip_prefix(root).ok()?.to_string_lossy().into_owned()));
                self.listing.links.extend(own.map(|own| (link.to_owned(), own)));
                self.listing.files.insert(link.to_owned());
            }
            // A link that leads nowhere is an error only if a pattern matches it: reading it will say so.
            Err(SourceError::Missing(_)) => {
                self.listing.files.insert(link.to_owned());
            }
            Err(error) => {
                let folder = self.folder.root.join(link).is_dir();
                self.problem(link, if folder { ProblemKind::Folder } else { ProblemKind::File }, error);
            }
        }
    }

    fn problem(&mut self, path: &str, kind: ProblemKind, error: SourceError) {
        self.listing.problems.push(ListingProblem { path: path.to_owned(), kind, error });
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
