//! Two small trees compared.

mod foresight;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{CauseLine, Consequence, Review, ReviewKind, RevisionFiles, review};
use crate::fixture::{World, at, client, declared, fleet, id, scope, text};
use crate::manifest::{DotFiles, FolderListing, Source, SourceError};
use crate::model::{Boundary, Declared, FieldPattern, Ownership, Policy, Presence, Protection, Prune, Scope};
use crate::plan::Side;

fn compared(base: &World, head: &World) -> Review {
    review(&base.desired, &head.desired, &crate::fixture::sensitive(&[]), None)
}

/// What a configuration of the head decides.
fn policy(head: &World, prune: Prune, manage: Option<&[Scope]>, protect: &[Protection]) -> Policy {
    let defined = || Boundary::Defined(head.desired.clients.values().map(|one| one.scope.clone()).collect());
    let boundary = manage.map_or_else(defined, Boundary::managed);
    Policy { boundary, prune, protect: protect.to_vec(), ..head.policy.clone() }
}

fn kinds(review: &Review) -> Vec<(String, ReviewKind)> {
    review.clients.iter().map(|one| (one.client.to_string(), one.kind)).collect()
}

#[test]
fn equal_trees_have_no_review_wherever_their_lines_stand() {
    let base = World::empty().defined("desk", "0123", &[("x", json!(1))]);
    let head = World::empty().defined("desk", "0123", &[("x", json!(1.0))]);
    let head = head.edit("desk", |one| one.spec.description = text("desk", at("profiles/other.yaml", 7)));
    assert!(compared(&base, &head).clients.is_empty());
    assert_eq!(compared(&base, &head).unchanged, 1);
}

#[test]
fn a_definition_that_goes_says_what_becomes_of_its_client() {
    let base = World::empty()
        .defined("file-gone", "01", &[])
        .defined("says-absent", "02", &[])
        .defined("was-absent", "03", &[])
        .edit("was-absent", |one| one.state = Presence::Absent);
    let head = World::empty().defined("says-absent", "02", &[]).edit("says-absent", |one| one.state = Presence::Absent);
    let (server, elsewhere) =
        ([scope(417, -1, crate::model::ALL_DEVICES)], [scope(418, -1, crate::model::ALL_DEVICES)]);
    for (prune, manage, gone) in [
        (Prune::Report, Some(server.as_slice()), Consequence::Unmanaged),
        (Prune::Delete, Some(server.as_slice()), Consequence::Deleted),
        (Prune::Delete, Some(elsewhere.as_slice()), Consequence::Outside),
        (Prune::Report, None, Consequence::Outside),
    ] {
        let policy = policy(&head, prune, manage, &[]);
        let review = compared(&base, &head).with_consequences([&base.desired, &head.desired], Some(&policy));
        let said: Vec<_> = review.clients.iter().map(|one| (one.client.as_str(), one.consequence)).collect();
        // Nothing beyond `manage` is touched, and a definition there is a mistake.
        let says = if manage == Some(&elsewhere) { Consequence::Outside } else { Consequence::Deleted };
        let expected = [("file-gone", Some(gone)), ("says-absent", Some(says)), ("was-absent", None)];
        assert_eq!(said, expected, "{prune:?} {manage:?}");
    }
}

#[test]
fn consequences_know_the_other_definitions_and_what_is_protected() {
    let tree = |clients: &[(&str, &str, Presence)]| {
        clients.iter().fold(World::empty(), |tree, (name, device, state)| {
            tree.defined(name, device, &[]).edit(name, |one| one.state = *state)
        })
    };
    let (here, gone) = (Presence::Present, Presence::Absent);
    let manage = [scope(417, -1, crate::model::ALL_DEVICES)];
    let device = |number: &str| scope(417, 1, number).device;
    let protect = [Protection::Scope { telsys: manage[0].telsys, partition: None, device: Some(device("09")) }];
    let said = |base: &World, head: &World| {
        let policy = policy(head, Prune::Delete, Some(&manage), &protect);
        let review = compared(base, head).with_consequences([&base.desired, &head.desired], Some(&policy));
        review.clients.iter().map(|one| (one.client.to_string(), one.kind, one.consequence)).collect::<Vec<_>>()
    };
    let moved = |name: &str, what| (name.to_owned(), ReviewKind::Moved, Some(what));
    let removed = |name: &str, what| (name.to_owned(), ReviewKind::Removed, Some(what));
    // Two that change places; one that takes the place of another.
    let two = tree(&[("a", "01", here), ("b", "02", here)]);
    let swapped = tree(&[("a", "02", here), ("b", "01", here)]);
    assert_eq!(said(&two, &swapped), [moved("a", Consequence::Taken), moved("b", Consequence::Taken)]);
    let taken = tree(&[("b", "01", here)]);
    assert_eq!(said(&two, &taken), [removed("a", Consequence::Taken), moved("b", Consequence::Deleted)]);
    // What is protected is not deleted.
    assert_eq!(said(&tree(&[("a", "09", here)]), &World::empty()), [removed("a", Consequence::Unmanaged)]);
    // A definition that wants its client gone: new, moved there, or moved as one that wanted it gone elsewhere.
    assert_eq!(said(&World::empty(), &tree(&[("a", "01", gone)])), [removed("a", Consequence::Deleted)]);
    let elsewhere = tree(&[("a", "04", gone)]);
    assert_eq!(said(&tree(&[("a", "09", here)]), &elsewhere), [removed("a", Consequence::Unmanaged)]);
    assert_eq!(said(&tree(&[("a", "01", gone)]), &elsewhere), [removed("a", Consequence::Deleted)]);
}

#[test]
fn clients_come_go_change_move_and_are_renamed() {
    let base = World::empty()
        .defined("changed", "01", &[("x", json!(1))])
        .defined("moved", "02", &[])
        .defined("old-name", "03", &[])
        .defined("removed", "04", &[])
        .defined("pinned-old", "05", &[])
        .edit("pinned-old", |one| one.id = Some(Declared { value: id("05"), at: one.at.clone() }.into()));
    let head = World::empty()
        .defined("added", "06", &[])
        .defined("changed", "01", &[("x", json!(2))])
        .defined("moved", "02", &[])
        .edit("moved", |one| one.scope = scope(417, 2, "02"))
        .defined("new-name", "03", &[])
        .defined("pinned-new", "07", &[])
        .edit("pinned-new", |one| one.id = Some(Declared { value: id("05"), at: one.at.clone() }.into()));
    let review = compared(&base, &head);
    let expected = [
        ("added", ReviewKind::Added),
        ("changed", ReviewKind::Changed),
        ("moved", ReviewKind::Moved),
        ("new-name", ReviewKind::Renamed),
        ("pinned-new", ReviewKind::Moved),
        ("removed", ReviewKind::Removed),
    ];
    assert_eq!(kinds(&review), expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert_eq!(review.clients[4].from_client, Some(client("pinned-old")));
    assert_eq!(review.clients[4].from_scope, Some(scope(417, 1, "05")));
}

#[test]
fn a_profile_edit_is_caused_by_its_line_and_reaches_its_clients() {
    let base = fleet(World::empty(), 297);
    let mut head = fleet(World::empty(), 297);
    for one in head.desired.clients.values_mut().map(Arc::make_mut) {
        one.spec.settings =
            Some(declared(&[("interface::showMissedCallPreview", json!(false))], &at("profiles/base.yaml", 4)));
    }
    let review = compared(&base, &head);
    assert_eq!(review.clients.iter().filter(|one| one.kind == ReviewKind::Changed).count(), 297);
    assert_eq!(review.causes, [CauseLine { at: at("profiles/base.yaml", 4), clients: 297 }]);
    assert!(review.clients.iter().all(|one| one.cause == at("profiles/base.yaml", 4)));
}

#[test]
fn a_line_reaches_clients_that_move_or_are_renamed_too() {
    let (base, mut head) = (fleet(World::empty(), 4), fleet(World::empty(), 4));
    let line = at("profiles/base.yaml", 4);
    for (place, one) in head.desired.clients.values_mut().map(Arc::make_mut).enumerate() {
        one.spec.settings = Some(declared(&[("interface::showMissedCallPreview", json!(false))], &line));
        match place {
            0 => one.name = client("renamed"),
            1 | 2 => one.scope.telsys = scope(426, 1, "01").telsys,
            _ => {}
        }
    }
    head.desired.clients = head.desired.clients.into_values().map(|one| (one.name.clone(), one)).collect();
    let review = compared(&base, &head);
    assert_eq!(review.causes[0], CauseLine { at: line.clone(), clients: 4 });
    // A move is still told where the client is defined.
    let moved = |one: &&super::ClientReview| one.kind == ReviewKind::Moved;
    assert_eq!(review.clients.iter().filter(moved).count(), 2);
    for one in &review.clients {
        let own = if moved(&one) { crate::model::Location { column: 1, ..one.at.clone() } } else { line.clone() };
        assert_eq!((&one.client, &one.cause), (&one.client, &own));
    }
}

/// A file of one line, and how often it was read.
struct CountedReads(String, AtomicUsize);

impl Source for CountedReads {
    fn list(&self, _: &str, _: DotFiles) -> FolderListing {
        FolderListing::default()
    }

    fn read(&self, _: &str) -> Result<Vec<u8>, SourceError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Ok(self.0.clone().into_bytes())
    }
}

#[test]
fn a_line_with_many_changes_is_looked_at_once() {
    let side = |value: u64| {
        let keys: Vec<(String, serde_json::Value)> =
            (0..2000).map(|key| (format!("k{key:04}"), json!(value))).collect();
        let keys: Vec<(&str, serde_json::Value)> =
            keys.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        let tree = World::empty().defined("desk", "0123", &[]);
        tree.edit("desk", |one| one.spec.settings = Some(declared(&keys, &at("clients/desk.yaml", 1))))
    };
    let (base, head) = (side(1), side(2));
    let files = [1, 2].map(|value| CountedReads(format!("{{ value: {value} }}\n"), AtomicUsize::new(0)));
    let (vars, rules) = (BTreeMap::new(), BTreeMap::new());
    let [before, after] = files.each_ref().map(|source| RevisionFiles { source, vars: &vars, rules: &rules });
    let review = review(&base.desired, &head.desired, &crate::fixture::sensitive(&[]), Some((before, after)));
    assert_eq!(review.clients[0].changes.len(), 2000);
    assert_eq!(review.causes, [CauseLine { at: at("clients/desk.yaml", 1), clients: 1 }]);
    assert!(files.iter().all(|one| one.1.load(Ordering::Relaxed) <= 2), "each of the two files that places are in");
}

#[test]
fn leaving_a_field_out_is_not_making_it_empty() {
    let base = World::empty().defined("desk", "0123", &[("x", json!(1))]);
    let empty = World::empty().defined("desk", "0123", &[]);
    let left_out = World::empty().defined("desk", "0123", &[]).edit("desk", |one| one.spec.settings = None);
    assert_eq!(compared(&base, &empty).clients[0].changes.len(), 1);
    let changes = &compared(&base, &left_out).clients[0].changes;
    assert_eq!((changes.len(), changes[0].key.is_none(), &changes[0].after), (2, true, &Side::Absent));
    assert_eq!(compared(&empty, &left_out).clients[0].changes.len(), 1);
}

#[test]
fn how_a_client_is_managed_is_reviewed_too() {
    let base = World::empty().defined("desk", "0123", &[]);
    let head = World::empty().defined("desk", "0123", &[]).edit("desk", |one| {
        one.state = Presence::Absent;
        one.owns.settings = Ownership::Listed;
        one.ignore = vec![FieldPattern::new("description").expect("a pattern")].into();
        one.id = Some(Declared { value: id("0123"), at: one.at.clone() }.into());
    });
    let review = compared(&base, &head);
    let terms: Vec<&str> = review.clients[0].terms.iter().map(|term| &*term.term).collect();
    assert_eq!(terms, ["id", "state", "owns.settings", "ignore"]);
}

#[test]
fn sensitive_values_are_compared_and_not_shown() {
    let side = |value: &str| World::empty().defined("desk", "0123", &[("crm::password", json!(value))]);
    let sensitive = crate::fixture::sensitive(&["settings.crm::*"]);
    let review = review(&side("old-secret").desired, &side("new-secret").desired, &sensitive, None);
    assert_eq!(review.clients.len(), 1);
    assert!(!format!("{review:?}").contains("secret"));
}
