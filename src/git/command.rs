//! The `git` program itself.

use std::path::Path;
use std::process::{Command, Stdio};

use super::error::RevisionError;

/// Prepares git for the repository that a folder lies in. What a hook's environment says of another one is not heard.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    command
}

/// Runs git; `None` means that it said no.
pub(super) fn bytes(folder: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, RevisionError> {
    let output = command(folder).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.map_err(|error| RevisionError::NoGit(error.to_string()))?;
    Ok(output.status.success().then_some(output.stdout))
}

/// Runs git for one line of text; `None` means that it said no.
pub(super) fn line(folder: &Path, arguments: &[&str]) -> Result<Option<String>, RevisionError> {
    let text = bytes(folder, arguments)?.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text.map(|text| text.trim().to_owned()))
}
