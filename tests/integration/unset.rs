//! What nobody set stays unset: null is no empty value to a server that refuses one.

use serde_json::{Value, json};

use crate::world::{ESTATE, World};

const ONLY_POLICIES: &str = r#"
kind: IntegratorClient
name: one
scope: { telsys: 417, partition: 1, device: "01" }
policies: { "core::a": false }
"#;

fn strict() -> World {
    let estate = ESTATE.replace("    description: one\n", "");
    World::of(&format!("{estate}dialect: {{ empty_id: refused, put: replace }}\n"))
}

fn texts(world: &World) -> Vec<[Value; 2]> {
    let of = |client: Value| [client["description"].clone(), client["cm_environment_id"].clone()];
    world.clients(417).into_iter().map(of).collect()
}

/// Applies, and gives the id of the run.
fn applied(world: &World) -> String {
    let run = world.run(&["apply", "--auto-approve", "--max-deletes", "1", "-o", "json"]).expect(0).json();
    run["run"].as_str().expect("a run").to_owned()
}

#[test]
fn null_is_sent_back_as_null_and_comes_back_with_a_rollback() {
    let world = strict();
    world.write("clients/one.yaml", ONLY_POLICIES);
    world.apply().expect(0);
    assert_eq!(texts(&world), [[Value::Null, Value::Null]]);
    world.write("clients/one.yaml", &format!("{ONLY_POLICIES}description: named\nstate: present\n"));
    let run = applied(&world);
    world.run(&["rollback", &run, "--out", "back.json"]).expect(0);
    world.run(&["apply", "back.json", "--auto-approve"]).expect(0);
    assert_eq!(texts(&world), [[Value::Null, Value::Null]]);
    // Emptied on purpose.
    world.write("clients/one.yaml", &format!("{ONLY_POLICIES}description: null\ncm_environment_id: ~\n"));
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn an_add_leaves_out_what_the_definition_leaves_out_and_a_deleted_client_comes_back_as_it_was() {
    let world = strict();
    let added = ONLY_POLICIES.replace("name: one", "name: two").replace("\"01\"", "\"02\"");
    world.write("clients/one.yaml", &format!("{ONLY_POLICIES}state: absent\n---{added}"));
    let run = applied(&world);
    assert_eq!(texts(&world), [[Value::Null, Value::Null]]);
    world.run(&["rollback", &run, "--max-deletes", "1", "--out", "back.json"]).expect(0);
    world.run(&["apply", "back.json", "--auto-approve"]).expect(0);
    let clients = world.clients(417);
    assert_eq!((clients.len(), &clients[0]["scope"]["device"]), (1, &json!("01")));
    assert_eq!(texts(&world), [[Value::Null, Value::Null]]);
}
