//! The differences between what a client is and what it shall be.

use std::sync::Arc;

use super::own::{Owned, Resolved};
use super::shown::Mask;
use super::step::{FieldChange, Side};
use crate::model::{DeclaredEntries, Definition, Entries, Field, Location, Payload, Spec};

/// Lists the differences of an existing client, in the order of fields and keys. Fields that cannot be compared are
/// left out here; [`with_blind`] adds them when something else is written anyway.
pub(super) fn diff(owned: &Owned, definition: Option<&Definition>, mask: Mask<'_>) -> Vec<FieldChange> {
    let Owned { description, cm_environment_id, policies, settings } = owned;
    let mut changes = Vec::new();
    let mut text = |field: Field, resolved: &Resolved<String>| {
        if let Resolved::Known { before, after } = resolved
            && before != after
        {
            let side = |text: &str| Side::Value(mask.text(field, text));
            let at = definition.and_then(|definition| text_location(&definition.spec, field));
            changes.push(FieldChange { field, key: None, before: side(before), after: side(after), at });
        }
    };
    text(Field::Description, description);
    text(Field::CmEnvironmentId, cm_environment_id);
    let declared = definition.map(|definition| &definition.spec);
    for (field, resolved) in [(Field::Policies, policies), (Field::Settings, settings)] {
        if let Resolved::Known { before, after } = resolved {
            let declared = declared.and_then(|spec| entries_of(spec, field));
            diff_entries(field, before, after, declared, mask, &mut changes);
        }
    }
    changes
}

/// Lists the fields that are written although the server does not show them: they go along with other changes.
pub(super) fn with_blind(
    owned: &Owned,
    payload: &Payload,
    definition: &Definition,
    mask: Mask<'_>,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for field in owned.blind() {
        let added = added_field(field, payload, Some(definition), mask);
        changes.extend(added.into_iter().map(|change| FieldChange { before: Side::Unreadable, ..change }));
    }
    changes
}

/// Lists the content of a client that is added.
pub fn added(payload: &Payload, definition: Option<&Definition>, mask: Mask<'_>) -> Vec<FieldChange> {
    Field::ALL.into_iter().flat_map(|field| added_field(field, payload, definition, mask)).collect()
}

fn added_field(field: Field, payload: &Payload, definition: Option<&Definition>, mask: Mask<'_>) -> Vec<FieldChange> {
    let Payload { description, cm_environment_id, policies, settings } = payload;
    let text = |text: &String| {
        let at = definition.and_then(|definition| text_location(&definition.spec, field));
        let after = Side::Value(mask.text(field, text));
        let change = FieldChange { field, key: None, before: Side::Absent, after, at };
        if text.is_empty() { Vec::new() } else { vec![change] }
    };
    let entries = |entries: &Entries| {
        let mut changes = Vec::new();
        let declared = definition.and_then(|definition| entries_of(&definition.spec, field));
        diff_entries(field, &Entries::new(), entries, declared, mask, &mut changes);
        changes
    };
    match field {
        Field::Description => text(description),
        Field::CmEnvironmentId => text(cm_environment_id),
        Field::Policies => entries(policies),
        Field::Settings => entries(settings),
    }
}

fn diff_entries(
    field: Field,
    before: &Entries,
    after: &Entries,
    declared: Option<&DeclaredEntries>,
    mask: Mask<'_>,
    changes: &mut Vec<FieldChange>,
) {
    let side = |key: &str, value: Option<&crate::model::Json>| match value {
        Some(value) => Side::Value(mask.entry(field, key, value)),
        None => Side::Absent,
    };
    let mut changed: Vec<_> = before.iter().filter(|(key, value)| after.get(*key) != Some(value)).collect();
    changed.extend(after.iter().filter(|(key, _)| !before.contains_key(*key)));
    changed.sort_by(|left, right| left.0.cmp(right.0));
    changes.extend(changed.into_iter().map(|(key, _)| FieldChange {
        field,
        key: Some(Arc::clone(key)),
        before: side(key, before.get(key)),
        after: side(key, after.get(key)),
        at: declared.and_then(|declared| declared.get(key)).map(|declared| declared.at.clone()),
    }));
}

fn text_location(spec: &Spec, field: Field) -> Option<Location> {
    let Spec { description, cm_environment_id, policies: _, settings: _ } = spec;
    let declared = match field {
        Field::Description => description,
        Field::CmEnvironmentId => cm_environment_id,
        Field::Policies | Field::Settings => return None,
    };
    declared.as_ref().map(|declared| declared.at.clone())
}

fn entries_of(spec: &Spec, field: Field) -> Option<&DeclaredEntries> {
    let Spec { description: _, cm_environment_id: _, policies, settings } = spec;
    match field {
        Field::Policies => policies.as_ref(),
        Field::Settings => settings.as_ref(),
        Field::Description | Field::CmEnvironmentId => None,
    }
}
