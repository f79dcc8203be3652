//! `init`: a new repository works at once, and nothing that is there already is touched.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::world::{Run, binary};

fn run(folder: &Path, arguments: &[&str]) -> Run {
    binary(folder).args(arguments).output().expect("the binary").into()
}

fn git_init(folder: &Path) {
    let status = Command::new("git").args(["init", "--quiet"]).arg(folder).status().expect("git");
    assert!(status.success());
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).expect("a file")
}

#[test]
fn a_new_repository_is_laid_out_applies_to_its_sandbox_and_is_in_sync() {
    let folder = tempfile::tempdir().expect("a folder");
    let Run { stdout, stderr, .. } = run(folder.path(), &["init", "phones"]).expect(0);
    assert_eq!(stderr, "");
    assert!(stdout.starts_with("wrote  phones/icsync.yaml\n"), "{stdout}");
    let root = folder.path().join("phones");
    run(&root, &["validate"]).expect(0);
    run(&root, &["fmt", "--check"]).expect(0);
    let Run { stdout, .. } = run(&root, &["apply", "--auto-approve"]).expect(0);
    assert!(stdout.contains("Plan: 2 to add, 1 to change, 0 to delete"), "{stdout}");
    run(&root, &["plan", "--detailed-exitcode"]).expect(0);
    assert_eq!(read(&root, ".gitignore"), ".icsync/\n");
    let script = root.join(".github/actions/icsync/run.sh").metadata().expect("the script");
    assert_ne!(script.permissions().mode() & 0o100, 0, "scripts can be run");
}

#[test]
fn what_is_there_already_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".gitignore"), "*.tmp").expect("a file");
    std::fs::write(folder.path().join("icsync.yaml"), "# mine\n").expect("a file");
    let Run { stdout, .. } = run(folder.path(), &["init", "--ci", "none"]).expect(0);
    assert!(stdout.contains("kept   icsync.yaml\n") && stdout.contains("added  .gitignore\n"), "{stdout}");
    assert_eq!(read(folder.path(), "icsync.yaml"), "# mine\n");
    assert_eq!(read(folder.path(), ".gitignore"), "*.tmp\n.icsync/\n");
    assert!(!folder.path().join(".github").exists() && !folder.path().join(".gitlab-ci.yml").exists());
    let Run { stdout, .. } = run(folder.path(), &["init", "--ci", "none"]).expect(0);
    assert!(!stdout.contains("wrote") && !stdout.contains("added"), "{stdout}");
    assert_eq!(read(folder.path(), ".gitignore"), "*.tmp\n.icsync/\n");
}

#[test]
fn recipes_go_to_the_root_of_a_git_repository_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    git_init(folder.path());
    let Run { stderr, .. } = run(folder.path(), &["init", "phones"]).expect(0);
    assert!(stderr.starts_with("note: recipes for CI belong in the root of the git repository"), "{stderr}");
    assert!(!folder.path().join("phones/.github").exists());
    run(folder.path(), &["init", "--ci", "github"]).expect(0);
    assert!(folder.path().join(".github/workflows/icsync-review.yml").exists());
    assert!(!folder.path().join(".gitlab-ci.yml").exists());
}
