//! Values of fields that may never have been set.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Entries, Json};

/// The value of a field, or the null of one that nobody set, which reads as empty. Null and empty mean the same and are
/// equal; they differ in what is sent: a server may refuse an empty value where it shows null.
#[derive(Clone)]
pub(crate) struct Nullable<T>(Option<T>);

/// What has an empty value.
pub(crate) trait Empty: Default + PartialEq + Clone + 'static {
    /// The value that stands for nothing.
    const EMPTY: &'static Self;
}

impl Empty for String {
    const EMPTY: &'static Self = &String::new();
}

impl Empty for Entries {
    const EMPTY: &'static Self = &Entries::new();
}

impl<T> Default for Nullable<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Nullable<T> {
    /// Tells whether nobody set it.
    pub(crate) fn is_null(&self) -> bool {
        self.0.is_none()
    }

    /// Borrows what is set, which may be empty.
    pub(crate) fn set(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T: Empty> Nullable<T> {
    /// Gives what takes its place: itself where nothing changes, so that null stays null.
    pub(crate) fn becoming(&self, after: impl Into<Self>) -> Self {
        let after = after.into();
        if *self == after { self.clone() } else { after }
    }
}

impl<T: fmt::Debug> fmt::Debug for Nullable<T> {
    /// Shows the value as it is, or `null`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.set() {
            Some(value) => value.fmt(f),
            None => f.write_str("null"),
        }
    }
}

impl<T: Empty> Deref for Nullable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.set().unwrap_or(T::EMPTY)
    }
}

impl<T: Empty> DerefMut for Nullable<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Empty> PartialEq for Nullable<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Empty + Eq> Eq for Nullable<T> {}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl FromIterator<(Arc<str>, Json)> for Nullable<Entries> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Json)>>(entries: I) -> Self {
        Entries::from_iter(entries).into()
    }
}

#[cfg(test)]
impl From<&str> for Nullable<String> {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}
