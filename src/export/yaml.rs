//! Writes YAML that reads back as exactly what was meant: every text in double quotes, every value in JSON's form.

use std::fmt::Write as _;

use serde_json::Value;

use crate::model::Json;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct YamlLine(String);

impl YamlLine {
    /// Makes `key: value`. A key that is too long for that form stands after a question mark (YAML 1.2, section 8.2.2).
    pub(super) fn pair(depth: usize, key: &str, value: &str) -> Self {
        let indent = depth * 2;
        Self(match KeyForm::of(key) {
            KeyForm::Short => format!("{:indent$}{key}: {value}", ""),
            KeyForm::Long => format!("{:indent$}? {key}\n{:indent$}: {value}", "", ""),
        })
    }

    /// Makes `key:` for lines that are deeper.
    pub(super) fn open(depth: usize, key: &str) -> Self {
        Self(format!("{:indent$}{key}:", "", indent = depth * 2))
    }
}

enum KeyForm {
    Short,
    Long,
}

impl KeyForm {
    fn of(key: &str) -> Self {
        // A key before its colon may have 1,024 characters (YAML 1.2, section 7.4.2).
        const MOST: usize = 1000;
        if key.chars().count() <= MOST { Self::Short } else { Self::Long }
    }
}

pub(super) fn document(lines: &[YamlLine]) -> String {
    lines.iter().fold(String::new(), |text, YamlLine(line)| text + line + "\n")
}

/// Writes a text in double quotes (YAML 1.2, section 7.3.1), with every character escaped that is not printable there.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for one in text.chars() {
        match one {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(one),
            _ if one.is_alphanumeric() => out.push(one),
            _ if u32::from(one) <= 0xffff => drop(write!(out, "\\u{:04x}", u32::from(one))),
            _ => drop(write!(out, "\\U{:08x}", u32::from(one))),
        }
    }
    out + "\""
}

/// Writes a text or a key of the server, in which `${` means nothing.
pub(crate) fn literal(text: &str) -> String {
    string(&text.replace("${", "$${"))
}

/// Writes a JSON value on one line; JSON is YAML.
pub(crate) fn value(json: &Json) -> String {
    write_value(json.value())
}

fn write_value(value: &Value) -> String {
    match value {
        Value::String(text) => literal(text),
        Value::Array(items) => format!("[{}]", items.iter().map(write_value).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| {
                let key = literal(key);
                match KeyForm::of(&key) {
                    KeyForm::Short => format!("{key}: {}", write_value(value)),
                    KeyForm::Long => format!("? {key} : {}", write_value(value)),
                }
            };
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Counts how deep a value is nested; a scalar is not.
pub(super) fn depth(json: &Json) -> usize {
    fn inner(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(inner).max().unwrap_or_default(),
            Value::Object(map) => 1 + map.values().map(inner).max().unwrap_or_default(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }
    inner(json.value())
}
