//! A table in columns that fit a width.

use super::markdown::{Look, Phrase};
use super::paint::{Sheet, wrap};

/// What stands between two columns.
const GAP: usize = 2;
/// No column becomes narrower.
const NARROWEST: usize = 8;

/// Writes the rows of a table in columns, the first row as its head. Where cells of several columns have several lines,
/// rows are set apart.
pub(super) fn lines(rows: &[Vec<Vec<Phrase>>], sheet: Sheet) -> Vec<String> {
    let widths = widths(rows, sheet.width);
    // Where there are two columns, the first says where a row begins.
    let columns = widths.len();
    let rows: Vec<Vec<String>> = rows.iter().enumerate().map(|(index, row)| one(index, row, &widths, sheet)).collect();
    let apart = columns > 2 && rows.iter().skip(1).any(|row| row.len() > 1);
    let mut lines = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        if apart && index > 0 {
            lines.push(String::new());
        }
        lines.extend(row);
    }
    lines
}

/// Gives the lines of a row.
fn one(index: usize, row: &[Vec<Phrase>], widths: &[usize], sheet: Sheet) -> Vec<String> {
    let cell = |(cell, width): (&Vec<Phrase>, &usize)| match index {
        0 => wrap(&strong(cell), *width, sheet.ink),
        _ => wrap(cell, *width, sheet.ink),
    };
    let cells: Vec<_> = row.iter().zip(widths).map(cell).collect();
    let tall = cells.iter().map(Vec::len).max().unwrap_or_default();
    let line = |number: usize| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let (text, taken) = cell.get(number).map_or(("", 0), |(text, taken)| (text.as_str(), *taken));
            line.push_str(text);
            line.extend(std::iter::repeat_n(' ', (width + GAP).saturating_sub(taken)));
        }
        line.trim_end().to_owned()
    };
    (0..tall).map(line).collect()
}

fn strong(cell: &[Phrase]) -> Vec<Phrase> {
    cell.iter().map(|span| Phrase { text: span.text.clone(), look: Look::Strong }).collect()
}

/// Gives each column what it needs, and takes from the widest while all together are too wide.
fn widths(rows: &[Vec<Vec<Phrase>>], most: usize) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let need = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| wrap(cell, usize::MAX, super::Ink::Plain)[0].1).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..columns).map(need).collect();
    while widths.iter().sum::<usize>() + GAP * columns.saturating_sub(1) > most {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    widths
}
