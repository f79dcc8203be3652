//! What stands in a file, said; and what to write where it has another form than its key wants: the same made right, or else a valid
//! example.

use super::keys::{Mapping, WantedShape, keys_named};
use super::yaml::{MapEntry, Node, ScalarForm, ScalarValue};
use crate::text::{bounded, quote};

/// A longer value is not shown again.
const LONGEST: usize = 100;

/// Says what to write for a mapping whose keys are known.
pub(super) fn mapping_help(key: &str, mapping: &'static Mapping) -> String {
    let key = bounded(key, 60);
    match mapping.shown() {
        _ if mapping.may_be_empty() => below(&key) + &format!(", or `{key}: {{}}` for none"),
        Some(example) => format!("write for example `{key}: {example}`"),
        None => below(&key),
    }
}

/// Says what to write for an item of a list that is a mapping whose keys are known.
pub(super) fn item_help(mapping: &'static Mapping) -> Option<String> {
    mapping.shown().map(|example| format!("write for example `{example}`"))
}

/// Says what to write for an entry; `wanted` is what it must be.
pub(super) fn help(entry: &MapEntry<'_>, wanted: &str) -> String {
    let key = bounded(&entry.key, 60);
    let own = match wanted {
        "text" => text_help(entry, &key),
        "a list" => Some(list_help(entry, &key)),
        "a mapping" => Some(any_mapping_help(&key)),
        "a number" => plain_text(&entry.value)
            .filter(|text| text.len() < LONGEST && text.parse::<i64>().is_ok())
            .map(|text| format!("write `{key}: {text}`")),
        "true or false" => Some(format!("write `{key}: true` or `{key}: false`")),
        _ => None,
    };
    own.unwrap_or_else(|| format!("write {wanted} after `{key}:`"))
}

fn below(key: &str) -> String {
    format!("write keys with values below `{key}:`")
}

/// Text that has a form of its own is not made by quotes: a date, a time with its unit, one of a few words.
fn text_help(entry: &MapEntry<'_>, key: &str) -> Option<String> {
    let known = keys_named(key, WantedShape::Text);
    let words: Vec<&str> = known.iter().flat_map(|key| key.form.all_words()).collect();
    if !words.is_empty() && known.iter().all(|key| !key.form.is_any_text()) {
        return Some(format!("write {}", list(&words).replace(" and ", " or ")));
    }
    let is_shaped = known.iter().any(|key| !key.form.is_any_text());
    match known.iter().find_map(|key| key.shown()).filter(|_| is_shaped) {
        Some(example) => Some(format!("write for example `{key}: {example}`")),
        None => quoted(&entry.value).filter(|text| text.len() < LONGEST).map(|text| format!("write `{key}: {text}`")),
    }
}

fn list_help(entry: &MapEntry<'_>, key: &str) -> String {
    let known = keys_named(key, WantedShape::List);
    let takes_text = known.iter().all(|key| key.form.item_takes(WantedShape::Text));
    let scalar = entry.value.scalar().filter(|_| !entry.value.is_null());
    let scalar = scalar.filter(|one| takes_text && !one.text.is_empty() && one.text.len() < LONGEST);
    if let Some(scalar) = scalar {
        // What stands in quotes may need them.
        let is_text = scalar.style == ScalarForm::Plain
            && scalar.value() == ScalarValue::Text
            && scalar.text.starts_with(|one: char| one.is_ascii_alphabetic());
        let is_plain = (is_text || known.iter().any(|key| key.form.item_takes_numbers()))
            && scalar.text.chars().all(|one| one.is_ascii_alphanumeric() || "_-%".contains(one));
        let item = if is_plain { scalar.text.to_string() } else { double_quoted(&scalar.text) };
        return format!("write `{key}: [{item}]`");
    }
    let example = known.iter().find_map(|key| key.shown());
    match example {
        Some(example) => format!("write for example `{key}: {example}`"),
        None => format!("write a list of values between `[` and `]` after `{key}:`"),
    }
}

fn any_mapping_help(key: &str) -> String {
    let known = keys_named(key, WantedShape::Mapping);
    let may_be_empty = known.iter().all(|key| key.form.may_be_empty());
    match known.iter().find_map(|key| key.shown()) {
        _ if may_be_empty => format!("{}, or `{key}: {{}}` for none", below(key)),
        Some(example) => format!("write for example `{key}: {example}`"),
        None => below(key),
    }
}

/// Gives a value that is text.
pub(super) fn plain_text<'n>(node: &'n Node<'n>) -> Option<&'n str> {
    node.scalar().filter(|scalar| scalar.value() == ScalarValue::Text).map(|scalar| &*scalar.text)
}

/// Gives a scalar that is not text as it must be written to be text.
pub(super) fn quoted(node: &Node<'_>) -> Option<String> {
    let scalar = node.scalar().filter(|scalar| !scalar.text.is_empty() && !node.is_null())?;
    Some(double_quoted(&scalar.text))
}

pub(super) fn double_quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

/// Writes names as `a`, `b` and `c`; of many the first, and how many there are.
pub(super) fn list(names: &[&str]) -> String {
    const MOST: usize = 50;
    if let Some((first, rest)) = names.split_at_checked(MOST).filter(|(_, rest)| !rest.is_empty()) {
        let first: Vec<String> = first.iter().map(|name| quote(name)).collect();
        return format!("{} and {} more", first.join(", "), rest.len());
    }
    let quoted: Vec<String> = names.iter().map(|name| quote(name)).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "none".to_owned(),
    }
}
