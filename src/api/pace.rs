//! How many requests are in flight: halves when the server is overloaded, recovers one by one. Shared by a whole run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Bounds the requests in flight (additive increase, multiplicative decrease).
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    slots: Semaphore,
    state: Mutex<PaceState>,
}

#[derive(Debug)]
struct PaceState {
    /// How many may be in flight now.
    allowed: usize,
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
    /// Allows `most` requests in flight, at least one.
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let state = PaceState { allowed: most, owed: 0, successes: 0, cuts: 0 };
        Self { most, slots: Semaphore::new(most), state: Mutex::new(state) }
    }

    /// Waits until one more request may be in flight.
    pub(super) async fn slot(&self) -> Slot<'_> {
        let permit = self.slots.acquire().await.ok();
        Slot { pace: self, permit, cuts: self.state().cuts }
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
        if surplus == 0 {
            return;
        }
        tracing::debug!(allowed, "the server is overloaded: fewer requests in flight");
    }

    fn recover(&self, state: &mut PaceState) {
        state.successes += 1;
        if state.allowed == self.most || state.successes < state.allowed {
            return;
        }
        state.successes = 0;
        state.allowed += 1;
        if state.owed > 0 {
            state.owed -= 1;
        } else {
            self.slots.add_permits(1);
        }
        tracing::debug!(allowed = state.allowed, "the server recovers: more requests in flight");
    }
}

impl Slot<'_> {
    /// Tells what the answer said about the load, and gives the slot back.
    pub(super) fn finish(self, load: Load) {
        // The lock is a local and ends before `self`, whose end takes it again.
        let mut state = self.pace.state();
        match load {
            Load::Fine => self.pace.recover(&mut state),
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
    use super::*;

    async fn answer(pace: &Pace, load: Load) {
        pace.slot().await.finish(load);
    }

    #[tokio::test]
    async fn one_burst_of_refusals_halves_once() {
        let pace = Pace::new(8);
        let mut slots = Vec::new();
        for _ in 0..8 {
            slots.push(pace.slot().await);
        }
        for slot in slots {
            slot.finish(Load::TooMuch);
        }
        assert_eq!((pace.state().allowed, pace.slots.available_permits()), (4, 4));
    }

    #[tokio::test]
    async fn it_never_falls_below_one_and_recovers_to_the_most() {
        let pace = Pace::new(4);
        for _ in 0..10 {
            answer(&pace, Load::TooMuch).await;
        }
        assert_eq!((pace.state().allowed, pace.slots.available_permits()), (1, 1));
        for _ in 0..100 {
            answer(&pace, Load::Fine).await;
        }
        assert_eq!((pace.state().allowed, pace.slots.available_permits()), (4, 4));
    }

    #[tokio::test]
    async fn a_slot_given_up_without_an_answer_comes_back() {
        let pace = Pace::new(1);
        drop(pace.slot().await);
        answer(&pace, Load::Unclear).await;
        assert_eq!(pace.slots.available_permits(), 1);
    }
}
