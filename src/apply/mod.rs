//! Carries out a plan, one write at a time and each one journalled, and says what became of every step.

mod outcome;

pub use outcome::{Outcome, OutcomeSummary, Outcomes, Problem, StepOutcome};
