//! What becomes of other targets when files are edited that they read too.

use std::collections::{BTreeMap, BTreeSet};

use super::repository::Repository;
use crate::diagnostic::Diagnostic;
use crate::drift::FileTexts;
use crate::manifest::{Endpoint, LoadedTree};
use crate::model::ClientName;

/// The other targets of a configuration with a server of their own, and what their trees define.
pub(super) struct OtherTargets<'a> {
    repository: &'a Repository,
    trees: Vec<LoadedTree>,
}

impl<'a> OtherTargets<'a> {
    /// Loads those that have no mistakes.
    pub(super) fn of(repository: &'a Repository) -> Self {
        let names = repository.other_targets();
        let trees = names.iter().filter_map(|name| repository.load_other(name, &FileTexts::new()).ok());
        let trees = trees.filter(|tree| matches!(tree.resolved.endpoint, Endpoint::Remote { .. })).collect();
        Self { repository, trees }
    }

    /// Fails with the mistakes that edited files would have for one of them.
    pub(super) fn check(&self, edited: &FileTexts) -> Result<(), Vec<Diagnostic>> {
        self.trees.iter().try_for_each(|tree| self.load(tree, edited).map(drop))
    }

    /// Names the clients of each of which edited files say something else.
    pub(super) fn changed(&self, edited: &FileTexts) -> BTreeMap<String, BTreeSet<ClientName>> {
        let clients = |before: &LoadedTree| {
            let after = self.load(before, edited).ok()?;
            Some((before.resolved.target.clone(), after.desired.differing_clients(&before.desired)))
        };
        self.trees.iter().filter_map(clients).filter(|(_, clients)| !clients.is_empty()).collect()
    }

    fn load(&self, tree: &LoadedTree, edited: &FileTexts) -> Result<LoadedTree, Vec<Diagnostic>> {
        self.repository.load_other(&tree.resolved.target, edited)
    }
}
