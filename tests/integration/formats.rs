//! Every command renders each format or refuses it before it does anything.

use crate::world::{Run, World};

const FORMATS: [&str; 8] = ["text", "json", "markdown", "html", "junit", "sarif", "github", "gitlab"];
const TEXT_AND_JSON: &[&str] = &["text", "json"];

#[test]
fn every_command_renders_or_refuses_each_format() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.apply().expect(0);
    let run = world.run(&["runs", "-o", "json"]).expect(0).json()["runs"][0]["run"].as_str().expect("a run").to_owned();
    world.edit("clients/one.yaml", "description: first", "description: one");
    world.run(&["plan", "--out", "saved.plan"]).expect(0);
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "all"]);
    let reports = &FORMATS[..7];
    // Last comes what changes something.
    let commands: [(&[&str], &[&str]); 14] = [
        (&["validate"], reports),
        (&["list"], TEXT_AND_JSON),
        (&["keys"], TEXT_AND_JSON),
        (&["plan"], &FORMATS),
        (&["plan", "--check", "saved.plan"], &FORMATS),
        (&["show", "saved.plan"], &FORMATS),
        (&["show", "--effective", "one"], TEXT_AND_JSON),
        (&["show", "--covering", "417/1/01"], TEXT_AND_JSON),
        (&["drift"], reports),
        (&["diff", "HEAD"], reports),
        (&["rollback", &run], &FORMATS),
        (&["runs"], TEXT_AND_JSON),
        (&["runs", &run], TEXT_AND_JSON),
        (&["apply", "--auto-approve"], reports),
    ];
    for (command, offered) in commands {
        for format in FORMATS {
            let told = format!("{command:?} {format}");
            let before = world.state();
            let Run { code, stdout, stderr } = world.run(&[command, &["-o", format]].concat());
            if offered.contains(&format) {
                assert!(matches!(code, 0 | 2) && !stdout.trim().is_empty(), "{told}: {code}\n{stdout}\n{stderr}");
            } else {
                assert!(code == 64 && stdout.is_empty() && stderr.contains(" writes text"), "{told}: {code}\n{stderr}");
                assert!(stderr.contains(&format!("not {format}")), "{told}: {stderr}");
                assert_eq!(world.state(), before, "{told}");
            }
        }
    }
}

#[test]
fn commands_without_reports_take_no_format() {
    let world = World::in_sync();
    for command in [
        &["init"][..],
        &["fmt"],
        &["export"],
        &["pin"],
        &["sandbox", "serve"],
        &["sandbox", "reset"],
        &["schema", "plan"],
        &["explain"],
        &["completions", "bash"],
        &["man", "man1"],
    ] {
        for format in FORMATS {
            let refused = world.run(&[command, &["-o", format]].concat()).expect(64);
            assert!(refused.stderr.contains("unexpected argument '-o'"), "{command:?}: {refused:?}");
        }
    }
}

#[test]
fn the_widget_of_gitlab_gets_its_three_numbers() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.run(&["plan", "-o", "gitlab=tfplan.json", "-o", "text"]).expect(0);
    assert_eq!(world.read("tfplan.json"), "{\"create\":0,\"update\":1,\"delete\":0}\n");
}

#[test]
fn the_widget_of_gitlab_gets_no_numbers_where_there_is_no_plan() {
    let mut world = World::in_sync();
    world.edit("clients/one.yaml", "kind: IntegratorClient", "kind: Integrator");
    let run = world.run(&["plan", "-o", "gitlab=tfplan.json", "-o", "text"]).expect(3);
    assert_eq!((world.read("tfplan.json").as_str(), run.stdout.as_str()), ("{}\n", ""));
    assert!(run.stderr.contains("IC0204"), "{}", run.stderr);
    world.edit("clients/one.yaml", "kind: Integrator", "kind: IntegratorClient");
    world.set("CCS_API_KEY", "wrong");
    world.run(&["plan", "-o", "gitlab"]).expect(4);
    assert_eq!(world.run(&["plan", "-o", "gitlab"]).stdout, "{}\n");
}

fn git(world: &World, arguments: &[&str]) {
    let mut git = std::process::Command::new("git");
    assert!(git.current_dir(world.path("")).args(arguments).status().expect("git").success());
}
