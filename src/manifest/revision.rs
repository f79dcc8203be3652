//! The files of a revision, out of git's objects.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;

use super::gate::{GatePass, LargeFileGate};
use super::listing::{DotFiles, FolderListing, ProblemKind, SourceError};
use super::path::join;
use super::source::{MOST_BYTES, Source};
use super::walk::{FileTree, FolderEntry, FolderEntryKind, Located, walk};
use crate::git::{self, EntryKind, Objects, RevisionError, TreeEntry};

/// So many links are followed in one path at most, as systems do.
const MOST_LINKS: usize = 40;

/// As many bytes of objects are kept that were asked for beforehand.
const MOST_PREPARED: u64 = 32 * 1024 * 1024;

/// How many bytes the targets of all links may have.
const MOST_LED: u64 = 64 * 1024 * 1024;

/// The files of one commit below the folder of `icsync.yaml`.
#[derive(Debug)]
pub(crate) struct Revision {
    commit: String,
    files: ObjectTree,
    /// Objects that were asked for beforehand.
    prepared: Mutex<HashMap<String, Vec<u8>>>,
}

impl Revision {
    /// Opens a revision by any name that git knows, for the folder of `icsync.yaml`.
    pub(crate) fn open(folder: &Path, name: &str) -> Result<Self, RevisionError> {
        let prefix = git::prefix(folder)?;
        let commit = git::commit(folder, name)?;
        let files = ObjectTree::new(folder, git::tree(folder, &commit, &prefix)?)?;
        Ok(Self { commit, files, prepared: Mutex::default() })
    }

    /// Gives the full name of the commit.
    pub(crate) fn commit(&self) -> &str {
        &self.commit
    }

    /// Tells whether the commit has a file of these bytes.
    pub(crate) fn holds(&self, path: &str, bytes: &[u8]) -> bool {
        self.files.object(path).is_ok_and(|object| git::is_blob_of(object, bytes))
    }

    /// Tells whether the commit has a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        matches!(self.files.locate(path), Ok(Located::File(_)))
    }
}

/// Files and folders whose contents are objects of git.
#[derive(Debug)]
pub(super) struct ObjectTree {
    /// What each folder holds, by name.
    folders: BTreeMap<String, BTreeMap<String, ObjectNode>>,
    objects: Mutex<Objects>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ObjectNode {
    Folder,
    /// The name of its object.
    File(String),
    /// Where it leads.
    Link(String),
    Submodule,
    /// Its name is no text.
    Unnamed(ProblemKind),
}

impl ObjectTree {
    /// Makes folders of paths, and reads where links lead.
    pub(super) fn new(folder: &Path, entries: Vec<TreeEntry>) -> Result<Self, RevisionError> {
        let mut targets = link_targets(folder, &entries)?.into_iter();
        let mut folders = BTreeMap::from([(String::new(), BTreeMap::new())]);
        for TreeEntry { kind, path, object } in entries {
            let node = match kind {
                EntryKind::File => ObjectNode::File(object),
                EntryKind::Submodule => ObjectNode::Submodule,
                EntryKind::Link => ObjectNode::Link(targets.next().unwrap_or_default()),
            };
            insert(&mut folders, &path, node);
        }
        Ok(Self { folders, objects: Mutex::new(Objects::start(folder, MOST_BYTES)?) })
    }

    /// Gives the object of a file.
    fn object(&self, path: &str) -> Result<&str, SourceError> {
        let missing = || SourceError::Missing(path.to_owned());
        let Located::File(real) = self.locate(path)? else { return Err(missing()) };
        let (folder, name) = real.rsplit_once('/').unwrap_or(("", &real));
        match self.folders.get(folder).and_then(|nodes| nodes.get(name)) {
            Some(ObjectNode::File(object)) => Ok(object),
            _ => Err(missing()),
        }
    }
}

/// Reads where the links among entries lead, in their order. One that is longer than a path may be is followed by nobody, and cut.
fn link_targets(folder: &Path, entries: &[TreeEntry]) -> Result<Vec<String>, RevisionError> {
    let links = entries.iter().filter(|one| one.kind == EntryKind::Link);
    let links: Vec<&str> = links.map(|one| one.object.as_str()).collect();
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let mut objects = Objects::start(folder, git::LONGEST_PATH as u64)?;
    let targets = objects.read_first(&links, MOST_LED);
    if targets.len() < links.len() {
        return Err(RevisionError::TooLarge(format!("links to more than {MOST_LED} bytes of paths")));
    }
    let text = |target: std::io::Result<Vec<u8>>| target.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    targets.into_iter().map(text).collect::<Result<_, _>>().map_err(|error| RevisionError::Git(error.to_string()))
}

/// Puts a node into the folder of its path, and the folders above it into theirs, up to a name that is no text.
fn insert(folders: &mut BTreeMap<String, BTreeMap<String, ObjectNode>>, path: &[u8], node: ObjectNode) {
    let mut parts = path.split(|byte| *byte == b'/').peekable();
    let mut folder = String::new();
    while let Some(part) = parts.next() {
        let (name, last) = (String::from_utf8_lossy(part).into_owned(), parts.peek().is_none());
        let nodes = folders.entry(folder.clone()).or_default();
        if std::str::from_utf8(part).is_err() {
            let is_file = last && matches!(node, ObjectNode::File(_));
            let kind = if is_file { ProblemKind::File } else { ProblemKind::Unclear };
            nodes.insert(name, ObjectNode::Unnamed(kind));
            return;
        }
        folder = join(&folder, &name);
        if last {
            nodes.insert(name, node);
            return;
        }
        nodes.insert(name, ObjectNode::Folder);
    }
}

impl FileTree for ObjectTree {
    fn locate(&self, path: &str) -> Result<Located, SourceError> {
        let mut pending: Vec<&str> = path.rsplit('/').collect();
        let (mut real, mut located, mut links): (Vec<&str>, _, _) = (Vec::new(), Located::Folder(String::new()), 0);
        while let Some(part) = pending.pop() {
            let Located::Folder(folder) = &located else { return Err(SourceError::Missing(path.to_owned())) };
            match part {
                "" | "." => continue,
                ".." => {
                    real.pop().ok_or_else(|| SourceError::Outside(path.to_owned()))?;
                    located = Located::Folder(real.join("/"));
                    continue;
                }
                _ => {}
            }
            match self.folders.get(folder).and_then(|nodes| nodes.get_key_value(part)) {
                None => return Err(SourceError::Missing(path.to_owned())),
                Some((name, ObjectNode::Folder)) => {
                    real.push(name);
                    located = Located::Folder(real.join("/"));
                }
                Some((name, ObjectNode::File(_))) => located = Located::File(join(folder, name)),
                Some((_, ObjectNode::Link(target))) => {
                    links += 1;
                    if target.starts_with('/') {
                        return Err(SourceError::Outside(path.to_owned()));
                    }
                    if links > MOST_LINKS || target.len() > git::LONGEST_PATH {
                        return Err(SourceError::Circle(path.to_owned()));
                    }
                    pending.extend(target.rsplit('/'));
                }
                Some((_, ObjectNode::Submodule)) => return Err(SourceError::Submodule(join(folder, part))),
                Some((_, ObjectNode::Unnamed(_))) => return Err(SourceError::NotUnicode(path.to_owned())),
            }
        }
        Ok(located)
    }

    fn entries(&self, folder: &str) -> Result<Vec<FolderEntry>, SourceError> {
        let nodes = self.folders.get(folder).ok_or_else(|| SourceError::Missing(folder.to_owned()))?;
        let entry = |(name, node): (&String, &ObjectNode)| {
            let kind = match node {
                ObjectNode::Folder => FolderEntryKind::Folder,
                ObjectNode::File(_) => FolderEntryKind::File,
                ObjectNode::Link(_) => FolderEntryKind::Link,
                ObjectNode::Submodule => FolderEntryKind::Submodule,
                ObjectNode::Unnamed(kind) => FolderEntryKind::Unnamed(*kind),
            };
            FolderEntry { name: name.clone(), kind }
        };
        Ok(nodes.iter().map(entry).collect())
    }

    fn behind(&self, _: &str, error: &SourceError) -> ProblemKind {
        if matches!(error, SourceError::Circle(_)) { ProblemKind::File } else { ProblemKind::Unclear }
    }
}

impl Source for ObjectTree {
    fn list(&self, folder: &str, hidden: DotFiles) -> FolderListing {
        walk(self, folder, hidden)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        Ok(self.read_through(&LargeFileGate::default(), path)?.0)
    }

    fn read_through<'g>(&self, gate: &'g LargeFileGate, path: &str) -> Result<(Vec<u8>, GatePass<'g>), SourceError> {
        let unreadable = |reason: String| SourceError::Unreadable { path: path.to_owned(), reason };
        let object = self.object(path)?;
        let mut objects = self.objects.lock().map_err(|_| unreadable("an earlier read failed".to_owned()))?;
        // Who passed has read already, so that others may wait here for the gate.
        objects.read(object, |size| gate.enter(size)).map_err(|error| unreadable(error.to_string()))
    }
}

impl Source for Revision {
    fn list(&self, folder: &str, hidden: DotFiles) -> FolderListing {
        self.files.list(folder, hidden)
    }

    fn prepare(&self, paths: &[String]) {
        let wanted: Vec<&str> = paths.iter().filter_map(|path| self.files.object(path).ok()).collect();
        if let (Ok(mut objects), Ok(mut prepared)) = (self.files.objects.lock(), self.prepared.lock()) {
            let answers = objects.read_first(&wanted, MOST_PREPARED);
            // What is not there fails when it is read, and what is too much is asked for then.
            let found =
                wanted.iter().zip(answers).filter_map(|(object, bytes)| Some(((*object).to_owned(), bytes.ok()?)));
            prepared.extend(found);
        }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        Ok(self.read_through(&LargeFileGate::default(), path)?.0)
    }

    fn read_through<'g>(&self, gate: &'g LargeFileGate, path: &str) -> Result<(Vec<u8>, GatePass<'g>), SourceError> {
        let object = self.files.object(path)?;
        // Each is read once, as a rule; git is asked again for what is read again.
        let prepared = self.prepared.lock().ok().and_then(|mut prepared| prepared.remove(object));
        let (bytes, pass) = match prepared {
            Some(bytes) => {
                let pass = gate.enter(bytes.len() as u64);
                (bytes, pass)
            }
            None => self.files.read_through(gate, path)?,
        };
        if bytes.len() as u64 > MOST_BYTES {
            return Err(SourceError::TooLarge(path.to_owned()));
        }
        Ok((bytes, pass))
    }
}
