//! From the table of keys to the schemas of what people write.

use serde_json::{Map, Value, json};

use crate::manifest::keys::{CATALOGUE, CONFIG, DEFINITIONS, Form, Items, Key, Mapping, Need, Rule};

/// Makes the schema of `icsync.yaml`.
pub(super) fn config() -> Value {
    let mut generator = Generator::default();
    let mut root = generator.mapping(CONFIG);
    root.insert("title".to_owned(), json!("icsync configuration"));
    generator.complete(root)
}

/// Makes the schema of `keys.yaml`.
pub(super) fn catalogue() -> Value {
    let mut generator = Generator::default();
    let mut root = generator.mapping(CATALOGUE);
    root.insert("title".to_owned(), json!("icsync catalogue of keys"));
    generator.complete(root)
}

/// Makes the schema of a document of a file of definitions. It chooses by `kind`, so that a mistake is reported for the kind
/// that is meant and not for all of them.
pub(super) fn definition() -> Value {
    let mut generator = Generator::default();
    let kinds = DEFINITIONS.map(|mapping| mapping.kind);
    let chosen = DEFINITIONS.map(|mapping| {
        let when = json!({ "properties": { "kind": { "const": mapping.kind } }, "required": ["kind"] });
        json!({ "if": when, "then": generator.form(Form::Mapping(mapping)) })
    });
    let root = object(json!({
        "title": "icsync definition",
        "description": "One document of a file of definitions: a client, a profile or a fleet.",
        "type": "object",
        "required": ["kind"],
        "properties": { "kind": { "description": "What the document defines.", "enum": kinds } },
        "allOf": chosen,
    }));
    generator.complete(root)
}

/// Collects the schemas that others refer to.
#[derive(Default)]
struct Generator {
    definitions: Map<String, Value>,
}

impl Generator {
    fn complete(self, mut root: Map<String, Value>) -> Value {
        root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("$defs".to_owned(), Value::Object(self.definitions));
        Value::Object(root)
    }

    fn mapping(&mut self, mapping: &Mapping) -> Map<String, Value> {
        let Mapping { name: _, doc, kind, keys, rules } = mapping;
        let known = keys.iter().filter(|key| key.need != Need::Refused);
        let properties: Map<String, Value> = known.map(|key| (key.name.to_owned(), self.key(key))).collect();
        let mut schema = object(json!({ "type": "object", "properties": properties, "additionalProperties": false }));
        let required = keys.iter().filter(|key| key.need == Need::Required);
        let required: Vec<&str> = required.map(|key| key.name).collect();
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        schema.extend(kind.map(|kind| ("title".to_owned(), json!(kind))));
        describe(&mut schema, doc, None);
        schema.extend(rules.iter().flat_map(rule));
        schema
    }

    fn key(&mut self, key: &Key) -> Value {
        let Key { name: _, doc, form, need: _, example } = key;
        let mut schema = object(self.form(*form));
        describe(&mut schema, doc, *example);
        Value::Object(schema)
    }

    fn form(&mut self, form: Form) -> Value {
        match form {
            Form::Constant(word) => json!({ "type": "string", "const": word }),
            Form::Text => json!({ "type": "string" }),
            Form::TextOrNull => json!({ "type": ["string", "null"] }),
            Form::Matching(pattern) => json!({ "type": "string", "pattern": pattern }),
            Form::Path => json!({ "type": "string", "minLength": 1 }),
            Form::Truth => json!({ "type": "boolean" }),
            Form::Number { least, most, except } => number(least, most, except),
            Form::Words(words) => choice(words),
            Form::List(of, items) => {
                let mut schema = object(json!({ "type": "array", "items": self.form(*of) }));
                count(&mut schema, items, "minItems");
                Value::Object(schema)
            }
            Form::Map(of, items) => {
                let mut schema = object(json!({ "type": "object", "additionalProperties": self.form(*of) }));
                count(&mut schema, items, "minProperties");
                Value::Object(schema)
            }
            Form::Anything | Form::Json => json!(true),
            Form::Either(forms) => json!({ "anyOf": forms.iter().map(|form| self.form(*form)).collect::<Vec<_>>() }),
            Form::Mapping(mapping) => self.refer(mapping.name, |generator| generator.mapping(mapping)),
            Form::Named(named) => self.refer(named.name, |generator| {
                let mut schema = object(generator.form(named.form));
                describe(&mut schema, named.doc, named.example);
                schema
            }),
        }
    }

    fn refer(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Map<String, Value>) -> Value {
        if !self.definitions.contains_key(name) {
            let schema = make(self);
            self.definitions.insert(name.to_owned(), Value::Object(schema));
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

fn describe(schema: &mut Map<String, Value>, doc: &str, example: Option<&str>) {
    if !doc.is_empty() {
        schema.insert("description".to_owned(), json!(doc));
    }
    if let Some(example) = example {
        // Text that is not JSON stands without quotes, as in YAML.
        let example: Value = serde_json::from_str(example).unwrap_or_else(|_| json!(example));
        schema.insert("examples".to_owned(), json!([example]));
    }
}

fn number(least: i64, most: i64, except: Option<i64>) -> Value {
    let format = if least < 0 { "int64" } else { "uint64" };
    let mut schema = object(json!({ "type": "integer", "format": format, "minimum": least, "maximum": most }));
    schema.extend(except.map(|number| ("not".to_owned(), json!({ "const": number }))));
    Value::Object(schema)
}

fn choice(words: &[(&str, &str)]) -> Value {
    if words.iter().all(|(_, doc)| doc.is_empty()) {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        // Without quotes the word `null` is the value, which is read as the word.
        if words.contains(&"null") {
            let words: Vec<Value> = words.iter().map(|word| json!(word)).chain([Value::Null]).collect();
            return json!({ "enum": words });
        }
        return json!({ "type": "string", "enum": words });
    }
    let described = words.iter().map(|(word, doc)| json!({ "type": "string", "const": word, "description": doc }));
    json!({ "oneOf": described.collect::<Vec<_>>() })
}

fn count(schema: &mut Map<String, Value>, items: Items, least: &str) {
    if items != Items::Any {
        schema.insert(least.to_owned(), json!(1));
    }
    if items == Items::Distinct {
        schema.insert("uniqueItems".to_owned(), json!(true));
    }
}

/// Writes a rule as keywords of the schema of its mapping.
fn rule(rule: &Rule) -> Map<String, Value> {
    object(match rule {
        Rule::One => json!({ "minProperties": 1, "maxProperties": 1 }),
        Rule::OneOf(ways) => {
            json!({ "oneOf": ways.iter().map(|(with, without)| way(with, without)).collect::<Vec<_>>() })
        }
        Rule::Needs { key, if_number, below: [outer, inner] } => {
            let inside = json!({ "properties": { *inner: { "const": if_number } }, "required": [inner] });
            json!({
                "if": { "properties": { *outer: inside }, "required": [outer] },
                "then": { "required": [key] },
            })
        }
    })
}

fn way(with: &[&str], without: &[&str]) -> Value {
    let mut schema = object(json!({ "required": with }));
    let stands = |key: &&str| json!({ "required": [key] });
    let not = match without {
        [] => return Value::Object(schema),
        [one] => stands(one),
        several => json!({ "anyOf": several.iter().map(stands).collect::<Vec<_>>() }),
    };
    schema.insert("not".to_owned(), not);
    Value::Object(schema)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
