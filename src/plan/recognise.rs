//! Adds that look like moves: a live client of equal content that git does not define may be the one that is meant.

use std::collections::{BTreeSet, HashMap};

use super::likely::{LikelyMove, LikelyOrigin};
use super::{Action, Plan};
use crate::model::{ClientId, ContentDigest, Desired, Field, Live, LiveClient, PinPlace};
use crate::redact::Mask;

/// The content of an add: which fields git says, and what.
type AddedContent = (Vec<Field>, ContentDigest);

/// Tells of each add which live clients without a definition have the content that git says. Each content is digested once.
pub(super) fn tell(plan: &mut Plan, desired: &Desired, live: &Live, mask: Mask<'_>) {
    let strays: Vec<&LiveClient> = strays(plan).filter_map(|id| live.clients.get(id).map(Box::as_ref)).collect();
    if strays.is_empty() {
        return;
    }
    let mut adds: HashMap<AddedContent, Vec<usize>> = HashMap::new();
    for (place, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.action() == Action::Add) {
        let definition = step.client.as_ref().and_then(|name| desired.clients.get(name));
        if let Some(key) = definition.and_then(|one| Some((one.spec.managed(), one.spec.digest()?))) {
            adds.entry(key).or_default().push(place);
        }
    }
    for (key, rows) in alike(&adds, &strays) {
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

/// Finds the live clients that have the content of adds. There are no more kinds of adds than sets of fields.
fn alike<'a>(
    adds: &HashMap<AddedContent, Vec<usize>>,
    strays: &[&'a LiveClient],
) -> HashMap<AddedContent, Vec<&'a LiveClient>> {
    let kinds: BTreeSet<&Vec<Field>> = adds.keys().map(|(fields, _)| fields).collect();
    let mut found: HashMap<AddedContent, Vec<&LiveClient>> = HashMap::new();
    for fields in kinds {
        for row in strays {
            let key = row.digest(fields).map(|digest| (fields.clone(), digest));
            if let Some(key) = key.filter(|key| adds.contains_key(key)) {
                found.entry(key).or_default().push(row);
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
