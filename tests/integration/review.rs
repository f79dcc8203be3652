//! `diff` and `drift`: what changes between two revisions, and where live and git disagree.

use std::process::Command;

use serde_json::{Value, json};

use crate::world::{ONE, World};

fn git(world: &World, arguments: &[&str]) {
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
fn committed() -> World {
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
    let run = world.run(&["diff"]).expect(64);
    assert!(run.stderr.contains("icsync diff BASE"), "{}", run.stderr);
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
    world.run(&["plan", "--detailed-exitcode", "--since", "HEAD"]).expect(0);
    world.edit("clients/one.yaml", "\"ui::a\": true", "\"ui::a\": false");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    world.run(&["plan", "--since", "HEAD", "--out", "p.json"]).expect(0);
    world.run(&["apply", "p.json"]).expect(0);
    assert_eq!(world.clients(417)[0]["settings"]["ui::a"], false);
}

#[cfg(unix)]
#[test]
fn links_are_followed_in_revisions_as_they_are_on_disk() {
    let world = World::in_sync();
    world.write("shared/two.yaml", &definition("two", "02", ""));
    world.write("clients/three.txt", &definition("three", "03", ""));
    std::os::unix::fs::symlink("../shared", world.path("clients/shared")).expect("a link");
    std::os::unix::fs::symlink("three.txt", world.path("clients/three.yaml")).expect("a link");
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    assert_eq!(world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json()["clients"], json!([]));
    world.edit("clients/three.txt", "03", "+44");
    world.run(&["diff", "HEAD", "--exit-code"]).expect(2);
}
