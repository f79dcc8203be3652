//! Commits, and where a folder lies in its repository.

use std::path::Path;
use std::process::Stdio;

use super::command::{command, line};
use super::error::RevisionError;

/// Gives where a folder lies below the root of its repository, with a slash at the end; nothing for the root itself.
pub(crate) fn prefix(folder: &Path) -> Result<String, RevisionError> {
    let output = command(folder).args(["rev-parse", "--show-prefix"]).stdin(Stdio::null()).output();
    let output = output.map_err(|error| RevisionError::NoGit(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    Err(RevisionError::NoRepository { folder: folder.display().to_string(), words })
}

/// Gives the full name of the commit that a name means.
pub(crate) fn commit(folder: &Path, name: &str) -> Result<String, RevisionError> {
    let wanted = format!("{name}^{{commit}}");
    match line(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])? {
        Some(commit) => Ok(commit),
        None => {
            let shallow = line(folder, &["rev-parse", "--is-shallow-repository"])?.as_deref() == Some("true");
            Err(RevisionError::Unknown { name: name.to_owned(), shallow })
        }
    }
}

/// Gives the commit that is checked out, if the folder is in a git repository that has one.
pub(crate) fn head(folder: &Path) -> Option<String> {
    let commit = line(folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).ok()??;
    (commit.bytes().all(|byte| byte.is_ascii_hexdigit()) && !commit.is_empty()).then_some(commit)
}

/// Gives where the branch of the working tree left the one it is meant for: the merge base of HEAD and its upstream,
/// else of HEAD and the default branch of `origin`.
pub(crate) fn default_base(folder: &Path) -> Result<Option<String>, RevisionError> {
    prefix(folder)?;
    let mut cut = None;
    for upstream in ["@{upstream}", "origin/HEAD"] {
        if let Some(base) = line(folder, &["merge-base", "HEAD", upstream])? {
            return Ok(Some(base));
        }
        let name = line(folder, &["rev-parse", "--verify", "--quiet", "--abbrev-ref", upstream])?;
        cut = cut.or(name.filter(|name| !name.is_empty()));
    }
    cut.map_or(Ok(None), |upstream| Err(RevisionError::NoMergeBase(upstream)))
}
