//! The differences of one client: each side in a column of its own.

use maud::{Markup, html};

use super::super::value::{Piece, Rendered, Role, render, symbol};
use super::super::view::{DifferenceSides, ShownDifference};
use super::super::{plain, value};
use super::prose::directed;
use crate::text::{bounded, is_right_to_left};

/// Writes differences as a table. `own` tells which of them differ from client to client of a group.
pub(super) fn table(changes: &[ShownDifference<'_>], own: &[bool]) -> Markup {
    let shown: Vec<(&ShownDifference<'_>, Cells)> = changes.iter().map(|change| (change, cells(change))).collect();
    let width = shown.iter().map(|(_, cells)| cells.width()).max().unwrap_or(1);
    html! {
        @if !shown.is_empty() {
            table.changes {
                @for (place, (change, cells)) in shown.iter().enumerate() {
                    tr.own[own.get(place).copied().unwrap_or_default()] {
                        td.sign { (symbol(change)) }
                        th scope="row" {
                            (bounded(change.field, 60))
                            @if let Some(key) = change.shown_key() { " " code { (directed(&key)) } }
                        }
                        (sides(cells, width))
                        td.at { (plain::remarks(change, change.at).join(", ")) }
                    }
                }
            }
        }
    }
}

fn sides(cells: &Cells, width: usize) -> Markup {
    html! {
        @match cells {
            Cells::Sides(sides) => {
                @for (place, side) in sides.iter().enumerate() {
                    @let last = place + 1 == sides.len();
                    @let span = if last { width + 1 - sides.len() } else { 1 };
                    td.value colspan=[(span > 1).then_some(span)] { code { (pieces(side)) } }
                }
            }
            Cells::Lines(rows) => {
                td.value colspan=[(width > 1).then_some(width)] {
                    pre { @for row in rows { span.line { (row.sign) " " (pieces(&row.pieces)) "\n" } } }
                }
            }
        }
    }
}

/// What stands between the field and the place where it was written.
#[derive(Debug, PartialEq, Eq)]
enum Cells {
    /// Each side by itself.
    Sides(Vec<Vec<Piece>>),
    /// Line by line over the whole width.
    Lines(Vec<super::super::value::ValueLine>),
}

impl Cells {
    fn width(&self) -> usize {
        match self {
            Self::Sides(sides) => sides.len(),
            Self::Lines(_) => 1,
        }
    }
}

/// Puts each side in a column. A page has room for what a line of a terminal has not, so two rows of one line each are
/// two sides too.
fn cells(change: &ShownDifference<'_>) -> Cells {
    let two_sided = change.sides == DifferenceSides::Change;
    match render(change) {
        Rendered::Line(pieces) => Cells::Sides(match change.sides {
            DifferenceSides::Change => before_and_after(pieces),
            DifferenceSides::LiveAndGit { .. } => titled(&pieces),
            DifferenceSides::Content => vec![pieces],
        }),
        Rendered::Block(rows) => match &rows[..] {
            [old, new] if two_sided && (old.sign, new.sign) == ('-', '+') => {
                Cells::Sides(vec![old.pieces.clone(), arrow(new.pieces.clone())])
            }
            rows if !two_sided && rows.iter().all(|row| row.sign == ' ' && row.pieces.len() == 2) => {
                Cells::Sides(rows.iter().map(|row| row.pieces.clone()).collect())
            }
            _ => Cells::Lines(rows),
        },
    }
}

/// Takes `before → after` apart; one that only comes or goes has its own column empty.
fn before_and_after(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for piece in pieces {
        match piece.role {
            Role::Old | Role::OldPart => before.push(piece),
            Role::New | Role::NewPart => after.push(piece),
            Role::Plain => {}
        }
    }
    vec![before, if after.is_empty() { after } else { arrow(after) }]
}

fn arrow(pieces: Vec<Piece>) -> Vec<Piece> {
    std::iter::once(Piece { role: Role::Plain, text: "→ ".to_owned() }).chain(pieces).collect()
}

/// Takes `git: X · live: Y` apart: a title, a value, and what stands between two sides.
fn titled(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    pieces.chunks(3).map(|side| side.iter().take(2).cloned().collect()).collect()
}

/// Writes a row, each side of it an element of its own where it is read from right to left.
fn pieces(pieces: &[Piece]) -> Markup {
    html! {
        @for side in value::sides(pieces) {
            @if side.iter().any(|piece| is_right_to_left(&piece.text)) { bdi { (one_side(side)) } } @else { (one_side(side)) }
        }
    }
}

fn one_side(pieces: &[Piece]) -> Markup {
    html! {
        @for Piece { role, text } in pieces {
            @match role {
                Role::Plain => (text),
                Role::Old => span.old { (text) },
                Role::New => span.new { (text) },
                Role::OldPart => del { (text) },
                Role::NewPart => ins { (text) },
            }
        }
    }
}
