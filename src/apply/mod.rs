//! Carries out a plan, one write at a time and each one journalled, and says what became of every step.

mod add;
mod change;
mod context;
mod delete;
mod engine;
mod journal;
mod look;
mod outcome;
mod rollback;
mod snapshot;
#[cfg(test)]
mod tests;

pub use context::{Options, Verify};
pub use engine::{Progress, apply};
pub use journal::{FORMAT, History, HistoryError, IntentRecord, Journal, OutcomeRecord, Part, Record, RunRecord, Tail};
pub use outcome::{Effect, Outcome, Outcomes, Problem, StepOutcome};
pub use rollback::{rollback, touched_clients, touched_scopes};
pub use snapshot::Snapshot;
