//! What the loop is at, for everybody who asks: the page, the health checks, the watchdog.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::history::RoundHistory;
use super::round::WatchRound;

/// A round without any sign of life for so long hangs: one request takes at most a quarter of an hour.
const HANGS: Duration = Duration::from_mins(20);
/// Live and git are compared lately if that is not longer ago than this many intervals and durations of a round.
const LATELY: u32 = 3;

/// What is watched, and how.
#[derive(Debug, Clone, Default)]
pub(crate) struct WatchFacts {
    /// The target by name, and where it is.
    pub(crate) target: Option<(String, String)>,
    pub(crate) interval: Duration,
    /// What is done with differences, what is followed, which shard: a few words each.
    pub(crate) manner: Vec<String>,
}

/// What the last comparison found, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct FoundParts {
    /// When it was found.
    pub(crate) at: Timestamp,
    /// The clients that differ, as HTML.
    pub(crate) drift: Arc<str>,
    /// What would be applied, as HTML; nothing where nothing would.
    pub(crate) plan: Option<Arc<str>>,
    /// What is left undone for now, and why, a line each.
    pub(crate) waiting: Vec<String>,
}

/// What everybody may ask for.
#[derive(Debug)]
pub(crate) struct Board {
    state: Mutex<BoardState>,
    started: Instant,
}

/// What stands on the board.
#[derive(Debug)]
pub(crate) struct BoardState {
    pub(crate) facts: WatchFacts,
    pub(crate) history: RoundHistory,
    /// When the round under way began, and its first word.
    pub(crate) running: Option<Timestamp>,
    /// When the next one begins if nothing happens.
    pub(crate) due: Option<Timestamp>,
    pub(crate) found: Option<FoundParts>,
    /// The last sign of life of the round under way.
    sign: Option<Instant>,
    /// When live and git were compared last, and how long that round took.
    compared: Option<(Instant, Duration)>,
}

impl Board {
    /// Begins with what is kept of earlier rounds.
    pub(crate) fn new(facts: WatchFacts, history: RoundHistory) -> Self {
        let state = BoardState { facts, history, running: None, due: None, found: None, sign: None, compared: None };
        Self { state: Mutex::new(state), started: Instant::now() }
    }

    /// Gives the time since the start.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Reads or writes what stands there.
    pub(crate) fn state(&self) -> MutexGuard<'_, BoardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a sign of life of the round under way.
    pub(crate) fn sign(&self) {
        self.state().sign = Some(Instant::now());
    }

    /// Tells whether the loop works: it waits, or its round shows signs of life.
    pub(crate) fn is_alive(&self) -> bool {
        let state = self.state();
        state.running.is_none() || state.sign.is_none_or(|sign| sign.elapsed() < HANGS)
    }

    /// Says in one line what the loop is at.
    pub(crate) fn line(&self) -> String {
        let state = self.state();
        let last = state.history.last().map(|round| match &round.message {
            Some(message) => format!("{}: {message}", round.outcome.words()),
            None => round.outcome.words().to_owned(),
        });
        let doing = if state.running.is_some() { "comparing" } else { "waiting" };
        match last {
            Some(last) => format!("{doing}; last: {last}"),
            None => doing.to_owned(),
        }
    }

    /// Tells whether live and git were compared lately.
    pub(crate) fn is_ready(&self) -> bool {
        let state = self.state();
        let compared = state.compared.map(|(at, took)| (at.elapsed(), took));
        is_lately(compared, state.facts.interval)
    }
}

impl BoardState {
    /// Notes that a round begins.
    pub(crate) fn begin(&mut self, now: Timestamp) {
        (self.running, self.due, self.sign) = (Some(now), None, Some(Instant::now()));
    }

    /// Notes that a round has ended. An error is of the history on disk.
    pub(crate) fn end(&mut self, round: WatchRound, took: Duration) -> io::Result<()> {
        self.running = None;
        if round.outcome.is_compared() {
            self.compared = Some((Instant::now(), took));
        }
        self.history.add(round)
    }
}

/// `compared` is how long ago live and git were compared, and how long that round took.
fn is_lately(compared: Option<(Duration, Duration)>, interval: Duration) -> bool {
    compared.is_some_and(|(ago, took)| ago <= (interval + took) * LATELY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lately_is_a_few_intervals_and_rounds_ago() {
        let seconds = Duration::from_secs;
        assert!(!is_lately(None, seconds(60)));
        assert!(is_lately(Some((seconds(180), seconds(0))), seconds(60)));
        assert!(!is_lately(Some((seconds(181), seconds(0))), seconds(60)));
        assert!(is_lately(Some((seconds(181), seconds(30))), seconds(60)), "a long round needs its time");
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_without_signs_of_life_hangs_and_waiting_never_does() {
        let board = Board::new(WatchFacts::default(), RoundHistory::default());
        tokio::time::advance(HANGS * 2).await;
        assert!(board.is_alive() && !board.is_ready());
        board.state().begin(Timestamp::UNIX_EPOCH);
        tokio::time::advance(HANGS / 2).await;
        board.sign();
        tokio::time::advance(HANGS * 3 / 4).await;
        assert!(board.is_alive());
        tokio::time::advance(HANGS).await;
        assert!(!board.is_alive());
    }
}
