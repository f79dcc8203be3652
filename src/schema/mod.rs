//! The JSON Schemas (2020-12) of what people write and of what machines read.
//!
//! What machines read is described by the structs of `document` themselves, what people write by the table of keys of
//! `manifest`, in [`keys`]: their comments are what an editor shows.

mod catalogue;
mod keys;

use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::catalogue::Catalogue;
use crate::document::{
    AcceptanceV1, CoveringV1, DefinitionsV1, DriftV1, EffectiveV1, FailureV1, KeysV1, OutcomesV1, PlanV1, ReviewV1,
    RunDetailV1, RunsV1, ValidationV1,
};
use crate::sandbox::{Estate, Faults};

/// A document that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// `icsync.yaml`.
    Config,
    /// One document of a file of definitions.
    Definition,
    /// `keys.yaml`.
    Keys,
    /// What `plan --out FILE` and `plan -o json` write.
    Plan,
    /// What the other commands write as JSON: `apply`, `drift`, `diff`, `validate`, and every failure.
    Report,
    /// What exists in the sandbox: `estate.yaml`.
    Estate,
    /// What goes wrong in the sandbox: the file of `--faults`.
    Faults,
}

impl Subject {
    /// All of them.
    pub(crate) const ALL: [Self; 7] =
        [Self::Config, Self::Definition, Self::Keys, Self::Plan, Self::Report, Self::Estate, Self::Faults];

    /// Gives the word of the command line, and of the file name `WORD.schema.json`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Definition => "definition",
            Self::Keys => "keys",
            Self::Plan => "plan",
            Self::Report => "report",
            Self::Estate => "estate",
            Self::Faults => "faults",
        }
    }

    /// Gives the file below the root of a repository: `icsync init` writes it.
    pub(crate) fn file(self) -> String {
        format!("schemas/{}.schema.json", self.name())
    }

    /// Gives the first line of a file, by which editors find the schema; `up` leads from its folder to the root.
    pub(crate) fn modeline(self, up: &str) -> String {
        format!("# yaml-language-server: $schema={up}{}\n", self.file())
    }
}

/// Writes the schema of a document as indented JSON; that of definitions with the keys that a catalogue knows.
pub(crate) fn schema(subject: Subject, catalogue: Option<&Catalogue>) -> String {
    let schema = match subject {
        Subject::Config => keys::config(),
        Subject::Definition => {
            let mut schema = keys::definition();
            if let Some(catalogue) = catalogue {
                self::catalogue::complete(&mut schema, catalogue);
            }
            schema
        }
        Subject::Keys => keys::catalogue(),
        Subject::Plan => described(SchemaSettings::for_serialize, one::<PlanV1>),
        Subject::Report => described(SchemaSettings::for_serialize, report),
        Subject::Estate => titled("icsync estate", described(SchemaSettings::for_deserialize, one::<Estate>)),
        Subject::Faults => titled("icsync faults", described(SchemaSettings::for_deserialize, one::<Faults>)),
    };
    format!("{schema:#}\n")
}

/// Makes the schema of types, as they are written or as they are read.
fn described(side: fn(SchemaSettings) -> SchemaSettings, make: impl FnOnce(&mut SchemaGenerator) -> Schema) -> Value {
    let mut generator = side(SchemaSettings::draft2020_12()).into_generator();
    let mut root = make(&mut generator);
    let definitions: Map<String, Value> =
        generator.take_definitions(true).into_iter().map(|(name, schema)| (unversioned(&name), schema)).collect();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$defs".to_owned(), Value::Object(definitions));
    Tidy.transform(&mut root);
    root.to_value()
}

fn titled(title: &str, mut schema: Value) -> Value {
    schema["title"] = json!(title);
    schema
}

fn one<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

fn report(generator: &mut SchemaGenerator) -> Schema {
    let forms = [
        generator.subschema_for::<FailureV1>(),
        generator.subschema_for::<OutcomesV1>(),
        generator.subschema_for::<DriftV1>(),
        generator.subschema_for::<AcceptanceV1>(),
        generator.subschema_for::<ReviewV1>(),
        generator.subschema_for::<ValidationV1>(),
        generator.subschema_for::<EffectiveV1>(),
        generator.subschema_for::<CoveringV1>(),
        generator.subschema_for::<RunsV1>(),
        generator.subschema_for::<RunDetailV1>(),
        generator.subschema_for::<KeysV1>(),
        generator.subschema_for::<DefinitionsV1>(),
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

/// Marks a key that may be left out or null; elsewhere a key that may be left out is not null.
const NULLABLE: &str = "x-nullable";

/// Takes away the null of keys that are left out instead, and the version of names: a schema is of one version.
struct Tidy;

impl Transform for Tidy {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        if let Some(Value::String(reference)) = schema.get_mut("$ref") {
            *reference = unversioned(reference);
        }
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
        for (_, property) in properties.iter_mut().filter(|(key, _)| !required.contains(&json!(key))) {
            if let Value::Object(property) = property
                && property.remove(NULLABLE).is_none()
            {
                without_null(property);
            }
        }
    }
}

fn without_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    let null = json!({ "type": "null" });
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf")
        && choices.contains(&null)
    {
        choices.retain(|one| *one != null);
        if let [Value::Object(one)] = &choices[..] {
            let one = one.clone();
            schema.remove("anyOf");
            schema.extend(one);
        }
    }
}

fn unversioned(name: &str) -> String {
    name.strip_suffix("V1").unwrap_or(name).to_owned()
}
