//! One client after expansion, each value with the line that says it.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use crate::export::yaml;
use crate::model::{Declared, Definition, Field, FieldPattern, Location, Ownership, Presence};
use crate::redact::{Mask, Shown};
use crate::text::visible;

/// How far to the right places are written at most.
const MOST_WIDTH: usize = 80;

/// Writes a client as a definition that needs no profile, fleet or variable; a comment after each value says where it was
/// written.
pub fn text(out: &mut impl io::Write, definition: &Definition, sensitive: &[FieldPattern]) -> io::Result<()> {
    let lines = lines(definition, Mask(sensitive));
    let widths = lines.iter().filter(|(_, at)| at.is_some()).map(|(line, _)| line.chars().count());
    let width = widths.filter(|width| *width <= MOST_WIDTH).max().unwrap_or_default();
    for (line, at) in &lines {
        let line = visible(line);
        match at {
            Some(at) => writeln!(out, "{line:width$}  # {}", visible(&at.to_string()))?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

fn lines(definition: &Definition, mask: Mask<'_>) -> Vec<(String, Option<Location>)> {
    let Definition { name, scope, scope_at, id, state, spec, owns, ignore, profiles: _, at, until: _ } = definition;
    let device = format!("telsys: {}, partition: {}", scope.telsys.number(), scope.partition.number());
    let device = format!("{device}, device: {}", yaml::literal(scope.device.as_str()));
    let mut lines = vec![
        ("kind: IntegratorClient".to_owned(), Some(at.clone())),
        (format!("name: {name}"), None),
        (format!("scope: {{ {device} }}"), Some(scope_at.clone())),
    ];
    lines.extend(id.iter().map(|id| (format!("id: {}", yaml::string(id.value.as_str())), Some(id.at.clone()))));
    for (field, text) in spec.texts() {
        let line = |one: &Declared<String>| format!("{field}: {}", value(&mask.text(field, &one.value)));
        lines.extend(text.iter().map(|one| (line(one), Some(one.at.clone()))));
    }
    for (field, entries) in spec.entries() {
        match entries {
            None => {}
            Some(entries) if entries.is_empty() => lines.push((format!("{field}: {{}}"), None)),
            Some(entries) => {
                lines.push((format!("{field}:"), None));
                for (key, one) in entries {
                    let line = format!("  {}: {}", yaml::string(key), value(&mask.entry(field, key, &one.value)));
                    lines.push((line, Some(one.at.clone())));
                }
            }
        }
    }
    let listed = owns.entries().filter(|(_, ownership)| **ownership == Ownership::Listed);
    let listed: Vec<String> = listed.map(|(field, _)| format!("{field}: listed")).collect();
    if !listed.is_empty() {
        lines.push((format!("owns: {{ {} }}", listed.join(", ")), None));
    }
    if !ignore.is_empty() {
        let patterns: Vec<_> = ignore.iter().map(|pattern| yaml::string(pattern.as_str())).collect();
        lines.push((format!("ignore: [{}]", patterns.join(", ")), None));
    }
    if *state == Presence::Absent {
        lines.push(("state: absent".to_owned(), None));
    }
    lines
}

fn value(shown: &Shown) -> String {
    match shown {
        Shown::Plain(json) => yaml::value(json),
        Shown::Sensitive(_) => yaml::string("(sensitive)"),
    }
}

/// Writes a client as JSON: `{ "format_version", "client", "scope", "id", "state", "source", "values": [ { "field", "key",
/// "value", "source" } ], "owns", "ignore", "profiles" }`.
pub fn json(out: &mut impl io::Write, definition: &Definition, sensitive: &[FieldPattern]) -> io::Result<()> {
    let Definition { name, scope, scope_at, id, state, spec, owns, ignore, profiles, at, until: _ } = definition;
    let mask = Mask(sensitive);
    let mut values: Vec<Value> = Vec::new();
    let mut push = |field: Field, key: Option<&str>, shown: Shown, at: &Location| {
        values.push(json!({ "field": field.name(), "key": key, "value": shown, "source": source(at) }));
    };
    for (field, text) in spec.texts() {
        if let Some(one) = text {
            push(field, None, mask.text(field, &one.value), &one.at);
        }
    }
    for (field, entries) in spec.entries() {
        for (key, one) in entries.iter().flatten() {
            push(field, Some(key), mask.entry(field, key, &one.value), &one.at);
        }
    }
    let managed: Vec<&str> = spec.managed().into_iter().map(Field::name).collect();
    let owns: BTreeMap<&str, &str> = owns.entries().map(|(field, one)| (field.name(), one.name())).collect();
    let view = json!({
        "format_version": "1.0",
        "client": name.as_str(),
        "scope": { "telsys": scope.telsys.number(), "partition": scope.partition.number(), "device": scope.device.as_str() },
        "scope_source": source(scope_at),
        "id": id.as_ref().map(|id| id.value.as_str()),
        "state": if *state == Presence::Absent { "absent" } else { "present" },
        "source": source(at),
        "managed": managed,
        "values": values,
        "owns": owns,
        "ignore": ignore.iter().map(crate::model::FieldPattern::as_str).collect::<Vec<_>>(),
        "profiles": profiles,
    });
    super::json::write(out, &view)
}

fn source(at: &Location) -> Value {
    json!({ "file": at.file, "line": at.line, "column": at.column })
}
