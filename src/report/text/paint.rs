//! Colour, only when it is asked for.

use anstyle::{AnsiColor, Style};

use super::super::Colour;
use super::super::value::{Piece, Role, sides};
use super::super::view::{Hue, Mark};
use crate::text::isolated;

/// Paints text, or leaves it.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Painter(pub(in crate::report) Colour);

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Tone {
    /// Nothing particular.
    Plain,
    /// What the eye shall find first.
    Strong,
    /// What the eye may skip.
    Faint,
    /// What comes.
    Good,
    /// What changes.
    Changed,
    /// What goes and comes elsewhere.
    Moved,
    /// What goes or is wrong.
    Bad,
    /// What is gone and should be there.
    Alarm,
    /// What the next apply does.
    Waiting,
    /// The part of a text that goes.
    BadPart,
    /// The part of a text that comes.
    GoodPart,
}

impl Tone {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| colour.on_default();
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Good => colour(AnsiColor::Green),
            Self::Changed => colour(AnsiColor::Yellow),
            Self::Moved => colour(AnsiColor::Magenta),
            Self::Bad => colour(AnsiColor::Red),
            Self::Alarm => colour(AnsiColor::Red).bold(),
            Self::Waiting => colour(AnsiColor::Cyan),
            Self::BadPart => colour(AnsiColor::Red).bold().underline(),
            Self::GoodPart => colour(AnsiColor::Green).bold().underline(),
        }
    }
}

impl From<Role> for Tone {
    fn from(role: Role) -> Self {
        match role {
            Role::Plain => Self::Plain,
            Role::Old => Self::Bad,
            Role::OldPart => Self::BadPart,
            Role::New => Self::Good,
            Role::NewPart => Self::GoodPart,
        }
    }
}

impl From<Hue> for Tone {
    fn from(hue: Hue) -> Self {
        match hue {
            Hue::Mark(mark) => mark.into(),
            Hue::Lost => Self::Alarm,
            Hue::Failed => Self::Bad,
            Hue::Doubtful | Hue::Conflict => Self::Moved,
            Hue::Stale | Hue::Skipped | Hue::Drifted => Self::Changed,
            Hue::Pending | Hue::Withheld => Self::Waiting,
            Hue::Applied => Self::Faint,
            Hue::Excepted => Self::Plain,
        }
    }
}

impl From<Mark> for Tone {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Add => Self::Good,
            Mark::Change | Mark::Unknown => Self::Changed,
            Mark::Replace => Self::Moved,
            Mark::Delete | Mark::Blocked => Self::Bad,
            Mark::Missing => Self::Alarm,
            Mark::Steady => Self::Faint,
            Mark::Notice => Self::Plain,
        }
    }
}

impl Painter {
    pub(in crate::report) fn text(self, tone: Tone, text: &str) -> String {
        match (self.0, tone) {
            (Colour::Never, _) | (_, Tone::Plain) => text.to_owned(),
            _ if text.is_empty() => String::new(),
            (Colour::Ansi, tone) => {
                let style = tone.style();
                format!("{style}{text}{style:#}")
            }
        }
    }

    /// Paints the two sides of a difference.
    pub(super) fn pieces(self, pieces: &[Piece]) -> String {
        let side = |pieces: &[Piece]| {
            isolated(pieces.iter().map(|piece| self.text(piece.role.into(), &piece.text)).collect::<String>())
        };
        sides(pieces).map(side).collect()
    }
}
