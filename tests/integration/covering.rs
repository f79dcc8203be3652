//! `show --covering`: what covers a device, in git and on the server.

use serde_json::{Value, json};

use crate::world::{ESTATE, ONE, Run, World};

/// Clients for every server, a server, a partition and a device, of which the second is only live.
fn levels() -> World {
    let clients = r#"  - { id: "00000000000000cc:1:1:1", telsys: 417, partition: -1, device: UnknownNoneOrAll, description: server, settings: { "crm::password": live-word, "ui::a": 1 } }
  - { id: "00000000000000dd:1:1:1", telsys: -1, partition: -1, device: UnknownNoneOrAll, description: everywhere, settings: { "ui::a": 2 } }
"#;
    let world = World::of(&format!("{ESTATE}{clients}"));
    world.configure("manage: [{telsys: 417}]\nsensitive: [\"settings.crm::*\"]");
    world.write("clients/one.yaml", ONE);
    let partition = "kind: IntegratorClient\nname: partition\nscope: { telsys: 417, partition: 1 }\nsettings: { \"ui::a\": \"p\", \"crm::password\": git-word }\n";
    world.write("clients/partition.yaml", partition);
    world
}

#[test]
fn what_covers_a_device_is_shown_key_by_level_the_most_general_first() {
    let world = levels();
    let Run { stdout, .. } = world.run(&["show", "--covering", "417/1/01", "--target", "test"]).expect(0);
    insta::assert_snapshot!(stdout.replace(world.url(), "http://sandbox"), @r#"
    covering 417/1/01 · git and test (http://sandbox)

    1   all/all/all   live   (not in git)   00000000000000dd:1:1:1 · outside of `manage`, not read in detail
    2   417/all/all   live   (not in git)   00000000000000cc:1:1:1
    3   417/1/all     git    partition      clients/partition.yaml:1
    4   417/1/01      git    one            clients/one.yaml:2
    5   417/1/01      live   one            00000000000000aa:1:1:1

                      1              2             3             4        5
    description       "everywhere"   "server"      –             "one"    "one"
    policies
      core::a         ?              –             –             true     true
    settings
      crm::password   ?              (sensitive)   (sensitive)   –        –
      ui::a           ?              1             "p"           true     true
      ui::b           ?              –             –             "text"   "text"

    – not there · ? not known · the most general level comes first
    the vendor documents no precedence between these levels: which value holds where several clients have a key is for the server to say
    "#);
    world.forget();
    let Run { stdout, .. } = world.run(&["show", "--covering", "417/1/01"]).expect(0);
    insta::assert_snapshot!(stdout, @r#"
    covering 417/1/01 · git alone; --target NAME reads the live clients too

    1   417/1/all   git   partition   clients/partition.yaml:1
    2   417/1/01    git   one         clients/one.yaml:2

                      1             2
    description       –             "one"
    policies
      core::a         –             true
    settings
      crm::password   (sensitive)   –
      ui::a           "p"           true
      ui::b           –             "text"

    – not there · ? not known · the most general level comes first
    the vendor documents no precedence between these levels: which value holds where several clients have a key is for the server to say
    "#);
    assert_eq!(world.records(|request| format!("{:?}", request.operation)), Vec::<String>::new(), "no server is asked");
    let partition = world.run(&["show", "--covering", "417/1", "-o", "json"]).expect(0).json();
    assert_eq!(partition["clients"].as_array().map(Vec::len), Some(1), "a device does not cover its partition");
    let none = world.run(&["show", "--covering", "418"]).expect(0);
    assert!(none.stdout.contains("No client covers it."), "{none:?}");
}

#[test]
fn what_covers_a_device_is_told_as_json_without_sensitive_values() {
    let world = levels();
    let run = world.run(&["show", "--covering", "417/1/01", "--target", "test", "-o", "json"]).expect(0);
    assert!(!run.stdout.contains("-word"), "{run:?}");
    let document = run.json();
    let sides: Vec<(&Value, &Value)> =
        document["clients"].as_array().expect("clients").iter().map(|one| (&one["side"], &one["client"])).collect();
    let expected = [
        (json!("live"), Value::Null),
        (json!("live"), Value::Null),
        (json!("defined"), json!("partition")),
        (json!("defined"), json!("one")),
        (json!("live"), json!("one")),
    ];
    assert_eq!(sides, expected.iter().map(|(side, client)| (side, client)).collect::<Vec<_>>());
    let keys = document["keys"].as_array().expect("keys");
    let password = keys.iter().find(|one| one["key"] == "crm::password").expect("a key");
    assert_eq!(password["values"][0]["value"], json!({ "sensitive": true }), "{password}");
    assert!(document["precedence"].as_str().is_some_and(|text| text.contains("no precedence")), "{document}");
}

#[test]
fn a_client_outside_of_manage_is_listed_and_not_read_in_detail() {
    let world = levels();
    world.forget();
    world.run(&["show", "--covering", "417/1/01", "--target", "test"]).expect(0);
    let infos = world.records(|request| format!("{:?}", request.path));
    assert!(!infos.iter().any(|path| path.contains("00000000000000dd")), "{infos:?}");
}

#[test]
fn who_may_list_one_server_sees_what_covers_a_device_there() {
    let mut world = levels();
    world.set("CCS_API_KEY", "narrow-key");
    let run = world.run(&["show", "--covering", "417/1/01", "--target", "test", "-o", "json"]).expect(0);
    let lives = |document: &Value| {
        document["clients"].as_array().expect("clients").iter().filter(|one| one["side"] == "live").count()
    };
    assert_eq!(lives(&run.json()), 1, "{run:?}");
}

#[test]
fn a_scope_that_is_none_is_a_wrong_command_line() {
    let world = World::in_sync();
    let Run { stderr, .. } = world.run(&["show", "--covering", "reception"]).expect(64);
    assert!(stderr.contains("TELSYS/PARTITION/DEVICE"), "{stderr}");
    world.run(&["show", "--covering", "417/1", "plan.json"]).expect(64);
    world.run(&["show", "--covering", "417/1", "-o", "html"]).expect(64);
}

#[test]
fn hostile_values_and_keys_are_shown_and_not_obeyed() {
    let client = "  - { id: \"00000000000000cc:1:1:1\", telsys: 417, partition: -1, device: UnknownNoneOrAll, description: \"a\\n::error::b\\e[31m\", settings: { \"k\\n::error::c\\u202e\": \"v\\e[2J\" } }\n";
    let world = World::of(&format!("{ESTATE}{client}"));
    world.write("clients/one.yaml", ONE);
    for format in ["text", "json"] {
        let run = world.run(&["show", "--covering", "417/1/01", "--target", "test", "-o", format]).expect(0);
        assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{run:?}");
        assert!(!run.stdout.chars().any(|one| (one.is_control() && one != '\n') || one == '\u{202e}'), "{run:?}");
    }
}
