//! Columns of text.

use std::collections::{BTreeSet, HashMap, HashSet};

use unicode_width::UnicodeWidthStr as _;

use crate::text::{columns, cut_middle, shared_room, wrapped};

/// The widest that a column is made; a longer cell pushes the rest of its line.
const WIDEST: usize = 60;
/// What stands between two columns.
const GAP: usize = 3;
/// The least that a column is cut to.
const LEAST: usize = 12;
/// The most that a column without an end is given while others are cut for it.
const LAST: usize = 16;

/// How a column is filled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// To the width of its widest cell.
    Padded,
    /// The same, and never cut: a number or a scope.
    Kept,
    /// Not at all: nothing comes behind it.
    Last,
}

/// Puts rows of cells into lines, with nothing at their ends. Where lines have so many columns, cells are cut in the middle, and
/// what stands last goes on below itself. Where two cells of a column would be cut to the same text, each stands whole on a line
/// of its own: above the row if it is the first, which names the row, else below.
pub(super) fn table<R: AsRef<[String]>>(rows: &[R], kinds: impl AsRef<[Column]>, most: Option<usize>) -> Vec<String> {
    let kinds = kinds.as_ref();
    let widest = |column: usize| rows.iter().map(|row| row.as_ref()[column].width()).max().unwrap_or_default();
    let fitting = |column: usize| {
        let widths = rows.iter().map(|row| row.as_ref()[column].width());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or_default()
    };
    let padded = |at: usize| if most.is_some() { widest(at) } else { fitting(at) };
    let mut widths: Vec<usize> =
        kinds.iter().enumerate().map(|(at, one)| if *one == Column::Last { 0 } else { padded(at) }).collect();
    if let Some(most) = most {
        let last = kinds.iter().position(|one| *one == Column::Last).map_or(0, |at| widest(at).min(LAST));
        let gaps = GAP * (kinds.len() - 1);
        let narrowest = |(kind, width): (&Column, &usize)| if *kind == Column::Kept { *width } else { LEAST };
        let narrowest: Vec<usize> = kinds.iter().zip(&widths).map(narrowest).collect();
        widths = shared_room(&widths, &narrowest, most.saturating_sub(gaps + last));
    }
    let Some(most) = most else {
        return rows.iter().flat_map(|row| lines(row.as_ref(), kinds, &widths, None)).collect();
    };
    let alike: Vec<HashSet<&str>> = (0..kinds.len())
        .map(|at| if kinds[at] == Column::Last { HashSet::new() } else { cut_alike(rows, at, widths[at]) })
        .collect();
    let line = |row: &R| {
        let row = row.as_ref();
        let is_alike = |at: &usize| alike[*at].contains(row[*at].as_str());
        let indent = row[0].len() - row[0].trim_start().len();
        let above = if is_alike(&0) { wrapped(&row[0], most, indent) } else { Vec::new() };
        let below = (1..row.len()).filter(is_alike).flat_map(|at| {
            let start = widths[..at].iter().map(|width| width + GAP).sum();
            wrapped(&format!("{}{}", " ".repeat(start), row[at]), most, start)
        });
        let first = if above.is_empty() { row[0].clone() } else { String::new() };
        let rest: Vec<String> = std::iter::once(first).chain(row[1..].iter().cloned()).collect();
        above.into_iter().chain(lines(&rest, kinds, &widths, Some(most))).chain(below).collect::<Vec<_>>()
    };
    rows.iter().flat_map(line).collect()
}

/// Finds the cells of a column that would be cut to the same text as another one.
fn cut_alike<R: AsRef<[String]>>(rows: &[R], column: usize, width: usize) -> HashSet<&str> {
    let mut by_cut: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for cell in rows.iter().map(|row| row.as_ref()[column].as_str()) {
        by_cut.entry(cut_middle(cell, width).into_owned()).or_default().insert(cell);
    }
    by_cut.into_values().filter(|cells| cells.len() > 1).flatten().collect()
}

fn lines(row: &[String], kinds: &[Column], widths: &[usize], most: Option<usize>) -> Vec<String> {
    let cells = row.iter().zip(kinds).zip(widths).map(|((cell, kind), width)| match (kind, most) {
        (Column::Padded | Column::Kept, Some(_)) => {
            let cell = cut_middle(cell, *width);
            format!("{cell}{}", " ".repeat(width.saturating_sub(columns(&cell))))
        }
        _ => format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))),
    });
    let line = cells.collect::<Vec<_>>().join(&" ".repeat(GAP));
    let start: usize = widths.iter().sum::<usize>() + GAP * (widths.len() - 1);
    match most {
        Some(most) => wrapped(line.trim_end(), most, start),
        None => vec![line.trim_end().to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(most: Option<usize>) -> String {
        let rows = [
            ["sunshine-reception-front-desk", "417/1/01234567120", "clients/sunshine.yaml:3", "base, reception, night"],
            ["desk", "417/1/all", "clients/a.yaml:12", ""],
        ];
        let rows: Vec<[String; 4]> = rows.map(|row| row.map(str::to_owned)).to_vec();
        let columns = [Column::Padded, Column::Kept, Column::Padded, Column::Last];
        table(&rows, columns, most).join("\n")
    }

    #[test]
    fn cells_are_cut_and_the_last_goes_on_below_where_there_is_no_room() {
        insta::assert_snapshot!(shown(None), @r"
        sunshine-reception-front-desk   417/1/01234567120   clients/sunshine.yaml:3   base, reception, night
        desk                            417/1/all           clients/a.yaml:12
        ");
        insta::assert_snapshot!(shown(Some(80)), @r"
        sunshine-…ront-desk   417/1/01234567120   clients/s…ne.yaml:3   base, reception,
                                                night
        desk                  417/1/all           clients/a.yaml:12
        ");
        insta::assert_snapshot!(shown(Some(60)), @r"
        sunshi…-desk   417/1/01234567120   client…aml:3   base,
                                      reception, night
        desk           417/1/all           client…ml:12
        ");
    }

    #[test]
    fn cells_that_would_be_cut_to_the_same_text_stand_whole() {
        let row = |(name, file): (&str, &str)| {
            [format!("  {name}"), "417/1/all".to_owned(), format!("clients/{file}.yaml:3"), "base".to_owned()]
        };
        let rows = [
            ("reception-of-the-north-tower-desk-1", "north-tower-desks"),
            ("reception-of-the-south-tower-desk-1", "south-tower-desks"),
            ("desk", "desk"),
        ];
        let columns = [Column::Padded, Column::Kept, Column::Padded, Column::Last];
        insta::assert_snapshot!(table(&rows.map(row), columns, Some(60)).join("\n"), @"
        reception-of-the-north-tower-desk-1
                            417/1/all   clients/n…ks.yaml:3   base
        reception-of-the-south-tower-desk-1
                            417/1/all   clients/s…ks.yaml:3   base
        desk                417/1/all   clients/desk.yaml:3   base
        ");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide(
            rows in prop::collection::vec(prop::array::uniform4("[a-z 北\u{301}ש-]{0,70}"), 1..5), most in 40_usize..200
        ) {
            let columns = [Column::Padded, Column::Kept, Column::Padded, Column::Last];
            let lines = table(&rows, columns, Some(most));
            prop_assert!(lines.iter().all(|line| crate::text::columns(line) <= most), "{lines:#?}");
        }
    }
}
