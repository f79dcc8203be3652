//! Three-way drift over small worlds.

mod accepted;

use serde_json::{Value, json};

use std::collections::{BTreeMap, BTreeSet};

use super::{Ignored, State, drift};
use crate::fixture::{World, client, exception, id, scope};
use crate::model::{Declared, Detail, Observed, Presence, RefusalKind};

fn told(world: &World, base: Option<&World>) -> Vec<(String, State)> {
    let drift = drift(&world.desired, base.map(|base| &base.desired), &world.live, &world.policy);
    drift.clients.iter().map(|one| (one.client.to_string(), one.state)).collect()
}

fn one(world: &World, base: Option<&World>) -> State {
    told(world, base)[0].1
}

/// Git says `new`, git said `old`, live has `live`.
fn three(old: &[(&str, Value)], new: &[(&str, Value)], live: &[(&str, Value)]) -> (World, World) {
    let base = World::empty().defined("desk", "0123", old);
    (World::empty().defined("desk", "0123", new).live("desk", "0123", live), base)
}

#[test]
fn without_a_revision_every_difference_is_drift() {
    let (world, _) = three(&[], &[("x", json!(1))], &[("x", json!(2))]);
    assert_eq!(one(&world, None), State::Drifted);
    assert_eq!(one(&World::empty().defined("desk", "0123", &[]), None), State::Missing);
    assert_eq!(one(&World::empty().in_sync("desk", "0123", &[]), None), State::InSync);
}

#[test]
fn with_a_revision_the_side_that_changed_is_named() {
    for (old, new, live, state) in [
        (1, 1, 2, State::Drifted),
        (1, 2, 1, State::Pending),
        (1, 2, 3, State::Conflict),
        (1, 2, 2, State::InSync),
        (1, 1, 1, State::InSync),
    ] {
        let side = |value: i32| [("x", json!(value))];
        let (world, base) = three(&side(old), &side(new), &side(live));
        assert_eq!(one(&world, Some(&base)), state, "{old} {new} {live}");
    }
}

#[test]
fn drift_of_one_key_and_a_pending_change_of_another_are_a_conflict_and_told_apart() {
    let old = [("x", json!(1)), ("y", json!(1))];
    let (world, base) = three(&old, &[("x", json!(2)), ("y", json!(1))], &[("x", json!(1)), ("y", json!(3))]);
    let drift = drift(&world.desired, Some(&base.desired), &world.live, &world.policy);
    assert_eq!(drift.clients[0].state, State::Conflict);
    let states: Vec<State> = drift.clients[0].changes.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Pending, State::Drifted]);
}

#[test]
fn keys_that_come_and_go_are_judged_like_values() {
    let x = [("x", json!(1))];
    let (world, base) = three(&[], &x, &[]);
    assert_eq!(one(&world, Some(&base)), State::Pending);
    let (world, base) = three(&x, &x, &[]);
    assert_eq!(one(&world, Some(&base)), State::Drifted);
    let (world, base) = three(&[], &[], &x);
    assert_eq!(one(&world, Some(&base)), State::Drifted);
    let (world, base) = three(&x, &[], &x);
    assert_eq!(one(&world, Some(&base)), State::Pending);
}

#[test]
fn a_client_that_the_server_lost_is_missing_and_a_new_one_is_pending() {
    let world = World::empty().defined("desk", "0123", &[]);
    assert_eq!(one(&world, Some(&world)), State::Missing);
    assert_eq!(one(&world, Some(&World::empty())), State::Pending);
}

#[test]
fn a_renamed_definition_is_the_same_client() {
    let base = World::empty().defined("old-name", "0123", &[("x", json!(1))]);
    let world = World::empty().defined("desk", "0123", &[("x", json!(1))]).live("desk", "0123", &[("x", json!(2))]);
    let base = base.edit("old-name", |one| one.spec.description = None);
    assert_eq!(one(&world, Some(&base)), State::Drifted);
}

#[test]
fn a_name_that_went_to_another_client_says_nothing_of_the_one_that_had_it() {
    let base = World::empty().defined("reception", "01", &[("x", json!(1))]);
    let now = World::empty().defined("front", "01", &[("x", json!(1))]).live("front", "01", &[("x", json!(2))]);
    let now = now.defined("reception", "02", &[]).edit("front", |one| one.spec.description = None);
    let base = base.edit("reception", |one| one.spec.description = None);
    let states = BTreeMap::from_iter(told(&now, Some(&base)));
    assert_eq!((states["front"], states["reception"]), (State::Drifted, State::Pending));
}

#[test]
fn definitions_that_change_places_in_git_are_pending() {
    let base = World::empty().defined("a", "01", &[("x", json!(1))]).defined("b", "02", &[("x", json!(2))]);
    let now = World::empty().defined("a", "02", &[("x", json!(1))]).defined("b", "01", &[("x", json!(2))]);
    let now = now.live("b", "01", &[("x", json!(1))]).live("a", "02", &[("x", json!(2))]);
    let undescribed = |world: World| {
        ["a", "b"].into_iter().fold(world, |world, name| world.edit(name, |one| one.spec.description = None))
    };
    let states = told(&undescribed(now), Some(&undescribed(base)));
    assert!(states.iter().all(|(_, state)| *state == State::Pending), "{states:?}");
}

#[test]
fn a_move_in_git_is_pending() {
    let base = World::empty().defined("desk", "0123", &[]);
    let world = World::empty().live("desk", "0123", &[]).defined("desk", "0123", &[]).edit("desk", |one| {
        one.scope = scope(417, 2, "0123");
        one.id = Some(Declared { value: id("0123"), at: one.at.clone() }.into());
    });
    assert_eq!(one(&world, Some(&base)), State::Pending);
    assert_eq!(one(&world, Some(&world)), State::Drifted);
    let unpinned = world.edit("desk", |one| one.id = None);
    assert_eq!(one(&unpinned, Some(&base)), State::Pending);
}

#[test]
fn a_client_that_git_wants_gone_is_pending_when_git_changed() {
    let base = World::empty().defined("desk", "0123", &[]);
    let gone = World::empty().in_sync("desk", "0123", &[]).edit("desk", |one| one.state = Presence::Absent);
    assert_eq!(one(&gone, Some(&base)), State::Pending);
    assert_eq!(one(&gone, Some(&gone)), State::Drifted);
    let touched = gone.edit_live("0123", |row| row.content.description = Observed::Known("other".into()));
    assert_eq!(one(&touched, Some(&base)), State::Conflict);
}

#[test]
fn what_cannot_be_read_is_neither_in_sync_nor_drifted() {
    let hidden = World::empty().in_sync("desk", "0123", &[]).edit_live("0123", |row| {
        row.content.settings = Observed::Unreadable { reason: "left out".into() };
    });
    assert_eq!(one(&hidden, None), State::NotCompared);
    let refused = World::empty().in_sync("desk", "0123", &[]).edit_live("0123", |row| {
        row.detail = Detail::Refused { reason: "no".into(), help: "ask".into(), kind: RefusalKind::Other };
    });
    assert_eq!(one(&refused, None), State::Blocked);
}

#[test]
fn pruning_does_not_hide_unmanaged_clients() {
    let world = World::empty().live("foreign", "07", &[]).prune();
    let drift = drift(&world.desired, None, &world.live, &world.policy);
    assert_eq!(drift.unmanaged.len(), 1);
    assert!(!drift.is_in_sync(&BTreeSet::new()));
    assert!(drift.is_in_sync(&BTreeSet::from(["unmanaged".parse().expect("a word")])));
}

#[test]
fn ignored_states_do_not_count() {
    let world = World::empty().defined("desk", "0123", &[]);
    let drift = drift(&world.desired, None, &world.live, &world.policy);
    assert!(drift.is_in_sync(&BTreeSet::from([Ignored::State(State::Missing)])));
    assert_eq!("not-compared".parse(), Ok(Ignored::State(State::NotCompared)));
    assert!("in_sync".parse::<Ignored>().is_err());
}

#[test]
fn the_last_editor_is_told() {
    let world = World::empty().in_sync("desk", "0123", &[]).edit_live("0123", |row| {
        row.labels.updated_by = Some("42".into());
        row.labels.updated_at = Some("2025-01-01".into());
    });
    let drift = drift(&world.desired, None, &world.live, &world.policy);
    assert_eq!(drift.clients[0].client, client("desk"));
    assert_eq!(drift.clients[0].labels.updated_by.as_deref(), Some("42"));
}

#[test]
fn only_selected_clients_are_judged() {
    let mut world = World::empty().defined("desk", "0123", &[]).defined("hall", "0124", &[]);
    world.policy.selection.select.push(crate::model::Selector::new("name=hall").expect("a selector"));
    assert_eq!(told(&world, Some(&World::empty())), [("hall".to_owned(), State::Pending)]);
}

/// A client that differs in `x`, which is excepted, and in what else live has.
fn excepted(git: &[(&str, Value)], live: &[(&str, Value)]) -> World {
    let world = World::empty().defined("desk", "0123", git).live("desk", "0123", live);
    world.edit("desk", |one| one.exceptions = vec![exception(&["settings.x"])].into())
}

#[test]
fn what_is_excepted_is_told_and_is_no_drift() {
    let world = excepted(&[("x", json!(1))], &[("x", json!(2))]);
    let drift = drift(&world.desired, None, &world.live, &world.policy);
    assert_eq!(drift.clients[0].state, State::Excepted);
    let difference = &drift.clients[0].changes[0];
    assert_eq!((difference.state, difference.change.key.as_deref()), (State::Excepted, Some("x")));
    assert_eq!(difference.exception.as_ref().map(|one| &*one.reason), Some("trial of the new panel"));
    assert!(drift.is_in_sync(&BTreeSet::new()));
    assert!(crate::plan::plan(&world.desired, &world.live, &world.policy).steps.is_empty());
    assert_eq!(one(&excepted(&[("x", json!(1))], &[("x", json!(1))]), None), State::InSync);
}

#[test]
fn what_differs_besides_an_exception_is_drift_and_the_payload_keeps_what_is_excepted() {
    let world = excepted(&[("x", json!(1)), ("y", json!(1))], &[("x", json!(2)), ("y", json!(2))]);
    let drift = drift(&world.desired, None, &world.live, &world.policy);
    assert_eq!(drift.clients[0].state, State::Drifted);
    let states: Vec<State> = drift.clients[0].changes.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Excepted, State::Drifted]);
    let plan = crate::plan::plan(&world.desired, &world.live, &world.policy);
    let payload = plan.steps[0].payload().expect("a change");
    let sent: Vec<(&str, &Value)> = payload.settings.iter().map(|(key, value)| (&**key, value.value())).collect();
    assert_eq!(sent, [("x", &json!(2)), ("y", &json!(1))]);
}

#[test]
fn an_exception_does_not_keep_a_client_from_coming_or_going() {
    let world = World::empty().defined("desk", "0123", &[("x", json!(1))]);
    let world = world.edit("desk", |one| one.exceptions = vec![exception(&["settings", "description"])].into());
    assert_eq!(one(&world, None), State::Missing);
    let added = crate::plan::plan(&world.desired, &world.live, &world.policy);
    assert_eq!(added.steps[0].payload().map(|payload| payload.settings.len()), Some(1));
    let gone = world.live("desk", "0123", &[]).edit("desk", |one| one.state = Presence::Absent);
    assert_eq!(one(&gone, None), State::Drifted);
}

#[test]
fn since_a_revision_the_exceptions_of_now_hold() {
    let now = excepted(&[("x", json!(1)), ("y", json!(2))], &[("x", json!(3)), ("y", json!(1))]);
    let then = World::empty().defined("desk", "0123", &[("x", json!(1)), ("y", json!(1))]);
    assert_eq!(one(&now, Some(&then)), State::Pending);
    let absent = now.edit("desk", |one| one.state = Presence::Absent);
    // Live is as git said then, but for what is excepted: nobody but git moved.
    assert_eq!(one(&absent, Some(&then)), State::Pending);
}

#[test]
fn what_cannot_be_compared_stays_so_beside_an_exception() {
    let world = excepted(&[("x", json!(1))], &[("x", json!(2))]);
    let world =
        world.edit_live("0123", |row| row.content.description = Observed::Unreadable { reason: "left out".into() });
    assert_eq!(one(&world, None), State::NotCompared);
}
