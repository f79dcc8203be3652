//! The repository of definitions: `icsync.yaml`, its folder, and the target that was chosen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::args::Global;
use super::environment::{Environment, variables};
use super::error::CommandError;
use super::failure::Failure;
use crate::catalogue::{Catalogue, Census, findings};
use crate::diagnostic::{Diagnostic, sort, strict};
use crate::drift::FileTexts;
use crate::manifest::{self, CONFIG_FILE, Emptiness, Endpoint, Folder, LoadedTree, Requests, ResolvedConfig, Revision};
use crate::model::{Desired, FieldPattern, Live, Policy, Prune, RolloutRules, Selection, Windows};

/// The configuration of a repository for one target.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    root: PathBuf,
    resolved: ResolvedConfig,
    catalogue: Option<Arc<Catalogue>>,
    warnings: Vec<Diagnostic>,
    strictness: Strictness,
}

/// Whether warnings stop a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Lenient,
    /// They are errors.
    Strict,
}

impl Strictness {
    fn of(global: &Global) -> Self {
        if global.strict { Self::Strict } else { Self::Lenient }
    }
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
    let mut loaded = manifest::load_all(&source, &file, target, &variables(), emptiness).map_err(Failure::invalid)?;
    manifest::tell_idle(&source, std::slice::from_mut(&mut loaded));
    let LoadedTree { resolved, desired, profiles: _, catalogue, warnings, idle: _ } = loaded;
    check_strict(global, &warnings, None)?;
    let strictness = Strictness::of(global);
    let catalogue = catalogue.map(Arc::new);
    Ok((Repository { root, resolved, catalogue, warnings, strictness }, desired))
}

/// Loads the configuration and every definition for a target, without a value of the environment.
pub(super) fn load_offline(environment: &Environment, global: &Global) -> Result<LoadedTree, Failure> {
    let (root, file) = locate(environment, global);
    let variables = manifest::EnvironmentVariables::symbolic();
    let source = Folder::new(root);
    let loaded = manifest::load_all(&source, &file, global.target(), &variables, Emptiness::Refused);
    let mut loaded = loaded.map_err(Failure::invalid)?;
    manifest::tell_idle(&source, std::slice::from_mut(&mut loaded));
    Ok(loaded)
}

/// Fails with the warnings where they are errors.
pub(super) fn check_strict(global: &Global, warnings: &[Diagnostic], revision: Option<&str>) -> Result<(), Failure> {
    if !global.strict || warnings.is_empty() {
        return Ok(());
    }
    let diagnostics = strict(warnings.to_vec());
    Err(CommandError::Invalid { diagnostics, revision: revision.map(str::to_owned) }.into())
}

/// Loads the configuration, the catalogue and the definitions for the command that keeps the catalogue.
pub(super) fn load_keys(environment: &Environment, global: &Global) -> Result<(Repository, Desired), Failure> {
    let (root, file) = locate(environment, global);
    let loaded = manifest::load_keys(&Folder::new(&root), &file, global.target(), &variables());
    let LoadedTree { resolved, desired, profiles: _, catalogue, warnings, idle: _ } =
        loaded.map_err(Failure::invalid)?;
    check_strict(global, &warnings, None)?;
    let strictness = Strictness::of(global);
    let catalogue = catalogue.map(Arc::new);
    Ok((Repository { root, resolved, catalogue, warnings, strictness }, desired))
}

/// Loads the definitions as they were at a revision, for the target's configuration of that revision, and gives its full
/// name. A revision without a configuration defines nothing.
pub(super) fn load_revision(
    environment: &Environment,
    global: &Global,
    name: &str,
) -> Result<(Option<LoadedTree>, String), Failure> {
    let (root, file) = locate(environment, global);
    let revision = Revision::open(&root, name)?;
    let commit = revision.commit().to_owned();
    if !revision.has(&file) {
        return Ok((None, commit));
    }
    let loaded = manifest::load_all(&revision, &file, global.target(), &variables(), Emptiness::Allowed);
    let loaded =
        loaded.map_err(|diagnostics| CommandError::Invalid { diagnostics, revision: Some(name.to_owned()) })?;
    Ok((Some(loaded), commit))
}

/// Loads the configuration alone, for commands that need no definitions.
pub(super) fn load_config(environment: &Environment, global: &Global) -> Result<Repository, Failure> {
    let (root, file) = locate(environment, global);
    let source = Folder::new(&root);
    let resolved = manifest::load_config(&source, &file, global.target(), &variables()).map_err(Failure::invalid)?;
    let strictness = Strictness::of(global);
    Ok(Repository { root, resolved, catalogue: None, warnings: Vec::new(), strictness })
}

/// Gives the folder that relative paths of the configuration start from.
pub(super) fn root(environment: &Environment, global: &Global) -> PathBuf {
    locate(environment, global).0
}

/// Gives the folder of the configuration, and its name in there.
pub(super) fn locate(environment: &Environment, global: &Global) -> (PathBuf, String) {
    let Some(chosen) = &global.config else { return (home(&environment.folder), CONFIG_FILE.to_owned()) };
    let path = environment.path(chosen);
    let folder = path.parent().map_or_else(|| environment.folder.clone(), Path::to_path_buf);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    (folder, name)
}

/// Finds the folder that holds the configuration: this one, or one above it in the same git repository.
fn home(folder: &Path) -> PathBuf {
    let has = |folder: &Path, name: &str| folder.join(name).symlink_metadata().is_ok();
    let found = folder.ancestors().find(|folder| has(folder, CONFIG_FILE) || has(folder, ".git"));
    let found = found.filter(|folder| has(folder, CONFIG_FILE));
    let in_repository = |found: &&Path| *found == folder || found.ancestors().any(|above| has(above, ".git"));
    found.filter(in_repository).unwrap_or(folder).to_path_buf()
}

impl Repository {
    /// Gives the folder of `icsync.yaml`.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Hides what these patterns name too, wherever something is shown from now on.
    pub(super) fn hide_too(&mut self, hidden: &[FieldPattern]) {
        let known = &mut self.resolved.sensitive;
        let new: Vec<_> = hidden.iter().filter(|pattern| !known.contains(pattern)).cloned().collect();
        if !new.is_empty() {
            known.extend(new);
            manifest::mask(&mut self.warnings, Some(&self.resolved.sensitive));
        }
    }

    pub(super) fn resolved(&self) -> &ResolvedConfig {
        &self.resolved
    }

    pub(super) fn source(&self) -> Folder {
        Folder::new(&self.root)
    }

    /// Loads the tree as it would be with files that are edited and not written yet.
    pub(super) fn load_edited(&self, files: &FileTexts) -> Result<LoadedTree, Vec<Diagnostic>> {
        let place = (&*self.resolved.config_path, &*self.resolved.target);
        manifest::load_edited(&self.source(), files, place, &variables())
    }

    /// Loads the tree likewise for another target, without a value of the environment.
    pub(super) fn load_other(&self, target: &str, files: &FileTexts) -> Result<LoadedTree, Vec<Diagnostic>> {
        let variables = manifest::EnvironmentVariables::symbolic();
        manifest::load_edited(&self.source(), files, (&*self.resolved.config_path, target), &variables)
    }

    /// Names the other targets of the configuration.
    pub(super) fn other_targets(&self) -> Vec<String> {
        let names = manifest::target_names(&self.source(), &self.resolved.config_path);
        names.into_iter().filter(|name| *name != self.resolved.target).collect()
    }

    /// Names the files of definitions that git tracks and did not check out.
    pub(super) fn not_checked_out(&self) -> Result<Vec<String>, Failure> {
        Ok(manifest::not_checked_out(&self.root, &self.resolved)?)
    }

    /// Gives what is probably not meant in the configuration and the definitions.
    pub(super) fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Gives the catalogue of keys, if there is one.
    pub(super) fn catalogue(&self) -> Option<&Catalogue> {
        self.catalogue.as_deref()
    }

    /// Refuses exceptions whose last day is over: what becomes of the differences then is for a person to decide.
    pub(super) fn check_exceptions(&self, now: Timestamp) -> Result<(), Failure> {
        let ended = self.resolved.ended_exceptions(now);
        if ended.is_empty() { Ok(()) } else { Err(Failure::invalid(ended)) }
    }

    /// Refuses definitions that nothing reads, before a run that deletes what git does not define.
    pub(super) fn check_unread(&self, prune: Prune) -> Result<(), Failure> {
        let unread = match prune {
            Prune::Delete => manifest::unread_definitions(&self.source(), &self.resolved),
            Prune::Report => Vec::new(),
        };
        if unread.is_empty() { Ok(()) } else { Err(Failure::invalid(unread)) }
    }

    /// Compares the keys of the definitions with those of the live clients, and warns of what is probably not meant.
    pub(super) fn compare_keys(
        &mut self,
        desired: &Desired,
        live: &Live,
        selection: &Selection,
    ) -> Result<(), Failure> {
        let census = Census::of(desired, Some(live));
        let found = findings(desired, &census, self.catalogue(), selection);
        let mut warnings = manifest::located(&self.source(), &found, self.sensitive());
        warnings.extend(self.idle(desired, (live, &census), selection));
        if self.strictness == Strictness::Strict && !warnings.is_empty() {
            return Err(Failure::invalid(strict(warnings)));
        }
        self.warnings.extend(warnings);
        sort(&mut self.warnings);
        Ok(())
    }

    /// Warns of what hides, leaves alone or protects nothing, neither here nor as far as git says at another target: the lines are
    /// those of all targets. Of what a selection leaves out nobody read what it has.
    fn idle(&self, desired: &Desired, (live, census): (&Live, &Census), selection: &Selection) -> Vec<Diagnostic> {
        let idle = |trees: &[LoadedTree]| {
            let others: Vec<&Desired> = trees.iter().map(|other| &other.desired).collect();
            let mut idle = self.resolved.idle_exceptions(desired, (live, selection), &others);
            if !selection.leaves_out() {
                let elsewhere: Vec<Census> = others.iter().map(|other| Census::of(other, None)).collect();
                let hides = |pattern: &FieldPattern| {
                    std::iter::once(census).chain(&elsewhere).any(|census| census.is_met_by(pattern))
                };
                idle.extend(self.resolved.idle_patterns(hides));
                let trees: Vec<_> = trees.iter().map(|tree| (&tree.resolved, &tree.desired)).collect();
                idle.extend(self.resolved.idle_protection(desired, live, &trees));
            }
            idle
        };
        let found = idle(&[]);
        if found.is_empty() {
            return found;
        }
        let target = self.target_name();
        match manifest::load_others(&self.source(), &self.resolved.config_path, &[target]) {
            Some(others) if others.is_empty() => found,
            // What is live at another target nobody read.
            Some(others) => idle(&others).into_iter().map(|one| one.for_targets([target])).collect(),
            None => Vec::new(),
        }
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

    pub(super) fn rollout(&self) -> &RolloutRules {
        &self.resolved.rollout
    }

    pub(super) fn windows(&self) -> &Windows {
        &self.resolved.windows
    }

    pub(super) fn requests(&self) -> &Requests {
        &self.resolved.requests
    }

    /// Puts together what decides a plan besides the two sides.
    pub(super) fn policy(&self, desired: &Desired, selection: Selection) -> Policy {
        self.resolved.policy(desired, selection)
    }
}
