//! `export`: what the server has, as definitions. Planning what was exported finds nothing to do.

use std::path::Path;

use serde_json::{Value, json};

use crate::world::{ESTATE, Run, World, binary};

const QUICKSTART: &str = include_str!("../../examples/quickstart/estate.yaml");

/// A folder with a configuration and an estate, and nothing else.
fn folder(config: &str, estate: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let head = "kind: Config\ntargets: { sandbox: { sandbox: { data: .icsync/sandbox.db, estate: estate.yaml } } }\n";
    std::fs::write(folder.path().join("icsync.yaml"), format!("{head}{config}")).expect("a file");
    std::fs::write(folder.path().join("estate.yaml"), estate).expect("a file");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    binary(folder).args(arguments).output().expect("the binary").into()
}

fn files(folder: &Path) -> Vec<String> {
    let mut open = vec![folder.join("clients")];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.exists() {
            files.push(path.strip_prefix(folder).expect("a path below").display().to_string());
        }
    }
    files.sort();
    files
}

#[test]
fn what_was_exported_plans_to_nothing_with_and_without_a_boundary() {
    for config in ["", "manage: [{ telsys: 417 }, { telsys: 403 }]\n", "manage: [{ telsys: -1 }]\nprune: delete\n"] {
        for options in [&[][..], &["--include-unresolved"], &["--as-profiles", "--include-unresolved"]] {
            let folder = folder(config, QUICKSTART);
            let exported = run(folder.path(), &[&["export"], options].concat()).expect(0);
            assert!(exported.stdout.contains("exported "), "{}", exported.stdout);
            let plan = run(folder.path(), &["plan", "--detailed-exitcode", "-o", "json"]).expect(0).json();
            let unresolved = options.contains(&"--include-unresolved");
            if unresolved || config.is_empty() {
                assert_eq!(plan["unmanaged"], json!([]), "{config}{options:?}");
            }
            let before = files(folder.path());
            let again = run(folder.path(), &[&["export"], options].concat()).expect(0);
            assert!(again.stdout.contains("nothing to export"), "{}", again.stdout);
            assert_eq!(files(folder.path()), before);
        }
    }
}

#[test]
fn an_export_as_profiles_that_finds_too_little_in_common_says_so() {
    let folder = folder("", QUICKSTART);
    let exported = run(folder.path(), &["export", "--as-profiles"]).expect(0);
    assert!(!exported.stdout.contains("clients/profiles/"), "{}", exported.stdout);
    assert!(exported.stderr.contains("note: no profile is written: too little is common"), "{}", exported.stderr);
    assert!(
        !run(folder.path(), &["export", "--as-profiles"]).expect(0).stderr.contains("no profile"),
        "nothing is left"
    );
}

#[test]
fn the_quickstart_is_exported_one_readable_file_per_client() {
    let folder = folder("", QUICKSTART);
    let exported = run(folder.path(), &["export"]).expect(0);
    insta::assert_snapshot!(exported.stdout);
    let laid_out = run(folder.path(), &["fmt", "--check"]).stdout;
    assert!(!laid_out.contains("a/clients/"), "{laid_out}");
    insta::assert_snapshot!(
        std::fs::read_to_string(folder.path().join("clients/417/sunshine-insurance-anne-hunter.yaml")).expect("a file")
    );
}

#[test]
fn only_what_is_selected_and_not_defined_is_exported_and_existing_files_stay() {
    let world = World::in_sync();
    world.write("clients/417/sunshine-insurance-client.yaml", "# mine\n");
    let estate = "telsys/417/partition/1/device/UnknownNoneOrAll/integratorClient/";
    assert_eq!(world.send("POST", estate, r#"{"Description":"?"}"#), 200);
    assert_eq!(world.send("POST", "telsys/417/partition/1/device/03/integratorClient/", r#"{"Description":"x"}"#), 200);
    world.run(&["export", "--exclude", "device=03"]).expect(0);
    assert_eq!(world.read("clients/417/sunshine-insurance-client.yaml"), "# mine\n");
    assert_eq!(files(&world.path("")).len(), 3);
    assert_eq!(world.writes(), 2);
    world.run(&["export", "--select", "device=03"]).expect(0);
    assert_eq!(files(&world.path("")).len(), 4);
    world.assert_in_sync();
}

#[test]
fn texts_numbers_and_nests_of_every_kind_come_back_as_they_are() {
    let world = World::of(ESTATE);
    world.write("icsync.yaml", &world.read("icsync.yaml").replace("manage: [{ telsys: 417 }]", ""));
    let long = "k".repeat(3000);
    let mut deep = json!(1);
    for _ in 0..70 {
        deep = json!([deep]);
    }
    let shapes = json!({
        "block": "It’s one\n\n  two ${x}\n", "blanks before": "  one\ntwo", "tabs": "if\n\tx\n", "breaks": "one\ntwo\n\n\n\n",
        "blanks": " ".repeat(200), "wide": "wörds \\ and ${more} ".repeat(20), "unbroken": "ü\"".repeat(100),
        "blocks": [["one\ntwo", { "three\nfour": "five\nsix\n" }], "seven\n\teight"],
    });
    let nasty = json!({
        "shapes": shapes,
        "text": "a\nb\r\n\tc  ", "empty": "", "no": "no", "number": "0123", "plus": "+44", "null": "null", "tilde": "~",
        "reference": "${var.x} $${y} ${", "dollar": "$", "quote": "\"'\\", "colon": "a: b #c", "bom": "\u{feff}x",
        "control": "\u{1}\u{7f}\u{85}\u{2028}", "emoji": "👩‍🚀 ünïcödé", "percent": "%TAG", "at": "@x", "dash": "- x", "---": "---",
        "<<": "merge", "${key}": 1, "key: with # signs": true, "\"": "\"", "line\nbreak": 1, "": "no name", "true": 0, "1": 1,
        "nested": { "list": [1, "two", null, [], {}, { "${x}": "${y}" }], "map": {} }, "nothing": null,
        long.as_str(): { long.as_str(): "long" }, "deep": deep,
    });
    let mut body = json!({ "Description": "Nasty: ${x} \u{1b}[31m\n#", "Settings": nasty });
    body["Policies"] = json!({ "marker": true });
    let text = body.to_string().replace(
        "\"marker\":true",
        "\"big\":123456789012345678901234567890,\"small\":1.50e-7,\"one\":1.0,\"far\":1E+400,\"minus\":-0",
    );
    assert_eq!(world.send("POST", "telsys/417/partition/1/device/%2B44/integratorClient/", &text), 200);
    let before = world.state();
    let exported = world.run(&["export"]).expect(0);
    assert!(exported.stdout.contains("`settings.deep` is nested too deep"), "{}", exported.stdout);
    world.assert_in_sync();
    world.apply().expect(0);
    assert_eq!(world.state(), before);
}

#[test]
fn an_export_is_text_as_people_write_it_below_the_line_by_which_editors_find_the_schema() {
    let world = World::of(ESTATE);
    let body =
        json!({ "Description": "Anne’s desk", "Settings": { "note": "one\ntwo\n", "hidden": "a\u{202e}b\u{a0}" } });
    let path = "telsys/417/partition/1/device/03/integratorClient/";
    assert_eq!(world.send("POST", path, &body.to_string()), 200);
    world.run(&["export", "--select", "device=03"]).expect(0);
    let text = world.read(&files(&world.path(""))[0]);
    assert!(text.starts_with("# yaml-language-server: $schema=../../schemas/definition.schema.json\n---\n"), "{text}");
    assert!(text.contains("description: \"Anne’s desk\"\n"), "{text}");
    assert!(text.contains("  \"hidden\": \"a\\u202eb\\u00a0\"\n  \"note\": |\n    one\n    two\n"), "{text}");
}

#[test]
fn sensitive_values_become_variables_with_a_list_of_what_to_set() {
    let mut world = World::of(ESTATE);
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.ui::b\", \"policies.*\"]");
    let exported = world.run(&["export", "--sensitive", "env"]).expect(0);
    insta::assert_snapshot!(exported.stdout);
    let text = world.read("clients/417/sunshine-insurance-one.yaml");
    assert!(!text.contains("\"text\"") && !text.contains("true\n  \"core"), "{text}");
    let missing = world.run(&["plan"]).expect(3);
    assert!(missing.stderr.contains("SUNSHINE_INSURANCE_ONE_SETTINGS_UI__B"), "{}", missing.stderr);
    world.set("SUNSHINE_INSURANCE_ONE_SETTINGS_UI__B", "text");
    world.assert_in_sync();
}

#[test]
fn sensitive_values_stay_on_the_server_and_keys_like_secrets_are_warned_of() {
    let world = World::of(&ESTATE.replace("\"ui::b\": \"text\"", "\"ui::b\": \"text\", \"crm::apiToken\": \"abc\""));
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.ui::b\", \"settings.crm::pasword\"]");
    let exported = world.run(&["export"]).expect(0);
    assert!(exported.stdout.contains("1 sensitive value; `--sensitive env`"), "{}", exported.stdout);
    assert!(exported.stderr.contains("settings.crm::apiToken  (1 client)"), "{}", exported.stderr);
    let text = world.read("clients/417/sunshine-insurance-one.yaml");
    assert!(text.contains("ignore: [\"settings.ui::b\"]") && !text.contains("\"text\""), "{text}");
    // The pattern with the typo hides nothing, and plan says so.
    let plan = world.run(&["plan"]).expect(0);
    assert!(plan.stdout.contains("IC0802") && plan.stdout.contains("pasword") && plan.stdout.contains("icsync.yaml"));
    assert!(plan.stdout.contains("No changes"), "{}", plan.stdout);
    world.run(&["plan", "--strict"]).expect(3);
}

#[test]
fn fields_that_cannot_be_read_are_left_out_and_named() {
    let world = World::of(&format!("{ESTATE}\ndialect: {{ details: never }}\n"));
    let exported = world.run(&["export"]).expect(0);
    assert!(exported.stdout.contains("sunshine-insurance-one: `settings` cannot be read"), "{}", exported.stdout);
    let text = world.read("clients/417/sunshine-insurance-one.yaml");
    assert!(text.contains("description: one\n") && !text.contains("settings"), "{text}");
    world.assert_in_sync();
}

#[test]
fn clients_that_the_server_refuses_to_show_are_left_out_and_named() {
    let world = World::of(ESTATE);
    world.faults("- { operation: info, effect: answer, status: 400, code: 30007 }");
    let run = world.run(&["export"]).expect(0);
    assert!(run.stdout.contains("it cannot be read") && run.stdout.contains("30007"), "{run:?}");
    assert!(files(&world.path("")).is_empty());
}

#[test]
fn a_folder_beyond_the_patterns_is_written_with_a_warning() {
    let world = World::of(ESTATE);
    let exported = world.run(&["export", "--into", "elsewhere"]).expect(0);
    assert!(
        exported.stderr.contains("`definitions` in icsync.yaml does not match 1 of the files"),
        "{}",
        exported.stderr
    );
    assert!(world.read("elsewhere/clients/417/sunshine-insurance-one.yaml").contains("kind: IntegratorClient"));
}

#[test]
fn a_thousand_clients_in_five_patterns_become_five_profiles_and_plan_to_nothing() {
    let mut estate: Value = json!({
        "telephony_servers": [{ "id": 1, "partitions": [{ "id": 1, "devices": [] }] }],
        "users": [{ "username": "admin", "password": "word", "api_key": "test-key" }], "clients": [],
    });
    for number in 0..1000 {
        let pattern = number % 5;
        let device = format!("0{number:04}");
        let devices = estate["telephony_servers"][0]["partitions"][0]["devices"].as_array_mut().expect("devices");
        devices.push(json!({ "number": device }));
        let settings = json!({
            format!("p{pattern}::a"): true, format!("p{pattern}::b"): pattern, format!("p{pattern}::c"): "x", "own": number,
        });
        estate["clients"].as_array_mut().expect("clients").push(json!({
            "id": format!("00000000000000aa:1:1:{number:x}"), "telsys": 1, "partition": 1, "device": device,
            "description": format!("Desk {number}"), "settings": settings, "policies": {},
        }));
    }
    let folder = folder("", &estate.to_string());
    let exported = run(folder.path(), &["export", "--as-profiles"]).expect(0);
    assert!(exported.stdout.ends_with("exported 1000 clients and 5 profiles\n"), "{}", exported.stdout);
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_key_that_looks_like_a_secret_is_warned_of_with_what_to_do_before_it_is_committed() {
    let world = World::of(&ESTATE.replace("\"ui::a\": true,", "\"ui::a\": true, \"crm::password\": hush,"));
    let Run { stderr, .. } = world.run(&["export"]).expect(0);
    assert!(stderr.contains("warning: 1 key that looks like a secret is written as it is, because"), "{stderr}");
    assert!(stderr.contains("  settings.crm::password  (1 client)\n"), "{stderr}");
    assert!(stderr.contains("help: name it there, remove the files and export again"), "{stderr}");
}
