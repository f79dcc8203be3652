//! Warnings: shown by every command that checks files, in every format, and without a say in the exit code.

use serde_json::Value;

use crate::review::committed;
use crate::world::{Run, World};

const FORMATS: [&str; 7] = ["text", "json", "markdown", "html", "junit", "sarif", "github"];

/// A world in sync but for a description that is cut short.
fn cut_short() -> World {
    let world = committed();
    world.edit("clients/one.yaml", "description: one", "description: one #31");
    world
}

#[test]
fn a_warning_is_shown_in_every_format_and_stops_nothing() {
    let world = cut_short();
    for command in [
        &["validate"][..],
        &["plan"],
        &["plan", "--detailed-exitcode"],
        &["drift"],
        &["diff", "HEAD"],
        &["diff", "HEAD", "--exit-code"],
    ] {
        for format in FORMATS {
            let Run { stdout, stderr, .. } = world.run(&[command, &["-o", format]].concat()).expect(0);
            let shown = if (command[0], format) == ("validate", "text") { &stderr } else { &stdout };
            assert!(shown.contains("IC0801"), "{command:?} {format}: {stdout}{stderr}");
            assert!(shown.contains("clients/one.yaml"), "{command:?} {format}: {stdout}{stderr}");
        }
    }
    world.run(&["apply", "--auto-approve"]).expect(0);
}

#[test]
fn text_says_where_a_warning_is_and_what_to_do() {
    let world = cut_short();
    insta::assert_snapshot!(world.plan(), @r#"
    icsync plan · test (http://sandbox) · prune: report · with uncommitted changes

     * IC0801   warning   clients/one.yaml:5:14
       the value is cut short: what begins with ` #` is a comment, and the value is `one`
       help: write `"one #31"` if all of it is meant, or a blank behind the `#`

    No changes: 1 unchanged, 0 unmanaged
    "#);
    let Run { stdout, stderr, .. } = world.run(&["validate"]).expect(0);
    insta::assert_snapshot!(format!("{stderr}{stdout}"), @r#"
    warning[IC0801]: the value is cut short: what begins with ` #` is a comment, and the value is `one`
     --> clients/one.yaml:5:14
      |
    5 | description: one #31
      |              ^^^
      |
      = help: write `"one #31"` if all of it is meant, or a blank behind the `#`

    valid: 1 client for target test, 1 warning
    "#);
    assert!(world.run(&["plan", "-o", "json"]).expect(0).stderr.contains("clients/one.yaml:5:14"));
    assert!(!world.run(&["-q", "validate"]).expect(0).stderr.contains("IC0801"));
}

#[test]
fn strict_makes_warnings_errors() {
    let world = cut_short();
    for command in [
        &["validate"][..],
        &["plan"],
        &["drift"],
        &["diff", "HEAD"],
        &["apply", "--auto-approve"],
        &["validate", "--log-format", "json"],
    ] {
        let Run { stderr, .. } = world.run(&[command, &["--strict"]].concat()).expect(3);
        assert!(stderr.contains("IC0801"), "{command:?}: {stderr}");
        for format in FORMATS {
            let Run { stdout, .. } = world.run(&[command, &["--strict", "-o", format]].concat()).expect(3);
            assert!(format == "text" || stdout.contains("IC0801"), "{command:?} {format}: {stdout}");
        }
    }
    let run = world.run(&["plan", "--strict", "-o", "json"]).expect(3).json();
    assert_eq!(
        (&run["error"]["code"], &run["diagnostics"][0]["severity"]),
        (&Value::from("invalid"), &Value::from("error"))
    );
    world.edit("clients/one.yaml", " #31", "");
    world.run(&["plan", "--strict"]).expect(0);
}

#[test]
fn a_saved_plan_keeps_its_warnings_and_is_not_stale_without_them() {
    let world = cut_short();
    world.edit("clients/one.yaml", "\"ui::a\": true", "\"ui::a\": false");
    let run = world.run(&["plan", "--out", "saved.plan", "-o", "json"]).expect(0).json();
    assert_eq!(run["diagnostics"][0]["code"], "IC0801");
    assert_eq!(
        (&run["diagnostics"][0]["file"], &run["diagnostics"][0]["line"]),
        (&Value::from("clients/one.yaml"), &Value::from(5))
    );
    assert!(world.run(&["show", "saved.plan"]).expect(0).stdout.contains("IC0801"));
    world.edit("clients/one.yaml", " #31", "");
    world.run(&["apply", "saved.plan"]).expect(0);
}

#[test]
fn an_entry_of_protect_that_protects_nothing_is_a_warning_of_whole_plans() {
    let world = World::in_sync();
    let config = |rest: &str| {
        world.configure(&format!(
            "manage: [{{ telsys: 417 }}]\nprotect:\n  - {{ telsys: 417, device: \"01\" }}\n  - {{ id: \"00000000000000aa:1:1:1\" }}\n{rest}"
        ));
    };
    config("");
    world.run(&["--strict", "plan"]).expect(0);
    config("  - { telsys: 417, partition: 1, device: \"0l\" }\n  - { id: \"00000000000000ac:1:1:1\" }");
    for command in ["plan", "drift"] {
        let said = world.run(&[command]).expect(0).stdout;
        assert_eq!(said.matches("IC0807").count(), 2, "{said}");
        assert!(said.contains("`417/1/0l`") && said.contains("`00000000000000ac:1:1:1`"), "{said}");
        world.run(&["--strict", command]).expect(3);
        for part in [["--select", "telsys=417"], ["--exclude", "name=two"], ["--shard", "1/1"]] {
            let said = world.run(&[&[command][..], &part].concat());
            assert!(!said.stdout.contains("IC0807"), "{said:?}");
        }
    }
    // A definition, live or not, is protected too.
    world.write(
        "clients/two.yaml",
        "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"0l\" }\n",
    );
    assert_eq!(world.run(&["plan"]).stdout.matches("IC0807").count(), 1);
}

#[test]
fn an_entry_of_protect_is_not_idle_if_another_target_may_have_what_it_covers() {
    let world = World::in_sync();
    let idle = |other: &str| {
        let protect = "protect: [{ telsys: 426, partition: 1 }]";
        world.configure(&format!(
            "  other:\n    {other}\n    url: https://ccs.example.com\n    auth: {{api_key: {{env: CCS_API_KEY}}}}\nmanage: [{{ telsys: 417 }}]\n{protect}"
        ));
        world.run(&["plan"]).expect(0).stdout.contains("IC0807")
    };
    assert!(idle("prune: report"));
    assert!(idle("manage: [{ telsys: 417 }, { telsys: 426, partition: 2 }]"));
    assert!(!idle("manage: [{ telsys: 417 }, { telsys: 426 }]"));
    world.write("other/b.yaml", "kind: IntegratorClient\nname: b\nscope: { telsys: 426, partition: 1 }\n");
    assert!(!idle("definitions: [\"other/*.yaml\"]\n    manage: [{ telsys: 426, partition: 1 }]"));
}
