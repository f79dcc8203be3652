//! Two sides of one thing.

/// A thing before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change<T> {
    /// The live side.
    pub before: T,
    /// The desired side.
    pub after: T,
}
