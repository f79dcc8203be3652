//! `diff` and `drift`: what changes between two revisions, and where live and git disagree.

use std::process::Command;

use serde_json::{Value, json};

use crate::world::{ESTATE, ONE, World};

pub(crate) fn git(world: &World, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
    let status = Command::new("git")
        .current_dir(world.path("."))
        .args(identity)
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.expect("git").success(), "{arguments:?}");
}

/// A world in git, with one commit on `main`.
pub(crate) fn committed() -> World {
    let world = World::in_sync();
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    world
}

fn definition(name: &str, device: &str, rest: &str) -> String {
    format!(
        "kind: IntegratorClient\nname: {name}\nscope: {{ telsys: 417, partition: 1, device: \"{device}\" }}\n{rest}\n"
    )
}

/// Changes the live client behind git's back.
fn change_live(world: &World, description: &str) {
    let body = json!({
        "Description": description, "CMEnvironmentID": "", "Policies": { "core::a": true },
        "Settings": { "ui::a": true, "ui::b": "text" }
    });
    let path = "telsys/417/partition/1/device/01/integratorClient/00000000000000aa:1:1:1";
    assert_eq!(world.send("PUT", path, &body.to_string()), 204);
}

fn states(world: &World, arguments: &[&str], code: i32) -> Vec<(String, String)> {
    let mut whole = vec!["drift", "-o", "json"];
    whole.extend(arguments);
    let drift = world.run(&whole).expect(code).json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let clients = drift["clients"].as_array().expect("clients");
    clients.iter().map(|client| (text(&client["client"]), text(&client["state"]))).collect()
}

#[test]
fn a_profile_edit_is_one_change_with_its_line_and_needs_no_server() {
    let world = committed();
    world.write("clients/profile.yaml", "kind: Profile\nname: base\nsettings:\n  \"ui::x\": true\n");
    let many: Vec<String> = (0..300)
        .map(|number| {
            definition(&format!("c{number:03}"), &format!("9{number:03}"), "profiles: [base]\ndescription: x")
        })
        .collect();
    world.write("clients/many.yaml", &many.join("---\n"));
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    world.edit("clients/profile.yaml", "true", "false");
    world.edit("icsync.yaml", world.url(), "http://127.0.0.1:9");
    let run = world.run(&["diff", "HEAD", "--exit-code"]).expect(2);
    assert!(run.stdout.contains("clients/profile.yaml:4") && run.stdout.contains("299 more"), "{}", run.stdout);
    assert_eq!(
        world.run(&["diff", "HEAD~1", "HEAD", "-o", "json"]).expect(0).json()["clients"].as_array().map(Vec::len),
        Some(300)
    );
}

#[test]
fn a_diff_tells_added_removed_changed_renamed_and_moved() {
    let world = committed();
    let kinds = |world: &World| -> Vec<Value> {
        let diff = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
        diff["clients"].as_array().expect("clients").iter().map(|client| client["change"].clone()).collect()
    };
    assert!(kinds(&world).is_empty());
    world.write("clients/two.yaml", &definition("two", "02", "description: x"));
    assert_eq!(kinds(&world), ["added"]);
    world.remove("clients/two.yaml");
    world.edit("clients/one.yaml", "description: one", "description: two");
    assert_eq!(kinds(&world), ["changed"]);
    world.write("clients/one.yaml", &ONE.replace("name: one", "name: uno"));
    assert_eq!(kinds(&world), ["renamed"]);
    world.write("clients/one.yaml", &ONE.replace("device: \"01\"", "device: \"02\""));
    assert_eq!(kinds(&world), ["moved"]);
    world.write("clients/one.yaml", &definition("other", "03", "description: x"));
    assert_eq!(kinds(&world).len(), 2);
}

#[test]
fn a_diff_reads_no_secret_and_a_missing_base_is_said() {
    let world = committed();
    world.write("clients/secret.yaml", &definition("secret", "02", "settings: { \"crm::password\": \"${env.CRM}\" }"));
    let run = world.run(&["diff", "HEAD"]).expect(0);
    assert!(run.stdout.contains("secret"), "{}", run.stdout);
    let run = world.run(&["diff", "no-such-branch"]).expect(1);
    assert!(run.stderr.contains("`no-such-branch`") && run.stderr.contains("help:"), "{}", run.stderr);
}

#[test]
fn without_an_upstream_the_last_commit_is_compared_with() {
    let world = committed();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let run = world.run(&["diff"]).expect(0);
    assert_eq!(run.stdout, world.run(&["diff", "HEAD"]).expect(0).stdout);
    assert!(run.stderr.contains("since the last commit") && run.stderr.contains("icsync diff BASE"), "{}", run.stderr);
}

#[test]
fn without_definitions_a_plan_says_how_to_get_some() {
    let world = committed();
    world.remove("clients/one.yaml");
    let run = world.run(&["plan"]).expect(3);
    assert!(run.stderr.contains("`icsync export`"), "{}", run.stderr);
    world.write("clients/one.yaml", "kind: Profile\nname: base\n");
    let run = world.run(&["plan"]).expect(3);
    assert!(run.stderr.contains("`icsync export`"), "{}", run.stderr);
}

#[test]
fn what_to_do_next_is_said_for_the_folder_where_it_is_to_be_done() {
    let world = committed();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let folder = world.path("");
    let (name, above) = (folder.file_name().expect("a name"), folder.parent().expect("a folder"));
    let name = name.to_str().expect("text");
    let mut command = world.command(&["-C", name, "plan", "--out", "p.json"]);
    let run = crate::world::Run::from(command.current_dir(above).output().expect("the binary")).expect(0);
    assert!(run.stderr.contains(&format!("`icsync apply p.json -C {name}`")), "{}", run.stderr);
    let mut command = world.command(&["-C", name, "plan", "--config", "icsync.yaml", "--out", "p.json"]);
    let run = crate::world::Run::from(command.current_dir(above).output().expect("the binary")).expect(0);
    assert!(run.stderr.contains(&format!("`icsync apply p.json -C {name} --config icsync.yaml`")), "{}", run.stderr);
}

#[test]
fn a_tree_in_a_subfolder_of_a_repository_is_compared_too() {
    let world = committed();
    let text = world.read("icsync.yaml");
    world.write("deep/er/icsync.yaml", &text);
    world.write("deep/er/clients/one.yaml", ONE);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "deep"]);
    world.edit("deep/er/clients/one.yaml", "description: one", "description: two");
    let diff = world.run(&["-C", "deep/er", "diff", "HEAD", "-o", "json"]).expect(0).json();
    assert_eq!(diff["clients"][0]["change"], "changed");
}

#[test]
fn drift_pending_and_conflict_are_told_apart_by_a_revision() {
    let world = committed();
    let one = |state: &str| vec![("one".to_owned(), state.to_owned())];
    assert_eq!(states(&world, &["--since", "HEAD"], 0), one("in_sync"));
    world.edit("clients/one.yaml", "description: one", "description: git");
    assert_eq!(states(&world, &["--since", "HEAD"], 2), one("pending"));
    change_live(&world, "somebody");
    assert_eq!(states(&world, &["--since", "HEAD"], 2), one("conflict"));
    world.edit("clients/one.yaml", "description: git", "description: one");
    assert_eq!(states(&world, &["--since", "HEAD"], 2), one("drifted"));
    assert_eq!(states(&world, &[], 2), one("drifted"));
    assert_eq!(states(&world, &["--ignore", "drifted"], 0), one("drifted"));
}

#[test]
fn missing_blocked_and_unmanaged_clients_are_drift() {
    let world = World::in_sync();
    world.write("clients/two.yaml", &definition("two", "02", "description: x"));
    assert!(states(&world, &[], 2).contains(&("two".to_owned(), "missing".to_owned())));
    world.remove("clients/two.yaml");
    world.faults(
        "- { operation: info, effect: answer, status: 400, body: '{\"Result\":\"Failure\",\"ErrorCode\":30007}' }",
    );
    assert_eq!(states(&world, &[], 2), [("one".to_owned(), "blocked".to_owned())]);
    world.faults("[]");
    world.write("clients/one.yaml", &definition("other", "03", "state: absent"));
    let drift = world.run(&["drift", "-o", "json"]).expect(2).json();
    assert_eq!(drift["unmanaged"].as_array().map(Vec::len), Some(1));
    world.run(&["drift", "--ignore", "unmanaged"]).expect(0);
}

#[test]
fn what_the_server_does_not_show_is_not_compared() {
    let world = World::of(&format!("{}\ndialect: {{ details: never }}\n", crate::world::ESTATE));
    world.write("clients/one.yaml", ONE);
    assert_eq!(states(&world, &[], 2), [("one".to_owned(), "not_compared".to_owned())]);
    let plan = world.run(&["plan"]).expect(0);
    assert!(plan.stdout.contains("not compared"), "{}", plan.stdout);
}

#[test]
fn every_format_renders_a_plan_a_drift_and_a_diff() {
    let world = committed();
    world.edit("clients/one.yaml", "description: one", "description: two");
    for format in ["text", "json", "markdown", "html", "junit", "sarif", "github"] {
        for (command, code) in [(vec!["plan"], 0), (vec!["drift"], 2), (vec!["diff", "HEAD"], 0)] {
            let mut arguments = command.clone();
            arguments.extend(["-o", format]);
            let run = world.run(&arguments).expect(code);
            assert!(run.stdout.contains("one"), "{command:?} {format}: {}", run.stdout);
        }
    }
}

#[test]
fn what_the_server_does_not_show_is_written_where_git_changed_it_since_a_revision() {
    let world = World::of(&format!("{}\ndialect: {{ details: never }}\n", crate::world::ESTATE));
    world.write("clients/one.yaml", &ONE.replace("description: one", "description: one\ncm_environment_id: null"));
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    world.run(&["plan", "--detailed-exitcode", "--since", "HEAD"]).expect(2);
    world.edit("clients/one.yaml", "\"ui::a\": true", "\"ui::a\": false");
    assert!(world.run(&["plan", "--detailed-exitcode"]).expect(2).stdout.contains("No changes: 0 unchanged"));
    world.run(&["plan", "--since", "HEAD", "--out", "p.json"]).expect(0);
    world.run(&["apply", "p.json"]).expect(0);
    assert_eq!(world.clients(417)[0]["settings"]["ui::a"], false);
}

#[test]
fn a_plan_of_a_dirty_tree_says_so_and_one_without_git_says_why() {
    let plan = |world: &World| world.run(&["plan", "-o", "json"]).expect(0);
    let dirty = |world: &World| plan(world).json()["source"]["dirty"] == true;
    let world = committed();
    world.write("notes.txt", "nobody reads this");
    let clean = plan(&world);
    assert!(clean.json()["source"]["git_commit"].is_string() && clean.json()["source"]["dirty"].is_null());
    assert!(!clean.stderr.contains("note:"), "{clean:?}");
    world.write("clients/two.yaml", &definition("two", "02", "description: two"));
    assert!(dirty(&world) && world.plan().contains("with uncommitted changes"));
    git(&world, &["add", "."]);
    assert!(dirty(&world));
    git(&world, &["commit", "--quiet", "-m", "two"]);
    assert!(!dirty(&world));
    world.remove("clients/two.yaml");
    assert!(dirty(&world));
    let without = plan(&World::in_sync());
    assert!(without.stderr.contains("note: the plan names no commit: "), "{without:?}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_in_revisions_as_they_are_on_disk() {
    let world = World::in_sync();
    world.write("common/two.yaml", &definition("two", "02", ""));
    world.write("clients/three.txt", &definition("three", "03", ""));
    std::os::unix::fs::symlink("../common", world.path("clients/common")).expect("a link");
    std::os::unix::fs::symlink("three.txt", world.path("clients/three.yaml")).expect("a link");
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    assert_eq!(world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json()["clients"], json!([]));
    world.edit("clients/three.txt", "03", "+44");
    world.run(&["diff", "HEAD", "--exit-code"]).expect(2);
}

#[test]
fn the_cause_of_a_diff_is_the_line_that_changed_wherever_the_value_stands() {
    let world = committed();
    world.configure("manage: [{ telsys: 417 }]\nvars: { site: London }");
    let base = "kind: Profile\nname: base\nsettings: { \"ui::x\": true }\n---\n";
    let two = definition("two", "02", "description: \"In ${var.site}\"");
    world.write("clients/two.yaml", &format!("{base}{two}"));
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    let cause = || {
        let diff = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
        let cause = &diff["clients"][0]["cause"];
        format!("{}:{}", cause["file"].as_str().unwrap_or_default(), cause["line"])
    };
    world.edit("icsync.yaml", "London", "Paris");
    assert_eq!(cause(), "icsync.yaml:8");
    world.edit("icsync.yaml", "Paris", "London");
    world.edit("clients/two.yaml", "name: two", "name: two\nprofiles: [base]");
    assert_eq!(cause(), "clients/two.yaml:5");
    world.edit("clients/two.yaml", "\nprofiles: [base]", "");
    world.edit("clients/two.yaml", "In ${var.site}", "At ${var.site}");
    assert_eq!(cause(), "clients/two.yaml:8");
}

#[test]
fn two_revisions_are_compared_whatever_the_working_tree_and_the_environment_of_a_hook_say() {
    let mut world = committed();
    world.write("deep/icsync.yaml", &world.read("icsync.yaml"));
    world.write("deep/clients/one.yaml", ONE);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    world.edit("deep/clients/one.yaml", "description: one", "description: two");
    git(&world, &["commit", "--quiet", "-a", "-m", "three"]);
    world.write("deep/clients/broken.yaml", "kind: [\n");
    let kind = |world: &World| {
        let diff = world.run(&["-C", "deep", "diff", "HEAD~1", "HEAD", "-o", "json"]).expect(0).json();
        (diff["clients"][0]["change"].clone(), diff["summary"]["changed"].clone())
    };
    assert_eq!(kind(&world), (json!("changed"), json!(1)));
    world.set("GIT_DIR", world.path(".git").to_str().expect("Unicode").to_owned().as_str());
    assert_eq!(kind(&world), (json!("changed"), json!(1)));
    world.run(&["-C", "deep", "diff", "HEAD"]).expect(3);
}

#[test]
fn a_shallow_clone_says_that_its_history_is_cut() {
    let world = committed();
    world.edit("clients/one.yaml", "description: one", "description: two");
    git(&world, &["commit", "--quiet", "-a", "-m", "two"]);
    let from = format!("file://{}", world.path(".").display());
    git(&world, &["clone", "--quiet", "--depth", "1", &from, "shallow"]);
    let run = world.run(&["-C", "shallow", "diff", "HEAD~1"]).expect(1);
    assert!(run.stderr.contains("`HEAD~1`") && run.stderr.contains("fetch-depth: 0"), "{}", run.stderr);
    let outside = tempfile::tempdir().expect("a folder");
    let run = world.run(&["-C", outside.path().to_str().expect("Unicode"), "diff"]).expect(1);
    assert!(run.stderr.contains("is not in a git repository"), "{}", run.stderr);
}

#[test]
fn where_nothing_is_committed_yet_it_says_how_to_begin() {
    let world = World::of(ESTATE);
    world.write("clients/one.yaml", ONE);
    git(&world, &["init", "--quiet"]);
    let run = world.run(&["diff"]).expect(1);
    assert!(run.stderr.contains("nothing is committed yet") && run.stderr.contains("`git commit`"), "{}", run.stderr);
    let run = world.run(&["drift", "--since", "HEAD"]).expect(1);
    assert!(run.stderr.contains("nothing is committed yet"), "{}", run.stderr);
}

/// An estate in which each state of drift can be made: a client at each of the devices 01 to 04, 06 and 07.
fn seven() -> World {
    let device = |number: u32| format!("{{ number: \"0{number}\" }}");
    let devices = (1..=7).map(device).collect::<Vec<_>>().join(", ");
    let client = |number: u32| {
        format!(
            "  - {{ id: \"{number:016x}:1:1:1\", telsys: 417, partition: 1, device: \"0{number}\", description: as it was }}\n"
        )
    };
    let clients = [1, 2, 3, 4, 6, 7].map(client).concat();
    let world = World::of(&format!(
        "telephony_servers: [{{ id: 417, description: S, partitions: [{{ id: 1, description: P, devices: [{devices}] }}] }}]\n\
         users: [{{ username: a, password: b, api_key: test-key }}]\nclients:\n{clients}"
    ));
    let names = ["in-sync", "drifted", "pending", "conflict", "missing", "not-compared"];
    for (number, name) in (1..).zip(names) {
        let rest = if number == 6 { "description: as it was\nsettings: {}" } else { "description: as it was" };
        world.write(&format!("clients/{name}.yaml"), &definition(name, &format!("0{number}"), rest));
    }
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    for number in [2, 4] {
        let body = json!({ "Description": "by somebody", "CMEnvironmentID": "", "Policies": {}, "Settings": {} });
        let path = format!("telsys/417/partition/1/device/0{number}/integratorClient/{number:016x}:1:1:1");
        assert_eq!(world.send("PUT", &path, &body.to_string()), 204);
    }
    for name in ["pending", "conflict"] {
        world.edit(&format!("clients/{name}.yaml"), "as it was", "as git says");
    }
    // The server shows no settings of one client.
    let shown = json!({ "Result": "Success", "Data": {
        "ID": format!("{:016x}:1:1:1", 6), "TelSysID": "417", "PartitionID": "1", "DeviceNumber": "06",
        "Description": "as it was", "CMEnvironmentID": "", "Policies": {} } });
    let fault = format!("- {{ operation: info, device: \"06\", effect: answer, status: 200, body: '{shown}' }}");
    world.faults(&fault);
    world
}

#[test]
fn all_seven_states_of_drift_are_made_for_real_and_told_in_text_json_and_junit() {
    let world = seven();
    let run = world.run(&["drift", "--since", "HEAD", "-o", "json=d.json", "-o", "junit=d.xml"]).expect(2);
    let when = |line: &str| match line.split_once(" by a at ") {
        Some((before, _)) => format!("{before} by a at TIME"),
        None => line.to_owned(),
    };
    let text = run.stdout.replace(world.url(), "http://sandbox");
    insta::assert_snapshot!(text.lines().map(when).collect::<Vec<_>>().join("\n"));
    let drift: Value = serde_json::from_str(&world.read("d.json")).expect("JSON");
    let states: Vec<(&str, &str)> = drift["clients"]
        .as_array()
        .expect("clients")
        .iter()
        .map(|one| (one["client"].as_str().unwrap_or_default(), one["state"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(
        states,
        [
            ("conflict", "conflict"),
            ("drifted", "drifted"),
            ("in-sync", "in_sync"),
            ("missing", "missing"),
            ("not-compared", "not_compared"),
            ("pending", "pending")
        ]
    );
    assert_eq!(drift["unmanaged"][0]["scope"]["device"], "07");
    let junit = world.read("d.xml");
    for (name, state) in states {
        let case = junit.split("<testcase ").find(|case| case.starts_with(&format!("name=\"{name}\""))).expect(name);
        let kind = state.replace('_', " ");
        assert_eq!(case.contains("<failure"), state != "in_sync", "{case}");
        assert!(state == "in_sync" || case.contains(&format!("type=\"{kind}\"")), "{case}");
    }
    assert!(junit.contains("type=\"unmanaged\""), "{junit}");
}

#[test]
fn a_change_of_the_rules_is_a_change() {
    let world = committed();
    world.configure("manage: [{ telsys: 417 }]\nprune: delete\nlimits: { delete: { count: 500 } }");
    let run = world.run(&["diff", "HEAD", "--exit-code"]).expect(2);
    insta::assert_snapshot!(run.stdout, @"
    icsync diff · HEAD → working tree

     * icsync.yaml   changed
       limits.delete      count 10, percent 20 → count 500, percent 20   (one apply may delete more than before)
       prune              report → delete   (from now on unmanaged clients are deleted)

    Diff: 0 added, 0 changed, 0 removed · 1 unchanged · the configuration changes
    ");
    let diff = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    assert_eq!(diff["configuration"][1]["field"], "prune");
}

#[test]
fn no_two_lists_of_different_words_look_alike() {
    let world = committed();
    world.write("o/x.yaml", "kind: Profile\nname: x\nsettings: { x: 1 }\n");
    let (before, after) = ("sensitive: [settings.x, settings.y]", "sensitive: [\"settings.x, settings.y\"]");
    world.configure(before);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    world.configure(after);
    let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
    assert_eq!(document["configuration"][0]["field"], "sensitive", "{document}");
    let one = std::fs::read_to_string(world.path("clients/one.yaml")).expect("a file");
    world.configure("");
    world.write("clients/one.yaml", &format!("{one}\nignore: [settings.x, settings.y]\n"));
    git(&world, &["commit", "--quiet", "--all", "-m", "three"]);
    world.write("clients/one.yaml", &format!("{one}\nignore: [\"settings.x, settings.y\"]\n"));
    let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
    assert_eq!(document["clients"][0]["changes"][0]["field"], "ignore", "{document}");
}

#[test]
fn what_changes_for_all_clients_stands_before_any_of_them() {
    let world = committed();
    world.configure("limits: { delete: { count: 500 } }\nrequests: { verify: false }");
    world.edit("clients/one.yaml", "description: one", "description: uno");
    let text = world.run(&["diff", "HEAD"]).expect(0).stdout;
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(place("requests.verify") < place("one → uno"), "{text}");
    let comment = world.run(&["diff", "HEAD", "-o", "markdown"]).expect(0).stdout;
    let caution = comment.split("[!CAUTION]").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    assert!(caution.contains("The configuration changes"), "{comment}");
    assert!(caution.contains("requests.verify") && caution.contains("count 500"), "{comment}");
}

#[test]
fn each_key_of_the_configuration_that_decides_a_run_is_compared() {
    let world = committed();
    world.configure("");
    git(&world, &["commit", "--quiet", "--all", "-m", "two"]);
    for (written, field, after) in [
        ("definitions: [\"clients/*.yaml\"]", "definitions", "clients/*.yaml"),
        ("manage: [{ telsys: 417 }]", "manage", "417"),
        ("prune: delete", "prune", "delete"),
        ("limits: { delete: { count: 500 } }", "limits.delete", "count 500, percent 20"),
        ("limits: { change: { count: 5 } }", "limits.change", "count 5"),
        ("limits: { vanished: { percent: 90 } }", "limits.vanished", "percent 90"),
        ("rollout: { waves: [1, rest] }", "rollout", "waves 1,rest"),
        ("windows: [{ telsys: 417, deny: \"Mon 08:00-18:00\", zone: UTC }]", "windows", "417"),
        ("protect: [{ telsys: 417 }]", "protect", "417"),
        ("exceptions: [{ client: one, fields: [description], until: 2999-01-01, reason: why }]", "exceptions", "2999"),
        ("sensitive: [\"settings.ui::*\"]", "sensitive", "settings.ui::*"),
        ("keys: strict", "keys", "strict"),
        ("requests: { parallelism: 3 }", "requests.parallelism", "3"),
        ("requests: { page_size: 7 }", "requests.page_size", "7"),
        ("requests: { timeout: 5s }", "requests.timeout", "5s"),
        ("requests: { deadline: 5m }", "requests.deadline", "300s"),
        ("requests: { retries: 0 }", "requests.retries", "0"),
        ("requests: { max_body: 2048 }", "requests.max_body", "2048"),
        ("requests: { verify: false }", "requests.verify", "false"),
        ("requests: { settle: 9s }", "requests.settle", "9s"),
    ] {
        world.configure(written);
        let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
        let term = &document["configuration"][0];
        assert_eq!(term["field"], field, "{written}: {document}");
        assert!(term["after"].as_str().is_some_and(|text| text.contains(after)), "{written}: {document}");
        assert_eq!(document["configuration"].as_array().map(Vec::len), Some(1), "{written}: {document}");
    }
    for (auth, before, now) in [
        ("{api_key: {env: OTHER}}", "api_key env CCS_API_KEY", "api_key env OTHER"),
        ("{session: {file: key.txt}}", "api_key env CCS_API_KEY", "session file key.txt"),
        ("{login: {username: {env: U}, password: {file: p}}}", "api_key env CCS_API_KEY", "login env U, file p, en_GB"),
    ] {
        world.configure_auth(auth, "");
        let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
        let expected = json!([{ "field": "auth", "before": before, "after": now }]);
        assert_eq!(document["configuration"], expected, "{auth}");
    }
}

#[test]
fn what_a_change_of_the_configuration_endangers_is_said_and_what_makes_it_safer_is_not() {
    let world = committed();
    let commit = |message: &str| git(&world, &["commit", "--quiet", "--all", "--allow-empty", "-m", message]);
    for (strict, loose, field, danger) in [
        (
            "manage: [{ telsys: 417 }]",
            "manage: [{ telsys: 417 }]\nprune: delete",
            "prune",
            "unmanaged clients are deleted",
        ),
        (
            "prune: delete\nmanage: [{ telsys: 417 }]",
            "prune: delete\nmanage: [{ telsys: -1 }]",
            "manage",
            "no definition is for are deleted",
        ),
        ("protect: [{ telsys: 417 }]", "", "protect", "may be changed and deleted"),
        ("sensitive: [\"settings.ui::*\"]", "", "sensitive", "that were hidden are shown"),
        (
            "exceptions: [{ client: one, fields: [description], until: 2999-01-01, reason: why }]",
            "",
            "exceptions",
            "what was left alone",
        ),
        ("", "limits: { delete: { count: 11 } }", "limits.delete", "delete more"),
        ("limits: { change: { count: 5 } }", "", "limits.change", "change more"),
        ("", "limits: { vanished: { percent: 90 } }", "limits.vanished", "pins are gone"),
        ("windows: [{ telsys: 417, deny: \"Mon 08:00-18:00\", zone: UTC }]", "", "windows", "at times when it did not"),
        ("rollout: { waves: [1, rest] }", "", "rollout", "before anybody looks"),
        ("", "requests: { verify: false }", "requests.verify", "not read back"),
    ] {
        world.configure(strict);
        commit("strict");
        world.configure(loose);
        let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
        let terms = document["configuration"].as_array().expect("terms");
        let [term] = &terms[..] else { panic!("{field}: {document}") };
        assert_eq!(term["field"], field, "{document}");
        assert!(term["danger"].as_str().is_some_and(|text| text.contains(danger)), "{field}: {document}");
        assert_eq!(document["summary"]["configuration"], 1, "{document}");
        let annotation = world.run(&["diff", "HEAD", "-o", "github"]).expect(0).stdout;
        assert!(annotation.contains("::warning ") && annotation.contains(danger), "{annotation}");
        if field != "manage" {
            commit("loose");
            world.configure(strict);
            let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
            assert_eq!(document["configuration"][0]["danger"], serde_json::Value::Null, "{document}");
        }
    }
}

#[test]
fn what_a_definition_no_longer_leaves_alone_is_a_danger_before_anything_else() {
    let world = committed();
    let commit = |message: &str| git(&world, &["commit", "--quiet", "--all", "--allow-empty", "-m", message]);
    let client = |rest: &str| {
        let scope = "scope: { telsys: 417, partition: 1, device: \"01\" }";
        format!("kind: IntegratorClient\nname: one\n{scope}\ndescription: one\n{rest}\n")
    };
    for (before, after, danger) in [
        (
            "settings: {}\nignore: [\"settings.crm::password\"]",
            "settings: {}",
            "what `ignore` left alone: `settings.crm::password`",
        ),
        ("settings: {}\nowns: { settings: listed }", "settings: {}", "removes live settings that git does not list"),
        ("", "policies: {}", "removes live policies that git does not list"),
        (
            "id: \"a21abf960a398ee2:7b73f31a:198d18707a9:6e88\"",
            "id: \"a21abf960a398ee2:7b73f31a:198d18707a9:6e89\"",
            "for another live client",
        ),
    ] {
        world.write("clients/one.yaml", &client(before));
        commit("before");
        world.write("clients/one.yaml", &client(after));
        let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
        let told = document["clients"][0]["dangers"][0].as_str().unwrap_or_default().to_owned();
        assert!(told.contains(danger), "{after}: {document}");
        let text = world.run(&["diff", "HEAD"]).expect(0).stdout;
        assert!(text.contains(danger), "{text}");
        let comment = world.run(&["diff", "HEAD", "-o", "markdown"]).expect(0).stdout;
        let caution = comment.split("[!CAUTION]").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
        assert!(caution.contains("**1 client**") && caution.contains("`one`"), "{comment}");
        assert!(
            world.run(&["diff", "HEAD", "-o", "github"]).expect(0).stdout.contains("::warning file=clients/one.yaml")
        );
        // The way back is none, but for the pin.
        commit("after");
        world.write("clients/one.yaml", &client(before));
        let back = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
        assert_eq!(back["clients"][0].get("dangers").is_some(), before.starts_with("id"), "{back}");
    }
}

#[test]
fn an_exception_that_holds_longer_endangers_nothing() {
    let world = committed();
    let exception =
        |until: &str| format!("exceptions: [{{ client: one, fields: [description], until: {until}, reason: why }}]");
    world.configure(&exception("2990-01-01"));
    git(&world, &["commit", "--quiet", "--all", "-m", "two"]);
    for (until, is_danger) in [("2991-01-01", false), ("2989-01-01", true)] {
        world.configure(&exception(until));
        let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
        assert_eq!(document["configuration"][0].get("danger").is_some(), is_danger, "{document}");
    }
}

#[test]
fn what_a_row_of_a_table_changed_is_annotated_at_the_row() {
    let world = committed();
    let fleet = "kind: Fleet\nname: desk\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: desks.csv, column: number }\n\
                 template: { description: \"${seat}\" }\n";
    world.write("clients/desks.yaml", fleet);
    world.write("clients/desks.csv", "number,seat\n11,Anna\n12,Bob\n13,Cem\n");
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    world.write("clients/desks.csv", "number,seat\n11,Anna\n12,Bo\n");
    let text = world.run(&["diff", "HEAD"]).expect(0).stdout;
    assert!(text.contains("row clients/desks.csv:3") && text.contains("row clients/desks.csv:4"), "{text}");
    let annotations = world.run(&["diff", "HEAD", "-o", "github"]).expect(0).stdout;
    assert!(annotations.contains("file=clients/desks.csv,line=3,"), "{annotations}");
    // Of what is gone the head has no line.
    assert!(annotations.contains("file=clients/desks.csv,line=1,"), "{annotations}");
    assert!(!annotations.contains("file=clients/desks.yaml"), "{annotations}");
    world.write("clients/desks.csv", "number,seat\n11,Anna\n12,Bob\n13,Cem\n");
    world.configure("prune: delete\nmanage: [{ telsys: 417 }]");
    let annotations = world.run(&["diff", "HEAD", "-o", "github"]).expect(0).stdout;
    assert!(annotations.contains("::warning file=icsync.yaml,line=1,"), "{annotations}");
}

#[test]
fn a_client_of_a_fleet_that_moves_is_not_told_to_be_pinned_in_the_fleet() {
    let world = committed();
    let fleet = |partition: u32| {
        format!(
            "kind: Fleet\nname: desk\nscope: {{ telsys: 417, partition: {partition} }}\ndevices: [\"11\"]\ntemplate: {{ description: d }}\n"
        )
    };
    world.write("clients/desks.yaml", &fleet(1));
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    world.write("clients/desks.yaml", &fleet(2));
    let text = world.run(&["diff", "HEAD"]).expect(0).stdout;
    assert!(text.contains("a definition of its own with an `id:`: a fleet has no line for it"), "{text}");
}

#[test]
fn what_validate_refuses_as_empty_is_told_by_a_diff() {
    let world = committed();
    git(&world, &["mv", "clients", "klient"]);
    let run = world.run(&["diff", "HEAD", "--exit-code"]).expect(2);
    assert!(
        run.stdout.contains("IC0005") && run.stdout.contains("`validate`, `plan` and `apply` refuse it"),
        "{run:?}"
    );
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    let codes: Vec<&Value> =
        document["diagnostics"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["IC0005"], "{document}");
    world.run(&["diff", "HEAD", "--strict"]).expect(3);
    // Files that define nothing are refused too.
    world.write("clients/base.yaml", "kind: Profile\nname: base\nsettings: { x: 1 }\n");
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    let codes: Vec<&Value> =
        document["diagnostics"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("IC0006")), "{document}");
}

#[test]
fn a_renamed_client_that_is_selected_by_one_of_its_names_is_one_client() {
    let world = committed();
    world.edit("clients/one.yaml", "name: one", "name: uno");
    for selected in ["name=one", "name=uno", "telsys=417"] {
        let document = world.run(&["diff", "HEAD", "-o", "json", "--select", selected]).expect(0).json();
        let clients = document["clients"].as_array().expect("clients");
        assert_eq!(clients.len(), 1, "{selected}: {document}");
        assert_eq!(
            (&clients[0]["change"], &clients[0]["from_client"]),
            (&json!("renamed"), &json!("one")),
            "{selected}"
        );
        assert_eq!(clients[0]["consequence"], json!(null), "{selected}");
    }
}

#[test]
fn a_comparison_of_nothing_with_nothing_is_a_mistake() {
    let world = committed();
    let run = world.run(&["diff", "HEAD", "HEAD", "--config", "clients/icsync.yaml"]).expect(3);
    assert!(run.stderr.contains("neither `HEAD` nor `HEAD` has a configuration"), "{}", run.stderr);
}

#[test]
fn a_client_that_git_wants_gone_is_removed() {
    let world = committed();
    world.edit("clients/one.yaml", "name: one", "name: one\nstate: absent");
    let diff = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    assert_eq!((&diff["clients"][0]["change"], &diff["summary"]["removed"]), (&json!("removed"), &json!(1)), "{diff}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_hides_no_definitions_of_a_revision() {
    let world = committed();
    std::os::unix::fs::symlink("/etc/hostname", world.path("clients/gone.yaml")).expect("a link");
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "link"]);
    let run = world.run(&["diff", "HEAD~1", "HEAD"]).expect(3);
    assert!(run.stderr.contains("clients/gone.yaml"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_that_may_be_no_definition_is_told_and_compared_around() {
    let world = committed();
    std::os::unix::fs::symlink("/etc/hostname", world.path("clients/now")).expect("a link");
    world.run(&["validate"]).expect(0);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "link"]);
    let run = world.run(&["diff", "HEAD~1", "HEAD"]).expect(0);
    assert!(run.stdout.contains("No changes") && run.stdout.contains("IC0004   warning"), "{}", run.stdout);
    assert!(run.stdout.contains("git does not say whether it leads to a folder"), "{}", run.stdout);
    world.run(&["drift", "--since", "HEAD"]).expect(0);
}

#[test]
fn a_submodule_in_a_revision_is_not_taken_for_a_folder_without_definitions() {
    let world = committed();
    let head = Command::new("git").current_dir(world.path(".")).args(["rev-parse", "HEAD"]).output().expect("git");
    let commit = String::from_utf8(head.stdout).expect("UTF-8").trim().to_owned();
    git(&world, &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},clients/sub")]);
    git(&world, &["commit", "--quiet", "-m", "submodule"]);
    for arguments in [["diff", "HEAD~1", "HEAD"].as_slice(), &["drift", "--since", "HEAD"]] {
        let run = world.run(arguments).expect(3);
        assert!(run.stderr.contains("clients/sub") && run.stderr.contains("submodule"), "{}", run.stderr);
    }
}

#[test]
fn a_base_without_a_configuration_is_mentioned() {
    let world = World::in_sync();
    world.write("other.txt", "x");
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "other.txt"]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    for arguments in [["diff", "HEAD"].as_slice(), &["drift", "--since", "HEAD"], &["plan", "--since", "HEAD"]] {
        let run = world.run(arguments);
        assert!(run.stderr.contains("warning: `HEAD` has no configuration here"), "{}", run.stderr);
    }
    // A comment of a pull request has no stderr.
    let comment = world.run(&["diff", "HEAD", "-o", "markdown"]).expect(0).stdout;
    assert!(comment.contains("has no configuration at this place, and all definitions count as added"), "{comment}");
}

#[test]
fn what_was_sensitive_at_the_base_is_shown_by_no_comparison_with_it() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [description]");
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    world.configure("manage: [{ telsys: 417 }]");
    world.edit("clients/one.yaml", "description: one", "description: hunter3");
    change_live(&world, "hunter2");
    for command in ["drift", "plan"] {
        for format in ["text", "json", "markdown"] {
            let run = world.run(&[command, "--since", "HEAD", "-o", format]);
            assert!(!run.stdout.contains("hunter") && run.stdout.contains("sensitive"), "{}", run.stdout);
        }
    }
}

#[test]
fn drift_shows_each_client_that_git_wants_gone_as_a_delete() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "name: one", "name: one\nstate: absent");
    let run = world.run(&["drift"]).expect(2);
    assert!(run.stdout.contains(" - one"), "{}", run.stdout);
    assert_eq!(world.run(&["drift", "-o", "json"]).expect(2).json()["clients"][0]["action"], "delete");
}

#[test]
fn an_object_that_git_lacks_is_named_among_many_that_it_has() {
    let world = committed();
    for number in 0..40 {
        world.write(&format!("clients/c{number}.yaml"), &definition(&format!("c{number}"), &format!("9{number}"), ""));
    }
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    let name = Command::new("git").current_dir(world.path(".")).args(["rev-parse", "HEAD:clients/c7.yaml"]).output();
    let name = String::from_utf8(name.expect("git").stdout).expect("UTF-8");
    let (folder, file) = name.trim().split_at(2);
    std::fs::remove_file(world.path(&format!(".git/objects/{folder}/{file}"))).expect("a loose object");
    let run = world.run(&["diff", "HEAD~1", "HEAD"]).expect(3);
    assert!(run.stderr.contains("clients/c7.yaml") && !run.stderr.contains("clients/c8.yaml"), "{}", run.stderr);
}

#[test]
fn the_cause_of_a_changed_row_is_the_row() {
    let world = World::in_sync();
    let fleet = "kind: Fleet\nname: desk\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: f.csv, column: d, key: d }\ntemplate: { description: \"${s}\" }\n";
    world.write("clients/f.yaml", fleet);
    world.write("clients/f.csv", "d,s\n0101,x\n0102,x\n");
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    world.write("clients/f.csv", "d,s\n0101,x\n0102,y\n0103,x\n");
    let diff = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    let causes: Vec<_> = diff["clients"].as_array().expect("clients").iter().map(|one| one["cause"].clone()).collect();
    let row = |line: u32| json!({ "file": "clients/f.csv", "line": line, "clients": 1 });
    assert_eq!(causes, [row(3), row(4)], "{diff}");
}

#[cfg(unix)]
#[test]
fn git_sees_nothing_of_the_environment_that_is_not_its_own() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = committed();
    let (folder, path) = (world.path("programs"), std::env::var("PATH").expect("a path"));
    let (git, seen) = (folder.join("git"), world.path("programs/seen"));
    std::fs::create_dir(&folder).expect("a folder");
    let script = format!("#!/bin/sh\nenv >>'{}'\nPATH='{path}' exec git \"$@\"\n", seen.display());
    std::fs::write(&git, script).expect("a file");
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let mut icsync = crate::world::binary(&world.path("."));
    icsync.args(["diff", "HEAD"]).env("PATH", format!("{}:{path}", folder.display()));
    let output =
        icsync.env("CCS_API_KEY", "canary-1").env("ICSYNC_PLAN_KEY", "canary-2").env("GIT_TRACE", "0").output();
    assert!(output.expect("the binary").status.success());
    let seen = std::fs::read_to_string(seen).expect("what git saw");
    assert!(seen.contains("GIT_TRACE=0") && seen.contains("HOME="), "{seen}");
    assert!(!seen.contains("canary"), "{seen}");
}
