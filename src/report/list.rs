//! The definitions as a table.

use std::io;

use super::table::{Column, table};
use crate::document::{DefinitionV1, DefinitionsV1, PositionV1, StateV1};
use crate::text::visible;

/// Writes a line for each definition: its name, its scope, where it stands, its profiles.
pub(crate) fn text(out: &mut impl io::Write, document: &DefinitionsV1, width: Option<usize>) -> io::Result<()> {
    let DefinitionsV1 { format_version: _, target: _, definitions } = document;
    if definitions.is_empty() {
        return writeln!(out, "No definitions.");
    }
    let rows: Vec<[String; 4]> = definitions.iter().map(cells).collect();
    table(&rows, [Column::Padded, Column::Kept, Column::Padded, Column::Last], width)
        .iter()
        .try_for_each(|line| writeln!(out, "{line}"))
}

fn cells(definition: &DefinitionV1) -> [String; 4] {
    let DefinitionV1 { name, scope, state, id: _, profiles, source: PositionV1 { file, line, column: _ } } = definition;
    let state = match state {
        StateV1::Present => None,
        StateV1::Absent => Some("absent".to_owned()),
    };
    let profiles = (!profiles.is_empty()).then(|| visible(&profiles.join(", ")).into_owned());
    let rest: Vec<String> = state.into_iter().chain(profiles).collect();
    [name.to_string(), visible(&scope.to_string()).into_owned(), format!("{}:{line}", visible(file)), rest.join(" · ")]
}
