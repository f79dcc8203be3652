//! What no document may be written over: the files that icsync itself reads.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::destination::{WRITTEN_YAML, is_written_yaml};
use super::environment::Environment;
use super::failure::Failure;
use super::plan_key::{KEY_FILE, STATE};
use super::planning::RUNS;
use crate::manifest::{Folder, TreeFiles, read_configured};

/// The folder and the name of the configuration whose files are not to be written over.
pub(super) struct OverwritingGuard<'a> {
    environment: &'a Environment,
    root: &'a Path,
    config: &'a str,
}

impl<'a> OverwritingGuard<'a> {
    pub(super) fn of(environment: &'a Environment, (root, config): (&'a Path, &'a str)) -> Self {
        Self { environment, root, config }
    }

    /// Refuses a file of the command line that icsync reads; one that is not there yet, or is empty, is nothing to lose.
    pub(super) fn check(&self, file: &Path) -> Result<(), Failure> {
        let place = self.environment.place(file);
        if !place.metadata().is_ok_and(|there| there.is_file() && there.len() > 0) {
            return Ok(());
        }
        let reason = match self.reader_of(file, &place) {
            Some(reader) => format!("icsync reads it, as {reader}: name another file"),
            None if is_written_yaml(&place) => WRITTEN_YAML.to_owned(),
            None => return Ok(()),
        };
        Err(Failure::file("write", &self.environment.path(file), io::Error::other(reason)))
    }

    /// Says what a file is that icsync reads, whichever way it is named.
    fn reader_of(&self, file: &Path, place: &Path) -> Option<&'static str> {
        let root = self.root.canonicalize().unwrap_or_else(|_| self.root.to_owned());
        let is_at = |other: &Path| root.join(other).canonicalize().is_ok_and(|other| other == place);
        let state = Path::new(STATE);
        if place.starts_with(root.join(state).join(RUNS)) {
            return Some("the journal of a run");
        }
        if is_at(&state.join(KEY_FILE)) {
            return Some("the key of digests");
        }
        let source = Folder::new(&root);
        let files = TreeFiles::of(&source, self.config);
        if let Some((_, what)) = files.named().iter().find(|(path, _)| is_at(Path::new(path))) {
            return Some(what);
        }
        // A link is known by its own name too.
        let paths = [place.to_owned(), plain(&self.environment.path(file))];
        let inside = |path: &PathBuf| {
            let below = path.strip_prefix(&root).or_else(|_| path.strip_prefix(self.root)).ok()?;
            Some(below.to_str()?.replace('\\', "/"))
        };
        let paths: Vec<String> = paths.iter().filter_map(inside).collect();
        let by_path = paths.iter().find_map(|path| files.reader_of(path));
        by_path.or_else(|| {
            // Of a fleet with mistakes nobody knows the table, but no document is CSV.
            let is_csv = place.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
            let is_read = |path: &String| files.is_table(&source, path);
            (is_csv || may_be_table(place) && paths.iter().any(is_read)).then_some("the table of a fleet")
        })
    }
}

/// Tells whether a file may be a table: documents in JSON and HTML, which are written again and again, are none, and need no
/// look at all definitions.
fn may_be_table(place: &Path) -> bool {
    let begins = |bytes: &[u8]| bytes.trim_ascii_start().first().is_some_and(|first| !b"{<".contains(first));
    read_configured(place).is_ok_and(|bytes| begins(&bytes))
}

/// Takes `.` and `..` out of a path.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}
