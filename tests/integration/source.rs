//! A source that is not whole never prunes, and is the same from disk and from git.

use std::process::Command;

use serde_json::Value;

use crate::review::git;
use crate::world::World;

fn definition(name: &str, device: &str) -> String {
    format!(
        "kind: IntegratorClient\nname: {name}\nscope: {{ telsys: 417, partition: 1, device: \"{device}\" }}\ndescription: {name}\n"
    )
}

/// A world in sync with three definitions in two folders, all in git, that prunes.
fn pruning() -> World {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nprune: delete\nlimits: { delete: { count: 99, percent: 100 } }");
    world.write("clients/a/two.yaml", &definition("two", "02"));
    world.write("clients/b/three.yml", &definition("three", "03"));
    world.apply().expect(0);
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    assert_eq!(world.clients(417).len(), 3);
    world
}

fn refused(world: &World, file: &str) {
    let run = world.run(&["plan", "-o", "json"]).expect(5);
    let finding = &run.json()["guard"]["findings"][0];
    assert_eq!(finding["rule"], "source", "{finding}");
    let text = world.run(&["plan"]).expect(5).stdout;
    assert!(text.contains(file) && text.contains("help: check them out"), "{text}");
    world.apply().expect(5);
    assert_eq!(world.clients(417).len(), 3);
}

#[test]
fn a_file_that_no_pattern_reads_is_a_mistake_and_deletes_nothing() {
    let world = pruning();
    for name in ["c3.json", "c3.YAML", "c3.Yml", ".c3.yaml", ".drafts/c3.yml"] {
        std::fs::create_dir_all(world.path("clients/.drafts")).expect("a folder");
        std::fs::rename(world.path("clients/b/three.yml"), world.path(&format!("clients/{name}"))).expect("a move");
        let run = world.run(&["validate"]).expect(3);
        assert!(run.stderr.contains("IC0008") && run.stderr.contains(name), "{}", run.stderr);
        world.apply().expect(3);
        assert_eq!(world.clients(417).len(), 3);
        std::fs::rename(world.path(&format!("clients/{name}")), world.path("clients/b/three.yml")).expect("a move");
    }
    world.run(&["validate"]).expect(0);
}

#[test]
fn a_run_with_prune_refuses_definitions_that_nothing_reads() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 100, count: 9 } }");
    let two = definition("two", "02");
    world.write("clients/two.yaml", &two);
    world.apply().expect(0);
    std::fs::remove_file(world.path("clients/two.yaml")).expect("a file");
    world.write("archive/two.yaml", &two);
    world.run(&["plan", "--prune", "--out", "plan.json"]).expect(3);
    let run = world.run(&["apply", "--prune", "--auto-approve"]).expect(3);
    assert!(run.stderr.contains("IC0008") && run.stderr.contains("archive/two.yaml"), "{}", run.stderr);
    // What is only told is no reason to refuse, and a saved plan is planned again as it was.
    world.run(&["plan"]).expect(0);
    std::fs::remove_file(world.path("archive/two.yaml")).expect("a file");
    world.run(&["plan", "--prune", "--out", "plan.json"]).expect(0);
    world.write("archive/two.yaml", &two);
    assert!(world.run(&["apply", "plan.json"]).expect(3).stderr.contains("IC0008"));
    assert_eq!(world.clients(417).len(), 2);
    std::fs::remove_file(world.path("archive/two.yaml")).expect("a file");
    world.run(&["apply", "plan.json"]).expect(0);
    assert_eq!(world.clients(417).len(), 1);
}

#[test]
fn a_file_that_was_cut_off_deletes_nothing_and_one_that_is_commented_out_is_warned_of() {
    let world = pruning();
    world.write("clients/a/two.yaml", "\n");
    assert!(world.run(&["validate"]).expect(3).stderr.contains("IC0010"));
    world.apply().expect(3);
    assert_eq!(world.clients(417).len(), 3);
    world.write("clients/a/two.yaml", "# kind: IntegratorClient\n");
    assert!(world.run(&["plan"]).expect(0).stdout.contains("IC0010"));
    world.run(&["plan", "--strict"]).expect(3);
}

#[test]
fn what_a_sparse_checkout_left_out_refuses_every_delete() {
    let world = pruning();
    git(&world, &["sparse-checkout", "set", "--no-cone", "/*", "!/clients/b/"]);
    assert!(!world.path("clients/b/three.yml").exists());
    refused(&world, "clients/b/three.yml");
    for command in [&["drift"][..], &["diff", "HEAD"], &["export", "--into", "out"]] {
        let said = world.run(command).stderr;
        assert!(said.contains("1 file of definitions that are not checked out here"), "{command:?} {said}");
    }
    git(&world, &["sparse-checkout", "disable"]);
    // What was exported beside the definitions would be taken for some that moved.
    assert!(world.run(&["plan"]).expect(3).stderr.contains("IC0008"));
    std::fs::remove_dir_all(world.path("out")).expect("a folder");
    world.assert_in_sync();
    git(&world, &["sparse-checkout", "set", "--cone", "clients/a"]);
    // The cone keeps the files of the folders above.
    refused(&world, "clients/b/three.yml");
}

#[test]
fn what_git_was_told_to_look_away_from_refuses_every_delete() {
    for (mark, unmark) in [("--skip-worktree", "--no-skip-worktree"), ("--assume-unchanged", "--no-assume-unchanged")] {
        let world = pruning();
        git(&world, &["update-index", mark, "clients/a/two.yaml"]);
        world.assert_in_sync();
        world.remove("clients/a/two.yaml");
        refused(&world, "clients/a/two.yaml");
        git(&world, &["update-index", unmark, "clients/a/two.yaml"]);
        // A file that somebody removed is gone on purpose.
        assert_eq!(world.run(&["plan", "-o", "json"]).expect(0).json()["summary"]["delete"], 1);
    }
}

#[test]
fn a_submodule_that_was_not_fetched_refuses_every_delete() {
    let world = pruning();
    let other = World::in_sync();
    other.write("three.yml", &definition("three", "03"));
    git(&other, &["init", "--quiet"]);
    git(&other, &["add", "."]);
    git(&other, &["commit", "--quiet", "-m", "one"]);
    git(&world, &["rm", "--quiet", "-r", "clients/b"]);
    let from = other.path(".").display().to_string();
    git(&world, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, "clients/b"]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    git(&world, &["submodule", "--quiet", "deinit", "--all", "--force"]);
    refused(&world, "clients/b");
}

/// Gives the names that a diff with an empty tree adds, of a commit and of the working tree.
fn added(world: &World, base: &str, head: Option<&str>) -> Vec<String> {
    let mut arguments = vec!["diff", base];
    arguments.extend(head);
    arguments.extend(["-o", "json"]);
    let diff = world.run(&arguments).expect(0).json();
    let clients = diff["clients"].as_array().expect("clients").iter();
    clients.map(|client| client["client"].as_str().expect("a name").to_owned()).collect()
}

#[cfg(unix)]
#[test]
fn a_tree_is_the_same_from_disk_and_from_a_commit_through_all_links() {
    use std::os::unix::fs::symlink;
    let world = pruning();
    world.write("common/team/one.yaml", &definition("linked", "+44"));
    world.write("common/more.yaml", &definition("far", "09"));
    symlink("../common/team", world.path("clients/team")).expect("a link");
    symlink("far2.yaml", world.path("clients/far.yaml")).expect("a link");
    symlink("../common/more.yaml", world.path("clients/far2.yaml")).expect("a link");
    assert_eq!(added(&world, "HEAD", None), ["far", "linked"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    assert_eq!(added(&world, "HEAD~1", Some("HEAD")), ["far", "linked"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_definition_whose_name_is_no_text_is_a_mistake_on_disk_and_in_a_commit() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let world = pruning();
    let path = world.path("clients").join(OsStr::from_bytes(b"caf\xe9.yaml"));
    std::fs::copy(world.path("clients/a/two.yaml"), path).expect("a copy");
    assert!(world.run(&["validate"]).expect(3).stderr.contains("not UTF-8"));
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    assert!(world.run(&["diff", "HEAD~1", "HEAD"]).expect(3).stderr.contains("not UTF-8"));
}

#[test]
fn what_is_said_of_a_source_that_is_not_whole_names_no_git_where_there_is_none() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nprune: delete\nlimits: { delete: { count: 99, percent: 100 } }");
    world.write("clients/two.yaml", &definition("two", "02"));
    world.apply().expect(0);
    world.remove("clients/two.yaml");
    let plan: Value = world.run(&["plan", "-o", "json"]).expect(0).json();
    assert_eq!(plan["summary"]["delete"], 1);
    // Where git is not installed nothing is known to be tracked.
    let mut command: Command = world.command(&["plan"]);
    let run = command.env("PATH", "").output().expect("a run");
    assert_eq!(run.status.code(), Some(0), "{run:?}");
}
