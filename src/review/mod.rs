//! Two desired sides compared: what a change of the definitions does to each client, what causes it, and how far it reaches.

mod cause;
mod content;
mod danger;
mod foresight;
mod moves;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::manifest::{ConfigWording, Dangers, NO_RULE, PRUNE_RULE, TARGET_RULE};
use crate::model::{
    Change, ClientId, ClientName, Declared, Definition, Desired, FieldPattern, Location, Origin, Ownership, PinPlace,
    Presence, Prune, Scope, Selection, Sensitive,
};
use crate::plan::{FieldChange, LikelyMove, Side};
use crate::redact::Mask;
use crate::text::listed;

pub(crate) use cause::RevisionFiles;
use cause::{Causes, ReviewSide};
use content::content;
pub(crate) use foresight::{NextAction, NextStep};
pub(crate) use moves::RemovedOrigin;

/// What changes between two revisions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Review {
    /// The clients that change, in order.
    pub clients: Vec<ClientReview>,
    /// How many clients do not.
    pub unchanged: usize,
    /// The lines that cause the changes, those that reach most clients first.
    pub causes: Vec<CauseLine>,
    /// What changes of the configuration: which clients are managed, and how much a plan may do to them.
    pub rules: Vec<TermChange>,
}

/// What changes of one client.
#[derive(Debug, Clone)]
pub(crate) struct ClientReview {
    /// Its name; that of the base if it is removed.
    pub client: ClientName,
    pub kind: ReviewKind,
    /// Its scope; that of the base if it is removed.
    pub scope: Scope,
    /// Its name in the base, if it is renamed.
    pub from_client: Option<ClientName>,
    /// Its scope in the base, if it is moved.
    pub from_scope: Option<Scope>,
    /// Where it is defined; in the base if it is removed.
    pub at: Location,
    /// Where its scope is written: the row of a fleet's table.
    scope_at: Location,
    /// Which revision both places are in.
    side: ReviewSide,
    /// The line that causes the change: of several, the one that reaches most clients.
    pub cause: Location,
    pub changes: Vec<FieldChange>,
    /// What changes of how it is managed.
    pub terms: Vec<TermChange>,
    /// Whether its definition has a line for a pin.
    pub pin_place: PinPlace,
    /// What the next apply may take from its live client, or overwrite, that was left alone before.
    pub dangers: Vec<String>,
    /// What becomes of the live client that it was for in the base, where the definition goes, moves or is for another one now.
    pub consequence: Option<Consequence>,
    /// What the next apply does for its definition, where that does not follow from the kind of the change and the consequence.
    pub next: Option<NextStep>,
    /// What it looks like a move of, if it is added.
    pub likely_move: Option<LikelyMove<RemovedOrigin>>,
}

/// What the next apply makes of the live client that a definition was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Consequence {
    /// It stays, and is reported as unmanaged.
    Unmanaged,
    /// It stays, outside of what is managed: nobody looks at it any more.
    Outside,
    /// It is deleted.
    Deleted,
    /// Another definition is for it now.
    Taken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ReviewKind {
    Added,
    /// It is gone from git, or git wants it gone.
    Removed,
    /// Its content or how it is managed changes.
    Changed,
    /// It has another name and the same scope or id.
    Renamed,
    Moved,
}

impl Review {
    /// Says of the rules that change what that endangers.
    #[must_use]
    pub(crate) fn with_dangers(mut self, dangers: &Dangers) -> Self {
        self.rules.iter_mut().for_each(|rule| rule.danger = dangers.get(&*rule.term).copied());
        self
    }
}

/// A change of how a client is managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TermChange {
    /// The key of the definition: `id`, `state`, `owns.policies`, `owns.settings` or `ignore`.
    pub term: Cow<'static, str>,
    /// Its two sides; `None` where it is not written.
    pub change: Change<Option<String>>,
    /// What may happen that did not before.
    pub danger: Option<&'static str>,
}

impl TermChange {
    pub(crate) fn new(term: impl Into<Cow<'static, str>>, change: Change<Option<String>>) -> Self {
        Self { term: term.into(), change, danger: None }
    }
}

/// A line that causes changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CauseLine {
    /// The line, in the head unless it is gone there.
    pub at: Location,
    /// How many clients it reaches.
    pub clients: usize,
}

/// Compares the clients of two revisions as they are after profiles, fleets and variables are expanded. Values of
/// `sensitive` fields are compared and not shown. With the trees that they were read from, causes are told that lie elsewhere
/// than where a value is written.
pub(crate) fn review(
    base: &Desired,
    head: &Desired,
    sensitive: &Sensitive,
    trees: Option<(RevisionFiles<'_>, RevisionFiles<'_>)>,
) -> Review {
    let mask = Mask(sensitive);
    let renamed = renames(base, head);
    let old_names: BTreeSet<&ClientName> = renamed.values().copied().collect();
    let mut review = Review::default();
    for (name, new) in &head.clients {
        let old = base.clients.get(name).or_else(|| base.clients.get(*renamed.get(name)?));
        match old {
            Some(old) if Arc::ptr_eq(old, new) => review.unchanged += 1,
            Some(old) => match compare(old, new, mask) {
                Some(client) => review.clients.push(client),
                None => review.unchanged += 1,
            },
            None => review.clients.push(one_side(new, ReviewSide::Head, mask)),
        }
    }
    let removed = base.clients.values().filter(|old| !head.clients.contains_key(&old.name));
    let removed = removed.filter(|old| !old_names.contains(&old.name));
    review.clients.extend(removed.map(|old| one_side(old, ReviewSide::Base, mask)));
    review.clients.sort_by(|left, right| (&left.at, &left.client).cmp(&(&right.at, &right.client)));
    review.rules = trees.map(|(base, head)| rules(base.rules, head.rules)).unwrap_or_default();
    moves::tell(&mut review.clients, base, head);
    let told = trees.map(|(base, head)| Causes::find([base, head], review.clients.iter().flat_map(written)));
    review.causes = causes(&mut review.clients, told.as_ref());
    review
}

/// Leaves the clients that are selected on either side: one that moves or is renamed into or out of the selection is still one
/// client.
pub(crate) fn selected<'d>(
    base: &'d Desired,
    head: &'d Desired,
    selection: &Selection,
) -> (Cow<'d, Desired>, Cow<'d, Desired>) {
    if selection.is_all() {
        return (Cow::Borrowed(base), Cow::Borrowed(head));
    }
    let of_side = |side: &'d Desired| side.clients.values().filter(|one| selection.covers(one)).map(|one| &one.name);
    let mut names: BTreeSet<&ClientName> = of_side(base).chain(of_side(head)).collect();
    for (new, old) in renames(base, head) {
        if names.contains(new) || names.contains(old) {
            names.extend([new, old]);
        }
    }
    let keep = |side: &Desired| {
        let mut side = side.clone();
        side.clients.retain(|name, _| names.contains(name));
        Cow::Owned(side)
    };
    (keep(base), keep(head))
}

/// Compares the rules of two revisions; a rule that one of them does not have has no side there. A target that comes or goes
/// is one change, whatever else is said of it.
fn rules(base: &ConfigWording, head: &ConfigWording) -> Vec<TermChange> {
    let target_only = base.is_empty() || head.is_empty();
    let names: BTreeSet<&str> = base.keys().chain(head.keys()).copied().collect();
    // Of a new one it matters too whether it deletes what git does not define.
    let deletes = |name: &str| name == PRUNE_RULE && head.get(name).is_some_and(|prune| prune == Prune::Delete.name());
    let names = names.into_iter().filter(|name| !target_only || *name == TARGET_RULE || deletes(name));
    let side = |rules: &ConfigWording, name: &str| rules.get(name).filter(|text| *text != NO_RULE).cloned();
    let change =
        |name: &'static str| TermChange::new(name, Change { before: side(base, name), after: side(head, name) });
    names.map(change).filter(|one| one.change.before != one.change.after).collect()
}

/// Finds new names whose client had another name in the base: the same pin, else the same scope.
fn renames<'a>(base: &'a Desired, head: &'a Desired) -> BTreeMap<&'a ClientName, &'a ClientName> {
    let gone: Vec<_> = base.clients.values().filter(|old| !head.clients.contains_key(&old.name)).collect();
    let ids: BTreeMap<&ClientId, &ClientName> =
        gone.iter().filter_map(|old| Some((&old.id.as_ref()?.value, &old.name))).collect();
    let scopes: BTreeMap<&Scope, &ClientName> =
        gone.iter().filter(|old| !old.scope.is_unresolved()).map(|old| (&old.scope, &old.name)).collect();
    let mut renames: BTreeMap<&ClientName, &ClientName> = BTreeMap::new();
    let mut taken: BTreeSet<&ClientName> = BTreeSet::new();
    let fresh = || head.clients.values().filter(|new| !base.clients.contains_key(&new.name));
    let by_id = fresh().filter_map(|new| Some((&new.name, *ids.get(&new.id.as_ref()?.value)?)));
    let by_scope = fresh().filter_map(|new| Some((&new.name, *scopes.get(&new.scope)?)));
    for (new, old) in by_id.chain(by_scope) {
        if !renames.contains_key(new) && taken.insert(old) {
            renames.insert(new, old);
        }
    }
    renames
}

fn compare(old: &Definition, new: &Definition, mask: Mask<'_>) -> Option<ClientReview> {
    let mut changes = content(Some(&old.spec), Some(&new.spec), mask);
    tell_origins(&mut changes, new, old);
    let terms = terms(old, new);
    let from_scope = Some(old.scope.clone()).filter(|from| *from != new.scope);
    let from_client = Some(old.name.clone()).filter(|from| *from != new.name);
    let goes = new.state == Presence::Absent && (old.state == Presence::Present || from_scope.is_some());
    let kind = match (&from_client, &from_scope) {
        // Its live client is deleted, prune or not.
        _ if goes => ReviewKind::Removed,
        (_, Some(_)) => ReviewKind::Moved,
        (Some(_), None) => ReviewKind::Renamed,
        (None, None) if changes.is_empty() && terms.is_empty() => return None,
        (None, None) => ReviewKind::Changed,
    };
    Some(ClientReview {
        client: new.name.clone(),
        kind,
        scope: new.scope.clone(),
        from_client,
        from_scope,
        at: new.at.clone(),
        scope_at: new.scope_at.clone(),
        side: ReviewSide::Head,
        cause: new.at.clone(),
        changes,
        terms,
        pin_place: new.pin_place,
        dangers: danger::dangers(old, new),
        consequence: None,
        next: None,
        likely_move: None,
    })
}

/// Reviews a definition that only one of the sides has. A new one that wants its client gone removes it.
fn one_side(definition: &Definition, side: ReviewSide, mask: Mask<'_>) -> ClientReview {
    let Definition {
        name,
        scope,
        scope_at,
        id: _,
        state,
        spec,
        owns: _,
        ignore: _,
        exceptions: _,
        profiles: _,
        at,
        until: _,
        pin_place,
    } = definition;
    let kind = match (side, state) {
        (ReviewSide::Base, _) | (ReviewSide::Head, Presence::Absent) => ReviewKind::Removed,
        (ReviewSide::Head, Presence::Present) => ReviewKind::Added,
    };
    let (mut changes, sides) = match side {
        ReviewSide::Base => (content(Some(spec), None, mask), [Some(state_name(*state)), None]),
        ReviewSide::Head => (content(None, Some(spec), mask), [None, Some(state_name(*state))]),
    };
    tell_origins(&mut changes, definition, definition);
    let [before, after] = sides.map(|side| side.map(str::to_owned));
    let absent = *state == Presence::Absent;
    ClientReview {
        client: name.clone(),
        kind,
        scope: scope.clone(),
        from_client: None,
        from_scope: None,
        at: at.clone(),
        scope_at: scope_at.clone(),
        side,
        cause: at.clone(),
        changes,
        terms: absent.then_some(TermChange::new("state", Change { before, after })).into_iter().collect(),
        pin_place: *pin_place,
        dangers: Vec::new(),
        consequence: None,
        next: None,
        likely_move: None,
    }
}

/// Tells which values a profile gives; one that is gone was given by the older side.
fn tell_origins(changes: &mut [FieldChange], new: &Definition, old: &Definition) {
    for change in changes {
        let side = if change.after == Side::Absent { old } else { new };
        change.origin = change.at.as_ref().map_or(Origin::Own, |at| side.origin(at));
    }
}

fn state_name(state: Presence) -> &'static str {
    match state {
        Presence::Present => "present",
        Presence::Absent => "absent",
    }
}

/// Compares how a client is managed.
fn terms(old: &Definition, new: &Definition) -> Vec<TermChange> {
    let Definition {
        name: _,
        scope: _,
        scope_at: _,
        id,
        state,
        spec: _,
        owns,
        ignore,
        exceptions: _,
        profiles: _,
        at: _,
        until: _,
        pin_place: _,
    } = new;
    let text = |id: &Option<Box<Declared<ClientId>>>| id.as_ref().map(|id| id.value.to_string());
    let word = |ownership: Ownership| Some(ownership.name().to_owned());
    let list = |ignore: &[FieldPattern]| (!ignore.is_empty()).then(|| listed(ignore.iter().map(FieldPattern::as_str)));
    let mut all = vec![
        (Cow::from("id"), text(&old.id), text(id)),
        ("state".into(), Some(state_name(old.state).to_owned()), Some(state_name(*state).to_owned())),
    ];
    let owns = old.owns.zip(*owns);
    all.extend(owns.entries().map(|(field, (old, new))| (format!("owns.{field}").into(), word(*old), word(*new))));
    all.push(("ignore".into(), list(&old.ignore), list(ignore)));
    let differing = all.into_iter().filter(|(_, before, after)| before != after);
    differing.map(|(term, before, after)| TermChange::new(term, Change { before, after })).collect()
}

/// Counts how many clients each line reaches, and gives each client the line that reaches most. A client that comes, goes
/// or moves is caused by its definition, or by its row in the table of a fleet.
fn causes(clients: &mut [ClientReview], told: Option<&Causes>) -> Vec<CauseLine> {
    let mut reach: BTreeMap<Location, usize> = BTreeMap::new();
    for client in clients.iter() {
        for place in places(client, told) {
            *reach.entry(place).or_default() += 1;
        }
    }
    for client in clients.iter_mut() {
        let lines = match client.kind {
            // What else changes of it is the smaller matter.
            ReviewKind::Moved => BTreeSet::from([own_line(client, told)]),
            ReviewKind::Added | ReviewKind::Removed | ReviewKind::Changed | ReviewKind::Renamed => places(client, told),
        };
        let widest = lines.into_iter().max_by_key(|at| (reach.get(at), std::cmp::Reverse(at.clone())));
        client.cause = widest.unwrap_or_else(|| client.at.clone());
    }
    let mut causes: Vec<CauseLine> = reach.into_iter().map(|(at, clients)| CauseLine { at, clients }).collect();
    causes.sort_by(|left, right| right.clients.cmp(&left.clients).then_with(|| left.at.cmp(&right.at)));
    causes
}

/// Gives where a change of a client may be written: its definition, its row, and its values.
fn written(client: &ClientReview) -> impl Iterator<Item = (ReviewSide, &Location)> {
    let own = [&client.at, &client.scope_at].map(|at| (client.side, at));
    own.into_iter().chain(client.changes.iter().filter_map(written_at))
}

fn written_at(change: &FieldChange) -> Option<(ReviewSide, &Location)> {
    let side = if change.after == Side::Absent { ReviewSide::Base } else { ReviewSide::Head };
    Some((side, change.at.as_ref()?))
}

/// Gives the line by which a client comes, goes or moves: of a fleet it may be its row.
fn own_line(client: &ClientReview, told: Option<&Causes>) -> Location {
    let own = [&client.at, &client.scope_at].into_iter().find_map(|at| told?.of(client.side, at));
    Location { column: 1, ..own.unwrap_or_else(|| client.at.clone()) }
}

/// Gives the lines that a change of a client was written on.
fn places(client: &ClientReview, told: Option<&Causes>) -> BTreeSet<Location> {
    let own = own_line(client, told);
    let cause = |change: &FieldChange| {
        let (side, at) = written_at(change)?;
        let cause = told.map_or_else(|| Some(at.clone()), |told| told.of(side, at));
        Some(Location { column: 1, ..cause.unwrap_or_else(|| own.clone()) })
    };
    let content: BTreeSet<Location> = client.changes.iter().filter_map(cause).collect();
    match client.kind {
        ReviewKind::Changed if !content.is_empty() => content,
        ReviewKind::Renamed | ReviewKind::Moved => content.into_iter().chain([own]).collect(),
        ReviewKind::Added | ReviewKind::Removed | ReviewKind::Changed => BTreeSet::from([own]),
    }
}

#[cfg(test)]
mod tests;
