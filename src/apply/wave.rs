//! What happens between two waves: the outcomes so far are judged, then there is a pause.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use super::context::Context;
use super::outcome::StepOutcome;
use super::problem::Cause;
use super::ruling::Again;
use crate::model::Pause;

/// So long nobody hears anything in a pause.
const NAP: Duration = Duration::from_mins(1);

/// A wave that has ended well enough for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WaveEnd {
    /// The wave that comes next, from 2.
    pub next: usize,
    /// How many waves there are.
    pub all: usize,
    /// How many steps were tried so far, and how many of them are not applied.
    pub tried: usize,
    pub bad: usize,
}

/// The answer of a person.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Approval> + Send + 'a>>;

/// What a person says to another wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approval {
    Given,
    Refused,
}

/// Who is told of what is between waves.
pub(crate) trait BetweenWaves: Sync {
    /// There is a pause of so much time.
    fn pauses(&self, end: WaveEnd, pause: Duration);
    /// The pause goes on; told at least once a minute.
    fn rests(&self) {}
    /// Asks whether the next wave shall begin.
    fn ask(&self, end: WaveEnd) -> Answering<'_>;
}

impl<R, W> Context<'_, R, W> {
    /// Judges the waves so far and waits for the next one, or notes why there is none.
    pub(super) async fn between(&self, (next, all): (usize, usize), outcomes: &[StepOutcome], told: &dyn BetweenWaves) {
        if self.stopped().is_some() {
            return;
        }
        let bad = outcomes.iter().filter(|step| step.outcome.is_bad()).count();
        if bad as u64 >= self.options.stop_after.max(1) {
            let _ = self.waves_over.set(Cause::WaveStopped { wave: next, bad }.into());
            return;
        }
        let applied = outcomes.iter().filter(|step| step.outcome.is_applied()).count();
        let end = WaveEnd { next, all, tried: applied + bad, bad };
        match self.options.pause {
            Pause::None => {}
            Pause::For(pause) => self.rest(end, pause, told).await,
            Pause::Ask => self.ask(end, told).await,
        }
    }

    async fn rest(&self, end: WaveEnd, pause: Duration, told: &dyn BetweenWaves) {
        let left = self.options.deadline.map(|at| at.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| pause >= left) {
            let _ = self.waves_over.set(Cause::WaveLate { wave: end.next, pause }.into());
            return;
        }
        told.pauses(end, pause);
        // A signal ends the run, whatever is left of the pause.
        let (mut left, mut again) = (pause, Again::Yes);
        while again == Again::Yes && !left.is_zero() {
            told.rests();
            let nap = left.min(NAP);
            again = self.sleep(nap).await;
            left -= nap;
        }
    }

    async fn ask(&self, end: WaveEnd, told: &dyn BetweenWaves) {
        let approval = tokio::select! {
            biased;
            () = self.stop.cancelled() => return,
            approval = told.ask(end) => approval,
        };
        if approval == Approval::Refused {
            let _ = self.waves_over.set(Cause::WaveNotApproved { wave: end.next }.into());
        }
    }
}
