//! Saved plans, journals, the guard, and the way back.

use serde_json::{Value, json};

use crate::world::{ONE, Run, World};

/// Nine clients and their definitions, all in sync.
fn nine() -> World {
    let join = |line: fn(u32) -> String| (1..=9).map(line).collect::<Vec<_>>().concat();
    let devices = join(|number| format!("\n          - {{ number: \"0{number}\", description: D }}"));
    let clients =
        join(|number| format!("\n  - {{ telsys: 417, partition: 1, device: \"0{number}\", description: d{number} }}"));
    let estate = format!(
        "telephony_servers:\n  - id: 417\n    partitions:\n      - id: 1\n        devices:{devices}\nusers:\n  - {{ username: a, password: b, api_key: test-key }}\nclients:{clients}\n"
    );
    let world = World::of(&estate);
    let definitions = join(|number| {
        format!(
            "---\nkind: IntegratorClient\nname: d{number}\nscope: {{ telsys: 417, partition: 1, device: \"0{number}\" }}\n\
             description: d{number}\n"
        )
    });
    world.write("clients/all.yaml", &definitions);
    world.assert_in_sync();
    world
}

fn contents(world: &World) -> Vec<(Value, Value)> {
    let mut all: Vec<_> = world
        .clients(417)
        .into_iter()
        .map(|client| (client["scope"]["device"].clone(), client["description"].clone()))
        .collect();
    all.sort_by_key(|(device, _)| device.to_string());
    all
}

#[test]
fn an_emptied_tree_is_an_error_and_never_a_plan() {
    let world = nine();
    world.write("clients/all.yaml", "");
    world.run(&["apply", "--auto-approve", "--prune"]).expect(3);
    world.remove("clients/all.yaml");
    world.run(&["apply", "--auto-approve", "--prune"]).expect(3);
    assert_eq!(world.clients(417).len(), 9);
}

#[test]
fn nine_of_nine_deletes_are_refused_then_allowed_then_rolled_back() {
    let world = nine();
    let before = contents(&world);
    world.edit("clients/all.yaml", "kind: IntegratorClient", "state: absent\nkind: IntegratorClient");
    let run = world.run(&["plan"]).expect(5);
    assert!(run.stdout.contains("--max-deletes 9"), "{}", run.stdout);
    let run = world.apply().expect(5);
    assert!(run.stderr.contains("--max-deletes 9"), "{}", run.stderr);
    assert_eq!(world.clients(417).len(), 9);
    let run = world.run(&["apply", "--auto-approve", "--max-deletes", "9", "-o", "json"]).expect(0);
    assert!(world.clients(417).is_empty());
    let name = run.json()["run"].as_str().expect("a run").to_owned();
    let back = world.run(&["rollback", &name, "--out", "back.plan"]).expect(0);
    assert!(back.stderr.contains("`icsync apply back.plan`"), "{}", back.stderr);
    assert!(back.stderr.contains("turn back in git too"), "{}", back.stderr);
    world.run(&["apply", "back.plan"]).expect(0);
    assert_eq!(contents(&world), before);
    assert!(world.run(&["runs"]).expect(0).stdout.contains("rolls back"));
}

#[test]
fn a_rollback_writes_nothing_that_manage_does_not_hold_any_more() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: changed");
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0).json()["run"]
        .as_str()
        .expect("a run")
        .to_owned();
    world.run(&["rollback", &run, "--out", "before.plan"]).expect(0);
    world.configure("manage: [{ telsys: 426 }]");
    let other = "kind: IntegratorClient\nname: other\nscope: { telsys: 426, partition: 1 }\ndescription: foreign\n";
    world.write("clients/one.yaml", other);
    let writes = world.writes();
    world.forget();
    let back = world.run(&["rollback", &run, "--out", "back.plan"]).expect(0);
    assert!(back.stdout.contains("`manage` does not hold it any more"), "{}", back.stdout);
    assert!(back.stdout.contains("list it in `manage` again"), "{}", back.stdout);
    let asked = world.records(|one| one.path.clone());
    assert!(!asked.iter().any(|path| path.contains("/telsys/417/")), "nothing of it is read: {asked:?}");
    world.run(&["apply", "back.plan"]).expect(7);
    let Run { stderr, .. } = world.run(&["apply", "before.plan"]).expect(6);
    assert!(stderr.contains("`manage` does not hold it any more"), "{stderr}");
    assert_eq!((world.writes(), writes), (0, 1));
}

#[test]
fn a_saved_plan_is_applied_once_and_then_is_stale() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "p.json"]).expect(0);
    let shown = world.run(&["show", "p.json"]).expect(0).stdout;
    assert_eq!(shown.replace(world.url(), "http://sandbox"), world.plan());
    world.run(&["apply", "p.json"]).expect(0);
    world.assert_in_sync();
    let writes = world.writes();
    let again = world.run(&["apply", "p.json"]).expect(6);
    assert!(again.stderr.contains("has applied it already"), "{}", again.stderr);
    assert_eq!(world.writes(), writes);
    let run = again.stderr.split("run ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a run").to_owned();
    world.run(&["rollback", &run, "--out", "back.plan"]).expect(0);
    world.run(&["apply", "back.plan"]).expect(0);
    world.edit("clients/one.yaml", "description: two", "description: three");
    let after = world.run(&["apply", "p.json"]).expect(6).stderr;
    assert!(after.contains("has applied it already, and ") && after.contains(" turned that back"), "{after}");
    assert!(!after.contains(&format!("icsync rollback {run}")), "{after}");
    world.edit("clients/one.yaml", "description: three", "description: two");
    let again = world.run(&["apply", "p.json"]).expect(0).stderr;
    assert!(again.contains(&format!("warning: this plan was applied by run {run} and turned back by run ")), "{again}");
}

#[test]
fn a_saved_plan_that_was_stopped_says_how_the_rest_is_applied() {
    let world = nine();
    world.edit("clients/all.yaml", "description: d", "description: new-d");
    world.run(&["plan", "--out", "p.json"]).expect(0);
    world.faults("- { operation: change, nth: 3, effect: answer, status: 400, code: 30009 }");
    world.run(&["apply", "p.json", "--parallelism", "1", "--waves", "3,rest"]).expect(7);
    world.faults("[]");
    let again = world.run(&["apply", "p.json"]).expect(6);
    assert!(again.stderr.contains("has applied a part of it already"), "{}", again.stderr);
    assert!(again.stderr.contains("`--steps 3-9` applies the rest of it"), "{}", again.stderr);
    world.run(&["apply", "p.json", "--steps", "3-9"]).expect(0);
    world.assert_in_sync();
}

#[test]
fn a_saved_plan_that_was_applied_in_parts_names_all_runs_that_did_a_part() {
    let world = nine();
    world.edit("clients/all.yaml", "description: d", "description: new-d");
    world.run(&["plan", "--out", "p.json"]).expect(0);
    let run = |step: &str| {
        let run = world.run(&["apply", "p.json", "--steps", step, "-o", "json"]).expect(0).json();
        run["run"].as_str().expect("a run").to_owned()
    };
    let runs = [run("1"), run("2")];
    let again = world.run(&["apply", "p.json", "--steps", "2"]).expect(6);
    assert!(again.stderr.contains("have applied parts of it already"), "{}", again.stderr);
    assert!(runs.iter().all(|run| again.stderr.contains(run.as_str())), "{}", again.stderr);
    assert!(again.stderr.contains("`--steps 3-9` applies the rest of it"), "{}", again.stderr);
    assert!(again.stderr.contains("icsync runs RUN") && !again.stderr.contains("rollback"), "{}", again.stderr);
    run("3-9");
    let again = world.run(&["apply", "p.json"]).expect(6);
    assert!(again.stderr.contains("have applied all of it already"), "{}", again.stderr);
    assert!(again.stderr.contains("nothing of it is left"), "{}", again.stderr);
}

#[test]
fn a_live_object_that_changed_makes_a_saved_plan_stale_and_the_message_names_it() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "p.json"]).expect(0);
    let body = json!({ "Description": "one", "CMEnvironmentID": "", "Policies": { "core::a": true }, "Settings": { "ui::a": false } });
    let path = "telsys/417/partition/1/device/01/integratorClient/00000000000000aa:1:1:1";
    assert_eq!(world.send("PUT", path, &body.to_string()), 204);
    world.forget();
    let run = world.run(&["apply", "p.json"]).expect(6);
    assert!(run.stderr.contains("one") && run.stderr.contains("ui::a"), "{}", run.stderr);
    assert_eq!(world.writes(), 0);
}

#[test]
fn an_edited_foreign_or_unsigned_plan_is_refused() {
    let mut world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "p.json"]).expect(0);
    let text = world.read("p.json");
    world.write("edited.json", &text.replace("two", "three"));
    world.run(&["apply", "edited.json"]).expect(6);
    world.set("ICSYNC_PLAN_KEY", "");
    let Run { stderr, .. } = world.run(&["apply", "p.json"]).expect(3);
    assert!(stderr.contains("ICSYNC_PLAN_KEY is set and empty"), "{stderr}");
    world.set("ICSYNC_PLAN_KEY", "k");
    world.run(&["apply", "p.json"]).expect(6);
    world.run(&["plan", "--out", "signed.json", "-o", "json=same.json"]).expect(0);
    assert_eq!(world.read("signed.json"), world.read("same.json"));
    world.run(&["apply", "signed.json"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_report_is_written_to_pipes_and_through_links_and_never_in_their_place() {
    use std::os::unix::fs::FileTypeExt as _;
    let world = World::in_sync();
    world.write("real.json", "old");
    std::os::unix::fs::symlink("real.json", world.path("link.json")).expect("a link");
    world.run(&["plan", "-o", "json=link.json"]).expect(0);
    assert!(world.path("link.json").is_symlink());
    assert!(world.read("real.json").starts_with('{'));
    let pipe = world.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).expect("a report")
    });
    world.run(&["plan", "-o", "json=pipe"]).expect(0);
    assert!(reader.join().expect("a reader").starts_with('{'));
    assert!(pipe.metadata().expect("metadata").file_type().is_fifo());
}

#[test]
fn a_pin_that_cannot_be_looked_for_is_never_added_a_second_time() {
    let world = World::in_sync();
    // The pinned client is beyond what is listed first.
    world.write(
        "clients/one.yaml",
        &ONE.replace("device: \"01\" }", "device: \"02\" }\nid: \"00000000000000aa:1:1:1\""),
    );
    world.configure("requests: { retries: 0 }\nlimits: { delete: { percent: 100 } }");
    world.faults("- { operation: list, telsys: -1, effect: answer, status: 503 }");
    world.run(&["plan"]).expect(1);
    world.faults("[]");
    assert!(world.run(&["plan"]).expect(0).stdout.contains("outside the boundary"));
    let refused = "- { operation: list, telsys: -1, effect: answer, status: 400, code: 30008 }";
    world.faults(refused);
    let Run { stdout, .. } = world.run(&["plan"]).expect(0);
    assert!(stdout.contains("Plan: 0 to add, 0 to change, 0 to delete") && stdout.contains("1 blocked"), "{stdout}");
    assert!(stdout.contains("is not in the boundary, and the server refuses to list more"), "{stdout}");
    // Once something holds the scope it is bound, as after every replace.
    world.faults("[]");
    world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 100 } }");
    world.apply().expect(0);
    world.configure("");
    world.faults(refused);
    world.assert_in_sync();
}

#[cfg(unix)]
#[test]
fn plans_and_journals_are_readable_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "p.json", "-o", "json=same.json"]).expect(0);
    world.apply().expect(0);
    let journal =
        std::fs::read_dir(world.path(".icsync/runs")).expect("a folder").next().expect("a file").expect("a file");
    for path in [world.path("p.json"), world.path("same.json"), journal.path()] {
        assert_eq!(std::fs::metadata(path).expect("metadata").permissions().mode() & 0o777, 0o600);
    }
}

#[cfg(unix)]
#[test]
fn what_is_kept_beside_the_configuration_is_private_and_no_business_of_git_for_every_kind_of_target() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: std::path::PathBuf| std::fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.apply().expect(0);
    let sandbox = World::in_sync();
    sandbox.write("estate.yaml", crate::world::ESTATE);
    sandbox.write(
        "icsync.yaml",
        "kind: Config\ntargets: { local: { sandbox: { data: .icsync/sandbox.db, estate: estate.yaml } } }\n",
    );
    sandbox.run(&["plan"]).expect(0);
    assert_eq!(mode(sandbox.path(".icsync/sandbox.db")), 0o600);
    for world in [&world, &sandbox] {
        assert_eq!(mode(world.path(".icsync")), 0o700);
        assert_eq!((world.read(".icsync/.gitignore").as_str(), mode(world.path(".icsync/.gitignore"))), ("*\n", 0o600));
    }
}

#[test]
fn a_damaged_journal_is_not_rolled_back_as_if_it_were_whole() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0);
    let name = run.json()["run"].as_str().expect("a run").to_owned();
    let path = format!(".icsync/runs/{name}.jsonl");
    world.write(&path, &world.read(&path).replace("\"two\"", "\"six\""));
    let Run { stderr, .. } = world.run(&["rollback", &name]).expect(1);
    assert!(stderr.contains("is damaged from line 2 on"), "{stderr}");
}

#[test]
fn a_client_that_is_listed_and_not_found_is_not_taken_for_gone() {
    let world = World::in_sync();
    world.write(
        "clients/one.yaml",
        "kind: IntegratorClient\nname: x\nscope: { telsys: 417, partition: 1, device: \"02\" }\nstate: absent\n",
    );
    world.faults("- { operation: info, effect: answer, status: 404, code: 30003 }");
    let Run { stdout, .. } = world.run(&["apply", "--auto-approve", "--prune"]).expect(7);
    assert!(stdout.contains("says that it is not found"), "{stdout}");
    assert_eq!((world.writes(), world.clients(417).len()), (0, 1));
}

#[test]
fn a_protected_client_is_never_changed_or_deleted() {
    let world = World::in_sync();
    let protect = "protect: [{ id: \"00000000000000aa:1:1:1\" }]\nlimits: { delete: { percent: 100 } }";
    world.configure(&format!("manage: [{{ telsys: 417 }}]\n{protect}"));
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.apply().expect(5);
    world.edit("clients/one.yaml", "name: one", "name: one\nstate: absent");
    world.apply().expect(5);
    world.write(
        "clients/one.yaml",
        "kind: IntegratorClient\nname: x\nstate: absent\nscope: { telsys: 417, partition: 1, device: \"03\" }\n",
    );
    world.run(&["apply", "--auto-approve", "--prune"]).expect(0);
    assert_eq!(world.clients(417).len(), 1);
}

#[test]
fn plan_says_the_same_bytes_twice() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let plan = || world.run(&["plan", "-o", "json"]).expect(0).stdout;
    assert_eq!(plan(), plan());
    world.run(&["plan", "--out", "p.json"]).expect(0);
    assert_eq!(world.read("p.json"), plan());
}
