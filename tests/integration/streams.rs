//! `-` stands for stdin and stdout, and `--quiet` is quiet.

use std::io::Write as _;
use std::process::Stdio;

use crate::world::{ONE, Run, World};

fn with_stdin(world: &World, arguments: &[&str], stdin: &str) -> Run {
    let mut command = world.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary");
    // Who refuses the command line does not read.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
    child.wait_with_output().expect("an end").into()
}

fn changed() -> World {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: first");
    world
}

#[test]
fn a_plan_goes_through_a_pipe_from_plan_to_apply() {
    let world = changed();
    let saved = world.run(&["plan", "--out", "-"]).expect(0);
    assert!(saved.json()["digest"].is_string() && !saved.stderr.contains("saved: apply"), "{saved:?}");
    let shown = with_stdin(&world, &["show", "-"], &saved.stdout).expect(0);
    assert!(shown.stdout.contains("Plan: 0 to add, 1 to change"), "{shown:?}");
    with_stdin(&world, &["plan", "--check", "-"], &saved.stdout).expect(0);
    let applied = with_stdin(&world, &["apply", "-"], &saved.stdout).expect(0);
    assert!(applied.stdout.contains("Apply: 1 applied, 0 failed"), "{applied:?}");
    assert!(!world.path("-").exists());
}

#[test]
fn stdout_takes_one_document_however_it_is_named() {
    let world = changed();
    assert!(world.run(&["plan", "-o", "json=-"]).expect(0).json()["steps"].is_array());
    world.run(&["plan", "--out", "-", "-o", "json=-"]).expect(64);
    world.run(&["plan", "--out", "-", "-o", "text"]).expect(64);
    world.run(&["plan", "--out", "-", "-o", "markdown=plan.md"]).expect(0).json();
    assert!(world.read("plan.md").contains("one"));
    world.run(&["plan", "-o", "json=./-"]).expect(0);
    assert!(world.path("-").exists(), "`./-` is a file");
}

#[test]
fn definitions_are_laid_out_through_a_pipe() {
    let world = World::in_sync();
    let laid = with_stdin(&world, &["fmt", "-"], "name: a\nkind: Profile\n").expect(0);
    assert_eq!(laid.stdout, "kind: Profile\nname: a\n");
    let again = with_stdin(&world, &["fmt", "-"], &laid.stdout).expect(0);
    assert_eq!(again.stdout, laid.stdout);
    with_stdin(&world, &["fmt", "--check", "-"], "name: a\nkind: Profile\n").expect(2);
    with_stdin(&world, &["fmt", "-", "clients/one.yaml"], ONE).expect(64);
}

#[test]
fn what_cannot_come_from_stdin_says_so() {
    let world = World::in_sync();
    let run = with_stdin(&world, &["plan", "--config", "-"], "kind: Config\n").expect(64);
    assert!(run.stderr.contains("cannot come from stdin"), "{run:?}");
    let store = ["sandbox", "serve", "--estate", "-", "--data", "-"];
    assert!(with_stdin(&world, &store, "").expect(64).stderr.contains("a store is no stream"));
    let both = ["sandbox", "serve", "--estate", "-", "--faults", "-"];
    assert!(with_stdin(&world, &both, "").expect(64).stderr.contains("only one file"));
}

#[test]
fn quiet_leaves_what_was_asked_for_and_errors() {
    let world = changed();
    world.write("clients/two.yaml", "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\nsettings: { \"ui::aa\": true }\n");
    world.apply().expect(0);
    let run = world.run(&["runs", "-o", "json"]).expect(0).json()["runs"][0]["run"].as_str().expect("a run").to_owned();
    world.edit("clients/one.yaml", "description: first", "description: one");
    for (arguments, code) in [
        (vec!["plan"], 0),
        (vec!["plan", "--out", "saved.plan"], 0),
        (vec!["drift"], 2),
        (vec!["validate"], 0),
        (vec!["list"], 0),
        (vec!["keys", "--write"], 0),
        (vec!["fmt"], 0),
        (vec!["show", "saved.plan"], 0),
        (vec!["show", "--covering", "417/1/01", "--target", "test"], 0),
        (vec!["runs"], 0),
        (vec!["runs", &run], 0),
        (vec!["rollback", &run, "--max-deletes", "1", "--out", "back.plan"], 0),
        (vec!["export", "--into", "exported"], 0),
        (vec!["pin"], 0),
        (vec!["apply", "--auto-approve"], 0),
    ] {
        let quiet = world.run(&[&["-q"], arguments.as_slice()].concat()).expect(code);
        assert_eq!(quiet.stderr, "", "{arguments:?}");
    }
    let failed = world.run(&["-q", "plan", "--target", "nope"]);
    assert!(failed.code != 0 && failed.stderr.contains("error: "), "{failed:?}");
}
