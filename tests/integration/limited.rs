//! A user who may see a part of the pinned clients, or none any more.

use serde_json::{Value, json};

use crate::world::{Run, World};

/// Gives the pin of a client.
fn id(number: usize) -> String {
    format!("00000000000000aa:1:1:{number}")
}

/// So many pinned clients, all in sync, on a server that answers for what may not be seen as `unseen` says.
fn pinned(count: usize, unseen: &str) -> World {
    let join = |line: &dyn Fn(usize) -> String| (1..=count).map(line).collect::<Vec<_>>().concat();
    let devices = join(&|number| format!("\n          - {{ number: \"0{number}\" }}"));
    let clients = join(&|number| {
        format!("\n  - {{ id: \"{}\", telsys: 417, partition: 1, device: \"0{number}\", description: d }}", id(number))
    });
    let world = World::of(&format!(
        "telephony_servers:\n  - id: 417\n    partitions:\n      - id: 1\n        devices:{devices}\nusers:\n  - {{ username: admin, password: b, api_key: test-key }}\ndialect: {{ unseen: {unseen} }}\nclients:{clients}\n"
    ));
    let definitions = join(&|number| {
        format!(
            "---\nkind: IntegratorClient\nname: d{number}\nid: \"{}\"\nscope: {{ telsys: 417, partition: 1, device: \"0{number}\" }}\ndescription: d\n",
            id(number)
        )
    });
    world.write("clients/all.yaml", &definitions);
    world.assert_in_sync();
    world
}

/// Finds what a document says of a client.
fn of<'v>(list: &'v Value, client: &str) -> &'v Value {
    let found = list.as_array().and_then(|list| list.iter().find(|one| one["client"] == client));
    found.unwrap_or_else(|| panic!("nothing of {client}: {list}"))
}

fn assert_says_hidden(run: &Run) {
    let text = format!("the pinned live client {} exists or not, this key may not see it", id(2));
    assert!(run.stdout.contains(&text), "{run:?}");
}

#[test]
fn a_client_that_the_key_may_not_see_is_blocked_and_neither_missing_nor_added() {
    let world = pinned(2, "refused");
    world.limit(&json!([{ "id": id(1) }]));
    world.forget();
    let text = world.run(&["plan"]).expect(0);
    assert_says_hidden(&text);
    assert!(text.stdout.contains("1 unchanged") && text.stdout.contains("1 blocked"), "{text:?}");
    assert!(text.stderr.contains("1 row read with 2 lists and "), "{text:?}");
    let plan = world.run(&["plan", "-o", "json"]).expect(0).json();
    assert_eq!((&plan["summary"]["add"], &plan["summary"]["blocked"]), (&json!(0), &json!(1)), "{plan}");
    let blocked = of(&plan["blocked"], "d2");
    assert!(blocked["help"].as_str().is_some_and(|help| help.contains("the right to read it")), "{blocked}");
    assert_eq!(plan["notices"], json!([]), "the pin is not out of date");

    let drift = world.run(&["drift"]).expect(2);
    assert_says_hidden(&drift);
    let drift = world.run(&["drift", "-o", "json"]).expect(2).json();
    assert_eq!(of(&drift["clients"], "d1")["state"], "in_sync");
    assert_eq!(of(&drift["clients"], "d2")["state"], "blocked");
    assert_eq!(drift["summary"]["missing"], 0);

    assert_says_hidden(&world.apply().expect(7));
    let outcomes = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(7).json();
    assert_eq!(outcomes["plan"]["summary"]["blocked"], 1);
    assert_says_hidden(&world.run(&["pin"]).expect(0));
    assert_eq!((world.writes(), world.clients(417).len()), (0, 2));
    world.limit(&json!([{}]));
    world.assert_in_sync();
}

#[test]
fn a_server_that_denies_what_it_hides_is_believed_and_the_refused_add_says_what_may_be() {
    let world = pinned(2, "not_found");
    world.limit(&json!([{ "id": id(1) }]));
    let drift = world.run(&["drift", "-o", "json"]).expect(2).json();
    assert_eq!(of(&drift["clients"], "d2")["state"], "missing");
    let Run { stdout, .. } = world.apply().expect(7);
    assert!(stdout.contains("30005") && stdout.contains("one that this key may not see"), "{stdout}");
    assert_eq!(world.clients(417).len(), 2);
}

#[test]
fn a_key_that_lost_its_rights_is_no_plan_of_adds() {
    let world = pinned(4, "not_found");
    world.limit(&json!([]));
    let Run { stdout, .. } = world.run(&["plan"]).expect(5);
    assert!(stdout.contains("limits.vanished") && stdout.contains("4 of 4 pinned clients"), "{stdout}");
    let plan = world.run(&["plan", "-o", "json"]).expect(5).json();
    let finding = &plan["guard"]["findings"][0];
    assert_eq!((&finding["rule"], &finding["steps"]), (&json!("limits.vanished"), &json!([1, 2, 3, 4])));
    assert!(finding["help"].as_str().is_some_and(|help| help.contains("--max-vanished 4")), "{finding}");
    let Run { stderr, .. } = world.apply().expect(5);
    assert!(stderr.contains("--max-vanished 4"), "{stderr}");
    world.run(&["plan", "--max-vanished", "3"]).expect(5);
    assert_eq!(world.writes(), 0);

    let Run { stdout, .. } = world.run(&["plan", "--max-vanished", "4", "--out", "p.json"]).expect(0);
    assert!(stdout.contains("at most 4 vanished"), "{stdout}");
    let Run { stdout, .. } = world.run(&["plan", "--max-vanished", "4", "-o", "markdown"]).expect(0);
    assert!(stdout.contains("icsync apply --target test --max-vanished 4"), "{stdout}");
    let plan: Value = serde_json::from_str(&world.read("p.json")).expect("a plan");
    assert_eq!(plan["options"], json!({ "max_vanished": 4 }));
    let outcomes = world.run(&["apply", "p.json", "-o", "json"]).expect(7).json();
    assert_eq!(of(&outcomes["outcomes"], "d1")["error"]["code"], 30005);
    assert_eq!(world.clients(417).len(), 4);
}

#[test]
fn clients_that_vanished_are_added_as_far_as_the_limit_allows() {
    let world = pinned(4, "refused");
    for number in 1..=2 {
        world.send("DELETE", &format!("telsys/417/partition/1/device/0{number}/integratorClient/{}", id(number)), "");
    }
    world.run(&["plan"]).expect(0);
    world.send("DELETE", &format!("telsys/417/partition/1/device/03/integratorClient/{}", id(3)), "");
    world.run(&["plan"]).expect(5);
    world.configure("manage: [{ telsys: 417 }]\nlimits: { vanished: { count: 3, percent: 75 } }");
    world.apply().expect(0);
    assert_eq!(world.clients(417).len(), 4);
    world.assert_in_sync();
}

#[test]
fn a_copied_pin_does_not_reach_beyond_the_boundary() {
    let world = pinned(2, "refused");
    world.write(
        "clients/all.yaml",
        &format!(
            "kind: IntegratorClient\nname: copy\nid: \"{}\"\nstate: absent\nscope: {{ telsys: 417, partition: 1, device: \"01\" }}\n",
            id(2)
        ),
    );
    world.configure("limits: { delete: { percent: 100 } }");
    let Run { stdout, .. } = world.apply().expect(7);
    assert!(stdout.contains("outside the boundary") && stdout.contains("add a `manage` that covers both"), "{stdout}");
    assert_eq!((world.writes(), world.clients(417).len()), (0, 2));
}

#[test]
fn the_share_of_a_rollback_is_one_of_the_clients_in_the_boundary() {
    let world = pinned(5, "refused");
    world.send("DELETE", &format!("telsys/417/partition/1/device/05/integratorClient/{}", id(5)), "");
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0).json();
    let run = run["run"].as_str().expect("a run");
    world.run(&["rollback", run]).expect(0);
    world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { percent: 19 } }");
    let Run { stdout, .. } = world.run(&["rollback", run]).expect(5);
    assert!(stdout.contains("1 of 5 managed clients"), "{stdout}");
}

#[test]
fn shards_ask_for_their_own_servers_and_are_together_the_whole() {
    let server = |id: u32| {
        format!(
            "  - {{ id: {id}, description: S, partitions: [{{ id: 1, description: P, devices: [{{ number: \"01\" }}] }}] }}\n"
        )
    };
    let servers: String = (400..412).map(server).collect();
    let live = |id: u32| format!("  - {{ telsys: {id}, partition: 1, device: \"01\", description: x }}\n");
    let clients: String = (400..406).map(live).collect();
    let world = World::of(&format!(
        "telephony_servers:\n{servers}users: [{{ username: admin, password: secret-word, api_key: test-key }}]\nclients:\n{clients}"
    ));
    let manage: Vec<String> = (400..412).map(|id| format!("{{telsys: {id}}}")).collect();
    world.configure(&format!("manage: [{}]\nrequests: {{page_size: 1}}", manage.join(", ")));
    let definition = |id: u32| {
        format!(
            "---\nkind: IntegratorClient\nname: c{id}\nscope: {{telsys: {id}, partition: 1, device: \"01\"}}\ndescription: y\n"
        )
    };
    world.write("clients/all.yaml", &(400..411).map(definition).collect::<String>());
    let steps = |arguments: &[&str]| -> Vec<String> {
        let json = world.run(&[&["plan", "-o", "json"], arguments].concat()).expect(0).json();
        json["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .map(|step| format!("{} {}", step["action"], step["client"]))
            .collect()
    };
    let mut whole = steps(&[]);
    let mut together = Vec::new();
    for shard in ["0/3", "1/3", "2/3"] {
        world.forget();
        let own = steps(&["--shard", shard]);
        assert!(!own.is_empty() && own.len() < whole.len(), "{own:?}");
        let lists = world.records(|request| request.path.clone());
        let own_lists = lists.iter().filter(|path| path.contains("/telsys/4")).count();
        assert!(own_lists > 0 && own_lists < 12, "{lists:?}");
        together.extend(own);
    }
    together.sort();
    whole.sort();
    assert_eq!(together, whole);
    world.run(&["plan", "--shard", "1/3", "--out", "plan.json"]).expect(0);
    let applied = world.run(&["apply", "plan.json"]).expect(0);
    assert!(applied.stdout.contains("shard 1/3, limits are its own"), "{}", applied.stdout);
    world.run(&["drift", "--shard", "1/3", "--ignore", "unmanaged"]).expect(0);
    world.run(&["plan", "--detailed-exitcode", "--shard", "0/3"]).expect(2);
}
