//! Tests of the whole loader over trees in memory.

mod beside;
mod codes;
mod devices;
mod examples;
mod expansion;
mod folder;
mod keys;
mod limits;
mod mistakes;
mod shapes;
mod tables;
mod traps;
mod values;

use std::collections::BTreeMap;

use super::*;
use crate::diagnostic::{RenderOptions, render};
use crate::model::{DeclaredEntries, Definition, Json};

/// A tree in memory.
#[derive(Default)]
pub(super) struct Tree(BTreeMap<String, Vec<u8>>);

pub(super) const CONFIG: &str = "kind: Config\ntargets: { local: { sandbox: { data: .icsync/s.db, estate: estate.yaml }, vars: { site: London } } }\n";

impl Tree {
    /// A tree with one file of definitions and the usual configuration.
    pub(super) fn of(definitions: &str) -> Self {
        Self::default().with(CONFIG_FILE, CONFIG).with("clients/a.yaml", definitions)
    }

    pub(super) fn with(mut self, path: &str, text: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.to_owned(), text.into());
        self
    }

    pub(super) fn load(&self) -> Result<LoadedTree, Vec<Diagnostic>> {
        let environment = [("SITE", "Paris"), ("EMPTY", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        load_all(self, CONFIG_FILE, None, &environment.into_iter().collect(), Emptiness::Refused)
    }

    /// Loads a tree that has no mistakes.
    pub(super) fn desired(&self) -> Desired {
        match self.load() {
            Ok(LoadedTree { desired, .. }) => desired,
            Err(found) => panic!("{}", render(&found, RenderOptions::default())),
        }
    }

    /// Loads a tree and gives everything that is wrong with it, or probably not meant.
    pub(super) fn found(&self) -> Vec<Diagnostic> {
        let warnings = |mut tree: LoadedTree| {
            tell_idle(self, std::slice::from_mut(&mut tree));
            tree.warnings
        };
        self.load().map_or_else(|found| found, warnings)
    }

    /// Loads a tree that has mistakes, and gives `file:line:column code` of each.
    pub(super) fn mistakes(&self) -> Vec<String> {
        self.found()
            .iter()
            .map(|one| {
                one.location().map_or(format!("- {}", one.code.as_str()), |at| {
                    format!("{}:{}:{} {}", at.file, at.line, at.column, one.code.as_str())
                })
            })
            .collect()
    }

    pub(super) fn rendered(&self) -> String {
        render(&self.found(), RenderOptions::default())
    }
}

impl Source for Tree {
    fn list(&self, folder: &str, _: DotFiles) -> FolderListing {
        let inside = |path: &&String| folder.is_empty() || path.starts_with(&format!("{folder}/"));
        FolderListing { files: self.0.keys().filter(inside).cloned().collect(), ..FolderListing::default() }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        self.0.get(path).cloned().ok_or_else(|| SourceError::Missing(path.to_owned()))
    }
}

/// The values of a client as JSON text, with `name=` before keys of policies and settings.
pub(super) fn shown(definition: &Definition) -> Vec<String> {
    let spec = &definition.spec;
    let mut lines = Vec::new();
    for (field, text) in spec.texts() {
        if let Some(text) = text {
            lines.push(format!("{field} = {:?} ({}:{})", text.value, text.at, text.at.column));
        }
    }
    for (field, entries) in spec.entries() {
        for (key, one) in entries.iter().flat_map(DeclaredEntries::iter) {
            lines.push(format!("{field}.{key} = {} ({})", json(one.value), one.at()));
        }
        if entries.as_ref().is_some_and(DeclaredEntries::is_empty) {
            lines.push(format!("{field} = {{}}"));
        }
    }
    lines
}

pub(super) fn json(value: &Json) -> String {
    serde_json::to_string(value).expect("JSON")
}
