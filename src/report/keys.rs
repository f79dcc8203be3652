//! The keys of policies and settings as a table.

use std::io;

use unicode_width::UnicodeWidthStr as _;

use crate::document::{KeyTypeV1, KeyV1, KeysV1};
use crate::text::{bounded, visible};

/// The widest column of keys; a longer key pushes the rest of its line.
const WIDEST: usize = 60;

/// Writes a line for each key, below its field.
pub(crate) fn text(out: &mut impl io::Write, document: &KeysV1) -> io::Result<()> {
    let KeysV1 { format_version: _, target: _, keys } = document;
    if keys.is_empty() {
        return writeln!(out, "No keys.");
    }
    let rows: Vec<[String; 4]> = keys.iter().map(cells).collect();
    let width = |column: usize, most: usize| {
        let widths = rows.iter().map(|row| row[column].width()).filter(|width| *width <= most);
        widths.max().unwrap_or_default()
    };
    let widths = [width(0, WIDEST), width(1, WIDEST), width(2, WIDEST)];
    let mut field = "";
    for (key, row) in keys.iter().zip(&rows) {
        if key.field != field {
            field = &key.field;
            writeln!(out, "{}", visible(field))?;
        }
        let padded = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))));
        let line = format!("  {}   {}", padded.collect::<Vec<_>>().join("   "), row[3]);
        writeln!(out, "{}", line.trim_end())?;
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
