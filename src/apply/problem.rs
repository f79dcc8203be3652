//! Why a step is not applied: what led to it, kept whole to the end, and what is said of it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::compare::Mismatch;
use super::ruling::Effect;
use crate::api::{ApiError, ErrorCode, ErrorKind, SaidBy};
use crate::model::{ClientId, Field, FieldPath, LiveClient, Scope, UnreadRow};
use crate::plan::Withheld;

/// Why a step is not applied.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    cause: Cause,
    effect: Effect,
}

/// What led to a problem.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Cause {
    /// A request failed.
    #[error("{0}")]
    Api(ApiError),
    /// An add was refused because its scope is taken, perhaps by one of the clients whose scope is not shown.
    #[error("{error}")]
    Hidden { error: ApiError, clients: usize, candidates: Vec<String> },
    /// The server asks to wait for longer than there is time.
    #[error("{error}; waiting {} s is longer than there is time", pause.as_secs())]
    Late { error: ApiError, pause: Duration },
    /// The answer was lost, and the write does not show.
    #[error(
        "no certain answer came, and reading does not show the write yet, so it may still be carried out: {0}{asked}",
        asked = asked(.0)
    )]
    Lost(ApiError),
    /// The answer says no without a code of the API that is known, and the write does not show.
    #[error(
        "{why}; reading does not show the write yet, and it may still be carried out: {0}{asked}",
        why = uncertain(.0),
        asked = asked(.0)
    )]
    TurnedAway(ApiError),
    /// What a write came to could not be read.
    #[error("the write was sent, and whether it was carried out could not be read: {0}")]
    Unread(ApiError),
    /// What a write came to is not shown.
    #[error("whether the write was carried out cannot be told: the server does not show {}", named(.0))]
    Unshown(Vec<Field>),
    /// What was planned cannot be compared any more.
    #[error(
        "the server does not show {} any more, so what was planned cannot be checked; nothing was sent",
        named(.0)
    )]
    UnshownBefore(Vec<Field>),
    /// Reading back shows other content than was written.
    #[error("the server accepted the write, but reading back shows other content at {}", .0.join(", "))]
    OtherContent(Vec<String>),
    /// The run ended before what the server has accepted showed.
    #[error("the server accepted it, and the run ended before it showed")]
    NotAwaited,
    /// A client that was added is not listed.
    #[error("the server accepted the add, but its lists do not show a new client in the scope")]
    NotListed,
    /// A client that was deleted is still there.
    #[error("the server accepted the delete, but the client is still there")]
    NotDeleted,
    /// Several new clients may be the one that was added.
    #[error("several new live clients may be the one that was added at {0}, and nothing tells them apart")]
    Several(Scope),
    /// A client is listed and not found.
    #[error("the server lists {0} and says that it is not found")]
    Contradiction(ClientId),
    /// Somebody else added a client where one was to be added.
    #[error("the live client {id} has the scope {scope} since the plan was made")]
    Taken { id: ClientId, scope: Scope },
    /// A row that may be the client in question cannot be read.
    #[error("a row of the lists could not be read, and may be this client: {0}")]
    UnreadRow(UnreadRow),
    /// Somebody else changed the client.
    #[error("the live client {id} was changed since the plan was made: {}", paths.join(", "))]
    Changed { id: ClientId, paths: Vec<String> },
    /// Somebody else deleted the client.
    #[error("the live client is gone")]
    Gone,
    /// The client is gone, and another one has its scope.
    #[error("the live client {id} is gone, and {other} has its scope {scope}, which differs from what was there at {}", paths.join(", "))]
    Supplanted { id: ClientId, other: ClientId, scope: Scope, paths: Vec<String> },
    /// The client is gone, and of those at its scope nobody knows which is which.
    #[error(
        "the live client {id} is gone, and several clients have or had its scope {scope}: whether one of them is it with \
         another id cannot be told"
    )]
    PerhapsOtherId { id: ClientId, scope: Scope },
    /// Another step did not free the scope.
    #[error("step {step} did not free the scope {scope}")]
    NotFreed { step: usize, scope: Scope },
    /// A replace has deleted and could not add.
    #[error("the client {id} is deleted, and could not be added in its new scope: {cause}")]
    HalfReplaced { id: ClientId, run: String, carried: Vec<FieldPath>, cause: Box<Cause> },
    /// The journal cannot be written before a write.
    #[error("the journal cannot be written, so nothing was sent: {0}")]
    Unwritten(Arc<io::Error>),
    /// The journal cannot be written after a write.
    #[error("the write was carried out, and the journal cannot be written: {0}")]
    Unrecorded(Arc<io::Error>),
    /// Nobody wants it done now.
    #[error("{0}")]
    Withheld(Withheld),
    /// Too much went wrong in the waves before its own.
    #[error("wave {wave} is not begun: {bad} of the steps before it failed, became stale or stayed unknown")]
    WaveStopped { wave: usize, bad: usize },
    /// A person wants to see no further wave.
    #[error("wave {wave} is not begun: it was not approved")]
    WaveNotApproved { wave: usize },
    /// The pause before its wave does not fit into the time of the run.
    #[error("wave {wave} is not begun: the pause of {} s before it would go beyond the deadline", pause.as_secs())]
    WaveLate { wave: usize, pause: Duration },
    /// A signal came first.
    #[error("the run was interrupted before this step")]
    Interrupted,
    /// Nothing more could work.
    #[error("not begun, because the run ended early: {0}")]
    EndedEarly(Box<Cause>),
    /// Every step so far was refused in the same way.
    #[error("not begun: the last steps before it were all refused with the same answer: {0}")]
    Braked(Box<Cause>),
    /// The run is over.
    #[error("the run was ended")]
    Ended,
    /// Words for tests of what is shown.
    #[cfg(test)]
    #[error("{message}")]
    Sample { code: Option<ErrorCode>, message: &'static str, help: &'static str },
}

impl Problem {
    /// Tells whether a replace has deleted and could not add.
    pub(super) fn is_half_replaced(&self) -> bool {
        matches!(self.cause, Cause::HalfReplaced { .. })
    }

    /// Gives the code that the server gave, such as 30005.
    pub(crate) fn code(&self) -> Option<u32> {
        self.cause.code().map(|code| code.0)
    }

    /// Gives the name of the code.
    pub(crate) fn name(&self) -> Option<&'static str> {
        self.cause.code().and_then(ErrorCode::name)
    }

    /// Says what happened and what the server said.
    pub(crate) fn message(&self) -> String {
        self.cause.to_string()
    }

    /// Says what to do next.
    pub(crate) fn help(&self) -> String {
        self.cause.help()
    }

    /// Tells whether the step may have changed something all the same; of a replace that has deleted, whether its add may.
    pub(crate) fn effect(&self) -> Effect {
        self.effect
    }

    /// Tells whether it is a matter of rights or login; decides the exit code when nothing was applied.
    pub(crate) fn is_of_permission(&self) -> bool {
        let denied = |kind| matches!(kind, ErrorKind::NotAuthenticated | ErrorKind::NotPermitted);
        self.cause.error().is_some_and(|error| denied(error.kind))
    }

    /// Puts the cause into a wider one.
    pub(super) fn map(self, wider: impl FnOnce(Box<Cause>) -> Cause) -> Self {
        Self { cause: wider(Box::new(self.cause)), ..self }
    }

    /// Gives the refusal that it is, if the server answered at all.
    pub(super) fn refusal(&self) -> Option<&ApiError> {
        self.cause.refusal()
    }

    /// Makes of it the problem of a step that is not begun.
    pub(super) fn before_write(self, wider: impl FnOnce(Box<Cause>) -> Cause) -> Self {
        match self.cause {
            Cause::HalfReplaced { id: _, run: _, carried: _, cause } => wider(cause),
            cause => wider(Box::new(cause)),
        }
        .into()
    }

    /// Marks a problem that came after something was written.
    #[must_use]
    pub(super) fn after_write(self) -> Self {
        Self { effect: Effect::Possible, ..self }
    }
}

impl From<Withheld> for Problem {
    fn from(reason: Withheld) -> Self {
        Cause::Withheld(reason).into()
    }
}

impl From<Cause> for Problem {
    fn from(cause: Cause) -> Self {
        Self { cause, effect: Effect::None }
    }
}

const MAKE_ROOM: &str = "make room or correct the rights of the journal's folder, or choose another with --journal DIR; then run `icsync plan`";
const SUPPLANTED: &str = "somebody else replaced it, or the server gave it another id and wrote something else: run `icsync plan` again, which binds what is there";
const PERHAPS_OTHER_ID: &str =
    "run `icsync plan`: it names the candidates to pin with `id:`, or finds nothing left to do";
const AGAIN: &str = "run `icsync apply` again";

impl Cause {
    /// Gives the refusal that it is, also that of the second half of a replace.
    fn refusal(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) | Self::TurnedAway(error) | Self::Hidden { error, .. } => {
                Some(error).filter(|error| error.status.is_some())
            }
            Self::HalfReplaced { cause, .. } => cause.refusal(),
            _ => None,
        }
    }

    /// Makes the cause of a client that somebody else changed.
    pub(super) fn changed(live: &LiveClient, mismatches: &[Mismatch]) -> Self {
        Self::Changed { id: live.id.clone(), paths: mismatches.iter().map(ToString::to_string).collect() }
    }

    /// Makes the cause of a client that went to another scope.
    pub(super) fn moved(live: &LiveClient, row: &LiveClient) -> Self {
        Self::changed(live, &[Mismatch::Scope(row.scope.clone())])
    }

    /// Marks that it came after something was written.
    pub(super) fn after_write(self) -> Problem {
        Problem::from(self).after_write()
    }

    /// Gives the failed request that all began with.
    fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error)
            | Self::Lost(error)
            | Self::TurnedAway(error)
            | Self::Unread(error)
            | Self::Hidden { error, .. }
            | Self::Late { error, .. } => Some(error),
            Self::HalfReplaced { cause, .. } | Self::EndedEarly(cause) | Self::Braked(cause) => cause.error(),
            Self::Unshown(_)
            | Self::UnshownBefore(_)
            | Self::OtherContent(_)
            | Self::NotAwaited
            | Self::NotListed
            | Self::NotDeleted
            | Self::Several(_)
            | Self::Contradiction(_)
            | Self::Taken { .. }
            | Self::UnreadRow(_)
            | Self::Changed { .. }
            | Self::Gone
            | Self::Supplanted { .. }
            | Self::PerhapsOtherId { .. }
            | Self::NotFreed { .. }
            | Self::Unwritten(_)
            | Self::Unrecorded(_)
            | Self::Withheld(_)
            | Self::WaveStopped { .. }
            | Self::WaveNotApproved { .. }
            | Self::WaveLate { .. }
            | Self::Interrupted
            | Self::Ended => None,
            #[cfg(test)]
            Self::Sample { .. } => None,
        }
    }

    fn code(&self) -> Option<ErrorCode> {
        #[cfg(test)]
        if let Self::Sample { code, .. } = self {
            return *code;
        }
        self.error()?.code
    }

    fn help(&self) -> String {
        match self {
            Self::Api(error) | Self::Late { error, .. } => error.help(),
            Self::Unread(error) => return format!("run `icsync plan`: it reads what is there now ({})", error.help()),
            Self::TurnedAway(error) => {
                return format!("{}; run `icsync plan` in a while: it reads what is there by then", error.help());
            }
            Self::Lost(_) | Self::NotAwaited => {
                "run `icsync plan` in a while: it reads what is there by then; a rollback judges by that too"
            }
            Self::Hidden { error: _, clients, candidates } => return help_for_hidden(*clients, candidates),
            Self::HalfReplaced { id: _, run, carried, cause } => return help_for_lost(run, carried, cause),
            Self::NotFreed { step, scope: _ } => return format!("see what became of step {step}, then {AGAIN}"),
            Self::EndedEarly(cause) => return cause.help(),
            Self::Braked(cause) => {
                return format!("{} or try every step with --keep-going", then_again(&cause.help()));
            }
            Self::Unshown(_) => "look at the client in the server's own pages, then run `icsync plan` again",
            Self::UnshownBefore(_) => {
                "run `icsync apply` again; if it stays so, ask the operator of the server why"
            }
            Self::OtherContent(_) => {
                "the server may merge instead of replacing, or somebody else wrote at the same time: run `icsync plan` to see \
                 what is left; keys that the server does not give up are left alone with `ignore`, or with \
                 `owns: { settings: listed }`"
            }
            Self::NotListed => {
                "run `icsync plan` in a while: if the client is there by then it is bound, else it is added again"
            }
            Self::NotDeleted => {
                "run `icsync apply` again; if it stays, the server does not carry out what it confirms: ask its operator"
            }
            Self::Several(_) => "run `icsync plan`: it names the candidates to pin with `id:`",
            Self::UnreadRow(_) => "look at it in the server's own pages, or ask its operator; then run `icsync plan`",
            Self::Contradiction(_) => "run `icsync plan`: it reads what is there by now",
            Self::Taken { .. } => "somebody else added it: run `icsync plan` again, which binds it",
            Self::Changed { .. } => "somebody else works on it: run `icsync plan` again and look at what they did",
            Self::Gone => {
                "somebody else deleted it: run `icsync plan` again, which will add it if git still defines it"
            }
            Self::Supplanted { .. } => SUPPLANTED,
            Self::PerhapsOtherId { .. } => PERHAPS_OTHER_ID,
            Self::Unwritten(_) | Self::Unrecorded(_) => MAKE_ROOM,
            Self::Withheld(reason) => return reason.help(),
            Self::WaveStopped { .. } => {
                "see what became of them, then apply again: it goes on with what is left, of a saved plan with `--steps`"
            }
            Self::WaveNotApproved { .. } => "apply again: it goes on with what is left, of a saved plan with `--steps`",
            Self::WaveLate { .. } => {
                "apply again, which goes on with what is left (of a saved plan with `--steps`), or make `requests.deadline` longer"
            }
            Self::Interrupted | Self::Ended => AGAIN,
            #[cfg(test)]
            Self::Sample { help, .. } => help,
        }
        .to_owned()
    }
}

/// Adds to a help that the run is made again, unless it says so.
fn then_again(help: &str) -> String {
    if help.contains(AGAIN) { format!("{help},") } else { format!("{help}; then {AGAIN},") }
}

/// So many of the keys that went with a client are named.
const MOST_CARRIED: usize = 5;

fn help_for_lost(run: &str, carried: &[FieldPath], cause: &Cause) -> String {
    format!(
        "{} or bring the old client back: `icsync rollback {run} --out back.json`, then \
         `icsync apply back.json`{}",
        then_again(&cause.help()),
        gone_with_it(run, carried)
    )
}

/// Says what is gone from the server with the old client and stands in no file.
fn gone_with_it(run: &str, carried: &[FieldPath]) -> String {
    let named: Vec<String> = carried.iter().take(MOST_CARRIED).map(ToString::to_string).collect();
    let more = carried.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    match carried.len() {
        0 => String::new(),
        _ => format!(
            "; git does not hold {}{more}, and what stood there is gone from the server with the old client: apply does not \
             bring it back, rollback does so as far as the journal holds it (`icsync runs {run}`), and what is sensitive has to \
             be set by hand",
            named.join(", ")
        ),
    }
}

fn help_for_hidden(clients: usize, candidates: &[String]) -> String {
    format!(
        "the server shows {clients} clients of this telephony server with partition -3, and one of them may have this scope: \
         pin it with `id:` ({}{})",
        candidates.join(", "),
        if clients > candidates.len() { ", …" } else { "" }
    )
}

/// Says why an answer that says no is not certain.
fn uncertain(error: &ApiError) -> &'static str {
    match error.said_by {
        SaidBy::Api => "the server says no, and not with a code that is known to mean that nothing was done",
        SaidBy::Anybody => "the answer has no code of the API, so it may be that of a proxy",
    }
}

/// Says for how long the server asks to wait.
fn asked(error: &ApiError) -> String {
    let pause = error.retry_after.map(|pause| format!("; it asks to wait {} s before the next try", pause.as_secs()));
    pause.unwrap_or_default()
}

fn named(fields: &[Field]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and ")
}
