//! Renders plans, outcomes, drift and reviews into a writer: one view of what there is to say, one file per format.

mod escape;
mod group;
pub mod json;
pub mod text;
mod value;
mod view;

#[cfg(test)]
mod fixture;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether it is coloured.
    pub colour: Colour,
    /// How much of it.
    pub detail: Detail,
}

/// Whether text is coloured; the caller knows the stream and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It is not: no escape sequence is written.
    Never,
    /// With ANSI escape sequences.
    Ansi,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Identical edits together.
    Grouped,
    /// Each client by itself: `--full`.
    Full,
}
