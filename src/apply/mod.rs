//! Carries out a plan, one write at a time and each one journalled, and says what became of every step.

mod add;
mod change;
mod context;
mod delete;
mod engine;
mod journal;
mod look;
mod outcome;
mod past;
mod problem;
#[cfg(test)]
mod tests;

pub use context::Options;
pub use engine::{Progress, apply};
pub use journal::{FORMAT, History, HistoryError, IntentRecord, Journal, OutcomeRecord, Part, Record, RunRecord, Tail};
pub use outcome::{Outcome, Outcomes, StepOutcome};
pub use past::run_steps;
#[cfg(test)]
pub(crate) use problem::Cause;
pub use problem::Problem;
