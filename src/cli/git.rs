//! What git says of the repository; without git, nothing.

use std::path::Path;
use std::process::Stdio;

use crate::manifest::git_command;

/// Gives where a folder lies below the root of its git repository, with a slash at the end; nothing for the root itself,
/// and without git.
pub(super) fn folder(folder: &Path) -> String {
    output(folder, &["rev-parse", "--show-prefix"]).unwrap_or_default().trim_end_matches('\n').to_owned()
}

/// Gives the commit that is checked out, if the folder is in a git repository that has one.
pub(super) fn head(folder: &Path) -> Option<String> {
    let text = output(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let commit = text.trim();
    (commit.bytes().all(|byte| byte.is_ascii_hexdigit()) && !commit.is_empty()).then(|| commit.to_owned())
}

fn output(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = git_command(folder);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}
