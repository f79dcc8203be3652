//! Live values in place of written ones.

use serde_json::{Value as JsonValue, json};

use super::*;
use crate::model::Json;

/// Makes a setting of the only document of a file another one.
fn accepted(text: &str, key: &str, before: JsonValue, after: JsonValue) -> String {
    let path = vec!["settings".to_owned(), key.to_owned()];
    let values = vec![ValueEdit { path, before: Some(Json::from(before)), after: Some(Json::from(after)) }];
    let written = write_values("a.yaml", text, &[DocumentEdit { line: 1, values }]).expect("YAML");
    assert!(written.failed.is_empty(), "{written:?}");
    written.text
}

#[test]
fn a_comment_on_the_line_of_a_key_stays_whatever_its_value_becomes() {
    let head = "kind: Profile\nname: a\nsettings:\n  \"a\": 1\n";
    for (written, before, after, is) in [
        ("  # ticket 1\n    mon: 8\n", json!({"mon": 8}), json!("all day"), " \"all day\"  # ticket 1\n"),
        ("  # ticket 1\n    - 1\n    - 2  # two\n", json!([1, 2]), json!([]), " []  # ticket 1  # two\n"),
        (" # ticket 1\n    - 1\n", json!([1]), json!({"mon": 8}), " {\"mon\": 8}  # ticket 1\n"),
        (" {  # ticket 1\n    mon: 8}\n", json!({"mon": 8}), json!([8]), " [8]  # ticket 1\n"),
        (" >-  # ticket 1\n    a\n    b\n", json!("a b"), json!("c"), " \"c\"  # ticket 1\n"),
        (" >-  # ticket 1\n    a\n    b\n", json!("a b"), json!("c\nd"), " |-  # ticket 1\n    c\n    d\n"),
        (" &x  # ticket 1\n    mon: 8\n", json!({"mon": 8}), json!(true), " true  # ticket 1\n"),
    ] {
        for ending in ["\n", "\r\n"] {
            let text = |value: &str| format!("{head}  \"crm::hours\":{value}  \"y\": 1\n").replace('\n', ending);
            assert_eq!(accepted(&text(written), "crm::hours", before.clone(), after.clone()), text(is));
        }
    }
}

#[test]
fn a_comment_between_braces_stays_behind_its_key_whatever_its_value_becomes() {
    for ending in ["\n", "\r\n"] {
        let text = |settings: &str| format!("kind: Profile\nname: a\nsettings: {settings}\n").replace('\n', ending);
        let written = text("{a: {  # ticket 1\n  mon: 8}, b: 1}");
        assert_eq!(
            accepted(&written, "a", json!({"mon": 8}), json!("all day")),
            text("{a: \"all day\"  # ticket 1\n  , b: 1}")
        );
    }
}
