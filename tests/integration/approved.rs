//! What was approved is what is applied, and what documents and journals say of sensitive values.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::world::{ONE, Run, World};

/// A client whose PIN git takes from the environment, in sync before it changes.
fn with_pin() -> World {
    let mut world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.crm::*\"]");
    world.write("clients/one.yaml", &ONE.replace("\"ui::b\": text", "\"ui::b\": text, \"crm::pin\": \"${env.PIN}\""));
    world.set("PIN", "no. 4711");
    world.apply().expect(0);
    world.set("PIN", "no. 0815");
    world
}

/// The world in another folder, as another job of CI sees it.
fn elsewhere(world: &World) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    for file in ["icsync.yaml", "clients/one.yaml", "plan.json"] {
        std::fs::copy(world.path(file), folder.path().join(file)).expect("a file");
    }
    folder
}

fn steps_digest(world: &World) -> String {
    let plan = world.run(&["plan", "-o", "json"]).json();
    plan["steps_digest"].as_str().expect("a digest").to_owned()
}

/// Everything that the folder holds besides its files of definitions, by path.
fn written(world: &World) -> Vec<(String, String)> {
    let output = Command::new("find").arg(world.path(".")).args(["-type", "f"]).output().expect("find");
    let paths = String::from_utf8(output.stdout).expect("text");
    let kept = |path: &&str| !path.contains("/clients/") && !path.ends_with("icsync.yaml");
    paths.lines().filter(kept).map(|path| (path.to_owned(), std::fs::read_to_string(path).expect("text"))).collect()
}

#[test]
fn neither_a_pin_nor_the_key_of_its_digests_is_in_any_document_or_journal() {
    let world = with_pin();
    let formats = ["json", "markdown", "html", "junit", "sarif", "github"].map(|format| format!("{format}=r.{format}"));
    let outputs: Vec<&str> = formats.iter().flat_map(|format| ["-o", format]).collect();
    world.run(&[&["plan", "--out", "plan.json"], &outputs[..]].concat()).expect(0);
    world.run(&["apply", "plan.json", "-o", "json=applied.json"]).expect(0);
    let key = world.read(".icsync/key").trim().to_owned();
    assert_eq!(key.len(), 64);
    let files = written(&world);
    assert!(files.len() > 9, "{files:?}");
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with(".icsync/key")) {
        assert!(!text.contains("no. 4711") && !text.contains("no. 0815"), "{path}: {text}");
        assert!(!text.contains(&key), "{path} holds the key");
        // A report names the files that were read by one keyed digest.
        let most = match path.rsplit('/').next().unwrap_or_default() {
            "r.json" | "applied.json" => 1,
            "plan.json" => usize::MAX,
            journal if journal.contains(".jsonl") => usize::MAX,
            _ => 0,
        };
        assert!(text.matches("hmac-sha256:").count() <= most, "{path} holds a digest: {text}");
    }
    let report: Value = serde_json::from_str(&world.read("r.json")).expect("JSON");
    assert_eq!(report["steps"][0]["changes"][0]["after"], serde_json::json!({ "sensitive": true }));
    assert!(report["steps"][0]["sensitive"].is_null() && report["digest_key"].is_null());
    let saved: Value = serde_json::from_str(&world.read("plan.json")).expect("JSON");
    assert!(saved["steps"][0]["sensitive"]["before.settings.crm::pin"].is_string(), "{saved}");
    let shown = world.run(&["show", "plan.json", "-o", "json"]).expect(0).json();
    assert!(shown["steps"][0]["sensitive"].is_null(), "{shown}");
}

#[test]
fn a_report_is_the_same_to_the_byte_whatever_the_pin_is() {
    let mut world = with_pin();
    let report = |world: &World| world.run(&["plan", "-o", "json"]).expect(0).stdout;
    let first = report(&world);
    assert_eq!(report(&world), first);
    for pin in ["1234", "9999"] {
        world.set("PIN", pin);
        assert_eq!(report(&world), first, "{pin}");
    }
}

#[test]
fn a_pin_that_stands_in_a_file_is_not_told_by_the_digest_of_the_files() {
    let world = with_pin();
    world.edit("clients/one.yaml", "${env.PIN}", "1357");
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    let digest = |text: &str| -> String {
        let plan: Value = serde_json::from_str(text).expect("JSON");
        plan["source"]["digest"].as_str().expect("a digest").to_owned()
    };
    let told = digest(&world.read("plan.json"));
    assert!(told.starts_with("hmac-sha256:"), "{told}");
    // Whoever guesses the PIN has the files and not the key.
    let guess = world.run(&["-C", elsewhere(&world).path().to_str().expect("a path"), "plan", "-o", "json"]).expect(0);
    assert_ne!(digest(&guess.stdout), told);
}

#[test]
fn a_saved_plan_with_a_pin_is_applied_where_its_key_is_and_refused_elsewhere() {
    let mut world = with_pin();
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    let other = elsewhere(&world);
    let there = other.path().to_str().expect("a path").to_owned();
    let refused = world.run(&["-C", &there, "apply", "plan.json"]).expect(6);
    assert!(refused.stderr.contains("set the same ICSYNC_PLAN_KEY in both jobs"), "{}", refused.stderr);
    assert!(refused.stderr.contains("sensitive values"), "{}", refused.stderr);
    world.run(&["plan", "-o", "json=plan.json"]).expect(0);
    let report = world.run(&["apply", "plan.json"]).expect(6);
    assert!(report.stderr.contains("holds no digests"), "{}", report.stderr);
    world.set("ICSYNC_PLAN_KEY", "shared between jobs");
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    std::fs::copy(world.path("plan.json"), other.path().join("plan.json")).expect("a copy");
    world.run(&["-C", &there, "apply", "plan.json"]).expect(0);
    world.assert_in_sync();
}

#[test]
fn a_saved_plan_is_stale_when_its_pin_changes() {
    let mut world = with_pin();
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    world.set("PIN", "0816");
    let stale = world.run(&["apply", "plan.json"]).expect(6);
    assert!(stale.stderr.contains("the desired `settings.crm::pin` (sensitive)"), "{}", stale.stderr);
    world.set("PIN", "no. 0815");
    world.run(&["apply", "plan.json"]).expect(0);
}

#[cfg(unix)]
#[test]
fn the_kept_key_is_for_its_owner_only_and_for_no_commit() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = with_pin();
    let mode = std::fs::metadata(world.path(".icsync/key")).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(world.read(".icsync/.gitignore"), "*\n");
    world.write(".icsync/key", "too short\n");
    let broken = world.run(&["plan", "--out", "plan.json"]).expect(1);
    assert!(broken.stderr.contains("64 hexadecimal digits") && broken.stderr.contains("ICSYNC_PLAN_KEY"), "{broken:?}");
}

#[test]
fn processes_that_make_the_key_at_once_end_with_one() {
    let world = with_pin();
    world.remove(".icsync/key");
    let start = |number: usize| {
        let file = format!("plan-{number}.json");
        let mut command = world.command(&["plan", "--out", &file]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary")
    };
    for mut running in (0..6).map(start).collect::<Vec<_>>() {
        assert!(running.wait().expect("an end").success());
    }
    let key = |number: usize| -> Value {
        serde_json::from_str::<Value>(&world.read(&format!("plan-{number}.json"))).expect("JSON")["digest_key"].clone()
    };
    assert!(key(0).is_string() && (1..6).all(|number| key(number) == key(0)));
}

#[test]
fn without_sensitive_values_no_key_is_kept() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    world.run(&["apply", "plan.json"]).expect(0);
    assert!(!world.path(".icsync/key").exists());
}

#[cfg(unix)]
#[test]
fn a_plan_key_that_is_not_text_is_an_error_like_an_empty_one() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::in_sync();
    let mut command = world.command(&["plan", "--out", "plan.json"]);
    let run = command.env("ICSYNC_PLAN_KEY", std::ffi::OsStr::from_bytes(b"\xff\xfe")).output().expect("the binary");
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("ICSYNC_PLAN_KEY is set to what is not text"), "{stderr}");
    assert!(!world.path("plan.json").exists());
}

#[test]
fn a_rollback_takes_sensitive_values_for_changed_where_the_key_of_the_run_is_not_at_hand() {
    let mut world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.crm::*\"]");
    let two = "\n---\nkind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\n\
               settings: { \"crm::pin\": \"4711\" }\n";
    world.write("clients/one.yaml", &format!("{ONE}{two}"));
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0).json();
    let run = run["run"].as_str().expect("a run");
    let back = world.run(&["rollback", run, "--max-deletes", "1"]).expect(0);
    assert!(back.stdout.contains("1 to delete") && !back.stderr.contains("warning"), "{back:?}");
    world.set("ICSYNC_PLAN_KEY", "another");
    let back = world.run(&["rollback", run]);
    assert!(back.stderr.contains("the key under which the run noted sensitive values is not at hand"), "{back:?}");
    assert!(back.stdout.contains("1 blocked") && back.stdout.contains("0 to delete"), "{back:?}");
}

#[test]
fn only_what_is_expected_is_applied() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let digest = steps_digest(&world);
    world.edit("clients/one.yaml", "kind: IntegratorClient", "\n# a comment\nkind: IntegratorClient");
    assert_eq!(steps_digest(&world), digest, "lines are no part of it");
    world.edit("clients/one.yaml", "description: two", "description: three");
    world.forget();
    let refused = world.run(&["apply", "--expect", &digest]).expect(6);
    assert!(refused.stderr.contains(&digest) && refused.stderr.contains("1 to change"), "{}", refused.stderr);
    assert!(refused.stderr.contains("now:"), "{}", refused.stderr);
    assert_eq!(world.writes(), 0);
    world.edit("clients/one.yaml", "description: three", "description: two");
    world.run(&["apply", "--expect", &digest]).expect(0);
    world.assert_in_sync();
    world.run(&["apply", "--expect", &digest]).expect(6);
}

#[test]
fn a_digest_that_is_none_is_a_wrong_command_line() {
    let world = World::in_sync();
    for digest in ["", "sha256:", "abc", &format!("sha256:{}", "G".repeat(64))] {
        let run = world.run(&["apply", "--expect", digest]).expect(64);
        assert!(run.stderr.contains("64 hexadecimal digits"), "{}", run.stderr);
    }
}

#[test]
fn a_pin_is_part_of_what_is_expected_only_with_a_plan_key() {
    let mut world = with_pin();
    let digest = steps_digest(&world);
    world.set("PIN", "1234");
    assert_eq!(steps_digest(&world), digest);
    let warned = world.run(&["apply", "--expect", &digest]).expect(0).stderr;
    let warning = "warning: what 1 sensitive field holds is not compared with what is expected";
    assert!(warned.contains(warning) && warned.contains("ICSYNC_PLAN_KEY"), "{warned}");
    world.set("PIN", "5678");
    world.set("ICSYNC_PLAN_KEY", "shared");
    let keyed = steps_digest(&world);
    world.set("PIN", "4321");
    assert_ne!(steps_digest(&world), keyed);
    world.run(&["apply", "--expect", &keyed]).expect(6);
    world.set("PIN", "5678");
    let Run { stderr, .. } = world.run(&["apply", "--expect", &keyed]).expect(0);
    assert!(!stderr.contains("warning"), "{stderr}");
}

#[test]
fn a_merge_queue_learns_whether_what_was_looked_at_would_still_be_done() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    world.run(&["plan", "--check", "plan.json"]).expect(0);
    world.run(&["plan", "--check", "plan.json", "--detailed-exitcode"]).expect(2);
    world.edit("clients/one.yaml", "kind: IntegratorClient", "# moved down\nkind: IntegratorClient");
    world.run(&["plan", "--check", "plan.json"]).expect(0);
    let two = "\n---\nkind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\n";
    let text = world.read("clients/one.yaml");
    world.write("clients/one.yaml", &(text + two));
    let other = world.run(&["plan", "--check", "plan.json"]).expect(6);
    assert!(other.stdout.contains("1 to add, 1 to change"), "the new plan is shown: {}", other.stdout);
    assert!(other.stderr.contains("two: it now has to add it"), "{}", other.stderr);
    // What is looked at instead of stderr says so itself.
    for format in ["markdown", "html", "junit", "sarif", "github"] {
        let shown = world.run(&["plan", "--check", "plan.json", "-o", format]).expect(6).stdout;
        assert!(shown.contains("this is not what the saved plan says"), "{format}: {shown}");
    }
    let json = world.run(&["plan", "--check", "plan.json", "-o", "json"]).expect(6).json();
    assert!(
        json["error"]["message"].as_str().is_some_and(|text| text.contains("not what the saved plan says")),
        "{json}"
    );
    let shaped = world.run(&["plan", "--check", "plan.json", "--prune"]).expect(64);
    assert!(shaped.stderr.contains("brings its own options"), "{}", shaped.stderr);
    let part = world.run(&["plan", "--check", "plan.json", "--select", "name=one"]).expect(64);
    assert!(part.stderr.contains("is checked as a whole") && !part.stderr.contains("--prune"), "{}", part.stderr);
    world.run(&["plan", "--check", "none.json"]).expect(1);
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_stale_rollback_plan_asks_for_another_rollback_and_says_who_changed_where() {
    let mut world = World::in_sync();
    world.edit("clients/one.yaml", "text", "other");
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0).json();
    let run = run["run"].as_str().expect("a run");
    world.run(&["rollback", run, "--out", "back.json"]).expect(0);
    world.edit("clients/one.yaml", "other", "third");
    world.apply().expect(0);
    let again = format!("make a new plan with `icsync rollback {run} --out FILE`");
    let stale = world.run(&["apply", "back.json"]).expect(6);
    assert!(stale.stderr.contains(&again) && !stale.stderr.contains("icsync plan"), "{}", stale.stderr);
    let told = "one: the saved plan would change it, and it is blocked now";
    assert!(stale.stderr.contains(told) && stale.stderr.contains("`settings.ui::b`"), "{}", stale.stderr);
    let checked = world.run(&["plan", "--check", "back.json"]).expect(6);
    assert!(checked.stderr.contains(&format!("look at `icsync rollback {run}`")), "{}", checked.stderr);
    world.set("ICSYNC_PLAN_KEY", "shared");
    let unsigned = world.run(&["apply", "back.json"]).expect(6);
    assert!(unsigned.stderr.contains(&again), "{}", unsigned.stderr);
}

#[test]
fn what_a_rollback_leaves_open_is_never_said_to_need_an_apply() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "text", "other");
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0).json();
    let run = run["run"].as_str().expect("a run");
    for (fault, code, help) in [
        ("effect: accept_without_doing", 7, "` to see what is left"),
        ("effect: answer, work: skipped, status: 502", 8, "` in a while"),
    ] {
        world.run(&["rollback", run, "--out", "back.json"]).expect(0);
        world.faults(&format!("- {{ operation: change, {fault} }}"));
        let shown = world.run(&["apply", "back.json", "--auto-approve"]).expect(code).stdout;
        assert!(shown.contains(&format!("run `icsync rollback {run} --target test{help}")), "{shown}");
        assert!(!["`icsync apply", "`icsync plan", "  icsync apply"].iter().any(|one| shown.contains(one)), "{shown}");
        world.faults("[]");
    }
}

#[test]
fn every_report_of_a_saved_plan_says_the_digest_of_the_file() {
    for key in [None, Some("shared")] {
        let mut world = with_pin();
        key.into_iter().for_each(|key| world.set("ICSYNC_PLAN_KEY", key));
        let reports = ["plan", "--out", "plan.json", "-o", "markdown=p.md", "-o", "html=p.html", "-o", "json=p.json"];
        world.run(&reports).expect(0);
        let saved: Value = serde_json::from_str(&world.read("plan.json")).expect("JSON");
        let digest = saved["digest"].as_str().expect("a digest");
        let told = |text: &str| assert!(text.contains(digest) && text.matches("sha256:").count() == 1, "{text}");
        told(&world.read("p.md"));
        assert!(world.read("p.html").contains(digest));
        let reported: Value = serde_json::from_str(&world.read("p.json")).expect("JSON");
        assert_eq!(reported["saved_digest"], digest, "a report has a digest of its own");
        world.run(&["show", "p.json"]).expect(0);
        let shown = world.run(&["show", "plan.json", "-o", "json"]).expect(0).json();
        assert_eq!((&saved["saved_digest"], &shown["saved_digest"]), (&Value::Null, &Value::from(digest)));
        told(&world.run(&["show", "plan.json", "-o", "markdown"]).expect(0).stdout);
        told(&world.run(&["plan", "--check", "plan.json", "-o", "markdown"]).expect(0).stdout);
        told(&world.run(&["apply", "plan.json", "-o", "markdown"]).expect(0).stdout);
    }
}

#[test]
fn a_saved_plan_over_a_limit_names_the_command_that_saves_one_with_the_option() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nlimits: { delete: { count: 0 } }");
    world.edit("clients/one.yaml", "name: one", "name: one\nstate: absent");
    let Run { stderr, .. } = world.run(&["plan", "--out", "plan.json"]).expect(5);
    assert!(!stderr.contains("--out FILE"), "{stderr}");
    let run = world.run(&["apply", "plan.json", "-o", "markdown=refused.md", "-o", "text"]).expect(5);
    let help = "allow just this with `icsync plan --out FILE --max-deletes 1 --target test`";
    for text in [run.stdout, run.stderr, world.read("refused.md").replace("&#96;", "`")] {
        assert!(text.contains(help), "{text}");
    }
    let Run { stderr, .. } = world.run(&["apply", "--auto-approve"]).expect(5);
    assert!(stderr.contains("allow just this with --max-deletes 1"), "{stderr}");
}

#[test]
fn only_options_that_a_saved_plan_does_not_take_are_named() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    let Run { stderr, .. } =
        world.run(&["apply", "plan.json", "--max-changes", "3", "--select", "name=one"]).expect(64);
    assert!(stderr.contains("--max-changes") && !stderr.contains("--select"), "{stderr}");
    world.run(&["apply", "plan.json", "--select", "name=one"]).expect(0);
}

#[test]
fn a_plan_that_the_guard_refuses_since_it_was_saved_names_the_rule_and_what_it_is_about() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    for (rest, said) in [
        (
            "protect: [{ telsys: 417, device: \"01\" }]",
            "refuses it now (`protect`): step 1 would change `one`, which is protected",
        ),
        (
            "limits: { change: { count: 0 } }",
            "refuses it now (`limits.change`): the plan would change 1 of 1 managed clients; the limit is 0",
        ),
    ] {
        world.configure(&format!("manage: [{{ telsys: 417 }}]\n{rest}"));
        let Run { stderr, .. } = world.run(&["apply", "plan.json"]).expect(6);
        assert!(stderr.contains(said) && !stderr.contains("`guard` differs"), "{stderr}");
    }
    assert_eq!(world.writes(), 0);
}
