//! What is known of a live field: its value, or why there is none.

use std::sync::Arc;

/// A field of a live client as far as it was seen. Unknown is neither absent nor equal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Observed<T> {
    /// The server returned the field.
    Known(T),
    /// Nobody has asked for the field yet: the row comes from a list that lacks it.
    #[default]
    Unread,
    /// The server was asked and did not return the field.
    Unreadable {
        /// What the server said or left out, for a person.
        reason: Arc<str>,
    },
}

impl<T> Observed<T> {
    /// Gives the value if it is known.
    pub(crate) fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unread | Self::Unreadable { .. } => None,
        }
    }

    /// Converts a known value.
    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Known(value) => Observed::Known(convert(value)),
            Self::Unread => Observed::Unread,
            Self::Unreadable { reason } => Observed::Unreadable { reason },
        }
    }

    /// Borrows the value.
    pub(crate) fn as_ref(&self) -> Observed<&T> {
        match self {
            Self::Known(value) => Observed::Known(value),
            Self::Unread => Observed::Unread,
            Self::Unreadable { reason } => Observed::Unreadable { reason: Arc::clone(reason) },
        }
    }

    /// Fills in what is missing: a value that is not known, or why it is not.
    #[must_use]
    pub(crate) fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Known(_) => self,
            Self::Unread => other(),
            Self::Unreadable { .. } => match other() {
                known @ Self::Known(_) => known,
                Self::Unread | Self::Unreadable { .. } => self,
            },
        }
    }
}
