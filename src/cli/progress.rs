//! Progress on a terminal; silence everywhere else.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::environment::Environment;
use crate::apply::{self, StepOutcome};
use crate::live;

/// A bar on stderr, or nothing.
#[derive(Debug)]
pub(super) struct ProgressDisplay(ProgressBar);

impl ProgressDisplay {
    /// Starts a bar if the environment shows progress.
    pub(super) fn start(environment: &Environment, message: &'static str) -> Self {
        let target = if environment.progress { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target).with_message(message);
        if let Ok(style) = ProgressStyle::with_template("{msg} {pos}/{len} {wide_bar} {elapsed}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Says what is counted from now on, and how much of it there is.
    pub(super) fn expect(&self, message: &'static str, count: usize) {
        self.0.set_message(message);
        self.0.set_position(0);
        self.0.set_length(count as u64);
    }

    fn advance(&self) {
        self.0.inc(1);
    }
}

impl apply::Progress for ProgressDisplay {
    fn ended(&self, _: &StepOutcome) {
        self.advance();
    }
}

impl live::FetchProgress for ProgressDisplay {
    fn listed(&self, clients: usize) {
        self.expect("reading clients", clients);
    }

    fn read(&self) {
        self.advance();
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
