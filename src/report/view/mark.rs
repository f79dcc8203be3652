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
    pub(super) fn urgency(self) -> u8 {
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
}

impl Hue {
    /// Names the class that gives it its colour.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Mark(mark) => match mark {
                Mark::Add => "add",
                Mark::Change => "change",
                Mark::Replace => "replace",
                Mark::Delete => "delete",
                Mark::Missing => "missing",
                Mark::Steady => "steady",
                Mark::Blocked => "blocked",
                Mark::Unknown => "unknown",
                Mark::Notice => "notice",
            },
            Self::Lost => "lost",
            Self::Doubtful => "doubtful",
            Self::Failed => "failed",
            Self::Stale => "stale",
            Self::Skipped => "skipped",
            Self::Withheld => "withheld",
            Self::Applied => "applied",
            Self::Drifted => "drifted",
            Self::Pending => "pending",
            Self::Conflict => "conflict",
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
