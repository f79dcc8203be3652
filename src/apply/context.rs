//! What one write needs: the server, the journal, and the rules of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::brake::{Brake, OnRefusals};
use super::gate::{Clock, Gate};
use super::journal::{IntentRecord, Journal, OutcomeRecord, Part, Record};
use super::outcome::Outcome;
use super::problem::{Cause, Problem};
use super::ruling::{Again, Seen};
use super::sighting::Sighting;
use crate::api::{Activity, ApiError, ErrorKind};
use crate::model::{Field, LiveClient, Pause, Payload, Scope, Telsys, Verify, Windows};
use crate::plan::{Snapshot, Step};
use crate::redact::Mask;

/// The rules of a run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// How many steps are worked on at the same time.
    pub parallelism: usize,
    /// How often a write is sent again that does not show and whose answer tells nothing certain.
    pub retries: u32,
    /// When the run has to be over.
    pub deadline: Option<Instant>,
    /// How many rows a list page is asked for.
    pub page_size: u64,
    /// Whether each write is read back.
    pub verify: Verify,
    /// How long a write is looked for that does not show at once.
    pub settle: Duration,
    /// Fields that the server has shown of any client: one that it then does not show of another is hidden, not lacking.
    pub shown: BTreeSet<Field>,
    /// Telephony servers on which rows hide their scope, so that equal adds cannot be told apart by it.
    pub hides_scopes: BTreeSet<Telsys>,
    /// Scopes that several live clients have: which of them is which, only the id tells.
    pub shared_scopes: BTreeSet<Scope>,
    /// What is told of the work.
    pub activity: Activity,
    /// Whether a run that is only ever refused goes on.
    pub on_refusals: OnRefusals,
    /// What comes between two waves.
    pub pause: Pause,
    /// So many steps that went wrong, and no further wave begins.
    pub stop_after: u64,
    /// When nothing is begun.
    pub windows: Windows,
    pub clock: Clock,
}

/// The longest pause before a write is sent again when the run has no deadline.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// The locks under which adds that look alike go one after another, by telephony server and description.
pub(super) type EqualAdds = BTreeMap<(Telsys, String), Arc<tokio::sync::Mutex<()>>>;

/// What one write needs.
pub(super) struct Context<'a, R, W> {
    pub(super) reader: &'a R,
    pub(super) writer: &'a W,
    pub(super) journal: &'a Journal,
    pub(super) mask: Mask<'a>,
    pub(super) options: &'a Options,
    /// A signal: nothing new is begun.
    pub(super) stop: &'a CancellationToken,
    /// Why nothing more can work, once that is known: the login is refused, or the deadline is over.
    pub(super) halt: OnceLock<Problem>,
    pub(super) brake: Brake,
    pub(super) gate: Gate<'a>,
    /// Why no further wave begins, if so.
    pub(super) waves_over: OnceLock<Problem>,
    pub(super) permits: Semaphore,
    pub(super) open_rings: Semaphore,
    pub(super) hides_scopes: Mutex<BTreeSet<Telsys>>,
    pub(super) equal_adds: Mutex<EqualAdds>,
}

impl<R, W> Context<'_, R, W> {
    /// Writes down what is about to be sent; a failure means that nothing may be sent.
    pub(super) async fn intend(
        &self,
        step: &Step,
        part: Part,
        before: Option<&LiveClient>,
        after: Option<&Payload>,
    ) -> Result<(), Outcome> {
        let record = IntentRecord {
            step: step.number,
            part,
            client: step.client.clone(),
            before: before.map(|live| Snapshot::of_live(live, self.mask)),
            after: after.map(|payload| Snapshot::of_payload(&step.scope, payload, self.mask)),
        };
        self.journal
            .record(&Record::Intent(Box::new(record)))
            .await
            .map_err(|error| Outcome::Failed(Cause::Unwritten(error.into()).into()))
    }

    /// Writes down what became of a step or of one part of it.
    pub(super) async fn conclude(&self, record: OutcomeRecord) -> Result<(), io::Error> {
        self.journal.record(&Record::Outcome(record)).await
    }

    /// Turns an error into a problem, and remembers one after which nothing can work.
    pub(super) fn problem(&self, error: &ApiError) -> Problem {
        self.note(error);
        Cause::Api(error.clone()).into()
    }

    /// Concludes a step whose client or scope could not be read before anything was sent: a signal only came too early.
    pub(super) fn unsent(&self, error: &ApiError) -> Outcome {
        if self.stop.is_cancelled() && error.kind == ErrorKind::Deadline {
            return Outcome::Skipped(Cause::Interrupted.into());
        }
        Outcome::Failed(self.problem(error))
    }

    /// Remembers an error after which nothing can work.
    pub(super) fn note(&self, error: &ApiError) {
        if matches!(error.kind, ErrorKind::NotAuthenticated | ErrorKind::Deadline) {
            let _ = self.halt.set(Cause::Api(error.clone()).into());
        }
    }

    /// Tells why nothing new may be begun, if so.
    pub(super) fn stopped(&self) -> Option<Problem> {
        if self.stop.is_cancelled() {
            return Some(Cause::Interrupted.into());
        }
        let halted = self.halt.get().map(|problem| problem.clone().map(Cause::EndedEarly));
        halted.or_else(|| self.waves_over.get().cloned()).or_else(|| self.brake.pulled())
    }

    /// Makes a sighting of what could not be read. A refusal stays; what is not found or does not answer may be there soon.
    pub(super) fn unread(&self, error: &ApiError) -> Sighting {
        self.note(error);
        let seen = match error.kind {
            ErrorKind::NotFound | ErrorKind::Unreachable | ErrorKind::Malformed | ErrorKind::Unsettled => Seen::Unread,
            ErrorKind::NotAuthenticated
            | ErrorKind::NotPermitted
            | ErrorKind::Exists
            | ErrorKind::Refused
            | ErrorKind::Deadline => Seen::Unclear,
        };
        Sighting::of(seen, Cause::Unread(error.clone()))
    }

    /// Waits before another look. Tells whether there shall be one: not after a signal, and not beyond the run's deadline.
    pub(super) async fn wait(&self, pause: Duration) -> Again {
        let left = self.options.deadline.map_or(LONGEST_PAUSE, |at| at.saturating_duration_since(Instant::now()));
        if pause >= left {
            return Again::No;
        }
        self.sleep(pause).await
    }

    /// Waits, unless a signal comes.
    pub(super) async fn sleep(&self, pause: Duration) -> Again {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Again::No,
            () = tokio::time::sleep(pause) => Again::Yes,
        }
    }

    /// Waits before a write is sent again, at least as long as the server asks for. Tells whether
    /// it shall be: not after a signal, and not beyond the run's deadline.
    pub(super) async fn pause(&self, sent: u32, error: &ApiError) -> Again {
        let own = Duration::from_millis(100 << sent.min(6));
        let pause = error.retry_after.map_or(own, |asked| asked.saturating_add(own));
        let left = self.options.deadline.map_or(LONGEST_PAUSE, |at| at.saturating_duration_since(Instant::now()));
        if pause >= left {
            let _ = self.halt.set(Cause::Late { error: error.clone(), pause }.into());
            return Again::No;
        }
        if error.retry_after.is_some() {
            self.options.activity.wait_as_asked(pause);
        }
        self.wait(pause).await
    }

    /// Names the fields that a write sets, that the server shows of other clients, and does not show of this one.
    pub(super) fn hidden(&self, payload: &Payload, now: &LiveClient) -> Vec<Field> {
        let sets = payload.fields_where(|text| !text.is_empty(), |entries| !entries.is_empty());
        sets.into_iter().filter(|field| self.options.shown.contains(field) && !now.knows(*field)).collect()
    }

    /// Tells whether a telephony server is known to hide scopes.
    pub(super) fn hides(&self, telsys: Telsys) -> bool {
        self.hides_scopes.lock().is_ok_and(|known| known.contains(&telsys))
    }

    /// Remembers that a telephony server hides scopes.
    pub(super) fn learn_hiding(&self, telsys: Telsys) {
        if let Ok(mut known) = self.hides_scopes.lock() {
            known.insert(telsys);
        }
    }

    /// Gives the lock under which adds that look alike are sent one after another.
    pub(super) fn equal_adds(&self, telsys: Telsys, description: &str) -> Arc<tokio::sync::Mutex<()>> {
        let Ok(mut locks) = self.equal_adds.lock() else { return Arc::default() };
        Arc::clone(locks.entry((telsys, description.to_owned())).or_default())
    }
}
