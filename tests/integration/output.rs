//! What goes where: one document on stdout, also on failure, and nothing that a file name or a server says is obeyed.

use icsync::sandbox::Operation;

use crate::review::committed;
use crate::world::{Run, World};

/// A world in which one step of an apply fails and another is applied.
fn half_failing() -> World {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.write(
        "clients/two.yaml",
        "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"99\" }\n",
    );
    world
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_hides_neither_outcomes_nor_the_exit_code() {
    let world = half_failing();
    let run = world.run(&["apply", "--auto-approve", "-o", "markdown=/dev/full", "-o", "json"]).expect(7);
    assert_eq!(run.json()["summary"]["applied"], 1);
    assert!(run.stderr.contains("cannot write `/dev/full`") && run.stderr.contains("1 row read"), "{}", run.stderr);
    let run = world.run(&["plan", "--max-changes", "0", "-o", "json=kept.json", "-o", "html=/nonexistent/x"]);
    assert_eq!((run.code, world.read("kept.json").contains("\"steps\"")), (1, true));
    world.edit("clients/one.yaml", "description: two", "description: three");
    world.run(&["plan", "--max-changes", "0", "-o", "html=/nonexistent/x"]).expect(5);
}

#[test]
fn stdout_has_one_json_document_whatever_fails() {
    let world = half_failing();
    for (arguments, code) in [
        (vec!["plan", "-o", "json", "-o", "markdown=/nonexistent/x"], 1),
        (vec!["plan", "-o", "json", "--nope"], 64),
        (vec!["plan", "-o", "json=-", "--nope"], 64),
        (vec!["plan", "--output=json=-", "--nope"], 64),
        (vec!["plan", "-o", "json", "--select", "zz=1"], 64),
        (vec!["show", "-ojson"], 64),
        (vec!["-C", "/nonexistent", "plan", "--output=json"], 64),
        (vec!["plan", "-o", "json", "-o", "json"], 64),
    ] {
        world.run(&arguments).expect(code).json();
    }
}

#[test]
fn two_documents_for_one_place_are_a_wrong_command_line() {
    let world = World::in_sync();
    for outputs in [["markdown", "sarif"], ["markdown=a", "sarif=a"], ["markdown=a", "sarif=clients/../a"]] {
        let Run { stdout, stderr, .. } = world.run(&["plan", "-o", outputs[0], "-o", outputs[1]]).expect(64);
        assert_eq!(stdout, "");
        assert!(stderr.contains("two documents would be written to"), "{stderr}");
    }
    world.run(&["plan", "-o", "json=plan.json", "--out", "./plan.json"]).expect(64);
}

#[cfg(unix)]
#[test]
fn hostile_file_and_target_names_are_shown_and_not_obeyed() {
    let world = World::in_sync();
    let name = "clients/x\n::error::owned\n\u{1b}[31m\u{9b}.yaml";
    world.write(name, "kind: IntegratorClient\nname: a\n");
    let broken = world.run(&["validate"]).expect(3);
    world.write(name, "kind: IntegratorClient\nname: a\nscope: { telsys: 417, partition: 1, device: \"02\" }\n");
    world.edit("icsync.yaml", "default_target: test", "default_target: \"p\\e[31m\\n::error::x\"");
    world.edit("icsync.yaml", "  test:", "  \"p\\e[31m\\n::error::x\":");
    let valid = world.run(&["validate"]).expect(0);
    world.apply().expect(0);
    let pinned = world.run(&["pin"]).expect(0);
    let missing = world.run(&["show", "no\n::error::such"]).expect(1);
    for Run { stdout, stderr, .. } in [broken, valid, pinned, missing] {
        let text = format!("{stdout}{stderr}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
        assert!(!text.chars().any(|one| one.is_control() && one != '\n'), "{text}");
    }
}

#[test]
fn a_target_that_a_terminal_would_obey_is_escaped_in_the_json_of_every_command() {
    let world = committed();
    world.edit("icsync.yaml", "default_target: test", "default_target: \"p\\u202erod\\e[31m\"");
    world.edit("icsync.yaml", "  test:", "  \"p\\u202erod\\e[31m\":");
    world.edit("clients/one.yaml", "description: one", "description: two");
    let json = |arguments: &[&str], code: i32| {
        let run = world.run(&[arguments, &["-o", "json"]].concat()).expect(code);
        let hidden = |one: char| (one.is_control() && one != '\n') || one == '\u{202e}';
        assert!(!run.stdout.chars().any(hidden), "{arguments:?}: {}", run.stdout);
        run.json()
    };
    let name = "p\u{202e}rod\u{1b}[31m";
    assert_eq!(json(&["plan", "--out", "saved.plan"], 0)["target"]["name"], name);
    assert_eq!(json(&["show", "saved.plan"], 0)["target"]["name"], name);
    assert_eq!(json(&["drift"], 2)["target"]["name"], name);
    assert_eq!(json(&["apply", "saved.plan"], 0)["plan"]["target"]["name"], name);
    let runs = json(&["runs"], 0);
    assert_eq!(runs["runs"][0]["target"], name);
    assert_eq!(json(&["rollback", runs["runs"][0]["run"].as_str().expect("a run")], 0)["target"]["name"], name);
    world.edit("icsync.yaml", "\\e[31m\"", "\\e[32m\"");
    json(&["diff", "HEAD"], 0);
    json(&["validate"], 0);
    for failing in [&["plan", "--target", name][..], &["validate", "--target", name], &["apply", "saved.plan"]] {
        json(failing, world.run(&[failing, &["-o", "json"]].concat()).code);
    }
}

#[test]
fn a_plan_saved_by_an_earlier_version_reads_as_it_did() {
    let world = World::in_sync();
    world.write("saved.plan", include_str!("saved/plan.json"));
    for format in ["text", "json", "markdown", "junit", "sarif", "github"] {
        let Run { stdout, .. } = world.run(&["show", "saved.plan", "-o", format, "--full"]).expect(0);
        insta::assert_snapshot!(format!("a_saved_plan_as_{format}"), stdout);
    }
}

#[test]
fn every_format_that_is_offered_writes_a_plan() {
    let world = World::in_sync();
    let said = world.run(&["plan", "-o", "nonsense"]).expect(64).stderr;
    let offered = said.split("is not one of ").nth(1).and_then(|rest| rest.lines().next()).expect("a list");
    let formats: Vec<&str> = offered.split(", ").collect();
    assert!(formats.len() > 6, "{formats:?}");
    for format in formats {
        let Run { stdout, .. } = world.run(&["plan", "-o", format]).expect(0);
        assert!(!stdout.trim().is_empty() || format == "github", "{format}");
    }
}

#[test]
fn a_failure_is_told_in_every_file_that_was_asked_for() {
    let world = World::in_sync();
    let formats = ["markdown=a.md", "junit=a.xml", "sarif=a.sarif", "html=a.html"];
    let outputs: Vec<&str> = formats.iter().flat_map(|output| ["-o", *output]).collect();
    world.run(&[&["plan"], outputs.as_slice()].concat()).expect(0);
    world.edit("icsync.yaml", world.url(), "http://127.0.0.1:9");
    world.run(&[&["plan"], outputs.as_slice()].concat()).expect(1);
    for file in ["a.md", "a.xml", "a.sarif", "a.html"] {
        let text = world.read(file);
        assert!(text.contains("127.0.0.1:9"), "{file}: {text}");
    }
    assert!(world.read("a.xml").contains("failures=\"1\""), "{}", world.read("a.xml"));
}

#[test]
fn a_refusal_stays_one_when_its_report_cannot_be_written() {
    let world = half_failing();
    let arguments = ["apply", "--auto-approve", "--max-changes", "0", "-o", "html=/nonexistent/x"];
    let Run { stderr, .. } = world.run(&arguments).expect(5);
    assert!(stderr.contains("cannot write `/nonexistent/x`") && !stderr.contains(".icsync-"), "{stderr}");
}

#[test]
fn what_comes_next_can_be_typed_as_it_stands() {
    let world = World::in_sync();
    world.edit("icsync.yaml", "default_target: test", "default_target: \"-x\"");
    world.edit("icsync.yaml", "  test:", "  \"-x\":");
    world.edit("clients/one.yaml", "description: one", "description: two");
    let Run { stdout, .. } = world.run(&["plan", "-o", "markdown", "--max-changes", "5"]).expect(0);
    assert!(stdout.contains("icsync plan --target=-x --max-changes 5"), "{stdout}");
    world.run(&["apply", "--target=-x", "--auto-approve"]).expect(0);
    let runs = world.run(&["runs", "-o", "json"]).expect(0).json();
    let run = runs["runs"][0]["run"].as_str().expect("a run").to_owned();
    let back = ["rollback", run.as_str(), "--target=-x", "--max-changes", "7", "-o", "markdown"];
    let Run { stdout, .. } = world.run(&back).expect(0);
    assert!(stdout.contains(&format!("icsync rollback {run} --target=-x --max-changes 7 --out")), "{stdout}");
}

#[test]
fn mistakes_that_are_alike_have_fingerprints_of_their_own() {
    let world = World::in_sync();
    let bad = |name: &str, device: &str| {
        format!(
            "kind: IntegratorClient\nname: {name}\nscope: {{ telsys: 417, partition: 1, device: \"{device}\" }}\nnope: 1\n"
        )
    };
    world.write("clients/bad.yaml", &[bad("b", "02"), bad("c", "03")].join("---\n"));
    let sarif = world.run(&["validate", "-o", "sarif"]).expect(3).json();
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let prints: std::collections::BTreeSet<String> =
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect();
    assert_eq!((results.len(), prints.len()), (2, 2), "{results:?}");
}

#[test]
fn a_selection_that_fits_nothing_is_a_mistake_and_one_that_leaves_nothing_is_mentioned() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]");
    for command in ["plan", "drift", "apply", "pin", "export"] {
        for option in ["--select", "--exclude"] {
            let typo = world.run(&[command, option, "name=onne"]).expect(64);
            let help = "help: did you mean `name=one`?";
            assert!(typo.stderr.contains("`name=onne` fits no definition") && typo.stderr.contains(help), "{typo:?}");
            world.run(&[command, option, "telsys=471"]).expect(64);
        }
    }
    for command in ["plan", "drift"] {
        let quiet = world.run(&[command, "--select", "name=one"]).expect(0);
        assert!(!quiet.stderr.contains("warning"), "{}", quiet.stderr);
        let nothing = world.run(&[command, "--exclude", "name=one"]).expect(0);
        assert!(nothing.stderr.contains("warning: --select and --exclude leave no definition"), "{}", nothing.stderr);
    }
    // A live client of the boundary is enough.
    let row = "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\n";
    world.write("clients/two.yaml", row);
    world.apply().expect(0);
    world.remove("clients/two.yaml");
    world.run(&["plan", "--select", "device=02"]).expect(0);
}

#[test]
fn sensitive_values_are_in_no_excerpt_of_a_mistake() {
    let world = World::in_sync();
    let sensitive = "manage: [{ telsys: 417 }]\nsensitive: [\"settings.secret.*\"]";
    world.configure(sensitive);
    let head = "kind: IntegratorClient\nname: b\nscope: { telsys: 417, partition: 1, device: \"02\" }\n";
    for (file, text) in [
        ("clients/b.yaml", format!("{head}settings: {{ \"secret.key\": hunter2, \"x\": }}}}\n")),
        ("clients/b.yaml", format!("{head}nope: {{ \"secret.key\": hunter2 }}\n")),
        ("clients/b.yaml", format!("{head}settings:\n  secret.key: hunter2\n    x: [\n")),
    ] {
        world.write(file, &text);
        for arguments in [vec!["validate"], vec!["validate", "-o", "json"], vec!["plan"], vec!["fmt", "--check"]] {
            let run = world.run(&arguments);
            assert!(run.code != 0 && !format!("{}{}", run.stdout, run.stderr).contains("hunter2"), "{run:?}");
        }
    }
    for text in [
        "settings:\n  secret.key: 0987654\n",
        "settings:\n  secret.key: \"hunter2$${ok}${hunter2}\"\n",
        "settings:\n  secret.u: {hunter2: 1, hunter2: 2}\n",
        "settings:\n  secret.t: !hunter2 x\n",
        "settings:\n  secret.t: {987: 1}\n",
        "settings:\n   secret.z: |\n      -----BEGIN\n     hunter2\n",
        "settings:\n   secret.z: |\nhunter2==\n",
        "settings:\n   secret.z: foo\n  hunter2 bar\n",
        "settings:\n   secret.z: foo\n     hunter2: bar\n",
        "settings:\n  secret.key hunter2\n",
        "settings:\n  <<:\n    secret.q: [hunter2, 0987]\n",
    ] {
        world.write("clients/b.yaml", &format!("{head}{text}"));
        for arguments in [vec!["validate"], vec!["validate", "-o", "json"], vec!["fmt", "--check"]] {
            let run = world.run(&arguments);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(run.code != 0 && !said.contains("hunter2") && !said.contains("987"), "{text}{said}");
        }
    }
    world.write("clients/b.yaml", &format!("settings:   {{ \"secret.key\": hunter2 }}\n{head}"));
    let run = world.run(&["fmt", "--check"]);
    assert!(run.stdout.contains("secret.key") && !run.stdout.contains("hunter2"), "{run:?}");
    world.write(
        "clients/b.yaml",
        "kind: Fleet\nname: f\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: f.csv, column: d, key: d }\ntemplate:\n  settings: { \"secret.key\": \"${s}\" }\n",
    );
    world.write("clients/f.csv", "d,s\n05,hunter2\n06,\"hunter2\n");
    let run = world.run(&["validate"]).expect(3);
    assert!(run.stderr.contains("f.csv") && !run.stderr.contains("hunter2"), "{run:?}");
}

#[test]
fn an_output_that_cannot_be_written_is_found_before_anything_is_written_to_the_server() {
    let world = half_failing();
    std::fs::create_dir(world.path("folder")).expect("a folder");
    world.write("file", "");
    for place in ["missing/x", "folder", "file/x"] {
        for format in ["html", "json", "markdown", "junit"] {
            world.forget();
            let output = format!("{format}={place}");
            let run = world.run(&["apply", "--auto-approve", "-o", &output, "-o", "text"]).expect(1);
            assert!(run.stderr.contains("cannot write `") && run.stderr.contains(place), "{output}: {}", run.stderr);
            assert_eq!(run.stderr.matches("cannot write").count(), 1, "{output}: {}", run.stderr);
            assert_eq!(world.writes(), 0, "{output}");
        }
        world.forget();
        let run = world.run(&["plan", "--out", place]).expect(1);
        assert!(run.stderr.contains("cannot write `"), "{}", run.stderr);
        assert_eq!(world.count(Operation::List), 0, "{place}");
    }
    let run = world.run(&["apply", "--auto-approve", "--journal", "file/runs"]).expect(1);
    assert!(run.stderr.contains("cannot create a journal in"), "{}", run.stderr);
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_document_never_replaces_yaml_that_somebody_wrote() {
    let world = World::in_sync();
    let before = [world.read("icsync.yaml"), world.read("clients/one.yaml")];
    for arguments in [&["plan", "--out", "icsync.yaml"][..], &["plan", "-o", "json=clients/one.yaml"]] {
        let run = world.run(arguments).expect(1);
        assert!(run.stderr.contains("icsync reads it"), "{}", run.stderr);
    }
    world.write("notes.yaml", "kind: Notes\n");
    let run = world.run(&["apply", "--auto-approve", "-o", "json=notes.yaml"]).expect(1);
    assert!(run.stderr.contains("it is YAML") && world.read("notes.yaml").contains("Notes"), "{}", run.stderr);
    assert_eq!(world.count(Operation::List), 0);
    assert_eq!([world.read("icsync.yaml"), world.read("clients/one.yaml")], before);
    world.write("out.yaml", "{}");
    world.run(&["plan", "-o", "json=out.yaml"]).expect(0);
}

#[test]
fn a_document_never_replaces_a_file_that_icsync_reads() {
    let world = World::in_sync();
    let files = [
        ("clients/two.json", "definitions", "{\"kind\": \"Profile\", \"name\": \"p\"}"),
        ("clients/braces.yaml", "definitions", "{ kind: Profile, name: q }"),
        ("desks", "the table of a fleet", "number\n03\n"),
        ("other.csv", "the table of a fleet", "number\n03\n"),
        ("estate.json", "the estate of a sandbox", "{}"),
        ("faults.json", "the faults of a sandbox", "[]"),
        ("s.db", "the store of a sandbox", "{}"),
        ("secret", "a secret of a target", "hunter2"),
        ("ca.pem", "`ca_file`", "-----BEGIN"),
        ("keys.yaml", "the catalogue of keys", "{ kind: Keys }"),
        (".icsync/key", "the key of digests", "0"),
        (".icsync/runs/1.jsonl", "the journal of a run", "{}"),
    ];
    files.iter().for_each(|(path, _, text)| world.write(path, text));
    world.write(
        "clients/fleet.yaml",
        "kind: Fleet\nname: f\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: desks, column: number }\ntemplate: {}\n",
    );
    world.configure(
        "  box:\n    sandbox: { data: s.db, estate: estate.json, faults: faults.json }\n  far:\n    url: https://ccs.example.com\n    \
         ca_file: ca.pem\n    auth: { api_key: { file: secret } }\ndefinitions: [\"clients/*.{yaml,json}\"]",
    );
    for (path, reader, text) in files {
        let there = world.path(path).display().to_string();
        let links = world.path("link");
        let _ = std::fs::remove_file(&links);
        #[cfg(unix)]
        std::os::unix::fs::symlink(&there, &links).expect("a link");
        #[cfg(not(unix))]
        std::fs::write(&links, text).expect("a file");
        for place in [path, &format!("./clients/../{path}"), &there, "link"] {
            for arguments in [
                &["plan", "--out", place][..],
                &["validate", "-o", &format!("json={place}")],
                &["apply", "--auto-approve", "-o", &format!("markdown={place}")],
            ] {
                let run = world.run(arguments).expect(1);
                assert!(
                    run.stderr.contains("icsync reads it") && run.stderr.contains(reader),
                    "{arguments:?}: {}",
                    run.stderr
                );
                assert_eq!(world.read(path), text, "{arguments:?}");
            }
        }
    }
    assert_eq!(world.count(Operation::List), 0, "nothing was sent");
    // What an earlier run wrote is replaced.
    for output in ["json=report.json", "html=report.html", "markdown=report.md", "text=report.txt"] {
        world.run(&["validate", "-o", output]);
        world.run(&["validate", "-o", output]).expect(0);
    }
}

#[test]
fn to_look_whether_a_report_can_be_written_leaves_nothing_beside_it() {
    let world = half_failing();
    world.write("reports/last.html", "the last one");
    world.run(&["apply", "--auto-approve", "-o", "html=reports/last.html"]).expect(7);
    let names = std::fs::read_dir(world.path("reports")).expect("a folder").count();
    assert_eq!(names, 1);
}

#[test]
fn braces_nested_too_deep_are_a_mistake_with_a_place_wherever_globs_are_read() {
    let glob = format!("{}{}", "{".repeat(257), "}".repeat(257));
    for line in [
        format!("definitions: [\"{glob}\"]"),
        format!("definitions: [\"**/*.yaml\", \"!{glob}\"]"),
        format!("sensitive: [\"settings.{glob}\"]"),
    ] {
        let world = World::in_sync();
        world.configure(&format!("manage: [{{telsys: 417}}]\n{line}"));
        let run = world.run(&["validate"]).expect(3);
        assert!(run.stderr.contains("nested more than") && run.stderr.contains("icsync.yaml:"), "{}", run.stderr);
    }
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description:", &format!("ignore: [\"settings.{glob}\"]\ndescription:"));
    let run = world.run(&["validate"]).expect(3);
    assert!(run.stderr.contains("nested more than") && run.stderr.contains("one.yaml:"), "{}", run.stderr);
    for option in ["--select", "--exclude"] {
        for key in ["name", "device"] {
            let run = world.run(&["plan", option, &format!("{key}={glob}")]).expect(64);
            assert!(run.stderr.contains("nested more than") && run.stderr.contains(option), "{}", run.stderr);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_may_open_few_files_says_so_and_does_not_panic() {
    let world = World::in_sync();
    for arguments in [vec!["validate"], vec!["plan"], vec!["apply", "--auto-approve"], vec!["drift"]] {
        for most in 4..16 {
            let command = world.command(&arguments);
            let mut limited = std::process::Command::new("sh");
            limited.args(["-c", "ulimit -n \"$0\" && exec \"$@\"", &most.to_string()]);
            limited.arg(command.get_program()).args(command.get_args()).current_dir(world.path("."));
            limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let run = Run::from(limited.output().expect("a shell"));
            assert!(run.code != 101 && !run.stderr.contains("panicked"), "{arguments:?} with {most}: {}", run.stderr);
        }
    }
}
