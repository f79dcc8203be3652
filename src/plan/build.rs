//! Builds a plan from bindings: one decision for each definition and for each unmanaged client.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::{Binding, Bindings, Obstacle, bind, unread, unread_at};
use super::compose::{add_step, change_step, delete_step, replace_step};
use super::diff::{diff, locate, with_blind};
use super::differences;
use super::guard::ShareBase;
use super::own::{blind, carried, fresh, is_met, own};
use super::{
    Blocked, Inputs, Kept, Notice, Plan, Precondition, Step, Unchanged, Unmanaged, UnreadNotice, guard, order,
    recognise,
};
use crate::model::{
    ClientId, Definition, Desired, Detail, Field, Labels, Live, LiveClient, Location, Observed, Policy, Presence,
    Prune, Reach, RefusalKind, Scope, Selection, UnreadRow,
};
use crate::redact::Mask;

/// Decides what has to be done so that live equals desired. Nothing is read or written, and equal inputs give equal plans.
pub(crate) fn plan(desired: &Desired, live: &Live, policy: &Policy) -> Plan {
    let inputs = Inputs { live, policy };
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
    let mut plan = finish(plan, live, &base(desired, bindings, &policy.selection), policy);
    recognise::tell(&mut plan, desired, live, inputs.mask());
    plan
}

/// Blocks what finds its scope held, orders the steps of a plan, lets adds expect what earlier steps remove, and weighs the
/// whole. The percentages of the limits are taken of `base`.
pub(super) fn finish(mut plan: Plan, live: &Live, base: &ShareBase, policy: &Policy) -> Plan {
    block_unread(live, &mut plan);
    block_occupied(live, &mut plan);
    let mut steps = order::order(plan.steps);
    expect_freed(&mut steps);
    let mut guard = guard::weigh(&steps, base, &policy.limits, &policy.protect);
    guard.findings.extend(guard::weigh_pruning(&steps, plan.prune, &live.unread));
    guard.findings.extend(guard::weigh_source(&steps, &policy.not_checked_out));
    let unread = live.unread.iter().map(|row| UnreadNotice { row: row.clone(), help: follows(row, &steps) }).collect();
    labelled(Plan { steps, unread, guard, ..plan }, live)
}

/// Adds what the server calls each place.
fn labelled(mut plan: Plan, live: &Live) -> Plan {
    for step in &mut plan.steps {
        step.labels = live.labels(&step.scope, step.id());
    }
    for one in &mut plan.blocked {
        one.labels = live.labels(&one.scope, one.id.as_ref());
    }
    for one in &mut plan.unmanaged {
        one.labels = live.labels(&one.scope, Some(&one.id));
    }
    plan
}

/// Names the live clients of which more than the list row is needed: bound ones with a managed field that the row lacks,
/// and those that will be written to, because a write needs the whole object.
pub(crate) fn wanted_details(desired: &Desired, live: &Live, policy: &Policy) -> BTreeSet<ClientId> {
    let inputs = Inputs { live, policy };
    let bindings = bind(desired, live, policy);
    let mut wanted = BTreeSet::new();
    for definition in desired.clients.values().filter(|definition| policy.selection.covers(definition)) {
        if let Some(Binding::Live(id)) = bindings.bound.get(&definition.name)
            && let Some(row) = live.clients.get(id)
            && wants_detail(definition, row)
        {
            wanted.insert(id.clone());
        }
    }
    let pruned = bindings.unmanaged.iter().filter_map(|id| live.clients.get(id));
    wanted.extend(
        pruned
            .filter(|row| inputs.disposition(row) == Disposition::Deleted && row.has_unread())
            .map(|row| row.id.clone()),
    );
    wanted
}

/// Tells whether more than the list row of a client is needed.
fn wants_detail(definition: &Definition, row: &LiveClient) -> bool {
    if !row.has_unread() {
        return false;
    }
    let leaves = definition.state == Presence::Absent || moves(definition, row);
    let ignored = |field| definition.ignore.iter().any(|pattern| pattern.covers_field(field));
    let unknown = row.content.unknown();
    let lacks = definition.spec.managed().iter().any(|field| !ignored(*field) && unknown.contains(field));
    leaves || lacks || !is_met(definition, row)
}

/// What becomes of an unmanaged client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    /// It is reported: prune was not asked for.
    Reported,
    /// It is left alone although prune was asked for.
    Kept(Kept),
    /// It is deleted.
    Deleted,
}

impl Inputs<'_> {
    fn mask(&self) -> Mask<'_> {
        Mask(&self.policy.sensitive)
    }

    fn decide(&self, definition: &Definition, bindings: &Bindings, plan: &mut Plan) {
        plan.notices.extend(stale_pin(definition, bindings, self.live.reach));
        match bindings.bound.get(&definition.name) {
            Some(Binding::Live(id)) => match self.live.clients.get(id) {
                Some(row) => self.decide_bound(definition, row, plan),
                None => self.decide_unbound(definition, plan),
            },
            Some(Binding::Blocked(obstacle)) => plan.blocked.push(blocked(definition, None, obstacle.clone())),
            Some(Binding::None) | None => self.decide_unbound(definition, plan),
        }
    }

    /// Tells whether git changed a field since `--since` that cannot be compared: then it is written unseen.
    fn is_changed_in_git(&self, definition: &Definition, blind: &[Field]) -> bool {
        let changed = self.policy.changed_in_git.get(&definition.name);
        changed.is_some_and(|changed| blind.iter().any(|field| changed.contains(field)))
    }

    fn decide_unbound(&self, definition: &Definition, plan: &mut Plan) {
        match definition.state {
            Presence::Absent => plan.unchanged.push(unchanged(definition, None, Vec::new())),
            Presence::Present => {
                let step =
                    add_step(Some(definition.name.clone()), definition.scope.clone(), fresh(definition), self.mask());
                plan.steps.push(place(step, definition));
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
        plan.notices.extend(differences::excepted_notice(definition, row, self.policy));
        match definition.state {
            Presence::Absent => {
                let step = delete_step(Some(definition.name.clone()), row, self.mask());
                // Where the row does not show its scope, git says which client is meant.
                let scope = if row.scope.is_unresolved() { definition.scope.clone() } else { step.scope };
                plan.steps.push(Step { at: Some(definition.at.clone()), scope, ..step });
            }
            Presence::Present => match self.edit(definition, row) {
                Ok(Some(step)) => plan.steps.push(step),
                Ok(None) => {
                    plan.unchanged.push(unchanged(definition, Some(row), blind(definition, row)));
                }
                Err(obstacle) => plan.blocked.push(blocked(definition, Some(row), obstacle)),
            },
        }
    }

    /// Makes the change or replace that a bound client needs, if it needs one.
    fn edit(&self, definition: &Definition, row: &LiveClient) -> Result<Option<Step>, Obstacle> {
        let replaces = moves(definition, row);
        if is_met(definition, row) && !replaces && !self.is_changed_in_git(definition, &blind(definition, row)) {
            return Ok(None);
        }
        let owned = own(definition, row);
        let mut changes = diff(&owned, self.mask());
        let payload = owned.payload().map_err(|unknown| would_wipe(&unknown, row))?;
        changes.extend(with_blind(&owned, &payload, self.mask()));
        changes.sort_by(|left, right| (left.field, &left.key).cmp(&(right.field, &right.key)));
        locate(&mut changes, definition);
        let step = if replaces {
            let carried = carried(definition, &payload);
            let step = replace_step(Some(definition.name.clone()), definition.scope.clone(), row, payload, self.mask());
            Step { carried, ..step }
        } else {
            change_step(Some(definition.name.clone()), row, payload, self.mask())
        };
        Ok(Some(Step { changes, scope: definition.scope.clone(), at: Some(definition.at.clone()), ..step }))
    }

    /// Tells what becomes of an unmanaged client.
    fn disposition(&self, row: &LiveClient) -> Disposition {
        match self.policy.prune {
            Prune::Report => Disposition::Reported,
            Prune::Delete if guard::is_protected(row, &self.policy.protect) => Disposition::Kept(Kept::Protected),
            Prune::Delete if row.scope.is_unresolved() => Disposition::Kept(Kept::Unresolved),
            Prune::Delete if !self.policy.selection.covers_unmanaged(row) => Disposition::Kept(Kept::NotSelected),
            Prune::Delete => Disposition::Deleted,
        }
    }

    fn decide_unmanaged(&self, row: &LiveClient, plan: &mut Plan) {
        let kept = match self.disposition(row) {
            Disposition::Deleted => return self.prune(row, plan),
            Disposition::Kept(kept) => Some(kept),
            Disposition::Reported => None,
        };
        plan.unmanaged.push(Unmanaged {
            id: row.id.clone(),
            scope: row.scope.clone(),
            description: self.mask().text(Field::Description, row.title()),
            kept,
            labels: Labels::default(),
        });
    }

    fn prune(&self, row: &LiveClient, plan: &mut Plan) {
        match &row.detail {
            Detail::Refused { kind: RefusalKind::Gone, .. } => {}
            Detail::Refused { reason, help, .. } => plan.blocked.push(Blocked {
                client: None,
                scope: row.scope.clone(),
                id: Some(row.id.clone()),
                at: None,
                obstacle: Obstacle::new(reason.clone(), help.clone()),
                labels: Labels::default(),
            }),
            Detail::Listed | Detail::Read | Detail::Narrow => plan.steps.push(delete_step(None, row, self.mask())),
        }
    }
}

/// Counts the live clients that are managed now: those that definitions found. What prune deletes is not among them, or
/// the more it deletes the smaller its share would be.
fn base(desired: &Desired, bindings: Bindings, selection: &Selection) -> ShareBase {
    let Bindings { bound, unmanaged: _, stale_pins } = bindings;
    // Of a shard only its own part is known, so limits hold for that part.
    let own = || desired.definitions().filter(|definition| selection.is_of_shard(&definition.scope));
    let is_live = |definition: &&Definition| matches!(bound.get(&definition.name), Some(Binding::Live(_)));
    ShareBase {
        managed: own().filter(is_live).count(),
        pinned: own().filter(|definition| definition.id.is_some()).count(),
        vanished: stale_pins,
    }
}

/// Says that a pin is out of date, where somebody still has to know: an absent client that is gone is as git wants it.
fn stale_pin(definition: &Definition, bindings: &Bindings, reach: Reach) -> Option<Notice> {
    let pin = definition.id.as_ref().filter(|_| bindings.stale_pins.contains(&definition.name))?;
    let instead = match bindings.bound.get(&definition.name) {
        Some(Binding::Live(id)) => Some(id),
        // It may be where nobody could look for it, which is what blocks the definition.
        Some(Binding::Blocked(_)) if reach == Reach::Boundary => return None,
        Some(Binding::Blocked(_) | Binding::None) | None => None,
    };
    let gone = format!("the pinned id {} of `{}` is not on the server any more", pin.value, definition.name);
    let command = format!("`icsync pin --select name={}`", definition.name);
    let (message, help) = match (definition.state, instead) {
        (Presence::Present, Some(_)) => (gone, format!("{command} writes the current id")),
        // There is none to write yet.
        (Presence::Present, None) => (gone, format!("once a client has its scope again, {command} writes the new id")),
        (Presence::Absent, Some(id)) => (
            format!("{gone}: {id}, which has the scope now, is deleted instead"),
            format!("if that one is to stay, remove the definition; if it is to go, {command} writes its id"),
        ),
        (Presence::Absent, None) => return None,
    };
    let (client, scope) = (Some(definition.name.clone()), definition.scope.clone());
    Some(Notice { client, scope, at: Some(pin.at.clone()), message, help })
}

/// Blocks adds and replaces whose scope is that of a row that could not be read.
fn block_unread(live: &Live, plan: &mut Plan) {
    for step in std::mem::take(&mut plan.steps) {
        match step.needs().and_then(|scope| unread_at(scope, live)) {
            Some(row) => plan.blocked.push(block(step, unread(row))),
            None => plan.steps.push(step),
        }
    }
}

/// Says what follows from a row that could not be read.
fn follows(row: &UnreadRow, steps: &[Step]) -> String {
    let adds = steps.iter().filter(|step| step.needs().is_some_and(|scope| row.may_hide(scope))).count();
    let adds = match adds {
        0 => String::new(),
        1 => "; it may be what one step adds, which the server then refuses (30005)".to_owned(),
        _ => format!("; it may be what one of {adds} steps adds, which the server then refuses (30005)"),
    };
    format!("nothing is pruned where it may be{adds}: look at it in the server's own pages, or ask its operator")
}

/// Blocks adds and replaces whose scope is held by a client that no step removes, until no more are found: blocking one
/// replace leaves its scope held.
fn block_occupied(live: &Live, plan: &mut Plan) {
    let mut holders: BTreeMap<&Scope, Vec<&LiveClient>> = BTreeMap::new();
    for row in live.clients.values().filter(|row| !row.scope.is_unresolved()) {
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
}

fn occupied(step: Step, holder: &LiveClient) -> Blocked {
    let obstacle = Obstacle::new(
        format!("its scope {} is held by the live client {}", step.scope, holder.id),
        "remove or move that client first, or pin it with `id:` if it is the one that is meant",
    );
    block(step, obstacle)
}

fn block(step: Step, obstacle: Obstacle) -> Blocked {
    let (id, labels) = (step.id().cloned(), step.labels);
    Blocked { id, client: step.client, at: step.at, scope: step.scope, obstacle, labels }
}

/// Writes into each add which clients of its scope earlier steps remove.
fn expect_freed(steps: &mut [Step]) {
    let mut freed: BTreeMap<Scope, Vec<ClientId>> = BTreeMap::new();
    for step in &*steps {
        if let (Some(scope), Some(id)) = (step.frees(), step.id()) {
            freed.entry(scope.clone()).or_default().push(id.clone());
        }
    }
    for step in steps {
        let expected = step.needs().and_then(|scope| freed.get(scope)).cloned().unwrap_or_default();
        if let Precondition::ScopeIsFree { known } = &mut step.precondition {
            *known = expected;
        }
    }
}

/// Tells whether a bound client has to move. A row that hides its partition and device may be where it shall be; its
/// telephony server is the only part that can be compared.
pub(super) fn moves(definition: &Definition, row: &LiveClient) -> bool {
    if row.scope.is_unresolved() || definition.scope.is_unresolved() {
        return definition.scope.telsys != row.scope.telsys;
    }
    definition.scope != row.scope
}

/// Lets an added client's step and its changes point at the definition.
fn place(step: Step, definition: &Definition) -> Step {
    let Step { mut changes, .. } = step;
    locate(&mut changes, definition);
    Step { changes, at: Some(definition.at.clone()), ..step }
}

fn would_wipe(unknown: &[Field], row: &LiveClient) -> Obstacle {
    let names = Field::list(unknown);
    let why = row.content.entries().find_map(|(_, entries)| match entries {
        Observed::Unreadable { reason } => Some(format!(" ({reason})")),
        Observed::Known(_) | Observed::Unread => None,
    });
    Obstacle::new(
        format!(
            "a change is written as a whole object, and the live {names} cannot be read{}: writing would wipe it",
            why.unwrap_or_default()
        ),
        format!(
            "declare {names} in the definition without `ignore` and without `listed`, so that git says what it shall be"
        ),
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
        labels: Labels::default(),
    }
}
