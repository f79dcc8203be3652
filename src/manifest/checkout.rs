//! Definitions that git tracks and the working tree lacks by git's own doing.

use std::collections::BTreeSet;
use std::path::Path;

use super::Emptiness;
use super::budget::Mistakes;
use super::config::ResolvedConfig;
use super::find::find_definitions;
use super::listing::SourceError;
use super::revision::ObjectTree;
use super::source::Folder;
use super::walk::{FileTree as _, Located};
use crate::diagnostic::Diagnostic;
use crate::git::{self, EntryKind, IndexEntry, IndexWatch, RevisionError};

/// Names the files of definitions that git tracks and did not check out: beyond a sparse checkout, marked so that git looks
/// away, or in a submodule that was not fetched. Where there is no git nothing is tracked.
pub(crate) fn not_checked_out(folder: &Path, resolved: &ResolvedConfig) -> Result<Vec<String>, RevisionError> {
    match git::prefix(folder) {
        Err(RevisionError::NoRepository { .. } | RevisionError::NoGit(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let index = git::index(folder)?;
    let lacking: Vec<&IndexEntry> = index.iter().filter(|one| is_lacking(folder, one)).collect();
    if lacking.is_empty() {
        return Ok(Vec::new());
    }
    let absent = Absent {
        paths: lacking.iter().map(|one| path(one)).collect(),
        links: lacking.iter().filter(|one| one.entry.kind == EntryKind::Link).count(),
        disk: Folder::new(folder),
        tracked: ObjectTree::new(folder, index.iter().map(|one| one.entry.clone()).collect())?,
    };
    let mut found = Mistakes::default();
    let files = (&resolved.definitions, &*resolved.config_path);
    let mut paths: BTreeSet<String> =
        find_definitions(&absent.tracked, files.0, files.1, Emptiness::Allowed, &mut found).into_iter().collect();
    // What is in no file that can be read is told as a mistake of its place.
    paths.extend(found.iter().filter_map(Diagnostic::location).map(|at| at.file.to_string()));
    Ok(paths.into_iter().filter(|path| absent.holds(path)).collect())
}

fn path(index: &IndexEntry) -> String {
    String::from_utf8_lossy(&index.entry.path).into_owned()
}

/// Tells whether the working tree lacks what git tracks, and git does not mind.
fn is_lacking(folder: &Path, index: &IndexEntry) -> bool {
    let place = folder.join(path(index));
    match (index.entry.kind, index.watch) {
        (EntryKind::Submodule, _) => place.join(".git").symlink_metadata().is_err(),
        (EntryKind::File | EntryKind::Link, IndexWatch::Skipped) => place.symlink_metadata().is_err(),
        (EntryKind::File | EntryKind::Link, IndexWatch::Watched) => false,
    }
}

/// What the working tree lacks, beside what it has and what git tracks.
struct Absent {
    paths: BTreeSet<String>,
    /// How many links are among them.
    links: usize,
    disk: Folder,
    tracked: ObjectTree,
}

impl Absent {
    fn holds(&self, path: &str) -> bool {
        let missing = |path: &str| matches!(self.disk.locate(path), Err(SourceError::Missing(_)));
        match self.tracked.locate(path) {
            // What is there, but not by this path, is missing a link.
            Ok(Located::File(real)) if missing(path) => {
                self.paths.contains(&real) || (self.links > 0 && !missing(&real))
            }
            Ok(_) => false,
            Err(_) => self.paths.contains(path),
        }
    }
}
