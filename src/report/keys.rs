//! The keys of policies and settings as a table.

use std::io;

use super::table::{Column, table};
use crate::document::{KeyTypeV1, KeyV1, KeysV1};
use crate::text::{bounded, visible};

/// Writes a line for each key, below its field.
pub(crate) fn text(out: &mut impl io::Write, document: &KeysV1) -> io::Result<()> {
    let KeysV1 { format_version: _, target: _, keys } = document;
    if keys.is_empty() {
        return writeln!(out, "No keys.");
    }
    let rows: Vec<[String; 4]> = keys.iter().map(cells).collect();
    let lines = table(&rows, [Column::Padded, Column::Padded, Column::Padded, Column::Last]);
    let mut field = "";
    for (key, line) in keys.iter().zip(&lines) {
        if key.field != field {
            field = &key.field;
            writeln!(out, "{}", visible(field))?;
        }
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn cells(key: &KeyV1) -> [String; 4] {
    let KeyV1 {
        field: _,
        key,
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
    [visible(key).into_owned(), types.join("|"), format!("{definitions}{live}"), shown]
}
