//! Rows that cannot be read, fields that are refused, and lists that are as few as they can be.

use icsync::sandbox::Operation;
use serde_json::Value;

use crate::world::{ESTATE, ONE, World};

fn with_odd(rows: &[(i64, &str)]) -> World {
    let rows: Vec<_> = rows.iter().map(|(telsys, row)| format!("\n  - {{ telsys: {telsys}, row: '{row}' }}")).collect();
    let rows = rows.concat();
    let world = World::of(&format!("{ESTATE}odd_rows:{rows}\n"));
    world.write("clients/one.yaml", ONE);
    world
}

const SURROGATE: &str =
    r#"{"ID":"00000000000000cc:1:1:1","Description":"\ud800","TelSysID":417,"PartitionID":1,"DeviceNumber":"03"}"#;
const HIDDEN: &str = r#"{"ID":"00000000000000dd:1:1:1","TelSysID":417,"PartitionID":-2,"DeviceNumber":null}"#;

#[test]
fn odd_rows_are_counted_and_named_and_stop_nobody() {
    let world = with_odd(&[(417, SURROGATE), (417, HIDDEN), (417, "17")]);
    world.edit("clients/one.yaml", "description: one", "description: two");
    let run = world.run(&["plan"]).expect(0);
    assert!(run.stderr.contains("warning: 3 rows could not be read"), "{}", run.stderr);
    assert!(run.stderr.contains("a number is where an object has to be"), "{}", run.stderr);
    for named in ["00000000000000cc:1:1:1 (417/1/03): ", "00000000000000dd:1:1:1 (telephony server 417): ", "not known"]
    {
        assert!(run.stderr.contains(named), "{}", run.stderr);
    }
    assert!(run.stdout.contains("a row of telephony server 417 could not be read"), "{}", run.stdout);
    let plan = world.run(&["plan", "-o", "json", "--out", "p.json"]).expect(0).json();
    assert_eq!(plan["unread_rows"].as_array().map(Vec::len), Some(3));
    assert_eq!(plan["unread_rows"][0]["scope"]["device"], "03");
    assert_eq!(world.run(&["show", "p.json", "-o", "json"]).expect(0).json(), plan);
    let drift = world.run(&["drift", "-o", "json"]).expect(2);
    assert!(drift.stderr.contains("3 rows could not be read"), "{}", drift.stderr);
    assert_eq!(drift.json()["unread_rows"].as_array().map(Vec::len), Some(3));
    world.apply().expect(0);
    world.assert_in_sync();
}

#[test]
fn nothing_is_pruned_and_nothing_added_twice_while_a_row_cannot_be_read() {
    let world = with_odd(&[(417, SURROGATE)]);
    world.write("clients/one.yaml", &ONE.replace("device: \"01\"", "device: \"02\"").replace("name: one", "name: two"));
    world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 100, count: 9 } }");
    let run = world.run(&["apply", "--auto-approve", "--prune"]).expect(5);
    assert!(run.stderr.contains("could not be read") && run.stderr.contains("--no-prune"), "{}", run.stderr);
    let plan = world.run(&["plan", "--prune", "--max-deletes", "9", "-o", "json"]).expect(5).json();
    assert_eq!(plan["guard"]["findings"][0]["rule"], "prune");
    // Its own row, by scope and by pin.
    let three = ONE.replace("device: \"01\"", "device: \"03\"").replace("name: one", "name: three");
    world.write("clients/one.yaml", &format!("{ONE}---{three}"));
    assert!(world.apply().expect(7).stdout.contains("its row could not be read"));
    let pinned = three.replace("description", "id: \"00000000000000cc:1:1:1\"\ndescription");
    world.write("clients/one.yaml", &format!("{ONE}---{pinned}"));
    let run = world.apply().expect(7);
    assert!(run.stdout.contains("its row could not be read") && !run.stdout.contains("not on the server"), "{run:?}");
    assert_eq!((world.writes(), world.count(Operation::Add)), (0, 0));
}

#[test]
fn an_add_where_a_row_hides_its_scope_is_left_to_the_server() {
    let world = with_odd(&[(417, HIDDEN)]);
    let two = ONE.replace("device: \"01\"", "device: \"02\"").replace("name: one", "name: two");
    world.write("clients/two.yaml", &two);
    let run = world.run(&["plan"]).expect(0);
    assert!(run.stdout.contains("1 to add") && run.stdout.contains("(30005)"), "{}", run.stdout);
    world.apply().expect(0);
    assert_eq!(world.clients(417).len(), 2);
}

#[test]
fn infos_that_nobody_can_read_end_the_run() {
    let world = World::of(ESTATE);
    let devices = ["01", "02", "03", "+44"];
    for (number, device) in devices.iter().enumerate() {
        let one = ONE.replace("\"01\"", &format!("\"{device}\"")).replace("name: one", &format!("name: c{number}"));
        world.write(&format!("clients/{number}.yaml"), &one);
    }
    world.apply().expect(0);
    for body in ["<title>Blocked</title>", "{}"] {
        world.faults(&format!("- {{ operation: info, effect: answer, status: 400, body: '{body}' }}"));
        world.forget();
        let run = world.run(&["plan"]).expect(1);
        assert!(run.stderr.contains("info of"), "{}", run.stderr);
        // A page may be that of a lost session, which a List settles.
        let (infos, lists) = (world.count(Operation::Info), world.count(Operation::List));
        assert!(infos <= 4 * 4 && lists <= 1 + infos, "{infos} and {lists}");
    }
    world.faults("- { operation: info, effect: answer, status: 400, code: 30007 }");
    assert!(world.run(&["plan"]).expect(0).stdout.contains("4 blocked"));
}

#[test]
fn who_and_when_cost_one_request_where_they_are_refused_and_none_elsewhere() {
    for (audit, lists) in [("shown", 1), ("ignored", 1), ("refused", 2)] {
        let world = World::of(&format!("{ESTATE}dialect: {{ audit: {audit} }}\n"));
        world.write("clients/one.yaml", ONE);
        world.assert_in_sync();
        assert_eq!((world.count(Operation::List), world.count(Operation::Info)), (lists, 1), "{audit}");
    }
}

#[test]
fn any_refusal_of_a_list_makes_it_ask_for_less() {
    let world = World::in_sync();
    world.faults("- { operation: list, effect: answer, status: 400, code: 30007, first: 2 }");
    world.assert_in_sync();
    assert_eq!((world.count(Operation::List), world.count(Operation::Info)), (3, 1));
}

#[test]
fn two_telephony_servers_are_one_list_and_outside_is_said_where_it_was_counted() {
    let world = World::in_sync();
    let counted = |run: &[&str]| world.run(run).expect(0);
    assert!(!counted(&["plan"]).stdout.contains("outside"));
    let narrow: Value = counted(&["plan", "-o", "json"]).json();
    assert_eq!((&narrow["summary"]["outside"], &narrow["summary"]["outside_counted"]), (&0.into(), &false.into()));
    world.configure("manage: [{ telsys: 417 }, { telsys: 426, partition: 7 }]");
    world.forget();
    assert!(counted(&["plan"]).stdout.contains("1 outside the boundary"));
    assert_eq!(world.count(Operation::List), 1);
    let wide: Value = counted(&["plan", "-o", "json"]).json();
    assert_eq!((&wide["summary"]["outside"], &wide["summary"]["outside_counted"]), (&1.into(), &Value::Null));
}

#[test]
fn a_run_that_is_only_ever_refused_stops_and_says_how_to_go_on() {
    let mut world = World::of(ESTATE);
    world.set("CCS_API_KEY", "read-key");
    let one =
        |n| format!("kind: IntegratorClient\nname: c{n}\nscope: {{ telsys: 417, partition: 1, device: \"x{n}\" }}\n");
    world.write("clients/many.yaml", &(0..40).map(one).collect::<Vec<_>>().join("---\n"));
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]);
    let outcomes = run.json()["outcomes"].clone();
    let words: Vec<_> = outcomes.as_array().expect("outcomes").iter().map(|step| step["outcome"].as_str()).collect();
    let failed = words.iter().filter(|word| **word == Some("failed")).count();
    let skipped = words.iter().filter(|word| **word == Some("skipped")).count();
    assert!((5..=13).contains(&failed) && failed + skipped == 40, "{failed} failed, {skipped} skipped");
    assert!(run.stdout.contains("were all refused with the same answer") && run.stdout.contains("--keep-going"));
    assert!(world.count(Operation::Add) <= 13, "{}", world.count(Operation::Add));
    world.forget();
    world.run(&["apply", "--auto-approve", "--keep-going"]).expect(run.code);
    assert_eq!(world.count(Operation::Add), 40);
}

#[test]
fn a_row_that_cannot_be_read_repeats_no_credential() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]");
    let row = r#"{"TelSysID":417,"PartitionID":1,"DeviceNumber":"01","ID":"00000000000000aa:1:1:1"}"#;
    let id = r#"{"ID":"test-key","TelSysID":417,"PartitionID":null}"#;
    let cut = format!("\"{}test-key\"", "x".repeat(273));
    for odd in [r#""test-key""#, id, &cut] {
        let body = format!(r#"{{"Result":"Success","Data":{{"Total":2,"Items":[{row},{odd}]}}}}"#);
        world.faults(&format!("- {{ operation: list, effect: answer, status: 200, body: '{body}' }}"));
        for format in ["text", "json", "markdown", "html", "junit", "sarif"] {
            let run = world.run(&["plan", "-o", format]);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains("could not be read") || format == "json", "{said}");
            assert!(!said.contains("test-key") && !said.contains("test-"), "{said}");
        }
    }
}
