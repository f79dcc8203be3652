//! Composes single steps: what is sent, what is shown of it, and what must still be true.

use super::diff::{added, between, removed};
use super::step::{Precondition, Step, Write};
use crate::model::{ClientName, Labels, LiveClient, Payload, Scope};
use crate::redact::Mask;

/// Composes the step that adds a client.
pub(crate) fn add_step(client: Option<ClientName>, scope: Scope, payload: Payload, mask: Mask<'_>) -> Step {
    Step {
        number: 0,
        client,
        scope,
        at: None,
        before: None,
        after: Some(mask.payload(&payload)),
        changes: added(&payload, mask),
        precondition: Precondition::ScopeIsFree { known: Vec::new() },
        after_steps: Vec::new(),
        unreadable: Vec::new(),
        carried: Vec::new(),
        labels: Labels::default(),
        likely_move: None,
        write: Write::Add { payload },
    }
}

/// Composes the step that changes a live client to `payload`.
pub(crate) fn change_step(client: Option<ClientName>, live: &LiveClient, payload: Payload, mask: Mask<'_>) -> Step {
    Step {
        after: Some(mask.payload(&payload)),
        changes: between(live, &payload, mask),
        write: Write::Change { live: Box::new(live.clone()), payload },
        ..delete_step(client, live, mask)
    }
}

/// Composes the step that deletes a live client and adds `payload` at `scope`.
pub(crate) fn replace_step(
    client: Option<ClientName>,
    scope: Scope,
    live: &LiveClient,
    payload: Payload,
    mask: Mask<'_>,
) -> Step {
    Step {
        scope,
        after: Some(mask.payload(&payload)),
        changes: between(live, &payload, mask),
        write: Write::Replace { live: Box::new(live.clone()), payload },
        ..delete_step(client, live, mask)
    }
}

/// Composes the step that deletes a live client.
pub(crate) fn delete_step(client: Option<ClientName>, live: &LiveClient, mask: Mask<'_>) -> Step {
    Step {
        number: 0,
        client,
        scope: live.scope.clone(),
        at: None,
        before: Some(mask.live(live)),
        after: None,
        changes: removed(live, mask),
        precondition: Precondition::Unchanged { fingerprint: mask.fingerprint(live) },
        after_steps: Vec::new(),
        unreadable: live.content.unknown(),
        carried: Vec::new(),
        labels: Labels::default(),
        likely_move: None,
        write: Write::Delete { live: Box::new(live.clone()) },
    }
}
