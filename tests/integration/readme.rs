//! The README is true: what it says the quickstart prints is what it prints.

use std::path::Path;

use icsync::sandbox::Operation;

use crate::world::{Run, World, binary};

const README: &str = include_str!("../../README.md");

/// A copy of the quickstart, without a store.
fn quickstart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart");
    for file in ["icsync.yaml", "estate.yaml", "clients/mst.yaml", "clients/sunshine.yaml"] {
        let to = folder.path().join(file);
        std::fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        std::fs::copy(source.join(file), to).expect("a copy");
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    binary(folder).args(arguments).output().expect("the binary").into()
}

/// Replaces what differs from run to run.
fn scrub(text: &str) -> String {
    let line = |line: &str| match line.split_once(" · run ") {
        Some((before, _)) => format!("{before} · run RUN"),
        // Which of two adds comes first differs from run to run.
        None if line.trim_start().starts_with("id ") => "id ID".to_owned(),
        None => line.trim_end().to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[test]
fn the_quickstart_prints_what_the_readme_says_and_then_nothing_is_left_to_do() {
    let folder = quickstart();
    let first = run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    let block = README.split("<!-- quickstart: begin -->\n```text\n").nth(1).expect("the block");
    let block = block.split("```\n<!-- quickstart: end -->").next().expect("the end of the block");
    assert_eq!(scrub(&first.stdout), scrub(block), "{}", first.stdout);
    let second = run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    assert!(second.stdout.contains("No changes") && !second.stderr.contains("sent"), "{second:?}");
    run(folder.path(), &["sandbox", "reset"]).expect(0);
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(2);
}

#[test]
fn every_command_that_the_readme_names_exists() {
    let folder = quickstart();
    let help = run(folder.path(), &["--help"]).expect(0).stdout;
    let named = README.split("`icsync ").skip(1).filter_map(|rest| rest.split(['`', ' ']).next());
    for command in named.filter(|command| command.bytes().all(|byte| byte.is_ascii_lowercase())) {
        assert!(help.contains(&format!("\n  {command}")), "`icsync {command}` is in the README and not in the help");
    }
}

#[test]
fn every_command_of_the_help_is_in_the_readme() {
    let folder = quickstart();
    let help = run(folder.path(), &["--help"]).expect(0).stdout;
    let list = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let lines = list.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let commands: Vec<&str> = lines.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help").collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        assert!(README.contains(&format!("`icsync {command}")), "`icsync {command}` is not in the README");
    }
}

#[test]
fn the_configuration_and_the_definitions_of_the_readme_are_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    for (path, block) in files() {
        std::fs::write(folder.path().join(path), block).expect("a file");
    }
    run(folder.path(), &["validate"]).expect(0);
}

/// Gives the files that the README shows, each with its path.
fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let blocks = README.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(|block| (block.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a file name"), block))
}

#[test]
fn the_fleet_of_the_readme_is_applied_where_init_has_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["init", "phones"]).expect(0);
    run(folder.path(), &["-C", "phones", "apply", "--auto-approve"]).expect(0);
    let phones = folder.path().join("phones");
    let (path, fleet) = files().find(|(path, _)| *path == "clients/desks.yaml").expect("a fleet");
    std::fs::remove_file(phones.join("clients/example.yaml")).expect("an example");
    std::fs::write(phones.join(path), fleet).expect("a file");
    let configuration = std::fs::read_to_string(phones.join("icsync.yaml")).expect("a configuration");
    std::fs::write(phones.join("icsync.yaml"), format!("{configuration}vars: {{site: London}}\n")).expect("a file");
    run(&phones, &["validate"]).expect(0);
    run(&phones, &["apply", "--auto-approve"]).expect(0);
    assert!(run(&phones, &["plan"]).expect(0).stdout.contains("No changes"));
    run(&phones, &["show", "--effective", "desk-01234567102"]).expect(0);
}

#[test]
fn the_readme_leads_to_every_page_of_the_manual() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let linked: Vec<&str> = README.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    for path in linked.iter().filter(|path| !path.contains("://")) {
        assert!(folder.join(path).is_file(), "{path}");
    }
    let pages =
        std::fs::read_dir(folder.join("src/manual")).expect("a folder").map(|entry| entry.expect("an entry").path());
    for page in pages.filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
        let path = format!("src/manual/{}", page.file_name().expect("a name").display());
        assert!(linked.contains(&&*path), "{path}");
    }
}

/// Gives the right side of a line of the README's figures.
fn figure(what: &str) -> &'static str {
    let row = README.split(&format!("\n| {what} | ")).nth(1).expect(what);
    row.split(" |\n").next().expect(what)
}

/// A server with devices and no client, or with one for each, and one fleet that defines them all.
fn desks(count: u32, are_there: bool) -> World {
    let each = |line: fn(u32) -> String| (1000..1000 + count).map(line).collect::<String>();
    let devices = each(|number| format!("          - {{ number: \"{number}\", description: D }}\n"));
    let clients = each(|number| {
        format!("  - {{ telsys: 417, partition: 1, device: \"{number}\", description: \"Desk {number}\" }}\n")
    });
    let clients = if are_there { format!("clients:\n{clients}") } else { String::new() };
    let world = World::of(&format!(
        "telephony_servers:\n  - id: 417\n    partitions:\n      - id: 1\n        devices:\n{devices}\
         users: [{{ username: a, password: b, api_key: test-key }}]\n{clients}"
    ));
    let devices: Vec<String> = (1000..1000 + count).map(|number| format!("\"{number}\"")).collect();
    world.write(
        "clients/desks.yaml",
        &format!(
            "kind: Fleet\nname: desk\nscope: {{ telsys: 417, partition: 1 }}\ndevices: [{}]\n\
             template: {{ description: \"Desk ${{device}}\", settings: {{}} }}\n",
            devices.join(", ")
        ),
    );
    world
}

#[test]
fn lost_answers_make_no_client_twice_as_the_readme_says() {
    let world = desks(30, false);
    world.faults("- { operation: add, effect: drop_after }");
    world.apply().expect(0);
    assert_eq!((world.count(Operation::Add), world.clients(417).len()), (30, 30));
    assert_eq!(figure("30 desks added, the answer to every Add lost"), "30 Adds sent, 30 clients, none twice, exit 0");
    world.forget();
    world.apply().expect(0);
    assert_eq!(format!("{} writes", world.writes()), figure("the same apply again"));
}

#[test]
fn a_plan_takes_as_many_requests_as_the_readme_says_and_holds_only_while_nobody_meddles() {
    let world = desks(300, true);
    world.forget();
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    let (lists, infos) = (world.count(Operation::List), world.count(Operation::Info));
    assert_eq!(format!("{lists} list and {infos} info requests"), figure("a plan over 300 desks, without state"));
    world.edit("clients/desks.yaml", "Desk $", "Seat $");
    world.run(&["plan", "--out", "plan.json", "--select", "device=1007"]).expect(0);
    let client = world.clients(417).into_iter().find(|one| one["scope"]["device"] == "1007").expect("a client");
    let id = client["id"].as_str().expect("an id");
    let path = format!("telsys/417/partition/1/device/1007/integratorClient/{id}");
    let body = r#"{"Description":"meddled","CMEnvironmentID":"","Policies":{},"Settings":{}}"#;
    assert!(world.send("PUT", &path, body) < 300);
    world.forget();
    let stale = world.run(&["apply", "plan.json"]).expect(6);
    assert!(stale.stderr.contains("desk-1007: the live `description`"), "{}", stale.stderr);
    let said = figure("somebody changes one of them after the plan was saved");
    assert_eq!(said, format!("{} writes, exit 6, the client and the field named", world.writes()));
}

#[test]
fn desks_that_vanish_from_git_are_not_deleted_as_the_readme_says() {
    let world = desks(30, true);
    world.write(
        "clients/desks.yaml",
        "kind: IntegratorClient\nname: one\nscope: { telsys: 417, partition: 1, device: \"1000\" }\n",
    );
    world.forget();
    let refused = world.run(&["apply", "--auto-approve", "--prune"]).expect(5);
    assert!(refused.stderr.contains("--max-deletes 29"), "{}", refused.stderr);
    let said = figure("29 of 30 desks vanish from git, prune is asked for");
    assert_eq!(
        said,
        format!("{} deletes, exit 5, the option that would allow just this named", world.count(Operation::Delete))
    );
}

#[test]
fn every_shell_of_the_readme_gets_its_completion() {
    let folder = tempfile::tempdir().expect("a folder");
    let named =
        README.split("`icsync completions` knows ").nth(1).and_then(|rest| rest.split('.').next()).expect("shells");
    let shells: Vec<&str> = named.split([',', ' ']).filter(|word| !word.is_empty() && *word != "and").collect();
    assert_eq!(shells.len(), 5, "{shells:?}");
    for shell in shells {
        assert!(run(folder.path(), &["completions", shell]).expect(0).stdout.contains("icsync"), "{shell}");
    }
}
