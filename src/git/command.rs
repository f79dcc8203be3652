//! The `git` program itself.

use std::io::{BufRead as _, BufReader};
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

/// Runs git for records that end with a zero byte, and hands each on as it comes, so that they never stand in memory together. The
/// first that is refused ends git.
pub(super) fn records(
    folder: &Path,
    arguments: &[&str],
    mut take: impl FnMut(&[u8]) -> Result<(), RevisionError>,
) -> Result<(), RevisionError> {
    let unread = |error: std::io::Error| RevisionError::Git(error.to_string());
    let mut command = command(folder);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| RevisionError::NoGit(error.to_string()))?;
    let taken = (|| {
        let mut answer = BufReader::new(child.stdout.take().ok_or_else(|| unread(std::io::Error::other("no pipe")))?);
        let mut record = Vec::new();
        while answer.read_until(0, &mut record).map_err(unread)? > 0 {
            take(record.strip_suffix(&[0]).unwrap_or(&record))?;
            record.clear();
        }
        Ok(())
    })();
    if taken.is_err() {
        // It is not heard any more; it may have ended by itself.
        let _ = child.kill();
    }
    let ended = child.wait().map_err(unread)?;
    taken?;
    if ended.success() { Ok(()) } else { Err(RevisionError::Git(format!("`git {}` failed", arguments[0]))) }
}

/// Runs git for one line of text; `None` means that it said no.
pub(super) fn line(folder: &Path, arguments: &[&str]) -> Result<Option<String>, RevisionError> {
    let text = bytes(folder, arguments)?.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text.map(|text| text.trim().to_owned()))
}
