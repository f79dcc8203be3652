//! The differences between what a client is and what it shall be.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::own::{Owned, own};
use super::step::{FieldChange, Side};
use crate::model::{
    Change, Content, Definition, Entries, Field, FieldPath, Json, KnownContent, LiveClient, Location, Nullable, Origin,
    Payload,
};
use crate::redact::Mask;

/// Both sides of what can be compared.
type Sides<'a> = Content<Option<Change<&'a Nullable<String>>>, Option<Change<&'a Nullable<Entries>>>>;

/// Lists the differences of an existing client, in the order of fields and keys. Fields that cannot be compared are
/// left out here; [`with_blind`] adds them when something else is written anyway.
pub(super) fn diff(owned: &Owned, mask: Mask<'_>) -> Vec<FieldChange> {
    changes(owned.as_ref().map(|_, text| text.sides(), |_, entries| entries.sides()), mask)
}

/// A difference with its true values, which are never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ValueDifference {
    pub field: Field,
    pub key: Option<Arc<str>>,
    /// What git says; nothing where it says that there is no such key.
    pub git: Option<Json>,
    pub live: Option<Json>,
    /// Where git says it.
    pub at: Option<Location>,
    pub origin: Origin,
}

impl ValueDifference {
    pub(crate) fn path(&self) -> FieldPath {
        FieldPath { field: self.field, key: self.key.clone() }
    }
}

/// Lists in what a live client differs from its definition, as far as the server shows it, with true values.
pub(crate) fn value_differences(definition: &Definition, live: &LiveClient) -> Vec<ValueDifference> {
    let owned = own(definition, live);
    let sides = owned.as_ref().map(|_, text| text.sides(), |_, entries| entries.sides());
    let differences = sides.map(
        |field, sides| sides.map(|sides| text_difference(field, sides)).unwrap_or_default(),
        |field, sides| sides.map(|sides| entry_differences(field, sides)).unwrap_or_default(),
    );
    let placed = |mut one: ValueDifference| {
        one.at = definition.spec.written_at(one.field, one.key.as_deref());
        one.origin = one.at.as_ref().map_or(Origin::Own, |at| definition.origin(at));
        one
    };
    differences.into_iter().flat_map(|(_, differences)| differences).map(placed).collect()
}

fn text_difference(field: Field, sides: Change<&Nullable<String>>) -> Vec<ValueDifference> {
    let Change { before, after } = sides;
    let json = |text: &str| Some(Json::text(text));
    let difference = || difference(field, None, json(after), json(before));
    (before != after).then(difference).into_iter().collect()
}

fn entry_differences(field: Field, sides: Change<&Nullable<Entries>>) -> Vec<ValueDifference> {
    let Change { before, after } = sides;
    let keys: BTreeSet<&Arc<str>> = before.keys().chain(after.keys()).collect();
    let differing = keys.into_iter().filter(|key| before.get(key) != after.get(key));
    let one = |key: &Arc<str>| difference(field, Some(key), after.get(key).cloned(), before.get(key).cloned());
    differing.map(one).collect()
}

fn difference(field: Field, key: Option<&Arc<str>>, git: Option<Json>, live: Option<Json>) -> ValueDifference {
    ValueDifference { field, key: key.cloned(), git, live, at: None, origin: Origin::Own }
}

/// Lists the differences between a live client and a payload, as far as the live side is known.
pub(super) fn between(live: &LiveClient, payload: &Payload, mask: Mask<'_>) -> Vec<FieldChange> {
    compare(live.content.known(), payload, mask)
}

/// Lists the fields that are written although the server does not show them: they go along with other changes.
pub(super) fn with_blind(owned: &Owned, payload: &Payload, mask: Mask<'_>) -> Vec<FieldChange> {
    let blind = owned.blind();
    let written = added(payload, mask).into_iter().filter(|change| blind.contains(&change.field));
    written.map(|change| FieldChange { before: Side::Unreadable, ..change }).collect()
}

/// Lists the whole content of a client that is added.
pub(super) fn added(payload: &Payload, mask: Mask<'_>) -> Vec<FieldChange> {
    let nothing = Payload::default();
    let changes = compare(nothing.as_known(), payload, mask);
    changes.into_iter().map(|change| FieldChange { before: Side::Absent, ..change }).collect()
}

/// Lists what goes with a client that is deleted, as far as it is known.
pub(super) fn removed(live: &LiveClient, mask: Mask<'_>) -> Vec<FieldChange> {
    let known = live
        .content
        .known()
        .map(|_, text| text.cloned().unwrap_or_default(), |_, entries| entries.cloned().unwrap_or_default());
    let turn = |change: FieldChange| FieldChange { before: change.after, after: Side::Absent, ..change };
    added(&known, mask).into_iter().map(turn).collect()
}

/// Lets each difference point at the line that wrote its desired value.
pub(super) fn locate(changes: &mut [FieldChange], definition: &Definition) {
    for change in changes {
        let declared = definition.spec.written_at(change.field, change.key.as_deref());
        change.origin = declared.as_ref().map_or(Origin::Own, |at| definition.origin(at));
        change.at = declared;
    }
}

fn compare(before: KnownContent<'_>, after: &Payload, mask: Mask<'_>) -> Vec<FieldChange> {
    fn pair<'a, T>(_: Field, (before, after): (Option<&'a T>, &'a T)) -> Option<Change<&'a T>> {
        Some(Change { before: before?, after })
    }
    changes(before.zip(after.as_ref()).map(pair, pair), mask)
}

fn changes(sides: Sides<'_>, mask: Mask<'_>) -> Vec<FieldChange> {
    let changes = sides.map(
        |field, sides| text_change(field, sides?, mask).map(|change| vec![change]),
        |field, sides| Some(entry_changes(field, sides?, mask)),
    );
    changes.into_iter().filter_map(|(_, changes)| changes).flatten().collect()
}

fn text_change(field: Field, sides: Change<&Nullable<String>>, mask: Mask<'_>) -> Option<FieldChange> {
    let Change { before, after } = sides;
    let side = |text: &str| Side::Value(mask.text(field, text));
    (before != after).then(|| FieldChange {
        field,
        key: None,
        before: side(before),
        after: side(after),
        at: None,
        origin: Origin::Own,
    })
}

fn entry_changes(field: Field, sides: Change<&Nullable<Entries>>, mask: Mask<'_>) -> Vec<FieldChange> {
    let Change { before, after } = sides;
    let side = |key: &str, value: Option<&Json>| match value {
        Some(value) => Side::Value(mask.entry(field, key, value)),
        None => Side::Absent,
    };
    let mut keys: Vec<&Arc<str>> =
        before.iter().filter(|(key, value)| after.get(key) != Some(value)).map(|(key, _)| key).collect();
    keys.extend(after.keys().filter(|key| !before.contains_key(key)));
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
