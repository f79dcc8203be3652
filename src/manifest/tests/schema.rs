//! The published schemas know exactly the keys that the loader knows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::keys::Mapping;
use crate::schema::{Subject, schema};

/// Where the schema of a mapping stands.
fn pointer(mapping: Mapping) -> (Subject, String) {
    let at = |subject, name: &str| (subject, format!("/$defs/{name}"));
    match mapping {
        Mapping::Config => (Subject::Config, String::new()),
        Mapping::Client | Mapping::Profile | Mapping::Fleet | Mapping::Template | Mapping::DevicesFrom => {
            at(Subject::Definition, &format!("{mapping:?}"))
        }
        Mapping::Scope | Mapping::Owns => at(Subject::Definition, &format!("{mapping:?}")),
        other => at(Subject::Config, &format!("{other:?}")),
    }
}

#[test]
fn schemas_know_the_keys_of_the_loader_and_no_others() {
    for mapping in Mapping::FIXED {
        let (subject, pointer) = pointer(mapping);
        let schema: Value = serde_json::from_str(&schema(subject)).expect("JSON");
        let object = schema.pointer(&pointer).unwrap_or_else(|| panic!("{mapping:?} has no schema"));
        let keys: BTreeSet<&str> =
            object["properties"].as_object().expect("properties").keys().map(String::as_str).collect();
        assert_eq!(keys, mapping.keys().iter().copied().collect(), "{mapping:?}");
        assert_eq!(object["additionalProperties"], false, "{mapping:?}");
    }
}

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
