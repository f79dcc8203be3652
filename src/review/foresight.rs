//! What the next apply makes of clients whose place changes, as the plan itself decides it: the base is taken for what is live.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::cause::ReviewSide;
use super::{Consequence, Review, ReviewKind, renames};
use crate::model::{
    ClientId, ClientName, Content, Definition, Desired, Detail, Device, Labels, Live, LiveClient, Nullable, Observed,
    Partition, Policy, Presence, Scope,
};
use crate::plan::{Action, plan};

impl Review {
    /// Says what the next apply makes of each definition that comes, goes or moves, and of the live client that it was for, under
    /// the policy of the head: what the plan would do if the server had what the base says.
    #[must_use]
    pub(crate) fn with_consequences(mut self, sides: [&Desired; 2], policy: Option<&Policy>) -> Self {
        let renamed = renames(sides[0], sides[1]);
        let foresight = Foresight::new(sides, &renamed, policy);
        for client in &mut self.clients {
            let from_client = client.from_client.as_ref().unwrap_or(&client.client);
            let own = foresight.client(from_client);
            let next = foresight.definition(&client.client).map(|next| next.for_own(from_client));
            // Of a scope of which the base says nothing, whatever is live there goes.
            let unknown = (!foresight.knows(&client.scope)).then_some(Consequence::Deleted);
            (client.consequence, client.next) = told((client.kind, client.side), (own, unknown), next);
        }
        self
    }
}

/// Leaves of what becomes of a client, and of what is done for its definition, what does not follow from the kind of the change.
fn told(
    (kind, side): (ReviewKind, ReviewSide),
    (own, unknown): (Option<Consequence>, Option<Consequence>),
    next: Option<NextStep>,
) -> (Option<Consequence>, Option<NextStep>) {
    use NextAction::{Add, Blocked, Change, Nothing, Replace};
    let is_own = next.as_ref().is_none_or(|next| next.of.is_none());
    let action = next.as_ref().map(|next| &next.action);
    match kind {
        ReviewKind::Removed => match (side, action) {
            (ReviewSide::Head, Some(Blocked(_))) => (own, next),
            (ReviewSide::Head, Some(Nothing)) if own.is_none() => (unknown, next.filter(|_| unknown.is_some())),
            (ReviewSide::Base, _) | (ReviewSide::Head, Some(Nothing)) => (own, None),
            (ReviewSide::Head, _) => (Some(Consequence::Deleted), None),
        },
        ReviewKind::Moved => match action {
            Some(Replace) if is_own => (None, None),
            Some(Add) if own.is_some_and(|own| own != Consequence::Taken) => (own, None),
            Some(Change | Nothing) if is_own => (None, next),
            _ => (own, next),
        },
        ReviewKind::Added => (None, next.filter(|next| next.action != Add)),
        ReviewKind::Changed | ReviewKind::Renamed => match action {
            None => (None, None),
            Some(Change | Nothing) if is_own => (None, None),
            Some(_) => (own.filter(|own| *own != Consequence::Taken), next),
        },
    }
}

/// What the next apply does for a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NextStep {
    pub action: NextAction,
    /// The definition of the base whose live client it is done to, if it is another one.
    pub of: Option<ClientName>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NextAction {
    Add,
    Change,
    Replace,
    Delete,
    /// The client is there, or absent, as it shall be.
    Nothing,
    /// It cannot be done, and why.
    Blocked(String),
}

impl NextStep {
    /// Leaves out whose client it is where it is the own one.
    fn for_own(&self, own: &ClientName) -> Self {
        Self { of: self.of.clone().filter(|of| of != own), action: self.action.clone() }
    }
}

/// What becomes of each live client of the base, and what is done for each definition of the head; of those whose scope, pin or
/// state differ. The others are for their own clients on both sides.
#[derive(Debug, Default)]
pub(super) struct Foresight {
    clients: HashMap<ClientName, Consequence>,
    definitions: HashMap<ClientName, NextStep>,
    /// Where these clients are, or are not any more.
    scopes: HashSet<Scope>,
}

impl Foresight {
    /// Plans the head over what the base says is live. Without a policy, as without a configuration, nothing is managed.
    /// `renamed` gives the names in the base of definitions that have another name in the head.
    pub(super) fn new(
        [base, head]: [&Desired; 2],
        renamed: &BTreeMap<&ClientName, &ClientName>,
        policy: Option<&Policy>,
    ) -> Self {
        let before = |name: &ClientName| base.clients.get(*renamed.get(name).unwrap_or(&name));
        let is_placed_alike = |one: &Definition, other: &Definition| {
            let pin = |one: &Definition| one.id.as_ref().map(|id| id.value.clone());
            one.name == other.name && one.scope == other.scope && one.state == other.state && pin(one) == pin(other)
        };
        let steady = |one: &Arc<Definition>, other: Option<&Arc<Definition>>| {
            other.is_some_and(|other| is_placed_alike(one, other))
        };
        let moving = head.clients.iter().filter(|(name, one)| !steady(one, before(name)));
        let moving = Desired {
            clients: moving.map(|(name, one)| (name.clone(), Arc::clone(one))).collect(),
            ..Desired::default()
        };
        let pinned: HashMap<&ClientName, &ClientId> = moving
            .clients
            .iter()
            .filter_map(|(name, one)| Some((*renamed.get(name).unwrap_or(&name), &one.id.as_ref()?.value)))
            .collect();
        let leaving = base.clients.values().filter(|one| one.state == Presence::Present);
        let leaving: Vec<&Definition> =
            leaving.filter(|one| !steady(one, head.clients.get(&one.name))).map(Arc::as_ref).collect();
        let known: BTreeMap<&ClientId, &ClientName> =
            leaving.iter().filter_map(|one| Some((&one.id.as_ref()?.value, &one.name))).collect();
        let (mut live, mut owners) = (Live::default(), HashMap::new());
        for one in &leaving {
            // A pin that comes with the move is that of the client.
            let new_pin = pinned.get(&one.name).filter(|id| !known.contains_key(**id));
            let id = one.id.as_ref().map(|id| &id.value).or(new_pin.copied()).cloned().or_else(|| unnamed(&one.name));
            if let Some(id) = id {
                owners.insert(id.clone(), &one.name);
                live.clients.insert(id.clone(), Box::new(client(id, one)));
            }
        }
        // Of what the base wants gone nothing is there.
        let scopes = base.clients.values().filter(|one| !steady(one, head.clients.get(&one.name)));
        let scopes = scopes.map(|one| one.scope.clone()).collect();
        let Some(policy) = policy else {
            let clients = leaving.into_iter().map(|one| (one.name.clone(), Consequence::Outside)).collect();
            return Self { clients, scopes, ..Self::default() };
        };
        Self { scopes, ..Self::read(&moving, (&live, &owners), policy) }
    }

    /// Tells whether the base says what is at a scope.
    fn knows(&self, scope: &Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// Plans, and reads what becomes of whom.
    fn read(moving: &Desired, (live, owners): (&Live, &HashMap<ClientId, &ClientName>), policy: &Policy) -> Self {
        let plan = plan(moving, live, policy);
        let mut all = Self::default();
        let within = |row: &LiveClient| policy.boundary.contains(&row.scope);
        for (id, row) in &live.clients {
            let stays = if within(row) { Consequence::Unmanaged } else { Consequence::Outside };
            all.clients.insert(owners[id].clone(), stays);
        }
        let mut note = |id: Option<&ClientId>, name: Option<&ClientName>, action: NextAction| {
            let owner = id.and_then(|id| owners.get(id)).copied();
            if let Some(owner) = owner {
                let consequence = match (&action, name) {
                    (NextAction::Delete, _) => Consequence::Deleted,
                    (NextAction::Blocked(_), _) => return,
                    _ => Consequence::Taken,
                };
                all.clients.insert(owner.clone(), consequence);
            }
            if let Some(name) = name {
                all.definitions.insert(name.clone(), NextStep { action, of: owner.cloned() });
            }
        };
        for step in &plan.steps {
            let action = match step.action() {
                Action::Add => NextAction::Add,
                Action::Change => NextAction::Change,
                Action::Replace => NextAction::Replace,
                Action::Delete => NextAction::Delete,
            };
            note(step.id(), step.client.as_ref(), action);
        }
        for one in &plan.unchanged {
            note(one.id.as_ref(), Some(&one.client), NextAction::Nothing);
        }
        for one in &plan.blocked {
            let action = NextAction::Blocked(one.obstacle.reason.clone());
            if let Some(name) = &one.client {
                all.definitions.insert(name.clone(), NextStep { action, of: None });
            }
        }
        all
    }

    /// Gives what becomes of the live client of a definition of the base.
    pub(super) fn client(&self, name: &ClientName) -> Option<Consequence> {
        self.clients.get(name).copied()
    }

    /// Gives what is done for a definition of the head.
    pub(super) fn definition(&self, name: &ClientName) -> Option<&NextStep> {
        self.definitions.get(name)
    }
}

/// Names a live client whose id nobody knows.
fn unnamed(name: &ClientName) -> Option<ClientId> {
    ClientId::from_server(&format!("(of {name})"))
}

/// Gives a scope at which the server may show the client. Of one that is pinned and whose definition does not know its scope that is
/// one that no definition names: wherever it is shown, it goes from there.
fn shown_at(definition: &Definition) -> Scope {
    let Definition { name, scope, id, .. } = definition;
    let nowhere = Device::from_text(&format!("(of {name})")).ok().filter(|_| scope.is_unresolved() && id.is_some());
    match nowhere {
        Some(device) => Scope { telsys: scope.telsys, partition: Partition::All, device },
        None => scope.clone(),
    }
}

/// Makes the live client that a definition has. Where it is decides, not what it has: only its description may tell it from others.
fn client(id: ClientId, definition: &Definition) -> LiveClient {
    let description = definition.spec.description.as_ref().map(|one| one.value.clone()).unwrap_or_default();
    let content = Content {
        description: Observed::Known(description),
        cm_environment_id: Observed::Known(Nullable::default()),
        policies: Observed::Known(Nullable::default()),
        settings: Observed::Known(Nullable::default()),
    };
    LiveClient { id, scope: shown_at(definition), content, labels: Labels::default(), detail: Detail::Read }
}
