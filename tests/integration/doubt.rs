//! What a run left open: how it is told, and when it is settled.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{ONE, Run, World};

/// A definition that says so little that a plan needs no details of the client.
const ONLY: &str =
    "kind: IntegratorClient\nname: one\nscope: { telsys: 417, partition: 1, device: \"01\" }\ndescription: one\n";

fn apply(world: &World, code: i32) -> String {
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(code).json();
    run["run"].as_str().expect("a run").to_owned()
}

fn told(world: &World, run: &str) -> Value {
    world.run(&["runs", run, "-o", "json"]).expect(0).json()["run"].clone()
}

/// A world in sync whose definition says nothing but a description.
fn brief() -> World {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nrequests: { settle: 100ms, retries: 0 }");
    world.write("clients/one.yaml", ONLY);
    world
}

#[test]
fn doubt_that_turned_out_applied_is_settled_by_the_next_plan_apply_or_rollback() {
    for command in ["plan", "apply", "rollback"] {
        let world = brief();
        world.edit("clients/one.yaml", "description: one", "description: first");
        world.faults("- { operation: change, effect: answer, work: done, status: 502, late_ms: 500 }");
        let run = apply(&world, 8);
        assert_eq!(told(&world, &run)["in_doubt"], json!([1]));
        std::thread::sleep(Duration::from_millis(700));
        world.faults("[]");
        let _ = match command {
            "plan" => world.run(&["plan", "--detailed-exitcode"]).expect(0),
            "apply" => world.apply().expect(0),
            _ => world.run(&["rollback", &run]).expect(0),
        };
        let after = told(&world, &run);
        assert_eq!((&after["in_doubt"], &after["settled"][0]["found"]), (&json!([]), &json!("applied")), "{command}");
        let Run { stdout, .. } = world.run(&["runs"]).expect(0);
        assert!(stdout.contains("was in doubt: step 1") && stdout.contains("it was applied"), "{command}: {stdout}");
    }
}

#[test]
fn doubt_about_a_client_that_was_not_read_is_not_settled() {
    let world = brief();
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.faults("- { operation: change, effect: answer, work: skipped, status: 502 }");
    let run = apply(&world, 8);
    std::thread::sleep(Duration::from_millis(300));
    world.faults("[]");
    // The boundary is elsewhere: what is there now nobody has looked at.
    world.configure("manage: [{ telsys: 426 }]\nrequests: { settle: 100ms, retries: 0 }");
    world.write("clients/one.yaml", "kind: IntegratorClient\nname: b\nscope: { telsys: 426, partition: 1 }\n");
    world.run(&["plan"]).expect(0);
    assert_eq!(told(&world, &run)["in_doubt"], json!([1]));
}

#[test]
fn a_killed_run_is_told_by_what_was_begun_and_not_as_if_nothing_had_been() {
    let world = brief();
    world.edit("clients/one.yaml", "description: one", "description: first");
    for (name, device) in [("two", "02"), ("three", "03")] {
        let text = ONLY.replace("one", name).replace("\"01\"", &format!("\"{device}\""));
        world.write(&format!("clients/{name}.yaml"), &text);
    }
    world.run(&["apply", "--auto-approve", "--parallelism", "1"]).expect(0);
    let runs = world.run(&["runs", "-o", "json"]).expect(0).json();
    let run = runs["runs"][0]["run"].as_str().expect("a run").to_owned();
    // As a kill leaves it: the first step was sent, and nothing more is noted.
    let journal = format!(".icsync/runs/{run}.jsonl");
    let lines: Vec<String> = world.read(&journal).lines().take(2).map(|line| format!("{line}\n")).collect();
    world.write(&journal, &lines.concat());
    let list = world.run(&["runs"]).expect(0).stdout;
    assert!(list.contains("killed, 3 steps: 1 in doubt, 2 not begun"), "{list}");
    let detail = world.run(&["runs", &run]).expect(0).stdout;
    assert!(detail.contains("not noted · in doubt") && detail.contains("3 steps: 1 in doubt, 2 not begun"), "{detail}");
    std::thread::sleep(Duration::from_millis(300));
    world.run(&["plan"]).expect(0);
    let list = world.run(&["runs"]).expect(0).stdout;
    assert!(list.contains("killed, 3 steps: 1 settled later, 2 not begun"), "{list}");
}

#[test]
fn a_replace_whose_add_was_refused_is_certain_and_its_way_back_is_a_saved_plan() {
    for code in [30004, 10101] {
        let world = World::in_sync();
        world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 100 } }");
        let pinned = format!("{}id: \"00000000000000aa:1:1:1\"\n", ONE.replace("\"01\"", "\"02\""));
        world.write("clients/one.yaml", &pinned);
        world.faults(&format!("- {{ operation: add, effect: answer, work: skipped, status: 400, code: {code} }}"));
        let shown = world.apply().expect(7).stdout;
        let run = world.run(&["runs", "-o", "json"]).expect(0).json()["runs"][0]["run"].clone();
        let run = run.as_str().expect("a run");
        // Pasted, each command goes to the server of the run, whichever is the default one.
        let way = format!(
            "run `icsync apply --target test` again, or bring the old client back: `icsync rollback {run} --out back.json \
             --target test`, then `icsync apply back.json --target test`"
        );
        assert!(shown.contains("lost") && shown.contains(&way), "{shown}");
        // The desk that has nothing now is the old one.
        let outcome = shown.split_once("icsync apply · ").expect("outcomes").1;
        assert!(outcome.contains("417/1/01 → …/02"), "{outcome}");
        world.faults("[]");
        // The journal calls it what apply called it.
        let list = world.run(&["runs"]).expect(0).stdout;
        assert!(list.contains("1 failed · 1 client lost"), "{list}");
        let run_shown = world.run(&["runs", run]).expect(0).stdout;
        assert!(run_shown.contains("417/1/01 → …/02") && run_shown.contains("lost · "), "{run_shown}");
        let back = world.run(&["rollback", run, "--out", "back.json"]).expect(0);
        assert!(!back.stdout.contains("in doubt") && back.stdout.contains("1 to add"), "{}", back.stdout);
        assert!(back.stderr.contains(&format!("turn back in git too what run {run} was to apply")), "{}", back.stderr);
        world.run(&["apply", "back.json"]).expect(0);
        assert_eq!(world.clients(417)[0]["description"], "one");
    }
}

#[test]
fn only_sensitive_values_that_a_run_took_away_are_said_to_be_beyond_a_rollback() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.ui::b\"]\nlimits: { delete: { percent: 100 } }");
    world.edit("clients/one.yaml", "description: one", "description: first");
    let run = apply(&world, 0);
    assert_eq!(told(&world, &run)["left_out_sensitive"], 0);
    world.edit("clients/one.yaml", "\"ui::b\": text", "\"ui::b\": other");
    let run = apply(&world, 0);
    assert_eq!(told(&world, &run)["left_out_sensitive"], 1);
    let said =
        "1 sensitive value that the run changed or deleted was left out of the journal: a rollback cannot restore it";
    assert!(world.run(&["runs", &run]).expect(0).stdout.contains(said));
    world.edit("clients/one.yaml", "name: one", "name: one\nstate: absent");
    let run = apply(&world, 0);
    assert_eq!(told(&world, &run)["left_out_sensitive"], 1);
}

#[test]
fn a_run_that_certainly_wrote_nothing_names_no_way_back() {
    for (fault, code, names) in [
        ("effect: answer, status: 400, code: 10101", 7, false),
        ("effect: answer, work: skipped, status: 502", 8, true),
        ("effect: accept_without_doing", 7, true),
    ] {
        let world = brief();
        world.edit("clients/one.yaml", "description: one", "description: first");
        world.faults(&format!("- {{ operation: change, {fault} }}"));
        let run = world.apply().expect(code);
        assert_eq!(run.stdout.contains("  icsync rollback "), names, "{fault}: {}", run.stdout);
        assert!(run.stdout.contains("  icsync plan "), "{fault}: {}", run.stdout);
    }
}

#[test]
fn a_write_that_is_turned_away_says_whose_word_that_is_and_how_long_to_wait() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.configure("manage: [{ telsys: 417 }]\nrequests: { settle: 1ms, retries: 0, deadline: 20s }");
    let told = |fault: &str| {
        world.faults(&format!("- {{ operation: change, effect: answer, work: skipped, {fault} }}"));
        world.apply().expect(8).stdout
    };
    let envelope = r#"status: 400, body: '{"Result":"Failure","ErrorCode":10999}'"#;
    let shown = told(envelope);
    assert!(shown.contains("the server says no, and not with a code") && !shown.contains("a proxy"), "{shown}");
    let shown = told("status: 400, body: 'go away'");
    assert!(shown.contains("so it may be that of a proxy"), "{shown}");
    let shown = told("status: 429, retry_after: 600");
    assert!(shown.contains("it asks to wait 600 s"), "{shown}");
}
