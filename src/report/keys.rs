//! The keys of policies and settings as a table.

use std::io;

use super::table::{Column, table};
use crate::document::{KeyTypeV1, KeyV1, KeysV1};
use crate::text::{bounded, told_apart, visible};

/// Writes a line for each key, below its field.
pub(crate) fn text(out: &mut impl io::Write, document: &KeysV1, width: Option<usize>) -> io::Result<()> {
    let KeysV1 { format_version: _, target: _, keys } = document;
    if keys.is_empty() {
        return writeln!(out, "No keys.");
    }
    // All fields have the same columns, and a key of one never stands for one of another.
    let fields: Vec<&[KeyV1]> = keys.chunk_by(|one, next| one.field == next.field).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for field in &fields {
        let names: Vec<&str> = field.iter().map(|key| &*key.key).collect();
        rows.push(vec![visible(&field[0].field).into_owned(), String::new(), String::new(), String::new()]);
        rows.extend(field.iter().zip(told_apart(&names)).map(|(key, name)| cells(key, &name)));
    }
    let columns = [Column::Padded, Column::Padded, Column::Padded, Column::Last];
    table(&rows, columns, width).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn cells(key: &KeyV1, name: &str) -> Vec<String> {
    let KeyV1 {
        field: _,
        key: _,
        types,
        definitions,
        live,
        examples,
        sensitive,
        catalogued: _,
        description: _,
        deprecated,
    } = key;
    let types: Vec<&str> = types.iter().map(|KeyTypeV1 { name, definitions: _, live: _ }| &**name).collect();
    let definitions = if *definitions == 1 { "1 definition".to_owned() } else { format!("{definitions} definitions") };
    let live = live.map(|live| format!(", {live} live")).unwrap_or_default();
    let examples: Vec<String> = examples.iter().map(|one| bounded(&one.canonical(), 80).into_owned()).collect();
    let mut shown = if *sensitive { "(sensitive)".to_owned() } else { examples.join(", ") };
    if *deprecated {
        shown.push_str(" · deprecated");
    }
    vec![format!("  {}", visible(name)), types.join("|"), format!("{definitions}{live}"), shown]
}
