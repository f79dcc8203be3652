//! Adds that look like moves.

use serde_json::json;

use crate::fixture::{World, id, text};
use crate::model::{Detail, FieldPattern, Nullable, Observed, PinPlace};
use crate::plan::{Action, LikelyMove};

/// Gives of each add what it looks like a move of.
fn told(world: &World) -> Vec<(String, Option<LikelyMove>)> {
    let adds = world.plan().steps.into_iter().filter(|step| step.action() == Action::Add);
    adds.map(|step| (step.title(), step.likely_move)).collect()
}

fn one(world: &World) -> Option<LikelyMove> {
    told(world).pop().expect("an add").1
}

#[test]
fn an_add_beside_an_unmanaged_client_of_equal_content_looks_like_a_move() {
    let world =
        World::empty().defined("desk", "02", &[("core::x", json!(1))]).live("desk", "01", &[("core::x", json!(1.0))]);
    let likely = one(&world).expect("a likely move");
    assert_eq!((likely.of[0].id.clone(), likely.of.len(), likely.clients, likely.adds), (id("01"), 1, 1, 1));
    assert_eq!(likely.pin, PinPlace::Document);
    // Pruned or not: it is the same client.
    assert_eq!(one(&world.clone().prune()), Some(likely));
    let other = world.edit_live("01", |row| {
        row.content.settings = Observed::Known([("core::x".into(), json!(2).into())].into_iter().collect());
    });
    assert_eq!(one(&other), None);
}

#[test]
fn what_git_does_not_say_is_not_compared_and_what_the_server_does_not_show_is_not_guessed() {
    let world = World::empty().defined("desk", "02", &[]).live("desk", "01", &[("core::x", json!(1))]);
    assert_eq!(one(&world), None);
    let silent = world.edit("desk", |one| one.spec.settings = None);
    assert!(one(&silent).is_some());
    let unseen = silent.edit_live("01", |row| {
        row.content.description = Observed::Unread;
        row.detail = Detail::Read;
    });
    assert_eq!(one(&unseen), None);
}

#[test]
fn what_git_ignores_is_not_compared() {
    let ignoring = |patterns: &[&str]| {
        let secret = ("crm::password", json!("only the server knows"));
        let world = World::empty().defined("desk", "02", &[("core::x", json!(1))]);
        let world = world.live("desk", "01", &[("core::x", json!(1)), (secret.0, secret.1)]);
        world.edit("desk", |one| {
            one.ignore = patterns.iter().map(|text| FieldPattern::new(text).expect("a pattern")).collect();
        })
    };
    assert_eq!(one(&ignoring(&[])), None);
    let likely = one(&ignoring(&["settings.crm::password"])).expect("a likely move");
    assert_eq!((likely.of[0].id.clone(), likely.clients, likely.adds), (id("01"), 1, 1));
    assert!(one(&ignoring(&["settings"]).prune()).is_some(), "a field that is ignored as a whole");
    assert_eq!(one(&ignoring(&["settings", "description"])), None, "nothing is left that is alike");
    assert_eq!(one(&ignoring(&["settings.core::x"])), None, "what is not ignored is compared");
}

#[test]
fn nothing_at_all_is_no_likeness() {
    let world = World::empty().defined("desk", "02", &[]).live("", "01", &[]);
    let world = world.edit("desk", |one| one.spec.description = text("", one.at.clone()));
    assert_eq!(one(&world), None);
    let null = world.edit_live("01", |row| row.content.description = Observed::Known(Nullable::default()));
    assert_eq!(one(&null), None);
}

#[test]
fn of_several_candidates_none_is_chosen() {
    let two = World::empty().defined("desk", "03", &[]).live("desk", "01", &[]).live("desk", "02", &[]);
    let likely = one(&two).expect("likely moves");
    assert_eq!((likely.of.len(), likely.clients, likely.adds), (2, 2, 1));
    let adds = World::empty().defined("desk", "03", &[]).defined("other", "04", &[]).live("desk", "01", &[]);
    let adds = adds.edit("other", |one| one.spec.description = text("desk", one.at.clone()));
    let likely: Vec<_> = told(&adds).into_iter().map(|(_, likely)| likely.expect("a likely move")).collect();
    assert!(likely.len() == 2 && likely.iter().all(|one| (one.clients, one.adds) == (1, 2)));
}

#[test]
fn a_client_that_a_definition_found_or_may_mean_is_no_candidate() {
    let world = World::empty().defined("new", "02", &[]).in_sync("desk", "01", &[]);
    let world = world.edit("new", |one| one.spec.description = text("desk", one.at.clone()));
    assert_eq!(one(&world), None);
}

#[test]
fn a_fleet_has_no_line_for_an_id() {
    let fleet = crate::fixture::fleet(World::empty(), 2).live(
        "Desk 01234567102",
        "01",
        &[("interface::showMissedCallPreview", json!(true))],
    );
    let likely = told(&fleet).swap_remove(0).1.expect("a likely move");
    assert_eq!(likely.pin, PinPlace::Fleet);
}

#[test]
fn of_many_candidates_a_few_are_named_for_each_of_many_adds() {
    let world = (0..300_u32).fold(World::empty(), |world, number| {
        let name = format!("desk-{number}");
        let world = world.defined(&name, &format!("1{number:03}"), &[]).live("desk", &format!("2{number:03}"), &[]);
        world.edit(&name, |one| one.spec.description = text("desk", one.at.clone()))
    });
    for (name, likely) in told(&world) {
        let likely = likely.expect("likely moves");
        assert_eq!((likely.of.len(), likely.clients, likely.adds), (5, 300, 300), "{name}");
    }
}
