//! What a person sees and is asked between two waves.

use std::time::Duration;

use super::environment::Environment;
use super::progress::ProgressDisplay;
use crate::api::Activity;
use crate::apply::{Answering, Approval, BetweenWaves, Progress, StepOutcome, WaveEnd};
use crate::model::Pause;
use crate::text::counted;

/// Shows how far a run in waves is.
pub(super) struct WaveDisplay<'a> {
    environment: &'a Environment,
    display: ProgressDisplay,
    /// Called now and then in a pause.
    alive: &'a (dyn Fn() + Sync),
}

/// Says how the waves so far ended.
fn ended(end: WaveEnd) -> String {
    let WaveEnd { next, all, tried, bad } = end;
    let steps = counted(tried, "step");
    format!("wave {} of {all} is done: {steps} tried so far, {bad} not applied", next - 1)
}

impl<'a> WaveDisplay<'a> {
    /// Shows the steps of a plan as they end; no line is drawn where a person is asked in between.
    pub(super) fn start(
        environment: &'a Environment,
        activity: &Activity,
        (steps, pause): (usize, Pause),
        alive: &'a (dyn Fn() + Sync),
    ) -> Self {
        let display = match pause {
            Pause::Ask => ProgressDisplay::hidden(activity, WHAT),
            Pause::None | Pause::For(_) => ProgressDisplay::start(environment, activity, WHAT),
        };
        display.expect(WHAT, steps);
        Self { environment, display, alive }
    }
}

const WHAT: &str = "applying";

impl BetweenWaves for WaveDisplay<'_> {
    fn pauses(&self, end: WaveEnd, pause: Duration) {
        let seconds = pause.as_secs_f32();
        self.display.pauses(pause);
        self.environment.say(&format!(
            "{}; wave {} begins in {seconds:.0} s (Ctrl-C ends the run here, nothing is in flight)",
            ended(end),
            end.next
        ));
    }

    fn rests(&self) {
        (self.alive)();
    }

    fn ask(&self, end: WaveEnd) -> Answering<'_> {
        Box::pin(async move {
            let question = format!("{}. Begin wave {}?", ended(end), end.next);
            let asking = tokio::task::spawn_blocking(move || Environment::confirm(&question));
            match asking.await {
                Ok(Ok(true)) => Approval::Given,
                _ => Approval::Refused,
            }
        })
    }
}

impl Progress for WaveDisplay<'_> {
    fn ended(&self, outcome: &StepOutcome) {
        self.display.ended(outcome);
    }
}
