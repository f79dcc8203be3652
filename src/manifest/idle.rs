//! What looks idle to one target and may serve another: the lines at the top of the configuration are for all of them.

use super::source::Source;
use super::variables::EnvironmentVariables;
use super::{Emptiness, LoadedTree, load_all, target_names};
use crate::diagnostic::{Diagnostic, sort};

/// Loads the targets of a configuration that are not among those named, without a value of the environment. `None` if one of
/// them has mistakes: what it defines nobody knows.
pub(crate) fn load_others(source: &dyn Source, path: &str, known: &[&str]) -> Option<Vec<LoadedTree>> {
    let symbolic = EnvironmentVariables::symbolic();
    let others = target_names(source, path).into_iter().filter(|name| !known.contains(&&**name));
    others.map(|name| load_all(source, path, Some(&name), &symbolic, Emptiness::Told).ok()).collect()
}

/// Adds to the warnings of trees of one configuration what looks idle to each of its targets, those that were not loaded
/// included.
pub(crate) fn tell_idle(source: &dyn Source, trees: &mut [LoadedTree]) {
    let mut idle: Vec<Diagnostic> = trees.first().map(|first| first.idle.clone()).unwrap_or_default();
    trees.iter().for_each(|tree| keep_common(&mut idle, tree));
    if let Some(first) = trees.first().filter(|_| !idle.is_empty()) {
        let known: Vec<&str> = trees.iter().map(|tree| &*tree.resolved.target).collect();
        match load_others(source, &first.resolved.config_path, &known) {
            Some(others) => others.iter().for_each(|tree| keep_common(&mut idle, tree)),
            None => idle.clear(),
        }
    }
    for tree in trees {
        tree.idle.clear();
        tree.warnings.extend(idle.iter().cloned());
        sort(&mut tree.warnings);
    }
}

fn keep_common(idle: &mut Vec<Diagnostic>, tree: &LoadedTree) {
    let is_same = |one: &Diagnostic, other: &Diagnostic| {
        (one.location(), one.code, &one.message) == (other.location(), other.code, &other.message)
    };
    idle.retain(|one| tree.idle.iter().any(|other| is_same(one, other)));
}
