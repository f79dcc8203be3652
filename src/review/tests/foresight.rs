//! What is said of the next apply is what the plan does.

use super::{World, compared, id, policy, scope};
use crate::model::{ALL_DEVICES, Declared, Presence, Prune};
use crate::review::{Consequence, NextAction};

/// A definition: its name, its device, its pin and its state.
type Placed<'a> = (&'a str, &'a str, Option<&'a str>, Presence);

const HERE: Presence = Presence::Present;
const GONE: Presence = Presence::Absent;

fn tree(clients: &[Placed<'_>]) -> World {
    clients.iter().fold(World::empty(), |tree, (name, device, pin, state)| {
        tree.defined(name, device, &[]).edit(name, |one| {
            one.state = *state;
            one.id = pin.map(|pin| Declared { value: id(pin), at: one.at.clone() }.into());
        })
    })
}

/// Says of each client that changes what becomes of it, in one word each, and what is done for its definition.
fn said(base: &[Placed<'_>], head: &[Placed<'_>], prune: Prune) -> Vec<String> {
    let (base, head) = (tree(base), tree(head));
    let policy = policy(&head, prune, Some(&[scope(417, -1, ALL_DEVICES)]), &[]);
    let review = compared(&base, &head).with_consequences([&base.desired, &head.desired], Some(&policy));
    let one = |client: &crate::review::ClientReview| {
        let next = client.next.as_ref().map(|next| {
            let action = match &next.action {
                NextAction::Blocked(_) => "blocked".to_owned(),
                action => format!("{action:?}").to_lowercase(),
            };
            let of = next.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
            format!("{action}{of}")
        });
        let consequence = client.consequence.map(|one| format!("{one:?}").to_lowercase());
        let parts =
            [Some(client.client.to_string()), Some(format!("{:?}", client.kind).to_lowercase()), consequence, next];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    review.clients.iter().map(one).collect()
}

#[test]
fn a_pinned_definition_takes_a_scope_and_not_the_client_that_was_there() {
    let base = [("anne", "01", Some("a"), HERE), ("bob", "02", Some("b"), HERE)];
    let head = [("bob", "01", Some("b"), HERE)];
    assert_eq!(said(&base, &head, Prune::Delete), ["anne, removed, deleted", "bob, moved"]);
    assert_eq!(said(&base, &head, Prune::Report), ["anne, removed, unmanaged", "bob, moved, unmanaged, blocked"]);
}

#[test]
fn two_that_change_places_keep_their_clients_only_where_both_are_pinned_or_none() {
    let swap = |one: Option<&'static str>, other: Option<&'static str>, prune| {
        let base = [("anne", "01", one, HERE), ("bob", "02", other, HERE)];
        said(&base, &[("anne", "02", one, HERE), ("bob", "01", other, HERE)], prune)
    };
    assert_eq!(swap(Some("a"), Some("b"), Prune::Delete), ["anne, moved", "bob, moved"]);
    let others = ["anne, moved, taken, change of bob", "bob, moved, taken, change of anne"];
    assert_eq!(swap(None, None, Prune::Delete), others);
    assert_eq!(swap(Some("a"), None, Prune::Delete), ["anne, moved", "bob, moved, deleted"]);
    assert_eq!(swap(Some("a"), None, Prune::Report)[0], "anne, moved, unmanaged, blocked");
}

#[test]
fn a_pin_that_wanders_takes_the_client_along() {
    let base = [("anne", "01", Some("a"), HERE), ("bob", "02", Some("b"), HERE)];
    let swapped = [("anne", "01", Some("b"), HERE), ("bob", "02", Some("a"), HERE)];
    assert_eq!(
        said(&base, &swapped, Prune::Report),
        ["anne, changed, replace of bob", "bob, changed, replace of anne"]
    );
    let carl = [("anne", "01", None, HERE), ("bob", "02", Some("b"), HERE), ("carl", "05", Some("a"), HERE)];
    assert_eq!(said(&base, &carl, Prune::Report), ["anne, changed, add", "carl, added, replace of anne"]);
}

#[test]
fn a_definition_that_wants_a_client_gone_is_heard_wherever_it_stands() {
    let base = [("anne", "01", None, HERE)];
    let head = [("anne", "05", None, HERE), ("old-anne", "01", None, GONE)];
    assert_eq!(said(&base, &head, Prune::Report), ["anne, moved, deleted", "old-anne, removed, deleted"]);
    // What another definition is for stays although a tombstone comes to where it was.
    let base = [("anne", "01", Some("a"), HERE), ("old", "02", None, GONE)];
    let head = [("anne", "02", Some("a"), HERE), ("old", "01", None, GONE)];
    assert_eq!(said(&base, &head, Prune::Report), ["anne, moved", "old, removed"]);
    // Where the base says nothing of a scope, whatever is there goes; what it wants gone is gone.
    let tombstone = [("new", "07", None, GONE)];
    assert_eq!(said(&[], &tombstone, Prune::Report), ["new, removed, deleted, nothing"]);
    assert_eq!(said(&[("old", "07", None, GONE)], &tombstone, Prune::Report), ["new, renamed"]);
    // One that is wanted again somewhere else has no client that could go.
    assert_eq!(said(&[("anne", "01", None, GONE)], &[("anne", "05", None, HERE)], Prune::Report), ["anne, moved, add"]);
}

#[test]
fn a_new_definition_takes_the_client_of_one_that_moves_away() {
    let base = [("anne", "01", None, HERE)];
    let head = [("anne", "05", None, HERE), ("carl", "01", None, HERE)];
    assert_eq!(said(&base, &head, Prune::Delete), ["anne, moved, taken, add", "carl, added, change of anne"]);
}

#[test]
fn a_client_whose_scope_no_definition_knows_goes_from_wherever_it_is_shown() {
    let unresolved = |tree: World| tree.edit("anne", |one| one.scope = scope(417, -3, ALL_DEVICES));
    let base = unresolved(tree(&[("anne", "01", Some("a"), HERE)]));
    let said = |head: &World, prune| {
        let policy = policy(head, prune, Some(&[scope(417, -1, ALL_DEVICES)]), &[]);
        let review = compared(&base, head).with_consequences([&base.desired, &head.desired], Some(&policy));
        let [one] = &review.clients[..] else { panic!("{review:?}") };
        (one.consequence, one.next.clone())
    };
    let there = tree(&[("anne", "02", Some("a"), HERE)]);
    assert_eq!(said(&there, Prune::Report), (None, None), "deleted where it was, and added");
    assert_eq!(said(&World::empty(), Prune::Delete), (Some(Consequence::Deleted), None));
    assert_eq!(said(&tree(&[("anne", "02", None, HERE)]), Prune::Delete), (Some(Consequence::Deleted), None));
}

#[test]
fn a_pin_that_comes_with_the_move_is_that_of_the_client() {
    let base = [("anne", "01", None, HERE)];
    assert_eq!(said(&base, &[("anne", "05", Some("a"), HERE)], Prune::Report), ["anne, moved"]);
    assert_eq!(said(&base, &[("anne", "05", None, HERE)], Prune::Report), ["anne, moved, unmanaged"]);
    assert_eq!(
        said(&[("anne", "01", Some("a"), HERE)], &[("anne", "05", None, HERE)], Prune::Delete),
        ["anne, moved, deleted"]
    );
}
