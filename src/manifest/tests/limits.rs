//! Hostile input: nothing panics, nothing takes for ever, and every limit has words.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::model::CountedContent;

#[test]
fn an_alias_bomb_is_refused_before_it_expands() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..60 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(bomb, "a{level}: &a{level} [{below}]");
    }
    assert_eq!(Tree::of(&bomb).mistakes(), ["clients/a.yaml:5:45 IC0105"]);
}

#[test]
fn aliases_of_one_long_text_are_refused_by_bytes() {
    let long = "x".repeat(1_000_000);
    let tree = Tree::of(&format!("a: &a {long}\nb: [{}]\n", ["*a"; 80].join(", ")));
    let found = tree.mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0105"), "{found:?}");
}

#[test]
fn text_of_a_fleet_is_refused_by_bytes() {
    let devices: Vec<String> = (0..100).map(|number| format!("\"{}\"", 1_000_000 + number)).collect();
    let text = "${device}".repeat(100_000);
    let fleet = format!(
        "kind: Fleet\nname: f\nscope: {{ telsys: 1 }}\ndevices: [{}]\ntemplate: {{ description: '{text}' }}\n",
        devices.join(", ")
    );
    let found = Tree::of(&fleet).mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0105"), "{found:?}");
}

#[test]
fn a_name_of_a_fleets_client_is_no_longer_than_any_other() {
    let fleet = |letters: usize| {
        let name = "f".repeat(letters);
        Tree::of(&format!(
            "kind: Fleet\nname: {name}\nscope: {{ telsys: 1, partition: 1 }}\ndevices: [\"11\"]\ntemplate: {{ description: x }}\n"
        ))
    };
    assert_eq!(fleet(197).mistakes(), [] as [&str; 0]);
    assert_eq!(fleet(198).mistakes(), ["clients/a.yaml:4:11 IC0402"]);
}

#[test]
fn what_many_files_expand_to_is_refused_by_their_sum() {
    let client = |number: usize, text: &str| {
        format!("kind: IntegratorClient\nname: n{number}\nscope: {{ telsys: 1, device: \"{number}\" }}\n{text}")
    };
    let aliases = format!("settings: {{ a: &a {}, b: [{}] }}\n", "x".repeat(100_000), ["*a"; 100].join(", "));
    let references = format!("settings: {{ a: '{}' }}\n", "${var.long}".repeat(100));
    let config = CONFIG.replace("site: London", &format!("long: {}", "x".repeat(100_000)));
    for (text, files) in [(&aliases, 8), (&references, 8)] {
        let tree = (0..files).fold(Tree::default().with(CONFIG_FILE, config.clone()), |tree, number| {
            tree.with(&format!("clients/{number}.yaml"), client(number, text))
        });
        let found = tree.mistakes();
        assert!(found.len() == 1 && found[0].ends_with("IC0105"), "{found:?}");
    }
    let one = Tree::default().with(CONFIG_FILE, config).with("clients/a.yaml", client(1, &aliases));
    assert_eq!(one.mistakes(), [""; 0]);
}

#[test]
fn keys_of_a_large_profile_are_shared_by_clients_that_take_it_whole_and_counted_where_they_are_copied() {
    let mut profile = String::from("kind: Profile\nname: p\nsettings:\n");
    for number in 0..10_000 {
        let _ = writeln!(profile, "  k{number}: 1");
    }
    let clients = |own: &str| {
        let client = |number| {
            format!(
                "---\nkind: IntegratorClient\nname: n{number}\nscope: {{ telsys: 1, device: '{number}' }}\nprofiles: [p]\n{own}"
            )
        };
        (0..1_000).map(client).collect::<String>()
    };
    assert_eq!(Tree::of(&format!("{profile}{}", clients(""))).mistakes(), [""; 0]);
    let found = Tree::of(&format!("{profile}{}", clients("settings: { own: 1 }\n"))).mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0105"), "{found:?}");
    let devices: Vec<String> = (0..1_000).map(|number| format!("'{number}'")).collect();
    let fleet = |own: &str| {
        let devices = devices.join(", ");
        format!(
            "---\nkind: Fleet\nname: f\nscope: {{ telsys: 1 }}\ndevices: [{devices}]\ntemplate: {{ profiles: [p]{own} }}\n"
        )
    };
    assert_eq!(Tree::of(&format!("{profile}{}", fleet(""))).mistakes(), [""; 0]);
    let found = Tree::of(&format!("{profile}{}", fleet(", settings: { own: '${device}' }"))).mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0105"), "{found:?}");
}

#[test]
fn keys_that_clients_share_are_bounded_by_what_all_have_together() {
    let mut tree = String::from("kind: Profile\nname: p\nsettings:\n");
    for number in 0..20_000 {
        let _ = writeln!(tree, "  k{number}: 1");
    }
    for number in 0..1_700 {
        let _ = writeln!(
            tree,
            "---\nkind: IntegratorClient\nname: n{number}\nscope: {{ telsys: 1, device: '{number}' }}\nprofiles: [p]"
        );
    }
    let found = Tree::of(&tree).mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0105"), "{found:?}");
}

#[test]
fn a_document_of_too_many_values_is_refused() {
    let found = Tree::of(&format!("a: [{}]\n", "0,".repeat(500_001))).mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0109"), "{found:?}");
}

#[test]
fn more_clients_than_a_load_may_name_are_refused() {
    let fleet =
        "kind: Fleet\nname: f\nscope: { telsys: 1 }\ndevices_from: { csv: d.csv, column: number }\ntemplate: {}\n";
    let rows: String = (0..250_001).map(|number| number.to_string() + "\n").collect();
    let found = Tree::of(fleet).with("clients/d.csv", format!("number\n{rows}")).mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0109"), "{found:?}");
}

#[test]
fn depth_through_aliases_is_limited() {
    let mut deep = String::from("a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n");
    for level in 1..200 {
        let _ = writeln!(deep, "a{level}: &a{level} [[[[[*a{}]]]]]", level - 1);
    }
    let found = Tree::of(&deep).mistakes();
    assert!(found.len() == 1 && found[0].ends_with("IC0104"), "{found:?}");
}

#[test]
fn brackets_without_end_are_refused() {
    for text in
        ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "&a ".repeat(10_000), "? ".repeat(9999)]
    {
        assert!(!Tree::of(&text).mistakes().is_empty());
    }
}

#[test]
fn an_alias_to_its_own_container_is_refused() {
    assert_eq!(Tree::of("a: &a [*a]\n").mistakes(), ["clients/a.yaml:1:8 IC0106"]);
    assert_eq!(Tree::of("a: *b\n").mistakes(), ["clients/a.yaml:1:4 IC0106"]);
}

#[test]
fn many_documents_and_many_mistakes_stay_fast_and_are_cut_when_shown() {
    let mut text = String::new();
    for number in 0..5_000 {
        let _ = writeln!(text, "---\nkind: IntegratorClient\nname: n{number}\nscope: {{ telsys: x }}\nfoo: bar");
    }
    let found = Tree::of(&text).load().expect_err("mistakes");
    assert_eq!(found.len(), 10_000);
    let rendered = render(&found, RenderOptions::default());
    assert!(rendered.ends_with("… and 9950 more of 10000\n"), "{}", rendered.len());
}

#[test]
fn one_broken_document_is_one_mistake_and_ends() {
    for broken in ["a: [", "a: ]", "\"", "%YAML 9.9\n---\na", "a: b: c", "\t- a", "@x", "- a\nb", "a: *"] {
        let tree = Tree::of(&format!("{broken}\n---\nkind: Nothing\n"));
        let found = tree.mistakes();
        assert!((1..=3).contains(&found.len()), "{broken:?}: {found:?}");
    }
}

#[test]
fn control_characters_of_files_do_not_reach_the_terminal() {
    let tree =
        Tree::of("kind: IntegratorClient\nname: \"\\e[31mred\\u202e\"\n\"k\\e]0;x\\a\": \u{9b}31m \u{202e}abc\n");
    let bad = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
    let shows_none = |rendered: &str| assert!(!rendered.chars().any(|c| bad(&c)), "{rendered:?}");
    shows_none(&tree.rendered());
    // Keys that users name, each with a value of another type.
    let config = "kind: Config\ntargets: {\"a\\tb\": sandbox, \"\\e[31m\": 1}\nvars: {\"\\e]0;x\\a\": []}\n";
    shows_none(&Tree::default().with(CONFIG_FILE, config).with("clients/a.yaml", "a: 1\n").rendered());
}

fn yaml_like() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        prop::sample::select(vec![
            "kind",
            "IntegratorClient",
            "Profile",
            "Fleet",
            "Config",
            "name",
            "scope",
            "telsys",
            "partition",
            "device",
            "policies",
            "settings",
            "profiles",
            "extends",
            "devices",
            "devices_from",
            "csv",
            "template",
            "<<",
            "&a",
            "*a",
            "!!str",
            "!x",
            "${var.site}",
            "${device}",
            "$${",
            "${",
            "}",
            "[",
            "]",
            "{",
            ": ",
            ":",
            "- ",
            "\n",
            "\n  ",
            "\n---\n",
            "...\n",
            "#",
            "\"",
            "'",
            "|",
            ">",
            "?",
            ",",
            "0123",
            "+4",
            "417",
            "1e3",
            ".inf",
            "null",
            "~",
            "true",
            "\u{feff}",
            "\r\n",
            "\r",
            "\t",
            "é",
            "☎",
            "\u{2028}",
            "targets",
            "auth",
            "api_key",
            "url",
            "env",
            "limits",
            "manage",
            "desks.csv",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9 ]{1,4}",
    ];
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_loader_panic(definitions: Vec<u8>, config: Vec<u8>, csv: Vec<u8>) {
        let tree = Tree::default()
            .with(CONFIG_FILE, config)
            .with("clients/a.yaml", definitions)
            .with("clients/desks.csv", csv);
        let _ = tree.rendered();
    }

    #[test]
    fn no_text_makes_the_loader_panic(definitions in yaml_like(), config in yaml_like()) {
        let _ = Tree::of(&definitions).rendered();
        let _ = Tree::of("").with(CONFIG_FILE, config).rendered();
    }

    #[test]
    fn a_csv_file_never_makes_the_loader_panic(csv in "([a-c,\"\r\n; \u{feff}]|number|é){0,40}") {
        let fleet = "kind: Fleet\nname: f\nscope: { telsys: 1 }\ndevices_from: { csv: desks.csv, column: number }\n\
                     template: { description: \"${number} ${device} ${a}\" }\n";
        let _ = Tree::of(fleet).with("clients/desks.csv", csv).rendered();
    }

    #[test]
    fn a_setting_of_any_text_arrives_unchanged(text in any::<String>()) {
        let yaml = serde_json::to_string(&text.replace("${", "$${")).expect("JSON");
        let tree = Tree::of(&format!("kind: IntegratorClient\nname: a\nscope: {{ telsys: 1 }}\nsettings:\n  x: {yaml}\n"));
        let desired = tree.desired();
        let client = desired.clients.values().next().expect("a client");
        let value = client.spec.settings.as_ref().and_then(|settings| settings.get("x")).expect("a setting");
        prop_assert_eq!(value.value.value().as_str(), Some(text.as_str()));
    }
}

#[test]
fn a_document_that_is_too_large_is_refused_before_it_is_parsed() {
    let large = format!("{}description: '{}'\n", client("b", 2), "x".repeat(16 * 1024 * 1024));
    let tree = Tree::of(&format!("{}---\n{large}", client("a", 1)));
    assert_eq!(tree.mistakes(), ["clients/a.yaml:4:1 IC0002"]);
    // Many that are not take what they take.
    let one =
        |number: usize| format!("---\n{}# {}\n", client(&format!("c{number}"), number + 1), "x".repeat(1024 * 1024));
    let many: Vec<String> = (0..17).map(one).collect();
    assert_eq!(Tree::of(&many.concat()).mistakes(), [] as [&str; 0]);
}

#[test]
fn long_texts_of_all_files_are_bounded_together() {
    let tree = (1..=17).fold(Tree::default().with(CONFIG_FILE, CONFIG), |tree, number| {
        let text = format!("{}description: '{}'\n", client(&format!("c{number}"), number), "x".repeat(4 * 1024 * 1024));
        tree.with(&format!("clients/{number}.yaml"), text)
    });
    let found = tree.found();
    assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::AliasBudget]);
}

fn client(name: &str, telsys: usize) -> String {
    format!("kind: IntegratorClient\nname: {name}\nscope: {{ telsys: {telsys} }}\n")
}

#[test]
fn of_very_many_mistakes_those_are_told_that_anybody_reads() {
    let client = "kind: IntegratorClient\nname: n\nscope: { telsys: 1, device: '1' }\n";
    let fleet =
        "kind: Fleet\nname: f\nscope: { telsys: 1 }\ndevices_from: { csv: t.csv, column: number }\ntemplate: {}\n";
    for tree in [
        Tree::of(&format!("{client}settings:\n{}", "  k: 1\n".repeat(60_000))),
        Tree::of(&format!("{client}---\n").repeat(30_000)),
        Tree::of(&"---\n{\n".repeat(60_000)),
        Tree::of(&(0..60_000).fold(client.to_owned(), |text, key| text + &format!("k{key}: 1\n"))),
        Tree::of(fleet).with("clients/t.csv", format!("number\n{}", "x\n".repeat(60_000))),
        Tree::of(fleet).with("clients/t.csv", format!("number\n{}", "1,2\n".repeat(60_000))),
    ] {
        let found = tree.found();
        let last = |one: &Diagnostic| one.message.contains("the rest is not told");
        assert!(found.len() <= 50_001 && found.iter().filter(|one| last(one)).count() == 1, "{}", found.len());
    }
    // Too many warnings stop nothing.
    let words = (0..60_000).fold(format!("{client}settings:\n"), |text, key| text + &format!("  k{key}: on\n"));
    let tree = Tree::of(&words).load().expect("no mistake");
    assert_eq!((tree.warnings.len(), tree.desired.clients.len()), (50_001, 1));
}

#[test]
fn a_configuration_has_so_many_targets_and_bytes() {
    let targets = |count: usize| {
        let target = |number| format!("  t{number}: {{ sandbox: {{ data: s.db, estate: e.yaml }} }}\n");
        format!("kind: Config\ndefault_target: t0\ntargets:\n{}", (0..count).map(target).collect::<String>())
    };
    let tree = |config: String| {
        let client = "kind: IntegratorClient\nname: n\nscope: { telsys: 1, device: '1' }\n";
        Tree::default().with(CONFIG_FILE, config).with("clients/a.yaml", client)
    };
    assert_eq!(tree(targets(256)).mistakes(), [""; 0]);
    let many = tree(targets(20_000));
    assert_eq!(many.mistakes(), ["icsync.yaml:260:3 IC0109"]);
    assert_eq!(target_names(&many, CONFIG_FILE), ["t0"], "the mistake is not looked for 20,000 times");
    let long = format!("{CONFIG}# {}\n", "x".repeat(4 * 1024 * 1024));
    assert_eq!(tree(long).mistakes(), ["icsync.yaml:1:1 IC0002"]);
}

#[test]
fn lists_of_the_configuration_that_are_held_against_each_client_have_so_many_entries() {
    let tree = |list: &str| {
        let client = "kind: IntegratorClient\nname: n\nscope: { telsys: 1, device: '1' }\n";
        Tree::default().with(CONFIG_FILE, format!("{CONFIG}{list}")).with("clients/a.yaml", client)
    };
    let items = |count: usize, item: &dyn Fn(usize) -> String| {
        (0..count).fold(String::new(), |text, one| text + &format!("- {}\n", item(one)))
    };
    let patterns = |count| format!("sensitive:\n{}", items(count, &|one| format!("settings.a{one}")));
    let protected = |count| format!("protect:\n{}", items(count, &|one| format!("{{ telsys: {one} }}")));
    let named = |count| {
        let named = |_| "{ client: n, fields: [settings], until: 2099-01-31, reason: trial }".to_owned();
        format!("exceptions:\n{}", items(count, &named))
    };
    let selecting = |count| named(count).replace("client: n", "client: telsys=1");
    for (most, list) in
        [(1_000, &patterns as &dyn Fn(usize) -> String), (10_000, &protected), (10_000, &named), (1_000, &selecting)]
    {
        assert_eq!(tree(&list(most)).mistakes(), [""; 0], "{most}");
        let found = tree(&list(most + 20)).found();
        assert!(found.len() == 1 && found[0].message.contains(&format!("more than {most} ")), "{found:?}");
    }
}

#[test]
fn a_boundary_of_thousands_of_partitions_holds_what_one_of_them_contains() {
    let scopes: Vec<String> = (0..5_000).map(|one| format!("- {{ telsys: 1, partition: {one} }}\n")).collect();
    let manage = format!("{CONFIG}manage:\n{}", scopes.concat());
    let client = |name: &str, scope: &str| format!("---\nkind: IntegratorClient\nname: {name}\nscope: {{ {scope} }}\n");
    let clients = [
        client("a", "telsys: 1, partition: 4999"),
        client("b", "telsys: 1, partition: 7, device: '1'"),
        client("c", "telsys: 1, partition: 5000"),
        client("d", "telsys: 1"),
        client("e", "telsys: 2, partition: 7, device: '1'"),
    ];
    let tree = Tree::of(&clients.concat()).with(CONFIG_FILE, manage);
    assert_eq!(
        tree.mistakes(),
        ["clients/a.yaml:12:8 IC0409", "clients/a.yaml:16:8 IC0409", "clients/a.yaml:20:8 IC0409"]
    );
}

#[test]
fn names_that_were_meant_are_not_searched_for_thousands_of_mistakes() {
    let clients: Vec<String> = (0..3_000)
        .map(|one| format!("---\nkind: IntegratorClient\nname: c{one}\nscope: {{ telsys: 1, device: '{one}' }}\nprofiles: [base{one}x]\n---\nkind: Profile\nname: base{one}y\n"))
        .collect();
    let found = Tree::of(&clients.concat()).found();
    let helped = found.iter().filter(|one| one.help.as_ref().is_some_and(|help| help.contains("did you mean"))).count();
    assert!(found.len() == 3_000 && (1..=200).contains(&helped), "{} {helped}", found.len());
}

#[test]
fn a_document_names_so_many_profiles() {
    let names: Vec<String> = (0..20_000).map(|number| format!("p{number}")).collect();
    let profile = |name: &String| format!("---\nkind: Profile\nname: {name}\n");
    let client = |count: usize| {
        let (profiles, names) = (names[..count].iter().map(profile).collect::<String>(), names[..count].join(", "));
        format!("{profiles}---\nkind: IntegratorClient\nname: n\nscope: {{ telsys: 1 }}\nprofiles: [{names}]\n")
    };
    assert_eq!(Tree::of(&client(100)).mistakes(), [""; 0]);
    let found = Tree::of(&client(20_000)).found();
    assert!(found.len() == 1 && found[0].message.contains("more than 100 profiles"), "{}", found.len());
}

#[test]
fn a_large_file_that_is_not_utf8_is_told_without_its_lines() {
    let text = [b"kind: Profile\n# \xc3\xbc\n".repeat(50_000), b"# \xff\n".repeat(1_000_000)].concat();
    let tree = Tree::default().with(CONFIG_FILE, CONFIG).with("clients/a.yaml", text);
    assert_eq!(tree.mistakes(), ["clients/a.yaml:100001:3 IC0003"]);
}

#[test]
fn a_literal_that_looks_like_a_variable_of_the_environment_is_not_one() {
    let value = |text: &str| {
        let client = format!("kind: IntegratorClient\nname: n\nscope: {{ telsys: 1 }}\ndescription: {text}\n");
        let tree = Tree::of(&client);
        let loaded = load_all(&tree, CONFIG_FILE, None, &EnvironmentVariables::symbolic(), Emptiness::Refused);
        let clients = loaded.expect("a tree").desired.clients;
        clients.values().next().and_then(|one| one.spec.digest(&CountedContent::managed(&one.spec))).expect("content")
    };
    assert_ne!(value("\"$${env.HOME}\""), value("\"${env.HOME}\""));
    assert_eq!(value("\"$${other}\""), value("'$${other}'"));
}
