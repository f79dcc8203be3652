//! The published schemas say what each key is.

use serde_json::Value;

use crate::schema::{Subject, schema};

#[test]
fn every_key_of_a_schema_says_what_it_is() {
    for subject in [Subject::Config, Subject::Definition] {
        let schema: Value = serde_json::from_str(&schema(subject)).expect("JSON");
        let objects = schema["$defs"].as_object().expect("definitions").values().chain([&schema]);
        for (key, value) in objects.filter_map(|object| object["properties"].as_object()).flatten() {
            let target = value["$ref"].as_str().and_then(|name| schema.pointer(name.trim_start_matches('#')));
            let described = |value: &Value| value["description"].is_string();
            assert!(described(value) || target.is_some_and(described), "{key}: {value}");
        }
    }
}
