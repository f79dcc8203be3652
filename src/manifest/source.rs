//! Where the files of a tree come from; the only place of the manifest that reads the disk.

use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use secrecy::zeroize::Zeroizing;

use super::gate::{GatePass, LargeFileGate};
use super::listing::{DotFiles, FolderListing, ProblemKind, SourceError};
use super::walk::{FileTree, FolderEntry, FolderEntryKind, Located, walk};

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

    /// Refuses from now on to read these files, which hold secrets, by whatever name: what is wrong with a file is shown.
    fn withhold(&self, secrets: &[String]) {
        let _ = secrets;
    }

    /// Reads a file; refuses what lies outside the repository, is no regular file, or is larger than [`MOST_BYTES`].
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError>;

    /// Reads a file as [`read`](Self::read) does, after it was let through a gate if it is large.
    fn read_through<'g>(&self, gate: &'g LargeFileGate, path: &str) -> Result<(Vec<u8>, GatePass<'g>), SourceError> {
        let bytes = self.read(path)?;
        let pass = gate.enter(bytes.len() as u64);
        Ok((bytes, pass))
    }
}

/// A folder on disk: the working tree.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    real_root: OnceLock<PathBuf>,
    /// What folders are without links.
    real_folders: Mutex<HashMap<PathBuf, PathBuf>>,
    /// Files that are not read, without links.
    withheld: OnceLock<HashSet<PathBuf>>,
}

impl Folder {
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
        Self { root, real_root: OnceLock::new(), real_folders: Mutex::default(), withheld: OnceLock::new() }
    }

    fn real_root(&self) -> Result<&Path, SourceError> {
        if let Some(root) = self.real_root.get() {
            return Ok(root);
        }
        let real = self.root.canonicalize().map_err(|error| failure(&self.root.to_string_lossy(), &error))?;
        Ok(self.real_root.get_or_init(|| real))
    }

    /// Follows symbolic links, says what is at the end, and makes sure that it lies in the repository.
    fn real(&self, path: &str) -> Result<(PathBuf, Metadata), SourceError> {
        let relative = Path::new(path);
        if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(SourceError::Outside(path.to_owned()));
        }
        let (real, metadata) = self.follow(&self.root.join(relative)).map_err(|error| failure(path, &error))?;
        if !real.starts_with(self.real_root()?) {
            return Err(SourceError::Outside(path.to_owned()));
        }
        if self.withheld.get().is_some_and(|withheld| withheld.contains(&real)) {
            return Err(SourceError::Secret(path.to_owned()));
        }
        Ok((real, metadata))
    }

    /// Follows the links of a folder once for all files in it: a tree has thousands of them.
    fn follow(&self, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
            let real = self.real_folder(folder)?.join(name);
            let metadata = real.symlink_metadata()?;
            if !metadata.is_symlink() {
                return Ok((real, metadata));
            }
        }
        let real = path.canonicalize()?;
        let metadata = real.metadata()?;
        Ok((real, metadata))
    }

    fn real_folder(&self, folder: &Path) -> io::Result<PathBuf> {
        let known = || self.real_folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(real) = known().get(folder) {
            return Ok(real.clone());
        }
        let real = folder.canonicalize()?;
        known().insert(folder.to_owned(), real.clone());
        Ok(real)
    }
}

impl Source for Folder {
    fn list(&self, folder: &str, hidden: DotFiles) -> FolderListing {
        walk(self, folder, hidden)
    }

    fn withhold(&self, secrets: &[String]) {
        self.withheld
            .get_or_init(|| secrets.iter().filter_map(|path| self.root.join(path).canonicalize().ok()).collect());
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        Ok(self.read_through(&LargeFileGate::default(), path)?.0)
    }

    fn read_through<'g>(&self, gate: &'g LargeFileGate, path: &str) -> Result<(Vec<u8>, GatePass<'g>), SourceError> {
        let (real, metadata) = self.real(path)?;
        if !metadata.is_file() {
            return Err(SourceError::Unreadable {
                path: path.to_owned(),
                reason: "it is not a regular file".to_owned(),
            });
        }
        let pass = gate.enter(metadata.len());
        let file = std::fs::File::open(&real).map_err(|error| failure(path, &error))?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(MOST_BYTES)).unwrap_or_default());
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failure(path, &error))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(SourceError::TooLarge(path.to_owned()));
        }
        Ok((bytes, pass))
    }
}

impl FileTree for Folder {
    fn locate(&self, path: &str) -> Result<Located, SourceError> {
        let (real, metadata) = self.real(path)?;
        let below = real.strip_prefix(self.real_root()?).map_err(|_| SourceError::Outside(path.to_owned()))?;
        let parts: Option<Vec<&str>> = below.iter().map(std::ffi::OsStr::to_str).collect();
        let own = parts.ok_or_else(|| SourceError::NotUnicode(path.to_owned()))?.join("/");
        Ok(if metadata.is_dir() { Located::Folder(own) } else { Located::File(own) })
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

/// Reads a small file that may lie outside the repository, as secrets do. It is wiped from memory where it is dropped.
pub(super) fn read_secret_file(path: &Path) -> Result<Zeroizing<String>, String> {
    const MOST: u64 = 64 * 1024;
    let bytes = read_regular(path, MOST).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        "it is not text in UTF-8".to_owned()
    })?;
    Ok(Zeroizing::new(text))
}

/// Reads a file that the configuration names, wherever it lies.
pub(crate) fn read_configured(path: &Path) -> io::Result<Vec<u8>> {
    read_regular(path, MOST_BYTES)
}

/// Reads a regular file of at most so many bytes: a pipe may never end, and neither may a device.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Looked at before it is opened: opening a pipe waits for who writes.
    let there = path.metadata()?;
    if there.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !there.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes"));
    if there.len() > most {
        return Err(too_large());
    }
    // At once as large as the file: a secret that moved while it grew would stay where it was.
    let mut bytes = Vec::with_capacity(usize::try_from(there.len() + 1).unwrap_or_default());
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Tells whether a relative path stays below a folder, with all links followed that exist so far. An absolute path says
/// itself where it leads.
pub(crate) fn stays_inside(root: &Path, path: &Path) -> io::Result<bool> {
    if path.is_absolute() {
        return Ok(true);
    }
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Ok(false);
    }
    let whole = root.join(path);
    // A link that leads nowhere yet would be followed once something is made there.
    let Some(there) = whole.ancestors().find(|part| part.symlink_metadata().is_ok()) else { return Ok(true) };
    Ok(there.canonicalize()?.starts_with(root.canonicalize()?))
}
