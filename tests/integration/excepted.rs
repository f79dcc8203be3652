//! `exceptions`: known drift that is left alone up to a day.

use crate::world::{ONE, Run, World};
use serde_json::{Value, json};

/// A client that differs from the live one in `ui::a`, and in its description.
const DIFFERS: &str = "kind: IntegratorClient\nname: one\nscope: {telsys: 417, partition: 1, device: \"01\"}\n\
                       description: one\npolicies: {\"core::a\": true}\nsettings: {\"ui::a\": false, \"ui::b\": \"text\"}\n";

fn except(world: &World, until: &str) {
    let exception =
        format!("{{client: one, fields: [settings.ui::a], until: {until}, reason: \"trial of the new panel\"}}");
    world.configure(&format!("manage: [{{telsys: 417}}]\nexceptions: [{exception}]"));
}

fn excepted() -> World {
    let world = World::in_sync();
    world.write("clients/one.yaml", DIFFERS);
    except(&world, "9999-12-31");
    world
}

#[test]
fn drift_shows_what_is_excepted_and_exits_with_zero() {
    let world = excepted();
    let Run { stdout, .. } = world.run(&["drift"]).expect(0);
    insta::assert_snapshot!(stdout.replace(world.url(), "http://sandbox"), @"
    icsync drift · test (http://sandbox) · without --since: drifted and pending are one

     * one   417/1/01   Sunshine Insurance · One   excepted   clients/one.yaml:1
       excepted until 9999-12-31: trial of the new panel
       settings
         ~ ui::a   git: false · live: true

    No drift: 0 in sync, 0 unmanaged, 1 excepted
    ");
    let json = world.run(&["drift", "-o", "json"]).expect(0).json();
    assert_eq!(json["clients"][0]["state"], "excepted");
    let change = &json["clients"][0]["changes"][0];
    assert_eq!((&change["state"], &change["key"]), (&json!("excepted"), &json!("ui::a")));
    assert_eq!(change["exception"], json!({"until": "9999-12-31", "reason": "trial of the new panel"}));
    assert_eq!(json["summary"]["excepted"], 1);
    for format in ["markdown", "html", "junit", "sarif", "github"] {
        let said = world.run(&["drift", "-o", format]).expect(0).stdout;
        assert!(
            said.contains("excepted until 9999-12-31") && said.contains("trial of the new panel"),
            "{format}: {said}"
        );
    }
    let effective = world.run(&["show", "--effective", "one"]).expect(0).stdout;
    assert!(effective.contains("# until 9999-12-31 left alone: settings.ui::a: trial of the new panel"), "{effective}");
}

#[test]
fn a_plan_says_what_it_leaves_alone_and_why() {
    let world = excepted();
    let Run { stdout, .. } = world.run(&["plan"]).expect(0);
    insta::assert_snapshot!(stdout.replace(world.url(), "http://sandbox"), @r"
    icsync plan · test (http://sandbox) · prune: report

     * one   notice   clients/one.yaml:1
       an exception leaves `settings.ui::a` alone until 9999-12-31: trial of the new panel
       help: `icsync drift --target test` shows both sides

    No changes: 1 unchanged, 0 unmanaged
    ");
    let json = world.run(&["plan", "-o", "json"]).expect(0).json();
    assert_eq!((&json["steps"], &json["notices"][0]["client"]), (&json!([]), &json!("one")));
    // A client that differs in nothing else, or in nothing at all, is not spoken of.
    world.write("clients/one.yaml", ONE);
    assert_eq!(world.run(&["plan", "-o", "json"]).expect(0).json()["notices"], json!([]));
}

#[test]
fn a_change_sends_back_what_is_excepted_as_it_is_live() {
    let world = excepted();
    world.assert_in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let plan = world.run(&["plan", "-o", "json"]).expect(0).json();
    let changes = &plan["steps"][0]["changes"];
    assert_eq!((changes.as_array().map(Vec::len), &changes[0]["after"]), (Some(1), &json!("two")), "{plan}");
    world.apply().expect(0);
    let client = &world.clients(417)[0];
    assert_eq!(client["settings"], json!({"ui::a": true, "ui::b": "text"}), "{client}");
    assert_eq!(client["description"], "two");
    world.assert_in_sync();
}

#[test]
fn after_its_last_day_an_exception_stops_what_would_have_to_decide_and_nothing_else() {
    let world = excepted();
    except(&world, "2020-01-31");
    for command in [&["plan"][..], &["drift"], &["apply", "--auto-approve"]] {
        let Run { stderr, stdout, .. } = world.run(command).expect(3);
        assert!(stderr.contains("IC0313") && stderr.contains("trial of the new panel"), "{stderr}");
        assert_eq!(stdout, "");
    }
    assert_eq!(world.writes(), 0);
    // A pull request that has nothing to do with it is not stopped by the calendar.
    for command in [&["validate"][..], &["--strict", "validate"], &["list"], &["show", "--effective", "one"]] {
        world.run(command).expect(0);
    }
}

#[test]
fn an_exception_that_leaves_nothing_alone_is_a_warning() {
    let world = World::in_sync();
    let exceptions = "manage: [{telsys: 417}]\nexceptions:\n  - {client: won, fields: [settings], until: 9999-12-31, reason: r}\n  \
                      - {client: profile=base, fields: [settings], until: 9999-12-31, reason: r}\n  \
                      - {client: telsys=417, fields: [cm_environment_id, settings.ui::*, settings.iu::*], until: 9999-12-31, reason: r}";
    world.configure(exceptions);
    let Run { stderr, .. } = world.run(&["validate"]).expect(0);
    assert_eq!(stderr.matches("IC0805").count(), 2, "{stderr}");
    // The text of a plan says itself what is doubtful.
    let said = world.run(&["plan"]).expect(0).stdout;
    assert_eq!(said.matches("IC0805").count(), 4, "{said}");
    for idle in ["`won`", "`profile=base`", "`cm_environment_id`", "`settings.iu::*`"] {
        assert!(said.contains(idle), "{idle}: {said}");
    }
    world.run(&["--strict", "plan"]).expect(3);
}

#[test]
fn what_a_selection_or_a_shard_leaves_out_is_not_called_idle() {
    let world = World::in_sync();
    world.write(
        "clients/two.yaml",
        "kind: IntegratorClient\nname: two\nscope: {telsys: 426, partition: 1}\ndescription: foreign\nowns: {settings: listed}\n\
         settings: {}\n",
    );
    let rules = |key: &str| {
        let exception = format!("{{client: two, fields: [\"settings.{key}\"], until: 9999-12-31, reason: r}}");
        world.configure(&format!(
            "manage: [{{telsys: 417}}, {{telsys: 426}}]\nsensitive: [\"settings.{key}\"]\nexceptions: [{exception}]"
        ));
    };
    // Only the live client of `two` has it.
    rules("x");
    let shards = ["0/2", "1/2"].map(|shard| ["--shard", shard]);
    let parts = [["--select", "name=one"], ["--exclude", "name=two"]].into_iter().chain(shards);
    for part in parts.map(Vec::from).chain([Vec::new()]) {
        for command in ["plan", "drift"] {
            world.run(&[&["--strict", command], &*part].concat()).expect(0);
        }
    }
    // Where all is read a typo is told; of a part, only where all is read of whom an exception is for.
    rules("y");
    for command in ["plan", "drift"] {
        let codes = |part: &[&str]| {
            let said = world.run(&[&[command], part].concat()).expect(0).stdout;
            ["IC0802", "IC0805"].map(|code| said.contains(code))
        };
        assert_eq!(codes(&[]), [true, true], "{command}");
        assert_eq!(codes(&["--select", "name=two"]), [false, true], "{command}");
        assert_eq!(codes(&["--select", "name=one"]), [false, false], "{command}");
    }
}

#[test]
fn an_exception_without_an_end_or_a_reason_is_a_mistake() {
    let world = World::in_sync();
    for (exception, code) in [
        ("{client: one, fields: [settings], reason: r}", "IC0203"),
        ("{client: one, fields: [settings], until: 9999-12-31}", "IC0203"),
        ("{client: one, fields: [settings], until: 9999-12-31, reason: \" \"}", "IC0312"),
        ("{client: one, fields: [settings], until: never, reason: r}", "IC0312"),
        ("{client: one, fields: [], until: 9999-12-31, reason: r}", "IC0312"),
        ("{client: colour=red, fields: [settings], until: 9999-12-31, reason: r}", "IC0312"),
        ("{client: One, fields: [settings], until: 9999-12-31, reason: r}", "IC0402"),
        ("{client: one, fields: [setting], until: 9999-12-31, reason: r}", "IC0310"),
    ] {
        world.configure(&format!("exceptions: [{exception}]"));
        let Run { stderr, .. } = world.run(&["validate"]).expect(3);
        assert!(stderr.contains(code), "{exception}: {stderr}");
    }
}

#[test]
fn a_key_that_only_live_has_can_be_excepted() {
    let world = World::in_sync();
    world.write("clients/one.yaml", &ONE.replace("\"ui::a\": true, ", ""));
    except(&world, "9999-12-31");
    let Run { stdout, .. } = world.run(&["drift"]).expect(0);
    assert!(!stdout.contains("IC0805"), "{stdout}");
    let json = world.run(&["drift", "-o", "json"]).expect(0).json();
    assert_eq!(json["clients"][0]["changes"][0]["before"], true);
    assert_eq!(json["clients"][0]["changes"][0]["after"], Value::Null);
    world.apply().expect(0);
    assert_eq!(world.clients(417)[0]["settings"]["ui::a"], true);
}

#[test]
fn what_an_exception_leaves_alone_is_not_accepted_and_the_exception_is_named() {
    let world = excepted();
    let Run { stderr, stdout, .. } = world.run(&["drift", "--accept", "one"]).expect(7);
    assert_eq!(stdout, "");
    assert!(stderr.contains("left as it is: one: what differs is left alone by an exception"), "{stderr}");
    world.run(&["drift", "--accept", "--all"]).expect(0);
    assert_eq!(world.read("clients/one.yaml"), DIFFERS);
}
