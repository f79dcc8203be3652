//! YAML with spans to definitions: `icsync.yaml`, clients, profiles, fleets, variables.
//!
//! Nothing here but [`Folder`] reads the disk, so that a tree can also come out of git. All mistakes of all files are
//! found in one run.

mod check;
mod config;
mod content;
mod digest;
mod document;
mod edit;
mod expand;
mod files;
mod fleet;
pub(crate) mod keys;
mod lint;
mod mask;
mod memory;
mod read;
mod revision;
mod scope;
mod secret;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod variables;
mod yaml;

pub(crate) use config::{CertificateSource, Endpoint, Requests, ResolvedConfig, SecretSource};
pub(crate) use edit::{NotPinned, format, pin};
pub(crate) use mask::{mask, masked_text};
pub(crate) use memory::{check_files, is_definition, profile_names, texts};
pub(crate) use read::nearest;
pub(crate) use revision::Revision;
pub(crate) use secret::SecretError;
#[cfg(test)]
pub(crate) use source::FolderListing;
pub(crate) use source::{DotFiles, Folder, Source, SourceError};
pub(crate) use variables::EnvironmentVariables;

use self::check::check;
use self::config::{Config, read_config};
use self::digest::Digest;
use self::document::{Completeness, Parsed};
use self::expand::{Expanded, Profiles, Unknown};
use self::files::{Tables, find_definitions, read_all, read_text};
use self::variables::Variables;
use crate::diagnostic::{Code, Diagnostic, sort};
use crate::model::Desired;

/// The name of the configuration file in the folder of a repository.
pub(crate) const CONFIG_FILE: &str = "icsync.yaml";

/// Whether a tree may define no client at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emptiness {
    /// It may not: an empty source never means to delete everything.
    Refused,
    /// It may, also by patterns that match nothing: for `export`, which writes the first definitions.
    Allowed,
}

/// Reads the configuration for a target: `target`, else `default_target`, else the only one.
///
/// Fails with every mistake of the file.
pub(crate) fn load_config(
    source: &dyn Source,
    path: &str,
    target: Option<&str>,
    environment: &EnvironmentVariables,
) -> Result<ResolvedConfig, Vec<Diagnostic>> {
    let config = config_of(source, path, target, environment);
    finish(config.resolved, config.found).map(|(resolved, _)| resolved)
}

/// The configuration and the definitions of a tree without mistakes.
#[derive(Debug)]
pub(crate) struct LoadedTree {
    pub resolved: ResolvedConfig,
    pub desired: Desired,
    /// What is probably not meant.
    pub warnings: Vec<Diagnostic>,
}

/// Reads the definitions that the configuration names.
///
/// Fails with every mistake of every file.
#[cfg(test)]
pub(crate) fn load(
    source: &dyn Source,
    resolved: &ResolvedConfig,
    environment: &EnvironmentVariables,
    emptiness: Emptiness,
) -> Result<Desired, Vec<Diagnostic>> {
    let input = Input {
        source,
        config_path: &resolved.config_path,
        patterns: &resolved.definitions,
        variables: Variables::new(Some(&resolved.vars), environment),
        resolved: Some(resolved),
        emptiness,
    };
    let (desired, found) = input.definitions();
    finish(Some(desired), found).map(|(desired, _)| desired)
}

/// Reads the configuration and the definitions, and fails with the mistakes of both together.
pub(crate) fn load_all(
    source: &dyn Source,
    path: &str,
    target: Option<&str>,
    environment: &EnvironmentVariables,
    emptiness: Emptiness,
) -> Result<LoadedTree, Vec<Diagnostic>> {
    let Config { resolved, definitions, vars, mut found } = config_of(source, path, target, environment);
    if definitions.is_empty() {
        // Nothing says where definitions are: the configuration itself is not there.
        return Err(found);
    }
    let input = Input {
        source,
        config_path: path,
        patterns: &definitions,
        variables: Variables::new(vars.as_ref(), environment),
        resolved: resolved.as_ref(),
        emptiness,
    };
    let (desired, more) = input.definitions();
    found.extend(more);
    let (resolved, warnings) = finish(resolved, found)?;
    Ok(LoadedTree { resolved, desired, warnings })
}

/// Gives what was read with its warnings, or everything that was found if a mistake is among it.
fn finish<T>(value: Option<T>, mut found: Vec<Diagnostic>) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> {
    sort(&mut found);
    match value {
        Some(value) if !found.iter().any(Diagnostic::is_error) => Ok((value, found)),
        _ => Err(found),
    }
}

fn config_of(source: &dyn Source, path: &str, target: Option<&str>, environment: &EnvironmentVariables) -> Config {
    let mut digest = Digest::default();
    match read_text(source, path, &mut digest) {
        Ok(file) => read_config(file, digest, target, environment),
        Err(diagnostic) => {
            let help = "run `icsync init`, or say where it is with `-C DIR` or `--config FILE`";
            let missing = matches!(source.read(path), Err(SourceError::Missing(_)));
            let diagnostic = if missing { diagnostic.help(help) } else { *diagnostic };
            Config { found: vec![diagnostic], ..Config::default() }
        }
    }
}

/// Everything that definitions are read from.
struct Input<'a> {
    source: &'a dyn Source,
    config_path: &'a str,
    patterns: &'a [config::DefinitionGlob],
    variables: Variables<'a>,
    /// `None` if the configuration has mistakes.
    resolved: Option<&'a ResolvedConfig>,
    emptiness: Emptiness,
}

impl Input<'_> {
    /// Reads as much as can be read.
    fn definitions(&self) -> (Desired, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let mut digest = self.resolved.map(|resolved| resolved.digest.clone()).unwrap_or_default();
        let paths = find_definitions(self.source, self.patterns, self.config_path, self.emptiness, &mut found);
        let mut parsed = read_all(self.source, &paths, &self.variables, &mut digest);
        found.append(&mut parsed.found);
        let Parsed { clients, profiles, fleets, found: _, extent } = parsed;
        let nothing = clients.is_empty()
            && fleets.is_empty()
            && extent == Completeness::Whole
            && !found.iter().any(Diagnostic::is_error);
        if nothing && self.emptiness == Emptiness::Refused {
            found.push(Diagnostic::error(Code::NothingDefined, "the files define no client").help(
                "an empty source never means to delete everything; write a definition, or `state: absent` to delete one",
            ));
        }
        let unknown = if extent == Completeness::Whole { Unknown::Reported } else { Unknown::Excused };
        let profiles = Profiles::new(&profiles, unknown, &mut found);
        let mut tables = Tables::new(self.source);
        let mut expanded: Vec<Expanded> = Vec::with_capacity(clients.len());
        for client in clients {
            expanded.push(profiles.expand_client(client, &mut found));
        }
        for fleet in &fleets {
            let table = tables.of(fleet, &mut digest, &mut found);
            expanded.extend(profiles.expand_fleet(fleet, table.as_deref(), &mut found));
        }
        let manage = self.resolved.and_then(|resolved| resolved.manage.as_deref());
        let clients = check(expanded, manage, &mut found);
        mask(&mut found, self.resolved.map_or(&[], |resolved| &resolved.sensitive));
        (Desired { clients, digest: digest.finish(), files: digest.files() }, found)
    }
}
