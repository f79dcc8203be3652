//! Why a saved plan, or steps that were approved, cannot be applied or shown.

use std::path::PathBuf;

use crate::document::{DocumentError, new_plan};
use crate::text::{self, shell_word};

/// Why a plan that was made before is not what can be done or shown now.
#[derive(Debug, thiserror::Error)]
pub(super) enum SavedPlanError {
    /// A plan that the command makes.
    #[error("`{}` cannot be applied: {error}", text::path(path))]
    Unusable { path: PathBuf, error: DocumentError, command: String },
    #[error("`{}` cannot be shown: {error}", text::path(path))]
    Unreadable { path: PathBuf, error: DocumentError, command: String },
    #[error("the plan's options make no sense: {0}")]
    Options(String),
    #[error("the plan is for {} ({}), and this is {} ({})", planned.0, planned.1, target.0, target.1)]
    OtherTarget { planned: (String, String), target: (String, String), command: String },
    #[error("the plan was made by another major version of icsync")]
    OtherVersion { command: String },
    /// What differs, a line each, and the runs that have applied the plan already, or parts of it.
    #[error("the saved plan is stale, nothing was written{}:", by_runs(applied_by, turned_back_by, rest.as_ref()))]
    Stale {
        details: Vec<String>,
        /// The runs that applied steps of it.
        applied_by: Vec<String>,
        /// The runs that turned one of these back.
        turned_back_by: Vec<String>,
        /// The numbers of the steps that none of them applied.
        rest: Option<String>,
        /// What makes such a plan.
        command: String,
    },
    /// What differs or would be done, a line each, and the command that shows it.
    #[error("what would be done now is not what {expected}, nothing was written:")]
    OtherSteps { expected: &'static str, lines: Vec<String>, command: String },
}

impl SavedPlanError {
    /// Says what to do next.
    pub(super) fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unusable { path: _, error, command } | Self::Unreadable { path: _, error, command } => {
                error.help(command)
            }
            Self::Options(_) => return None,
            Self::OtherTarget { planned: (planned, _), target: (name, _), command } if planned == name => {
                format!("the `url` of this target was another one when the plan was saved: {}", new_plan(command))
            }
            Self::OtherTarget { planned: (name, _), target: _, command: _ } => {
                format!("choose the plan's target with --target {}", shell_word(name))
            }
            Self::OtherVersion { command } => new_plan(command),
            Self::Stale { details: _, applied_by, turned_back_by, rest, command } => {
                help_for_stale((applied_by, turned_back_by), rest.as_deref(), command)
            }
            Self::OtherSteps { expected: _, lines: _, command } => format!(
                "look at `{command}` before that is approved; its `steps_digest` covers sensitive values only with ICSYNC_PLAN_KEY"
            ),
        })
    }

    /// Gives what differs, a line each.
    pub(super) fn details(&self) -> &[String] {
        match self {
            Self::Stale { details: lines, .. } | Self::OtherSteps { lines, .. } => lines,
            Self::Unusable { .. }
            | Self::Unreadable { .. }
            | Self::Options(_)
            | Self::OtherTarget { .. }
            | Self::OtherVersion { .. } => &[],
        }
    }
}

fn by_runs(runs: &[String], turned_back_by: &[String], rest: Option<&String>) -> String {
    let applied = match (runs, rest) {
        ([], _) => String::new(),
        ([run], None) => format!(": run {run} has applied it already"),
        ([run], Some(_)) => format!(": run {run} has applied a part of it already"),
        (several, None) => format!(": runs {} have applied all of it already", several.join(", ")),
        (several, Some(_)) => format!(": runs {} have applied parts of it already", several.join(", ")),
    };
    match turned_back_by {
        [] => applied,
        runs => format!("{applied}, and {} turned that back", runs.join(", ")),
    }
}

/// Says what to do with a saved plan that holds no more, of which runs may have applied something and turned it back.
fn help_for_stale((applied_by, turned_back_by): (&[String], &[String]), rest: Option<&str>, command: &str) -> String {
    let again = format!("{}, look at it, and apply that", new_plan(command));
    match (turned_back_by, applied_by, rest) {
        ([_, ..], _, _) => format!("{again}; `icsync runs` lists what was done"),
        ([], [], _) => again,
        ([], _, Some(rest)) => format!(
            "`--steps {rest}` applies the rest of it, as far as that holds; `icsync runs RUN` tells what a run did"
        ),
        ([], [run], None) => {
            format!("`{command}` shows what is left to do; `icsync rollback {run}` turns that run back")
        }
        ([], _, None) => format!(
            "nothing of it is left; `{command}` shows what else there is to do, `icsync runs RUN` which steps a run did"
        ),
    }
}
