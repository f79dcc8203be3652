//! Moves that nothing pins: for a plan they are an add beside a live client that git does not define any more.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ClientReview, ReviewKind};
use crate::model::{ClientId, ClientName, ContentDigest, CountedContent, Definition, Desired, Presence, Scope};
use crate::plan::LikelyMove;

/// A definition that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemovedOrigin {
    pub client: ClientName,
    pub scope: Scope,
    /// Its pin, if it has one.
    pub id: Option<ClientId>,
}

/// Tells of each definition that comes which ones go with the same content. Each content is digested once.
pub(super) fn tell(clients: &mut [ClientReview], base: &Desired, head: &Desired) {
    let gone: Vec<&Definition> = of_kind(clients, ReviewKind::Removed)
        .filter(|name| !head.clients.contains_key(*name))
        .filter_map(|name| base.clients.get(name).map(Arc::as_ref))
        .filter(|one| one.state == Presence::Present)
        .collect();
    if gone.is_empty() {
        return;
    }
    let fresh = of_kind(clients, ReviewKind::Added).filter_map(|name| head.clients.get(name).map(Arc::as_ref));
    let fresh: Vec<&Definition> = fresh.filter(|one| one.id.is_none() && one.state == Presence::Present).collect();
    let (gone, fresh) = (by_content(&gone), by_content(&fresh));
    let mut told: HashMap<&ClientName, LikelyMove<RemovedOrigin>> = HashMap::new();
    for (content, adds) in &fresh {
        let Some(origins) = gone.get(content) else { continue };
        for one in adds {
            told.insert(&one.name, LikelyMove::new(origins, |one| origin(one), adds.len(), one.pin_place));
        }
    }
    for client in clients.iter_mut().filter(|client| client.kind == ReviewKind::Added) {
        client.likely_move = told.remove(&client.client);
    }
}

fn of_kind(clients: &[ClientReview], kind: ReviewKind) -> impl Iterator<Item = &ClientName> {
    clients.iter().filter(move |client| client.kind == kind).map(|client| &client.client)
}

fn by_content<'a>(definitions: &[&'a Definition]) -> HashMap<ContentDigest, Vec<&'a Definition>> {
    let mut found: HashMap<ContentDigest, Vec<&Definition>> = HashMap::new();
    for one in definitions {
        if let Some(digest) = one.spec.digest(&CountedContent::managed(&one.spec)) {
            found.entry(digest).or_default().push(one);
        }
    }
    found
}

fn origin(definition: &Definition) -> RemovedOrigin {
    RemovedOrigin {
        client: definition.name.clone(),
        scope: definition.scope.clone(),
        id: definition.id.as_ref().map(|id| id.value.clone()),
    }
}
