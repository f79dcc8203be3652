//! `runs RUN`: one run in detail, and what became of its doubt.

use serde_json::{Value, json};

use crate::review::git;
use crate::world::{Run, World};

fn only_run(world: &World) -> Value {
    let runs = world.run(&["runs", "-o", "json"]).expect(0).json();
    let runs = runs["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs[0].clone()
}

fn detail(world: &World, run: &Value) -> Value {
    world.run(&["runs", run["run"].as_str().expect("a run"), "-o", "json"]).expect(0).json()
}

#[test]
fn one_run_is_told_in_detail_with_user_commit_clients_and_outcomes() {
    let mut world = World::in_sync();
    world.set("USER", "kim");
    world.edit("clients/one.yaml", "description: one", "description: first");
    let two =
        "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\ndescription: two\n";
    world.write("clients/two.yaml", two);
    world.faults("- { operation: add, effect: answer, work: skipped, status: 400, code: 30007 }");
    let _ = world.apply();
    let run = only_run(&world);
    let name = run["run"].as_str().expect("a run");
    let Run { stdout, .. } = world.run(&["runs", name]).expect(0);
    let started = run["started"].as_str().expect("a time");
    let to_the_second = format!("{}Z", &started[.."2026-01-01T00:00:00".len()]);
    let text = stdout.replace(name, "RUN").replace(&to_the_second, "TIME").replace(world.url(), "http://sandbox");
    insta::assert_snapshot!(text, @"
    icsync run RUN · test (http://sandbox) · ended

      began   TIME
      by      kim

    1   change   one   417/1/01   applied
    2   add      two   417/1/02   failed · add of 417/1/02 failed: the server answered 400 (30007 INTEGRATOR_CLIENT_NOT_RESOLVED_FROM_GENERIC_CONFIG): GENERAL_ERROR

    2 steps: 1 applied, 1 failed
    ");
    let document = detail(&world, &run);
    assert_eq!((&document["run"]["user"], &document["run"]["run"]), (&json!("kim"), &run["run"]));
    let clients: Vec<&Value> = document["steps"].as_array().expect("steps").iter().map(|one| &one["client"]).collect();
    assert_eq!(clients, ["one", "two"], "{document}");
}

#[test]
fn a_run_of_a_tree_with_uncommitted_changes_says_so() {
    let world = World::in_sync();
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "one"]] {
        git(&world, arguments);
    }
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.apply().expect(0);
    let run = only_run(&world);
    let shown = world.run(&["runs", run["run"].as_str().expect("a run")]).expect(0).stdout;
    let commit = run["git_commit"].as_str().expect("a commit");
    assert!(shown.contains(&format!("{commit} with uncommitted changes")), "{shown}");
    assert_eq!(run["git_dirty"], json!(true));
}

#[test]
fn doubt_that_a_later_plan_has_settled_is_said_to_be_settled() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nrequests: { settle: 1ms, retries: 0 }");
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.faults("- { operation: change, effect: answer, work: skipped, status: 403 }");
    world.apply().expect(8);
    let run = only_run(&world);
    assert_eq!(run["in_doubt"], json!([1]), "{run}");
    assert!(world.run(&["runs"]).expect(0).stdout.contains("in doubt: step 1"));
    assert_eq!(detail(&world, &run)["steps"][0]["in_doubt"], true);
    world.faults("[]");
    world.run(&["plan"]).expect(0);
    let run = only_run(&world);
    assert_eq!((&run["in_doubt"], &run["settled"][0]["found"]), (&json!([]), &json!("not_applied")), "{run}");
    let told = world.run(&["runs", run["run"].as_str().expect("a run")]).expect(0).stdout;
    assert!(told.contains("settled: it did not show then") && !told.contains("reads what is there now"), "{told}");
    assert_eq!(detail(&world, &run)["steps"][0]["settled"]["found"], "not_applied");
}

#[test]
fn a_run_that_is_not_there_is_said_so() {
    let world = World::in_sync();
    let Run { stderr, .. } = world.run(&["runs", "20260101T000000Z-000000"]).expect(1);
    assert!(stderr.contains("there is no run `20260101T000000Z-000000`"), "{stderr}");
    world.run(&["runs", "../x"]).expect(1);
}

#[test]
fn hostile_users_and_answers_of_a_server_are_shown_and_not_obeyed() {
    let mut world = World::in_sync();
    world.set("USER", "kim\n::error::owned\u{1b}[31m\u{202e}");
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.faults("- { operation: change, effect: answer, work: skipped, status: 400, code: 30007, body: \"x\\n::error::y\\e[31m\" }");
    let _ = world.apply();
    let run = only_run(&world)["run"].as_str().expect("a run").to_owned();
    for arguments in [vec!["runs"], vec!["runs", &run], vec!["runs", "-o", "json"], vec!["runs", &run, "-o", "json"]] {
        let Run { stdout, stderr, .. } = world.run(&arguments).expect(0);
        let text = format!("{stdout}{stderr}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
        assert!(!text.chars().any(|one| (one.is_control() && one != '\n') || one == '\u{202e}'), "{text}");
    }
    assert_eq!(detail(&world, &only_run(&world))["run"]["user"], "kim\n::error::owned\u{1b}[31m\u{202e}");
}

#[test]
fn a_client_that_was_pruned_is_told_by_its_description() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 100 } }");
    world.write(
        "clients/one.yaml",
        "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\n",
    );
    world.run(&["apply", "--auto-approve", "--prune", "--max-deletes", "1"]).expect(0);
    let run = only_run(&world);
    let told = world.run(&["runs", run["run"].as_str().expect("a run")]).expect(0).stdout;
    assert!(told.contains("delete   \"one\" (not in git)   417/1/01   applied"), "{told}");
    let steps = detail(&world, &run)["steps"].clone();
    assert!(steps.as_array().is_some_and(|steps| steps.iter().any(|one| one["description"] == "one")), "{steps}");
}

#[test]
fn a_folder_of_journals_that_is_chosen_is_named_in_the_help_and_has_to_be_there() {
    let world = World::in_sync();
    assert_eq!(world.run(&["runs"]).expect(0).stdout, "No runs.\n", "nothing was ever applied");
    let Run { stderr, .. } = world.run(&["runs", "--journal", "nowhere"]).expect(64);
    assert!(stderr.contains("nowhere` is not a folder"), "{stderr}");
    std::fs::create_dir(world.path("my runs")).expect("a folder");
    world.run(&["runs", "--journal", "my runs"]).expect(0);
    for command in ["rollback", "runs"] {
        let Run { stderr, .. } = world.run(&[command, "20260101T000000Z-000000", "--journal", "my runs"]).expect(1);
        assert!(stderr.contains("`icsync runs --journal 'my runs'` lists them"), "{stderr}");
        let Run { stderr, .. } = world.run(&[command, "20260101T000000Z-000000"]).expect(1);
        assert!(stderr.contains("`icsync runs` lists them"), "{stderr}");
    }
}

#[test]
fn a_rollback_finds_the_journal_of_its_run_apart_from_where_it_writes_its_own() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.run(&["apply", "--auto-approve", "--journal", "earlier"]).expect(0);
    let names = |folder: &str| -> Vec<String> {
        let files = std::fs::read_dir(world.path(folder)).expect("a folder");
        files.map(|one| one.expect("a file").file_name().to_string_lossy().into_owned()).collect()
    };
    let earlier = names("earlier");
    let run = earlier[0].strip_suffix(".jsonl").expect("a journal").to_owned();
    world.run(&["rollback", &run, "--journal", "earlier", "--out", "back.json"]).expect(0);
    let back = ["apply", "back.json", "--journal", "own"];
    let refused = world.run(&back).expect(1);
    assert!(refused.stderr.contains(&format!("there is no run `{run}`")), "{refused:?}");
    world.run(&[&back[..], &["--rollback-journal", "earlier"]].concat()).expect(0);
    assert_eq!(world.clients(417)[0]["description"], "one");
    assert_eq!((names("earlier"), names("own").len()), (earlier.clone(), 1));
    assert_ne!(names("own"), earlier);
    // A plan of the definitions has no such run.
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    world.run(&["apply", "plan.json", "--journal", "own", "--rollback-journal", "nowhere"]).expect(0);
}
