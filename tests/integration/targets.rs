//! `validate` and `diff` look at every target and need no environment.

use serde_json::json;

use crate::review::git;
use crate::world::{Run, World};

const TWO: &str = r#"kind: Config
targets:
  test: { url: "http://127.0.0.1:9", auth: { api_key: { env: CCS_API_KEY } }, definitions: ["clients/*.yaml"] }
  other: { url: "http://127.0.0.1:9", auth: { api_key: { env: CCS_API_KEY } }, definitions: ["other/*.yaml"] }
"#;

fn definition(name: &str, device: &str, description: &str) -> String {
    format!(
        "kind: IntegratorClient\nname: {name}\nscope: {{ telsys: 417, partition: 1, device: \"{device}\" }}\n\
         description: {description}\n"
    )
}

/// A world of two targets, each with files of its own, in git.
fn two_targets(default: &str) -> World {
    let world = World::in_sync();
    world.write("icsync.yaml", &format!("{TWO}{default}"));
    world.write("other/two.yaml", &definition("two", "02", "two"));
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    world
}

#[test]
fn validate_checks_every_target_unless_one_is_named() {
    for default in ["", "default_target: test\n"] {
        let world = two_targets(default);
        let both = "valid: 1 client for target test\nvalid: 1 client for target other\n";
        assert_eq!(world.run(&["validate"]).expect(0).stdout, both);
        let document = world.run(&["validate", "-o", "json"]).expect(0).json();
        assert_eq!(
            document["targets"],
            json!([{ "target": "test", "clients": 1 }, { "target": "other", "clients": 1 }])
        );
        world.write("other/two.yaml", &definition("two", "02 03", "two"));
        assert!(world.run(&["validate"]).expect(3).stderr.contains("other/two.yaml:3"));
        assert!(world.run(&["diff", "HEAD"]).expect(3).stderr.contains("other/two.yaml:3"));
        world.run(&["validate", "--target", "test"]).expect(0);
        world.run(&["diff", "HEAD", "--target", "test"]).expect(0);
    }
    let world = two_targets("default_target: other\n");
    assert!(world.run(&["validate"]).expect(0).stdout.starts_with("valid: 1 client for target other\n"));
}

#[test]
fn a_mistake_of_one_target_names_the_target() {
    let world = two_targets("");
    world.write(
        "icsync.yaml",
        &TWO.replace("other/*.yaml\"]", "clients/*.yaml\"], manage: [{ telsys: 426 }]")
            .replace(" }\n  other", ", vars: { site: here } }\n  other"),
    );
    world.remove("other/two.yaml");
    world.edit("clients/one.yaml", "description: one", "description: \"${var.site}\"");
    let Run { stderr, .. } = world.run(&["validate"]).expect(3);
    for code in ["IC0409", "IC0701"] {
        let line = stderr.lines().find(|line| line.contains(code)).unwrap_or_default();
        assert!(line.contains("`other`") && !line.contains("`test`"), "{code}: {stderr}");
    }
    assert!(stderr.contains("(for target `other`)"), "{stderr}");
}

#[test]
fn a_mistake_that_all_targets_share_is_told_once() {
    let world = two_targets("");
    world.edit("icsync.yaml", "other/*.yaml", "clients/*.yaml");
    world.edit("icsync.yaml", "kind: Config", "kind: Config\nprune: mabye");
    assert_eq!(world.run(&["validate"]).expect(3).stderr.matches("mabye").count(), 2, "the message and its line");
}

#[test]
fn diff_tells_for_which_targets_something_changes() {
    let world = two_targets("");
    world.write("other/two.yaml", &definition("two", "02", "changed"));
    let run = world.run(&["diff", "HEAD", "--exit-code"]).expect(2);
    assert!(run.stdout.contains("for other only") && run.stdout.contains("two → changed"), "{}", run.stdout);
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    assert_eq!(document["clients"][0]["targets"], json!(["other"]));
    assert_eq!(document["summary"]["changed"], 1);
    // What is the same for all targets stands there once and names none.
    world.edit("icsync.yaml", "\"other/*.yaml\"", "\"{clients,other}/*.yaml\"");
    git(&world, &["commit", "--quiet", "-am", "two"]);
    world.edit("clients/one.yaml", "description: one", "description: uno");
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    assert_eq!(
        (document["clients"].as_array().map(Vec::len), &document["clients"][0]["targets"]),
        (Some(1), &json!(null))
    );
}

#[test]
fn what_is_sensitive_changes_once_for_all_targets_and_shows_in_no_form() {
    let world = two_targets("");
    world.edit("icsync.yaml", "\"other/*.yaml\"", "\"clients/*.yaml\"");
    let rules = "sensitive: [\"settings.k::x\"]\n";
    world.write("icsync.yaml", &format!("{}{rules}", world.read("icsync.yaml")));
    let three = |value: &str| format!("{}settings: {{ \"k::x\": {value} }}\n", definition("three", "03", "three"));
    world.write("clients/three.yaml", &three("hunter2"));
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    let diff = |word: &str| {
        let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
        assert_eq!(
            (
                &document["summary"][word],
                document["clients"].as_array().map(Vec::len),
                &document["clients"][0]["targets"]
            ),
            (&json!(1), Some(1), &json!(null)),
            "{document}"
        );
        for format in ["text", "markdown", "html", "json", "github", "sarif", "junit"] {
            let said = world.run(&["diff", "HEAD", "-o", format]).expect(0).stdout;
            let shown = ["for test only", "for other only", "hunter", "hmac"].map(|text| said.contains(text));
            assert_eq!(shown, [false; 4], "{format}: {said}");
        }
    };
    world.write("clients/three.yaml", &three("hunter3"));
    diff("changed");
    world.remove("clients/three.yaml");
    diff("removed");
}

#[test]
fn a_target_that_is_new_brings_its_clients_and_its_configuration() {
    let world = two_targets("");
    world.edit(
        "icsync.yaml",
        "  other:",
        "  third: { sandbox: { data: s.db, estate: e.yaml }, definitions: [\"third/*.yaml\"] }\n  other:",
    );
    world.write("third/three.yaml", &definition("three", "03", "three"));
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    let client = &document["clients"][0];
    assert_eq!(
        (&client["client"], &client["change"], &client["targets"]),
        (&json!("three"), &json!("added"), &json!(["third"]))
    );
    assert_eq!(document["clients"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_target_that_goes_is_one_change_and_says_what_becomes_of_its_clients() {
    let world = two_targets("");
    let other = TWO.lines().last().expect("a line");
    world.edit("icsync.yaml", &format!("{other}\n"), "");
    world.remove("other/two.yaml");
    let run = world.run(&["diff", "HEAD", "--exit-code"]).expect(2);
    let said = "other (http://127.0.0.1:9) with 1 client: what is there stays, and only `test` looks at that server";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    let alone = two_targets("");
    alone.write(
        "icsync.yaml",
        &TWO.replace(
            "http://127.0.0.1:9\", auth: { api_key: { env: CCS_API_KEY } }, definitions: [\"other",
            "http://127.0.0.1:8\", auth: { api_key: { env: CCS_API_KEY } }, definitions: [\"other",
        ),
    );
    git(&alone, &["commit", "--quiet", "--all", "-m", "two"]);
    alone.write("icsync.yaml", &TWO.lines().take(3).fold(String::new(), |text, line| text + line + "\n"));
    alone.remove("other/two.yaml");
    let said = "other (http://127.0.0.1:8) with 1 client: what is there stays, and nobody looks at it any more";
    assert!(alone.run(&["diff", "HEAD"]).expect(0).stdout.contains(said));
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    assert_eq!((&document["clients"], &document["summary"]["removed"]), (&json!([]), &json!(0)), "{document}");
    let term = &document["configuration"][0];
    assert_eq!((&term["field"], &term["after"], &term["targets"]), (&json!("target"), &json!(null), &json!(["other"])));
    // It can be asked for by name, although only one side has it; one that neither has is a mistake.
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "two"]);
    let of_target = |revisions: [&str; 2]| {
        let whole = [["diff", "--target", "other", "-o", "json"].as_slice(), revisions.as_slice()].concat();
        world.run(&whole).expect(0).json()
    };
    assert_eq!(of_target(["HEAD", "HEAD~1"])["clients"][0]["change"], "added");
    assert_eq!(of_target(["HEAD~1", "HEAD"])["configuration"][0]["field"], "target");
    assert!(world.run(&["diff", "HEAD", "--target", "nobody"]).expect(3).stderr.contains("IC0"));
}

#[test]
fn a_target_by_another_name_is_the_same_server() {
    let world = two_targets("default_target: test\n");
    let text = world
        .read("icsync.yaml")
        .replace("other: { url: \"http://127.0.0.1:9\"", "other: { url: \"http://127.0.0.1:8\"");
    world.write("icsync.yaml", &text);
    git(&world, &["commit", "--quiet", "--all", "-m", "two"]);
    world.write("icsync.yaml", &text.replace("  other:", "  another:"));
    let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
    assert_eq!(document["clients"], json!([]), "{document}");
    let terms = document["configuration"].as_array().expect("terms");
    assert!(terms.len() == 1 && terms[0]["field"] == "target", "{document}");
    assert!(terms[0]["before"].as_str().is_some_and(|was| was.starts_with("other (")), "{document}");
    // Of a target that neither side has by that name both revisions are still said.
    let gone = world.run(&["diff", "HEAD", "--target", "other", "-o", "json"]).expect(0).json();
    assert_eq!((&gone["base"], &gone["head"]), (&json!("HEAD"), &json!("working tree")), "{gone}");
}

#[test]
fn a_new_target_of_a_server_that_was_looked_at_is_compared_with_what_held_before() {
    let world = two_targets("");
    let text = world.read("icsync.yaml");
    let (first, other) = (text.lines().nth(2).expect("a line"), text.lines().nth(3).expect("a line"));
    let more = first
        .replace("  test:", "  third:")
        .replace("definitions:", "prune: delete, manage: [{ telsys: 417 }], definitions:");
    world.write("icsync.yaml", &text.replace(other, &format!("{other}\n{more}")));
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    assert_eq!(document["clients"], json!([]), "{document}");
    let terms = document["configuration"].as_array().expect("terms");
    let prune = terms.iter().find(|term| term["field"] == "prune").expect("a term");
    assert_eq!(
        (&prune["danger"], &prune["targets"]),
        (&json!("from now on unmanaged clients are deleted"), &json!(["third"]))
    );
    // Renamed and doubled: nobody stops looking at it.
    let renamed = text.replace(first, &format!("{}\n{more}", first.replace("  test:", "  fourth:")));
    world.write("icsync.yaml", &renamed);
    let said = world.run(&["diff", "HEAD"]).expect(0).stdout;
    assert!(!said.contains("nobody looks at it any more") && !said.contains(" added "), "{said}");
    assert!(said.contains("from now on unmanaged clients are deleted"), "{said}");
    // One of a server that nobody looked at says what it deletes.
    world.write(
        "icsync.yaml",
        &text.replace(other, &format!("{other}\n{}", more.replace("127.0.0.1:9", "127.0.0.1:7"))),
    );
    let document = world.run(&["diff", "HEAD", "-o", "json"]).expect(0).json();
    let terms = document["configuration"].as_array().expect("terms");
    assert!(terms.iter().any(|term| term["danger"] == "unmanaged clients are deleted"), "{document}");
}

#[test]
fn another_target_by_default_is_a_change() {
    let world = two_targets("default_target: test\n");
    world.edit("icsync.yaml", "default_target: test", "default_target: other");
    let document = world.run(&["diff", "HEAD", "-o", "json", "--exit-code"]).expect(2).json();
    let danger = "commands without `--target` are about another target";
    let expected = json!([{ "field": "default_target", "before": "test", "after": "other", "danger": danger }]);
    assert_eq!(document["configuration"], expected);
}

#[test]
fn validate_and_diff_need_no_value_of_the_environment_and_plan_does() {
    let world = World::in_sync();
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "one"]);
    world.edit("clients/one.yaml", "description: one", "description: \"${env.NOBODY_SETS_THIS}\"");
    world.run(&["validate"]).expect(0);
    let diff = world.run(&["diff", "HEAD"]).expect(0).stdout;
    assert!(diff.contains("one → ${env.NOBODY_SETS_THIS}"), "{diff}");
    let plan = world.run(&["plan"]).expect(3).stderr;
    assert!(plan.contains("IC0702") && plan.contains("clients/one.yaml:5:15"), "{plan}");
    // What is wrong without any value is wrong all the same.
    world.edit("clients/one.yaml", "${env.NOBODY_SETS_THIS}", "${env.ICSYNC_PLAN_KEY}");
    assert!(world.run(&["validate"]).expect(3).stderr.contains("IC0705"));
}

#[test]
fn list_shows_the_definitions_of_a_target_offline_and_selected() {
    let world = two_targets("default_target: test\n");
    world.write(
        "clients/more.yaml",
        "kind: Profile\nname: base\nsettings: { x: 1 }\n---\nkind: IntegratorClient\nname: new\nprofiles: [base]\n\
         scope: { telsys: 417, partition: 1, device: \"03\" }\n---\nkind: IntegratorClient\nname: old\nstate: absent\n\
         scope: { telsys: 426 }\ndescription: \"${env.NOWHERE}\"\n",
    );
    let list = world.run(&["list"]).expect(0).stdout;
    assert!(list.contains("one") && list.contains("417/1/01") && list.contains("clients/one.yaml:2"), "{list}");
    assert!(list.contains("absent") && list.contains("base") && !list.contains("other/two.yaml"), "{list}");
    let document = world.run(&["list", "--select", "name=old", "-o", "json"]).expect(0).json();
    let definition = &document["definitions"][0];
    assert_eq!(document["definitions"].as_array().map(Vec::len), Some(1));
    assert_eq!((&definition["name"], &definition["state"]), (&json!("old"), &json!("absent")));
    assert_eq!(world.run(&["list", "--target", "other"]).expect(0).stdout.lines().count(), 1);
    let typo = world.run(&["list", "--select", "name=odl"]).expect(64).stderr;
    assert!(typo.contains("did you mean `name=old`?"), "{typo}");
    world.run(&["list", "-o", "markdown"]).expect(64);
}

#[test]
fn validate_tells_every_mistake_in_the_files_of_an_embedded_server() {
    let world = World::in_sync();
    world.write(
        "icsync.yaml",
        "kind: Config\ntargets:\n  local: { sandbox: { data: s.db, estate: estate.yaml, faults: faults.yaml } }\n",
    );
    let missing = world.run(&["validate"]).expect(3).stderr;
    assert!(missing.contains("IC0001") && missing.contains("estate.yaml"), "{missing}");
    world.write("estate.yaml", "users:\n  - usernam: u\n  - { username: v, acess: x }\ncm_environments: 5\n");
    world.write("faults.yaml", "- { nth: 0 }\n- { status: 900 }\n");
    world.edit("clients/one.yaml", "kind: IntegratorClient", "kind: Integratorclient");
    let said = world.run(&["validate"]).expect(3).stderr;
    for place in
        ["estate.yaml:2", "estate.yaml:3", "estate.yaml:4", "faults.yaml:1", "faults.yaml:2", "clients/one.yaml:2"]
    {
        assert!(said.contains(place), "{place}\n{said}");
    }
    world.edit("clients/one.yaml", "kind: Integratorclient", "kind: IntegratorClient");
    world.write("estate.yaml", "users: [{ username: u, api_key: k }]\n");
    world.write("faults.yaml", "[]\n");
    assert_eq!(world.run(&["validate"]).expect(0).stdout, "valid: 1 client for target local\n");
    assert!(!world.path("s.db").exists(), "nothing is started");
}

#[test]
fn a_target_whose_address_changed_asks_for_a_new_plan_and_not_for_itself() {
    let (world, other) = (World::in_sync(), World::in_sync());
    world.edit("clients/one.yaml", "description: one", "description: two");
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0).json();
    let run = run["run"].as_str().expect("a run");
    world.edit("clients/one.yaml", "description: two", "description: three");
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    world.edit("icsync.yaml", world.url(), other.url());
    for command in [&["apply", "plan.json"][..], &["plan", "--check", "plan.json"]] {
        let Run { stderr, .. } = world.run(command).expect(6);
        assert!(stderr.contains("was another one when the plan was saved: make a new plan"), "{stderr}");
        assert!(!stderr.contains("--target"), "{stderr}");
    }
    let Run { stderr, .. } = world.run(&["rollback", run]).expect(6);
    assert!(stderr.contains("was another one then") && !stderr.contains("--target"), "{stderr}");
    world.edit("icsync.yaml", "test", "here");
    let Run { stderr, .. } = world.run(&["apply", "plan.json"]).expect(6);
    assert!(stderr.contains("choose the plan's target with --target test"), "{stderr}");
}

#[test]
fn a_scope_outside_of_manage_may_be_that_of_another_target() {
    let world = two_targets("default_target: test\n");
    world.edit("icsync.yaml", "default_target: test\n", "default_target: test\nmanage: [{ telsys: 426 }]\n");
    let help = "`definitions` of each target says which files are its own";
    assert!(world.run(&["validate"]).expect(3).stderr.contains(help));
    let alone = World::in_sync();
    alone.configure("manage: [{ telsys: 426 }]");
    let Run { stderr, .. } = alone.run(&["validate"]).expect(3);
    assert!(stderr.contains("IC0409") && !stderr.contains(help), "{stderr}");
}

#[test]
fn an_exception_is_idle_only_if_it_is_about_no_client_of_any_target() {
    let world = two_targets("default_target: test\n");
    let except = |client: &str| {
        let exception = format!("{{ client: {client}, fields: [description], until: 9999-12-31, reason: r }}");
        world.write("icsync.yaml", &format!("{TWO}default_target: test\nexceptions: [{exception}]\n"));
    };
    let commands: [&[&str]; 5] = [
        &["validate"],
        &["validate", "--target", "test"],
        &["diff", "HEAD"],
        &["diff", "HEAD", "--target", "test"],
        &["list", "--target", "test"],
    ];
    // `two` is defined for `other` only.
    for client in ["two", "name=tw*"] {
        except(client);
        for command in commands {
            let Run { stdout, stderr, .. } = world.run(&[&["--strict"], command].concat()).expect(0);
            assert!(!format!("{stdout}{stderr}").contains("IC0805"), "{command:?}: {stdout}{stderr}");
        }
    }
    except("tow");
    for command in commands {
        let Run { stdout, stderr, .. } = world.run(command).expect(0);
        let said = format!("{stdout}{stderr}");
        assert!(said.contains("no definition fits `tow`") && !said.contains("(for target"), "{command:?}: {said}");
        world.run(&[&["--strict"], command].concat()).expect(3);
    }
    // What a target with mistakes defines nobody knows.
    world.write("other/two.yaml", &definition("two", "02 03", "two"));
    world.run(&["--strict", "validate", "--target", "test"]).expect(0);
}

#[test]
fn a_warning_of_one_target_names_the_target_and_is_counted_there() {
    let world = two_targets("");
    world.write("other/two.yaml", &definition("two", "02", "two #2"));
    let Run { stdout, stderr, .. } = world.run(&["validate"]).expect(0);
    assert!(stderr.contains("the value is `two` (for target `other`)"), "{stderr}");
    assert_eq!(stdout, "valid: 1 client for target test\nvalid: 1 client for target other, 1 warning\n");
    world.edit("icsync.yaml", "clients/*.yaml", "{clients,other}/*.yaml");
    assert!(!world.run(&["validate"]).expect(0).stderr.contains("(for target"));
}

#[test]
fn what_a_plan_finds_idle_may_serve_another_target() {
    let world = World::in_sync();
    let target = |name: &str, folder: &str| {
        let url = world.url();
        format!(
            "  {name}: {{ url: \"{url}\", auth: {{ api_key: {{ env: CCS_API_KEY }} }}, definitions: [\"{folder}/*.yaml\"] }}\n"
        )
    };
    let targets = format!("kind: Config\ntargets:\n{}{}", target("test", "clients"), target("other", "other"));
    let two = format!("{}settings: {{ \"crm::pin\": x }}\n", definition("two", "02", "two"));
    world.write("other/two.yaml", &two);
    let rules = |key: &str| {
        let exception = format!("{{ client: telsys=417, fields: [{key}], until: 9999-12-31, reason: r }}");
        world.write("icsync.yaml", &format!("{targets}sensitive: [{key}]\nexceptions: [{exception}]\n"));
    };
    rules("\"settings.crm::pin\"");
    for command in ["plan", "drift"] {
        world.run(&["--strict", command, "--target", "test"]).expect(0);
    }
    rules("\"settings.crm::pni\"");
    for command in ["plan", "drift"] {
        let Run { stdout, .. } = world.run(&[command, "--target", "test"]).expect(0);
        for code in ["IC0802", "IC0805"] {
            assert_eq!(stdout.matches(code).count(), 1, "{command}: {stdout}");
        }
        assert_eq!(stdout.matches("(for target `test`)").count(), 2, "{command}: {stdout}");
        world.run(&["--strict", command, "--target", "test"]).expect(3);
    }
}
