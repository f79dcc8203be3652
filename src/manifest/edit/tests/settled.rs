//! Laying out twice gives the same as once, whatever texts and blank lines stand in policies and settings.

use super::*;

#[test]
fn a_blank_line_does_not_become_content_of_a_text_that_comes_to_stand_before_it() {
    let head = "kind: IntegratorClient\nname: a\nscope: {telsys: 417, partition: 1, device: \"101\"}\n";
    assert_eq!(
        formatted(&format!("{head}policies:\n\n  k: 1\n  a: |+\n    x\n\n")),
        format!("{head}policies:\n  \"a\": |+\n    x\n\n  \"k\": 1\n")
    );
    assert_eq!(
        formatted(&format!("{head}policies:\n  k: 1\n\n  b: 2\n  a: >+\n    x\n\n")),
        format!("{head}policies:\n  \"a\": >+\n    x\n\n  \"b\": 2\n  \"k\": 1\n")
    );
}

/// Policies and settings with texts, comments and blank lines anywhere.
fn any_content() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "1",
        "|+\n    x\n\n",
        "|\n    x\n\n\n",
        ">+\n    x\n\n",
        ">-\n    x\n    y",
        "|2+\n     x\n\n\n",
        "|+\n",
        "|+  # c\n    x\n\n",
        "\n\n    d: >+\n      x\n\n\n    # c\n\n    c: |+\n      y\n\n",
        "\n    - |+\n      x\n\n    - b: |+\n        x\n\n      a: 1\n\n    -\n      a: 3",
        "{b: 1, # x\n    a: 2}",
        "\"x\n\n    y\"",
        "",
    ]);
    let before = prop::sample::select(vec!["", "\n", "\n\n", "  # a\n", "\n  # a\n\n", "    # deep\n", "# out\n"]);
    let entries = prop::collection::btree_map(prop::sample::select(vec!["a", "b", "k", "m"]), (before, value), 1..5);
    let entries = entries.prop_map(|entries| entries.into_iter().collect::<Vec<_>>()).prop_shuffle();
    let head = prop::sample::select(vec!["kind: IntegratorClient\n", "name: a\nkind: Profile\n", "kind: Other\n"]);
    let field = prop::sample::select(vec!["policies:\n", "policies:  # p\n", "settings:\n\n"]);
    let end = prop::sample::select(vec!["", "\n", "# end\n", "  # end\n", "\n\nowns: {}\n", "---\nkind: Profile\n"]);
    (head, field, entries, end, any::<bool>()).prop_map(|(head, field, entries, end, windows)| {
        let line = |(key, (before, value)): (&str, (&str, &str))| format!("{before}  {key}: {value}\n");
        let text = format!("{head}{field}{}{end}", entries.into_iter().map(line).collect::<String>());
        if windows { text.replace('\n', "\r\n") } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn laying_out_content_is_idempotent_and_keeps_the_meaning(text in any_content()) {
        if let Ok(before) = Meaning::of("", &text) {
            let once = format("", &text).expect("YAML");
            prop_assert_eq!(&Meaning::of("", &once).expect("YAML"), &before);
            prop_assert_eq!(format("", &once).expect("YAML"), once);
        }
    }
}
