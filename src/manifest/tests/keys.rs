//! The table of keys says what each key is, and the same as the model.

use serde_json::Value;

use super::super::keys::{CONFIG, DEFINITIONS, Form, Key, Mapping};
use crate::model::{Partition, Telsys};
use crate::schema::{Subject, schema};

/// Everything that stands below the documents.
fn mappings() -> Vec<&'static Mapping> {
    let mut all: Vec<&Mapping> = DEFINITIONS.into_iter().chain([CONFIG]).collect();
    let mut next = 0;
    while let Some(mapping) = all.get(next) {
        let below = mapping.keys.iter().filter_map(|key| mapping_in(key.form));
        let below: Vec<&Mapping> = below.filter(|one| !all.iter().any(|known| known.name == one.name)).collect();
        all.extend(below);
        next += 1;
    }
    all
}

fn mapping_in(form: Form) -> Option<&'static Mapping> {
    match form {
        Form::Mapping(mapping) => Some(mapping),
        Form::List(of, _) | Form::Map(of, _) => mapping_in(*of),
        Form::Named(named) => mapping_in(named.form),
        _ => None,
    }
}

fn fits(form: Form, value: &Value) -> bool {
    match form {
        Form::Number { .. } => {
            value.as_i64().is_some_and(|number| (form.bounds().0..=form.bounds().1).contains(&number))
        }
        Form::Truth => value.is_boolean(),
        Form::List(of, _) => value.as_array().is_some_and(|items| items.iter().all(|item| fits(*of, item))),
        Form::Map(of, _) => value.as_object().is_some_and(|map| map.values().all(|value| fits(*of, value))),
        Form::Mapping(mapping) => value.as_object().is_some_and(|map| {
            let form = |name: &str| mapping.keys.iter().find(|key| key.name == name).map(|key| key.form);
            map.iter().all(|(name, value)| form(name).is_some_and(|form| fits(form, value)))
        }),
        Form::Named(named) => fits(named.form, value),
        Form::Either(forms) => forms.iter().any(|form| fits(*form, value)),
        Form::Anything | Form::Json => true,
        _ => value.is_string(),
    }
}

#[test]
fn every_example_has_the_form_of_its_key() {
    for mapping in mappings() {
        for Key { name, form, example, .. } in mapping.keys {
            let shared = if let Form::Named(named) = form { named.example } else { None };
            for example in [*example, shared].into_iter().flatten() {
                let value = serde_json::from_str(example).unwrap_or_else(|_| Value::from(example));
                assert!(fits(*form, &value), "{} of {}: {value}", name, mapping.name);
            }
        }
    }
}

#[test]
fn the_numbers_of_a_scope_are_those_of_the_model() {
    let form = |mapping: &str, key: &str| {
        let mapping = mappings().into_iter().find(|one| one.name == mapping).expect("a mapping");
        let form = mapping.keys.iter().find(|one| one.name == key).expect("a key").form;
        if let Form::Named(named) = form { named.form } else { form }
    };
    let allows = |form: Form, number: i64| matches!(form, Form::Number { except, .. } if fits(form, &number.into()) && except != Some(number));
    for number in [-4, -3, -2, -1, 0, 1, 417, i64::from(u32::MAX), i64::from(u32::MAX) + 1] {
        assert_eq!(allows(form("Scope", "telsys"), number), Telsys::from_number(number).is_ok(), "{number}");
        assert_eq!(allows(form("Scope", "partition"), number), Partition::from_number(number).is_ok(), "{number}");
    }
}

#[test]
fn every_key_of_a_schema_says_what_it_is() {
    for subject in [Subject::Config, Subject::Definition] {
        let schema: Value = serde_json::from_str(&schema(subject, None)).expect("JSON");
        let objects = schema["$defs"].as_object().expect("definitions").values().chain([&schema]);
        for (key, value) in objects.filter_map(|object| object["properties"].as_object()).flatten() {
            let target = value["$ref"].as_str().and_then(|name| schema.pointer(name.trim_start_matches('#')));
            let described = |value: &Value| value["description"].is_string();
            assert!(described(value) || target.is_some_and(described), "{key}: {value}");
        }
    }
}
