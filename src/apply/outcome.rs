//! What became of each step of a plan.

use super::problem::Problem;
use crate::model::{ClientId, ClientName, Location, Scope};
use crate::plan::{Action, Step, Withheld};

/// The word of the report and of the journal for [`Outcome::Applied`].
pub(super) const APPLIED: &str = "applied";
/// The same for [`Outcome::Unknown`].
pub(super) const UNKNOWN: &str = "unknown";
/// The same for [`Outcome::Failed`].
pub(super) const FAILED: &str = "failed";

/// What became of a plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcomes {
    /// The run, as `runs` and `rollback` call it; `None` when there was nothing to do.
    pub run: Option<String>,
    /// One outcome for each step, in the order of the steps.
    pub steps: Vec<StepOutcome>,
    /// Whether a signal ended the run before every step was begun.
    pub interrupted: bool,
}

/// What became of one step.
#[derive(Debug, Clone)]
pub(crate) struct StepOutcome {
    /// The number of the step.
    pub number: usize,
    /// What the step does.
    pub action: Action,
    /// The definition's name; `None` for an unmanaged client that is pruned.
    pub client: Option<ClientName>,
    /// Where the client is or shall be.
    pub scope: Scope,
    /// Where the definition stands.
    pub at: Option<Location>,
    /// The live client's id after the step; the new one after an add or replace.
    pub id: Option<ClientId>,
    /// What became of it.
    pub outcome: Outcome,
    /// The wave that it was in, from 1, if there were waves.
    pub wave: Option<usize>,
    /// How the lists show the client, of an add.
    pub listed: ListedScope,
}

/// How the lists show a client that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ListedScope {
    /// At its scope, or it was not looked for.
    #[default]
    AtScope,
    /// With partition -3: its scope does not tell that it is there, so only a pin finds it.
    Hidden,
}

impl StepOutcome {
    /// Gives the id that has to be written into the definition now, because nothing else finds the client.
    pub(crate) fn pin_needed(&self) -> Option<&ClientId> {
        let hidden = self.listed == ListedScope::Hidden && self.client.is_some();
        self.id.as_ref().filter(|_| hidden && !self.outcome.is_lost())
    }

    /// Makes the outcome of a step that is withheld.
    pub(crate) fn withheld(step: &Step, reason: &Withheld) -> Self {
        let id = step.id().cloned();
        Self::new(step, (Outcome::Withheld(Problem::from(reason.clone())), id), None)
    }

    pub(super) fn new(step: &Step, (outcome, id): (Outcome, Option<ClientId>), wave: Option<usize>) -> Self {
        Self {
            number: step.number,
            action: step.action(),
            client: step.client.clone(),
            scope: step.scope.clone(),
            at: step.at.clone(),
            id,
            outcome,
            wave,
            listed: ListedScope::default(),
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// It is done, and reading back shows it.
    Applied,
    /// It is not done, not wholly done, or done and not as it shall be.
    Failed(Problem),
    /// It was not begun, because something that it needs did not happen.
    Skipped(Problem),
    /// It was not begun, because nobody wants it done now; nothing is wrong.
    Withheld(Problem),
    /// It was not begun, because the live client is not as it was when the plan was made.
    Stale(Problem),
    /// Nobody can tell whether it is done; the next run settles it by reading.
    Unknown(Problem),
}

impl Outcome {
    /// Gives the word of the report.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Applied => APPLIED,
            Self::Failed(_) => FAILED,
            Self::Skipped(_) => "skipped",
            Self::Withheld(_) => "withheld",
            Self::Stale(_) => "stale",
            Self::Unknown(_) => UNKNOWN,
        }
    }

    /// Tells whether the step is done.
    pub(crate) fn is_applied(&self) -> bool {
        matches!(self, Self::Applied)
    }

    /// Tells whether the step is left undone on purpose.
    pub(crate) fn is_withheld(&self) -> bool {
        matches!(self, Self::Withheld(_))
    }

    /// Tells whether it counts against the next wave.
    pub(crate) fn is_bad(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Stale(_) | Self::Unknown(_) => true,
            Self::Applied | Self::Skipped(_) | Self::Withheld(_) => false,
        }
    }

    /// Tells whether a replace has deleted the client and certainly not added it again.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Failed(problem) if problem.is_half_replaced())
    }

    /// Gives the reason why the step is not applied.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Applied => None,
            Self::Failed(problem)
            | Self::Skipped(problem)
            | Self::Withheld(problem)
            | Self::Stale(problem)
            | Self::Unknown(problem) => Some(problem),
        }
    }
}
