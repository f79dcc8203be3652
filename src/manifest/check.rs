//! Mistakes between definitions: names, scopes and ids that stand twice, scopes outside the boundary.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::budget::Mistakes;
use super::config::ResolvedConfig;
use super::expand::{Claim, Expanded};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{Boundary, ClientName, Definition};

/// Checks definitions against each other and the boundary, and puts them in order.
pub(super) fn check(
    all: Vec<Expanded>,
    config: Option<&ResolvedConfig>,
    found: &mut Mistakes,
) -> BTreeMap<ClientName, Arc<Definition>> {
    check_boundary(&all, config, found);
    let scopes = all.iter().filter_map(Expanded::scope).filter(|(scope, _)| !scope.is_unresolved());
    check_twice(
        scopes,
        found,
        Code::DuplicateScope,
        |scope| format!("two definitions have the scope `{scope}`"),
        SCOPE_HELP,
    );
    let ids = all.iter().filter_map(Expanded::id);
    check_twice(ids, found, Code::DuplicatePin, |id| format!("two definitions have the id `{id}`"), PIN_HELP);
    let names = all.iter().filter_map(Expanded::name);
    check_twice(names, found, Code::DuplicateName, |name| format!("two definitions have the name `{name}`"), NAME_HELP);
    all.into_iter().filter_map(Expanded::into_definition).map(|one| (one.name.clone(), one)).collect()
}

const SCOPE_HELP: &str = "a scope has one client: remove one of the two, or correct its scope";
const PIN_HELP: &str = "a live client serves one definition: correct one of the two `id:` lines";
const NAME_HELP: &str = "rename one of the two";

/// Reports what stands twice, with both places.
fn check_twice<'e, T: std::hash::Hash + Eq + 'e>(
    claims: impl Iterator<Item = Claim<'e, T>>,
    found: &mut Mistakes,
    code: Code,
    message: impl Fn(&T) -> String,
    help: &'static str,
) {
    let mut first: HashMap<&T, &Place> = HashMap::new();
    for (value, place) in claims {
        match first.entry(value) {
            Entry::Vacant(vacant) => drop(vacant.insert(place)),
            Entry::Occupied(before) => {
                let diagnostic = Diagnostic::error(code, message(value)).at(place.clone(), "again here");
                found.push(diagnostic.also((*before.get()).clone(), "first defined here").help(help));
            }
        }
    }
}

const BOUNDARY_HELP: &str = "add it to `manage` in icsync.yaml, or correct the scope";
const TARGETS_HELP: &str = "add it to `manage` in icsync.yaml, or correct the scope; if it is for another target, `definitions` of each \
     target says which files are its own";

fn check_boundary(all: &[Expanded], config: Option<&ResolvedConfig>, found: &mut Mistakes) {
    let Some(config) = config else { return };
    let Some(boundary) = config.manage.as_deref().map(Boundary::managed) else { return };
    let help = if config.definitions.elsewhere.is_empty() { BOUNDARY_HELP } else { TARGETS_HELP };
    for (scope, place) in all.iter().filter_map(Expanded::scope) {
        if !boundary.contains(scope) {
            let message = format!("the scope `{scope}` lies outside `manage`");
            let diagnostic = Diagnostic::error(Code::OutsideBoundary, message).at(place.clone(), "");
            found.push(diagnostic.help(help));
        }
    }
}
