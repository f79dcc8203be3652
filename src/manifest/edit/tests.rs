//! Edits keep what they do not concern.

mod authors;
mod pin;
mod settled;
mod values;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[track_caller]
fn formatted(text: &str) -> String {
    let once = format("a.yaml", text).expect("YAML");
    assert_eq!(format("a.yaml", &once).expect("YAML"), once, "twice is not the same as once");
    once
}

#[test]
fn keys_come_in_one_order_with_their_comments() {
    insta::assert_snapshot!(formatted(
        r#"# yaml-language-server: $schema=x

settings:
    # why b
    "b": 1     # aligned

    "a": {z: 1, y: 2}
    # the end of the settings
# the name
name: one   # the best


state: present
scope:   { device: "01", telsys: 417, partition: 1 }   # where
# its kind
kind: IntegratorClient
owns:
  settings: listed
  policies: exact
profiles:
- base
-   other
# the last word
"#
    ), @r#"
    # yaml-language-server: $schema=x

    # its kind
    kind: IntegratorClient
    # the name
    name: one  # the best
    scope: {telsys: 417, partition: 1, device: "01"}  # where
    profiles: [base, other]
    settings:
      "a": {"y": 2, "z": 1}
      # why b
      "b": 1  # aligned
      # the end of the settings
    owns: {policies: exact, settings: listed}

    state: present
    # the last word
    "#);
}

#[test]
fn a_comment_moves_with_the_first_key_that_it_stands_above() {
    assert_eq!(
        formatted(
            "kind: Config\nlimits:\n  # month-end\n  change: {percent: 100}\n  # never more\n  delete: {count: 2}\n"
        ),
        "kind: Config\nlimits:\n  # never more\n  delete: {count: 2}\n  # month-end\n  change: {percent: 100}\n"
    );
    assert_eq!(
        formatted("# yaml-language-server: x\n\n# Ask Anne.\ndescription: x\nname: a\nkind: IntegratorClient\n"),
        "# yaml-language-server: x\n\nkind: IntegratorClient\nname: a\n# Ask Anne.\ndescription: x\n"
    );
}

#[test]
fn a_comment_moves_with_the_item_that_it_stands_above() {
    assert_eq!(
        formatted("profiles:\n# the base\n- base\n# the rest\n- other\nkind: IntegratorClient\n"),
        "kind: IntegratorClient\nprofiles:\n  # the base\n  - base\n  # the rest\n  - other\n"
    );
    assert_eq!(
        formatted("kind: Config\nprotect:\n    # lobby\n    - device: \"01\"\n      telsys: 417\n"),
        "kind: Config\nprotect:\n  # lobby\n  - telsys: 417\n    device: \"01\"\n"
    );
}

#[test]
fn a_blank_line_in_a_scalar_gets_no_spaces() {
    assert_eq!(
        formatted("settings:\n  script: |\n    x\n\n    y\nkind: Profile\n"),
        "kind: Profile\nsettings:\n  \"script\": |\n    x\n\n    y\n"
    );
    assert_eq!(formatted("settings:\n script: |\n  x\n\n  y\n"), "settings:\n  script: |\n   x\n\n   y\n");
}

#[test]
fn a_tab_inside_a_scalar_is_content() {
    assert_eq!(
        formatted("settings:\n    script: |\n        \tx\n        y\nkind: Profile\n"),
        "kind: Profile\nsettings:\n  \"script\": |\n      \tx\n      y\n"
    );
}

#[test]
fn a_configuration_is_laid_out_down_to_its_lists() {
    insta::assert_snapshot!(formatted(
        r#"
protect:
- id: "a21abf960a398ee2:7b73f31a:198d18707a9:6e88"
-   # the lobby
    device: "01"
    telsys: 417
- device: "02"   # the desk
  telsys: 417
targets:
      prod:
            auth: {login: {password: {env: B}, username: {env: A}}}
            url: https://ccs.example.com
      test:
        sandbox:
          estate: estate.yaml
          data: x.db
kind: Config
"#
    ), @r#"
    kind: Config
    targets:
      prod:
        url: https://ccs.example.com
        auth: {login: {username: {env: A}, password: {env: B}}}
      test:
        sandbox:
          data: x.db
          estate: estate.yaml
    protect:
      - id: "a21abf960a398ee2:7b73f31a:198d18707a9:6e88"
      - # the lobby
        telsys: 417
        device: "01"
      - telsys: 417
        device: "02"   # the desk
    "#);
}

#[test]
fn what_stands_inside_scalars_stays() {
    let text = "kind: Profile\nname: a\nsettings:\n  \"folded\": >-\n    a\n    b\n  \"last\": |+\n    x\n\n\n  \"literal\": |  # why\n    \
                one  \n\n\n      # no comment\n    two\n";
    assert_eq!(formatted(text), text);
    let deep = text.replace("\n  ", "\n      ").replace("\nsettings:", "\nsettings: # deep");
    let meaning = |text: &str| Meaning::of("", text).expect("YAML").documents;
    let laid_out = formatted(&deep);
    assert_eq!(meaning(&laid_out), meaning(&deep));
    assert!(laid_out.contains("\n  \"literal\": |  # why\n"), "{laid_out}");
}

#[test]
fn documents_stay_apart_and_anchors_keep_their_order() {
    let text = "---\nname: a\nkind: Profile\nsettings: &shared\n  x: 1\n---\nkind: Profile\nname: b\nsettings: {}\n...\n\
                # between\n---\n# nothing\n---\nname: c\nkind: Profile\n";
    let anchored = "---\nname: a\nkind: Profile\nsettings: &shared\n  x: 1\npolicies: *shared\n";
    insta::assert_snapshot!(formatted(text), @r"
    ---
    name: a
    kind: Profile
    settings: &shared
      x: 1
    ---
    kind: Profile
    name: b
    settings: {}
    ...
    # between
    ---
    # nothing
    ---
    kind: Profile
    name: c
    ");
    assert_eq!(formatted(anchored), anchored);
}

#[test]
fn line_breaks_and_byte_order_marks_stay() {
    assert_eq!(formatted("\u{feff}name: a\r\nkind: Profile"), "\u{feff}kind: Profile\r\nname: a\r\n");
    assert_eq!(formatted(""), "");
    assert_eq!(formatted("\n\n# only a comment"), "# only a comment\n");
}

#[test]
fn unknown_keys_and_odd_layouts_are_left_in_place() {
    for text in [
        "? kind\n: Profile\n? name\n: a\n",
        "- a\n- - b\n  - c\n",
        "just text\n",
        "kind: Other\nzebra: 1\napple: 2\n",
        "kind: Other\nsettings: {\n  \"b\": 1,  # one\n  \"a\": 2\n}\n",
    ] {
        assert_eq!(formatted(text), text);
    }
}

#[test]
fn a_file_that_is_not_yaml_says_so() {
    assert!(format("a.yaml", "kind: [").is_err() && format("a.yaml", "a: 1\na: 2\n").is_err());
    assert!(pin("a.yaml", "kind: [", &BTreeMap::new()).is_err());
}

/// Documents in the layouts that people and tools write: keys in any order, comments and blank lines anywhere.
fn any_file() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("{ telsys: 417, device: \"01\" }".to_owned()),
        Just("[a, b]".to_owned()),
        Just("'it''s'  # why".to_owned()),
        Just("|\n     text\n\n       more   \n".to_owned()),
        Just(">2\n    folded\n     text\n".to_owned()),
        Just("|+\n     text\n\n".to_owned()),
        Just(">2+\n    folded\n\n\n".to_owned()),
        Just("\n\n     b: 1\n\n     c: |-\n       x\n     a: |+\n       x\n\n".to_owned()),
        Just("\n     # b\n\n     b: |+\n       x\n\n     # a\n     a: >+\n       x\n".to_owned()),
        Just("\"a\n       b\"".to_owned()),
        Just("\n     deep: 1\n     # inside\n     deeper:\n      - x: 1\n        y: 2\n      -   z".to_owned()),
        Just("\n- one\n-   telsys: 1\n    partition: 2\n- - three".to_owned()),
        Just(String::new()),
        Just("&a x".to_owned()),
    ];
    let key =
        prop::sample::select(vec!["kind", "name", "scope", "settings", "owns", "own", "profiles", "state", "targets"]);
    let before =
        prop::sample::select(vec!["", "\n", "\n\n\n", "# about\n", "\n# apart\n\n", "   # deep\n", "# one\n# two\n"]);
    let entry = (before, key, value);
    let document = prop::collection::vec(entry, 1..7).prop_map(|entries| {
        let mut seen = std::collections::BTreeSet::new();
        let lines = entries.into_iter().filter(|(_, key, _)| seen.insert(*key));
        lines.fold(String::new(), |text, (before, key, value)| text + &format!("{before}{key}: {value}\n"))
    });
    let separator = prop::sample::select(vec!["---\n", "--- # next\n", "...\n---\n", "---\n---\n"]);
    let kind = prop::sample::select(vec!["kind: IntegratorClient\n", "kind: Config\n", ""]);
    let rest = prop::collection::vec((separator, kind.clone(), document.clone()), 0..3);
    let ends = prop::sample::select(vec!["", "\n\n", "# end", "  # end\n"]);
    (kind.clone(), document, rest, ends, any::<bool>()).prop_map(|(kind, first, rest, end, windows)| {
        let first = if first.contains("kind:") { first } else { first + kind };
        let rest = rest.into_iter().map(|(separator, kind, document)| {
            let kind = if document.contains("kind:") { "" } else { kind };
            format!("{separator}{document}{kind}")
        });
        let text = rest.fold(first, |text, next| text + &next) + end;
        if windows { text.replace('\n', "\r\n") } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn laying_out_is_idempotent_and_keeps_the_meaning(text in any_file()) {
        if let Ok(before) = Meaning::of("", &text) {
            let once = format("", &text).expect("YAML");
            prop_assert_eq!(&Meaning::of("", &once).expect("YAML"), &before);
            let outline = Outline::of(&text).expect("YAML");
            let known = LazyCell::new(|| Some(before.clone()));
            prop_assert!(settle(&text, (&known, &outline), Rewriting::Free).is_some(), "given up");
            prop_assert_eq!(format("", &once).expect("YAML"), once);
        }
    }
}

#[test]
fn two_authors_converge() {
    let one = r#"kind: IntegratorClient
name: 'one'
scope:
    device: '01234567120'
    telsys: 417   # where
    partition: 1
description: "Front desk"
profiles:
- base
- "other"
settings: { 'ui::b' : "yes", "ui::a": { 'z': [1,2, 'three'], y: 'a
  b' } }
policies:
  core::b: 1.0
  # why a
  "core::a":   true
owns: {settings: listed,
  policies: exact}
"#;
    let other = r#"scope: { "telsys": 417,  # where
  device: "01234567120", partition: 1 }
"kind": "IntegratorClient"
name:   one
description: 'Front desk'
settings:
  "ui::a":
    y: a b
    z:
    - 1
    - 2
    - three
  ui::b: 'yes'
policies: {
  # why a
  core::a: true,
  core::b: 1.0 }
profiles: [base, other]
owns:
  policies: exact
  settings: listed
"#;
    insta::assert_snapshot!(formatted(one), @r#"
    kind: IntegratorClient
    name: one
    scope:
      telsys: 417  # where
      partition: 1
      device: "01234567120"
    description: Front desk
    profiles: [base, other]
    policies:
      # why a
      "core::a": true
      "core::b": 1.0
    settings: {"ui::a": {"y": "a b", "z": [1, 2, "three"]}, "ui::b": "yes"}
    owns: {policies: exact, settings: listed}
    "#);
    assert_eq!(formatted(one), formatted(other));
}

#[test]
fn what_is_too_wide_gets_a_line_for_each_and_its_remark_moves_to_the_first() {
    insta::assert_snapshot!(formatted(
        "kind: Profile\nname: a\nsettings: { b: 'a text that is long enough for a line', a: 'and another one of that kind' } # why\n\
         policies: { text: 'a\\nb', more: \"one\\ntwo\" }   # lines\n"
    ), @r#"
    kind: Profile
    name: a
    policies:  # lines
      "more": |-
        one
        two
      "text": "a\\nb"
    settings:  # why
      "a": "and another one of that kind"
      "b": "a text that is long enough for a line"
    "#);
}

#[test]
fn what_other_programs_read_as_true_keeps_its_warning() {
    let text = "kind: Profile\nname: a\nsettings: {\"a\": yes, \"b\": \"yes\", \"c\": Off}\n";
    assert_eq!(formatted(text), text);
}

#[test]
fn json_stays_json() {
    let text = "{\"name\":\"a\",\"kind\":\"Profile\"}\n";
    assert_eq!(format("a.json", text).expect("YAML"), text);
    assert_eq!(format("a.yaml", text).expect("YAML"), "kind: Profile\nname: a\n");
}

#[test]
fn a_comment_inside_a_value_stays_with_its_key() {
    for (text, laid_out) in [
        ("settings: {b: 1, a: [1, # C\n 2]}\n", "settings:\n  # C\n  \"a\": [1, 2]\n  \"b\": 1\n"),
        ("settings: {a: 1, b: # C\n 2}\n", "settings:\n  \"a\": 1\n  # C\n  \"b\": 2\n"),
        (
            "settings: {b: 1, a: { # C\n x: 2}, c: 3}\n",
            "settings:\n  # C\n  \"a\": {\"x\": 2}\n  \"b\": 1\n  \"c\": 3\n",
        ),
    ] {
        assert_eq!(formatted(&format!("kind: Profile\n{text}")), format!("kind: Profile\n{laid_out}"));
    }
}

#[test]
fn a_comment_above_a_key_that_becomes_first_stands_above_its_item() {
    assert_eq!(
        formatted("kind: Config\nprotect:\n  - telsys: 1\n  - device: '1'\n    # why this\n    telsys: 2\n"),
        "kind: Config\nprotect:\n  - telsys: 1\n  # why this\n  - telsys: 2\n    device: '1'\n"
    );
}

#[test]
fn blocks_take_the_one_form_and_blanks_before_colons_go() {
    assert_eq!(
        formatted(
            "kind: Profile\nname: a\ndescription: |\n    a\n    b\nsettings :\n  x :\n    y: |\n         a\n         b\n  z: |\n    one\n"
        ),
        "kind: Profile\nname: a\ndescription: |\n  a\n  b\nsettings:\n  \"x\":\n    \"y\": |\n      a\n      b\n  \"z\": \"one\\n\"\n"
    );
    assert_eq!(
        formatted("--- # C\nkind: Profile\nname: a\n--- # D\nkind: Profile\nname: b\n"),
        "---  # C\nkind: Profile\nname: a\n---  # D\nkind: Profile\nname: b\n"
    );
}

#[test]
fn a_remark_deep_in_lists_keeps_nothing_else_from_its_form() {
    let text = "kind: Profile\nname: 'a'\nsettings:\n  l:\n    - - - z: 1 # C2\n          # C3\n          a: 2\n  k: 'x' # C\n";
    let laid_out = formatted(text);
    assert!(laid_out.contains("name: a\n") && laid_out.contains("\"k\": \"x\"  # C\n"), "{laid_out}");
}

#[test]
fn a_file_that_is_too_large_is_not_laid_out() {
    let head = "kind: Profile\nname: a\n";
    for (text, what) in [
        (format!("{head}{}", "#\n".repeat(1024 * 1024)), "1048576 lines"),
        (format!("{head}description: {}\n", "x".repeat(16 * 1024 * 1024)), "16777216 bytes"),
    ] {
        let found = format("a.yaml", &text).expect_err("too large");
        assert!(found.len() == 1 && found[0].message.contains(what), "{found:?}");
    }
}

#[test]
fn of_many_files_those_mistakes_are_told_that_anybody_reads() {
    let (format, text) = (FileFormat::default(), "a: 1\n".repeat(30_000));
    let told = ["a.yaml", "b.yaml", "c.yaml"].map(|path| format.format(path, &text).expect_err("mistakes").len());
    assert_eq!(told, [29_999, 20_002, 0]);
}
