//! When a round begins, and what a signal or a changed file means for it. Pure: time comes in, counted from the start.

use std::time::Duration;

/// How long whoever asks the process to end waits for a round under way.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);
/// After a change of a file, so long nothing more may change before a round begins.
const QUIET: Duration = Duration::from_millis(500);
/// Files that never stop changing put a round off no longer than this.
const LONGEST_BURST: Duration = Duration::from_secs(5);
/// While the server does not answer, pauses grow to at most this, unless the interval is longer.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
/// So many times the pause between rounds may double.
const MOST_DOUBLINGS: u32 = 3;
/// After a round that took longer than the interval, the server is left alone for this part of it.
const REST: u32 = 10;

/// How often rounds are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cadence {
    /// From the beginning of a round to that of the next.
    pub(crate) interval: Duration,
    /// By so many percent the interval may be longer, by chance: many processes shall not ask at the same time.
    pub(crate) jitter: u8,
}

impl Cadence {
    /// Gives the time between two rounds after so many failures in a row. `chance` is from 0 to 1.
    fn between(self, failures: u32, chance: f64) -> Duration {
        let longest = self.interval.max(LONGEST_PAUSE);
        let doubled = self.interval.saturating_mul(1 << failures.saturating_sub(1).min(MOST_DOUBLINGS)).min(longest);
        let part = f64::from(self.jitter.min(100)) / 100.0 * chance.clamp(0.0, 1.0);
        doubled.saturating_add(doubled.mul_f64(part))
    }
}

/// Why a round began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// The process did.
    Start,
    /// It was time.
    Timer,
    /// A file changed.
    Files,
    /// Somebody sent SIGHUP.
    Reload,
}

impl Trigger {
    /// Gives the word of the history.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Timer => "timer",
            Self::Files => "files",
            Self::Reload => "reload",
        }
    }
}

/// What happens from outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Happening {
    FilesChanged,
    Reload,
    Stop,
    /// The round has ended.
    Ended {
        contact: Contact,
        /// From 0 to 1.
        chance: f64,
    },
}

/// Whether the server could be worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contact {
    Made,
    /// It does not answer, or lets nobody in: it is asked more rarely.
    Failed,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    Begin(Trigger),
    /// Wait until something happens, or for so long.
    Wait(Option<Duration>),
    /// End the process.
    Leave,
}

/// The loop.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    cadence: Cadence,
    phase: LoopPhase,
    /// The first and the last of the changes that no round has seen.
    changed: Option<(Duration, Duration)>,
    reload: bool,
    failures: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoopPhase {
    Waiting {
        until: Duration,
        trigger: Trigger,
    },
    Round {
        since: Duration,
    },
    /// A round is to end, and is waited for no longer than this.
    Draining {
        until: Duration,
    },
    Left,
}

impl Schedule {
    /// Begins with a round at once.
    pub(crate) fn new(cadence: Cadence) -> Self {
        let phase = LoopPhase::Waiting { until: Duration::ZERO, trigger: Trigger::Start };
        Self { cadence, phase, changed: None, reload: false, failures: 0 }
    }

    /// Tells how often in a row the server could not be worked with.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// Gives when the next round begins if nothing happens, while none is under way.
    pub(crate) fn due(&self) -> Option<Duration> {
        match self.phase {
            LoopPhase::Waiting { until, .. } => Some(until),
            LoopPhase::Round { .. } | LoopPhase::Draining { .. } | LoopPhase::Left => None,
        }
    }

    /// Takes note of what happens at `now`.
    pub(crate) fn note(&mut self, now: Duration, happening: Happening) {
        match (happening, self.phase) {
            (Happening::FilesChanged, _) => {
                let first = self.changed.map_or(now, |(first, _)| first);
                self.changed = Some((first, now));
            }
            (Happening::Reload, _) => self.reload = true,
            (Happening::Stop, LoopPhase::Waiting { .. }) | (Happening::Ended { .. }, LoopPhase::Draining { .. }) => {
                self.phase = LoopPhase::Left;
            }
            (Happening::Stop, LoopPhase::Round { .. }) => self.phase = LoopPhase::Draining { until: now + DRAIN },
            (Happening::Ended { contact, chance }, LoopPhase::Round { since }) => {
                self.failures = if contact == Contact::Failed { self.failures.saturating_add(1) } else { 0 };
                let planned = since.saturating_add(self.cadence.between(self.failures, chance));
                let until = planned.max(now.saturating_add(self.cadence.interval / REST));
                self.phase = LoopPhase::Waiting { until, trigger: Trigger::Timer };
            }
            (Happening::Stop, LoopPhase::Draining { .. } | LoopPhase::Left)
            | (Happening::Ended { .. }, LoopPhase::Waiting { .. } | LoopPhase::Left) => {}
        }
    }

    /// Decides what to do at `now`.
    pub(crate) fn next(&mut self, now: Duration) -> Move {
        let wait = |until: Duration| Move::Wait(Some(until.saturating_sub(now)));
        match self.phase {
            LoopPhase::Waiting { until, trigger } => {
                let (until, trigger) = self.soonest(until, trigger);
                if until > now { wait(until) } else { self.begin(now, trigger) }
            }
            LoopPhase::Round { .. } => Move::Wait(None),
            LoopPhase::Draining { until } if until > now => wait(until),
            LoopPhase::Draining { .. } | LoopPhase::Left => {
                self.phase = LoopPhase::Left;
                Move::Leave
            }
        }
    }

    /// What somebody asks for comes before the timer.
    fn soonest(&self, until: Duration, trigger: Trigger) -> (Duration, Trigger) {
        let quiet = self.changed.map(|(first, last)| (last + QUIET).min(first + LONGEST_BURST));
        match quiet {
            _ if self.reload => (Duration::ZERO, Trigger::Reload),
            Some(quiet) if quiet < until => (quiet, Trigger::Files),
            Some(_) | None => (until, trigger),
        }
    }

    fn begin(&mut self, now: Duration, trigger: Trigger) -> Move {
        // The round reads all files anew, whatever it began for.
        (self.changed, self.reload) = (None, false);
        self.phase = LoopPhase::Round { since: now };
        Move::Begin(trigger)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn loop_of(interval: u64) -> Schedule {
        Schedule::new(Cadence { interval: seconds(interval), jitter: 0 })
    }

    fn ended(contact: Contact) -> Happening {
        Happening::Ended { contact, chance: 0.0 }
    }

    #[test]
    fn the_first_round_begins_at_once_and_the_next_one_interval_later() {
        let mut schedule = loop_of(60);
        assert_eq!(schedule.next(seconds(0)), Move::Begin(Trigger::Start));
        assert_eq!(schedule.next(seconds(3)), Move::Wait(None));
        schedule.note(seconds(4), ended(Contact::Made));
        assert_eq!(schedule.next(seconds(4)), Move::Wait(Some(seconds(56))));
        assert_eq!(schedule.next(seconds(60)), Move::Begin(Trigger::Timer));
    }

    #[test]
    fn a_round_longer_than_the_interval_is_followed_by_a_rest() {
        let mut schedule = loop_of(60);
        schedule.next(seconds(0));
        schedule.note(seconds(100), ended(Contact::Made));
        assert_eq!(schedule.next(seconds(100)), Move::Wait(Some(seconds(6))));
    }

    #[test]
    fn a_server_that_does_not_answer_is_asked_more_rarely_until_it_does() {
        let mut schedule = loop_of(60);
        let (mut now, mut pauses) = (seconds(0), Vec::new());
        for round in 0..7 {
            assert!(matches!(schedule.next(now), Move::Begin(_)));
            schedule.note(now, ended(if round < 5 { Contact::Failed } else { Contact::Made }));
            let Move::Wait(Some(pause)) = schedule.next(now) else { panic!("it waits") };
            pauses.push(pause.as_secs());
            now += pause;
        }
        assert_eq!(pauses, [60, 120, 240, 480, 480, 60, 60]);
    }

    #[test]
    fn a_long_interval_is_never_cut_short() {
        let cadence = Cadence { interval: seconds(3600), jitter: 10 };
        assert_eq!((cadence.between(9, 0.0), cadence.between(0, 1.0)), (seconds(3600), seconds(3960)));
        assert_eq!(Cadence { interval: seconds(300), jitter: 0 }.between(9, 0.0), LONGEST_PAUSE);
    }

    #[test]
    fn changed_files_are_waited_for_until_they_are_quiet_and_not_for_ever() {
        let mut schedule = loop_of(3600);
        schedule.next(seconds(0));
        schedule.note(seconds(0), ended(Contact::Made));
        let mut now = seconds(10);
        loop {
            schedule.note(now, Happening::FilesChanged);
            if schedule.next(now) == Move::Begin(Trigger::Files) {
                break;
            }
            now += Duration::from_millis(100);
        }
        assert_eq!(now, seconds(10) + LONGEST_BURST);
        schedule.note(now, Happening::FilesChanged);
        schedule.note(now, ended(Contact::Made));
        assert_eq!(
            schedule.next(now),
            Move::Wait(Some(QUIET)),
            "what changed during the round is a reason for another"
        );
    }

    #[test]
    fn a_round_that_is_asked_to_end_is_waited_for_and_not_for_ever() {
        let mut schedule = loop_of(60);
        schedule.next(seconds(0));
        schedule.note(seconds(1), Happening::Stop);
        schedule.note(seconds(2), Happening::Stop);
        assert_eq!(schedule.next(seconds(3)), Move::Wait(Some(seconds(8))));
        let mut late = schedule.clone();
        assert_eq!(late.next(seconds(11)), Move::Leave);
        schedule.note(seconds(4), ended(Contact::Made));
        assert_eq!(schedule.next(seconds(4)), Move::Leave);
    }

    fn happenings() -> impl Strategy<Value = Vec<(u64, Option<Happening>)>> {
        let happening = prop_oneof![
            4 => Just(None),
            2 => Just(Some(Happening::FilesChanged)),
            1 => Just(Some(Happening::Reload)),
            4 => (any::<bool>(), 0.0..=1.0).prop_map(|(made, chance)| {
                let contact = if made { Contact::Made } else { Contact::Failed };
                Some(Happening::Ended { contact, chance })
            }),
        ];
        proptest::collection::vec((0_u64..20_000, happening), 1..200)
    }

    proptest! {
        #[test]
        fn rounds_never_overlap_and_each_wait_ends_in_a_round(
            interval in 1_u64..100, jitter in 0_u8..=50, steps in happenings(), stop in 0_usize..300
        ) {
            let cadence = Cadence { interval: seconds(interval), jitter };
            let mut schedule = Schedule::new(cadence);
            let (mut now, mut in_round, mut unseen, mut stopped) = (Duration::ZERO, false, false, false);
            for (number, (pause, happening)) in steps.into_iter().enumerate() {
                now += Duration::from_millis(pause);
                if number == stop {
                    schedule.note(now, Happening::Stop);
                    stopped = true;
                }
                // Only a round that is under way can end.
                if let Some(happening) = happening.filter(|one| in_round || !matches!(one, Happening::Ended { .. })) {
                    schedule.note(now, happening);
                    match happening {
                        Happening::Ended { .. } => in_round = false,
                        _ => unseen = true,
                    }
                }
                match schedule.next(now) {
                    Move::Begin(_) => {
                        prop_assert!(!in_round && !stopped);
                        (in_round, unseen) = (true, false);
                    }
                    Move::Wait(None) => prop_assert!(in_round && !stopped),
                    Move::Wait(Some(pause)) if stopped => prop_assert!(in_round && pause <= DRAIN),
                    Move::Wait(Some(pause)) => {
                        prop_assert!(!in_round && !pause.is_zero());
                        prop_assert!(pause <= cadence.between(u32::MAX, 1.0));
                        prop_assert!(!unseen || pause <= LONGEST_BURST);
                        let mut waited = schedule.clone();
                        prop_assert!(matches!(waited.next(now + pause), Move::Begin(_)));
                    }
                    Move::Leave => {
                        prop_assert!(stopped);
                        return Ok(());
                    }
                }
            }
        }
    }
}
