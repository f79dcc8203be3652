//! Paths of files in messages.

use std::path::Path;

use super::visible::visible;

/// Shows a path in a line of text.
pub(crate) fn path(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
