//! What git says of the repository; without git, nothing.

use std::path::Path;
use std::process::{Command, Stdio};

/// Gives the commit that is checked out, if the folder is in a git repository that has one.
pub(super) fn head(folder: &Path) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["rev-parse", "--verify", "--quiet", "HEAD"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let commit = text.trim();
    (output.status.success() && commit.bytes().all(|byte| byte.is_ascii_hexdigit()) && !commit.is_empty())
        .then(|| commit.to_owned())
}
