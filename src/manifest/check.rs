//! Mistakes between definitions: names, scopes and ids that stand twice, scopes outside the boundary.

use std::collections::{BTreeMap, HashMap};
use std::collections::hash_map::Entry;

use super::expand::Expanded;
use crate::diagnostic::{Code, Diagnostic, Place, quote};
use crate::model::{ClientName, Definition, Scope};

/// Checks definitions against each other and the boundary, and puts them in order.
pub(super) fn check(
    all: Vec<Expanded>,
    manage: Option<&[Scope]>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<ClientName, Definition> {
    check_boundary(&all, manage, found);
    check_twice(&all, found, Code::DuplicateScope, |one| {
        let scope = &one.definition.scope;
        (!scope.is_unresolved()).then(|| (scope, &one.scope, format!("two definitions have the scope `{scope}`")))
    });
    check_twice(&all, found, Code::DuplicatePin, |one| {
        let id = &one.definition.id.as_ref()?.value;
        Some((id, one.id.as_ref()?, format!("two definitions have the id {}", quote(id.as_str()))))
    });
    check_twice(&all, found, Code::DuplicateName, |one| {
        let name = &one.definition.name;
        Some((name, &one.name, format!("two definitions have the name `{name}`")))
    });
    all.into_iter().map(|one| (one.definition.name.clone(), one.definition)).collect()
}

/// Reports what stands twice, with both places.
fn check_twice<'e, K: std::hash::Hash + Eq>(
    all: &'e [Expanded],
    found: &mut Vec<Diagnostic>,
    code: Code,
    key: impl Fn(&'e Expanded) -> Option<(K, &'e Place, String)>,
) {
    let mut first: HashMap<K, &Place> = HashMap::with_capacity(all.len());
    for one in all {
        let Some((key, place, message)) = key(one) else { continue };
        match first.entry(key) {
            Entry::Vacant(vacant) => drop(vacant.insert(place)),
            Entry::Occupied(before) => {
                let diagnostic = Diagnostic::error(code, message).at(place.clone(), "again here");
                found.push(diagnostic.also((*before.get()).clone(), "first defined here"));
            }
        }
    }
}

fn check_boundary(all: &[Expanded], manage: Option<&[Scope]>, found: &mut Vec<Diagnostic>) {
    let Some(manage) = manage else { return };
    for one in all {
        let scope = &one.definition.scope;
        if !manage.iter().any(|filter| filter.contains(scope)) {
            let message = format!("the scope `{scope}` lies outside `manage`");
            let diagnostic = Diagnostic::error(Code::OutsideBoundary, message).at(one.scope.clone(), "");
            found.push(diagnostic.help("add it to `manage` in icsync.yaml, or correct the scope"));
        }
    }
}
