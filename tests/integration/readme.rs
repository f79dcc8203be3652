//! The README is true: what it says the quickstart prints is what it prints.

use std::path::Path;

use icsync::sandbox::{Dialect, Estate, Switch};

use crate::world::{Run, binary};

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
fn every_switch_of_the_sandbox_is_in_the_readme_with_its_values() {
    for Switch { name, values, numbers } in Dialect::switches() {
        let row = README.split(&format!("\n| `{name}` | ")).nth(1).expect(name);
        let row = row.split(" |\n").next().expect(name);
        let worded = if numbers.is_some() { &values[..1] } else { values };
        assert!(worded.iter().all(|value| row.contains(&format!("`{value}`"))), "{name}: {row}");
        assert!(row.starts_with(&format!("`{}`", values[0])), "the default of `{name}` comes first");
    }
}

#[test]
fn the_configuration_the_definition_and_the_estate_of_the_readme_are_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let blocks: Vec<&str> = README.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    for block in blocks {
        let path = block.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a file name");
        std::fs::write(folder.path().join(path), block).expect("a file");
    }
    run(folder.path(), &["validate"]).expect(0);
    let estate = std::fs::read_to_string(folder.path().join("estate.yaml")).expect("an estate");
    Estate::parse(&estate, "estate.yaml").expect("an estate");
}
