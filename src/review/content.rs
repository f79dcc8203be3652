//! What differs between the contents of two definitions.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Declared, DeclaredEntries, DeclaredValue, Entries, Field, Json, Nullable, Origin, Spec};
use crate::plan::{FieldChange, Side};
use crate::redact::{Mask, Shown};

/// Compares content. A field that one side does not manage is absent there, which is not the same as empty.
pub(super) fn content(old: Option<&Spec>, new: Option<&Spec>, mask: Mask<'_>) -> Vec<FieldChange> {
    let nothing = Spec::default();
    let sides = if old.is_some() && new.is_some() { OnSides::Both } else { OnSides::One };
    let (old, new) = (old.unwrap_or(&nothing), new.unwrap_or(&nothing));
    let changes = old.as_ref().zip(new.as_ref()).map(
        |field, (old, new)| Vec::from_iter(text(field, old.as_ref(), new.as_ref(), mask)),
        |field, (old, new)| entries((field, sides), old.as_ref(), new.as_ref(), mask),
    );
    changes.into_iter().flat_map(|(_, changes)| changes).collect()
}

fn text(
    field: Field,
    old: Option<&Declared<Nullable<String>>>,
    new: Option<&Declared<Nullable<String>>>,
    mask: Mask<'_>,
) -> Option<FieldChange> {
    if old.map(|old| &old.value) == new.map(|new| &new.value) {
        return None;
    }
    let side = |text: Option<&Declared<Nullable<String>>>| match text {
        Some(text) => Side::Value(mask.text(field, &text.value)),
        None => Side::Absent,
    };
    let at = new.or(old).map(|declared| declared.at.clone());
    Some(FieldChange { field, key: None, before: side(old), after: side(new), at, origin: Origin::Own })
}

/// Whether a client is on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnSides {
    /// It comes or goes as a whole.
    One,
    Both,
}

fn entries(
    (field, sides): (Field, OnSides),
    old: Option<&DeclaredEntries>,
    new: Option<&DeclaredEntries>,
    mask: Mask<'_>,
) -> Vec<FieldChange> {
    if let (Some(old), Some(new)) = (old, new)
        && old.values() == new.values()
    {
        return Vec::new();
    }
    let keys: BTreeSet<&Arc<str>> = old.into_iter().chain(new).flat_map(DeclaredEntries::keys).collect();
    let mut changes = Vec::new();
    if old.is_some() != new.is_some() && (keys.is_empty() || sides == OnSides::Both) {
        let managed = |side: Option<&DeclaredEntries>| match side {
            Some(_) => Side::Value(Shown::Plain(Json::from(Entries::new()))),
            None => Side::Absent,
        };
        changes.push(FieldChange {
            field,
            key: None,
            before: managed(old),
            after: managed(new),
            at: None,
            origin: Origin::Own,
        });
    }
    for key in keys {
        let (before, after) = (old.and_then(|old| old.get(key)), new.and_then(|new| new.get(key)));
        changes.extend(entry(field, key, before, after, mask));
    }
    changes
}

fn entry(
    field: Field,
    key: &Arc<str>,
    old: Option<DeclaredValue<'_>>,
    new: Option<DeclaredValue<'_>>,
    mask: Mask<'_>,
) -> Option<FieldChange> {
    if let (Some(old), Some(new)) = (old, new)
        && old.value == new.value
    {
        return None;
    }
    let side = |value: Option<DeclaredValue<'_>>| match value {
        Some(one) => Side::Value(mask.entry(field, key, one.value)),
        None => Side::Absent,
    };
    let at = new.or(old).map(|one| one.at());
    let key = Some(Arc::clone(key));
    Some(FieldChange { field, key, before: side(old), after: side(new), at, origin: Origin::Own })
}
