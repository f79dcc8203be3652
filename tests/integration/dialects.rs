//! Every open question of the API, answered in every pair of ways: from a list to a converged apply.

use std::collections::{BTreeMap, BTreeSet};

use icsync::sandbox::Dialect;
use serde_json::Value;

use crate::world::World;

const ID_ONE: &str = "00000000000000aa:1:1:1";
const ID_MOVING: &str = "00000000000000aa:1:1:2";
const ID_LEAVING: &str = "00000000000000aa:1:1:3";
const ID_HIDDEN: &str = "00000000000000aa:1:1:4";
const CM: &str = "d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613";

/// One value for each switch.
type Combination = BTreeMap<&'static str, &'static str>;
/// A value of one switch together with a value of another.
type Pair = ((&'static str, &'static str), (&'static str, &'static str));

fn pairs(combination: &Combination) -> BTreeSet<Pair> {
    let all: Vec<_> = combination.iter().map(|(name, value)| (*name, *value)).collect();
    let pair = |(index, left): (usize, &(&'static str, &'static str))| {
        all[index + 1..].iter().map(|right| (*left, *right)).collect::<Vec<_>>()
    };
    all.iter().enumerate().flat_map(pair).collect()
}

/// Covers every pair of values of two switches: each combination takes, switch by switch, the value that covers most.
fn covering() -> Vec<Combination> {
    let switches = Dialect::switches();
    let mut open: BTreeSet<Pair> = BTreeSet::new();
    for (index, left) in switches.iter().enumerate() {
        for right in &switches[index + 1..] {
            for value in left.values {
                open.extend(right.values.iter().map(|other| {
                    let (one, two) = ((left.name, *value), (right.name, *other));
                    if one < two { (one, two) } else { (two, one) }
                }));
            }
        }
    }
    let mut combinations = Vec::new();
    while let Some((left, right)) = open.first().copied() {
        let mut combination = Combination::from([left, right]);
        for switch in switches {
            if !combination.contains_key(switch.name) {
                let gain = |value: &&'static str| {
                    let mut with = combination.clone();
                    with.insert(switch.name, value);
                    pairs(&with).intersection(&open).count()
                };
                let best = switch.values.iter().copied().max_by_key(gain).expect("a value");
                combination.insert(switch.name, best);
            }
        }
        for pair in pairs(&combination) {
            open.remove(&pair);
        }
        combinations.push(combination);
    }
    combinations
}

fn estate(combination: &Combination) -> String {
    // The shorter wait asks for the same patience.
    let short = |value: &'static str| if value == "0.5s" { "0.1s" } else { value };
    let dialect: String = combination
        .iter()
        .map(|(name, value)| (name, short(value)))
        .fold(String::new(), |text, (name, value)| format!("{text}  {name}: {value}\n"));
    // Looking again and again at what is late uses up sessions, which the steps share.
    let prompt = combination["late"] == "0s" && combination["lag"] == "0s";
    let session = if prompt { 9 } else { 400 };
    format!(
        r#"
telephony_servers:
  - id: 417
    description: Sunshine
    partitions:
      - id: 1
        description: One
        devices: [{{ number: "01" }}, {{ number: "02" }}, {{ number: "03" }}, {{ number: "+44" }}, {{ number: "05" }}]
  - id: 426
    partitions: [{{ id: 1 }}]
cm_environments: ["{CM}"]
session_requests: {session}
users: [{{ username: admin, password: secret-word, api_key: test-key }}]
dialect:
{dialect}
clients:
  - {{ id: "{ID_ONE}", telsys: 417, partition: 1, device: "01", description: one, policies: {{ "a": true, "b": 1 }}, settings: {{ "x": "y" }} }}
  - {{ id: "{ID_MOVING}", telsys: 417, partition: 1, device: "02", description: moving, policies: {{}}, settings: {{ "x": 1 }} }}
  - {{ id: "{ID_LEAVING}", telsys: 417, partition: 1, description: leaving, policies: {{}}, settings: {{}} }}
  - {{ id: "{ID_HIDDEN}", telsys: 417, partition: 1, device: "05", shown_partition: -3, description: hidden, policies: {{}}, settings: {{}} }}
  - {{ id: "00000000000000bb:1:1:1", telsys: 426, partition: 1, description: foreign, settings: {{ "x": 1 }} }}
  - {{ id: "00000000000000bb:1:1:2", telsys: 426, description: foreign too, policies: {{ "p": null }} }}
"#
    )
}

/// Definitions that add at every kind of scope, change, move and delete.
/// Nothing tells a server that takes what is left out for an error from one that refuses without a code for other reasons:
/// there, definitions say everything.
fn unset(combination: &Combination) -> String {
    let uncoded = ["empty", "html"].contains(&combination["errors"]);
    let everything = uncoded && combination["omitted"] == "refused";
    if everything { format!("cm_environment_id: \"{CM}\"") } else { String::new() }
}

fn definitions(unset: &str) -> String {
    format!(
        r#"
kind: IntegratorClient
name: one
scope: {{ telsys: 417, partition: 1, device: "01" }}
description: changed
cm_environment_id: "{CM}"
policies: {{ "a": "true", "b": 1.0, "c": [1, {{ "d": null }}] }}
settings: {{ "x": "z" }}
---
kind: IntegratorClient
name: moving
id: "{ID_MOVING}"
scope: {{ telsys: 417, partition: 1, device: "03" }}
description: moving
{unset}
policies: {{}}
settings: {{ "x": 1 }}
---
kind: IntegratorClient
name: leaving
scope: {{ telsys: 417, partition: 1 }}
state: absent
---
kind: IntegratorClient
name: added
scope: {{ telsys: 417, partition: 1, device: "+44" }}
description: added
{unset}
policies: {{ "long": 12345678901234567890123 }}
settings: {{}}
---
kind: IntegratorClient
name: server
scope: {{ telsys: 417 }}
description: whole server
{unset}
policies: {{}}
settings: {{ "x": true }}
"#
    )
}

fn world(combination: &Combination, auth: &str) -> World {
    let mut world = World::of(&estate(combination));
    world.set("CCS_USER", "admin");
    world.set("CCS_PASSWORD", "secret-word");
    world.configure_auth(auth, "manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 100 } }");
    world.write("clients/all.yaml", &definitions(&unset(combination)));
    world
}

fn find<'a>(clients: &'a [Value], device: &str, partition: i64) -> &'a Value {
    let at = |client: &&Value| client["scope"]["device"] == device && client["scope"]["partition"] == partition;
    clients.iter().find(at).unwrap_or_else(|| panic!("nothing at {partition}/{device}: {clients:?}"))
}

/// Makes sure that the sandbox has what the definitions say.
fn assert_desired(world: &World, told: &str) {
    let clients = world.clients(417);
    assert_eq!(clients.len(), 5, "{told}: {clients:?}");
    let one = find(&clients, "01", 1);
    assert_eq!((&one["description"], &one["cm_environment_id"]), (&"changed".into(), &CM.into()), "{told}");
    assert_eq!(one["settings"], serde_json::json!({ "x": "z" }), "{told}");
    assert_eq!(one["policies"]["c"], serde_json::json!([1, { "d": null }]), "{told}");
    assert_eq!(find(&clients, "03", 1)["settings"], serde_json::json!({ "x": 1 }), "{told}");
    let long = serde_json::to_string(&find(&clients, "+44", 1)["policies"]).expect("JSON");
    assert!(long.contains("12345678901234567890123"), "{told}: {long}");
    assert_eq!(find(&clients, "UnknownNoneOrAll", -1)["description"], "whole server", "{told}");
    assert_eq!(find(&clients, "05", 1)["id"], ID_HIDDEN, "{told}");
}

fn converges(combination: &Combination, auth: &str) {
    let told = format!("{combination:?}");
    println!("{told}");
    let world = world(combination, auth);
    let foreign = world.clients(426);
    world.run(&["apply", "--auto-approve"]).expect(0);
    assert_desired(&world, &told);
    assert_eq!(world.clients(426), foreign, "{told}");
    let hidden = combination["details"] == "never";
    let plan = world.run(&["plan", "--detailed-exitcode"]).expect(if hidden { 2 } else { 0 });
    assert!(!plan.stderr.contains("secret-word") && !plan.stdout.contains("secret-word"));
    let detailed = world.run(&["plan", "-o", "json"]).expect(0).json();
    let compared = detailed["not_compared"].as_array().map(Vec::len);
    assert_eq!(compared, Some(if hidden { 4 } else { 0 }), "{told}");
}

#[test]
fn every_pair_of_answers_converges_with_an_api_key() {
    let combinations = covering();
    assert!(combinations.len() >= 20, "{}", combinations.len());
    for combination in &combinations {
        converges(combination, "{ api_key: { env: CCS_API_KEY } }");
    }
}

#[test]
fn every_pair_of_answers_converges_with_a_login_whose_sessions_end_all_the_time() {
    for combination in &covering() {
        converges(combination, "{ login: { username: { env: CCS_USER }, password: { env: CCS_PASSWORD } } }");
    }
}

#[test]
fn a_server_that_merges_deeply_keeps_removed_keys_and_apply_says_so() {
    let world = World::of(&format!("{}\ndialect: {{ put: deep_merge }}\n", crate::world::ESTATE));
    world.write("clients/one.yaml", &crate::world::ONE.replace("\"ui::a\": true, ", ""));
    let run = world.apply().expect(7);
    assert!(run.stdout.contains("settings.ui::a"), "{}", run.stdout);
}
