//! `apply`: in sync, change one thing, look at the plan, end in sync.

use icsync::sandbox::Operation;
use serde_json::json;

use crate::world::{ESTATE, ONE, Run, World};

const TWO: &str =
    "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\ndescription: new\n";

#[test]
fn a_world_in_sync_has_nothing_to_do_and_sends_no_write() {
    let world = World::in_sync();
    insta::assert_snapshot!(world.plan(), @r"
    icsync plan · test (http://sandbox) · prune: report

    No changes: 1 unchanged, 0 unmanaged
    ");
    world.forget();
    world.apply().expect(0);
    assert_eq!((world.writes(), world.count(Operation::List), world.count(Operation::Info)), (0, 1, 1));
}

#[test]
fn every_kind_of_edit_ends_in_sync_and_leaves_foreign_clients_alone() {
    let edits: &[(&str, &str)] = &[
        ("description: one", "description: another"),
        ("description: one", "description: null"),
        ("\"ui::a\": true", "\"ui::a\": \"true\""),
        ("\"ui::a\": true, ", ""),
        ("settings: { \"ui::a\": true, \"ui::b\": text }", "settings: {}"),
        (
            "policies: { \"core::a\": true }",
            "policies: { \"core::a\": true, \"n\": 12345678901234567890123, \"f\": 1.50 }",
        ),
        ("policies: { \"core::a\": true }", "policies: { deep: { list: [1, { a: null }], text: \"ünïcode\" } }"),
        ("description: one", "description: one\ncm_environment_id: \"d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613\""),
        ("device: \"01\"", "device: \"02\""),
        ("name: one", "name: renamed"),
        ("description: one", "state: absent"),
    ];
    for (from, to) in edits {
        let world = World::in_sync();
        world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 100 } }");
        let foreign = world.clients(426);
        world.edit("clients/one.yaml", from, to);
        world.apply().expect(0);
        world.assert_in_sync();
        assert_eq!(world.clients(426), foreign, "{to}");
    }
}

#[test]
fn an_add_learns_its_id_and_reads_back_what_it_wrote() {
    let world = World::in_sync();
    world.write(
        "clients/plus.yaml",
        "kind: IntegratorClient\nname: plus\nscope: { telsys: 417, partition: 1, device: \"+44\" }\ndescription: new\n",
    );
    world.forget();
    let outcome = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0).json();
    assert_eq!(outcome["outcomes"][0]["outcome"], "applied");
    let id = outcome["outcomes"][0]["id"].as_str().expect("an id");
    let added: Vec<_> = world.clients(417).into_iter().filter(|client| client["scope"]["device"] == "+44").collect();
    assert_eq!(added[0]["id"], json!(id));
    let counts = [Operation::List, Operation::Info, Operation::Add].map(|operation| world.count(operation));
    assert_eq!(counts, [3, 2, 1]);
}

#[test]
fn a_change_costs_the_read_before_the_write_and_the_read_back() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.forget();
    world.apply().expect(0);
    let counts = [Operation::List, Operation::Info, Operation::Change].map(|operation| world.count(operation));
    assert_eq!(counts, [1, 3, 1]);
}

#[test]
fn without_a_terminal_and_without_approval_nothing_is_written() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let run = world.run(&["apply"]).expect(5);
    assert!(run.stderr.contains("--auto-approve"), "{}", run.stderr);
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_lost_answer_of_an_add_makes_no_second_client() {
    for effect in ["drop_before", "drop_after", "truncate", "html"] {
        let world = World::in_sync();
        world.faults(&format!("- {{ operation: add, nth: 1, effect: {effect} }}"));
        world.write("clients/two.yaml", "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\ndescription: new\n");
        world.apply().expect(0);
        assert_eq!(world.clients(417).len(), 2, "{effect}");
        world.assert_in_sync();
    }
}

#[test]
fn a_no_without_a_code_is_in_doubt_until_the_write_shows_and_an_add_is_not_doubled() {
    for status in [400, 401, 403, 404, 409, 429] {
        let estate = format!("{ESTATE}dialect: {{ scope_check: lenient }}\n");
        let world = World::of(&estate);
        world.write("clients/one.yaml", ONE);
        world.apply().expect(0);
        world.write("clients/two.yaml", TWO);
        let answer = |late| {
            format!("- {{ operation: add, nth: 1, effect: answer, work: done, status: {status}, late_ms: {late} }}")
        };
        world.faults(&answer(1000));
        world.apply().expect(0);
        assert_eq!(world.clients(417).len(), 2, "{status}");
        world.edit("clients/two.yaml", "\"02\"", "\"03\"");
        world.faults(&answer(60_000));
        let run = world.apply();
        // The one that asks to come back later is sent again, after more patience than late writes need here.
        let end = if status == 429 { (0, "applied") } else { (8, "unknown") };
        assert_eq!((run.code, run.stdout.contains(end.1)), (end.0, true), "{status}: {run:?}");
    }
}

/// Gives the run that an apply names.
fn named(applied: &Run) -> String {
    let (_, rest) = applied.stdout.split_once("· run ").expect("a run");
    rest.split_whitespace().next().expect("its name").to_owned()
}

#[test]
fn a_rollback_made_at_once_names_what_is_still_in_doubt() {
    let world = World::in_sync();
    world.configure(
        "manage: [{ telsys: 417 }]\nrequests: { settle: 100ms }\nlimits: { delete: { count: 9, percent: 100 } }",
    );
    world.write("clients/two.yaml", TWO);
    for (operation, description) in [("add", "one"), ("change", "uno")] {
        world.edit("clients/one.yaml", "description: one", &format!("description: {description}"));
        world.faults(&format!("- {{ operation: {operation}, effect: answer, work: skipped, status: 403 }}"));
        let run = named(&world.apply().expect(8));
        let back = world.run(&["rollback", &run]).expect(0);
        assert!(back.stdout.contains("is in doubt") && back.stdout.contains("still may be"), "{}", back.stdout);
        let notices = world.run(&["rollback", &run, "-o", "json"]).expect(0).json()["notices"].clone();
        assert_eq!(notices.as_array().map(Vec::len), Some(1), "{notices}");
    }
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nrequests: { settle: 100ms }\nprune: delete\nlimits: { delete: { count: 9, percent: 100 } }");
    world.write("clients/two.yaml", TWO);
    world.apply().expect(0);
    world.remove("clients/one.yaml");
    world.faults("- { operation: delete, effect: answer, work: skipped, status: 409 }");
    let run = named(&world.apply().expect(8));
    let back = world.run(&["rollback", &run]).expect(0).stdout;
    assert!(back.contains("417/1/01") && back.contains("is in doubt"), "{back}");
}

#[test]
fn an_apply_right_after_one_that_ended_in_doubt_waits_for_what_that_sent() {
    let world = World::of(&format!("{ESTATE}dialect: {{ scope_check: lenient }}\n"));
    world.configure("manage: [{ telsys: 417 }]\nrequests: { settle: 1s }");
    world.write("clients/one.yaml", ONE);
    world.write("clients/two.yaml", TWO);
    world.faults("- { operation: add, nth: 1, effect: answer, work: done, status: 403, late_ms: 2000 }");
    world.apply().expect(8);
    let run = world.apply().expect(0);
    assert!(run.stderr.contains("ended in doubt just now: waiting"), "{}", run.stderr);
    assert_eq!(world.clients(417).len(), 2);
}

#[test]
fn a_deadline_that_cuts_patience_short_sends_no_add_again() {
    let world = World::of(&format!("{ESTATE}dialect: {{ scope_check: lenient }}\n"));
    world.configure("manage: [{ telsys: 417 }]\nrequests: { deadline: 1s }");
    world.write("clients/one.yaml", ONE);
    world.write("clients/two.yaml", TWO);
    world.faults("- { operation: add, nth: 1, effect: answer, work: done, status: 502, late_ms: 2000 }");
    world.apply().expect(8);
    assert_eq!(world.count(Operation::Add), 1);
}

#[test]
fn a_write_that_is_confirmed_and_not_carried_out_is_partial() {
    let world = World::in_sync();
    world.faults("- { operation: change, effect: accept_without_doing }");
    world.edit("clients/one.yaml", "description: one", "description: two");
    let run = world.apply().expect(7);
    assert!(run.stdout.contains("`description`"), "{}", run.stdout);
}

#[test]
fn refusals_name_the_client_the_servers_words_and_a_next_step() {
    let mut world = World::in_sync();
    world.write("clients/x.yaml", "kind: IntegratorClient\nname: nowhere\nscope: { telsys: 417, partition: 1, device: \"0999\" }\ndescription: new\n");
    let run = world.apply().expect(7);
    assert!(
        run.stdout.contains("nowhere") && run.stdout.contains("30004") && run.stdout.contains("help:"),
        "{}",
        run.stdout
    );
    world.remove("clients/x.yaml");
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.set("CCS_API_KEY", "read-key");
    let run = world.apply().expect(4);
    assert!(run.stdout.contains("one") && run.stdout.contains("30000"), "{}", run.stdout);
}

#[test]
fn a_wrong_key_a_dead_server_and_an_unknown_host_are_said_clearly() {
    let mut world = World::in_sync();
    world.set("CCS_API_KEY", "mistyped-key");
    let run = world.run(&["plan"]).expect(4);
    assert!(
        run.stdout.is_empty() && !run.stderr.contains("mistyped-key") && run.stderr.contains("help:"),
        "{}",
        run.stderr
    );
    let json = world.run(&["plan", "-o", "json"]).expect(4).json();
    assert_eq!(json["error"]["code"], "not_permitted");
    world.set("CCS_API_KEY", "test-key");
    let url = world.url().to_owned();
    world.edit("icsync.yaml", &url, "http://127.0.0.1:9");
    let run = world.run(&["plan"]).expect(1);
    assert!(run.stderr.contains("127.0.0.1:9"), "{}", run.stderr);
}

#[test]
fn runs_are_listed_in_the_order_in_which_they_began_also_within_one_second() {
    let world = World::in_sync();
    for round in 0..6 {
        world.write("clients/one.yaml", &ONE.replace("description: one", &format!("description: one {round}")));
        world.apply().expect(0);
    }
    let runs = world.run(&["runs", "-o", "json"]).expect(0).json();
    let began = runs["runs"].as_array().expect("runs").iter().map(|run| run["started"].as_str().expect("a time"));
    let began: Vec<jiff::Timestamp> = began.map(|time| time.parse().expect("a time")).collect();
    assert!(began.len() == 6 && began.is_sorted(), "{began:?}");
}

#[test]
fn a_replace_that_may_delete_and_not_add_is_applied_in_part() {
    let world = World::of(ESTATE);
    world.write("clients/one.yaml", ONE);
    world.apply().expect(0);
    world.run(&["pin"]).expect(0);
    world.edit("clients/one.yaml", "device: \"01\"", "device: \"02\"");
    world.faults("- { operation: add, effect: answer, status: 400, code: 30000 }");
    let run = world.run(&["apply", "--auto-approve", "--max-deletes", "1"]).expect(7);
    assert!(run.stdout.contains("is deleted, and could not be added"), "{}", run.stdout);
}
