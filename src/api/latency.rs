//! Whether a server can take more: told from how long it takes to answer.

use std::time::Duration;

use super::Operation;

/// What a stretch of answers says about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trend {
    /// It answers as fast as ever: it may be asked for more.
    Steady,
    /// It is somewhat slower.
    Slower,
    /// It takes more than twice as long: it has too much to do.
    Strained,
}

/// How long answers take, by operation: a list takes longer than one client.
#[derive(Debug, Default)]
pub(super) struct Latencies([Latency; Operation::ALL.len()]);

/// How long the answers of one operation take.
#[derive(Debug, Default, Clone, Copy)]
struct Latency {
    /// The mean of the fastest stretch so far.
    best: Option<Duration>,
    /// All of this stretch together.
    sum: Duration,
    count: u32,
}

/// Differences below this are noise.
const NOISE: Duration = Duration::from_millis(2);

impl Latencies {
    /// Notes how long one answer took. After `stretch` of them, says what they say together.
    pub(super) fn note(&mut self, operation: Operation, took: Duration, stretch: usize) -> Option<Trend> {
        let at = Operation::ALL.iter().position(|one| *one == operation)?;
        let latency = &mut self.0[at];
        latency.sum += took;
        latency.count += 1;
        if (latency.count as usize) < stretch {
            return None;
        }
        let mean = latency.sum / latency.count;
        let best = latency.best.map_or(mean, |best| best.min(mean));
        *latency = Latency { best: Some(best), ..Latency::default() };
        Some(if mean <= best + best * 3 / 10 + NOISE {
            Trend::Steady
        } else if mean <= best * 2 + NOISE {
            Trend::Slower
        } else {
            Trend::Strained
        })
    }

    /// Begins the stretches anew: what is on its way was asked for under other circumstances.
    pub(super) fn begin_again(&mut self) {
        for latency in &mut self.0 {
            *latency = Latency { best: latency.best, ..Latency::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trends(answers: &[(Operation, u64)]) -> Vec<Option<Trend>> {
        let mut latencies = Latencies::default();
        answers.iter().map(|(operation, ms)| latencies.note(*operation, Duration::from_millis(*ms), 2)).collect()
    }

    #[test]
    fn a_stretch_is_compared_with_the_fastest_one_of_the_same_operation() {
        use Operation::{Info, List};
        let steady = Some(Trend::Steady);
        assert_eq!(
            trends(&[(Info, 20), (List, 900), (Info, 20), (List, 900), (Info, 25), (Info, 27)]),
            [None, None, steady, steady, None, steady]
        );
        assert_eq!(trends(&[(Info, 20), (Info, 20), (Info, 35), (Info, 35)])[3], Some(Trend::Slower));
        assert_eq!(trends(&[(Info, 20), (Info, 20), (Info, 20), (Info, 80)])[3], Some(Trend::Strained));
    }

    #[test]
    fn differences_of_a_fast_server_are_noise() {
        assert_eq!(
            trends(&[(Operation::Info, 0), (Operation::Info, 0), (Operation::Info, 1), (Operation::Info, 2)])[3],
            Some(Trend::Steady)
        );
    }
}
