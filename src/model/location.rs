//! Where something was written.

use std::fmt;
use std::sync::Arc;

/// A place in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Location {
    /// The path relative to the folder of `icsync.yaml`, with `/` between its parts.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

impl fmt::Display for Location {
    /// Writes `clients/desks.yaml:9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A value together with the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared<T> {
    /// The value.
    pub value: T,
    /// Where it was written: the profile's line when a profile set it.
    pub at: Location,
}
