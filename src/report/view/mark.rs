//! The words and symbols of reports.

use crate::plan::Action;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportKind {
    /// What would be done.
    Plan,
    /// What was done.
    Apply,
    Drift,
    /// What changes between two revisions.
    Diff,
    /// What is wrong with files.
    Validate,
    Failure,
}

impl ReportKind {
    /// Gives the word of the command line.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Drift => "drift",
            Self::Diff => "diff",
            Self::Validate => "validate",
            Self::Failure => "failure",
        }
    }

    /// Names what goes, and what goes and comes elsewhere, one of each.
    pub(crate) fn destroyed(self) -> (&'static str, &'static str) {
        match self {
            Self::Plan | Self::Apply | Self::Drift | Self::Validate | Self::Failure => ("delete", "replace"),
            Self::Diff => ("removed definition", "move"),
        }
    }

    /// Names what identical entries share.
    pub(crate) fn shared(self) -> &'static str {
        match self {
            Self::Plan | Self::Diff => "change",
            Self::Apply => "outcome",
            Self::Drift => "difference",
            Self::Validate | Self::Failure => "mistake",
        }
    }
}

/// How grave an entry is, for formats that count failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// All is well.
    Fine,
    /// Something is to be done, as it should be.
    Note,
    /// Somebody should look at it.
    Warning,
    /// It is not as it should be.
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Add,
    Change,
    /// Something goes and comes elsewhere.
    Replace,
    Delete,
    /// Something is not there and should be.
    Missing,
    /// Nothing is to be done.
    Steady,
    /// Nothing can be done, or it failed.
    Blocked,
    /// Nobody can tell.
    Unknown,
    /// Something to know.
    Notice,
}

impl Mark {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => Action::Add.symbol(),
            Self::Change => Action::Change.symbol(),
            Self::Replace => Action::Replace.symbol(),
            Self::Delete => Action::Delete.symbol(),
            Self::Missing => "∅",
            Self::Steady => "=",
            Self::Blocked => "!",
            Self::Unknown => "?",
            Self::Notice => "*",
        }
    }

    /// Gives how grave such an entry is unless more is known.
    pub(super) fn level(self) -> Level {
        match self {
            Self::Steady => Level::Fine,
            Self::Add | Self::Change => Level::Note,
            Self::Replace | Self::Delete | Self::Missing | Self::Unknown | Self::Notice => Level::Warning,
            Self::Blocked => Level::Error,
        }
    }

    /// Gives the word above several of them.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Delete => "DELETES",
            Self::Replace => "REPLACES",
            Self::Change => "CHANGES",
            Self::Add => "ADDS",
            Self::Missing => "MISSING",
            Self::Blocked => "BLOCKED",
            Self::Unknown => "UNKNOWN",
            Self::Steady | Self::Notice => "BESIDES",
        }
    }

    /// Gives the place of what is planned: what destroys is read first, and what is new last.
    pub(crate) fn urgency(self) -> u8 {
        match self {
            Self::Delete | Self::Missing => 0,
            Self::Replace => 1,
            Self::Blocked | Self::Unknown => 2,
            Self::Change => 3,
            Self::Add => 4,
            Self::Steady | Self::Notice => 5,
        }
    }

    /// Tells whether each such entry is shown by itself: what is destroyed is never summed up.
    pub(crate) fn is_destructive(self) -> bool {
        matches!(self, Self::Delete | Self::Replace)
    }
}

/// What an entry is to the eye: the action where something is planned, the outcome where it was tried, the state where
/// two sides are compared. No two that mean different things look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hue {
    Mark(Mark),
    /// Deleted and not added again: the client is missing now.
    Lost,
    /// Nobody can tell whether it was done.
    Doubtful,
    Failed,
    /// Not begun, as the live client is not as it was.
    Stale,
    /// Not begun.
    Skipped,
    /// Not begun, as nobody wants it done now.
    Withheld,
    Applied,
    /// Live changed and git did not.
    Drifted,
    /// Git changed and live did not.
    Pending,
    /// Both changed.
    Conflict,
    /// Live differs, and is left alone for a while.
    Excepted,
}

/// A colour of a page. Each is chosen for light and for dark in the style of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageColour {
    Green,
    Yellow,
    Violet,
    Red,
    Crimson,
    Blue,
    Brown,
    Orange,
    Grey,
}

impl PageColour {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 9] = [
        Self::Green,
        Self::Yellow,
        Self::Violet,
        Self::Red,
        Self::Crimson,
        Self::Blue,
        Self::Brown,
        Self::Orange,
        Self::Grey,
    ];

    /// Names its class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Violet => "violet",
            Self::Red => "red",
            Self::Crimson => "crimson",
            Self::Blue => "blue",
            Self::Brown => "brown",
            Self::Orange => "orange",
            Self::Grey => "grey",
        }
    }
}

/// How strongly a row of a page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowWeight {
    /// It stands on a ground of its colour: something goes, or has gone wrong.
    Tinted,
    Plain,
    /// It is as it should be and nobody has to read it.
    Faint,
}

impl Hue {
    /// Names it where nothing else does.
    pub(crate) fn name(self) -> &'static str {
        self.look().0
    }

    /// Gives its colour in pages.
    pub(crate) fn colour(self) -> PageColour {
        self.look().1
    }

    /// Gives how strongly its rows speak in pages.
    pub(crate) fn weight(self) -> RowWeight {
        self.look().2
    }

    /// Holds everything that pages know of it: a new outcome or state has one row here.
    fn look(self) -> (&'static str, PageColour, RowWeight) {
        use PageColour::{Blue, Brown, Crimson, Green, Grey, Orange, Red, Violet, Yellow};
        use RowWeight::{Faint, Plain, Tinted};
        match self {
            Self::Mark(Mark::Add) => ("add", Green, Plain),
            Self::Mark(Mark::Change) => ("change", Yellow, Plain),
            Self::Mark(Mark::Replace) => ("replace", Violet, Tinted),
            Self::Mark(Mark::Delete) => ("delete", Red, Tinted),
            Self::Mark(Mark::Missing) => ("missing", Crimson, Tinted),
            Self::Mark(Mark::Steady) => ("steady", Grey, Faint),
            Self::Mark(Mark::Blocked) => ("blocked", Orange, Plain),
            Self::Mark(Mark::Unknown) => ("unknown", Grey, Plain),
            Self::Mark(Mark::Notice) => ("notice", Grey, Plain),
            Self::Lost => ("lost", Crimson, Tinted),
            Self::Doubtful => ("doubtful", Violet, Tinted),
            Self::Failed => ("failed", Red, Tinted),
            Self::Stale => ("stale", Yellow, Plain),
            Self::Skipped => ("skipped", Brown, Plain),
            Self::Withheld => ("withheld", Blue, Plain),
            Self::Applied => ("applied", Grey, Faint),
            Self::Drifted => ("drifted", Yellow, Plain),
            Self::Pending => ("pending", Blue, Plain),
            Self::Conflict => ("conflict", Violet, Tinted),
            Self::Excepted => ("excepted", Brown, Faint),
        }
    }
}

impl From<Action> for Mark {
    fn from(action: Action) -> Self {
        match action {
            Action::Add => Self::Add,
            Action::Change => Self::Change,
            Action::Replace => Self::Replace,
            Action::Delete => Self::Delete,
        }
    }
}
