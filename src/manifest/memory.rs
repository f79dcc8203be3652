//! Definitions that are not on disk yet, and what a tree has already: for commands that write definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::budget::Mistakes;
use super::config::{DefinitionFiles, DefinitionGlob, ResolvedConfig};
use super::digest::Digest;
use super::files::{read_all, read_text};
use super::find::find_definitions;
use super::listing::{DotFiles, FolderListing, SourceError};
use super::patterns::Patterns;
use super::source::Source;
use super::variables::{EnvironmentVariables, Variables};
use super::{Emptiness, Input, LoadedTree, ReadDefinitions, finish, load_all};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::model::Desired;

/// Files by path.
pub(crate) struct Memory<'a>(pub(crate) &'a BTreeMap<String, String>);

impl Source for Memory<'_> {
    fn list(&self, _: &str, _: DotFiles) -> FolderListing {
        FolderListing { files: self.0.keys().cloned().collect(), ..FolderListing::default() }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let text = self.0.get(path).ok_or_else(|| SourceError::Missing(path.to_owned()))?;
        Ok(text.clone().into_bytes())
    }
}

/// A tree in which some files say something else.
struct Edited<'a> {
    source: &'a dyn Source,
    files: &'a BTreeMap<String, String>,
}

impl Source for Edited<'_> {
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
        self.files.get(path).map_or_else(|| self.source.read(path), |text| Ok(text.clone().into_bytes()))
    }
}

/// Loads a tree for a target as it would be with files that are edited and not written yet.
///
/// Fails with every mistake of every file.
pub(crate) fn load_edited(
    source: &dyn Source,
    files: &BTreeMap<String, String>,
    (config_path, target): (&str, &str),
    environment: &EnvironmentVariables,
) -> Result<LoadedTree, Vec<Diagnostic>> {
    let edited = Edited { source, files };
    load_all(&edited, config_path, Some(target), environment, Emptiness::Refused)
}

/// Reads files of definitions that were not written yet, all of them and nothing else.
///
/// Fails with every mistake of every file.
pub(crate) fn check_files(
    files: &BTreeMap<String, String>,
    resolved: &ResolvedConfig,
    environment: &EnvironmentVariables,
) -> Result<Desired, Vec<Diagnostic>> {
    let input = Input {
        source: &Memory(files),
        config_path: "",
        files: &DefinitionFiles::of(vec![DefinitionGlob::new("**", None)]),
        variables: Variables::new(Some(&resolved.vars), environment),
        resolved: Some(resolved),
        catalogue: None,
        emptiness: Emptiness::Allowed,
        beside: None,
    };
    let ReadDefinitions { desired, found, .. } = input.definitions();
    finish(Some(desired), found).map(|(desired, _)| desired)
}

/// Tells whether a path, relative to `icsync.yaml`, is one of those that hold definitions.
pub(crate) fn is_definition(resolved: &ResolvedConfig, path: &str) -> bool {
    Patterns::new(&resolved.definitions.globs, &mut Mistakes::default()).read(path)
}

/// Gives the names of the profiles that a tree defines, used or not. What cannot be read has none.
pub(crate) fn profile_names(
    source: &dyn Source,
    resolved: &ResolvedConfig,
    environment: &EnvironmentVariables,
) -> BTreeSet<String> {
    let mut found = Mistakes::default();
    let paths = find_definitions(source, &resolved.definitions, &resolved.config_path, Emptiness::Allowed, &mut found);
    let variables = Variables::new(Some(&resolved.vars), environment);
    let parsed = read_all(source, &paths, &variables, (None, &Arc::default()), &mut Digest::default());
    parsed.profiles.into_iter().map(|profile| profile.name.value.to_string()).collect()
}

/// Reads the configuration and every file of definitions as text, for commands that edit them.
///
/// Fails with everything that cannot be read.
pub(crate) fn texts(source: &dyn Source, resolved: &ResolvedConfig) -> Result<Vec<SourceFile>, Vec<Diagnostic>> {
    let (paths, mut found) = edited_paths(source, resolved);
    let mut files = Vec::with_capacity(paths.len());
    for path in &paths {
        match read_text(source, path, &mut Digest::default()) {
            Ok(file) => files.push(file),
            Err(diagnostic) => found.push(*diagnostic),
        }
    }
    finish(Some(files), found).map(|(files, _)| files)
}

/// Names the configuration and every file of definitions.
///
/// Fails with what hides some of them.
pub(crate) fn paths(source: &dyn Source, resolved: &ResolvedConfig) -> Result<Vec<String>, Vec<Diagnostic>> {
    let (paths, found) = edited_paths(source, resolved);
    finish(Some(paths), found).map(|(paths, _)| paths)
}

fn edited_paths(source: &dyn Source, resolved: &ResolvedConfig) -> (Vec<String>, Vec<Diagnostic>) {
    let (mut found, config) = (Mistakes::default(), &resolved.config_path);
    let definitions = find_definitions(source, &resolved.definitions, config, Emptiness::Allowed, &mut found);
    (std::iter::once(config.to_string()).chain(definitions).collect(), found.into_vec())
}
