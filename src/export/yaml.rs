//! Writes YAML that reads back as exactly what was meant: every text in double quotes, every value in JSON's form.

use std::fmt::Write as _;

use serde_json::Value;

use crate::model::Json;

/// One line of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line(String);

impl Line {
    /// Makes `key: value`.
    pub(super) fn pair(depth: usize, key: &str, value: &str) -> Self {
        Self(format!("{:indent$}{key}: {value}", "", indent = depth * 2))
    }

    /// Makes `key:` for lines that are deeper.
    pub(super) fn open(depth: usize, key: &str) -> Self {
        Self(format!("{:indent$}{key}:", "", indent = depth * 2))
    }
}

/// Joins lines to a document.
pub(super) fn document(lines: &[Line]) -> String {
    lines.iter().fold(String::new(), |text, Line(line)| text + line + "\n")
}

/// Writes a text in double quotes (YAML 1.2, section 7.3.1), with every character escaped that is not printable there.
pub(super) fn string(text: &str) -> String {
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

/// Writes a text of the server, in which `${` means nothing.
pub(super) fn literal(text: &str) -> String {
    string(&text.replace("${", "$${"))
}

/// Writes a JSON value on one line; JSON is YAML.
pub(super) fn value(json: &Json) -> String {
    write_value(json.value())
}

fn write_value(value: &Value) -> String {
    match value {
        Value::String(text) => literal(text),
        Value::Array(items) => format!("[{}]", items.iter().map(write_value).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<_> =
                map.iter().map(|(key, value)| format!("{}: {}", literal(key), write_value(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
