//! How definitions find their live clients: by pin, then by exact scope, then by description; or why they do not.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Boundary, ClientId, ClientName, Definition, Desired, Live, LiveClient, PinRefusal, Policy, Presence, Reach, Scope,
    UnreadRow,
};
use crate::redact::Mask;

/// What each definition found, and which live clients none found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bindings {
    /// What each definition found, by name.
    pub bound: BTreeMap<ClientName, Binding>,
    /// Live clients inside the boundary that no definition found and none may mean.
    pub unmanaged: BTreeSet<ClientId>,
    /// Definitions whose pin names a client that is gone.
    pub stale_pins: BTreeSet<ClientName>,
}

/// What one definition found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Binding {
    /// This live client.
    Live(ClientId),
    /// None: there is none to find.
    None,
    /// Nothing certain.
    Blocked(Obstacle),
}

/// Why nothing can be done for a client, and what a person can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// Why.
    pub reason: String,
    /// What to do next.
    pub help: String,
    /// The live clients that the definition may mean, as `id "description"`.
    pub candidates: Vec<Candidate>,
}

/// A live client that a definition may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its id.
    pub id: ClientId,
    /// Its description, which is not unique.
    pub description: String,
}

impl Obstacle {
    /// Makes an obstacle without candidates.
    pub(crate) fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into(), candidates: Vec::new() }
    }
}

/// Binds every definition, selected or not: a live client that an unselected definition means is not unmanaged.
pub(crate) fn bind(desired: &Desired, live: &Live, policy: &Policy) -> Bindings {
    let mut taken: BTreeMap<&ClientId, &ClientName> = BTreeMap::new();
    let mut bindings = Bindings::default();
    for definition in desired.clients.values() {
        let Some(id) = definition.id.as_ref().map(|id| &id.value) else { continue };
        if let Some(row) = live.unread.iter().find(|row| row.id.as_ref() == Some(id)) {
            bindings.bound.insert(definition.name.clone(), Binding::Blocked(unread(row)));
            continue;
        }
        let Some(row) = live.clients.get(id) else {
            if !live.hidden.contains_key(id) {
                bindings.stale_pins.insert(definition.name.clone());
            }
            continue;
        };
        let binding = bind_pinned(definition, row, taken.get(id).copied(), policy);
        taken.entry(id).or_insert(&definition.name);
        bindings.bound.insert(definition.name.clone(), binding);
    }
    let scopes = by_scope(live, policy, &taken);
    let mask = Mask(&policy.sensitive);
    let mut doubtful: BTreeSet<&ClientId> = BTreeSet::new();
    for definition in desired.clients.values() {
        if bindings.bound.contains_key(&definition.name) {
            continue;
        }
        let rows = scopes.get(&definition.scope).map_or(&[][..], Vec::as_slice);
        let unread = unread_at(&definition.scope, live);
        let binding = hidden(definition, live).unwrap_or_else(|| match bind_by_scope(definition, rows, unread, mask) {
            Binding::None if live.reach == Reach::Boundary => not_looked_for(definition),
            binding => binding,
        });
        match &binding {
            Binding::Live(id) => {
                if let Some((id, _)) = live.clients.get_key_value(id) {
                    taken.insert(id, &definition.name);
                }
            }
            Binding::Blocked(_) => doubtful.extend(rows.iter().map(|row| &row.id)),
            Binding::None => {}
        }
        bindings.bound.insert(definition.name.clone(), binding);
    }
    bindings.unmanaged = live
        .clients
        .values()
        .filter(|row| policy.boundary.contains(&row.scope))
        .filter(|row| !taken.contains_key(&row.id) && !doubtful.contains(&row.id))
        .map(|row| row.id.clone())
        .collect();
    bindings
}

/// Finds the row that could not be read and has exactly a scope.
pub(super) fn unread_at<'a>(scope: &Scope, live: &'a Live) -> Option<&'a UnreadRow> {
    live.unread.iter().find(|row| !scope.is_unresolved() && row.scope.as_ref() == Some(scope))
}

/// Says why nothing can be done about a client whose row could not be read.
pub(super) fn unread(row: &UnreadRow) -> Obstacle {
    Obstacle::new(
        format!("its row could not be read: {row}"),
        "look at it in the server's own pages, or ask its operator",
    )
}

fn by_scope<'a>(
    live: &'a Live,
    policy: &Policy,
    taken: &BTreeMap<&ClientId, &ClientName>,
) -> BTreeMap<&'a Scope, Vec<&'a LiveClient>> {
    let mut scopes: BTreeMap<&Scope, Vec<&LiveClient>> = BTreeMap::new();
    let free = live.clients.values().filter(|row| !row.scope.is_unresolved() && !taken.contains_key(&row.id));
    for row in free.filter(|row| policy.boundary.contains(&row.scope)) {
        scopes.entry(&row.scope).or_default().push(row);
    }
    scopes
}

fn bind_pinned(definition: &Definition, row: &LiveClient, taken: Option<&ClientName>, policy: &Policy) -> Binding {
    if let Some(other) = taken {
        return Binding::Blocked(Obstacle::new(
            format!("the pinned live client {} is bound to `{other}` already", row.id),
            "a live client serves one definition: correct one of the two `id:` lines",
        ));
    }
    if !pin_reaches(row, policy) {
        return Binding::Blocked(Obstacle::new(
            format!("the pinned live client {} has the scope {}, outside the boundary", row.id, row.scope),
            reach_further(definition, row, policy),
        ));
    }
    if definition.scope.is_unresolved() && definition.scope.telsys != row.scope.telsys {
        return Binding::Blocked(Obstacle::new(
            format!("the pinned live client {} has the scope {}", row.id, row.scope),
            "a definition with `partition: -3` names the scope as its row shows it: correct `scope:`",
        ));
    }
    Binding::Live(row.id.clone())
}

/// Tells whether a row lies in the boundary. One that hides its scope is reached through its telephony server, the only
/// part of it that is known.
fn pin_reaches(row: &LiveClient, policy: &Policy) -> bool {
    let known = |scope: &Scope| row.scope.is_unresolved() && scope.telsys == row.scope.telsys;
    policy.boundary.contains(&row.scope) || policy.boundary.scopes().into_iter().any(known)
}

/// Says how a pin gets to a row outside the boundary.
fn reach_further(definition: &Definition, row: &LiveClient, policy: &Policy) -> String {
    match &policy.boundary {
        Boundary::Managed(_) => "add that scope to `manage`, or correct the `id:` line".to_owned(),
        Boundary::Defined(_) => format!(
            "if it is to be moved or deleted, add a `manage` that covers both {} and {}, else correct the `id:` line",
            row.scope, definition.scope
        ),
    }
}

/// Blocks a definition whose pinned client exists or not: it may not be added, and nothing else may be taken for it.
fn hidden(definition: &Definition, live: &Live) -> Option<Binding> {
    let PinRefusal { reason, help } = live.hidden.get(&definition.id.as_ref()?.value)?;
    Some(Binding::Blocked(Obstacle::new(reason, help)))
}

/// Binds a definition whose scope is free. One whose pin could not be looked for everywhere is not added: its client may
/// be in another scope, and there would be two.
fn not_looked_for(definition: &Definition) -> Binding {
    match (&definition.id, definition.state) {
        (Some(pin), Presence::Present) => Binding::Blocked(Obstacle::new(
            format!("the pinned live client {} is not in the boundary, and the server refuses to list more", pin.value),
            "if it is gone, remove the `id:` line; if it is elsewhere, use a login that may list it",
        )),
        _ => Binding::None,
    }
}

fn bind_by_scope(definition: &Definition, rows: &[&LiveClient], odd: Option<&UnreadRow>, mask: Mask<'_>) -> Binding {
    if let Some(row) = odd {
        return Binding::Blocked(unread(row));
    }
    if definition.scope.is_unresolved() {
        return match definition.state {
            Presence::Absent => Binding::None,
            Presence::Present => Binding::Blocked(Obstacle::new(
                "its pinned live client is gone, and a scope with `partition: -3` cannot be added",
                "write the true scope and remove `id:`, or remove the definition",
            )),
        };
    }
    match rows {
        [] => Binding::None,
        [row] => Binding::Live(row.id.clone()),
        several => bind_by_description(definition, several, mask),
    }
}

fn bind_by_description(definition: &Definition, rows: &[&LiveClient], mask: Mask<'_>) -> Binding {
    let wanted = definition.spec.description.as_ref().map(|text| &text.value);
    let same: Vec<_> =
        rows.iter().filter(|row| wanted.is_some() && row.content.description.known() == wanted).collect();
    if let [row] = same[..] {
        return Binding::Live(row.id.clone());
    }
    let candidates: Vec<_> =
        rows.iter().map(|row| Candidate { id: row.id.clone(), description: mask.title(row).to_owned() }).collect();
    let lines: Vec<_> = rows.iter().map(|row| format!("`id: \"{}\"`", row.id)).collect();
    Binding::Blocked(Obstacle {
        reason: format!("{} live clients have the scope {}", rows.len(), definition.scope),
        help: format!("choose one by adding {} to the definition", lines.join(" or ")),
        candidates,
    })
}
