//! Adds that look like moves: a live client of equal content that git does not define may be the one that is meant.

use std::collections::HashMap;

use super::likely::{LikelyMove, LikelyOrigin};
use super::{Action, Plan};
use crate::model::{ClientId, ContentDigest, CountedContent, Desired, Field, Live, LiveClient, PinPlace};
use crate::redact::Mask;

/// The most kinds of content that are looked for: each takes a digest of every live client without a definition.
const MOST_KINDS: usize = 100;

/// Tells of each add which live clients without a definition have the content that git says. Each content is digested once.
pub(super) fn tell(plan: &mut Plan, desired: &Desired, live: &Live, mask: Mask<'_>) {
    let strays: Vec<&LiveClient> = strays(plan).filter_map(|id| live.clients.get(id).map(Box::as_ref)).collect();
    if strays.is_empty() {
        return;
    }
    let mut kinds: Vec<CountedContent> = Vec::new();
    let mut adds: HashMap<ContentDigest, Vec<usize>> = HashMap::new();
    for (place, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.action() == Action::Add) {
        let Some(definition) = step.client.as_ref().and_then(|name| desired.clients.get(name)) else { continue };
        let counted = CountedContent::decided(definition);
        let Some(digest) = definition.spec.digest(&counted) else { continue };
        adds.entry(digest).or_default().push(place);
        if kinds.len() < MOST_KINDS && !kinds.contains(&counted) {
            kinds.push(counted);
        }
    }
    for (key, rows) in alike(&kinds, &adds, &strays) {
        let adds = &adds[&key];
        for place in adds {
            let step = &mut plan.steps[*place];
            let definition = step.client.as_ref().and_then(|name| desired.clients.get(name));
            let pin = definition.map_or(PinPlace::Document, |one| one.pin_place);
            let likely = LikelyMove::new(&rows, |row| origin(row, live, mask), adds.len(), pin);
            step.likely_move = Some(likely);
        }
    }
}

/// Gives the live clients that git does not define, pruned or not.
fn strays(plan: &Plan) -> impl Iterator<Item = &ClientId> {
    let pruned = plan.steps.iter().filter(|step| step.client.is_none() && step.action() == Action::Delete);
    plan.unmanaged.iter().map(|one| &one.id).chain(pruned.filter_map(|step| step.id()))
}

/// Finds the live clients that have the content of adds, of which there are few kinds: sets of fields, and what is left alone.
fn alike<'a>(
    kinds: &[CountedContent],
    adds: &HashMap<ContentDigest, Vec<usize>>,
    strays: &[&'a LiveClient],
) -> HashMap<ContentDigest, Vec<&'a LiveClient>> {
    let mut found: HashMap<ContentDigest, Vec<&LiveClient>> = HashMap::new();
    for counted in kinds {
        for row in strays {
            if let Some(digest) = row.digest(counted).filter(|digest| adds.contains_key(digest)) {
                found.entry(digest).or_default().push(row);
            }
        }
    }
    found
}

fn origin(row: &LiveClient, live: &Live, mask: Mask<'_>) -> LikelyOrigin {
    LikelyOrigin {
        id: row.id.clone(),
        scope: row.scope.clone(),
        description: mask.text(Field::Description, row.title()),
        labels: live.labels(&row.scope, Some(&row.id)),
    }
}
