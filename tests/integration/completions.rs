//! What a shell is told that asks what may come next; `.ci/completions` tries it in the shells themselves.

use crate::world::World;

/// Gives what may stand for the last word.
fn offered(world: &World, shell: &str, words: &[&str]) -> Vec<String> {
    let mut command = world.command(&[]);
    command.env("ICSYNC_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    command.env("_CLAP_IFS", "\n").arg("--").arg("icsync").args(words);
    let output = command.output().expect("the binary");
    let text = String::from_utf8(output.stdout).expect("text");
    text.split(['\n', '\u{b}']).map(str::to_owned).collect()
}

#[test]
fn names_of_the_repository_are_offered() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: first\nprofiles: [base]");
    world.write("clients/base.yaml", "kind: Profile\nname: base\n");
    world.apply().expect(0);
    let run = world.run(&["runs", "-o", "json"]).expect(0).json()["runs"][0]["run"].as_str().expect("a run").to_owned();
    let zsh = |words: &[&str]| offered(&world, "zsh", words);
    assert_eq!(zsh(&["plan", "--target", ""]), ["test"]);
    assert_eq!(zsh(&["show", "--effective", "o"]), ["one"]);
    assert_eq!(zsh(&["show", "--covering", "4"]), ["417/1/01"]);
    assert_eq!(zsh(&["plan", "--select", "prof"]), ["profile="]);
    assert_eq!(zsh(&["plan", "--select", "profile="]), ["profile=base"]);
    assert_eq!(zsh(&["plan", "--exclude=name="]), ["--exclude=name=one"]);
    assert_eq!(zsh(&["rollback", "2"]), [run.as_str()]);
    assert_eq!(zsh(&["runs", "2"]), [run.as_str()]);
    assert_eq!(zsh(&["explain", "3000"]).len(), 10);
    assert_eq!(zsh(&["drift", "--ignore", "con"]), ["conflict"]);
    assert_eq!(zsh(&["list", "-o", ""]), ["text", "json"]);
    assert_eq!(zsh(&["plan", "-o", "ht"]), ["html"]);
    assert_eq!(zsh(&["plan", "-o", "json=icsync"]), ["json=icsync.yaml"]);
}

#[test]
fn the_words_before_say_which_repository_is_meant() {
    let world = World::in_sync();
    world.write(
        "elsewhere/icsync.yaml",
        "kind: Config\ntargets: { far: { url: https://far.example.com, auth: { api_key: { env: K } } } }\n",
    );
    assert_eq!(offered(&world, "zsh", &["-C", "elsewhere", "plan", "--target", ""]), ["far"]);
    assert_eq!(offered(&world, "zsh", &["plan", "--config", "elsewhere/icsync.yaml", "--target", ""]), ["far"]);
}

#[test]
fn bash_which_breaks_words_gets_the_piece_that_it_replaces() {
    let world = World::in_sync();
    assert_eq!(offered(&world, "bash", &["plan", "--select", "name", "="]), ["one"]);
    assert_eq!(offered(&world, "bash", &["plan", "--select", "name", "=", "o"]), ["one"]);
    assert_eq!(offered(&world, "bash", &["list", "--output", "=", "js"]), ["json"]);
}

#[test]
fn a_repository_with_mistakes_and_a_target_that_a_shell_would_obey_offer_nothing() {
    let world = World::in_sync();
    world.write("clients/bad.yaml", "kind: Nope\n");
    assert_eq!(offered(&world, "zsh", &["show", "--effective", "o"]), [""]);
    world.edit(
        "icsync.yaml",
        "  test:",
        "  \"$(touch owned)\": { url: https://a.example.com, auth: { api_key: { env: K } } }\n  test:",
    );
    assert_eq!(offered(&world, "zsh", &["plan", "--target", ""]), ["test"]);
}

#[test]
fn every_shell_gets_a_script_that_names_the_program_and_no_path() {
    let world = World::in_sync();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = world.run(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("ICSYNC_COMPLETE") && !script.contains("/icsync"), "{script}");
    }
}

#[test]
fn every_long_help_has_own_options_before_global_ones_and_examples_at_its_end() {
    let world = World::in_sync();
    for command in [&["plan"][..], &["runs"], &["sandbox", "serve"], &["show"], &["explain"]] {
        let help = world.run(&[command, &["--help"]].concat()).expect(0).stdout;
        let places: Vec<usize> = ["\nOptions:\n", "\nGlobal options:\n", "\nExamples:\n"]
            .map(|heading| help.find(heading).unwrap_or_else(|| panic!("{heading}: {help}")))
            .to_vec();
        assert!(places.is_sorted(), "{help}");
        let typed = format!("\n  icsync {}", command.join(" "));
        assert!(help[places[2]..].contains(&typed), "{help}");
    }
    for command in [&["--help"][..], &["sandbox", "--help"]] {
        let help = world.run(command).expect(0).stdout;
        assert!(help.contains("\nExamples:\n  icsync "), "{help}");
    }
}

#[test]
fn habits_of_other_tools_are_answered_in_text_and_json() {
    let world = World::in_sync();
    let text = world.run(&["plan", "-out", "plan.json"]).expect(64);
    assert!(text.stderr.contains("\nhelp: did you mean `--out`?"), "{text:?}");
    let json = world.run(&["apply", "--yes", "-o", "json"]).expect(64).json();
    assert!(json["error"]["help"].as_str().is_some_and(|help| help.contains("--auto-approve")), "{json}");
}

#[test]
fn the_version_is_one_line_that_begins_with_the_number() {
    let world = World::in_sync();
    let version = world.run(&["--version"]).expect(0).stdout;
    assert!(
        version.starts_with(concat!("icsync ", env!("CARGO_PKG_VERSION"))) && version.lines().count() == 1,
        "{version}"
    );
}
