//! How many requests are in flight: halves when the server is overloaded, recovers one by one, and grows while answers come
//! as fast as ever, if that is left to it. Shared by a whole run.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::Operation;
use super::latency::{Latencies, Trend};
use crate::model::Parallelism;

/// Bounds the requests in flight (additive increase, multiplicative decrease).
#[derive(Debug)]
pub(super) struct Pace {
    /// What is asked for: a number, or what the server answers well.
    parallelism: Parallelism,
    slots: Semaphore,
    state: Mutex<PaceState>,
}

#[derive(Debug)]
struct PaceState {
    /// How many may be in flight now.
    allowed: usize,
    /// How many may be in flight once the server has recovered.
    aim: usize,
    latencies: Latencies,
    /// Slots that are in use and go away when they come back.
    owed: usize,
    /// Successes since the last change.
    successes: usize,
    /// Counts the cuts: the requests that were in flight at a cut do not cut again.
    cuts: u64,
}

/// The right to have one request in flight.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    pace: &'a Pace,
    permit: Option<SemaphorePermit<'a>>,
    cuts: u64,
    since: Instant,
}

/// What an answer says about the server's load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// It answered well.
    Fine,
    /// It says nothing.
    Unclear,
    /// It asked for fewer requests: 429 or 503.
    TooMuch,
}

impl Pace {
    /// Begins with as many requests in flight as are allowed before anything is known of the server.
    pub(super) fn new(parallelism: Parallelism) -> Self {
        let first = parallelism.first();
        let (latencies, aim) = (Latencies::default(), first);
        let state = PaceState { allowed: first, aim, latencies, owed: 0, successes: 0, cuts: 0 };
        Self { parallelism, slots: Semaphore::new(first), state: Mutex::new(state) }
    }

    /// Tells how many may be in flight now.
    pub(super) fn allowed(&self) -> usize {
        self.state().allowed
    }

    /// Waits until one more request may be in flight.
    pub(super) async fn slot(&self) -> Slot<'_> {
        let permit = self.slots.acquire().await.ok();
        Slot { pace: self, permit, cuts: self.state().cuts, since: Instant::now() }
    }

    fn state(&self) -> MutexGuard<'_, PaceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn halve(&self, state: &mut PaceState) {
        let allowed = (state.allowed / 2).max(1);
        let surplus = state.allowed - allowed;
        state.owed += surplus - self.slots.forget_permits(surplus);
        state.allowed = allowed;
        state.successes = 0;
        state.cuts += 1;
        state.latencies.begin_again();
        if surplus == 0 {
            return;
        }
        tracing::debug!(allowed, "the server is overloaded: fewer requests in flight");
    }

    /// Follows what a stretch of answers says, if that is left to us.
    fn follow(&self, state: &mut PaceState, trend: Trend) {
        let most = self.parallelism.most();
        match trend {
            Trend::Steady if state.allowed == state.aim && state.aim < most => {
                state.aim = (state.aim + (state.aim / 4).max(1)).min(most);
                self.allow(state, state.aim - state.allowed);
            }
            Trend::Strained if self.parallelism == Parallelism::Auto && state.allowed > 1 => {
                self.halve(state);
                state.aim = state.allowed;
            }
            Trend::Steady | Trend::Slower | Trend::Strained => {}
        }
    }

    /// Allows so many more.
    fn allow(&self, state: &mut PaceState, more: usize) {
        let settled = more.min(state.owed);
        state.owed -= settled;
        state.allowed += more;
        self.slots.add_permits(more - settled);
    }

    fn recover(&self, state: &mut PaceState) {
        state.successes += 1;
        if state.allowed >= state.aim || state.successes < state.allowed {
            return;
        }
        state.successes = 0;
        self.allow(state, 1);
        tracing::debug!(allowed = state.allowed, "the server recovers: more requests in flight");
    }
}

impl Slot<'_> {
    /// Tells what the answer to an operation said about the load, and gives the slot back.
    pub(super) fn finish(self, operation: Operation, load: Load) {
        let took = self.since.elapsed();
        self.finish_after(operation, load, took);
    }

    fn finish_after(self, operation: Operation, load: Load, took: Duration) {
        // The lock is a local and ends before `self`, whose end takes it again.
        let mut state = self.pace.state();
        match load {
            Load::Fine => {
                self.pace.recover(&mut state);
                let stretch = state.allowed;
                let trend = state.latencies.note(operation, took, stretch).filter(|_| self.cuts == state.cuts);
                if let Some(trend) = trend {
                    self.pace.follow(&mut state, trend);
                }
            }
            Load::TooMuch if self.cuts == state.cuts => self.pace.halve(&mut state),
            Load::TooMuch | Load::Unclear => {}
        }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        if state.owed > 0
            && let Some(permit) = self.permit.take()
        {
            state.owed -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{StreamExt as _, stream};

    use super::*;

    /// What a server does that has more requests than it can take.
    #[derive(Clone, Copy)]
    enum Beyond {
        /// All of them take longer.
        Slows,
        /// It turns away those that are too many.
        Refuses,
    }

    /// Sends requests to a server that answers so many at a time within 20 ms, on a clock of the test's own. Gives the most that
    /// were in flight.
    async fn most_in_flight(pace: &Pace, requests: usize, (capacity, beyond): (usize, Beyond)) -> usize {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let ask = async |_| {
            let slot = pace.slot().await;
            let in_flight = now.fetch_add(1, Ordering::Relaxed) + 1;
            most.fetch_max(in_flight, Ordering::Relaxed);
            let (share, load) = match beyond {
                Beyond::Slows => (u32::try_from(in_flight.max(capacity)).expect("few"), Load::Fine),
                Beyond::Refuses if in_flight > capacity => (u32::try_from(capacity).expect("few"), Load::TooMuch),
                Beyond::Refuses => (u32::try_from(capacity).expect("few"), Load::Fine),
            };
            let took = Duration::from_millis(20) * share / u32::try_from(capacity).expect("few");
            tokio::time::sleep(took).await;
            now.fetch_sub(1, Ordering::Relaxed);
            slot.finish(Operation::Info, load);
        };
        stream::iter(0..requests).map(ask).buffer_unordered(256).collect::<Vec<()>>().await;
        most.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_slows_down_gets_fewer_requests_at_a_time_until_it_is_fast_again() {
        let pace = Pace::new(Parallelism::Auto);
        assert_eq!(most_in_flight(&pace, 2000, (100, Beyond::Slows)).await, 64);
        most_in_flight(&pace, 500, (4, Beyond::Slows)).await;
        assert_eq!(most_in_flight(&pace, 2000, (4, Beyond::Slows)).await, 8);
        assert_eq!(most_in_flight(&pace, 2000, (100, Beyond::Slows)).await, 64);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_turns_requests_away_gets_hardly_more_at_a_time_than_it_takes_whatever_number_is_fixed() {
        for parallelism in [Parallelism::Fixed(32), Parallelism::Auto] {
            let pace = Pace::new(parallelism);
            most_in_flight(&pace, 500, (4, Beyond::Refuses)).await;
            let most = most_in_flight(&pace, 2000, (4, Beyond::Refuses)).await;
            assert!((5..=6).contains(&most), "{parallelism}: {most}");
        }
    }

    async fn answer(pace: &Pace, load: Load) {
        pace.slot().await.finish_after(Operation::Info, load, Duration::ZERO);
    }

    #[tokio::test]
    async fn one_burst_of_refusals_halves_once() {
        let pace = Pace::new(Parallelism::Fixed(8));
        let mut slots = Vec::new();
        for _ in 0..8 {
            slots.push(pace.slot().await);
        }
        for slot in slots {
            slot.finish(Operation::Info, Load::TooMuch);
        }
        assert_eq!((pace.state().allowed, pace.slots.available_permits()), (4, 4));
    }

    #[tokio::test]
    async fn it_never_falls_below_one_and_recovers_to_the_most() {
        let pace = Pace::new(Parallelism::Fixed(4));
        for _ in 0..10 {
            answer(&pace, Load::TooMuch).await;
        }
        assert_eq!((pace.state().allowed, pace.slots.available_permits()), (1, 1));
        for _ in 0..100 {
            answer(&pace, Load::Fine).await;
        }
        assert_eq!((pace.state().allowed, pace.slots.available_permits()), (4, 4));
    }

    async fn answers(pace: &Pace, count: usize, took: Duration) {
        for _ in 0..count {
            pace.slot().await.finish_after(Operation::Info, Load::Fine, took);
        }
    }

    #[tokio::test]
    async fn it_grows_while_the_server_answers_as_fast_as_ever_and_halves_when_it_does_not() {
        let pace = Pace::new(Parallelism::Auto);
        let fast = Duration::from_millis(20);
        answers(&pace, 1000, fast).await;
        assert_eq!((pace.allowed(), pace.slots.available_permits()), (64, 64));
        while pace.allowed() == 64 {
            answers(&pace, 1, fast * 3).await;
        }
        assert_eq!((pace.allowed(), pace.slots.available_permits()), (32, 32));
        answers(&pace, 3200, fast * 3 / 2).await;
        assert_eq!(pace.allowed(), 32, "somewhat slower is enough");
        answer(&pace, Load::TooMuch).await;
        assert_eq!(pace.allowed(), 16);
        answers(&pace, 2000, fast).await;
        assert_eq!((pace.allowed(), pace.slots.available_permits()), (64, 64));
    }

    #[tokio::test]
    async fn a_fixed_number_stays_whatever_answers_take() {
        let pace = Pace::new(Parallelism::Fixed(4));
        answers(&pace, 100, Duration::from_millis(1)).await;
        answers(&pace, 100, Duration::from_secs(1)).await;
        assert_eq!((pace.allowed(), pace.slots.available_permits()), (4, 4));
    }

    #[tokio::test]
    async fn a_slot_given_up_without_an_answer_comes_back() {
        let pace = Pace::new(Parallelism::Fixed(1));
        drop(pace.slot().await);
        answer(&pace, Load::Unclear).await;
        assert_eq!(pace.slots.available_permits(), 1);
    }
}
