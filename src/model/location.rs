//! Where something was written.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The path of a file relative to the folder of `icsync.yaml`, with `/` between its parts. Every value of every definition
/// has one, so it takes up as little room as can be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FilePath(Arc<Arc<str>>);

impl Deref for FilePath {
    type Target = Arc<str>;

    fn deref(&self) -> &Arc<str> {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for FilePath {
    fn from(path: T) -> Self {
        Self(Arc::new(path.into()))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A place in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Location {
    /// The file.
    pub file: FilePath,
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
