//! `drift --accept`: live values go into the definitions, and the plan is empty then.

use serde_json::json;

use crate::world::{ONE, Run, World};

fn git(world: &World, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    command.current_dir(world.path("")).env("HOME", world.path("")).args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
    ]);
    let output = command.args(arguments).output().expect("git");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A client that is as git says, but for two settings that somebody changed on the server.
fn drifted() -> World {
    let world = World::in_sync();
    world.write(
        "clients/one.yaml",
        &ONE.replace("\"ui::a\": true", "\"ui::a\": false")
            .replace("\"core::a\": true", "\"core::a\": true, \"core::b\": 1"),
    );
    world
}

#[test]
fn accepted_drift_stands_in_git_and_the_plan_is_empty() {
    let world = drifted();
    world.forget();
    let Run { stdout, stderr, .. } = world.run(&["drift", "--accept", "one", "--dry-run"]).expect(0);
    insta::assert_snapshot!(stdout, @r#"
    --- a/clients/one.yaml
    +++ b/clients/one.yaml
    @@ -3,5 +3,5 @@
     name: one
     scope: { telsys: 417, partition: 1, device: "01" }
     description: one
    -policies: { "core::a": true, "core::b": 1 }
    -settings: { "ui::a": false, "ui::b": text }
    +policies: { "core::a": true }
    +settings: { "ui::a": true, "ui::b": text }
    "#);
    assert!(stderr.contains("would accept 1 client, left 0"), "{stderr}");
    let json = world.run(&["drift", "--accept", "one", "--dry-run", "-o", "json"]).expect(0).json();
    assert_eq!(json["files"], json!([{"file": "clients/one.yaml", "clients": ["one"], "diff": stdout}]));
    let before = world.read("clients/one.yaml");
    let Run { stdout, .. } = world.run(&["drift", "--accept", "one"]).expect(0);
    assert_eq!(stdout, "clients/one.yaml: one\n");
    assert_ne!(world.read("clients/one.yaml"), before);
    assert_eq!(world.writes(), 0);
    world.assert_in_sync();
    let json = world.run(&["drift", "--accept", "--all", "-o", "json"]).expect(0).json();
    assert_eq!((&json["accepted"], &json["files"], &json["left"]), (&json!([]), &json!([]), &json!([])));
}

#[test]
fn what_to_accept_is_always_said() {
    let world = drifted();
    for (arguments, code) in [
        (&["drift", "--accept"][..], 64),
        (&["drift", "--accept", "one", "--all"], 64),
        (&["drift", "--accept", "on"], 64),
        (&["drift", "--dry-run"], 64),
        (&["drift", "--accept", "one", "-o", "junit"], 64),
    ] {
        let Run { stderr, .. } = world.run(arguments).expect(code);
        assert!(stderr.contains("error:"), "{stderr}");
    }
}

#[test]
fn sensitive_values_are_left_out_and_named() {
    let world = drifted();
    world.configure("manage: [{telsys: 417}]\nsensitive: [\"settings.ui::a\"]");
    let Run { stderr, stdout, .. } = world.run(&["drift", "--accept", "--all"]).expect(7);
    assert_eq!(stdout, "clients/one.yaml: one\n");
    assert!(stderr.contains("left out: one: `settings.ui::a` (sensitive)"), "{stderr}");
    assert!(
        stderr.contains("help: set the variable that it comes from to the live value, or leave it alone"),
        "{stderr}"
    );
    assert!(world.read("clients/one.yaml").contains("\"ui::a\": false"));
    let plan = world.plan();
    assert!(plan.contains("ui::a") && !plan.contains("core::b"), "{plan}");
    let Run { stderr, .. } = world.run(&["drift", "--accept", "one"]).expect(7);
    assert!(stderr.contains("nothing but sensitive values differs"), "{stderr}");
    assert!(stderr.contains("set the variable that it comes from to the live value"), "{stderr}");
}

#[test]
fn a_value_that_looks_like_a_secret_is_warned_of_before_it_is_committed() {
    let world = drifted();
    world.edit("clients/one.yaml", r#""ui::b": text"#, r#""ui::password": before"#);
    let edit = json!({"Policies": {"core::a": true}, "Settings": {"ui::a": true, "ui::password": "hunter2"}, "Description": "one"});
    let id = world.clients(417)[0]["id"].as_str().expect("an id").replace(':', "%3A");
    let path = format!("telsys/417/partition/1/device/01/integratorClient/{id}");
    assert_eq!(world.send("PUT", &path, &edit.to_string()), 204);
    for arguments in [&["drift", "--accept", "one", "--dry-run"][..], &["drift", "--accept", "one"]] {
        let Run { stdout, stderr, .. } = world.run(arguments).expect(0);
        assert!(!stdout.contains("hunter2"), "{stdout}");
        assert!(stderr.contains("warning: 1 key that looks like a secret is written as it is"), "{stderr}");
        assert!(stderr.contains("settings.ui::password  (1 client)"), "{stderr}");
    }
    assert!(world.read("clients/one.yaml").contains("hunter2"));
}

#[test]
fn a_conflict_has_to_be_named_and_pending_changes_are_none_of_all() {
    let world = World::in_sync();
    world.write(
        "clients/two.yaml",
        &ONE.replace("name: one", "name: two")
            .replace("\"01\"", "\"02\"")
            .replace("description: one", "description: two"),
    );
    world.apply().expect(0);
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "--all"]);
    git(&world, &["commit", "--quiet", "--message", "all"]);
    world.edit("clients/one.yaml", "description: one", "description: mine");
    world.edit("clients/two.yaml", "\"ui::a\": true", "\"ui::a\": false");
    world.apply().expect(0);
    git(&world, &["checkout", "--quiet", "--", "clients"]);
    world.edit("clients/one.yaml", "description: one", "description: other");
    git(&world, &["commit", "--quiet", "--all", "--message", "other"]);
    let Run { stderr, stdout, .. } = world.run(&["drift", "--accept", "--all", "--since", "HEAD~1"]).expect(7);
    assert_eq!(stdout, "clients/two.yaml: two\n");
    assert!(stderr.contains("left as it is: one: git changed it too"), "{stderr}");
    git(&world, &["commit", "--quiet", "--all", "--message", "two"]);
    world.run(&["drift", "--accept", "one", "--since", "HEAD~2"]).expect(0);
    assert!(world.read("clients/one.yaml").contains("description: mine"));
    world.assert_in_sync();
    // What is only pending is not drift.
    world.edit("clients/two.yaml", "\"ui::a\": false", "\"ui::a\": true");
    git(&world, &["commit", "--quiet", "--all", "--message", "pending"]);
    let Run { stdout, .. } = world.run(&["drift", "--accept", "--all", "--since", "HEAD~1"]).expect(0);
    assert_eq!(stdout, "");
}

#[test]
fn all_leaves_files_alone_whose_edits_are_not_committed() {
    let world = drifted();
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "--all"]);
    git(&world, &["commit", "--quiet", "--message", "all"]);
    world.edit("clients/one.yaml", "description: one", "description: mine");
    let Run { stderr, stdout, .. } = world.run(&["drift", "--accept", "--all"]).expect(7);
    assert_eq!(stdout, "");
    assert!(stderr.contains("clients/one.yaml has changes that are not committed"), "{stderr}");
    world.run(&["drift", "--accept", "one"]).expect(0);
    world.assert_in_sync();
}

#[test]
fn a_fleet_of_a_table_is_left_with_its_file_and_line() {
    let world = World::in_sync();
    world.write("clients/desks.csv", "number,seat\n02,A\n03,B\n");
    world.write(
        "clients/desks.yaml",
        "kind: Fleet\nname: desk\nscope: {telsys: 417, partition: 1}\ndevices_from: {csv: desks.csv, column: number, key: seat}\n\
         template: {description: \"Seat ${seat}\", settings: {\"x\": 1}}\n",
    );
    world.apply().expect(0);
    world.edit("clients/desks.yaml", "\"x\": 1", "\"x\": 2");
    let Run { stderr, stdout, .. } = world.run(&["drift", "--accept", "--all"]).expect(7);
    assert_eq!(stdout, "");
    assert!(
        stderr.contains("fleet `desk` (clients/desks.yaml:1)") && stderr.contains("(clients/desks.csv:2)"),
        "{stderr}"
    );
    assert!(stderr.contains("note: all 2 clients that have `settings.x` from fleet `desk`"), "{stderr}");
    world.run(&["drift", "--accept", "--all", "--into-profile"]).expect(0);
    assert!(world.read("clients/desks.yaml").contains("\"x\": 1"));
    world.assert_in_sync();
}

#[test]
fn another_target_that_reads_the_same_files_is_named_with_its_clients() {
    let world = World::in_sync();
    let described =
        |by: &str| world.write("clients/one.yaml", &ONE.replace("description: one", &format!("description: {by}")));
    let other =
        "  prod:\n    url: https://ccs.example.com\n    auth: {api_key: {env: OTHER}}\n    vars: {site: two}\nmanage:";
    world.edit("icsync.yaml", "manage:", &format!("    vars: {{site: one}}\n{other}"));
    described("\"${var.site}!\"");
    for arguments in [&["drift", "--accept", "one", "--dry-run"][..], &["drift", "--accept", "one"]] {
        let Run { stderr, .. } = world.run(arguments).expect(0);
        let note = "note: target `prod` reads these files too: of 1 client git says something else there: one";
        assert!(stderr.contains(note), "{stderr}");
    }
    world.assert_in_sync();
    described("\"${var.site}!\"");
    let json = world.run(&["drift", "--accept", "one", "-o", "json"]).expect(0).json();
    assert_eq!(json["elsewhere"], json!([{"target": "prod", "clients": ["one"]}]));
    // A file that it does not read is none of its business.
    world.edit("icsync.yaml", "vars: {site: two}", "definitions: [\"others/*.yaml\"]");
    world.write("others/one.yaml", ONE);
    described("two");
    let Run { stderr, .. } = world.run(&["drift", "--accept", "one"]).expect(0);
    assert!(!stderr.contains("prod"), "{stderr}");
}

#[test]
fn what_would_be_wrong_for_another_target_is_left() {
    let world = World::in_sync();
    let id = "id: \"00000000000000aa:1:1:1\"\n";
    world.write("clients/one.yaml", &format!("{}{id}", ONE.replace("\"01\"", "\"03\"")));
    let narrow = "manage: [{telsys: 417, partition: 1, device: \"03\"}]";
    let other =
        format!("  prod:\n    url: https://ccs.example.com\n    auth: {{api_key: {{env: OTHER}}}}\n    {narrow}\n");
    world.edit("icsync.yaml", "manage:", &format!("{other}manage:"));
    let before = world.read("clients/one.yaml");
    let Run { stderr, .. } = world.run(&["drift", "--accept", "one"]).expect(7);
    assert!(
        stderr.contains("left as it is: one: the definitions would not be valid") && stderr.contains("IC0409"),
        "{stderr}"
    );
    assert_eq!(world.read("clients/one.yaml"), before);
}

#[test]
fn unmanaged_clients_are_for_export() {
    let world = drifted();
    world.write("clients/two.yaml", &ONE.replace("name: one", "name: two").replace("\"01\"", "\"02\""));
    world.apply().expect(0);
    world.remove("clients/two.yaml");
    let Run { stderr, .. } = world.run(&["drift", "--accept", "--all"]).expect(0);
    assert!(stderr.contains("1 unmanaged live client") && stderr.contains("icsync export"), "{stderr}");
}

#[test]
fn a_moved_client_is_accepted_where_it_is() {
    let world = World::in_sync();
    let id = "id: \"00000000000000aa:1:1:1\"\n";
    world.write("clients/one.yaml", &format!("{}{id}", ONE.replace("\"01\"", "\"03\"")));
    let Run { .. } = world.run(&["drift", "--accept", "one"]).expect(0);
    assert_eq!(world.read("clients/one.yaml"), format!("{ONE}{id}"));
    world.assert_in_sync();
}

#[cfg(unix)]
#[test]
fn the_recipe_opens_a_pull_request_and_updates_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = drifted();
    git(&world, &["init", "--quiet", "--initial-branch", "main"]);
    world.write(".gitignore", "/hub.git\n/said\n/bin\n/*.txt\n");
    git(&world, &["add", "--all"]);
    git(&world, &["commit", "--quiet", "--message", "all"]);
    git(&world, &["init", "--quiet", "--bare", "hub.git"]);
    git(&world, &["remote", "add", "origin", "hub.git"]);
    // A `gh` that knows the pull requests that were opened.
    world.write("bin/gh", "#!/bin/sh\necho \"$1 $2\" >>\"$SAID\"\ncase $2 in\n  list) grep -c create \"$SAID\" | grep -v '^0' || true ;;\n  *) cat \"$(eval echo \\${$#})\" >\"$SAID.body\" ;;\nesac\n");
    std::fs::set_permissions(world.path("bin/gh"), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/accept/pull-request.sh");
    let run = || {
        let Run { stdout, stderr, code } = world.run(&["drift", "--accept", "--all"]);
        assert_eq!(code, 0, "{stderr}");
        world.write("accepted.txt", &stdout);
        world.write("left.txt", &stderr);
        let path = format!("{}:{}", world.path("bin").display(), std::env::var("PATH").expect("a path"));
        let mut command = std::process::Command::new("bash");
        command
            .current_dir(world.path(""))
            .env("PATH", path)
            .env("SAID", world.path("said"))
            .env("HOME", world.path(""));
        let output = command.arg(&script).args(["accept-test", "accepted.txt", "left.txt"]).output().expect("bash");
        assert!(output.status.success(), "{output:?}");
    };
    run();
    assert_eq!(world.read("said"), "pr list\npr create\n");
    assert!(world.read("said.body").contains("    clients/one.yaml: one\n"), "{}", world.read("said.body"));
    assert_eq!(git(&world, &["rev-list", "--count", "main..origin/accept-test"]), "1\n");
    git(&world, &["switch", "--quiet", "main"]);
    run();
    assert_eq!(world.read("said"), "pr list\npr create\npr list\npr edit\n");
    // Where nothing drifted nothing is opened.
    run();
    assert_eq!(world.read("said").lines().count(), 4);
}
