//! How far a run is: one line that is drawn again on a terminal, and elsewhere a line every ten seconds.

use std::fmt::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use console::{Term, truncate_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::args::LogFormat;
use super::environment::{Environment, ProgressShown};
use super::logging;
use super::screen::{OneLine, draw};
use crate::api::Activity;
use crate::apply::{Outcome, StepOutcome};
use crate::live;
use crate::model::{Detail, Scope, Telsys};
use crate::text::counted;

/// How often the line on a terminal is drawn, whether or not anything happened.
const TICK: Duration = Duration::from_millis(125);
/// How often a line is written elsewhere.
const LINE: Duration = Duration::from_secs(10);
/// So long nothing is said of the time that is left: the first answers tell too little.
const FIRST_GUESS: Duration = Duration::from_secs(3);
/// What is left free at the right for the sign that moves.
const MARGIN: usize = 4;

/// Shows how far a run is, until it is dropped.
#[derive(Debug)]
pub(super) struct ProgressDisplay {
    state: Arc<Mutex<RunState>>,
    shown: ShownAs,
}

#[derive(Debug)]
enum ShownAs {
    Bar(ProgressBar),
    /// Dropping it ends the lines.
    Lines {
        _end: Sender<()>,
    },
    Nothing,
}

/// How far a run is.
#[derive(Debug, Clone)]
struct RunState {
    /// What is being done.
    what: String,
    /// How much of it there is, once that is known.
    total: Option<u64>,
    done: u64,
    /// How many of those came to nothing.
    failed: u64,
    /// What will not be done.
    skipped: u64,
    withheld: u64,
    since: Instant,
    /// How many requests had been sent when it began.
    sent: u64,
    activity: Activity,
}

impl ProgressDisplay {
    /// Starts to show what is being done, as the environment shows progress.
    pub(super) fn start(environment: &Environment, activity: &Activity, what: &str) -> Self {
        let state = Arc::new(Mutex::new(RunState::new(activity.clone(), what.to_owned(), None)));
        let shown = match environment.progress {
            ProgressShown::Drawn => ShownAs::Bar(bar(&state)),
            ProgressShown::Lines => ShownAs::Lines { _end: lines(environment.log, &state) },
            ProgressShown::Nothing => ShownAs::Nothing,
        };
        Self { state, shown }
    }

    /// Counts without showing it.
    pub(super) fn hidden(activity: &Activity, what: &str) -> Self {
        let state = Arc::new(Mutex::new(RunState::new(activity.clone(), what.to_owned(), None)));
        Self { state, shown: ShownAs::Nothing }
    }

    /// Says what is counted from now on, and how much of it there is.
    pub(super) fn expect(&self, what: &str, count: usize) {
        let mut state = lock(&self.state);
        *state = RunState::new(state.activity.clone(), what.to_owned(), Some(count as u64));
    }

    /// Leaves a pause out of how long things take.
    pub(super) fn pauses(&self, pause: Duration) {
        lock(&self.state).leave_out(pause);
    }
}

fn lock(state: &Mutex<RunState>) -> MutexGuard<'_, RunState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws a line that moves by itself, so that a run that waits does not look like one that hangs.
fn bar(state: &Arc<Mutex<RunState>>) -> ProgressBar {
    let target = ProgressDrawTarget::term_like(Box::new(OneLine::stderr()));
    let bar = ProgressBar::with_draw_target(None, target);
    let state = Arc::clone(state);
    let line = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let width = usize::from(Term::stderr().size().1).saturating_sub(MARGIN);
        let line = lock(&state).line();
        let _ = out.write_str(&truncate_str(&line, width, "…"));
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {line}") {
        bar.set_style(style.with_key("line", line));
    }
    draw(Some(bar.clone()));
    bar.enable_steady_tick(TICK);
    bar
}

/// Writes a line every ten seconds until the sender is dropped.
fn lines(log: LogFormat, state: &Arc<Mutex<RunState>>) -> Sender<()> {
    let (end, ended) = mpsc::channel();
    let state = Arc::clone(state);
    std::thread::spawn(move || {
        while ended.recv_timeout(LINE) == Err(RecvTimeoutError::Timeout) {
            let line = lock(&state).line();
            logging::say(log, &line);
        }
    });
    end
}

impl RunState {
    fn new(activity: Activity, what: String, total: Option<u64>) -> Self {
        let sent = activity.counts().requests();
        Self { what, total, done: 0, failed: 0, skipped: 0, withheld: 0, since: Instant::now(), sent, activity }
    }

    fn leave_out(&mut self, pause: Duration) {
        self.since = self.since.checked_add(pause).unwrap_or(self.since);
    }

    fn line(&self) -> String {
        let requests = self.activity.counts().requests().saturating_sub(self.sent);
        self.told(self.since.elapsed(), requests, self.activity.asked_to_wait())
    }

    /// Says what is being done, how much of it is done, what failed, how long it may still take and what it waits for.
    fn told(&self, elapsed: Duration, requests: u64, asked: Option<Duration>) -> String {
        let Self { what, total, done, failed, skipped, withheld, .. } = self;
        let mut line = what.clone();
        match total {
            Some(total) => drop(write!(line, ": {done} of {total}")),
            None if requests > 0 => drop(write!(line, ": {}", counted(saturated(requests), "request"))),
            None => {}
        }
        for (count, word) in [(failed, "failed"), (skipped, "skipped"), (withheld, "withheld")] {
            if *count > 0 {
                let _ = write!(line, ", {count} {word}");
            }
        }
        if let Some(left) = self.left(elapsed) {
            let _ = write!(line, ", {} left", rounded(left));
        }
        if let Some(asked) = asked {
            let _ = write!(line, " · server asks for {}", rounded(asked));
        }
        line
    }

    /// Guesses the time that is left by what the work so far took.
    fn left(&self, elapsed: Duration) -> Option<Duration> {
        let open = self.total?.saturating_sub(self.done + self.skipped + self.withheld);
        if self.done == 0 || open == 0 || elapsed < FIRST_GUESS {
            return None;
        }
        let each = elapsed.checked_div(u32::try_from(self.done).ok()?)?;
        each.checked_mul(u32::try_from(open).ok()?)
    }
}

fn saturated(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Writes a time in the words of a person: `8 s`, `3 min`.
fn rounded(time: Duration) -> String {
    let seconds = time.as_millis().div_ceil(1000);
    if seconds < 100 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}

impl ProgressDisplay {
    /// Counts a step that has ended.
    pub(super) fn ended(&self, outcome: &StepOutcome) {
        let mut state = lock(&self.state);
        match outcome.outcome {
            Outcome::Applied => state.done += 1,
            Outcome::Failed(_) | Outcome::Stale(_) | Outcome::Unknown(_) => {
                state.done += 1;
                state.failed += 1;
            }
            Outcome::Skipped(_) => state.skipped += 1,
            Outcome::Withheld(_) => state.withheld += 1,
        }
    }
}

impl live::FetchProgress for ProgressDisplay {
    fn listing(&self, filters: &[Scope]) {
        let what = match filters {
            [Scope { telsys: Telsys::One(telsys), .. }] => format!("listing server {telsys}"),
            filters if filters.iter().any(|filter| filter.telsys == Telsys::All) => "listing every server".to_owned(),
            filters => format!("listing {}", counted(filters.len(), "server")),
        };
        let mut state = lock(&self.state);
        *state = RunState::new(state.activity.clone(), what, None);
    }

    fn listed(&self, clients: usize) {
        self.expect("reading clients", clients);
    }

    fn read(&self, detail: &Detail) {
        let mut state = lock(&self.state);
        state.done += 1;
        state.failed += u64::from(matches!(detail, Detail::Refused { .. }));
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        if let ShownAs::Bar(bar) = &self.shown {
            draw(None);
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(total: Option<u64>, done: u64, failed: u64, skipped: u64) -> RunState {
        let state = RunState::new(Activity::default(), "applying".to_owned(), total);
        RunState { done, failed, skipped, ..state }
    }

    #[test]
    fn a_line_says_what_is_done_what_failed_what_is_left_and_what_it_waits_for() {
        let told = |state: RunState, seconds: u64, asked: Option<u64>| {
            state.told(Duration::from_secs(seconds), 7, asked.map(Duration::from_secs))
        };
        assert_eq!(told(state(None, 0, 0, 0), 1, None), "applying: 7 requests");
        assert_eq!(told(state(Some(60), 0, 0, 0), 9, None), "applying: 0 of 60");
        assert_eq!(told(state(Some(60), 20, 2, 0), 10, None), "applying: 20 of 60, 2 failed, 20 s left");
        assert_eq!(told(state(Some(60), 1, 0, 0), 10, Some(8)), "applying: 1 of 60, 10 min left · server asks for 8 s");
        assert_eq!(told(state(Some(60), 60, 0, 0), 10, None), "applying: 60 of 60");
    }

    #[test]
    fn skipped_steps_are_no_progress_and_take_no_time() {
        let told = state(Some(60), 20, 1, 30).told(Duration::from_secs(10), 0, None);
        assert_eq!(told, "applying: 20 of 60, 1 failed, 30 skipped, 5 s left");
        let state = RunState { withheld: 10, ..state(Some(60), 20, 0, 0) };
        assert_eq!(state.told(Duration::from_secs(10), 0, None), "applying: 20 of 60, 10 withheld, 15 s left");
    }

    #[test]
    fn nothing_is_guessed_from_the_first_answers() {
        assert_eq!(state(Some(60), 1, 0, 0).told(Duration::from_secs(1), 0, None), "applying: 1 of 60");
    }

    #[test]
    fn a_pause_between_waves_is_no_time_that_steps_take() {
        let mut waiting = state(Some(60), 1, 0, 0);
        waiting.since = Instant::now();
        waiting.leave_out(Duration::from_mins(10));
        assert_eq!(waiting.line(), "applying: 1 of 60", "nothing took any time yet");
    }
}
