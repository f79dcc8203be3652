//! Who changed what: the definitions of an earlier revision are planned against live as it is now, so that ownership,
//! ignored fields and binding mean the same as in a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::state::{Difference, State};
use crate::model::{ClientId, ClientName, Declared, Definition, Desired, Live, Policy, Presence, Scope, Selection};
use crate::plan::{Action, FieldChange, Plan, Side, Step};

/// What git said at the earlier revision, and what it would have done to the live clients of now.
pub(super) struct Baseline<'a> {
    /// The definitions of then, by the name that they have now.
    definitions: BTreeMap<&'a ClientName, &'a Definition>,
    /// What they would change, by the name that they have now.
    comparisons: BTreeMap<ClientName, Comparison>,
}

/// How the definition of then compares with the live client of now.
pub(super) enum Comparison {
    /// Nothing had to be done.
    Equal,
    /// This had to be done.
    Differs(Vec<FieldChange>),
    /// There was no live client to find.
    Missing,
    /// Nobody can tell.
    Blocked,
}

/// What git said then of one client.
#[derive(Clone, Copy)]
pub(super) enum Earlier<'t> {
    /// It did not define it.
    Undefined,
    /// It did.
    Defined {
        /// The definition of then.
        then: &'t Definition,
        /// How it compares with live.
        compared: &'t Comparison,
    },
}

impl<'a> Baseline<'a> {
    /// Plans what git said then against live as it is. Each definition is held against the live client that its successor
    /// is bound to, however it would have found one itself.
    pub(super) fn new(base: &'a Desired, desired: &'a Desired, now: &Plan, live: &Live, policy: &Policy) -> Self {
        let mut bound: BTreeMap<&ClientName, &ClientId> = BTreeMap::new();
        bound.extend(now.steps.iter().filter_map(|step| Some((step.client.as_ref()?, step.id()?))));
        bound.extend(now.unchanged.iter().filter_map(|one| Some((&one.client, one.id.as_ref()?))));
        let definitions = pairs(base, desired, &bound, live);
        let mut clients = BTreeMap::new();
        for (name, definition) in &definitions {
            let pin = |id: &&ClientId| Box::new(Declared { value: (*id).clone(), at: definition.at.clone() });
            let id = bound.get(name).map(pin).or_else(|| definition.id.clone());
            // What is left alone is decided by the configuration of now.
            let exceptions = desired.clients.get(*name).map(|now| now.exceptions.clone()).unwrap_or_default();
            let held = Definition { name: (*name).clone(), id, exceptions, ..(*definition).clone() };
            clients.insert(held.name.clone(), Arc::new(held));
        }
        // What was selected is decided by the definitions of now.
        let policy =
            Policy { selection: Selection { shard: policy.selection.shard, ..Selection::default() }, ..policy.clone() };
        let plan = crate::plan::plan(&Desired { clients, ..Desired::default() }, live, &policy);
        Self { definitions, comparisons: comparisons(plan) }
    }

    /// Gives what git said then of a definition's live client.
    pub(super) fn earlier(&self, definition: &Definition) -> Earlier<'_> {
        match self.definitions.get(&definition.name) {
            None => Earlier::Undefined,
            Some(then) => Earlier::Defined {
                then,
                compared: self.comparisons.get(&definition.name).unwrap_or(&Comparison::Blocked),
            },
        }
    }

    /// Judges a client that git defines and the server lacks.
    pub(super) fn of_missing(&self, definition: &Definition, policy: &Policy) -> State {
        match self.earlier(definition) {
            // Git did not ask for it then; or it is where git said it was, and git moved it since.
            Earlier::Undefined | Earlier::Defined { compared: Comparison::Equal, .. } => State::Pending,
            Earlier::Defined { then, .. } if then.state == Presence::Absent => State::Pending,
            // Where git said it was is not looked at any more.
            Earlier::Defined { then, compared: Comparison::Missing } if !policy.boundary.contains(&then.scope) => {
                State::Pending
            }
            Earlier::Defined { compared: Comparison::Missing | Comparison::Blocked, .. } => State::Missing,
            Earlier::Defined { compared: Comparison::Differs(_), .. } => State::Conflict,
        }
    }

    /// Judges a client that git wants gone and the server has.
    pub(super) fn of_leftover(&self, definition: &Definition) -> State {
        match self.earlier(definition) {
            Earlier::Undefined | Earlier::Defined { compared: Comparison::Equal | Comparison::Missing, .. } => {
                State::Pending
            }
            Earlier::Defined { then, .. } if then.state == Presence::Absent => State::Drifted,
            Earlier::Defined { compared: Comparison::Differs(_) | Comparison::Blocked, .. } => State::Conflict,
        }
    }
}

fn comparisons(plan: Plan) -> BTreeMap<ClientName, Comparison> {
    let Plan { steps, unchanged, blocked, .. } = plan;
    let of_step = |step: Step| {
        let compared = match step.action() {
            Action::Add => Comparison::Missing,
            Action::Change | Action::Replace | Action::Delete => Comparison::Differs(step.changes),
        };
        step.client.map(|name| (name, compared))
    };
    let mut comparisons: BTreeMap<ClientName, Comparison> = steps.into_iter().filter_map(of_step).collect();
    comparisons.extend(unchanged.into_iter().map(|one| (one.client, Comparison::Equal)));
    comparisons.extend(blocked.into_iter().filter_map(|one| Some((one.client?, Comparison::Blocked))));
    comparisons
}

/// Finds for each definition of now the one of then that means the same live client: the one that has not moved, else by
/// pin, else by where the live client is, else by name. A name may have gone to another client since.
fn pairs<'a>(
    base: &'a Desired,
    desired: &'a Desired,
    bound: &BTreeMap<&ClientName, &ClientId>,
    live: &Live,
) -> BTreeMap<&'a ClientName, &'a Definition> {
    let all = || base.definitions();
    let ids: BTreeMap<&ClientId, &Definition> = all().filter_map(|one| Some((&one.id.as_ref()?.value, one))).collect();
    let resolved = |one: &&Definition| !one.scope.is_unresolved();
    let scopes: BTreeMap<&Scope, &Definition> = all().filter(resolved).map(|one| (&one.scope, one)).collect();
    let namesake = |one: &Definition| base.clients.get(&one.name).map(Arc::as_ref);
    let of_row = |one: &Definition| bound.get(&one.name).and_then(|id| live.clients.get(*id)).map(|row| &row.scope);
    let id = |one: &'a Definition| bound.get(&one.name).copied().or(one.id.as_ref().map(|id| &id.value));
    let likenesses: [&dyn Fn(&'a Definition) -> Option<&'a Definition>; 4] = [
        &|one| namesake(one).filter(|then| then.scope == one.scope),
        &|one| ids.get(id(one)?).copied(),
        &|one| scopes.get(of_row(one).unwrap_or(&one.scope)).copied(),
        &namesake,
    ];
    let mut taken: BTreeSet<&ClientName> = BTreeSet::new();
    let mut pairs = BTreeMap::new();
    for likeness in likenesses {
        for (name, definition) in &desired.clients {
            let found = likeness(definition).filter(|_| !pairs.contains_key(name));
            if let Some(found) = found.filter(|found| taken.insert(&found.name)) {
                pairs.insert(name, found);
            }
        }
    }
    pairs
}

/// Judges each difference of a bound client; `earlier` is `None` when no earlier revision is known.
pub(super) fn compare(
    changes: Vec<FieldChange>,
    definition: &Definition,
    from: Option<&Scope>,
    earlier: Option<Earlier<'_>>,
) -> (State, Vec<Difference>) {
    let judge = |change: &FieldChange| match earlier {
        _ if change.before == Side::Unreadable => (State::NotCompared, None),
        None => (State::Drifted, None),
        Some(Earlier::Undefined | Earlier::Defined { compared: Comparison::Equal, .. }) => (State::Pending, None),
        Some(Earlier::Defined { compared: Comparison::Blocked | Comparison::Missing, .. }) => (State::Conflict, None),
        Some(Earlier::Defined { compared: Comparison::Differs(then), .. }) => judge(change, then),
    };
    let moved = from.map(|from| match earlier {
        None => State::Drifted,
        Some(Earlier::Undefined) => State::Pending,
        Some(Earlier::Defined { then, .. }) if then.scope == definition.scope => State::Drifted,
        Some(Earlier::Defined { then, .. }) if then.scope == *from => State::Pending,
        Some(Earlier::Defined { .. }) => State::Conflict,
    });
    let judged = |change: FieldChange| {
        let (state, base) = judge(&change);
        Difference { base, ..Difference::new(change, state) }
    };
    let changes: Vec<Difference> = changes.into_iter().map(judged).collect();
    let states = changes.iter().map(|one| one.state).filter(|state| *state != State::NotCompared);
    (states.chain(moved).fold(State::InSync, State::and), changes)
}

/// Judges one difference by what git would have changed then: nothing at this place, the same, or something else.
/// In a conflict it gives what git said then, too.
fn judge(change: &FieldChange, then: &[FieldChange]) -> (State, Option<Side>) {
    match then.iter().find(|other| (other.field, &other.key) == (change.field, &change.key)) {
        None => (State::Pending, None),
        Some(other) if other.after == change.after => (State::Drifted, None),
        Some(other) => (State::Conflict, Some(other.after.clone())),
    }
}
