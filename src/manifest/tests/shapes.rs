//! The help for something of a wrong shape, followed to the letter.

use super::*;

const CLIENT: &str = "kind: IntegratorClient\nname: a\nscope: { telsys: 417 }\n";
const FLEET: &str = "kind: Fleet\nname: a\nscope: { telsys: 417 }\ntemplate: {}\n";
const SANDBOX: &str = "targets: { local: { sandbox: { data: s.db, estate: e.yaml } } }\n";

/// Makes a tree in which `line` stands in a file after `before`.
fn tree(path: &str, before: &str, line: &str) -> Tree {
    let (before, line) = (before, format!("{line}\n"));
    Tree::of(CLIENT).with(path, format!("{before}{line}"))
}

fn help(path: &str, before: &str, line: &str) -> String {
    let found = tree(path, before, line).found();
    let one = found.iter().find(|one| one.code == Code::WrongType);
    let one = one.unwrap_or_else(|| panic!("{line}: {found:?}"));
    one.help.clone().unwrap_or_else(|| panic!("{one:?}"))
}

#[test]
fn the_help_for_a_wrong_shape_is_right_when_it_is_followed() {
    let config = format!("kind: Config\n{SANDBOX}");
    let (of_config, of_client, of_fleet) =
        ((CONFIG_FILE, &*config), ("clients/a.yaml", CLIENT), ("clients/a.yaml", FLEET));
    for ((path, before), line, right) in [
        (of_fleet, "devices: \"0100\"", "devices: [\"0100\"]"),
        (of_fleet, "devices: 0100", "devices: [\"0100\"]"),
        (of_fleet, "devices: +44", "devices: [\"+44\"]"),
        (of_config, "definitions: clients/*.yaml", "definitions: [\"clients/*.yaml\"]"),
        (of_config, "sensitive: description", "sensitive: [description]"),
        (of_config, "protect: 417", "protect: [{ telsys: 417 }]"),
        (of_config, "protect:", "protect: [{ telsys: 417 }]"),
        (of_config, "limits: 3", "limits: {}"),
        (of_config, "requests: fast", "requests: {}"),
        (of_config, "vars:", "vars: {}"),
        (of_client, "settings: 5", "settings: {}"),
        (of_client, "description: 5", "description: \"5\""),
        (("clients/a.yaml", "kind: IntegratorClient\nname: a\n"), "scope: 417", "scope: { telsys: 417 }"),
        (("clients/a.yaml", "kind: IntegratorClient\nscope: { telsys: 1 }\n"), "name: 417", "name: \"417\""),
        (
            (CONFIG_FILE, "kind: Config\n"),
            "targets:",
            "targets: { local: { sandbox: { data: .icsync/sandbox.db, estate: estate.yaml } } }",
        ),
        (
            (CONFIG_FILE, "kind: Config\ntargets:\n"),
            "  local: here",
            "local: { sandbox: { data: .icsync/sandbox.db, estate: estate.yaml } }",
        ),
        ((CONFIG_FILE, &format!("{config}rollout:\n")), "  waves: 5", "waves: [5]"),
        ((CONFIG_FILE, &format!("{config}rollout:\n")), "  pause: 10", "pause: 30s"),
        (
            (CONFIG_FILE, &format!("{config}exceptions:\n  - client: a\n    fields: [description]\n    reason: r\n")),
            "    until: 2027",
            "until: 2027-01-31",
        ),
    ] {
        let help = help(path, before, line);
        assert!(help.contains(&format!("`{right}`")), "{line}: {help}");
        let indent = line.len() - line.trim_start().len();
        let found = tree(path, before, &format!("{}{right}", &line[..indent])).found();
        let is_quiet = found.iter().all(|one| !one.is_error() || one.code == Code::FleetDevices);
        assert!(is_quiet, "{right}: {found:?}");
    }
}

#[test]
fn a_word_is_named_where_something_else_stands() {
    let config = format!("kind: Config\n{SANDBOX}");
    for (path, before, line, words) in [
        (CONFIG_FILE, &*config, "prune: true", "`report` or `delete`"),
        (CONFIG_FILE, &config, "keys: true", "`warn` or `strict`"),
        ("clients/a.yaml", CLIENT, "state: false", "`present` or `absent`"),
        ("clients/a.yaml", &format!("{CLIENT}owns:\n"), "  settings: true", "`exact` or `listed`"),
    ] {
        let help = help(path, before, line);
        assert!(help.contains(words) && !help.contains('"'), "{line}: {help}");
    }
}

#[test]
fn what_no_quotes_make_right_is_shown_by_an_example() {
    let config = format!("kind: Config\n{SANDBOX}windows:\n");
    let deny = help(CONFIG_FILE, &config, "  - { deny: 5, zone: Europe/London }");
    assert!(deny.contains("Mon-Fri"), "{deny}");
    let zone = help(CONFIG_FILE, &config, "  - { deny: Sat, zone: 1 }");
    assert!(zone.contains("Europe/London"), "{zone}");
    let window = help(CONFIG_FILE, &config, "  - 417");
    assert!(window.contains("deny: Mon-Fri 08:00-18:00") && window.contains("zone: Europe/London"), "{window}");
    for (key, example) in [("manage", "telsys"), ("exceptions", "until: 2027-01-31"), ("windows", "zone")] {
        let said = help(CONFIG_FILE, &format!("kind: Config\n{SANDBOX}"), &format!("{key}: 417"));
        assert!(said.contains(example) && !said.contains("[417]"), "{key}: {said}");
    }
}
