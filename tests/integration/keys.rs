//! Keys of policies and settings: compared with the live clients, listed, and held against the catalogue.

use serde_json::{Value, json};

use crate::world::{ESTATE, Run, World};

const SHOWN: &str = "interface::showMissedCallPreview";
const MISSPELT: &str = "interface::showMisedCallPreview";

/// A world in which three live clients that git does not define hold a setting.
fn with_preview() -> World {
    let devices: Vec<String> = ["02", "03", "+44"]
        .iter()
        .enumerate()
        .map(|(number, device)| {
            format!(
                "  - {{ id: \"00000000000000c{number}:1:1:1\", telsys: 417, partition: 1, device: \"{device}\", settings: {{ \"{SHOWN}\": true, \"crm::password\": hunter2 }} }}\n"
            )
        })
        .collect();
    World::of(&format!("{}\n{}", ESTATE.trim_end(), devices.concat()))
}

fn one(settings: &str) -> String {
    format!(
        "kind: IntegratorClient\nname: one\nscope: {{ telsys: 417, partition: 1, device: \"01\" }}\nsettings:\n{settings}"
    )
}

#[test]
fn a_key_that_only_one_definition_has_is_compared_with_the_live_clients() {
    let world = with_preview();
    // What git manages is read, whatever git says of it.
    let others = ["02", "03", "+44"].iter().enumerate().map(|(number, device)| {
        format!("---\nkind: IntegratorClient\nname: c{number}\nscope: {{ telsys: 417, partition: 1, device: \"{device}\" }}\nsettings: {{}}\nowns: {{ settings: listed }}\n")
    });
    world.write("clients/others.yaml", &others.collect::<Vec<_>>().concat());
    world.write("clients/one.yaml", &one(&format!("  \"{MISSPELT}\": \"true\"\n  \"ui::a\": true\n")));
    world.run(&["validate", "--strict"]).expect(0);
    for (command, code) in [("plan", 0), ("drift", 2)] {
        let Run { stdout, .. } = world.run(&[command]).expect(code);
        assert!(stdout.contains("IC0901") && stdout.contains("clients/one.yaml:5:3"), "{stdout}");
        assert!(stdout.contains(&format!("did you mean `{SHOWN}`, which 3 other clients have?")), "{stdout}");
        let run = world.run(&[command, "-o", "json"]).expect(code);
        assert_eq!(run.json()["diagnostics"][0]["code"], "IC0901");
        assert!(run.stderr.contains("^^^^"), "{}", run.stderr);
        let strict = world.run(&[command, "--strict", "-o", "json"]).expect(3).json();
        assert_eq!(strict["diagnostics"][0]["severity"], "error");
    }
    // Once it is applied it is still there and nobody else has it.
    world.apply().expect(0);
    assert!(world.plan().contains("IC0901"));
    world.edit("clients/one.yaml", MISSPELT, SHOWN);
    assert!(world.plan().contains("IC0902"));
    world.edit("clients/one.yaml", "\"true\"", "true");
    world.run(&["plan", "--strict"]).expect(0);
}

#[test]
fn keys_are_listed_with_types_counts_and_examples() {
    let world = with_preview();
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.crm::password\"]");
    world.write("clients/one.yaml", &one("  \"ui::a\": true\n  \"ui::b\": text\n"));
    let Run { stdout, .. } = world.run(&["keys"]).expect(0);
    insta::assert_snapshot!(stdout, @r#"
    policies
      core::a                            boolean   0 definitions, 1 live   true
    settings
      crm::password                      string    0 definitions, 3 live   (sensitive)
      interface::showMissedCallPreview   boolean   0 definitions, 3 live   true
      ui::a                              boolean   1 definition, 1 live    true
      ui::b                              string    1 definition, 1 live    "text"
    "#);
    let run = world.run(&["keys", "-o", "json"]).expect(0);
    assert!(!run.stdout.contains("hunter2"));
    let key = &run.json()["keys"][2];
    assert_eq!((&key["key"], &key["live"], &key["examples"]), (&json!(SHOWN), &json!(3), &json!([true])));
    for format in ["markdown", "html", "junit", "sarif", "github"] {
        world.run(&["keys", "-o", format]).expect(64);
    }
}

#[test]
fn without_a_server_the_definitions_are_listed_unless_a_target_is_named() {
    let mut world = with_preview();
    world.write("clients/one.yaml", &one("  \"ui::a\": true\n"));
    world.set("CCS_API_KEY", "wrong");
    let run = world.run(&["keys", "-o", "json"]).expect(0);
    assert_eq!((&run.json()["target"], &run.json()["keys"][0]["live"]), (&Value::Null, &Value::Null));
    assert!(run.stderr.contains("warning: live clients are not counted"), "{}", run.stderr);
    world.run(&["keys", "--target", "test"]).expect(4);
}

#[test]
fn the_catalogue_is_kept_and_checked_offline() {
    let world = with_preview();
    world.write("clients/one.yaml", &one("  \"ui::a\": true\n  \"ui::b\": text\n"));
    world.run(&["keys", "--write"]).expect(0);
    insta::assert_snapshot!(world.read("keys.yaml"), @r#"
    # The keys of policies and settings. `icsync keys --write` adds keys and changes nothing that stands here:
    # add `description`, `values` or `deprecated` where you like.
    kind: Keys
    policies:
      "core::a":
        type: boolean
    settings:
      "crm::password":
        type: string
      "interface::showMissedCallPreview":
        type: boolean
      "ui::a":
        type: boolean
      "ui::b":
        type: string
    "#);
    world.run(&["validate", "--strict"]).expect(0);
    world.edit(
        "keys.yaml",
        "  \"ui::b\":\n    type: string\n",
        "  \"ui::b\": { type: string, values: [text, other] } # ours\n",
    );
    let kept = world.read("keys.yaml");
    world.run(&["keys", "--write"]).expect(0);
    assert_eq!(world.read("keys.yaml"), kept);
    for (settings, code) in [
        (format!("  \"{MISSPELT}\": true\n"), "clients/one.yaml:5:3"),
        ("  \"ui::a\": \"true\"\n".to_owned(), "clients/one.yaml:5:12"),
        ("  \"ui::b\": txet\n".to_owned(), "clients/one.yaml:5:12"),
    ] {
        world.write("clients/one.yaml", &one(&settings));
        let Run { stderr, .. } = world.run(&["validate"]).expect(0);
        assert!(stderr.contains("warning[IC090") && stderr.contains(code), "{stderr}");
        world.configure("manage: [{ telsys: 417 }]\nkeys: strict");
        let Run { stderr, .. } = world.run(&["validate"]).expect(3);
        assert!(stderr.contains("error[IC090"), "{stderr}");
        world.configure("manage: [{ telsys: 417 }]");
    }
}

#[test]
fn keys_with_null_or_with_dollars_are_known_once_they_are_written() {
    let world = with_preview();
    world.configure("manage: [{ telsys: 417 }]\nkeys: strict");
    world.write("clients/one.yaml", &one("  \"ui::z\": null\n  \"$${x}\": true\n  \"$$${{y}}\": 1\n"));
    world.run(&["keys", "--write"]).expect(0);
    let text = world.read("keys.yaml");
    assert!(text.contains("  \"ui::z\":\n    type: \"null\"\n") && text.contains("  \"$${{y}}\":\n"), "{text}");
    world.run(&["validate", "--strict"]).expect(0);
    world.edit("keys.yaml", "\"null\"", "null");
    world.run(&["validate", "--strict"]).expect(0);
}

#[test]
fn strict_keys_do_not_keep_new_ones_out_of_the_catalogue() {
    let world = with_preview();
    world.configure("manage: [{ telsys: 417 }]\nkeys: strict");
    world.write("keys.yaml", "kind: Keys\nsettings: {}\n");
    world.write("clients/one.yaml", &one(&format!("  \"ui::new\": true\n  \"{MISSPELT}\": true\n")));
    world.run(&["validate"]).expect(3);
    let Run { stderr, .. } = world.run(&["keys", "--write"]).expect(0);
    assert!(stderr.contains(&format!("`{MISSPELT}` is left out")), "{stderr}");
    let text = world.read("keys.yaml");
    assert!(text.contains("\"ui::new\"") && !text.contains(MISSPELT), "{text}");
    world.edit("clients/one.yaml", MISSPELT, SHOWN);
    world.run(&["validate"]).expect(0);
}

#[test]
fn mistakes_of_the_catalogue_are_reported_and_it_is_no_definition() {
    let world = World::in_sync();
    world.configure("definitions: [\"**/*.yaml\"]\nmanage: [{ telsys: 417 }]");
    world.write("keys.yaml", "kind: Keys\nsettings: { \"ui::a\": {}, \"ui::b\": {} }\npolicies: { \"core::a\": }\n");
    world.run(&["validate", "--strict"]).expect(0);
    for (text, place) in [
        ("kind: Keys\nsettings: { a: { tpye: boolean } }\n", "keys.yaml:2:18"),
        ("kind: Keys\nsettings: { a: { type: bool } }\n", "keys.yaml:2:24"),
        ("kind: Keys\nsettings: { a: { type: [boolean, text] } }\n", "keys.yaml:2:34"),
        ("kind: Profile\nname: x\n", "keys.yaml:1:7"),
        ("settings: {}\n", "keys.yaml:1:1"),
    ] {
        world.write("keys.yaml", text);
        let Run { stderr, .. } = world.run(&["validate"]).expect(3);
        assert!(stderr.contains(place), "{text}: {stderr}");
    }
}

#[test]
fn the_schema_of_a_repository_knows_its_keys() {
    let world = World::in_sync();
    let plain = world.run(&["schema", "definition"]).expect(0).stdout;
    world.write(
        "keys.yaml",
        "kind: Keys\nsettings: { \"ui::side\": { type: string, values: [left, right], description: Where. } }\n",
    );
    let Run { stdout, .. } = world.run(&["schema", "definition"]).expect(0);
    assert!(!plain.contains("ui::side") && stdout.contains("ui::side") && stdout.contains("Where."), "{stdout}");
}

#[test]
fn a_type_that_is_left_out_of_the_catalogue_is_announced() {
    let clients = |value: &str, number: u32| {
        format!(
            "  - {{ id: \"00000000000000a{number}:1:1:1\", telsys: 417, partition: 1, device: \"0{number}\", settings: {{ \"k\": {value} }} }}\n"
        )
    };
    let (start, _) = ESTATE.split_once("clients:").expect("clients");
    let clients = [("1", 1), ("2", 2), ("[3]", 3)].map(|(value, number)| clients(value, number)).concat();
    let world = World::of(&format!("{start}clients:\n{clients}"));
    world.run(&["export"]).expect(0);
    let said = world.run(&["keys", "--write"]).expect(0).stderr;
    assert!(
        said.contains("of settings.k the type array is left out") && said.contains("`type: [number, array]`"),
        "{said}"
    );
    assert!(world.run(&["validate", "--strict"]).expect(3).stderr.contains("IC0904"));
    world.edit("keys.yaml", "type: number", "type: [number, array]");
    world.run(&["validate", "--strict"]).expect(0);
    assert!(!world.run(&["keys", "--write"]).expect(0).stderr.contains("left out"));
}
