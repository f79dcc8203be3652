//! The repository of definitions: `icsync.yaml`, its folder, and the target that was chosen.

use std::path::{Path, PathBuf};

use super::args::Global;
use super::environment::{Environment, variables};
use super::error::CommandError;
use super::failure::Failure;
use crate::diagnostic::{Diagnostic, strict};
use crate::manifest::{
    self, CONFIG_FILE, Emptiness, Endpoint, Folder, LoadedTree, Requests, ResolvedConfig, Revision, Source,
};
use crate::model::{Desired, FieldPattern, Policy, Selection};

/// The configuration of a repository for one target.
#[derive(Debug)]
pub(super) struct Repository {
    root: PathBuf,
    resolved: ResolvedConfig,
    warnings: Vec<Diagnostic>,
}

/// Loads the configuration and every definition, or says everything that is wrong with them.
pub(super) fn load(
    environment: &Environment,
    global: &Global,
    emptiness: Emptiness,
) -> Result<(Repository, Desired), Failure> {
    let (root, file) = locate(environment, global);
    let source = Folder::new(&root);
    let target = global.target();
    let loaded = manifest::load_all(&source, &file, target, &variables(), emptiness);
    let LoadedTree { resolved, desired, warnings } = loaded.map_err(Failure::invalid)?;
    check_strict(global, &warnings, None)?;
    Ok((Repository { root, resolved, warnings }, desired))
}

/// Fails with the warnings where they are errors.
pub(super) fn check_strict(global: &Global, warnings: &[Diagnostic], revision: Option<&str>) -> Result<(), Failure> {
    if !global.strict || warnings.is_empty() {
        return Ok(());
    }
    let diagnostics = strict(warnings.to_vec());
    Err(CommandError::Invalid { diagnostics, revision: revision.map(str::to_owned) }.into())
}

/// The definitions of a revision, or of the working tree.
pub(super) struct Tree {
    pub source: Box<dyn Source>,
    /// The configuration; `None` if there is none, so that nothing is defined.
    pub resolved: Option<ResolvedConfig>,
    pub desired: Desired,
    pub warnings: Vec<Diagnostic>,
}

/// Loads the definitions as they were at a revision, for the target's configuration of that revision. A revision without
/// a configuration defines nothing.
pub(super) fn load_revision(
    environment: &Environment,
    global: &Global,
    name: &str,
    variables: &manifest::EnvironmentVariables,
) -> Result<(Tree, String), Failure> {
    let (root, file) = locate(environment, global);
    let revision = Revision::open(&root, name)?;
    let commit = revision.commit().to_owned();
    if !revision.has(&file) {
        let (resolved, desired, warnings) = (None, Desired::default(), Vec::new());
        return Ok((Tree { source: Box::new(revision), resolved, desired, warnings }, commit));
    }
    let loaded = manifest::load_all(&revision, &file, global.target(), variables, Emptiness::Allowed);
    let LoadedTree { resolved, desired, warnings } =
        loaded.map_err(|diagnostics| CommandError::Invalid { diagnostics, revision: Some(name.to_owned()) })?;
    Ok((Tree { source: Box::new(revision), resolved: Some(resolved), desired, warnings }, commit))
}

/// Loads the working tree without its secrets, to compare it.
pub(super) fn load_symbolic(environment: &Environment, global: &Global) -> Result<Tree, Failure> {
    let (root, file) = locate(environment, global);
    let source = Folder::new(&root);
    let (target, variables) = (global.target(), manifest::EnvironmentVariables::symbolic());
    let loaded = manifest::load_all(&source, &file, target, &variables, Emptiness::Allowed);
    let LoadedTree { resolved, desired, warnings } = loaded.map_err(Failure::invalid)?;
    Ok(Tree { source: Box::new(source), resolved: Some(resolved), desired, warnings })
}

/// Loads the configuration alone, for commands that need no definitions.
pub(super) fn load_config(environment: &Environment, global: &Global) -> Result<Repository, Failure> {
    let (root, file) = locate(environment, global);
    let source = Folder::new(&root);
    let resolved = manifest::load_config(&source, &file, global.target(), &variables()).map_err(Failure::invalid)?;
    Ok(Repository { root, resolved, warnings: Vec::new() })
}

/// Gives the folder that relative paths of the configuration start from.
pub(super) fn root(environment: &Environment, global: &Global) -> PathBuf {
    locate(environment, global).0
}

/// Gives the folder of the configuration, and its name in there.
fn locate(environment: &Environment, global: &Global) -> (PathBuf, String) {
    let path = environment.path(global.config.as_deref().unwrap_or_else(|| Path::new(CONFIG_FILE)));
    let folder = path.parent().map_or_else(|| environment.folder.clone(), Path::to_path_buf);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    (folder, name)
}

impl Repository {
    /// Gives the folder of `icsync.yaml`.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn resolved(&self) -> &ResolvedConfig {
        &self.resolved
    }

    pub(super) fn source(&self) -> Folder {
        Folder::new(&self.root)
    }

    /// Gives what is probably not meant in the configuration and the definitions.
    pub(super) fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    pub(super) fn target_name(&self) -> &str {
        &self.resolved.target
    }

    /// Gives the URL of the target; for the embedded server, whose port differs from run to run, its store.
    pub(super) fn target_url(&self) -> String {
        match &self.resolved.endpoint {
            Endpoint::Sandbox { data, .. } => format!("sandbox:{data}"),
            Endpoint::Remote { url, .. } => url.to_string(),
        }
    }

    /// Gives which fields and keys are never shown.
    pub(super) fn sensitive(&self) -> &[FieldPattern] {
        &self.resolved.sensitive
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.resolved.endpoint
    }

    pub(super) fn requests(&self) -> &Requests {
        &self.resolved.requests
    }

    /// Puts together what decides a plan besides the two sides.
    pub(super) fn policy(&self, desired: &Desired, selection: Selection) -> Policy {
        self.resolved.policy(desired, selection)
    }
}
