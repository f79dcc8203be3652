//! The plan read as drift: which clients live and git disagree about, and which of the two changed.

mod accept;
mod draft;
mod judge;
mod state;

use std::collections::BTreeSet;

use crate::model::{ClientId, ClientName, Definition, Desired, Field, Labels, Live, Location, Policy, Prune, Scope};
use crate::plan::{
    Action, Blocked, Obstacle, Plan, Step, Unchanged, Unmanaged, UnreadNotice, excepted_differences,
    readable_differences,
};
use judge::{Baseline, compare};

pub(crate) use accept::{Acceptance, Accepting, AlikeLine, AskedClients, LeftAsIs, SENSITIVE, SharedLines};
pub(crate) use draft::{AcceptanceDraft, ClientsOfFiles, DraftUse, Drafting, FileTexts};
pub(crate) use state::{Difference, Ignored, State};

/// How live and git differ.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drift {
    /// Every selected definition, in order.
    pub clients: Vec<ClientDrift>,
    /// Live clients in the boundary that git does not define.
    pub unmanaged: Vec<Unmanaged>,
    /// How many rows lie outside the boundary, if that was counted.
    pub outside: Option<usize>,
    /// Listed rows that could not be read.
    pub unread: Vec<UnreadNotice>,
}

/// How one client differs.
#[derive(Debug, Clone)]
pub(crate) struct ClientDrift {
    /// The definition.
    pub client: ClientName,
    /// Its state.
    pub state: State,
    /// What would be done to make live what git says.
    pub action: Option<Action>,
    /// Where it shall be.
    pub scope: Scope,
    /// Where it is, if that is elsewhere.
    pub from_scope: Option<Scope>,
    /// Its live client.
    pub id: Option<ClientId>,
    /// Where the definition stands.
    pub at: Location,
    /// What differs: before is live, after is git.
    pub changes: Vec<Difference>,
    /// What stands in the way, of a blocked client.
    pub obstacle: Option<Obstacle>,
    /// Fields that could not be compared.
    pub not_compared: Vec<Field>,
    /// What the server calls the place, and who changed the live client last.
    pub labels: Labels,
}

impl Drift {
    /// Tells whether nothing differs besides what is ignored.
    pub(crate) fn is_in_sync(&self, ignoring: &BTreeSet<Ignored>) -> bool {
        let fine = |state: State| state.is_settled() || ignoring.contains(&Ignored::State(state));
        let clients = self.clients.iter().all(|client| fine(client.state));
        clients && (self.unmanaged.is_empty() || ignoring.contains(&Ignored::Unmanaged))
    }
}

impl ClientDrift {
    /// Adds what differs and is left alone by an exception.
    fn except(&mut self, desired: &Desired, live: &Live, policy: &Policy) {
        let definition = desired.clients.get(&self.client);
        let row = self.id.as_ref().and_then(|id| live.clients.get(id));
        let Some((definition, row)) = definition.zip(row) else { return };
        let excepted = excepted_differences(definition, row, policy);
        if self.state == State::InSync && !excepted.is_empty() {
            self.state = State::Excepted;
        }
        let difference = |(change, exception)| {
            let exception = Some(exception);
            Difference { exception, ..Difference::new(change, State::Excepted) }
        };
        self.changes.extend(excepted.into_iter().map(difference));
        self.changes.sort_by(|left, right| left.place().cmp(&right.place()));
    }
}

/// Reads the plan as drift. `base` is what git said at an earlier revision; without it, what git changed since cannot be
/// told from what was changed on the server, and both are called drifted.
pub(crate) fn drift(desired: &Desired, base: Option<&Desired>, live: &Live, policy: &Policy) -> Drift {
    // Whether unmanaged clients would be pruned has nothing to do with whether they are there.
    let policy = Policy { prune: Prune::Report, ..policy.clone() };
    let now = crate::plan::plan(desired, live, &policy);
    let baseline = base.map(|base| Baseline::new(base, desired, &now, live, &policy));
    let Plan { steps, unchanged, unmanaged, outside, unread, blocked, .. } = now;
    let mut clients: Vec<ClientDrift> = steps
        .into_iter()
        .filter_map(|step| {
            let name = step.client.clone()?;
            Some(of_step(step, desired.clients.get(&name)?, baseline.as_ref(), &policy))
        })
        .collect();
    clients.extend(unchanged.into_iter().map(of_unchanged));
    clients.extend(blocked.into_iter().filter_map(|blocked| of_blocked(blocked, desired, live, &policy)));
    for client in &mut clients {
        client.except(desired, live, &policy);
        client.labels = live.labels(&client.scope, client.id.as_ref());
    }
    let unmanaged = unmanaged
        .into_iter()
        .filter(|one| live.clients.get(&one.id).is_none_or(|row| policy.selection.covers_unmanaged(row)));
    let unmanaged = unmanaged.collect();
    clients.sort_by(|left, right| (&left.at, &left.client).cmp(&(&right.at, &right.client)));
    Drift { clients, unmanaged, outside, unread }
}

fn of_unchanged(one: Unchanged) -> ClientDrift {
    let Unchanged { client, scope, id, at, not_compared } = one;
    let state = if not_compared.is_empty() { State::InSync } else { State::NotCompared };
    ClientDrift { id, not_compared, ..blank(client, state, scope, at) }
}

/// What cannot be done may still be seen: the readable differences of a blocked client are shown.
fn of_blocked(one: Blocked, desired: &Desired, live: &Live, policy: &Policy) -> Option<ClientDrift> {
    let Blocked { client, scope, id, at, obstacle, labels: _ } = one;
    let client = client?;
    let definition = desired.clients.get(&client)?;
    let row = id.as_ref().and_then(|id| live.clients.get(id));
    let changes = row.map(|row| readable_differences(definition, row, policy)).unwrap_or_default();
    let changes = changes.into_iter().map(|change| Difference::new(change, State::Blocked)).collect();
    let at = at.unwrap_or_else(|| definition.at.clone());
    Some(ClientDrift { id, changes, obstacle: Some(obstacle), ..blank(client, State::Blocked, scope, at) })
}

fn of_step(step: Step, definition: &Definition, baseline: Option<&Baseline<'_>>, policy: &Policy) -> ClientDrift {
    let from_scope = step.live().map(|row| row.scope.clone()).filter(|from| *from != step.scope);
    let (id, action) = (step.id().cloned(), Some(step.action()));
    let (state, changes) = match step.action() {
        Action::Add => {
            (baseline.map_or(State::Missing, |baseline| baseline.of_missing(definition, policy)), step.changes)
        }
        Action::Delete => (baseline.map_or(State::Drifted, |baseline| baseline.of_leftover(definition)), step.changes),
        Action::Change | Action::Replace => {
            let earlier = baseline.map(|baseline| baseline.earlier(definition));
            let (state, changes) = compare(step.changes, definition, from_scope.as_ref(), earlier);
            return ClientDrift {
                action,
                from_scope,
                id,
                changes,
                ..blank(definition.name.clone(), state, step.scope, definition.at.clone())
            };
        }
    };
    let changes = changes.into_iter().map(|change| Difference::new(change, state)).collect();
    ClientDrift {
        action,
        from_scope,
        id,
        changes,
        ..blank(definition.name.clone(), state, step.scope, definition.at.clone())
    }
}

fn blank(client: ClientName, state: State, scope: Scope, at: Location) -> ClientDrift {
    ClientDrift {
        client,
        state,
        action: None,
        scope,
        from_scope: None,
        id: None,
        at,
        changes: Vec::new(),
        obstacle: None,
        not_compared: Vec::new(),
        labels: Labels::default(),
    }
}

#[cfg(test)]
mod tests;
