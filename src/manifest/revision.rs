//! The files of a revision, out of git's objects.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;

use super::files::normalize;
use super::source::{DotFiles, FolderListing, ListingProblem, MOST_BYTES, ProblemKind, Source, SourceError};
use crate::git::{self, EntryKind, Objects, RevisionError, TreeEntry};

/// The files of one commit below the folder of `icsync.yaml`.
#[derive(Debug)]
pub(crate) struct Revision {
    commit: String,
    files: BTreeMap<String, String>,
    /// Which of them are links, and where they lead.
    links: BTreeMap<String, String>,
    /// Links that lead nowhere or out of the repository, and submodules.
    problems: Vec<ListingProblem>,
    objects: Mutex<Objects>,
    /// Objects that were asked for beforehand.
    prepared: Mutex<HashMap<String, Vec<u8>>>,
}

impl Revision {
    /// Opens a revision by any name that git knows, for the folder of `icsync.yaml`.
    pub(crate) fn open(folder: &Path, name: &str) -> Result<Self, RevisionError> {
        let prefix = git::prefix(folder)?;
        let commit = git::commit(folder, name)?;
        let tree = git::tree(folder, &commit, &prefix)?;
        let mut objects = Objects::start(folder, MOST_BYTES)?;
        let (mut files, mut links, mut problems) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for TreeEntry { kind, path, object } in tree {
            match kind {
                EntryKind::File => drop(files.insert(path, object)),
                EntryKind::Submodule => problems.push(submodule(path)),
                EntryKind::Link => {
                    let target = objects.read(&object).map_err(|error| RevisionError::Git(error.to_string()))?;
                    links.insert(path, String::from_utf8_lossy(&target).into_owned());
                }
            }
        }
        let (links, dangling) = follow(&mut files, &links);
        problems.extend(dangling);
        Ok(Self { commit, files, links, problems, objects: Mutex::new(objects), prepared: Mutex::default() })
    }

    /// Gives the full name of the commit.
    pub(crate) fn commit(&self) -> &str {
        &self.commit
    }

    /// Tells whether the commit has a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}

/// Makes files of links that lead to files, or to folders of files, and says where each leads. A link that leads
/// nowhere or out of the repository is no file.
fn follow(
    files: &mut BTreeMap<String, String>,
    links: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Vec<ListingProblem>) {
    let problem = |path: &String, error| ListingProblem { path: path.clone(), kind: ProblemKind::File, error };
    let (mut found, mut dangling) = (BTreeMap::new(), Vec::new());
    for (link, target) in links {
        let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(target) = normalize(folder, target) else {
            dangling.push(problem(link, SourceError::Outside(link.clone())));
            continue;
        };
        let below = format!("{target}/");
        let real = files.keys().filter(|path| **path == target || path.starts_with(&below));
        // A link to a folder that contains it leads round in a circle.
        let real = real.filter(|_| !link.starts_with(&below) && !target.is_empty());
        let before = found.len();
        found.extend(real.map(|path| (format!("{link}{}", &path[target.len()..]), path.clone())));
        if found.len() == before && !links.contains_key(&target) {
            dangling.push(problem(link, SourceError::Missing(link.clone())));
        }
    }
    for (link, path) in &found {
        if let Some(object) = files.get(path).cloned() {
            files.insert(link.clone(), object);
        }
    }
    (found, dangling)
}

/// Says that the files of a submodule are not to be had.
fn submodule(path: String) -> ListingProblem {
    let reason = "it is a git submodule, and its files are not in this commit".to_owned();
    ListingProblem { path: path.clone(), kind: ProblemKind::Folder, error: SourceError::Unreadable { path, reason } }
}

impl Source for Revision {
    fn list(&self, folder: &str, hidden: DotFiles) -> FolderListing {
        let folder = folder.trim_matches('/');
        let below = |path: &&String| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_hidden = |path: &&String| path.split('/').any(|part| part.starts_with('.'));
        let shown = |path: &&String| matches!(hidden, DotFiles::Listed) || !is_hidden(path);
        let files = self.files.keys().filter(below).filter(shown).cloned().collect();
        FolderListing { files, links: self.links.clone(), problems: self.problems.clone() }
    }

    fn prepare(&self, paths: &[String]) {
        let wanted: Vec<&str> = paths.iter().filter_map(|path| self.files.get(path)).map(String::as_str).collect();
        if let (Ok(mut objects), Ok(mut prepared)) = (self.objects.lock(), self.prepared.lock()) {
            let answers = objects.read_all(&wanted);
            // What is not there fails when it is read.
            let found =
                wanted.iter().zip(answers).filter_map(|(object, bytes)| Some(((*object).to_owned(), bytes.ok()?)));
            prepared.extend(found);
        }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let unreadable = |reason: String| SourceError::Unreadable { path: path.to_owned(), reason };
        let object = self.files.get(path).ok_or_else(|| SourceError::Missing(path.to_owned()))?;
        let prepared = self.prepared.lock().ok().and_then(|prepared| prepared.get(object).cloned());
        let bytes = prepared.map_or_else(
            || {
                let mut objects = self.objects.lock().map_err(|_| unreadable("an earlier read failed".to_owned()))?;
                objects.read(object).map_err(|error| unreadable(error.to_string()))
            },
            Ok,
        )?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(SourceError::TooLarge(path.to_owned()));
        }
        Ok(bytes)
    }
}
