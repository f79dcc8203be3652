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
    assert!(stdout.contains("\n  icsync -C phones apply "), "{stdout}");
    assert!(stdout.starts_with("wrote  phones/icsync.yaml\n"), "{stdout}");
    let Run { stdout, .. } = run(folder.path(), &["-C", "phones", "init", "far away"]).expect(0);
    assert!(stdout.contains("\n  icsync -C 'phones/far away' apply "), "{stdout}");
    let root = folder.path().join("phones");
    std::fs::remove_dir_all(root.join("far away")).expect("a folder");
    run(&root, &["validate"]).expect(0);
    run(&root, &["fmt", "--check"]).expect(0);
    let Run { stdout, .. } = run(&root, &["apply", "--auto-approve"]).expect(0);
    assert!(stdout.contains("Plan: 2 to add, 1 to change, 0 to delete"), "{stdout}");
    run(&root, &["plan", "--detailed-exitcode"]).expect(0);
    assert_eq!(read(&root, ".gitignore"), ".icsync/\n.icsync-ci/\nplan.json\n");
    let script = root.join(".github/actions/icsync/install.sh").metadata().expect("the script");
    assert_ne!(script.permissions().mode() & 0o100, 0, "scripts can be run");
}

#[test]
fn what_is_there_already_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".gitignore"), "*.tmp").expect("a file");
    std::fs::write(folder.path().join("icsync.yaml"), "# mine\n").expect("a file");
    let Run { stdout, .. } = run(folder.path(), &["init", "--ci", "none"]).expect(0);
    assert!(stdout.contains("kept   icsync.yaml\n") && stdout.contains("added  .gitignore\n"), "{stdout}");
    assert!(!folder.path().join("clients").exists(), "whoever has a configuration wants no example: {stdout}");
    assert!(stdout.ends_with("next:\n  icsync plan   the configuration is as it was\n"), "{stdout}");
    assert_eq!(read(folder.path(), "icsync.yaml"), "# mine\n");
    assert_eq!(read(folder.path(), ".gitignore"), "*.tmp\n.icsync/\n.icsync-ci/\nplan.json\n");
    assert!(!folder.path().join(".github").exists() && !folder.path().join(".gitlab-ci.yml").exists());
    let Run { stdout, .. } = run(folder.path(), &["init", "--ci", "none"]).expect(0);
    assert!(!stdout.contains("wrote") && !stdout.contains("added"), "{stdout}");
    assert_eq!(read(folder.path(), ".gitignore"), "*.tmp\n.icsync/\n.icsync-ci/\nplan.json\n");
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

const PINNED: [&str; 4] = [
    "--from",
    "https://example.com/icsync.tar.gz",
    "--sha256",
    "ABCDEF0000000000000000000000000000000000000000000000000000000000",
];

#[test]
fn a_server_and_where_icsync_comes_from_are_filled_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let named = ["init", "--url", "https://ccs.example.org/"];
    let Run { stdout, .. } = run(folder.path(), &[&named[..], &PINNED].concat()).expect(0);
    assert!(!stdout.contains("sandbox") && !stdout.contains("--from"), "{stdout}");
    let config = read(folder.path(), "icsync.yaml");
    assert!(config.contains("default_target: prod\n") && config.contains("url: https://ccs.example.org\n"), "{config}");
    assert!(!folder.path().join("clients").exists(), "an example may name somebody's desk: {stdout}");
    let Run { stderr, .. } = run(folder.path(), &["validate"]).expect(3);
    assert!(stderr.contains("take over what the server has with `icsync export`"), "{stderr}");
    run(folder.path(), &["fmt", "--check", "icsync.yaml"]).expect(0);
    for recipe in [".github/actions/icsync/action.yml", ".gitlab-ci.yml"] {
        let text = read(folder.path(), recipe);
        assert!(text.contains("ICSYNC_URL: \"https://example.com/icsync.tar.gz\" # where"), "{text}");
        assert!(text.contains("ICSYNC_SHA256: \"abcdef0000"), "{text}");
    }
}

#[test]
fn an_address_that_is_none_and_one_without_a_digest_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [
        &["init", "--url", "ccs.example.com"][..],
        &["init", "--url", "https://ccs.example.com/CCS"],
        &["init", "--from", "https://example.com/icsync"],
        &["init", "--from", "https://example.com/icsync", "--sha256", "abc"],
        &["init", "--from", "icsync", "--sha256", PINNED[3]],
    ] {
        run(folder.path(), arguments).expect(64);
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn an_update_is_a_patch_that_keeps_what_was_set() {
    let folder = tempfile::tempdir().expect("a folder");
    git_init(folder.path());
    run(folder.path(), &[&["init", "--ci", "gitlab"][..], &PINNED].concat()).expect(0);
    let update = ["init", "--update", "--ci", "gitlab"];
    let Run { stdout, stderr, .. } = run(folder.path(), &update).expect(0);
    assert_eq!((&*stdout, &*stderr), ("", "recipes and schemas are what this version writes\n"));
    std::fs::write(folder.path().join("patch"), stdout).expect("a file");
    let mut apply = Command::new("git");
    apply.current_dir(folder.path()).args(["apply", "--allow-empty", "patch"]);
    assert!(apply.status().expect("git").success(), "nothing to take over is no mistake");
    let path = folder.path().join(".gitlab-ci.yml");
    let written = read(folder.path(), ".gitlab-ci.yml").replace("[prod]", "[prod, lab]");
    let older = written.replace("# One after the other", "# Only one").replace("timeout", "time");
    let older = older.replace("Exactly the plan", "The plan");
    std::fs::write(&path, older).expect("a file");
    let Run { stdout, stderr, .. } = run(folder.path(), &update).expect(0);
    assert!(stdout.starts_with("--- a/.gitlab-ci.yml\n+++ b/.gitlab-ci.yml\n") && !stdout.contains("lab]"), "{stdout}");
    assert!(stderr.contains("`icsync init --update --ci gitlab | git apply --allow-empty`"), "{stderr}");
    std::fs::write(folder.path().join("patch"), stdout).expect("a file");
    let status = Command::new("git").current_dir(folder.path()).args(["apply", "patch"]).status().expect("git");
    assert!(status.success());
    assert_eq!(read(folder.path(), ".gitlab-ci.yml"), written);
    let elsewhere = ["--from", "https://example.com/a b", "--sha256", PINNED[3]];
    let Run { stderr, .. } = run(folder.path(), &[&["init", "--update"][..], &elsewhere].concat()).expect(0);
    let again = format!(
        "`icsync init --update --from https://example.com/a%20b --sha256 {} | git apply",
        PINNED[3].to_lowercase()
    );
    assert!(stderr.contains(&again), "{stderr}");
    let Run { stderr, .. } = run(folder.path(), &["init", "--update", "--ci", "github"]).expect(0);
    assert!(stderr.starts_with("not there, `icsync init` writes it: .github/actions/icsync/action.yml"), "{stderr}");
}

#[test]
fn the_configuration_is_found_from_a_folder_below_in_the_same_repository_and_from_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["init", "phones"]).expect(0);
    let phones = folder.path().join("phones");
    let below = phones.join("clients");
    // Without git nothing says where a repository ends.
    run(&below, &["validate"]).expect(3);
    git_init(&phones);
    let valid = run(&phones, &["validate"]).expect(0).stdout;
    assert_eq!(run(&below, &["validate"]).expect(0).stdout, valid);
    assert_eq!(run(folder.path(), &["-C", "phones/clients", "validate"]).expect(0).stdout, valid);
    run(&below, &["apply", "--auto-approve"]).expect(0);
    assert!(phones.join(".icsync/runs").is_dir() && !below.join(".icsync").exists());
    // A repository inside another is one of its own.
    git_init(&below);
    run(&below, &["validate"]).expect(3);
    std::fs::rename(phones.join("icsync.yaml"), phones.join("icsync.yml")).expect("a move");
    let missing = run(&phones, &["validate"]).expect(3).stderr;
    assert!(missing.contains("`icsync.yml` is there") && !missing.contains(" 1 |"), "{missing}");
}
