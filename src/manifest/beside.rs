//! Two trees that are compared: what they have alike is read once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::document::{Parsed, ProfileDocument};
use super::gate::{GatePass, LargeFileGate};
use super::listing::{DotFiles, FolderListing, SourceError};
use super::revision::Revision;
use super::source::Source;
use super::{CATALOGUE_FILE, LoadedTree};
use crate::model::{ClientName, Definition};

/// A tree that notes, while it is read, which of its files a revision has as well.
pub(crate) struct Compared<'a> {
    source: &'a dyn Source,
    revision: &'a Revision,
    noted: Mutex<CommonFiles>,
}

/// What a tree and a revision have alike of what was read.
#[derive(Debug, Default)]
pub(crate) struct CommonFiles {
    /// The files that are the same, byte for byte.
    alike: BTreeSet<String>,
    /// What the tree was asked for and does not have.
    missing: BTreeSet<String>,
}

impl<'a> Compared<'a> {
    pub(crate) fn new(source: &'a dyn Source, revision: &'a Revision) -> Self {
        Self { source, revision, noted: Mutex::default() }
    }

    /// Gives what was noted.
    pub(crate) fn finish(self) -> CommonFiles {
        self.noted.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for Compared<'_> {
    fn list(&self, folder: &str, hidden: DotFiles) -> FolderListing {
        self.source.list(folder, hidden)
    }

    fn prepare(&self, paths: &[String]) {
        self.source.prepare(paths);
    }

    fn withhold(&self, secrets: &[String]) {
        self.source.withhold(secrets);
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        Ok(self.read_through(&LargeFileGate::default(), path)?.0)
    }

    fn read_through<'g>(&self, gate: &'g LargeFileGate, path: &str) -> Result<(Vec<u8>, GatePass<'g>), SourceError> {
        let read = self.source.read_through(gate, path);
        let is_alike = read.as_ref().is_ok_and(|(bytes, _)| self.revision.holds(path, bytes));
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        match &read {
            Ok(_) if is_alike => drop(noted.alike.insert(path.to_owned())),
            Err(SourceError::Missing(_)) => drop(noted.missing.insert(path.to_owned())),
            Ok(_) | Err(_) => {}
        }
        read
    }
}

/// A tree that was loaded, for loading a revision that has files in common with it.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    pub(crate) tree: &'a LoadedTree,
    pub(crate) common: &'a CommonFiles,
}

impl<'a> Beside<'a> {
    /// Tells whether files that are alike can mean the same in both: the configuration and the catalogue of keys are alike
    /// too, and nothing in the revision stands where the tree has nothing.
    pub(super) fn is_comparable(self, revision: &Revision, config_path: &str) -> bool {
        let CommonFiles { alike, missing } = self.common;
        let has_no_catalogue = self.tree.catalogue.is_none() && !revision.has(CATALOGUE_FILE);
        alike.contains(config_path)
            && (alike.contains(CATALOGUE_FILE) || has_no_catalogue)
            && !missing.iter().any(|path| revision.has(path))
    }

    /// Parts the files that have to be read before it is known which others have to be, because they differ or hold profiles,
    /// from the rest.
    pub(super) fn part(self, paths: Vec<String>) -> (Vec<String>, Vec<String>) {
        let profiles: HashSet<&str> = self.tree.profiles.values().map(|file| &***file).collect();
        paths.into_iter().partition(|path| !self.is_alike(path) || profiles.contains(&**path))
    }

    /// Parts the files that have to be read from those of which every definition means the same in both trees, once those are
    /// read that come first.
    pub(super) fn settle(self, rest: Vec<String>, read: &Parsed) -> (Vec<String>, HashSet<String>) {
        let own = self.tree.profiles.iter().filter(|(_, file)| !self.is_alike(file)).map(|(name, _)| &**name);
        let its = read.profiles.iter().filter(|profile| !self.is_alike(profile.file())).map(ProfileDocument::name);
        let changed: HashSet<&str> = own.chain(its).collect();
        let stays = |one: &Definition| {
            let is_here = self.is_alike(&one.at.file) && self.is_alike(&one.scope_at.file);
            is_here && !one.profiles.iter().any(|name| changed.contains(&**name))
        };
        let mut files: HashMap<&str, bool> = HashMap::new();
        for one in self.tree.desired.definitions() {
            *files.entry(&one.at.file).or_insert(true) &= stays(one);
        }
        let (settled, more): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|path| files.get(&**path).copied().unwrap_or_default());
        (more, settled.into_iter().collect())
    }

    fn is_alike(self, path: &str) -> bool {
        self.common.alike.contains(path)
    }

    /// Gives the definitions of files.
    pub(super) fn definitions(self, files: &HashSet<String>) -> impl Iterator<Item = &'a Arc<Definition>> {
        self.tree.desired.clients.values().filter(|one| files.contains(&**one.at.file))
    }
}

/// Adds definitions that were made for another tree to those of this one; `None` if two claim the same.
pub(super) fn join<'a>(
    clients: &mut BTreeMap<ClientName, Arc<Definition>>,
    others: impl Iterator<Item = &'a Arc<Definition>>,
) -> Option<()> {
    let own: Vec<Arc<Definition>> = clients.values().cloned().collect();
    let scopes: HashSet<_> = own.iter().map(|one| &one.scope).filter(|scope| !scope.is_unresolved()).collect();
    let ids: HashSet<_> = own.iter().filter_map(|one| Some(&one.id.as_ref()?.value)).collect();
    for one in others {
        let is_claimed = scopes.contains(&one.scope) || one.id.as_ref().is_some_and(|id| ids.contains(&id.value));
        if is_claimed || clients.insert(one.name.clone(), Arc::clone(one)).is_some() {
            return None;
        }
    }
    Some(())
}
