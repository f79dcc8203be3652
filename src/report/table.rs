//! Columns of text.

use unicode_width::UnicodeWidthStr as _;

/// The widest that a column is made; a longer cell pushes the rest of its line.
const WIDEST: usize = 60;

/// How a column is filled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// To the width of its widest cell.
    Padded,
    /// Not at all: nothing comes behind it.
    Last,
}

/// Puts rows of cells into lines, with nothing at their ends.
pub(super) fn table<R: AsRef<[String]>>(rows: &[R], columns: impl AsRef<[Column]>) -> Vec<String> {
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row.as_ref()[column].width()).filter(|width| *width <= WIDEST);
        widths.max().unwrap_or_default()
    };
    let widths: Vec<usize> =
        columns.as_ref().iter().enumerate().map(|(at, one)| if *one == Column::Last { 0 } else { width(at) }).collect();
    let line = |row: &R| {
        let cells = row.as_ref().iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))));
        cells.collect::<Vec<_>>().join("   ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
