//! What is written reads back as what was meant, and looks as people would write it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn written(value: Value) -> String {
    document(&[("a".to_owned(), YamlNode::of(&Json::from(value)))])
}

fn read(text: &str) -> Value {
    // Texts of the server are escaped for the loader.
    fn unescaped(value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(text.replace("$${", "${")),
            Value::Array(items) => items.into_iter().map(unescaped).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(key, value)| (key.replace("$${", "${"), unescaped(value))).collect()
            }
            other => other,
        }
    }
    let mut value: Value = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    unescaped(value["a"].take())
}

#[test]
fn text_is_written_in_the_letters_it_has_and_what_nobody_sees_is_escaped() {
    assert_eq!(written(json!("It’s “Zürich” – 東京 ☎ 👍🏽")), "a: \"It’s “Zürich” – 東京 ☎ 👍🏽\"\n");
    assert_eq!(
        written(json!("\u{202e}\u{200b}\u{a0}\u{85}\u{2028}\u{feff}\u{1b}\r\u{e000}\u{e0041}")),
        r#"a: "\u202e\u200b\u00a0\u0085\u2028\ufeff\u001b\u000d\ue000\U000e0041""#.to_owned() + "\n"
    );
}

#[test]
fn text_of_several_lines_is_a_block_if_that_gives_it_back_exactly() {
    assert_eq!(written(json!("one\ntwo")), "a: |-\n  one\n  two\n");
    assert_eq!(written(json!("one\n\n  two\n")), "a: |\n  one\n\n    two\n");
    assert_eq!(written(json!("  one\ntwo ${x}")), "a: |2-\n    one\n  two $${x}\n");
    assert_eq!(written(json!("if\n\tx\n")), "a: |\n  if\n  \tx\n");
    for text in ["\n", "one\n", "one\ntwo\n\n", "one \ntwo", "one\r\ntwo", "\none\ntwo", "\tone\ntwo", "a\n\u{85}b\n"] {
        let line = written(json!(text));
        assert!(line.starts_with("a: \"") && line.lines().count() == 1, "{line}");
    }
}

#[test]
fn what_is_too_wide_is_broken_where_nothing_is_lost() {
    insta::assert_snapshot!(written(json!({
        "long": "words that go on and on until the line is full, and then some more words for the next line",
        "list": [["one", 2, null, true], { "text": "a\nb", "empty": {} }],
    })), @r#"
    a:
      "list":
        - ["one", 2, null, true]
        - "empty": {}
          "text": |-
            a
            b
      "long": "words that go on and on until the line is full, and then some more \
        words for the next line"
    "#);
}

fn any_value() -> impl Strategy<Value = Value> {
    let piece = prop::sample::select(vec![
        "a",
        "word ",
        " ",
        "\n",
        "\t",
        "\r",
        "\u{85}",
        "\u{2028}",
        "’",
        "#",
        ": ",
        "- ",
        "\"",
        "\\",
        "${x}",
        "$",
        "{",
        "東",
        "|",
        "\u{a0}",
        "\u{feff}",
        "%",
        "---",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]);
    let text = prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat());
    let scalar = prop_oneof![
        4 => text.clone().prop_map(Value::String),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i32>().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 16, 4, move |inner| {
        let map = prop::collection::vec((text.clone(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            map.prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_exactly_with_nothing_at_the_ends_of_lines(value in any_value()) {
        let text = written(value.clone());
        prop_assert!(text.lines().all(|line| !line.ends_with([' ', '\t'])), "{}", text);
        prop_assert!(!text.contains("\n\n\n\n") && !text.ends_with("\n\n"), "{}", text);
        prop_assert_eq!(read(&text), value, "{}", text);
    }
}
