//! What goes where: one document on stdout, also on failure, and nothing that a file name or a server says is obeyed.

use crate::world::{Run, World};

/// A world in which one step of an apply fails and another is applied.
fn half_failing() -> World {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.write(
        "clients/two.yaml",
        "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"99\" }\n",
    );
    world
}

#[test]
fn a_report_that_cannot_be_written_hides_neither_outcomes_nor_the_exit_code() {
    let world = half_failing();
    let run = world.run(&["apply", "--auto-approve", "-o", "markdown=/nonexistent/x", "-o", "json"]).expect(7);
    assert_eq!(run.json()["summary"]["applied"], 1);
    assert!(
        run.stderr.contains("cannot write `/nonexistent/x`") && run.stderr.contains("1 row read"),
        "{}",
        run.stderr
    );
    let run = world.run(&["plan", "--max-changes", "0", "-o", "json=kept.json", "-o", "html=/nonexistent/x"]);
    assert_eq!((run.code, world.read("kept.json").contains("\"steps\"")), (1, true));
    world.edit("clients/one.yaml", "description: two", "description: three");
    world.run(&["plan", "--max-changes", "0", "-o", "html=/nonexistent/x"]).expect(5);
}

#[test]
fn stdout_has_one_json_document_whatever_fails() {
    let world = half_failing();
    for (arguments, code) in [
        (vec!["plan", "-o", "json", "-o", "markdown=/nonexistent/x"], 1),
        (vec!["plan", "-o", "json", "--nope"], 64),
        (vec!["plan", "-o", "json", "--select", "zz=1"], 64),
        (vec!["show", "-ojson"], 64),
        (vec!["-C", "/nonexistent", "plan", "--output=json"], 64),
        (vec!["plan", "-o", "json", "-o", "json"], 64),
    ] {
        world.run(&arguments).expect(code).json();
    }
}

#[test]
fn two_documents_for_one_place_are_a_wrong_command_line() {
    let world = World::in_sync();
    for outputs in [["markdown", "sarif"], ["markdown=a", "sarif=a"]] {
        let Run { stdout, stderr, .. } = world.run(&["plan", "-o", outputs[0], "-o", outputs[1]]).expect(64);
        assert_eq!(stdout, "");
        assert!(stderr.contains("two documents would be written to"), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn hostile_file_and_target_names_are_shown_and_not_obeyed() {
    let world = World::in_sync();
    let name = "clients/x\n::error::owned\n\u{1b}[31m\u{9b}.yaml";
    world.write(name, "kind: IntegratorClient\nname: a\n");
    let broken = world.run(&["validate"]).expect(3);
    world.write(name, "kind: IntegratorClient\nname: a\nscope: { telsys: 417, partition: 1, device: \"02\" }\n");
    world.edit("icsync.yaml", "default_target: test", "default_target: \"p\\e[31m\\n::error::x\"");
    world.edit("icsync.yaml", "  test:", "  \"p\\e[31m\\n::error::x\":");
    let valid = world.run(&["validate"]).expect(0);
    world.apply().expect(0);
    let pinned = world.run(&["pin"]).expect(0);
    let missing = world.run(&["show", "no\n::error::such"]).expect(1);
    for Run { stdout, stderr, .. } in [broken, valid, pinned, missing] {
        let text = format!("{stdout}{stderr}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
        assert!(!text.chars().any(|one| one.is_control() && one != '\n'), "{text}");
    }
}
