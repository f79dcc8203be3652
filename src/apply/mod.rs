//! Carries out a plan, one write at a time and each one journalled, and says what became of every step.

mod add;
mod brake;
mod change;
mod compare;
mod context;
mod delete;
mod engine;
mod gate;
mod journal;
mod look;
mod outcome;
mod past;
mod problem;
mod ruling;
mod settle;
mod settlement;
mod sighting;
#[cfg(test)]
mod tests;
mod wave;

pub(crate) use brake::OnRefusals;
pub(crate) use context::Options;
pub(crate) use engine::{Progress, apply};
#[cfg(test)]
use gate::Clock;
pub(crate) use journal::{
    FORMAT, History, HistoryError, IntentRecord, Journal, Record, RunRecord, create_private_folder, is_being_written,
    leaves_no_doubt, run_of,
};
pub(crate) use journal::{OutcomeRecord, Part};
#[cfg(test)]
pub(crate) use outcome::ListedScope;
pub(crate) use outcome::{Outcome, Outcomes, StepOutcome};
pub(crate) use past::{lost_steps, run_steps};
#[cfg(test)]
pub(crate) use problem::Cause;
pub(crate) use problem::Problem;
pub(crate) use settle::longest_patience;
pub(crate) use settlement::{SettledStep, Settlement};
pub(crate) use wave::{Answering, Approval, BetweenWaves, WaveEnd};
