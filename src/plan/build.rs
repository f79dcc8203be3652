//! Builds a plan from bindings: one decision for each definition and for each unmanaged client.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::{Binding, Bindings, Obstacle, bind};
use super::diff::{added, diff, with_blind};
use super::own::{fresh, own};
use super::{
    Blocked, FieldChange, Inputs, Kept, Mask, Notice, Plan, Precondition, Side, Step, Unchanged, Unmanaged, Write,
    guard, order,
};
use crate::model::{
    ClientId, Definition, Desired, Detail, Field, Fingerprint, Live, LiveClient, Location, Observed, Payload, Policy,
    Presence, Prune, RefusalKind, Scope,
};

/// Decides what has to be done so that live equals desired. Nothing is read or written, and equal inputs give equal plans.
pub fn plan(desired: &Desired, live: &Live, policy: &Policy) -> Plan {
    let inputs = Inputs { desired, live, policy };
    let bindings = bind(desired, live, policy);
    let mut plan = Plan { prune: policy.prune, outside: live.outside, ..Plan::default() };
    for definition in desired.clients.values().filter(|definition| policy.selection.covers(definition)) {
        inputs.decide(definition, &bindings, &mut plan);
    }
    for id in &bindings.unmanaged {
        if let Some(row) = live.clients.get(id) {
            inputs.decide_unmanaged(row, &mut plan);
        }
    }
    block_occupied(&inputs, &mut plan);
    plan.steps = order::order(std::mem::take(&mut plan.steps));
    plan.managed = inputs.managed(&bindings, &plan);
    plan.guard = guard::weigh(&plan.steps, plan.managed, &policy.limits, &policy.protect);
    plan
}

/// Names the live clients of which more than the list row is needed: bound ones with a managed field that the row lacks,
/// and those that will be written to, because a write needs the whole object.
pub fn wanted_details(desired: &Desired, live: &Live, policy: &Policy) -> BTreeSet<ClientId> {
    let inputs = Inputs { desired, live, policy };
    let bindings = bind(desired, live, policy);
    let mut wanted = BTreeSet::new();
    for definition in desired.clients.values().filter(|definition| policy.selection.covers(definition)) {
        if let Some(Binding::Live(id)) = bindings.bound.get(&definition.name)
            && let Some(row) = live.clients.get(id)
            && inputs.wants_detail(definition, row)
        {
            wanted.insert(id.clone());
        }
    }
    let pruned = bindings.unmanaged.iter().filter_map(|id| live.clients.get(id));
    wanted.extend(pruned.filter(|row| inputs.kept(row).is_none() && has_unread(row)).map(|row| row.id.clone()));
    wanted
}

fn has_unread(row: &LiveClient) -> bool {
    row.detail == Detail::Listed && Field::ALL.into_iter().any(|field| !row.knows(field))
}

impl Inputs<'_> {
    fn mask(&self) -> Mask<'_> {
        Mask(&self.policy.sensitive)
    }

    fn wants_detail(&self, definition: &Definition, row: &LiveClient) -> bool {
        if !has_unread(row) {
            return false;
        }
        let leaves = definition.state == Presence::Absent || moves(definition, row);
        let ignored = |field| definition.ignore.iter().any(|pattern| pattern.covers_field(field));
        let lacks =
            Field::ALL.into_iter().any(|field| definition.spec.manages(field) && !ignored(field) && !row.knows(field));
        leaves || lacks || !diff(&own(definition, row), Some(definition), self.mask()).is_empty()
    }

    fn decide(&self, definition: &Definition, bindings: &Bindings, plan: &mut Plan) {
        if let (true, Some(pin)) = (bindings.stale_pins.contains(&definition.name), &definition.id)
            && definition.state == Presence::Present
        {
            plan.notices.push(Notice {
                client: definition.name.clone(),
                at: pin.at.clone(),
                message: format!("the pinned id {} of `{}` is not on the server any more", pin.value, definition.name),
                help: "`icsync pin` writes the current id".to_owned(),
            });
        }
        match bindings.bound.get(&definition.name) {
            Some(Binding::Live(id)) => match self.live.clients.get(id) {
                Some(row) => self.decide_bound(definition, row, plan),
                None => self.decide_unbound(definition, plan),
            },
            Some(Binding::Blocked(obstacle)) => plan.blocked.push(blocked(definition, None, obstacle.clone())),
            Some(Binding::None) | None => self.decide_unbound(definition, plan),
        }
    }

    fn decide_unbound(&self, definition: &Definition, plan: &mut Plan) {
        match definition.state {
            Presence::Absent => plan.unchanged.push(unchanged(definition, None, Vec::new())),
            Presence::Present => {
                let payload = fresh(definition);
                let changes = added(&payload, Some(definition), self.mask());
                let after = Some(self.mask().payload(&payload));
                let precondition = Precondition::ScopeIsFree { known: Vec::new() };
                plan.steps.push(Step { after, changes, ..step(definition, Write::Add { payload }, precondition) });
            }
        }
    }

    fn decide_bound(&self, definition: &Definition, row: &LiveClient, plan: &mut Plan) {
        if let Detail::Refused { reason, help, kind } = &row.detail {
            if (*kind, definition.state) == (RefusalKind::Gone, Presence::Absent) {
                plan.unchanged.push(unchanged(definition, None, Vec::new()));
            } else {
                let obstacle = Obstacle::new(reason.clone(), help.clone());
                plan.blocked.push(blocked(definition, Some(row), obstacle));
            }
            return;
        }
        match definition.state {
            Presence::Absent => plan.steps.push(self.delete(Some(definition), row)),
            Presence::Present => match self.edit(definition, row) {
                Ok(Some(step)) => plan.steps.push(step),
                Ok(None) => {
                    plan.unchanged.push(unchanged(definition, Some(row), own(definition, row).blind()));
                }
                Err(obstacle) => plan.blocked.push(blocked(definition, Some(row), obstacle)),
            },
        }
    }

    /// Makes the change or replace that a bound client needs, if it needs one.
    fn edit(&self, definition: &Definition, row: &LiveClient) -> Result<Option<Step>, Obstacle> {
        let owned = own(definition, row);
        let mut changes = diff(&owned, Some(definition), self.mask());
        let replaces = moves(definition, row);
        if changes.is_empty() && !replaces {
            return Ok(None);
        }
        let payload = owned.payload().map_err(|unknown| would_wipe(&unknown, row))?;
        changes.extend(with_blind(&owned, &payload, definition, self.mask()));
        changes.sort_by(|left, right| (left.field, &left.key).cmp(&(right.field, &right.key)));
        let after = Some(self.mask().payload(&payload));
        let live = Box::new(row.clone());
        let write = if replaces { Write::Replace { live, payload } } else { Write::Change { live, payload } };
        Ok(Some(Step {
            before: Some(self.mask().live(row)),
            after,
            changes,
            ..step(definition, write, unchanged_since(row))
        }))
    }

    fn delete(&self, definition: Option<&Definition>, row: &LiveClient) -> Step {
        let mut changes: Vec<FieldChange> = match Payload::of(row) {
            Ok(payload) => added(&payload, None, self.mask()),
            Err(_) => Vec::new(),
        };
        for change in &mut changes {
            change.before = std::mem::replace(&mut change.after, Side::Absent);
        }
        let write = Write::Delete { live: Box::new(row.clone()) };
        Step {
            number: 0,
            client: definition.map(|definition| definition.name.clone()),
            scope: row.scope.clone(),
            at: definition.map(|definition| definition.at.clone()),
            before: Some(self.mask().live(row)),
            after: None,
            changes,
            precondition: unchanged_since(row),
            after_steps: Vec::new(),
            unreadable: unreadable(row),
            write,
        }
    }

    /// Tells why prune leaves an unmanaged client alone; `None` means that it is deleted.
    fn kept(&self, row: &LiveClient) -> Option<Option<Kept>> {
        match self.policy.prune {
            Prune::Report => Some(None),
            Prune::Delete if guard::is_protected(row, &self.policy.protect) => Some(Some(Kept::Protected)),
            Prune::Delete if row.scope.is_unresolved() => Some(Some(Kept::Unresolved)),
            Prune::Delete if !self.policy.selection.covers_unmanaged(row) => Some(Some(Kept::NotSelected)),
            Prune::Delete => None,
        }
    }

    fn decide_unmanaged(&self, row: &LiveClient, plan: &mut Plan) {
        match (self.kept(row), &row.detail) {
            (Some(kept), _) => plan.unmanaged.push(Unmanaged {
                id: row.id.clone(),
                scope: row.scope.clone(),
                description: self.mask().text(Field::Description, row.title()),
                kept,
            }),
            (None, Detail::Refused { kind: RefusalKind::Gone, .. }) => {}
            (None, Detail::Refused { reason, help, .. }) => plan.blocked.push(Blocked {
                client: None,
                scope: row.scope.clone(),
                id: Some(row.id.clone()),
                at: None,
                obstacle: Obstacle::new(reason.clone(), help.clone()),
            }),
            (None, Detail::Listed | Detail::Read) => plan.steps.push(self.delete(None, row)),
        }
    }

    /// Counts the live clients that are managed now: those that definitions found, and those that prune takes.
    fn managed(&self, bindings: &Bindings, plan: &Plan) -> usize {
        let bound = bindings.bound.values().filter(|binding| matches!(binding, Binding::Live(_))).count();
        let pruned = plan.steps.iter().filter(|step| step.client.is_none()).count();
        bound + pruned
    }
}

/// Blocks adds and replaces whose scope is held by a client that no step removes, until no more are found: blocking one
/// replace leaves its scope held.
fn block_occupied(inputs: &Inputs<'_>, plan: &mut Plan) {
    let mut holders: BTreeMap<&Scope, Vec<&LiveClient>> = BTreeMap::new();
    for row in inputs.live.clients.values().filter(|row| !row.scope.is_unresolved()) {
        holders.entry(&row.scope).or_default().push(row);
    }
    loop {
        let freed: BTreeSet<ClientId> =
            plan.steps.iter().filter(|step| step.frees().is_some()).filter_map(|step| step.id().cloned()).collect();
        let held = |step: &Step| {
            let rows = step.needs().and_then(|scope| holders.get(scope));
            rows.into_iter().flatten().copied().find(|row| !freed.contains(&row.id))
        };
        let before = plan.steps.len();
        for step in std::mem::take(&mut plan.steps) {
            match held(&step) {
                Some(row) => plan.blocked.push(occupied(step, row)),
                None => plan.steps.push(step),
            }
        }
        if plan.steps.len() == before {
            break;
        }
    }
    expect_freed(plan);
}

fn occupied(step: Step, holder: &LiveClient) -> Blocked {
    let obstacle = Obstacle::new(
        format!("its scope {} is held by the live client {}", step.scope, holder.id),
        "remove or move that client first, or pin it with `id:` if it is the one that is meant",
    );
    Blocked { id: step.id().cloned(), client: step.client, at: step.at, scope: step.scope, obstacle }
}

/// Writes into each add which clients of its scope earlier steps remove.
fn expect_freed(plan: &mut Plan) {
    let mut freed: BTreeMap<Scope, Vec<ClientId>> = BTreeMap::new();
    for step in &plan.steps {
        if let (Some(scope), Some(id)) = (step.frees(), step.id()) {
            freed.entry(scope.clone()).or_default().push(id.clone());
        }
    }
    for step in &mut plan.steps {
        let expected = step.needs().and_then(|scope| freed.get(scope)).cloned().unwrap_or_default();
        if let Precondition::ScopeIsFree { known } = &mut step.precondition {
            *known = expected;
        }
    }
}

/// Tells whether a bound client has to move. A row that hides its partition and device may be where it shall be; its
/// telephony server is the only part that can be compared.
fn moves(definition: &Definition, row: &LiveClient) -> bool {
    if row.scope.is_unresolved() || definition.scope.is_unresolved() {
        return definition.scope.telsys != row.scope.telsys;
    }
    definition.scope != row.scope
}

fn step(definition: &Definition, write: Write, precondition: Precondition) -> Step {
    let row = match &write {
        Write::Add { .. } => None,
        Write::Change { live, .. } | Write::Replace { live, .. } | Write::Delete { live } => Some(live.as_ref()),
    };
    Step {
        number: 0,
        client: Some(definition.name.clone()),
        scope: definition.scope.clone(),
        at: Some(definition.at.clone()),
        before: None,
        after: None,
        changes: Vec::new(),
        precondition,
        after_steps: Vec::new(),
        unreadable: row.map(unreadable).unwrap_or_default(),
        write,
    }
}

fn unreadable(row: &LiveClient) -> Vec<Field> {
    Field::ALL.into_iter().filter(|field| !row.knows(*field)).collect()
}

fn unchanged_since(row: &LiveClient) -> Precondition {
    Precondition::Unchanged { fingerprint: Fingerprint::of(row) }
}

fn would_wipe(unknown: &[Field], row: &LiveClient) -> Obstacle {
    let names: Vec<_> = unknown.iter().map(|field| format!("`{field}`")).collect();
    let names = names.join(" and ");
    let why =
        [&row.policies.as_ref().map(drop), &row.settings.as_ref().map(drop)].into_iter().find_map(
            |field| match field {
                Observed::Unreadable { reason } => Some(format!(" ({reason})")),
                Observed::Known(()) | Observed::Unread => None,
            },
        );
    Obstacle::new(
        format!(
            "a change is written as a whole object, and the live {names} cannot be read{}: writing would wipe it",
            why.unwrap_or_default()
        ),
        format!("declare {names} in the definition with `owns: exact`, so that git says what it shall be"),
    )
}

fn unchanged(definition: &Definition, row: Option<&LiveClient>, not_compared: Vec<Field>) -> Unchanged {
    Unchanged {
        client: definition.name.clone(),
        scope: row.map_or_else(|| definition.scope.clone(), |row| row.scope.clone()),
        id: row.map(|row| row.id.clone()),
        at: definition.at.clone(),
        not_compared,
    }
}

fn blocked(definition: &Definition, row: Option<&LiveClient>, obstacle: Obstacle) -> Blocked {
    let at: Location = definition.at.clone();
    Blocked {
        client: Some(definition.name.clone()),
        scope: definition.scope.clone(),
        id: row.map(|row| row.id.clone()),
        at: Some(at),
        obstacle,
    }
}
