//! Ownership and ignore, resolved before the diff: which content a client shall have, made of git's side and the live side.

use std::sync::Arc;

use crate::model::{
    Declared, DeclaredEntries, Definition, Entries, Field, FieldPattern, LiveClient, Observed, Ownership, Payload, Spec,
};

/// The content that a live client shall have, field by field.
pub struct Owned {
    /// `Description`.
    pub description: Resolved<String>,
    /// `CMEnvironmentID`.
    pub cm_environment_id: Resolved<String>,
    /// `Policies`.
    pub policies: Resolved<Entries>,
    /// `Settings`.
    pub settings: Resolved<Entries>,
}

/// What one field shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved<T> {
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
    /// What it shall be depends on what it is, and that is not known.
    Unknown,
}

impl<T> Resolved<T> {
    /// Gives what the field shall be, if that is known.
    pub fn after(&self) -> Option<&T> {
        match self {
            Self::Known { after, .. } | Self::Blind { after } => Some(after),
            Self::Unknown => None,
        }
    }
}

/// Resolves what a live client shall be under a definition.
pub fn own(definition: &Definition, live: &LiveClient) -> Owned {
    let Definition { spec, owns, ignore, .. } = definition;
    let Spec { description, cm_environment_id, policies, settings } = spec;
    let text = |field, declared: Option<&String>, live: &Observed<String>| own_text(field, declared, live, ignore);
    Owned {
        description: text(Field::Description, description.as_ref().map(|text| &text.value), &live.description),
        cm_environment_id: text(
            Field::CmEnvironmentId,
            cm_environment_id.as_ref().map(|text| &text.value),
            &live.cm_environment_id,
        ),
        policies: own_entries(Field::Policies, policies.as_ref(), &live.policies, owns.policies, ignore),
        settings: own_entries(Field::Settings, settings.as_ref(), &live.settings, owns.settings, ignore),
    }
}

impl Owned {
    /// Gives the whole content, or the fields whose content cannot be known.
    pub fn payload(&self) -> Result<Payload, Vec<Field>> {
        let Self { description, cm_environment_id, policies, settings } = self;
        match (description.after(), cm_environment_id.after(), policies.after(), settings.after()) {
            (Some(description), Some(cm_environment_id), Some(policies), Some(settings)) => Ok(Payload {
                description: description.clone(),
                cm_environment_id: cm_environment_id.clone(),
                policies: policies.clone(),
                settings: settings.clone(),
            }),
            (description, cm_environment_id, policies, settings) => {
                let known =
                    [description.is_some(), cm_environment_id.is_some(), policies.is_some(), settings.is_some()];
                let unknown = Field::ALL.into_iter().zip(known).filter(|(_, known)| !known);
                Err(unknown.map(|(field, _)| field).collect())
            }
        }
    }

    /// Gives the fields that git sets and the server does not show.
    pub fn blind(&self) -> Vec<Field> {
        let Self { description, cm_environment_id, policies, settings } = self;
        let blind = [
            matches!(description, Resolved::Blind { .. }),
            matches!(cm_environment_id, Resolved::Blind { .. }),
            matches!(policies, Resolved::Blind { .. }),
            matches!(settings, Resolved::Blind { .. }),
        ];
        Field::ALL.into_iter().zip(blind).filter(|(_, blind)| *blind).map(|(field, _)| field).collect()
    }
}

/// Gives the whole content of a client that does not exist yet. What git does not manage starts empty; what it ignores
/// starts with git's value, because there is no live one to keep.
pub(super) fn fresh(definition: &Definition) -> Payload {
    let Spec { description, cm_environment_id, policies, settings } = &definition.spec;
    let text =
        |declared: &Option<Declared<String>>| declared.as_ref().map(|text| text.value.clone()).unwrap_or_default();
    Payload {
        description: text(description),
        cm_environment_id: text(cm_environment_id),
        policies: policies.as_ref().map(values).unwrap_or_default(),
        settings: settings.as_ref().map(values).unwrap_or_default(),
    }
}

fn own_text(
    field: Field,
    declared: Option<&String>,
    live: &Observed<String>,
    ignore: &[FieldPattern],
) -> Resolved<String> {
    let ignored = ignore.iter().any(|pattern| pattern.covers_field(field));
    let declared = declared.filter(|_| !ignored);
    match (declared, live.known()) {
        (Some(after), Some(before)) => Resolved::Known { before: before.clone(), after: after.clone() },
        (None, Some(before)) => Resolved::Known { before: before.clone(), after: before.clone() },
        (Some(after), None) => Resolved::Blind { after: after.clone() },
        (None, None) => Resolved::Unknown,
    }
}

fn own_entries(
    field: Field,
    declared: Option<&DeclaredEntries>,
    live: &Observed<Entries>,
    ownership: Ownership,
    ignore: &[FieldPattern],
) -> Resolved<Entries> {
    let ignored = ignore.iter().any(|pattern| pattern.covers_field(field));
    let keeps_live = ownership == Ownership::Listed || ignore.iter().any(|pattern| pattern.touches(field));
    match (declared.filter(|_| !ignored), live.known()) {
        (None, Some(before)) => Resolved::Known { before: before.clone(), after: before.clone() },
        (None, None) => Resolved::Unknown,
        (Some(declared), Some(before)) => {
            let after = merge(field, declared, before, ownership, ignore);
            Resolved::Known { before: before.clone(), after }
        }
        (Some(_), None) if keeps_live => Resolved::Unknown,
        (Some(declared), None) => Resolved::Blind { after: values(declared) },
    }
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
    let mut after: Entries = kept.map(|(key, value)| (Arc::clone(key), value.clone())).collect();
    let set = declared.iter().filter(|(key, _)| !ignored(key));
    after.extend(set.map(|(key, declared)| (Arc::clone(key), (*declared.value).clone())));
    after
}

fn values(declared: &DeclaredEntries) -> Entries {
    declared.iter().map(|(key, declared)| (Arc::clone(key), (*declared.value).clone())).collect()
}
