//! What a tree defines for each target, without a server and without a value of the environment.

use std::collections::{BTreeMap, BTreeSet};

use super::args::Global;
use super::environment::Environment;
use super::error::CommandError;
use super::failure::Failure;
use super::repository::locate;
use super::sandbox_files;
use crate::diagnostic::{Code, Diagnostic, sort};
use crate::manifest::{self, Beside, Compared, Emptiness, EnvironmentVariables, Folder, LoadedTree, Revision, Source};
use crate::model::Location;

/// A tree, and what it defines for each target.
pub(super) struct TargetTrees {
    pub source: Box<dyn Source>,
    /// Whether there is a configuration.
    pub configured: bool,
    /// The target that is meant where none is named comes first. Without a configuration there is none.
    pub trees: Vec<LoadedTree>,
}

impl TargetTrees {
    /// Loads the working tree, for the target that is named or else for every one. The mistakes of all are told together.
    pub(super) fn of_folder(environment: &Environment, global: &Global, emptiness: Emptiness) -> Result<Self, Failure> {
        let (root, file) = locate(environment, global);
        let source = Folder::new(root);
        let trees = load_each(&names(&source, &file, global), |name, variables| {
            manifest::load_all(&source, &file, name, variables, emptiness)
        });
        let mut trees = trees.map_err(Failure::invalid)?;
        manifest::tell_idle(&source, &mut trees);
        Ok(Self { trees, configured: true, source: Box::new(source) })
    }

    /// Finds what is wrong with the files of embedded servers that the configuration of the working tree names.
    pub(super) fn sandbox_mistakes(environment: &Environment, global: &Global) -> Vec<Diagnostic> {
        let (root, file) = locate(environment, global);
        let (source, variables) = (Folder::new(root.clone()), EnvironmentVariables::symbolic());
        let resolved = |name: Option<String>| manifest::load_config(&source, &file, name.as_deref(), &variables).ok();
        let targets = names(&source, &file, global).into_iter().filter_map(resolved);
        let mut found = targets.flat_map(|target| sandbox_files::mistakes(&root, &target.endpoint)).collect();
        sort(&mut found);
        found
    }

    /// Loads two trees that are compared: the head, which is the working tree unless it is a revision, and the base, a revision.
    /// Each is loaded for the targets that it knows, none without a configuration, and what both have alike is read once.
    pub(super) fn compared(
        environment: &Environment,
        global: &Global,
        (base, head): (&str, Option<&str>),
    ) -> Result<(Self, Self), Failure> {
        let (root, file) = locate(environment, global);
        let base_files = Revision::open(&root, base)?;
        let (head_files, is_there): (Box<dyn Source>, bool) = match head {
            Some(name) => {
                let revision = Revision::open(&root, name)?;
                let is_there = revision.has(&file);
                (Box::new(revision), is_there)
            }
            None => (Box::new(Folder::new(root)), true),
        };
        let base_is_there = base_files.has(&file);
        let sources: [(&dyn Source, bool); 2] = [(&*head_files, is_there), (&base_files, base_is_there)];
        let [head_names, base_names] = names_of_both(sources, &file, global);
        let compared = Compared::new(&*head_files, &base_files);
        let head_trees = load_each(&head_names, |name, variables| {
            manifest::load_all(&compared, &file, name, variables, Emptiness::Told)
        });
        let invalid = |revision: Option<&str>| {
            let revision = revision.map(str::to_owned);
            |diagnostics| CommandError::Invalid { diagnostics, revision }
        };
        let common = compared.finish();
        let mut head_trees = head_trees.map_err(invalid(head))?;
        manifest::tell_idle(&*head_files, &mut head_trees);
        let head = Self { trees: head_trees, configured: is_there, source: head_files };
        let base_trees = load_each(&base_names, |name, variables| {
            let beside = name.and_then(|name| head.of(name)).map(|tree| Beside { tree, common: &common });
            manifest::load_beside(&base_files, &file, name, variables, beside)
        });
        let trees = base_trees.map_err(invalid(Some(base)))?;
        Ok((Self { trees, configured: base_is_there, source: Box::new(base_files) }, head))
    }

    /// Finds what is defined for a target.
    pub(super) fn of(&self, target: &str) -> Option<&LoadedTree> {
        self.trees.iter().find(|tree| tree.resolved.target == target)
    }

    /// Gives what is probably not meant, of each place once, with its targets where it is not so for all.
    pub(super) fn warnings(&self) -> Vec<Diagnostic> {
        let mut warnings = DiagnosticsOfTargets::new();
        self.trees.iter().for_each(|tree| note(tree.warnings.clone(), &tree.resolved.target, &mut warnings));
        with_targets(warnings, self.trees.len())
    }
}

/// Gives the target that is named, else every one; else the one that the configuration, which has mistakes, may mean.
fn names(source: &dyn Source, file: &str, global: &Global) -> Vec<Option<String>> {
    if let Some(name) = global.target() {
        return vec![Some(name.to_owned())];
    }
    let names = manifest::target_names(source, file);
    if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() }
}

/// Gives the targets of two trees, of which some may have no configuration. The target that is named may come or go: then only
/// one of them has it.
fn names_of_both(sources: [(&dyn Source, bool); 2], file: &str, global: &Global) -> [Vec<Option<String>>; 2] {
    let lacks = |(source, has): (&dyn Source, bool), wanted: &str| {
        let names = if has { manifest::target_names(source, file) } else { Vec::new() };
        !has || (!names.is_empty() && names.iter().all(|name| name != wanted))
    };
    let lacking = global.target().map_or([false, false], |wanted| sources.map(|source| lacks(source, wanted)));
    let asked = if lacking == [true, true] { [true, true] } else { lacking.map(|lacks| !lacks) };
    let of_side = |(source, has): (&dyn Source, bool), asked: bool| {
        if has && asked { names(source, file, global) } else { Vec::new() }
    };
    let [head, base] = sources;
    [of_side(head, asked[0]), of_side(base, asked[1])]
}

/// Loads a tree for targets. The mistakes of all are told together.
fn load_each(
    names: &[Option<String>],
    load: impl Fn(Option<&str>, &EnvironmentVariables) -> Result<LoadedTree, Vec<Diagnostic>>,
) -> Result<Vec<LoadedTree>, Vec<Diagnostic>> {
    let variables = EnvironmentVariables::symbolic();
    let (mut trees, mut mistakes, mut looked_at) = (Vec::new(), DiagnosticsOfTargets::new(), 0);
    for name in names {
        if mistakes.len() > manifest::MOST_TOLD {
            break;
        }
        looked_at += 1;
        match load(name.as_deref(), &variables) {
            Ok(tree) => trees.push(tree),
            Err(found) => note(found, name.as_deref().unwrap_or_default(), &mut mistakes),
        }
    }
    if mistakes.is_empty() { Ok(trees) } else { Err(with_targets(mistakes, looked_at)) }
}

/// What is wrong, or probably not meant, by where it is and what it is, with the targets for which it is so.
type DiagnosticsOfTargets = BTreeMap<(Option<Location>, Code, String), (Diagnostic, BTreeSet<String>)>;

fn note(found: Vec<Diagnostic>, target: &str, mistakes: &mut DiagnosticsOfTargets) {
    for one in found {
        let key = (one.location(), one.code, one.message.clone());
        mistakes.entry(key).or_insert_with(|| (one, BTreeSet::new())).1.insert(target.to_owned());
    }
}

/// Names the targets of whatever is not so for all of them.
fn with_targets(mistakes: DiagnosticsOfTargets, all: usize) -> Vec<Diagnostic> {
    let named = mistakes.into_values().map(|(mistake, targets)| {
        if targets.len() < all { mistake.for_targets(targets.iter().map(String::as_str)) } else { mistake }
    });
    let mut named = named.collect();
    sort(&mut named);
    named
}
