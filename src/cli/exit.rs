//! The exit codes, and the one place that decides them.

use std::process::ExitCode;

use super::error::{CommandError, PlanKeyError, RolloutError};
use super::plan_error::SavedPlanError;
use crate::api::{ApiError, ConnectError, ErrorKind};
use crate::apply::{Outcome, Outcomes, Problem};
use crate::document::DocumentError;
use crate::plan::Plan;
use crate::watch::WatchError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; in sync; or a plan with changes.
    Done,
    /// An error that has no code of its own.
    Failed,
    /// Changes or drift.
    Changes,
    /// Configuration or definitions are invalid.
    Invalid,
    /// Not authenticated, or not permitted.
    NotPermitted,
    /// A limit, a protection, or no approval.
    Refused,
    /// The saved plan is stale or does not belong to this target.
    Stale,
    /// Applied in part.
    Partial,
    /// A write whose outcome could not be established.
    InDoubt,
    /// Wrong command line.
    Usage,
    Interrupted,
}

impl Exit {
    pub(super) const ALL: [Self; 11] = [
        Self::Done,
        Self::Failed,
        Self::Changes,
        Self::Invalid,
        Self::NotPermitted,
        Self::Refused,
        Self::Stale,
        Self::Partial,
        Self::InDoubt,
        Self::Usage,
        Self::Interrupted,
    ];

    /// Says what a script learns from it, as the manual and the README have it.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, in sync, or a plan with changes",
            Self::Failed => "an error without a code of its own",
            Self::Changes => "changes or drift: `plan --detailed-exitcode`, `drift`, `diff --exit-code`, `fmt --check`",
            Self::Invalid => "configuration or definitions are invalid",
            Self::NotPermitted => "not authenticated or not permitted",
            Self::Refused => "refused or withheld: a limit, a protection, a window, no approval",
            Self::Stale => "the saved plan is stale, for another target or without its key; not what is expected",
            Self::Partial => "applied in part",
            Self::InDoubt => "in doubt: run `icsync plan`, it reads what is there",
            Self::Usage => "wrong command line",
            Self::Interrupted => "interrupted",
        }
    }

    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Changes => 2,
            Self::Invalid => 3,
            Self::NotPermitted => 4,
            Self::Refused => 5,
            Self::Stale => 6,
            Self::Partial => 7,
            Self::InDoubt => 8,
            Self::Usage => 64,
            Self::Interrupted => 130,
        }
    }

    /// Gives the word of the JSON error object.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Changes => "changes",
            Self::Invalid => "invalid",
            Self::NotPermitted => "not_permitted",
            Self::Refused => "refused",
            Self::Stale => "stale",
            Self::Partial => "partial",
            Self::InDoubt => "in_doubt",
            Self::Usage => "usage",
            Self::Interrupted => "interrupted",
        }
    }

    /// Names the page that says what to do, where something was written and not all is well.
    pub(super) fn guidance(self) -> Option<String> {
        match self {
            Self::NotPermitted | Self::Partial | Self::InDoubt => {
                let (number, word) = (self.number(), self.name().replace('_', " "));
                Some(format!("help: `icsync help trouble` says what to do: exit {number}, {word}"))
            }
            Self::Done
            | Self::Failed
            | Self::Changes
            | Self::Invalid
            | Self::Refused
            | Self::Stale
            | Self::Usage
            | Self::Interrupted => None,
        }
    }

    /// Decides how `apply` ends.
    pub(crate) fn of_apply(plan: &Plan, outcomes: &Outcomes) -> Self {
        let any = |wanted: fn(&Outcome) -> bool| outcomes.steps.iter().any(|step| wanted(&step.outcome));
        let applied = any(Outcome::is_applied);
        let permission = |outcome: &Outcome| outcome.problem().is_some_and(Problem::is_of_permission);
        let refused = !outcomes.steps.is_empty() && outcomes.steps.iter().all(|step| permission(&step.outcome));
        match () {
            () if any(|outcome| matches!(outcome, Outcome::Unknown(_))) => Self::InDoubt,
            () if outcomes.interrupted => Self::Interrupted,
            () if refused && !applied && !any(Outcome::is_lost) => Self::NotPermitted,
            () if any(|outcome| !outcome.is_applied() && !outcome.is_withheld()) || !plan.blocked.is_empty() => {
                Self::Partial
            }
            () if any(Outcome::is_withheld) => Self::Refused,
            () => Self::Done,
        }
    }

    /// Decides how a command ends that made a plan and wrote nothing.
    pub(super) fn of_plan(plan: &Plan) -> Self {
        if plan.guard.allows() { Self::Done } else { Self::Refused }
    }

    /// Decides how a command ends that could not do its work.
    pub(super) fn of(error: &CommandError) -> Self {
        use CommandError as E;
        match error {
            E::CommandLine { .. }
            | E::NoFolder(_)
            | E::SamePlace(_)
            | E::WrongUse { .. }
            | E::NoServer(_)
            | E::UnknownCode { .. }
            | E::UnknownTopic { .. }
            | E::NothingFits { .. }
            | E::NoLoopback(_)
            | E::NoEstate(_)
            | E::NoSandbox(_)
            | E::OtherFormat { .. }
            | E::DialectOption(_) => Self::Usage,
            E::Invalid { .. }
            | E::NoConfiguration { .. }
            | E::PlanKey(PlanKeyError::Empty | PlanKeyError::NotText)
            | E::NotUtf8 { .. }
            | E::NotText(_)
            | E::Faults(_)
            | E::StoreOutside(_)
            | E::DialectOfTarget(_) => Self::Invalid,
            E::Watch(error) => Self::of_watch(error),
            E::Rollout(error) => Self::of_rollout(error),
            E::Connect(error) => Self::of_connection(error),
            E::Api(error) => Self::of_request(error),
            E::Secret(_) | E::SecretOfOption { .. } => Self::NotPermitted,
            E::NoTerminal { .. } | E::NoAnswer(_) | E::NotApproved | E::Guard { .. } => Self::Refused,
            E::SavedPlan(error) => Self::of_saved_plan(error),
            E::RunOnOtherTarget { .. } => Self::Stale,
            E::Revision(_)
            | E::NoRun { .. }
            | E::UnusableJournal { .. }
            | E::DamagedJournal { .. }
            | E::NoJournal { .. }
            | E::PlanKey(PlanKeyError::NotKept { .. })
            | E::NoClient { .. }
            | E::PlanTooLarge(_)
            | E::UntrueExport { .. }
            | E::NoApiKey(_)
            | E::Url(_)
            | E::Sandbox(_)
            | E::Store(_)
            | E::Listen { .. }
            | E::Runtime(_)
            | E::CurrentFolder(_)
            | E::File { .. }
            | E::CaFile { .. }
            | E::Output(_) => Self::Failed,
            E::LeftInDoubt { .. } => Self::InDoubt,
            E::Interrupted => Self::Interrupted,
        }
    }

    fn of_rollout(error: &RolloutError) -> Self {
        match error {
            RolloutError::UnknownStep { .. } | RolloutError::NothingChosen => Self::Usage,
            RolloutError::NobodyToAsk => Self::Refused,
        }
    }

    fn of_watch(error: &WatchError) -> Self {
        match error {
            WatchError::NoUrl(_) | WatchError::NotEncrypted(_) => Self::Invalid,
            WatchError::Already(_) | WatchError::Follow(_) => Self::Failed,
        }
    }

    fn of_connection(error: &ConnectError) -> Self {
        match error {
            ConnectError::Login(error) => Self::of_request(error),
            ConnectError::Secret(_) => Self::NotPermitted,
            ConnectError::CaFile { .. }
            | ConnectError::NoAuthorities
            | ConnectError::Certificate(_)
            | ConnectError::Proxy(_)
            | ConnectError::Client(_) => Self::Invalid,
        }
    }

    fn of_saved_plan(error: &SavedPlanError) -> Self {
        match error {
            SavedPlanError::Unreadable { path: _, error, command: _ } => Self::of_document(error),
            SavedPlanError::Unusable { .. }
            | SavedPlanError::Options(_)
            | SavedPlanError::OtherTarget { .. }
            | SavedPlanError::OtherVersion { .. }
            | SavedPlanError::Stale { .. }
            | SavedPlanError::OtherSteps { .. } => Self::Stale,
        }
    }

    fn of_document(error: &DocumentError) -> Self {
        match error {
            DocumentError::NotAPlan(_) | DocumentError::Newer { .. } => Self::Failed,
            DocumentError::Digest
            | DocumentError::Unsigned
            | DocumentError::Signature
            | DocumentError::OtherKey
            | DocumentError::NoDigests => Self::Stale,
        }
    }

    fn of_request(error: &ApiError) -> Self {
        match error.kind {
            ErrorKind::NotAuthenticated | ErrorKind::NotPermitted => Self::NotPermitted,
            ErrorKind::NotFound
            | ErrorKind::Exists
            | ErrorKind::Refused
            | ErrorKind::Unreachable
            | ErrorKind::Malformed
            | ErrorKind::Unsettled
            | ErrorKind::Deadline => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_says_what_each_exit_code_means() {
        let readme = include_str!("../../README.md");
        for exit in Exit::ALL {
            let cells = format!("| {} | {} |", exit.number(), exit.meaning());
            assert!(readme.contains(&cells), "the README has no {cells}");
        }
    }
}
