//! `icsync help`: the commands, the topics, and one of either.

use crate::world::{Run, World};

/// The words of the first column under a heading of `icsync help`.
fn listed(index: &str, heading: &str) -> Vec<String> {
    let table = index.split(heading).nth(1).and_then(|rest| rest.split("\n\n").next()).expect(heading);
    let rows = table.lines().skip(1).filter(|line| !line.starts_with(' '));
    rows.filter_map(|row| row.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn help_lists_commands_and_topics_and_shows_each_of_them() {
    let world = World::in_sync();
    let index = world.run(&["help"]).expect(0).stdout;
    let (commands, topics) = (listed(&index, "COMMANDS\n"), listed(&index, "\nTOPICS\n"));
    assert!(commands.len() > 15 && topics.len() == 15, "{commands:?} {topics:?}");
    for command in commands.iter().filter(|command| !topics.contains(command)) {
        let Run { stdout, .. } = world.run(&["help", command]).expect(0);
        assert_eq!(stdout, world.run(&[command, "--help"]).expect(0).stdout, "{command}");
    }
    for topic in &topics {
        let Run { stdout, stderr, .. } = world.run(&["help", topic]).expect(0);
        assert!(stdout.starts_with(&format!("{}: ", topic.to_uppercase())) && stderr.is_empty(), "{stdout}");
        assert!(!stdout.contains('\u{1b}'), "{topic}");
        let both = commands.contains(topic);
        assert_eq!(stdout.contains(&format!("\nUsage: icsync {topic} ")), both, "what the command takes: {topic}");
    }
}

#[test]
fn a_command_inside_another_has_its_help_and_colour_is_for_who_wants_it() {
    let world = World::in_sync();
    let Run { stdout, .. } = world.run(&["help", "sandbox", "serve"]).expect(0);
    assert_eq!(stdout, world.run(&["sandbox", "serve", "--help"]).expect(0).stdout);
    let Run { stdout, .. } = world.run(&["--color", "always", "help", "Guard"]).expect(0);
    assert!(stdout.starts_with("\u{1b}[1mGUARD: "), "{stdout}");
}

#[test]
fn what_is_neither_is_told_with_what_was_meant() {
    let world = World::in_sync();
    for (words, help) in [
        (&["help", "trubble"][..], "did you mean `icsync help trouble`?"),
        (&["help", "aplly"], "did you mean `icsync help apply`?"),
        (&["help", "sandbox", "nothing"], "`icsync help` lists both"),
    ] {
        let Run { stdout, stderr, .. } = world.run(words).expect(64);
        assert!(stdout.is_empty() && stderr.contains("there is neither a topic nor a command"), "{stderr}");
        assert!(stderr.contains(&format!("help: {help}\n")), "{stderr}");
    }
}

#[test]
fn manual_pages_are_of_section_1_and_7() {
    let world = World::in_sync();
    world.run(&["man", "pages"]).expect(0);
    for (path, title) in [("man1/icsync-plan.1", ".TH icsync-plan 1"), ("man7/icsync-start.7", ".TH ICSYNC-START 7")] {
        assert!(world.read(&format!("pages/{path}")).contains(title), "{path}");
    }
    let topics = std::fs::read_dir(world.path("pages/man7")).expect("a folder").count();
    assert_eq!(topics, 15);
}

#[test]
fn where_an_apply_did_not_do_all_the_page_about_it_is_named() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.faults("- { operation: change, effect: answer, code: 10101 }");
    let Run { stderr, .. } = world.apply().expect(7);
    assert!(stderr.contains("help: `icsync help trouble` says what to do: exit 7, partial\n"), "{stderr}");
    let Run { stderr, .. } = world.run(&["apply", "--auto-approve", "--max-changes", "0"]).expect(5);
    assert!(stderr.contains("; `icsync help guard` has the rules\n"), "{stderr}");
}
