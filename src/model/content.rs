//! The content of a client: one shape, whatever is known of its fields.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Field, Observed};

/// What stands in each managed field: something about a text, or about entries by key.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Content<Text, Keyed> {
    /// `Description`: free text, not unique.
    pub description: Text,
    /// `CMEnvironmentID`: the id of a CM environment.
    pub cm_environment_id: Text,
    /// `Policies` by key.
    pub policies: Keyed,
    /// `Settings` by key.
    pub settings: Keyed,
}

impl Content<Field, Field> {
    /// Each field at its place.
    pub(crate) const FIELDS: Self = Self {
        description: Field::Description,
        cm_environment_id: Field::CmEnvironmentId,
        policies: Field::Policies,
        settings: Field::Settings,
    };
}

impl<T, K> Content<T, K> {
    /// Converts each field; what holds text comes first.
    pub(crate) fn map<U, L>(
        self,
        mut text: impl FnMut(Field, T) -> U,
        mut keyed: impl FnMut(Field, K) -> L,
    ) -> Content<U, L> {
        let Content { description, cm_environment_id, policies, settings } = Content::FIELDS.zip(self);
        let mut text = |(field, value)| text(field, value);
        let mut keyed = |(field, value)| keyed(field, value);
        Content {
            description: text(description),
            cm_environment_id: text(cm_environment_id),
            policies: keyed(policies),
            settings: keyed(settings),
        }
    }

    /// Converts each text.
    pub(crate) fn map_texts<U>(self, text: impl FnMut(Field, T) -> U) -> Content<U, K> {
        self.map(text, |_, keyed| keyed)
    }

    /// Converts all entries.
    pub(crate) fn map_entries<L>(self, keyed: impl FnMut(Field, K) -> L) -> Content<T, L> {
        self.map(|_, text| text, keyed)
    }

    /// Puts two contents together, field by field.
    pub(crate) fn zip<U, L>(self, other: Content<U, L>) -> Content<(T, U), (K, L)> {
        let Self { description, cm_environment_id, policies, settings } = self;
        Content {
            description: (description, other.description),
            cm_environment_id: (cm_environment_id, other.cm_environment_id),
            policies: (policies, other.policies),
            settings: (settings, other.settings),
        }
    }

    /// Borrows each field.
    pub(crate) fn as_ref(&self) -> Content<&T, &K> {
        let Self { description, cm_environment_id, policies, settings } = self;
        Content { description, cm_environment_id, policies, settings }
    }

    /// Borrows each field to write to it.
    pub(crate) fn as_mut(&mut self) -> Content<&mut T, &mut K> {
        let Self { description, cm_environment_id, policies, settings } = self;
        Content { description, cm_environment_id, policies, settings }
    }

    /// Borrows each field as one that is known.
    pub(crate) fn as_known(&self) -> Content<Option<&T>, Option<&K>> {
        self.as_ref().map(|_, text| Some(text), |_, keyed| Some(keyed))
    }

    /// Gives what holds text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (Field, &T)> {
        self.as_ref().map(|field, text| Some((field, text)), |_, _| None).into_iter().filter_map(|(_, one)| one)
    }

    /// Gives what holds entries.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Field, &K)> {
        self.as_ref().map(|_, _| None, |field, keyed| Some((field, keyed))).into_iter().filter_map(|(_, one)| one)
    }

    /// Names the fields of which something is true.
    pub(crate) fn fields_where(
        &self,
        mut text: impl FnMut(&T) -> bool,
        mut keyed: impl FnMut(&K) -> bool,
    ) -> Vec<Field> {
        let chosen = self.as_ref().map(|_, one| text(one), |_, one| keyed(one));
        chosen.into_iter().filter(|(_, chosen)| *chosen).map(|(field, _)| field).collect()
    }
}

impl<V> Content<V, V> {
    /// Gives what stands in a field.
    pub(crate) fn get(self, field: Field) -> V {
        let Self { description, cm_environment_id, policies, settings } = self;
        match field {
            Field::Description => description,
            Field::CmEnvironmentId => cm_environment_id,
            Field::Policies => policies,
            Field::Settings => settings,
        }
    }
}

impl<V> IntoIterator for Content<V, V> {
    type Item = (Field, V);
    type IntoIter = std::array::IntoIter<(Field, V), { Field::ALL.len() }>;

    fn into_iter(self) -> Self::IntoIter {
        let Content { description, cm_environment_id, policies, settings } = Content::FIELDS.zip(self);
        [description, cm_environment_id, policies, settings].into_iter()
    }
}

impl<T, K> Content<Option<T>, Option<K>> {
    /// Gives the whole content, or the fields that are missing.
    pub(crate) fn complete(self) -> Result<Content<T, K>, Vec<Field>> {
        let missing = self.fields_where(Option::is_none, Option::is_none);
        match self {
            Self {
                description: Some(description),
                cm_environment_id: Some(cm_environment_id),
                policies: Some(policies),
                settings: Some(settings),
            } => Ok(Content { description, cm_environment_id, policies, settings }),
            Self { .. } => Err(missing),
        }
    }
}

impl<T, K> Content<Observed<T>, Observed<K>> {
    /// Gives what is known.
    pub(crate) fn known(&self) -> Content<Option<&T>, Option<&K>> {
        self.as_ref().map(|_, text| text.known(), |_, keyed| keyed.known())
    }

    /// Names the fields that are not known.
    pub(crate) fn unknown(&self) -> Vec<Field> {
        self.known().fields_where(Option::is_none, Option::is_none)
    }

    /// Fills in what an older reading knows of fields that this one does not.
    #[must_use]
    pub(crate) fn or(self, older: Self) -> Self {
        self.zip(older).map(|_, (text, older)| text.or_else(|| older), |_, (keyed, older)| keyed.or_else(|| older))
    }

    /// Says of each field that nobody has asked for why it is not known.
    #[must_use]
    pub(crate) fn or_unreadable(self, reason: impl Fn(Field) -> Arc<str>) -> Self {
        self.map(
            |field, text| text.or_else(|| Observed::Unreadable { reason: reason(field) }),
            |field, keyed| keyed.or_else(|| Observed::Unreadable { reason: reason(field) }),
        )
    }
}

impl<T: Clone, K: Clone> Content<&T, &K> {
    /// Copies each field.
    pub(crate) fn cloned(self) -> Content<T, K> {
        self.map(|_, text| text.clone(), |_, keyed| keyed.clone())
    }
}

impl<T, K> std::fmt::Debug for Content<T, K> {
    /// Shows no values: they may be sensitive.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content(..)")
    }
}
