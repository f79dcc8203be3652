//! The differences between what a client is and what it shall be.

use std::sync::Arc;

use super::own::{Owned, Resolved};
use super::shown::Mask;
use super::step::{FieldChange, Side};
use crate::model::{Definition, Entries, Field, Json, LiveClient, Location, Observed, Origin, Payload, Spec};

/// Lists the differences of an existing client, in the order of fields and keys. Fields that cannot be compared are
/// left out here; [`with_blind`] adds them when something else is written anyway.
pub(super) fn diff(owned: &Owned, mask: Mask<'_>) -> Vec<FieldChange> {
    let Owned { description, cm_environment_id, policies, settings } = owned;
    let mut changes = Vec::new();
    changes.extend(text_change(Field::Description, sides(description), mask));
    changes.extend(text_change(Field::CmEnvironmentId, sides(cm_environment_id), mask));
    changes.extend(entry_changes(Field::Policies, sides(policies), mask));
    changes.extend(entry_changes(Field::Settings, sides(settings), mask));
    changes
}

/// Lists the differences between a live client and a payload, as far as the live side is known.
pub(super) fn between(live: &LiveClient, payload: &Payload, mask: Mask<'_>) -> Vec<FieldChange> {
    fn pair<'a, T>(before: &'a Observed<T>, after: &'a T) -> Option<(&'a T, &'a T)> {
        before.known().map(|before| (before, after))
    }
    let Payload { description, cm_environment_id, policies, settings } = payload;
    let mut changes = Vec::new();
    changes.extend(text_change(Field::Description, pair(&live.description, description), mask));
    changes.extend(text_change(Field::CmEnvironmentId, pair(&live.cm_environment_id, cm_environment_id), mask));
    changes.extend(entry_changes(Field::Policies, pair(&live.policies, policies), mask));
    changes.extend(entry_changes(Field::Settings, pair(&live.settings, settings), mask));
    changes
}

/// Lists the fields that are written although the server does not show them: they go along with other changes.
pub(super) fn with_blind(owned: &Owned, payload: &Payload, mask: Mask<'_>) -> Vec<FieldChange> {
    let blind = owned.blind();
    let written = added(payload, mask).into_iter().filter(|change| blind.contains(&change.field));
    written.map(|change| FieldChange { before: Side::Unreadable, ..change }).collect()
}

/// Lists the whole content of a client that is added.
pub(super) fn added(payload: &Payload, mask: Mask<'_>) -> Vec<FieldChange> {
    let Payload { description, cm_environment_id, policies, settings } = payload;
    let nothing = Entries::new();
    let text = |field, text: &String| {
        let after = Side::Value(mask.text(field, text));
        (!text.is_empty()).then_some(FieldChange {
            field,
            key: None,
            before: Side::Absent,
            after,
            at: None,
            origin: Origin::Own,
        })
    };
    let mut changes = Vec::new();
    changes.extend(text(Field::Description, description));
    changes.extend(text(Field::CmEnvironmentId, cm_environment_id));
    changes.extend(entry_changes(Field::Policies, Some((&nothing, policies)), mask));
    changes.extend(entry_changes(Field::Settings, Some((&nothing, settings)), mask));
    changes
}

/// Lets each difference point at the line that wrote its desired value.
pub(super) fn locate(changes: &mut [FieldChange], definition: &Definition) {
    let Spec { description, cm_environment_id, policies, settings } = &definition.spec;
    for change in changes {
        let declared: Option<&Location> = match (change.field, &change.key) {
            (Field::Description, _) => description.as_ref().map(|text| &text.at),
            (Field::CmEnvironmentId, _) => cm_environment_id.as_ref().map(|text| &text.at),
            (Field::Policies, Some(key)) => {
                policies.as_ref().and_then(|entries| entries.get(key)).map(|value| &value.at)
            }
            (Field::Settings, Some(key)) => {
                settings.as_ref().and_then(|entries| entries.get(key)).map(|value| &value.at)
            }
            (Field::Policies | Field::Settings, None) => None,
        };
        change.origin = declared.map_or(Origin::Own, |at| definition.origin(at));
        change.at = declared.cloned();
    }
}

fn sides<T>(resolved: &Resolved<T>) -> Option<(&T, &T)> {
    match resolved {
        Resolved::Known { before, after } => Some((before, after)),
        Resolved::Blind { .. } | Resolved::Unknown => None,
    }
}

fn text_change(field: Field, sides: Option<(&String, &String)>, mask: Mask<'_>) -> Option<FieldChange> {
    let (before, after) = sides.filter(|(before, after)| before != after)?;
    let side = |text: &String| Side::Value(mask.text(field, text));
    Some(FieldChange { field, key: None, before: side(before), after: side(after), at: None, origin: Origin::Own })
}

fn entry_changes(field: Field, sides: Option<(&Entries, &Entries)>, mask: Mask<'_>) -> Vec<FieldChange> {
    let Some((before, after)) = sides else { return Vec::new() };
    let side = |key: &str, value: Option<&Json>| match value {
        Some(value) => Side::Value(mask.entry(field, key, value)),
        None => Side::Absent,
    };
    let mut keys: Vec<&Arc<str>> =
        before.iter().filter(|(key, value)| after.get(*key) != Some(value)).map(|(key, _)| key).collect();
    keys.extend(after.keys().filter(|key| !before.contains_key(*key)));
    keys.sort();
    let change = |key: &Arc<str>| FieldChange {
        field,
        key: Some(Arc::clone(key)),
        before: side(key, before.get(key)),
        after: side(key, after.get(key)),
        at: None,
        origin: Origin::Own,
    };
    keys.into_iter().map(change).collect()
}
