//! How live and git stand to each other.

use std::str::FromStr;
use std::sync::Arc;

use crate::model::{Exception, Field};
use crate::plan::{FieldChange, Side};
use crate::text::quote;

/// One difference and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The difference.
    pub change: FieldChange,
    /// Who made it: drifted, pending, conflict; missing or not compared with its client.
    pub state: State,
    /// In a conflict: what git said before both sides changed, if that is known.
    pub base: Option<Side>,
    /// What leaves it alone, if it is excepted.
    pub exception: Option<Arc<Exception>>,
}

impl Difference {
    pub(super) fn new(change: FieldChange, state: State) -> Self {
        Self { change, state, base: None, exception: None }
    }

    /// Gives its place among others.
    pub(super) fn place(&self) -> (Field, Option<&str>) {
        (self.change.field, self.change.key.as_deref())
    }
}

/// How live and git stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// They agree.
    InSync,
    /// Live differs and git did not change.
    Drifted,
    /// Git changed and live is as it said before.
    Pending,
    /// Both changed.
    Conflict,
    /// Git defines the client and the server does not have it.
    Missing,
    /// They differ in nothing but what an exception of the configuration leaves alone.
    Excepted,
    /// The server does not show what git sets.
    NotCompared,
    /// Nobody can tell which live client is meant, or it cannot be read.
    Blocked,
}

impl State {
    /// All states in the order in which they are shown.
    pub(crate) const ALL: [Self; 8] = [
        Self::InSync,
        Self::Drifted,
        Self::Pending,
        Self::Conflict,
        Self::Missing,
        Self::Excepted,
        Self::NotCompared,
        Self::Blocked,
    ];

    /// Tells whether live is as it shall be for now.
    pub(crate) fn is_settled(self) -> bool {
        matches!(self, Self::InSync | Self::Excepted)
    }

    /// Gives the word of the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::Drifted => "drifted",
            Self::Pending => "pending",
            Self::Conflict => "conflict",
            Self::Missing => "missing",
            Self::Excepted => "excepted",
            Self::NotCompared => "not_compared",
            Self::Blocked => "blocked",
        }
    }

    /// Puts two findings about one client together: what one side changed and what the other side changed is a conflict.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::InSync, state) | (state, Self::InSync) => state,
            (left, right) if left == right => left,
            _ => Self::Conflict,
        }
    }
}

/// What `--ignore` leaves out of the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ignored {
    /// Clients in this state.
    State(State),
    /// Live clients that git does not define.
    Unmanaged,
}

impl Ignored {
    /// Gives each with its word.
    pub(crate) fn known() -> Vec<(&'static str, Self)> {
        let states = State::ALL.into_iter().filter(|state| !state.is_settled());
        states.map(|state| (state.name(), Self::State(state))).chain([("unmanaged", Self::Unmanaged)]).collect()
    }
}

impl FromStr for Ignored {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::known();
        let wanted = text.replace('-', "_");
        let found = known.iter().find(|(name, _)| *name == wanted).map(|(_, ignored)| *ignored);
        found.ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            format!("{} is not one of {}", quote(text), names.join(", "))
        })
    }
}
