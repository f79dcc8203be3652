//! Keys and values that `keys.yaml` knows, in the schema of definitions.

use serde_json::{Map, Value, json};

use crate::catalogue::{Catalogue, CatalogueEntry, Deprecation, ValueType};
use crate::model::Field;

/// The definition that fields have which hold any keys.
const ANY_ENTRIES: &str = "#/$defs/Entries";

/// Lets the policies and settings of a schema of definitions be completed with the keys of a catalogue. Other keys stay
/// valid: what they are is for `validate` to say.
pub(super) fn complete(schema: &mut Value, catalogue: &Catalogue) {
    for field in [Field::Policies, Field::Settings] {
        let known = catalogue.entries().filter(|(other, ..)| *other == field);
        let properties: Map<String, Value> = known.map(|(_, key, entry)| (key.to_string(), property(entry))).collect();
        let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) else { return };
        let mut entries = definitions.get("Entries").cloned().unwrap_or_else(|| json!({ "type": "object" }));
        entries["properties"] = Value::Object(properties);
        let name = match field {
            Field::Policies => "KnownPolicies",
            _ => "KnownSettings",
        };
        for definition in definitions.values_mut() {
            let property = definition.get_mut("properties").and_then(|properties| properties.get_mut(field.name()));
            if let Some(reference) = property.and_then(|one| one.get_mut("$ref")).filter(|one| *one == ANY_ENTRIES) {
                *reference = json!(format!("#/$defs/{name}"));
            }
        }
        definitions.insert(name.to_owned(), entries);
    }
}

fn property(entry: &CatalogueEntry) -> Value {
    let CatalogueEntry { types, description, values, deprecation } = entry;
    let mut schema = Map::new();
    let names: Vec<&str> = types.iter().map(|one| one.name()).collect();
    match &names[..] {
        [] => {}
        [one] => drop(schema.insert("type".to_owned(), json!(one))),
        several => drop(schema.insert("type".to_owned(), json!(several))),
    }
    schema.extend(description.as_ref().map(|text| ("description".to_owned(), json!(text))));
    if !values.is_empty() {
        let texts = types.is_empty() || types.contains(&ValueType::String);
        // A variable may stand for any of them.
        let reference = json!({ "type": "string", "pattern": "\\$\\{" });
        let mut choices = vec![json!({ "enum": values })];
        choices.extend(texts.then_some(reference));
        schema.insert("anyOf".to_owned(), Value::Array(choices));
    }
    match deprecation {
        Deprecation::Current => {}
        Deprecation::Deprecated => drop(schema.insert("deprecated".to_owned(), json!(true))),
        Deprecation::Because(words) => {
            schema.insert("deprecated".to_owned(), json!(true));
            schema.insert("deprecationMessage".to_owned(), json!(words));
        }
    }
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Subject, schema};
    use super::*;
    use crate::model::Json;

    #[test]
    fn the_schema_of_definitions_knows_the_keys_of_the_catalogue() {
        let mut catalogue = Catalogue::default();
        let entry = CatalogueEntry {
            types: [ValueType::String].into(),
            description: Some("Where the panel is.".to_owned()),
            values: vec![Json::text("left")],
            deprecation: Deprecation::Because("use x".to_owned()),
        };
        catalogue.add(Field::Settings, Arc::from("ui::side"), entry);
        let schema: Value = serde_json::from_str(&schema(Subject::Definition, Some(&catalogue))).expect("JSON");
        let known = &schema["$defs"]["KnownSettings"]["properties"]["ui::side"];
        assert_eq!((&known["type"], &known["anyOf"][0]["enum"]), (&json!("string"), &json!(["left"])));
        assert_eq!((&known["deprecated"], &known["description"]), (&json!(true), &json!("Where the panel is.")));
        for kind in ["Client", "Profile", "Template"] {
            let settings = &schema["$defs"][kind]["properties"]["settings"];
            assert_eq!(settings["$ref"], "#/$defs/KnownSettings", "{kind}");
        }
    }
}
