//! What differs between a saved plan and one made now.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::Document;
use crate::model::{Field, Json};

/// Says what differs between a saved plan and one made now; empty when the saved one still holds. Positions in files,
/// the commit, and clients that no step touches may differ.
pub fn difference(saved: &Document, now: &Document) -> Vec<String> {
    let steps = |document: &Document| -> BTreeMap<String, Value> {
        let steps = document.value().get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
        steps.into_iter().map(|step| (step_key(&step), step)).collect()
    };
    let (old, new) = (steps(saved), steps(now));
    let mut differences = Vec::new();
    for (key, step) in &old {
        match new.get(key) {
            None => differences.push(format!(
                "{key}: the saved plan would {}, and there is nothing to do any more or something else",
                verb(step)
            )),
            Some(other) => differences.extend(step_difference(key, step, other)),
        }
    }
    differences.extend(
        new.iter()
            .filter(|(key, _)| !old.contains_key(*key))
            .map(|(key, step)| format!("{key}: it now has to {}, which the saved plan does not", verb(step))),
    );
    for part in ["prune", "blocked", "guard"] {
        let comparable = |document: &Document| document.value().get(part).map(without_positions).map(Json::from);
        if comparable(saved) != comparable(now) {
            differences.push(format!("`{part}` differs"));
        }
    }
    differences
}

fn verb(step: &Value) -> String {
    step.get("action").and_then(Value::as_str).unwrap_or("do something to").to_owned() + " it"
}

fn step_key(step: &Value) -> String {
    let text = |name: &str| step.get(name).and_then(Value::as_str).map(str::to_owned);
    text("client").or_else(|| text("id")).unwrap_or_else(|| step.get("scope").unwrap_or(&Value::Null).to_string())
}

fn step_difference(key: &str, old: &Value, new: &Value) -> Vec<String> {
    if Json::from(without_positions(old)) == Json::from(without_positions(new)) {
        return Vec::new();
    }
    let part = |step: &Value, pointer: &str| step.pointer(pointer).cloned().map(Json::from);
    let mut differences = Vec::new();
    for name in ["action", "scope", "id"] {
        let pointer = format!("/{name}");
        if part(old, &pointer) != part(new, &pointer) {
            differences.push(format!("{key}: `{name}` differs"));
        }
    }
    for (side, what) in [("before", "the live"), ("after", "the desired")] {
        for field in Field::ALL {
            let pointer = format!("/{side}/{}", field.name());
            let (was, is) = (part(old, &pointer), part(new, &pointer));
            if was != is {
                let keys = differing_keys(was.as_ref(), is.as_ref());
                differences.push(format!("{key}: {what} `{field}`{keys} is not what it was when the plan was saved"));
            }
        }
    }
    if differences.is_empty() {
        differences.push(format!("{key}: the live client is not what it was when the plan was saved"));
    }
    differences
}

fn differing_keys(was: Option<&Json>, is: Option<&Json>) -> String {
    let (Some(was), Some(is)) =
        (was.and_then(|one| one.value().as_object()), is.and_then(|one| one.value().as_object()))
    else {
        return String::new();
    };
    let differs = |key: &&String| was.get(*key).cloned().map(Json::from) != is.get(*key).cloned().map(Json::from);
    let mut keys: Vec<String> =
        was.keys().chain(is.keys()).filter(differs).map(|key| format!("`{}`", key.escape_debug())).collect();
    keys.sort();
    keys.dedup();
    format!(" at {}", keys.join(", "))
}

/// Drops what may differ without meaning anything: where definitions stand.
fn without_positions(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| !matches!(key.as_str(), "source" | "number" | "after_steps" | "steps"))
                .map(|(key, value)| {
                    (
                        key.clone(),
                        if key == "before" || key == "after" { value.clone() } else { without_positions(value) },
                    )
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_positions).collect()),
        scalar => scalar.clone(),
    }
}
