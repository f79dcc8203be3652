//! A process that compares live and git for ever: when it does so, what it measures, what it shows, whom it tells.
//!
//! The rounds themselves are the commands' own: loading, planning and applying are called by `cli`, never written twice.

mod alert;
mod board;
mod door;
mod error;
mod families;
mod history;
mod metrics;
mod notice;
mod page;
mod round;
mod schedule;
mod server;
#[cfg(unix)]
mod supervisor;
mod webhook;

pub(crate) use alert::{Alert, alert};
pub(crate) use board::{Board, FoundParts, WatchFacts};
pub(crate) use error::WatchError;
pub(crate) use families::{FamilyText, MetricFamily};
pub(crate) use history::RoundHistory;
pub(crate) use metrics::Metrics;
pub(crate) use notice::NoticeForm;
pub(crate) use round::{RoundOutcome, WatchRound};
pub(crate) use schedule::{Cadence, DRAIN, Happening, Move, Schedule, Trigger};
pub(crate) use server::StatusServer;
#[cfg(unix)]
pub(crate) use supervisor::{Supervisor, SupervisorVariables};
pub(crate) use webhook::{Notifier, Webhook};
