//! What a client is doing, for whoever watches: how much was sent, and what the server asked to wait for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::counts::{Counters, Counts};

/// What a client is doing. A copy shows the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity {
    counters: Arc<Counters>,
    /// When the last pause ends that the server asked for.
    asked: Arc<Mutex<Option<Instant>>>,
}

impl Activity {
    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Counts the requests that were sent, by operation.
    pub(crate) fn counts(&self) -> Counts {
        self.counters.counts()
    }

    /// Notes a pause that begins now because the server asked for it (`Retry-After`).
    pub(crate) fn wait_as_asked(&self, pause: Duration) {
        let Some(end) = Instant::now().checked_add(pause) else { return };
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_none_or(|other| other < end) {
            *asked = Some(end);
        }
    }

    /// Gives how long the server still asks to wait.
    pub(crate) fn asked_to_wait(&self) -> Option<Duration> {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.map(|end| end.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_pause_that_was_asked_for_is_told_until_it_is_over() {
        let activity = Activity::default();
        assert_eq!(activity.asked_to_wait(), None);
        activity.wait_as_asked(Duration::from_secs(8));
        activity.wait_as_asked(Duration::from_secs(3));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(activity.asked_to_wait(), Some(Duration::from_secs(6)));
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(activity.asked_to_wait(), None);
    }
}
