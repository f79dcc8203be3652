//! YAML with spans to definitions: `icsync.yaml`, clients, profiles, fleets, variables.
//!
//! Nothing here but [`Folder`] reads the disk, so that a tree can also come out of git. All mistakes of all files are
//! found in one run.

mod beside;
mod budget;
mod catalogue;
mod check;
mod checkout;
mod config;
mod content;
mod device;
mod digest;
mod document;
mod edit;
mod expand;
mod files;
mod find;
mod fleet;
mod foreign;
mod gate;
mod idle;
pub(crate) mod keys;
mod lint;
mod listing;
mod mask;
mod memory;
mod misread;
mod parallel;
mod path;
mod patterns;
mod read;
mod reference;
mod revision;
mod roster;
mod scope;
mod secret;
mod shape;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod tree_files;
mod typed;
mod variables;
mod walk;
mod yaml;

pub(crate) use beside::{Beside, Compared};
pub(crate) use budget::MOST_TOLD;
pub(crate) use catalogue::{catalogue, located};
pub(crate) use checkout::not_checked_out;
pub(crate) use config::{
    CertificateSource, ConfigWording, DEFAULT_DEFINITIONS, Dangers, Endpoint, NO_RULE, PRUNE_RULE, Requests,
    ResolvedConfig, SecretSource, TARGET_RULE, duration, pause,
};
pub(crate) use device::is_device_number;
#[cfg(test)]
pub(crate) use edit::format;
pub(crate) use edit::{
    DocumentEdit, DocumentHead, FileFormat, NotPinned, ValueEdit, add_keys, document_heads, pin, write_values,
};
pub(crate) use files::{leads_outside, read_alone};
pub(crate) use find::unread_definitions;
pub(crate) use gate::{GatePass, LargeFileGate};
pub(crate) use idle::{load_others, tell_idle};
#[cfg(test)]
pub(crate) use listing::FolderListing;
pub(crate) use listing::{DotFiles, SourceError};
pub(crate) use mask::{mask, masked_text};
#[cfg(test)]
pub(crate) use memory::Memory;
pub(crate) use memory::{check_files, is_definition, load_edited, paths, profile_names, texts};
pub(crate) use parallel::in_parallel;
pub(crate) use read::nearest;
pub(crate) use revision::Revision;
pub(crate) use secret::SecretError;
pub(crate) use source::{Folder, Source, read_configured, read_regular, stays_inside};
pub(crate) use tree_files::TreeFiles;
pub(crate) use typed::{typed, typed_estate};
pub(crate) use variables::EnvironmentVariables;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::beside::join;
use self::budget::{Budget, Mistakes, Overspent};
use self::catalogue::load_catalogue;
use self::check::check;
use self::config::{Config, read_config};
use self::digest::Digest;
use self::document::{Completeness, Parsed};
use self::expand::{Expanded, Profiles, Unknown};
use self::files::{Tables, fill_in, read_all, read_text};
use self::find::find_definitions;
use self::variables::Variables;
use crate::catalogue::Catalogue;
use crate::diagnostic::{Code, Diagnostic, Severity, sort};
use crate::model::{Definition, Desired, FilePath, KnownEntries};

/// The name of the configuration file in the folder of a repository.
pub(crate) const CONFIG_FILE: &str = "icsync.yaml";

/// The name of the catalogue of keys beside it.
pub(crate) const CATALOGUE_FILE: &str = "keys.yaml";

/// Whether a tree may define no client at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emptiness {
    /// It may not: an empty source never means to delete everything.
    Refused,
    /// It may, and what would be refused is told as a warning: for a comparison, which shows whatever a revision does.
    Told,
    /// It may, also by patterns that match nothing: for `export`, which writes the first definitions.
    Allowed,
}

impl Emptiness {
    /// Gives what is to be said of something that is refused elsewhere.
    fn judge(self, mistake: Diagnostic) -> Option<Diagnostic> {
        match self {
            Self::Refused => Some(mistake),
            Self::Told => {
                let help = mistake.help.as_deref().unwrap_or_default();
                let help = format!("`validate`, `plan` and `apply` refuse it: {help}");
                Some(Diagnostic { severity: Severity::Warning, ..mistake }.help(help))
            }
            Self::Allowed => None,
        }
    }
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
    /// The profiles, used or not, and the file of each.
    pub profiles: BTreeMap<Arc<str>, FilePath>,
    /// The catalogue of keys, if there is one.
    pub catalogue: Option<Catalogue>,
    /// What is probably not meant.
    pub warnings: Vec<Diagnostic>,
    /// Exceptions that are about none of these definitions: not meant only if no other target has what they are about.
    pub idle: Vec<Diagnostic>,
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
        catalogue: None,
        config_path: &resolved.config_path,
        files: &resolved.definitions,
        variables: Variables::new(Some(&resolved.vars), environment),
        resolved: Some(resolved),
        emptiness,
        beside: None,
    };
    let ReadDefinitions { desired, found, .. } = input.definitions();
    finish(Some(desired), found).map(|(desired, _)| desired)
}

/// Whether keys of policies and settings are held against the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyChecks {
    Made,
    /// They are not: for the command that keeps the catalogue.
    LeftOut,
}

/// Reads the configuration and the definitions, and fails with the mistakes of both together.
pub(crate) fn load_all(
    source: &dyn Source,
    path: &str,
    target: Option<&str>,
    environment: &EnvironmentVariables,
    emptiness: Emptiness,
) -> Result<LoadedTree, Vec<Diagnostic>> {
    let read = TreeOptions { emptiness, checks: KeyChecks::Made, beside: None };
    load_tree((source, path), target, environment, read)
}

/// Reads a revision as [`load_all`] does, with an empty one allowed, and takes over from a tree beside it what means the same in
/// both. The digest is over what was read.
pub(crate) fn load_beside(
    revision: &Revision,
    path: &str,
    target: Option<&str>,
    environment: &EnvironmentVariables,
    beside: Option<Beside<'_>>,
) -> Result<LoadedTree, Vec<Diagnostic>> {
    if let Some(beside) = beside.filter(|beside| beside.is_comparable(revision, path)) {
        let read = TreeOptions { emptiness: Emptiness::Allowed, checks: KeyChecks::Made, beside: Some(beside) };
        // What is wrong is told by who reads all of it.
        if let Ok(tree) = load_tree((revision, path), target, environment, read) {
            return Ok(tree);
        }
    }
    load_all(revision, path, target, environment, Emptiness::Allowed)
}

/// Names the targets of a configuration, the one that is meant where none is named first; none of one that cannot be read.
pub(crate) fn target_names(source: &dyn Source, path: &str) -> Vec<String> {
    config_of(source, path, None, &EnvironmentVariables::symbolic()).targets
}

/// Reads the configuration, the catalogue and the definitions, whatever their keys are.
pub(crate) fn load_keys(
    source: &dyn Source,
    path: &str,
    target: Option<&str>,
    environment: &EnvironmentVariables,
) -> Result<LoadedTree, Vec<Diagnostic>> {
    let read = TreeOptions { emptiness: Emptiness::Allowed, checks: KeyChecks::LeftOut, beside: None };
    load_tree((source, path), target, environment, read)
}

/// How a tree is read.
#[derive(Clone, Copy)]
struct TreeOptions<'a> {
    emptiness: Emptiness,
    checks: KeyChecks,
    beside: Option<Beside<'a>>,
}

fn load_tree(
    (source, path): (&dyn Source, &str),
    target: Option<&str>,
    environment: &EnvironmentVariables,
    TreeOptions { emptiness, checks, beside }: TreeOptions<'_>,
) -> Result<LoadedTree, Vec<Diagnostic>> {
    let Config { resolved, definitions, targets: _, named_files: _, secret_files: _, vars, mut found } =
        config_of(source, path, target, environment);
    if definitions.globs.is_empty() {
        // Nothing says where definitions are: the configuration itself is not there.
        return Err(found);
    }
    let strictness = resolved.as_ref().map(|resolved| resolved.keys).unwrap_or_default();
    let mut of_catalogue = Mistakes::default();
    let catalogue = load_catalogue(source, strictness, &mut of_catalogue);
    found.extend(of_catalogue.into_vec());
    let input = Input {
        source,
        catalogue: catalogue.as_ref().filter(|_| checks == KeyChecks::Made),
        config_path: path,
        files: &definitions,
        variables: Variables::new(vars.as_ref(), environment),
        resolved: resolved.as_ref(),
        emptiness,
        beside,
    };
    let ReadDefinitions { desired, profiles, found: more } = input.definitions();
    found.extend(more);
    let (idle, found) = found.into_iter().partition(|one| one.code == Code::IdleException);
    let (resolved, warnings) = finish(resolved, found)?;
    Ok(LoadedTree { resolved, desired, profiles, catalogue, warnings, idle })
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
        Ok(file) => {
            let config = read_config(file, digest, target, environment);
            source.withhold(&config.secret_files);
            config
        }
        Err(diagnostic) => {
            let missing = matches!(source.read(path), Err(SourceError::Missing(_)));
            let diagnostic = if missing { diagnostic.help(missing_config(source, path)) } else { *diagnostic };
            Config { found: vec![diagnostic], ..Config::default() }
        }
    }
}

/// Says where the configuration may be.
fn missing_config(source: &dyn Source, path: &str) -> String {
    const OTHER_NAME: &str = "icsync.yml";
    match source.read(OTHER_NAME) {
        Ok(_) if path == CONFIG_FILE => {
            format!("`{OTHER_NAME}` is there: rename it to `{CONFIG_FILE}`, or name it with `--config {OTHER_NAME}`")
        }
        Ok(_) | Err(_) => "run `icsync init`, or say where it is with `-C DIR` or `--config FILE`".to_owned(),
    }
}

/// Lets clients share what they have alike once profiles are laid under them.
fn share(expanded: &mut [Expanded]) {
    let mut known = KnownEntries::default();
    for definition in expanded.iter_mut().filter_map(Expanded::definition_mut) {
        definition.spec.as_mut().map(|_, _| (), |_, entries| entries.iter_mut().for_each(|one| known.share(one)));
    }
}

/// Everything that definitions are read from.
struct Input<'a> {
    source: &'a dyn Source,
    config_path: &'a str,
    files: &'a config::DefinitionFiles,
    variables: Variables<'a>,
    /// `None` if the configuration has mistakes.
    resolved: Option<&'a ResolvedConfig>,
    /// What keys of policies and settings are held against.
    catalogue: Option<&'a Catalogue>,
    emptiness: Emptiness,
    /// What need not be read again.
    beside: Option<Beside<'a>>,
}

/// What definitions say.
struct ReadDefinitions {
    desired: Desired,
    profiles: BTreeMap<Arc<str>, FilePath>,
    found: Vec<Diagnostic>,
}

impl Input<'_> {
    /// Reads as much as can be read.
    fn definitions(&self) -> ReadDefinitions {
        let budget = Arc::new(Budget::default());
        let mut found = Mistakes::within(&budget);
        let mut digest = self.resolved.map(|resolved| resolved.digest.clone()).unwrap_or_default();
        let paths = find_definitions(self.source, self.files, self.config_path, self.emptiness, &mut found);
        let (mut parsed, others) = self.read(paths, &budget, &mut digest);
        found.absorb(std::mem::take(&mut parsed.found));
        let Parsed { clients, profiles: defined, fleets, found: _, empty, extent } = parsed;
        let nothing = clients.is_empty()
            && fleets.is_empty()
            && extent == Completeness::Whole
            && !found.iter().any(|one| one.is_error() || one.code == Code::NoMatch);
        if nothing {
            let mistake = Diagnostic::error(Code::NothingDefined, "the files define no client").help(
                "an empty source never means to delete everything; write a definition (`state: absent` deletes a client), or \
                 take over what the server has with `icsync export`",
            );
            found.extend(self.emptiness.judge(mistake));
        } else if self.emptiness != Emptiness::Allowed {
            found.extend(empty);
        }
        let unknown = if extent == Completeness::Whole { Unknown::Reported } else { Unknown::Excused };
        let profiles = Profiles::new(&defined, unknown, &budget, &mut found);
        let mut tables = Tables::new(self.source, &budget);
        let mut expanded: Vec<Expanded> = Vec::with_capacity(clients.len());
        if profiles.afford_clients(&clients, &mut found) {
            expanded.extend(clients.into_iter().map(|client| profiles.expand_client(client, &mut found)));
            share(&mut expanded);
        }
        for fleet in &fleets {
            let table = tables.of(fleet, &mut digest, &mut found);
            expanded.extend(profiles.expand_fleet(fleet, table.as_deref(), &mut found));
        }
        let mut clients = check(expanded, self.resolved, &mut found);
        let idle = self.resolved.map(|resolved| resolved.except(&mut clients)).unwrap_or_default();
        // What could not be read may be what an exception is about.
        found
            .extend(idle.into_iter().filter(|_| extent == Completeness::Whole && self.emptiness != Emptiness::Allowed));
        if found.iter().any(Diagnostic::is_error) {
            // Nobody takes the definitions of a tree with mistakes, and telling of these takes room.
            clients.clear();
        }
        let mut found = found.into_vec();
        Overspent::once(&mut found);
        fill_in(self.source, &mut found);
        mask(&mut found, self.resolved.map(|resolved| &*resolved.sensitive));
        if join(&mut clients, others.into_iter()).is_none() {
            found.push(Diagnostic::error(Code::DuplicateName, "two definitions claim the same"));
        }
        let profiles = defined.iter().map(|one| (Arc::clone(&one.name.value), one.file().clone())).collect();
        let desired = Desired { clients, digest: digest.finish(), files: digest.files() };
        ReadDefinitions { desired, profiles, found }
    }

    /// Reads files, but for those of which all definitions are known.
    fn read(&self, paths: Vec<String>, budget: &Arc<Budget>, digest: &mut Digest) -> (Parsed, Vec<&Arc<Definition>>) {
        let mut read =
            |paths: &[String]| read_all(self.source, paths, &self.variables, (self.catalogue, budget), digest);
        let Some(beside) = self.beside else { return (read(&paths), Vec::new()) };
        let (first, rest) = beside.part(paths);
        let mut parsed = read(&first);
        let (more, settled) = beside.settle(rest, &parsed);
        parsed.absorb(read(&more));
        (parsed, beside.definitions(&settled).collect())
    }
}
