//! The retry table: what an outcome means for the request that met it. Pure; a snapshot shows it whole.

use std::time::Duration;

use jiff::Timestamp;

use super::code::{ErrorCode, Meaning};
use super::error::{ErrorKind, Operation};
use super::failure::{Body, Outcome, Reached};

/// How we stand with the server when an answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// With an API key that nothing has succeeded with yet.
    NewKey,
    /// With a key or session that is known to be accepted: what looks like a refusal of us is one of the object.
    Accepted,
    /// With a session, which may end at any time.
    Session,
}

/// How often the request has been tried, and may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt {
    /// Counted from 0.
    pub(super) number: u32,
    /// The attempts beyond the first one.
    pub(super) retries: u32,
}

/// How sure it is that the session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// 401 or a redirect.
    None,
    /// An answer that may also be about the object: a cheap request tells.
    Probe,
}

/// What to do after an attempt that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Try again after a pause.
    Repeat,
    /// See to the session first; a read is then repeated, a write is uncertain.
    Renew(Doubt),
    /// Give up a read.
    Fail(ErrorKind),
    /// The write was refused.
    Refused(ErrorKind),
    /// The write never came to work.
    NotDone(ErrorKind),
    /// Nobody knows whether the write was carried out.
    Uncertain(ErrorKind),
}

/// What an outcome is about, before it is weighed for a read or a write.
enum Class {
    /// Nothing was done, and it may be tried again.
    Untouched,
    /// Trouble that may pass.
    Passing(ErrorKind),
    /// Trouble that stays, without telling what was done.
    Lasting(ErrorKind),
    /// The session may be over.
    Login(Doubt),
    /// A clear no.
    No(ErrorKind),
    /// The run's deadline came before the request was sent.
    TooLate,
}

/// Decides what follows from an attempt that did not succeed.
pub(super) fn judge(operation: Operation, standing: Standing, outcome: Outcome, attempt: Attempt) -> Verdict {
    let last = attempt.number >= attempt.retries;
    let class = classify(operation, standing, outcome);
    match operation {
        Operation::List | Operation::Info => read_verdict(&class, last),
        Operation::Session => login_verdict(&class, last),
        Operation::Add | Operation::Change | Operation::Delete => write_verdict(&class, last),
    }
}

fn read_verdict(class: &Class, last: bool) -> Verdict {
    match *class {
        Class::Untouched if last => Verdict::Fail(ErrorKind::Unreachable),
        Class::Passing(kind) if last => Verdict::Fail(kind),
        Class::Untouched | Class::Passing(_) => Verdict::Repeat,
        Class::Lasting(kind) | Class::No(kind) => Verdict::Fail(kind),
        Class::TooLate => Verdict::Fail(ErrorKind::Deadline),
        Class::Login(doubt) => Verdict::Renew(doubt),
    }
}

/// A password is tried once: only trouble that says nothing about it is repeated.
fn login_verdict(class: &Class, last: bool) -> Verdict {
    match read_verdict(class, last) {
        Verdict::Fail(ErrorKind::Refused | ErrorKind::NotPermitted | ErrorKind::Exists) | Verdict::Renew(_) => {
            Verdict::Fail(ErrorKind::NotAuthenticated)
        }
        verdict => verdict,
    }
}

fn write_verdict(class: &Class, last: bool) -> Verdict {
    match *class {
        Class::Untouched if last => Verdict::NotDone(ErrorKind::Unreachable),
        Class::Untouched => Verdict::Repeat,
        Class::Passing(kind) | Class::Lasting(kind) => Verdict::Uncertain(kind),
        Class::Login(doubt) => Verdict::Renew(doubt),
        Class::No(kind) => Verdict::Refused(kind),
        Class::TooLate => Verdict::NotDone(ErrorKind::Deadline),
    }
}

fn classify(operation: Operation, standing: Standing, outcome: Outcome) -> Class {
    let (status, code, body) = match outcome {
        Outcome::Unsent => return Class::Untouched,
        Outcome::Lost => return Class::Passing(ErrorKind::Unreachable),
        Outcome::Late(Reached::Client) => return Class::TooLate,
        Outcome::Late(Reached::Server) => return Class::Lasting(ErrorKind::Deadline),
        Outcome::Answered { status, code, body } => (status, code, body),
    };
    by_code(status, code).unwrap_or_else(|| {
        let unknown_general = code.is_some_and(ErrorCode::is_unknown_general);
        match by_status(operation, status, body) {
            class
            @ (Class::Untouched | Class::Passing(ErrorKind::Unreachable) | Class::Lasting(_) | Class::TooLate) => class,
            class => stranger(standing, status, body, unknown_general).unwrap_or(class),
        }
    })
}

/// Decides by the code, which comes before the status: the status of an error is not known for sure.
fn by_code(status: u16, code: Option<ErrorCode>) -> Option<Class> {
    Some(match code?.meaning()? {
        Meaning::NotEnoughPermissions | Meaning::MultiTelsys | Meaning::MultiPartition => {
            Class::No(ErrorKind::NotPermitted)
        }
        Meaning::NotFound => Class::No(ErrorKind::NotFound),
        Meaning::ExistsForScope | Meaning::ExistsForId => Class::No(ErrorKind::Exists),
        Meaning::NoConfig | Meaning::NoId | Meaning::DeviceNotFound | Meaning::NotResolved => {
            Class::No(ErrorKind::Refused)
        }
        Meaning::GeneralAmbiguous | Meaning::GeneralTransient => Class::Passing(ErrorKind::Unreachable),
        Meaning::GeneralPermanent if status == 401 => return None,
        Meaning::GeneralPermanent => Class::No(ErrorKind::Refused),
    })
}

fn by_status(operation: Operation, status: u16, body: Body) -> Class {
    match status {
        429 => Class::Untouched,
        408 | 500 | 502..=504 => Class::Passing(ErrorKind::Unreachable),
        500.. => Class::Lasting(ErrorKind::Unreachable),
        401 | 403 => Class::No(ErrorKind::NotPermitted),
        404 | 410 => Class::No(ErrorKind::NotFound),
        409 if operation == Operation::Add => Class::No(ErrorKind::Exists),
        400..=499 => Class::No(ErrorKind::Refused),
        200..=299 if body == Body::Words => Class::No(ErrorKind::Refused),
        _ => Class::Passing(ErrorKind::Malformed),
    }
}

/// Decides about an answer that a stranger would get: what a missing or expired session answers is not known.
fn stranger(standing: Standing, status: u16, body: Body, unknown_general: bool) -> Option<Class> {
    let redirected = (300..400).contains(&status);
    let turned_away = status == 401 || redirected;
    let perhaps = status == 403 || body == Body::Html || unknown_general;
    match standing {
        Standing::Session if turned_away => Some(Class::Login(Doubt::None)),
        Standing::Session if perhaps => Some(Class::Login(Doubt::Probe)),
        Standing::NewKey if turned_away || status == 403 || unknown_general => {
            Some(Class::No(ErrorKind::NotAuthenticated))
        }
        Standing::NewKey if body == Body::Html && status < 300 => Some(Class::Passing(ErrorKind::NotAuthenticated)),
        Standing::Session | Standing::NewKey | Standing::Accepted => None,
    }
}

/// The pause before the second attempt, at most; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause that is not asked for by the server.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Gives the pause after an attempt: exponential with full jitter, and never before the server wants to be asked again.
///
/// `chance` lies between 0 and 1. The jitter comes on top of Retry-After, so that clients do not return all at once.
pub(super) fn pause(attempt: u32, retry_after: Option<Duration>, chance: f64) -> Duration {
    let ceiling = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(attempt.min(16)).unwrap_or(u32::MAX)).min(LONGEST_PAUSE);
    let jitter = ceiling.mul_f64(chance.clamp(0.0, 1.0));
    retry_after.map_or(jitter, |asked| asked.saturating_add(jitter.min(FIRST_PAUSE)))
}

/// Reads a Retry-After header: seconds, or an HTTP date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}
