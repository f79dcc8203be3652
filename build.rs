//! Tells the program which commit it is of: `ICSYNC_COMMIT`, as packages set it, else that of the checkout a release is built
//! from. Elsewhere, and in a build of a developer, there is none.

#![expect(clippy::disallowed_methods, reason = "a build script has no other place for its environment")]

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=ICSYNC_COMMIT");
    let given = std::env::var("ICSYNC_COMMIT").ok();
    let commit = given.or_else(of_checkout).filter(|commit| !commit.trim().is_empty());
    let version = env!("CARGO_PKG_VERSION");
    let told = commit.map_or_else(|| version.to_owned(), |commit| format!("{version} ({})", commit.trim()));
    println!("cargo::rustc-env=ICSYNC_VERSION={told}");
}

/// Asks git for the commit and its date. A crate that is unpacked below another repository is not of that one.
fn of_checkout() -> Option<String> {
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if !is_release || !Path::new(".git").exists() {
        return None;
    }
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log.trim()).exists()) {
        println!("cargo::rerun-if-changed={}", log.trim());
    }
    git(&["log", "-1", "--format=%H %cs"]).and_then(|told| {
        let (commit, date) = told.trim().split_once(' ')?;
        Some(format!("{} {date}", commit.get(..12)?))
    })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}
