//! What is said of the next apply: what it does for a definition, and what becomes of the live client that it was for.

use crate::document::{ClientReviewV1, ConsequenceV1, NextActionV1, NextV1, ReviewWordV1};
use crate::model::ClientName;
use crate::text::{bounded, message, quote};

/// What becomes of the client where a definition was, if it goes on without one.
fn left(consequence: ConsequenceV1) -> &'static str {
    match consequence {
        ConsequenceV1::Unmanaged => "the client that it was for stays, unmanaged",
        ConsequenceV1::Outside => "the client that it was for stays, outside of `manage`",
        ConsequenceV1::Deleted => "the next apply deletes the client that it was for",
        ConsequenceV1::Taken => "another definition is for the client that it was for",
    }
}

/// Says what the next apply makes of a definition and of its live client. `pin` is one that it had and has no more.
pub(super) fn becomes(client: &ClientReviewV1, pin: Option<&str>) -> Vec<String> {
    let ClientReviewV1 { change, consequence, next, pinnable, .. } = client;
    match (next, change, consequence) {
        (Some(next), ReviewWordV1::Moved, Some(ConsequenceV1::Taken)) if is_for_another(next) => vec![
            "definitions change places: where another one is for a client now, none is added or deleted, see `icsync plan`".to_owned(),
        ],
        (Some(NextV1 { action: NextActionV1::Nothing, .. }), ReviewWordV1::Removed, Some(ConsequenceV1::Deleted)) => {
            vec!["the next apply deletes the client that is there, if there is one".to_owned()]
        }
        (Some(next), ReviewWordV1::Moved, None)
            if next.of.is_none() && matches!(next.action, NextActionV1::Change | NextActionV1::Nothing) =>
        {
            vec!["the client stays where it is".to_owned()]
        }
        (Some(next), _, consequence) => does(next).into_iter().chain(consequence.map(|one| left(one).to_owned())).collect(),
        (None, ReviewWordV1::Moved, None) => {
            vec!["the next apply deletes the client where it was and adds it here".to_owned()]
        }
        (None, ReviewWordV1::Moved, Some(consequence)) => {
            let stays = match consequence {
                ConsequenceV1::Unmanaged => "the one where it was stays, unmanaged",
                ConsequenceV1::Outside => "the one where it was stays, outside of `manage`",
                ConsequenceV1::Deleted => "deletes the one where it was",
                ConsequenceV1::Taken => "another definition is for the one where it was",
            };
            vec![format!("the next apply adds a client here, if there is none, and {stays}"), keep(pin, *pinnable)]
        }
        (None, _, None) => Vec::new(),
        (None, _, Some(ConsequenceV1::Unmanaged)) => vec!["removed from git: the client stays, unmanaged".to_owned()],
        (None, _, Some(ConsequenceV1::Outside)) => {
            vec!["removed from git: the client stays, outside of `manage`".to_owned()]
        }
        (None, _, Some(ConsequenceV1::Deleted)) => vec!["the next apply deletes the client".to_owned()],
        (None, _, Some(ConsequenceV1::Taken)) => vec!["another definition is for the client now".to_owned()],
    }
}

/// Tells whether a definition is for a client that is where it shall be, and that another one was for.
fn is_for_another(next: &NextV1) -> bool {
    matches!(next.action, NextActionV1::Change | NextActionV1::Nothing) && next.of.is_some()
}

/// Says what is done for a definition.
fn does(next: &NextV1) -> Vec<String> {
    let NextV1 { action, of, reason } = next;
    let of = of.as_ref().map(ClientName::as_str).map(quote);
    let said = match (action, of) {
        (NextActionV1::Add, _) => "the next apply adds a client here".to_owned(),
        (NextActionV1::Change | NextActionV1::Nothing, Some(of)) => format!("it is for the client that {of} was for"),
        (NextActionV1::Change | NextActionV1::Nothing, None) => return Vec::new(),
        (NextActionV1::Replace, Some(of)) => {
            format!("the next apply deletes the client that {of} was for, where it was, and adds it here")
        }
        (NextActionV1::Replace, None) => "the next apply deletes the client where it was and adds it here".to_owned(),
        (NextActionV1::Delete, Some(of)) => format!("the next apply deletes the client that {of} was for"),
        (NextActionV1::Delete, None) => "the next apply deletes the client".to_owned(),
        (NextActionV1::Blocked, _) => {
            format!("the next apply can do nothing for it: {}", message(reason.as_deref().unwrap_or_default()))
        }
    };
    vec![said]
}

/// Says how it would be one move.
fn keep(pin: Option<&str>, pinnable: bool) -> String {
    match pin {
        _ if !pinnable => {
            "to make it one move, first give the client a definition of its own with an `id:`: a fleet has no line for it".to_owned()
        }
        Some(id) => format!("to make it one move, keep its pin: id: \"{}\"", bounded(id, 200)),
        None => "to make it one move, pin it before its scope changes: `icsync pin`".to_owned(),
    }
}
