//! The `git` program itself.

use std::path::Path;
use std::process::{Command, Stdio};

use super::error::RevisionError;

/// What git gets of the environment besides its own variables.
const PASSED_ON: [&str; 9] =
    ["PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "LC_ALL", "XDG_CONFIG_HOME"];

/// Prepares git for the repository that a folder lies in. What a hook's environment says of another one is not heard, and
/// what git and the programs that it is configured to start have no use for, such as the key of a server, they do not get.
pub(super) fn command(folder: &Path) -> Command {
    let passes = |name: &str| PASSED_ON.contains(&name) || name.starts_with("GIT_");
    let mut command = Command::new("git");
    command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(passes)));
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
