//! Disks that are full and files that may not grow: old content stays, nothing is half written, the error names path and reason.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;

use crate::world::{Run, World};

/// Runs the binary where no file may have a byte, as on a full disk: writes fail, and the signal that comes with it is not the end.
fn full(world: &World, arguments: &[&str]) -> Run {
    limited(world, 0, arguments)
}

/// Runs the binary where no file may have more than so many blocks of 512 or 1,024 bytes.
fn limited(world: &World, blocks: u32, arguments: &[&str]) -> Run {
    let mut command = std::process::Command::new("sh");
    let binary = world.command(arguments);
    let script = format!("ulimit -f {blocks} && exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(binary.get_program()).args(binary.get_args());
    command.current_dir(world.path(".")).env_clear();
    command.envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(std::process::Stdio::null()).output().expect("the binary").into()
}

/// Reads every file below a folder.
fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path.display().to_string(), std::fs::read(&path).expect("a file"));
        }
    }
}

fn all(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(&world.path("."), &mut found);
    found
}

/// A world in which each command that writes has something to write, over what is there.
fn world() -> World {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description:    two");
    for file in ["plan.json", "report.html", "report.json", "keys.yaml", "back.json"] {
        world.write(file, "");
    }
    world.write("keys.yaml", "kind: Keys\n");
    world.write("plan.json", "old");
    world.write("report.html", "old");
    world
}

#[test]
fn every_file_that_cannot_be_written_keeps_its_old_content_and_is_named() {
    let cases: [(&[&str], &str); 9] = [
        (&["plan", "--out", "plan.json"], "plan.json"),
        (&["plan", "-o", "html=report.html"], "report.html"),
        (&["drift", "-o", "json=report.json"], "report.json"),
        (&["apply", "--auto-approve", "-o", "html=report.html"], "report.html"),
        (&["apply", "--auto-approve"], "journal"),
        (&["fmt"], "clients/one.yaml"),
        (&["pin"], "clients/one.yaml"),
        (&["keys", "--write"], "keys.yaml"),
        (&["init", "new"], "new"),
    ];
    for (arguments, name) in cases {
        let world = world();
        let before = all(&world);
        let run = full(&world, arguments);
        assert_eq!(run.code, 1, "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(name) && run.stderr.contains("too large"), "{arguments:?}: {}", run.stderr);
        let mut after = all(&world);
        assert!(after.keys().all(|name| !name.contains("/.icsync-")), "{arguments:?}: {:?}", after.keys());
        after.retain(|_, content| !content.is_empty());
        let mut kept = before;
        kept.retain(|_, content| !content.is_empty());
        assert_eq!(after, kept, "{arguments:?}");
        assert_eq!(world.writes(), 0, "{arguments:?}");
    }
}

#[test]
fn an_export_that_cannot_be_written_leaves_no_definition_behind() {
    let world = world();
    world.remove("clients/one.yaml");
    let run = full(&world, &["export", "--into", "taken"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("taken") && run.stderr.contains("too large"), "{}", run.stderr);
    let mut found = BTreeMap::new();
    if world.path("taken").exists() {
        files(&world.path("taken"), &mut found);
    }
    assert!(found.is_empty(), "{:?}", found.keys());
}

#[test]
fn what_can_be_written_is_written_under_a_limit_that_suffices() {
    let world = world();
    let mut command = std::process::Command::new("sh");
    let binary = world.command(&["plan", "--out", "plan.json"]);
    command.args(["-c", "ulimit -f 1024 && exec \"$0\" \"$@\""]).arg(binary.get_program()).args(binary.get_args());
    command.current_dir(world.path(".")).envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Run::from(command.output().expect("the binary")).expect(0);
    assert!(world.read("plan.json").starts_with('{'));
}

/// Folders in which nobody may write, for the superuser neither: those of the kernel.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_named_before_anything_is_written_to_the_server() {
    let world = world();
    for arguments in [
        &["plan", "--out", "/proc/plan.json"][..],
        &["plan", "-o", "json=/proc/report.json"],
        &["apply", "--auto-approve", "-o", "html=/proc/report.html"],
        &["apply", "--auto-approve", "--journal", "/proc/runs"],
        &["init", "/proc/new"],
        // There is something to take over once nothing defines it.
        &["export", "--into", "/proc/taken"],
    ] {
        if arguments[0] == "export" {
            world.write("clients/one.yaml", "# nothing\n");
        }
        let run = world.run(arguments).expect(1);
        assert!(run.stderr.contains("/proc"), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains(".icsync-"), "{arguments:?}: {}", run.stderr);
        assert_eq!(world.writes(), 0, "{arguments:?}");
    }
}

#[test]
fn accepted_drift_is_written_into_all_files_or_none() {
    let world = World::in_sync();
    let two = world.read("clients/one.yaml").replace("name: one", "name: two").replace("\"01\"", "\"02\"");
    world.write("clients/two.yaml", &format!("{two}{}", "# a long comment\n".repeat(1_000)));
    world.apply().expect(0);
    for file in ["one", "two"] {
        world.edit(&format!("clients/{file}.yaml"), "description: one", "description: other");
    }
    let before = all(&world);
    let run = limited(&world, 4, &["drift", "--accept", "--all"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("clients/two.yaml") && run.stderr.contains("too large"), "{}", run.stderr);
    assert_eq!(all(&world), before);
    world.run(&["drift", "--accept", "--all"]).expect(0);
    world.assert_in_sync();
}
