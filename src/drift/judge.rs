//! Who changed what: the definitions of an earlier revision are planned against live as it is now, so that ownership,
//! ignored fields and binding mean the same as in a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::{Difference, State};
use crate::model::{ClientId, ClientName, Declared, Definition, Desired, Live, Policy, Presence, Scope, Selection};
use crate::plan::{Action, FieldChange, Plan, Side, Step};

/// What git said at the earlier revision, and what it would have done to the live clients of now.
pub(super) struct Then<'a> {
    /// The definitions of then, by the name that they have now.
    definitions: BTreeMap<&'a ClientName, &'a Definition>,
    /// What they would change, by the name that they have now.
    verdicts: BTreeMap<ClientName, Verdict>,
}

/// What git said then of the live client of now.
pub(super) enum Verdict {
    /// Nothing had to be done.
    Agrees,
    /// This had to be done.
    Differs(Vec<FieldChange>),
    /// There was no live client to find.
    Missing,
    /// Nobody can tell.
    Blocked,
}

/// What git said then of one client.
#[derive(Clone, Copy)]
pub(super) enum Told<'t> {
    /// It did not define it.
    Nothing,
    /// This.
    This {
        /// The definition of then.
        then: &'t Definition,
        /// What had to be done for it.
        verdict: &'t Verdict,
    },
}

impl<'a> Then<'a> {
    /// Plans what git said then against live as it is. Each definition is held against the live client that its successor
    /// is bound to, however it would have found one itself.
    pub(super) fn new(base: &'a Desired, desired: &'a Desired, now: &Plan, live: &Live, policy: &Policy) -> Self {
        let mut bound: BTreeMap<&ClientName, &ClientId> = BTreeMap::new();
        bound.extend(now.steps.iter().filter_map(|step| Some((step.client.as_ref()?, step.id()?))));
        bound.extend(now.unchanged.iter().filter_map(|one| Some((&one.client, one.id.as_ref()?))));
        let definitions = pairs(base, desired, &bound, live);
        let mut clients = BTreeMap::new();
        for (name, definition) in &definitions {
            let pin = |id: &&ClientId| Declared { value: (*id).clone(), at: definition.at.clone() };
            let id = bound.get(name).map(pin).or_else(|| definition.id.clone());
            let held = Definition { name: (*name).clone(), id, ..(*definition).clone() };
            clients.insert(held.name.clone(), held);
        }
        // What was selected is decided by the definitions of now.
        let policy = Policy { selection: Selection::default(), ..policy.clone() };
        let plan = crate::plan::plan(&Desired { clients, digest: String::new() }, live, &policy);
        Self { definitions, verdicts: verdicts(plan) }
    }

    /// Gives what git said then of a definition's live client.
    pub(super) fn told(&self, definition: &Definition) -> Told<'_> {
        match self.definitions.get(&definition.name) {
            None => Told::Nothing,
            Some(then) => {
                Told::This { then, verdict: self.verdicts.get(&definition.name).unwrap_or(&Verdict::Blocked) }
            }
        }
    }

    /// Judges a client that git defines and the server lacks.
    pub(super) fn of_missing(&self, definition: &Definition, policy: &Policy) -> State {
        match self.told(definition) {
            // Git did not ask for it then; or it is where git said it was, and git moved it since.
            Told::Nothing | Told::This { verdict: Verdict::Agrees, .. } => State::Pending,
            Told::This { then, .. } if then.state == Presence::Absent => State::Pending,
            // Where git said it was is not looked at any more.
            Told::This { then, verdict: Verdict::Missing } if !policy.boundary.contains(&then.scope) => State::Pending,
            Told::This { verdict: Verdict::Missing | Verdict::Blocked, .. } => State::Missing,
            Told::This { verdict: Verdict::Differs(_), .. } => State::Conflict,
        }
    }

    /// Judges a client that git wants gone and the server has.
    pub(super) fn of_leftover(&self, definition: &Definition) -> State {
        match self.told(definition) {
            Told::Nothing | Told::This { verdict: Verdict::Agrees | Verdict::Missing, .. } => State::Pending,
            Told::This { then, .. } if then.state == Presence::Absent => State::Drifted,
            Told::This { verdict: Verdict::Differs(_) | Verdict::Blocked, .. } => State::Conflict,
        }
    }
}

fn verdicts(plan: Plan) -> BTreeMap<ClientName, Verdict> {
    let Plan { steps, unchanged, blocked, .. } = plan;
    let of_step = |step: Step| {
        let verdict = match step.action() {
            Action::Add => Verdict::Missing,
            Action::Change | Action::Replace | Action::Delete => Verdict::Differs(step.changes),
        };
        step.client.map(|name| (name, verdict))
    };
    let mut verdicts: BTreeMap<ClientName, Verdict> = steps.into_iter().filter_map(of_step).collect();
    verdicts.extend(unchanged.into_iter().map(|one| (one.client, Verdict::Agrees)));
    verdicts.extend(blocked.into_iter().filter_map(|one| Some((one.client?, Verdict::Blocked))));
    verdicts
}

/// Finds for each definition of now the one of then that means the same live client: the one that has not moved, else by
/// pin, else by where the live client is, else by name. A name may have gone to another client since.
fn pairs<'a>(
    base: &'a Desired,
    desired: &'a Desired,
    bound: &BTreeMap<&ClientName, &ClientId>,
    live: &Live,
) -> BTreeMap<&'a ClientName, &'a Definition> {
    let ids: BTreeMap<&ClientId, &Definition> =
        base.clients.values().filter_map(|one| Some((&one.id.as_ref()?.value, one))).collect();
    let resolved = |one: &&Definition| !one.scope.is_unresolved();
    let scopes: BTreeMap<&Scope, &Definition> =
        base.clients.values().filter(resolved).map(|one| (&one.scope, one)).collect();
    let namesake = |one: &Definition| base.clients.get(&one.name);
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

/// Judges each difference of a bound client; `told` is `None` when no earlier revision is known.
pub(super) fn compare(
    changes: Vec<FieldChange>,
    definition: &Definition,
    from: Option<&Scope>,
    told: Option<Told<'_>>,
) -> (State, Vec<Difference>) {
    let judge = |change: &FieldChange| match told {
        _ if change.before == Side::Unreadable => State::NotCompared,
        None => State::Drifted,
        Some(Told::Nothing | Told::This { verdict: Verdict::Agrees, .. }) => State::Pending,
        Some(Told::This { verdict: Verdict::Blocked | Verdict::Missing, .. }) => State::Conflict,
        Some(Told::This { verdict: Verdict::Differs(then), .. }) => judge(change, then),
    };
    let moved = from.map(|from| match told {
        None => State::Drifted,
        Some(Told::Nothing) => State::Pending,
        Some(Told::This { then, .. }) if then.scope == definition.scope => State::Drifted,
        Some(Told::This { then, .. }) if then.scope == *from => State::Pending,
        Some(Told::This { .. }) => State::Conflict,
    });
    let changes: Vec<Difference> =
        changes.into_iter().map(|change| Difference { state: judge(&change), change }).collect();
    let states = changes.iter().map(|one| one.state).filter(|state| *state != State::NotCompared);
    (states.chain(moved).fold(State::InSync, State::and), changes)
}

/// Judges one difference by what git would have changed then: nothing at this place, the same, or something else.
fn judge(change: &FieldChange, then: &[FieldChange]) -> State {
    match then.iter().find(|other| (other.field, &other.key) == (change.field, &change.key)) {
        None => State::Pending,
        Some(other) if other.after == change.after => State::Drifted,
        Some(_) => State::Conflict,
    }
}
