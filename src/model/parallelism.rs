//! How many requests are in flight.

use std::fmt;
use std::str::FromStr;

/// How many requests are in flight at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Parallelism {
    /// As many as the server answers without becoming slower: from 8 up to 64.
    #[default]
    Auto,
    /// This many.
    Fixed(u16),
}

impl Parallelism {
    /// The word for [`Auto`](Self::Auto).
    pub(crate) const AUTO: &'static str = "auto";
    /// The most that a person may ask for.
    pub(crate) const MOST: u16 = 1024;

    /// Gives how many may be in flight before anything is known of the server.
    pub(crate) fn first(self) -> usize {
        match self {
            Self::Auto => 8,
            Self::Fixed(number) => usize::from(number.max(1)),
        }
    }

    /// Gives how many may ever be in flight.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::Auto => 64,
            Self::Fixed(_) => self.first(),
        }
    }
}

impl FromStr for Parallelism {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = || text.parse().ok().filter(|number| (1..=Self::MOST).contains(number)).map(Self::Fixed);
        let parsed = if text == Self::AUTO { Some(Self::Auto) } else { number() };
        parsed.ok_or_else(|| format!("it is neither `{}` nor a number from 1 to {}", Self::AUTO, Self::MOST))
    }
}

impl fmt::Display for Parallelism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(Self::AUTO),
            Self::Fixed(number) => number.fmt(f),
        }
    }
}
