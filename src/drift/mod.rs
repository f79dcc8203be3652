//! The plan read as drift: which clients live and git disagree about, and which of the two changed.

mod judge;

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::model::{ClientId, ClientName, Definition, Desired, Field, Live, Location, Policy, Prune, Scope};
use crate::plan::{Action, Blocked, FieldChange, Obstacle, Plan, Step, Unchanged, Unmanaged, readable_differences};
use judge::{Then, compare};

/// How live and git differ.
#[derive(Debug, Clone, Default)]
pub struct Drift {
    /// Every selected definition, in order.
    pub clients: Vec<ClientDrift>,
    /// Live clients in the boundary that git does not define.
    pub unmanaged: Vec<Unmanaged>,
    /// How many listed rows lie outside the boundary.
    pub outside: usize,
}

/// How one client differs.
#[derive(Debug, Clone)]
pub struct ClientDrift {
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
    /// Who changed the live client last, if the server tells.
    pub updated_by: Option<String>,
    /// When, as the server writes it.
    pub updated_at: Option<String>,
}

/// One difference and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The difference.
    pub change: FieldChange,
    /// Who made it: drifted, pending, conflict; missing or not compared with its client.
    pub state: State,
}

/// How live and git stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// They agree.
    InSync,
    /// Live differs and git did not change.
    Drifted,
    /// Git changed and live is as it said before.
    Pending,
    /// Both changed.
    Conflict,
    /// Git defines the client and the server does not have it.
    Missing,
    /// The server does not show what git sets.
    NotCompared,
    /// Nobody can tell which live client is meant, or it cannot be read.
    Blocked,
}

impl State {
    /// All states in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::InSync, Self::Drifted, Self::Pending, Self::Conflict, Self::Missing, Self::NotCompared, Self::Blocked];

    /// Gives the word of the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::Drifted => "drifted",
            Self::Pending => "pending",
            Self::Conflict => "conflict",
            Self::Missing => "missing",
            Self::NotCompared => "not_compared",
            Self::Blocked => "blocked",
        }
    }

    /// Puts two findings about one client together: what one side changed and what the other side changed is a conflict.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::InSync, state) | (state, Self::InSync) => state,
            (left, right) if left == right => left,
            _ => Self::Conflict,
        }
    }
}

/// What `--ignore` leaves out of the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ignored {
    /// Clients in this state.
    State(State),
    /// Live clients that git does not define.
    Unmanaged,
}

impl FromStr for Ignored {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let states = State::ALL.into_iter().filter(|state| *state != State::InSync);
        let known: Vec<(&str, Self)> =
            states.map(|state| (state.name(), Self::State(state))).chain([("unmanaged", Self::Unmanaged)]).collect();
        let wanted = text.replace('-', "_");
        let found = known.iter().find(|(name, _)| *name == wanted).map(|(_, ignored)| *ignored);
        found.ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            format!("`{}` is not one of {}", text.escape_debug(), names.join(", "))
        })
    }
}

impl Drift {
    /// Tells whether nothing differs besides what is ignored.
    pub fn is_in_sync(&self, ignoring: &BTreeSet<Ignored>) -> bool {
        let fine = |state| state == State::InSync || ignoring.contains(&Ignored::State(state));
        let clients = self.clients.iter().all(|client| fine(client.state));
        clients && (self.unmanaged.is_empty() || ignoring.contains(&Ignored::Unmanaged))
    }
}

/// Reads the plan as drift. `base` is what git said at an earlier revision; without it, what git changed since cannot be
/// told from what was changed on the server, and both are called drifted.
pub fn drift(desired: &Desired, base: Option<&Desired>, live: &Live, policy: &Policy) -> Drift {
    // Whether unmanaged clients would be pruned has nothing to do with whether they are there.
    let policy = Policy { prune: Prune::Report, ..policy.clone() };
    let now = crate::plan::plan(desired, live, &policy);
    let then = base.map(|base| Then::new(base, desired, &now, live, &policy));
    let Plan { steps, unchanged, unmanaged, outside, blocked, .. } = now;
    let mut clients: Vec<ClientDrift> = steps
        .into_iter()
        .filter_map(|step| {
            let name = step.client.clone()?;
            Some(of_step(step, desired.clients.get(&name)?, then.as_ref(), &policy))
        })
        .collect();
    clients.extend(unchanged.into_iter().map(of_unchanged));
    clients.extend(blocked.into_iter().filter_map(|blocked| of_blocked(blocked, desired, live, &policy)));
    for client in &mut clients {
        let labels = client.id.as_ref().and_then(|id| live.clients.get(id)).map(|row| &row.labels);
        client.updated_by = labels.and_then(|labels| labels.updated_by.as_deref()).map(str::to_owned);
        client.updated_at = labels.and_then(|labels| labels.updated_at.as_deref()).map(str::to_owned);
    }
    let unmanaged = unmanaged
        .into_iter()
        .filter(|one| live.clients.get(&one.id).is_none_or(|row| policy.selection.covers_unmanaged(row)));
    let unmanaged = unmanaged.collect();
    clients.sort_by(|left, right| (&left.at, &left.client).cmp(&(&right.at, &right.client)));
    Drift { clients, unmanaged, outside }
}

fn of_unchanged(one: Unchanged) -> ClientDrift {
    let Unchanged { client, scope, id, at, not_compared } = one;
    let state = if not_compared.is_empty() { State::InSync } else { State::NotCompared };
    ClientDrift { id, not_compared, ..blank(client, state, scope, at) }
}

/// What cannot be done may still be seen: the readable differences of a blocked client are shown.
fn of_blocked(one: Blocked, desired: &Desired, live: &Live, policy: &Policy) -> Option<ClientDrift> {
    let Blocked { client, scope, id, at, obstacle } = one;
    let client = client?;
    let definition = desired.clients.get(&client)?;
    let row = id.as_ref().and_then(|id| live.clients.get(id));
    let changes = row.map(|row| readable_differences(definition, row, policy)).unwrap_or_default();
    let changes = changes.into_iter().map(|change| Difference { change, state: State::Blocked }).collect();
    let at = at.unwrap_or_else(|| definition.at.clone());
    Some(ClientDrift { id, changes, obstacle: Some(obstacle), ..blank(client, State::Blocked, scope, at) })
}

fn of_step(step: Step, definition: &Definition, then: Option<&Then<'_>>, policy: &Policy) -> ClientDrift {
    let from_scope = step.live().map(|row| row.scope.clone()).filter(|from| *from != step.scope);
    let (id, action) = (step.id().cloned(), Some(step.action()));
    let (state, changes) = match step.action() {
        Action::Add => (then.map_or(State::Missing, |then| then.of_missing(definition, policy)), step.changes),
        Action::Delete => (then.map_or(State::Drifted, |then| then.of_leftover(definition)), step.changes),
        Action::Change | Action::Replace => {
            let told = then.map(|then| then.told(definition));
            let (state, changes) = compare(step.changes, definition, from_scope.as_ref(), told);
            return ClientDrift {
                action,
                from_scope,
                id,
                changes,
                ..blank(definition.name.clone(), state, step.scope, definition.at.clone())
            };
        }
    };
    let changes = changes.into_iter().map(|change| Difference { change, state }).collect();
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
        updated_by: None,
        updated_at: None,
    }
}

#[cfg(test)]
mod tests;
