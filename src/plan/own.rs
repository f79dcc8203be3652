//! Ownership and ignore, resolved before the diff: which content a client shall have, made of git's side and the live side.

use std::sync::Arc;

use crate::model::{
    Change, Content, Declared, DeclaredEntries, Definition, Entries, Field, FieldPath, FieldPattern, LiveClient,
    Nullable, Ownership, Payload,
};

/// The content that a live client shall have, field by field.
pub(crate) type Owned = Content<Resolved<Nullable<String>>, Resolved<Nullable<Entries>>>;

/// What one field shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved<T> {
    /// Both sides are known.
    Known {
        /// What it is.
        before: T,
        /// What it shall be.
        after: T,
    },
    /// Git says what it shall be; the server does not show what it is.
    Blind {
        /// What it shall be.
        after: T,
    },
    /// Git sets a part of it and keeps the rest; the server does not show what that is.
    Mixed,
    /// What it shall be depends on what it is, and that is not known.
    Unknown,
}

impl<T> Resolved<T> {
    /// Gives what the field shall be, if that is known.
    fn after(&self) -> Option<&T> {
        match self {
            Self::Known { after, .. } | Self::Blind { after } => Some(after),
            Self::Mixed | Self::Unknown => None,
        }
    }

    /// Gives both sides, if both are known.
    pub(super) fn sides(&self) -> Option<Change<&T>> {
        match self {
            Self::Known { before, after } => Some(Change { before, after }),
            Self::Blind { .. } | Self::Mixed | Self::Unknown => None,
        }
    }

    fn is_blind(&self) -> bool {
        matches!(self, Self::Blind { .. } | Self::Mixed)
    }
}

/// Resolves what a live client shall be under a definition.
pub(crate) fn own(definition: &Definition, live: &LiveClient) -> Owned {
    let Definition { spec, owns, .. } = definition;
    let ignore = &*definition.left_alone();
    spec.as_ref().zip(live.content.known()).zip(*owns).map(
        |field, ((declared, live), ())| own_text(field, declared.as_ref(), live, ignore),
        |field, ((declared, live), ownership)| own_entries((field, ownership), declared.as_ref(), live, ignore),
    )
}

/// Tells whether a live client has what a definition says, as far as the server shows it: whether [`own`] finds no
/// difference. Most clients are, and nothing is copied to see it.
pub(super) fn is_met(definition: &Definition, live: &LiveClient) -> bool {
    let Definition { spec, owns, .. } = definition;
    let ignore = &*definition.left_alone();
    let met = spec.as_ref().zip(live.content.known()).zip(*owns).map(
        |field, ((declared, live), ())| is_text_met(field, declared.as_ref(), live, ignore),
        |field, ((declared, live), ownership)| are_entries_met((field, ownership), declared.as_ref(), live, ignore),
    );
    met.into_iter().all(|(_, met)| met)
}

/// Names the fields that git sets and the server does not show, without copying what it shows.
pub(super) fn blind(definition: &Definition, live: &LiveClient) -> Vec<Field> {
    if live.content.unknown().is_empty() { Vec::new() } else { own(definition, live).blind() }
}

fn is_text_met(
    field: Field,
    declared: Option<&Declared<Nullable<String>>>,
    live: Option<&Nullable<String>>,
    ignore: &[FieldPattern],
) -> bool {
    let ignored = ignore.iter().any(|pattern| pattern.covers_field(field));
    match (declared.filter(|_| !ignored), live) {
        (Some(declared), Some(live)) => declared.value == *live,
        (None, _) | (_, None) => true,
    }
}

fn are_entries_met(
    (field, ownership): (Field, Ownership),
    declared: Option<&DeclaredEntries>,
    live: Option<&Nullable<Entries>>,
    ignore: &[FieldPattern],
) -> bool {
    let ignored = |key: &str| ignore.iter().any(|pattern| pattern.covers_key(field, key));
    let all_ignored = ignore.iter().any(|pattern| pattern.covers_field(field));
    let (Some(declared), Some(live)) = (declared.filter(|_| !all_ignored), live) else { return true };
    // Nearly always both are the same, often in memory.
    if *declared.values() == **live {
        return true;
    }
    let kept = |key: &str| ownership == Ownership::Listed || ignored(key) || declared.contains_key(key);
    let mut set = declared.iter().filter(|(key, _)| !ignored(key));
    set.all(|(key, declared)| live.get(key) == Some(declared.value)) && live.keys().all(|key| kept(key))
}

impl Owned {
    /// Gives the whole content, or the fields whose content cannot be known.
    pub(super) fn payload(&self) -> Result<Payload, Vec<Field>> {
        self.as_ref().map(|_, text| text.after(), |_, entries| entries.after()).complete().map(Content::cloned)
    }

    /// Gives the fields that git sets and the server does not show.
    pub(super) fn blind(&self) -> Vec<Field> {
        self.fields_where(Resolved::is_blind, Resolved::is_blind)
    }
}

/// Gives the whole content of a client that does not exist yet. What git does not manage stays unset; what it ignores
/// starts with git's value, because there is no live one to keep.
pub(super) fn fresh(definition: &Definition) -> Payload {
    definition.spec.as_ref().map(
        |_, text| text.as_ref().map(|text| text.value.clone()).unwrap_or_default(),
        |_, entries| entries.as_ref().map(|entries| entries.values().clone()).into(),
    )
}

/// Names what of the content of a client git does not hold: what an add of its definition would not write.
pub(super) fn carried(definition: &Definition, payload: &Payload) -> Vec<FieldPath> {
    let added = fresh(definition);
    let paths = payload.as_ref().zip(added.as_ref()).zip(definition.spec.as_ref()).map(
        |field, ((text, added), _)| {
            if text == added || text.is_empty() { Vec::new() } else { vec![FieldPath { field, key: None }] }
        },
        |field, ((entries, added), declared)| {
            let keys = entries.iter().filter(|(key, value)| added.get(key) != Some(value));
            let mut paths: Vec<_> = keys.map(|(key, _)| FieldPath { field, key: Some(Arc::clone(key)) }).collect();
            if declared.is_none() && !paths.is_empty() {
                paths = vec![FieldPath { field, key: None }];
            }
            paths
        },
    );
    paths.into_iter().flat_map(|(_, paths)| paths).collect()
}

fn own_text(
    field: Field,
    declared: Option<&Declared<Nullable<String>>>,
    live: Option<&Nullable<String>>,
    ignore: &[FieldPattern],
) -> Resolved<Nullable<String>> {
    let ignored = ignore.iter().any(|pattern| pattern.covers_field(field));
    let declared = declared.filter(|_| !ignored).map(|declared| declared.value.clone());
    match (declared, live.cloned()) {
        (Some(after), Some(before)) => Resolved::Known { after: before.becoming(after), before },
        (None, Some(before)) => Resolved::Known { after: before.clone(), before },
        (Some(after), None) => Resolved::Blind { after },
        (None, None) => Resolved::Unknown,
    }
}

fn own_entries(
    (field, ownership): (Field, Ownership),
    declared: Option<&DeclaredEntries>,
    live: Option<&Nullable<Entries>>,
    ignore: &[FieldPattern],
) -> Resolved<Nullable<Entries>> {
    let ignored = ignore.iter().any(|pattern| pattern.covers_field(field));
    let keeps_live = ownership == Ownership::Listed || ignore.iter().any(|pattern| pattern.touches(field));
    match (declared.filter(|_| !ignored), live.cloned()) {
        (None, Some(before)) => Resolved::Known { after: before.clone(), before },
        (None, None) => Resolved::Unknown,
        (Some(declared), Some(before)) => {
            let after = merge(field, declared, &before, ownership, ignore);
            Resolved::Known { after: before.becoming(after), before }
        }
        // Where git has nothing to say, nothing is left that could be compared.
        (Some(declared), None) if keeps_live && !says_anything(field, declared, ownership, ignore) => Resolved::Unknown,
        (Some(_), None) if keeps_live => Resolved::Mixed,
        (Some(declared), None) => Resolved::Blind { after: declared.values().clone().into() },
    }
}

/// Tells whether a declaration sets a key, or removes those that it does not list.
fn says_anything(field: Field, declared: &DeclaredEntries, ownership: Ownership, ignore: &[FieldPattern]) -> bool {
    let ignored = |key: &str| ignore.iter().any(|pattern| pattern.covers_key(field, key));
    ownership == Ownership::Exact || declared.iter().any(|(key, _)| !ignored(key))
}

fn merge(
    field: Field,
    declared: &DeclaredEntries,
    live: &Entries,
    ownership: Ownership,
    ignore: &[FieldPattern],
) -> Entries {
    let ignored = |key: &str| ignore.iter().any(|pattern| pattern.covers_key(field, key));
    let kept = live.iter().filter(|(key, _)| ownership == Ownership::Listed || ignored(key));
    let kept = kept.map(|(key, value)| (Arc::clone(key), value.clone()));
    let set = declared.iter().filter(|(key, _)| !ignored(key));
    kept.chain(set.map(|(key, declared)| (Arc::clone(key), declared.value.clone()))).collect()
}
