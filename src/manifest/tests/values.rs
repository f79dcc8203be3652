//! What is sent is exactly what the file says.

use super::*;

/// Reads one setting.
fn setting(text: &str) -> Result<String, Vec<String>> {
    let tree = Tree::of(&format!("kind: IntegratorClient\nname: a\nscope: {{ telsys: 1 }}\nsettings:\n  x: {text}\n"));
    if tree.found().iter().any(Diagnostic::is_error) {
        return Err(tree.mistakes());
    }
    let desired = tree.desired();
    let client = desired.clients.values().next().expect("a client");
    let value = client.spec.settings.as_ref().and_then(|settings| settings.get("x")).expect("a setting");
    Ok(json(value.value))
}

#[test]
fn every_norway_word_and_number_is_sent_as_it_is_written() {
    for (yaml, sent) in [
        ("no", r#""no""#),
        ("NO", r#""NO""#),
        ("yes", r#""yes""#),
        ("on", r#""on""#),
        ("off", r#""off""#),
        ("y", r#""y""#),
        ("true", "true"),
        ("True", "true"),
        ("\"true\"", r#""true""#),
        ("null", "null"),
        ("~", "null"),
        ("'null'", r#""null""#),
        ("2024-01-01", r#""2024-01-01""#),
        ("12:30:45", r#""12:30:45""#),
        ("1_000", r#""1_000""#),
        ("1e3", "1e3"),
        ("1E+3", "1E+3"),
        ("1.10", "1.10"),
        (".5", "0.5"),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("-7", "-7"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("3.14159265358979323846264338327950288", "3.14159265358979323846264338327950288"),
        ("\"0123\"", r#""0123""#),
        ("'+442046034980'", r#""+442046034980""#),
        ("!!str 0123", r#""0123""#),
        ("! 12", r#""12""#),
        ("!!float 1", "1"),
        ("[no, {a: 1, b: [null]}]", r#"["no",{"a":1,"b":[null]}]"#),
        ("{}", "{}"),
        ("\"\\u00e9\\ud83d\\ude00\"", "\"é😀\""),
        ("|\n    two\n    lines", r#""two\nlines\n""#),
        (">-\n    folded\n    text", r#""folded text""#),
        ("\"$${literal}\"", r#""${literal}""#),
        ("${var.site}", r#""London""#),
        ("\"a${env.SITE}b\"", r#""aParisb""#),
        ("$5 and $x and }{", r#""$5 and $x and }{""#),
    ] {
        assert_eq!(setting(yaml), Ok(sent.to_owned()), "{yaml}");
    }
}

#[test]
fn substitution_never_changes_a_type() {
    let tree = Tree::of(
        "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\nsettings: { x: \"${env.N}\", y: \"${env.T}\" }\n",
    );
    let environment = [("N", "12"), ("T", "true")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let LoadedTree { desired, .. } =
        load_all(&tree, CONFIG_FILE, None, &environment.into_iter().collect(), Emptiness::Refused).expect("a tree");
    let lines = shown(desired.clients.values().next().expect("a client"));
    assert_eq!(lines, [r#"settings.x = "12" (clients/a.yaml:4)"#, r#"settings.y = "true" (clients/a.yaml:4)"#]);
}

#[test]
fn what_a_variable_holds_is_not_substituted_again() {
    let tree = Tree::of("kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\ndescription: ${env.X}\n");
    let environment = [("X".to_owned(), "${env.X} ${device}".to_owned())].into_iter().collect();
    let LoadedTree { desired, .. } =
        load_all(&tree, CONFIG_FILE, None, &environment, Emptiness::Refused).expect("a tree");
    let client = desired.clients.into_values().next().expect("a client");
    assert_eq!(client.spec.description.clone().map(|text| text.value), Some("${env.X} ${device}".into()));
}

#[test]
fn numbers_that_would_lose_something_are_mistakes() {
    for yaml in ["0123", "+5", "+442046034980", ".inf", "-.inf", ".nan", "00", "-01", "[1, 007]", "{a: {b: 01}}"] {
        let found = setting(yaml).expect_err(yaml);
        assert!(found.iter().all(|one| one.ends_with("IC0110")), "{yaml}: {found:?}");
    }
}

#[test]
fn tags_must_be_known_and_fit() {
    for yaml in ["!!int x", "!!bool 1", "!!null x", "!custom x", "!!binary aGk=", "!!timestamp 2024-01-01", "!!set {a}"]
    {
        let found = setting(yaml).expect_err(yaml);
        assert!(found.iter().any(|one| one.ends_with("IC0108")), "{yaml}: {found:?}");
    }
}

#[test]
fn device_numbers_that_yaml_reads_as_numbers_are_mistakes_and_show_the_quotes() {
    for device in ["01234567120", "+442046034980", "442046034980", "0x1F", "1e5", "12.5", ".inf", "0o7", "-5"] {
        let tree = Tree::of(&format!(
            "kind: IntegratorClient\nname: a\nscope: {{ telsys: 1, device: {device} }}\n---\n\
             kind: Fleet\nname: b\nscope: {{ telsys: 2 }}\ndevices: [{device}]\ntemplate: {{}}\n"
        ));
        assert_eq!(tree.mistakes(), ["clients/a.yaml:3:29 IC0401", "clients/a.yaml:8:11 IC0401"], "{device}");
        assert!(tree.rendered().contains(&format!("write `\"{device}\"`")), "{device}");
    }
    let tree = Tree::of("kind: IntegratorClient\nname: a\nscope: { telsys: 1, device: 0123-45 }\n");
    assert_eq!(tree.desired().clients.values().next().expect("a client").scope.to_string(), "1/all/0123-45");
}

#[test]
fn absent_null_and_empty_are_three_things() {
    let tree = Tree::of(
        "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\ndescription: null\ncm_environment_id: ~\npolicies: {}\n",
    );
    let desired = tree.desired();
    let client = desired.clients.values().next().expect("a client");
    insta::assert_snapshot!(shown(client).join("\n"), @r#"
    description = null (clients/a.yaml:4:1)
    cm_environment_id = null (clients/a.yaml:5:1)
    policies = {}
    "#);
    assert!(client.spec.settings.is_none());
}

#[test]
fn merge_keys_anchors_and_aliases_are_honoured() {
    let tree = Tree::of(
        r"kind: IntegratorClient
name: a
scope: &scope { telsys: 1, partition: 2 }
policies: &one { a: 1, b: [1, 2] }
settings:
  <<: [*one, { b: 9, c: 3 }]
  a: 7
---
kind: IntegratorClient
name: b
scope: { <<: &scope { telsys: 1, partition: 2 }, partition: 3 }
",
    );
    let desired = tree.desired();
    let scopes: Vec<_> = desired.clients.values().map(|client| client.scope.to_string()).collect();
    assert_eq!(scopes, ["1/2/all", "1/3/all"]);
    insta::assert_snapshot!(shown(desired.clients.values().next().expect("a client")).join("\n"), @r#"
    policies.a = 1 (clients/a.yaml:4)
    policies.b = [1,2] (clients/a.yaml:4)
    settings.a = 7 (clients/a.yaml:7)
    settings.b = [1,2] (clients/a.yaml:4)
    settings.c = 3 (clients/a.yaml:6)
    "#);
}

#[test]
fn line_ends_byte_order_marks_comments_and_empty_documents_change_nothing() {
    let plain = "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\ndescription: Zürich ☎\n";
    let expected = shown(Tree::of(plain).desired().clients.values().next().expect("a client"));
    for text in [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        format!("\u{feff}{plain}"),
        format!("\u{feff}{}", plain.replace('\n', "\r\n")),
    ] {
        assert_eq!(shown(Tree::of(&text).desired().clients.values().next().expect("a client")), expected, "{text:?}");
    }
    let many = format!("---\n# nothing\n---\n---\n{plain}...\n---\n~\n---\n\n");
    assert_eq!(Tree::of(&many).desired().clients.len(), 1);
}

#[test]
fn equal_trees_have_equal_digests_and_other_bytes_another() {
    let text = "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\n";
    let digest = |text: &str| Tree::of(text).desired().digest;
    assert_eq!(digest(text), digest(text));
    assert_ne!(digest(text), digest(&format!("{text}# more\n")));
    assert!(digest(text).starts_with("sha256:") && digest(text).len() == 71);
}

#[test]
fn nothing_written_is_never_a_value() {
    let head = "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\n";
    for (content, mistakes) in [
        ("description:\n", vec!["clients/a.yaml:4:1 IC0208"]),
        ("description: #31#\n", vec!["clients/a.yaml:4:1 IC0208"]),
        ("cm_environment_id:\n", vec!["clients/a.yaml:4:1 IC0208"]),
        ("settings: { x::y: }\n", vec!["clients/a.yaml:4:13 IC0208"]),
        ("settings:\n  x::y:\n  z: 1\n", vec!["clients/a.yaml:5:3 IC0208"]),
        ("policies: { a: { b: } }\n", vec!["clients/a.yaml:4:18 IC0208"]),
        ("policies:\n  a:\n    - 1\n    -\n", vec!["clients/a.yaml:7:6 IC0208"]),
        ("description: ${env.EMPTY}\n", vec!["clients/a.yaml:4:14 IC0702"]),
        ("settings: { \"${env.SITE}\": 1 }\n", vec!["clients/a.yaml:4:13 IC0704"]),
        ("settings: { a: { \"b${x}\": 1 } }\n", vec!["clients/a.yaml:4:18 IC0704"]),
        ("description: \"\"\ncm_environment_id: ~\nsettings: { a: null, b: \"\", \"c$${d\": ~ }\n", vec![]),
    ] {
        assert_eq!(Tree::of(&format!("{head}{content}")).mistakes(), mistakes, "{content}");
    }
    let text = Tree::of(&format!("{head}description: #31#\n")).rendered();
    assert!(text.contains("what follows `#` is a comment"), "{text}");
    let text = Tree::of(&format!("{head}description: ${{env.EMPTY}}\n")).rendered();
    assert!(text.contains("is set and empty") && text.contains("in place of the reference"), "{text}");
    let desired = Tree::of(&format!("{head}settings: {{ \"c$${{d\": 1 }}\n")).desired();
    let settings = desired.clients.values().next().and_then(|client| client.spec.settings.clone()).expect("settings");
    assert_eq!(settings.keys().map(|key| &**key).collect::<Vec<_>>(), ["c${d"]);
}

#[test]
fn a_dollar_before_braces_is_read_in_keys_as_in_values() {
    let head = "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\n";
    for (written, live) in [
        ("$$${{x}}", "$${{x}}"),
        ("$$$${x}", "$$${x}"),
        ("$${$${x}}", "${${x}}"),
        ("a$${x}$${y}", "a${x}${y}"),
        ("${", "IC0704"),
        ("$$${x}${y}", "IC0704"),
    ] {
        let tree = Tree::of(&format!("{head}settings: {{ \"{written}\": {{ \"{written}\": \"{written}\" }} }}\n"));
        if live.starts_with("IC") {
            assert!(tree.mistakes().iter().any(|one| one.ends_with(live)), "{written}");
            continue;
        }
        let desired = tree.desired();
        let settings = desired.clients.values().next().and_then(|one| one.spec.settings.as_ref()).expect("settings");
        let settings: Vec<_> =
            settings.iter().map(|(key, one)| (key.to_string(), one.value.value().to_string())).collect();
        assert_eq!(settings, [(live.to_owned(), format!("{{\"{live}\":\"{live}\"}}"))]);
    }
}

#[test]
fn a_value_cut_short_by_a_comment_is_warned_about() {
    for (yaml, value) in [
        ("description: Reception #31", "Reception"),
        ("settings: { a: \"x\", b: ring #2\n  }", "ring"),
        ("settings:\n  a: [one, two #3\n    ]", "two"),
    ] {
        let tree = Tree::of(&format!("kind: IntegratorClient\nname: a\nscope: {{ telsys: 1 }}\n{yaml}\n"));
        let warnings = tree.load().expect("a tree").warnings;
        assert_eq!(
            warnings.iter().map(|one| (one.code, one.is_error())).collect::<Vec<_>>(),
            [(Code::CutShort, false)]
        );
        assert!(warnings[0].message.ends_with(&format!("`{value}`")), "{}", warnings[0].message);
    }
    for yaml in [
        "description: Reception # the desk in the lobby",
        "description: Reception #",
        "description: \"Reception\" #31",
        "description: Reception#31",
        "settings: { a: true } #31",
        "description: Reception ## the desk",
        "#description: x\nsettings: {}",
    ] {
        let tree = Tree::of(&format!("kind: IntegratorClient\nname: a\nscope: {{ telsys: 1 }}\n{yaml}\n"));
        assert_eq!(tree.mistakes(), Vec::<String>::new(), "{yaml}");
    }
}

#[test]
fn what_is_cut_off_a_sensitive_value_is_not_shown() {
    let config = format!("{CONFIG}sensitive: [\"settings.crm::password\"]\n");
    let definition =
        "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\nsettings:\n  crm::password: secret #word\n";
    let shown = Tree::of(definition).with(CONFIG_FILE, config).rendered();
    assert!(shown.contains("IC0801") && !shown.contains("secret") && !shown.contains("word\n"), "{shown}");
}

#[test]
fn what_opens_a_server_stands_in_no_text() {
    const HEAD: &str = "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\n";
    let config = "kind: Config\ndefault_target: a\ntargets:\n  a: { url: \"https://a.example\", auth: { api_key: { env: SITE } } }\n  \
                  b: { url: \"https://b.example\", auth: { login: { username: { env: USER }, password: { env: PASS } } } }\n";
    for name in ["SITE", "USER", "PASS", "ICSYNC_PLAN_KEY", "ICSYNC_ANYTHING"] {
        let text = format!("{HEAD}description: \"x ${{env.{name}}}\"\n");
        let tree = Tree::of(&text).with(CONFIG_FILE, config);
        assert_eq!(tree.mistakes(), ["clients/a.yaml:4:17 IC0705"], "{name}");
        assert!(!tree.rendered().contains("Paris"), "{}", tree.rendered());
        let in_vars = config.replace("kind: Config\n", &format!("kind: Config\nvars: {{ v: \"${{env.{name}}}\" }}\n"));
        assert_eq!(
            Tree::of(HEAD).with(CONFIG_FILE, in_vars.as_str()).mistakes(),
            ["icsync.yaml:2:13 IC0705"],
            "{name}"
        );
    }
}

#[test]
fn parallelism_is_a_number_or_left_to_the_server() {
    use crate::model::Parallelism;
    let requests = |parallelism: &str| {
        let config = format!("{CONFIG}requests: {{ parallelism: {parallelism} }}\n");
        let tree = Tree::of("kind: IntegratorClient\nname: a\nscope: { telsys: 417 }\n").with(CONFIG_FILE, config);
        let environment = EnvironmentVariables::default();
        let loaded = load_all(&tree, CONFIG_FILE, None, &environment, Emptiness::Refused);
        loaded.ok().map(|loaded| loaded.resolved.requests.parallelism)
    };
    assert_eq!(requests("auto"), Some(Parallelism::Auto));
    assert_eq!(requests("32"), Some(Parallelism::Fixed(32)));
    for wrong in ["0", "1025", "autos", "\"32\"", "16.5"] {
        assert_eq!(requests(wrong), None, "{wrong}");
    }
    for (wrong, words) in [
        ("Auto", "IC0202 `parallelism` must be `auto` or a number from 1 to 1024, not text"),
        ("\"32\"", "write `parallelism: 32`"),
        ("0", "write a number from 1 to 1024, or `auto`"),
        ("16.5", "`parallelism` is `16.5`, and no whole number"),
    ] {
        let config = format!("{CONFIG}requests: {{ parallelism: {wrong} }}\n");
        let tree = Tree::of("kind: IntegratorClient\nname: a\nscope: { telsys: 417 }\n").with(CONFIG_FILE, config);
        let found = tree.load().expect_err("a mistake");
        let told: Vec<String> =
            found.iter().map(|one| format!("{} {} {:?}", one.code.as_str(), one.message, one.help)).collect();
        assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
    }
}
