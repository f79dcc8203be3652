//! The JSON Schemas (2020-12) of what people write and of what machines read.
//!
//! The types here are never made: they say what a document looks like, and their comments are what an editor shows. That
//! they say the same as the loader and the renderers is held by tests.

mod keys;
mod plan;
mod report;

use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

/// A document that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// `icsync.yaml`.
    Config,
    /// One document of a file of definitions.
    Definition,
    /// What `plan --out FILE` and `plan -o json` write.
    Plan,
    /// What the other commands write as JSON: `apply`, `drift`, `diff`, `validate`, and every failure.
    Report,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Config, Self::Definition, Self::Plan, Self::Report];

    /// Gives the word of the command line, and of the file name `WORD.schema.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Definition => "definition",
            Self::Plan => "plan",
            Self::Report => "report",
        }
    }
}

/// Writes the schema of a document as indented JSON.
pub fn schema(subject: Subject) -> String {
    let schema = match subject {
        Subject::Config => keys::config(),
        Subject::Definition => keys::definition(),
        Subject::Plan => described(one::<plan::Plan>),
        Subject::Report => described(report),
    };
    format!("{schema:#}\n")
}

/// Makes the schema of types.
fn described(make: impl FnOnce(&mut SchemaGenerator) -> Schema) -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut root = make(&mut generator);
    let definitions = generator.take_definitions(true);
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$defs".to_owned(), Value::Object(definitions));
    NotNull.transform(&mut root);
    root.to_value()
}

fn one<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

fn report(generator: &mut SchemaGenerator) -> Schema {
    let forms = [
        generator.subschema_for::<report::Failure>(),
        generator.subschema_for::<report::Outcomes>(),
        generator.subschema_for::<report::Drift>(),
        generator.subschema_for::<report::Review>(),
        generator.subschema_for::<report::Validation>(),
        generator.subschema_for::<report::Effective>(),
        generator.subschema_for::<report::Runs>(),
    ];
    object(json!({
        "title": "icsync report",
        "description": "What icsync writes as JSON besides a plan. Within format 1.x fields are only added.",
        "type": "object",
        "anyOf": forms,
    }))
}

fn object(value: Value) -> Schema {
    Schema::try_from(value).unwrap_or_default()
}

/// Marks a key that may be left out or null; elsewhere a key is written with a value or left out.
const NULLABLE: &str = "x-nullable";
/// Marks a key that is always there and may be null.
const PRESENT: &str = "x-present";

/// Takes away the null that an optional key gets, except where it is marked.
struct NotNull;

impl Transform for NotNull {
    fn transform(&mut self, schema: &mut Schema) {
        require_present(schema);
        transform_subschemas(self, schema);
        let nullable = [NULLABLE, PRESENT].map(|mark| schema.remove(mark).is_some());
        if nullable.contains(&true) {
            return;
        }
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|one| one != "null");
            if let [one] = &types[..] {
                let one = one.clone();
                object.insert("type".to_owned(), one);
            }
        }
        let null = json!({ "type": "null" });
        if let Some(Value::Array(choices)) = object.get_mut("anyOf")
            && choices.contains(&null)
        {
            choices.retain(|one| *one != null);
            if let [Value::Object(one)] = &choices[..] {
                let one = one.clone();
                object.remove("anyOf");
                object.extend(one);
            }
        }
    }
}

fn require_present(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let Some(Value::Object(properties)) = object.get("properties") else { return };
    let present = properties.iter().filter(|(_, value)| value.get(PRESENT).is_some());
    let present: Vec<Value> = present.map(|(key, _)| Value::from(key.as_str())).collect();
    if present.is_empty() {
        return;
    }
    if let Value::Array(required) = object.entry("required").or_insert_with(|| json!([])) {
        required.extend(present);
    }
}
