//! The brake: a run that is only ever refused, always with the same words, asks no more, nor does one that deletes and cannot add.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::outcome::Outcome;
use super::problem::{Cause, Problem};
use super::ruling::Goal;
use crate::api::{ApiError, ErrorCode};
use crate::plan::Action;

/// So many refusals in a row stop a run while nothing has succeeded, and of replaces that have deleted while no add has.
const MOST_REFUSALS: usize = 5;

/// Whether a run that is only ever refused goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OnRefusals {
    /// It stops after some.
    #[default]
    Brake,
    /// Every step is tried.
    KeepGoing,
}

/// Counts refusals.
#[derive(Debug)]
pub(super) struct Brake(Mutex<BrakeState>);

#[derive(Debug)]
enum BrakeState {
    /// Refusals are counted.
    Armed {
        /// Those of all steps, until something has succeeded.
        all: Option<Streak>,
        /// Those of replaces that have deleted and could not add, since the last add that was accepted.
        halves: Streak,
    },
    /// Nobody wants it.
    Off,
    /// Nothing new is begun.
    Pulled(Problem),
}

/// The same refusal in a row.
#[derive(Debug, Default)]
struct Streak {
    refusal: Option<SameAnswer>,
    count: usize,
}

impl Streak {
    /// Takes one more step that went wrong.
    fn note(&mut self, answer: Option<SameAnswer>) {
        self.count =
            if answer.is_some() && answer == self.refusal { self.count + 1 } else { usize::from(answer.is_some()) };
        self.refusal = answer;
    }

    fn is_too_long(&self) -> bool {
        self.count >= MOST_REFUSALS
    }
}

/// What makes two refusals one and the same: the code, or where there is none the words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SameAnswer {
    code: Option<ErrorCode>,
    status: Option<u16>,
    words: Option<String>,
}

impl From<&ApiError> for SameAnswer {
    fn from(error: &ApiError) -> Self {
        let words = error.code.is_none().then(|| error.message.clone());
        Self { code: error.code, status: error.status, words }
    }
}

impl Brake {
    pub(super) fn new(on_refusals: OnRefusals) -> Self {
        Self(Mutex::new(match on_refusals {
            OnRefusals::Brake => BrakeState::Armed { all: Some(Streak::default()), halves: Streak::default() },
            OnRefusals::KeepGoing => BrakeState::Off,
        }))
    }

    fn state(&self) -> MutexGuard<'_, BrakeState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells why nothing new may be begun, if so.
    pub(super) fn pulled(&self) -> Option<Problem> {
        match &*self.state() {
            BrakeState::Pulled(problem) => Some(problem.clone()),
            BrakeState::Armed { .. } | BrakeState::Off => None,
        }
    }

    /// Takes notice of a write that the server has accepted: what becomes of it shows later, and what is refused until then is not
    /// all there is. A delete that goes well says nothing of the add that may follow it, and a change little.
    pub(super) fn accepted(&self, goal: Goal) {
        if let BrakeState::Armed { all, halves } = &mut *self.state() {
            match goal {
                Goal::Added => (*all, *halves) = (None, Streak::default()),
                Goal::Changed => *all = None,
                Goal::Absent | Goal::Moved => {}
            }
        }
    }

    /// Takes notice of what became of a step.
    pub(super) fn note(&self, action: Action, outcome: &Outcome) {
        let mut state = self.state();
        let BrakeState::Armed { all, halves } = &mut *state else { return };
        match outcome {
            Outcome::Applied => {
                *all = None;
                if matches!(action, Action::Add | Action::Replace) {
                    *halves = Streak::default();
                }
            }
            // A no without a code is in doubt, and a no all the same.
            Outcome::Failed(problem) | Outcome::Unknown(problem) => {
                let answer = problem.refusal().map(SameAnswer::from);
                if problem.is_half_replaced() {
                    halves.note(answer.clone());
                }
                all.iter_mut().for_each(|all| all.note(answer.clone()));
                if halves.is_too_long() || all.as_ref().is_some_and(Streak::is_too_long) {
                    *state = BrakeState::Pulled(problem.clone().before_write(Cause::Braked));
                }
            }
            Outcome::Stale(_) => all.iter_mut().for_each(|all| *all = Streak::default()),
            Outcome::Skipped(_) | Outcome::Withheld(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ErrorKind, Operation, SaidBy};

    fn refused(code: Option<u32>, message: &str) -> Outcome {
        let error = ApiError {
            operation: Operation::Add,
            object: "417/1/01".to_owned(),
            kind: ErrorKind::Refused,
            code: code.map(ErrorCode),
            status: Some(400),
            retry_after: None,
            said_by: SaidBy::Anybody,
            message: message.to_owned(),
        };
        Outcome::Failed(Cause::Api(error).into())
    }

    fn pulled(outcomes: impl IntoIterator<Item = Outcome>, on_refusals: OnRefusals) -> bool {
        let brake = Brake::new(on_refusals);
        outcomes.into_iter().for_each(|outcome| brake.note(Action::Add, &outcome));
        brake.pulled().is_some()
    }

    #[test]
    fn it_is_pulled_by_five_equal_refusals_in_a_row_while_nothing_has_succeeded() {
        let same = |count| (0..count).map(|_| refused(Some(30000), "no"));
        let stale = || Outcome::Stale(Cause::Gone.into());
        let skipped = || Outcome::Skipped(Cause::Interrupted.into());
        for (outcomes, expected) in [
            (same(4).collect::<Vec<_>>(), false),
            (same(5).collect(), true),
            (same(4).chain([skipped()]).chain(same(1)).collect(), true),
            (same(4).chain([refused(Some(30004), "no")]).chain(same(4)).collect(), false),
            (same(4).chain([stale()]).chain(same(4)).collect(), false),
            ([Outcome::Applied].into_iter().chain(same(9)).collect(), false),
            ((0..5).map(|n| refused(None, &format!("page {n}"))).collect(), false),
            ((0..5).map(|_| refused(None, "page")).collect(), true),
            ((0..9).map(|_| Outcome::Failed(Cause::NotListed.into())).collect(), false),
        ] {
            assert_eq!(pulled(outcomes.clone(), OnRefusals::Brake), expected, "{outcomes:?}");
            assert!(!pulled(outcomes, OnRefusals::KeepGoing));
        }
    }
}
