//! The retry table: what an outcome means for the request that met it. Pure; a snapshot shows it whole.

use std::time::Duration;

use jiff::Timestamp;

use super::code;
use super::error::{ErrorCode, ErrorKind, Operation};
use super::failure::{AttemptOutcome, Body, Reached};

/// How we stand with the server when an answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// With an API key that nothing has succeeded with yet.
    NewKey,
    /// With an API key that was accepted and may have been revoked since.
    Key,
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
pub(super) enum SessionDoubt {
    /// 401 or a redirect.
    None,
    /// An answer that may also be about the object: a cheap request tells.
    Probe,
    /// A read that was forbidden, likewise: where sessions that are new meet it too, it is about the object.
    Forbidden,
}

/// What to do after an attempt that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Try again after a pause.
    Repeat,
    /// See to the session first; a read is then repeated, a write is uncertain.
    Renew(SessionDoubt),
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
enum FailureClass {
    /// Nothing was done, and it may be tried again.
    Untouched,
    /// Trouble that may pass.
    Passing(ErrorKind),
    /// Trouble that stays, without telling what was done.
    Lasting(ErrorKind),
    /// The session may be over.
    Login(SessionDoubt),
    /// A clear no.
    No(ErrorKind),
    /// The run's deadline came before the request was sent.
    TooLate,
}

/// Decides what follows from an attempt that did not succeed.
pub(super) fn judge(operation: Operation, standing: Standing, outcome: AttemptOutcome, attempt: Attempt) -> Verdict {
    let last = attempt.number >= attempt.retries;
    let class = classify(operation, standing, outcome);
    match operation {
        Operation::List | Operation::Info => read_verdict(&class, last),
        Operation::Session => login_verdict(&class, last),
        Operation::Add | Operation::Change | Operation::Delete => write_verdict(&class, last),
    }
}

fn read_verdict(class: &FailureClass, last: bool) -> Verdict {
    match *class {
        FailureClass::Untouched if last => Verdict::Fail(ErrorKind::Unreachable),
        FailureClass::Passing(kind) if last => Verdict::Fail(kind),
        FailureClass::Untouched | FailureClass::Passing(_) => Verdict::Repeat,
        FailureClass::Lasting(kind) | FailureClass::No(kind) => Verdict::Fail(kind),
        FailureClass::TooLate => Verdict::Fail(ErrorKind::Deadline),
        FailureClass::Login(doubt) => Verdict::Renew(doubt),
    }
}

/// A password is tried once: only trouble that says nothing about it is repeated.
fn login_verdict(class: &FailureClass, last: bool) -> Verdict {
    match read_verdict(class, last) {
        Verdict::Fail(ErrorKind::Refused | ErrorKind::NotPermitted | ErrorKind::Exists) | Verdict::Renew(_) => {
            Verdict::Fail(ErrorKind::NotAuthenticated)
        }
        verdict => verdict,
    }
}

fn write_verdict(class: &FailureClass, last: bool) -> Verdict {
    match *class {
        FailureClass::Untouched if last => Verdict::NotDone(ErrorKind::Unreachable),
        FailureClass::Untouched => Verdict::Repeat,
        FailureClass::Passing(kind) | FailureClass::Lasting(kind) => Verdict::Uncertain(kind),
        // Only a session that is known to be over lets a write be sent again.
        FailureClass::Login(_) => Verdict::Renew(SessionDoubt::Probe),
        FailureClass::No(kind) => Verdict::Refused(kind),
        FailureClass::TooLate => Verdict::NotDone(ErrorKind::Deadline),
    }
}

fn classify(operation: Operation, standing: Standing, outcome: AttemptOutcome) -> FailureClass {
    let (status, code, body) = match outcome {
        AttemptOutcome::Unsent => return FailureClass::Untouched,
        AttemptOutcome::Lost => return FailureClass::Passing(ErrorKind::Unreachable),
        AttemptOutcome::Late(Reached::Client) => return FailureClass::TooLate,
        AttemptOutcome::Late(Reached::Server) => return FailureClass::Lasting(ErrorKind::Deadline),
        AttemptOutcome::Answered { status, code, body } => (status, code, body),
    };
    by_code(status, code).unwrap_or_else(|| {
        let unknown_general = code.is_some_and(ErrorCode::is_unknown_general);
        match by_status(operation, status, body) {
            class @ (FailureClass::Untouched
            | FailureClass::Passing(ErrorKind::Unreachable)
            | FailureClass::Lasting(_)
            | FailureClass::TooLate) => class,
            class => stranger(standing, status, body, unknown_general).unwrap_or(class),
        }
    })
}

/// Decides by the code, which comes before the status: the status of an error is not known for sure.
fn by_code(status: u16, code: Option<ErrorCode>) -> Option<FailureClass> {
    let code = code?;
    match code.class()? {
        // Whatever else a general code means, 401 is about who we are.
        code::Class::Permanent(_) if status == 401 && code.is_general() => None,
        code::Class::Permanent(kind) => Some(FailureClass::No(kind)),
        code::Class::Ambiguous | code::Class::Transient => Some(FailureClass::Passing(ErrorKind::Unreachable)),
        code::Class::Session => None,
    }
}

fn by_status(operation: Operation, status: u16, body: Body) -> FailureClass {
    match status {
        408 | 429 | 500 | 502..=504 | 520..=524 | 529 => FailureClass::Passing(ErrorKind::Unreachable),
        500.. => FailureClass::Lasting(ErrorKind::Unreachable),
        // Who is known by now is not any more: a key that was revoked.
        401 => FailureClass::No(ErrorKind::NotAuthenticated),
        403 => FailureClass::No(ErrorKind::NotPermitted),
        404 | 410 => FailureClass::No(ErrorKind::NotFound),
        409 if operation == Operation::Add => FailureClass::No(ErrorKind::Exists),
        400..=499 => FailureClass::No(ErrorKind::Refused),
        200..=299 if body == Body::Words => FailureClass::No(ErrorKind::Refused),
        _ => FailureClass::Passing(ErrorKind::Malformed),
    }
}

/// Decides about an answer that a stranger would get: what a missing or expired session answers is not known.
fn stranger(standing: Standing, status: u16, body: Body, unknown_general: bool) -> Option<FailureClass> {
    let redirected = (300..400).contains(&status);
    let turned_away = status == 401 || redirected;
    let perhaps = status == 403 || body == Body::Html || unknown_general;
    match standing {
        Standing::Session if turned_away => Some(FailureClass::Login(SessionDoubt::None)),
        Standing::Session if status == 403 => Some(FailureClass::Login(SessionDoubt::Forbidden)),
        Standing::Session if perhaps => Some(FailureClass::Login(SessionDoubt::Probe)),
        Standing::NewKey if turned_away || status == 403 || unknown_general => {
            Some(FailureClass::No(ErrorKind::NotAuthenticated))
        }
        Standing::NewKey if body == Body::Html && status < 300 => {
            Some(FailureClass::Passing(ErrorKind::NotAuthenticated))
        }
        Standing::Key if redirected || perhaps => Some(FailureClass::Login(SessionDoubt::Probe)),
        Standing::Session | Standing::NewKey | Standing::Key | Standing::Accepted => None,
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
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit are for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    Some(Duration::try_from(http_date(value)?.duration_since(now)).unwrap_or_default())
}

/// Reads an HTTP date (RFC 9110, section 5.6.7) in its usual form. One that lies beyond all calendars is the last there is.
pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    let date = jiff::fmt::rfc2822::parse(value).map(|date| date.timestamp());
    let distant = || value.contains(" 9999 ").then_some(Timestamp::MAX);
    date.ok().or_else(distant)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const OPERATIONS: [(Operation, &str); 4] = [
        (Operation::List, "list, info"),
        (Operation::Add, "add"),
        (Operation::Change, "change, delete"),
        (Operation::Session, "login"),
    ];

    fn answered(status: u16, code: Option<u32>, body: Body) -> AttemptOutcome {
        AttemptOutcome::Answered { status, code: code.map(ErrorCode), body }
    }

    fn rows() -> Vec<(String, AttemptOutcome)> {
        let mut rows = vec![
            ("no connection".to_owned(), AttemptOutcome::Unsent),
            ("timeout, reset, truncated".to_owned(), AttemptOutcome::Lost),
            ("deadline before sending".to_owned(), AttemptOutcome::Late(Reached::Client)),
            ("deadline while waiting".to_owned(), AttemptOutcome::Late(Reached::Server)),
            ("200 without Result".to_owned(), answered(200, None, Body::Senseless)),
            ("200 Result: Failure".to_owned(), answered(200, None, Body::Words)),
        ];
        for status in [400, 404, 408, 409, 413, 429, 500, 501, 502, 503, 504, 505, 519, 520, 524, 525, 529, 530] {
            rows.push((format!("{status}"), answered(status, None, Body::Senseless)));
        }
        rows.push(("503 web page".to_owned(), answered(503, None, Body::Html)));
        let known = ErrorCode::all().filter(|code| !code.is_unknown_general()).map(|code| code.0).chain([30010]);
        rows.extend(known.map(|code| (format!("{code} (400)"), answered(400, Some(code), Body::Words))));
        rows.push(("30005 (200)".to_owned(), answered(200, Some(30005), Body::Words)));
        rows.push(("30005 (500)".to_owned(), answered(500, Some(30005), Body::Words)));
        rows
    }

    fn strangers() -> Vec<(String, AttemptOutcome)> {
        vec![
            ("302".to_owned(), answered(302, None, Body::Senseless)),
            ("401".to_owned(), answered(401, None, Body::Senseless)),
            ("403".to_owned(), answered(403, None, Body::Senseless)),
            ("200 web page".to_owned(), answered(200, None, Body::Html)),
            ("404 web page".to_owned(), answered(404, None, Body::Html)),
            ("10201 (200)".to_owned(), answered(200, Some(10201), Body::Words)),
            ("10201 (400)".to_owned(), answered(400, Some(10201), Body::Words)),
        ]
    }

    /// Writes what happens at the first attempt, and what at the last where that is something else.
    fn cell(operation: Operation, standing: Standing, outcome: AttemptOutcome) -> String {
        let at = |number| judge(operation, standing, outcome, Attempt { number, retries: 4 });
        let word = |verdict| match verdict {
            Verdict::Repeat => "repeat".to_owned(),
            Verdict::Renew(SessionDoubt::None) => "renew".to_owned(),
            Verdict::Renew(SessionDoubt::Probe) => "probe, renew".to_owned(),
            Verdict::Renew(SessionDoubt::Forbidden) => "probe, renew once".to_owned(),
            Verdict::Fail(kind) => format!("{kind:?}"),
            Verdict::Refused(kind) => format!("refused {kind:?}"),
            Verdict::NotDone(kind) => format!("not done {kind:?}"),
            Verdict::Uncertain(kind) => format!("uncertain {kind:?}"),
        };
        let (first, last) = (word(at(0)), word(at(4)));
        if first == last { first } else { format!("{first}, {last}") }
    }

    fn line<const COLUMNS: usize>(out: &mut String, name: &str, cells: [String; COLUMNS]) {
        let padded = cells.map(|cell| format!("{cell:<28}"));
        let _ = writeln!(out, "{}", format!("{name:<28} {}", padded.join(" ")).trim_end());
    }

    #[test]
    fn the_table_of_answers_that_are_not_about_who_we_are() {
        let mut out = String::new();
        line(&mut out, "", OPERATIONS.map(|(_, name)| name.to_owned()));
        for (name, outcome) in rows() {
            let cells = OPERATIONS.map(|(operation, _)| cell(operation, Standing::Accepted, outcome));
            line(&mut out, &name, cells);
            if name != "503 web page" {
                let same = |(operation, _)| {
                    cell(operation, Standing::Session, outcome) == cell(operation, Standing::Accepted, outcome)
                };
                assert!(OPERATIONS.into_iter().all(same), "{name}");
            }
        }
        insta::assert_snapshot!(out, @r"
                                     list, info                   add                          change, delete               login
        no connection                repeat, Unreachable          repeat, not done Unreachable repeat, not done Unreachable repeat, Unreachable
        timeout, reset, truncated    repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        deadline before sending      Deadline                     not done Deadline            not done Deadline            Deadline
        deadline while waiting       Deadline                     uncertain Deadline           uncertain Deadline           Deadline
        200 without Result           repeat, Malformed            uncertain Malformed          uncertain Malformed          repeat, Malformed
        200 Result: Failure          Refused                      refused Refused              refused Refused              NotAuthenticated
        400                          Refused                      refused Refused              refused Refused              NotAuthenticated
        404                          NotFound                     refused NotFound             refused NotFound             NotFound
        408                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        409                          Refused                      refused Exists               refused Refused              NotAuthenticated
        413                          Refused                      refused Refused              refused Refused              NotAuthenticated
        429                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        500                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        501                          Unreachable                  uncertain Unreachable        uncertain Unreachable        Unreachable
        502                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        503                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        504                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        505                          Unreachable                  uncertain Unreachable        uncertain Unreachable        Unreachable
        519                          Unreachable                  uncertain Unreachable        uncertain Unreachable        Unreachable
        520                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        524                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        525                          Unreachable                  uncertain Unreachable        uncertain Unreachable        Unreachable
        529                          repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        530                          Unreachable                  uncertain Unreachable        uncertain Unreachable        Unreachable
        503 web page                 repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        30000 (400)                  NotPermitted                 refused NotPermitted         refused NotPermitted         NotAuthenticated
        30001 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        30002 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        30003 (400)                  NotFound                     refused NotFound             refused NotFound             NotFound
        30004 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        30005 (400)                  Exists                       refused Exists               refused Exists               NotAuthenticated
        30006 (400)                  Exists                       refused Exists               refused Exists               NotAuthenticated
        30007 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        30008 (400)                  NotPermitted                 refused NotPermitted         refused NotPermitted         NotAuthenticated
        30009 (400)                  NotPermitted                 refused NotPermitted         refused NotPermitted         NotAuthenticated
        10000 (400)                  repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        10001 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        10101 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        10102 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        10103 (400)                  repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        10104 (400)                  repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        10105 (400)                  repeat, Unreachable          uncertain Unreachable        uncertain Unreachable        repeat, Unreachable
        30010 (400)                  Refused                      refused Refused              refused Refused              NotAuthenticated
        30005 (200)                  Exists                       refused Exists               refused Exists               NotAuthenticated
        30005 (500)                  Exists                       refused Exists               refused Exists               NotAuthenticated
        ");
    }

    #[test]
    fn the_table_of_answers_that_a_stranger_would_get() {
        let mut out = String::new();
        let columns = [
            ("read, new key", Operation::List, Standing::NewKey),
            ("read, key", Operation::List, Standing::Key),
            ("read, accepted", Operation::List, Standing::Accepted),
            ("write, accepted", Operation::Change, Standing::Accepted),
            ("read, session", Operation::List, Standing::Session),
            ("write, session", Operation::Change, Standing::Session),
            ("login", Operation::Session, Standing::Session),
        ];
        line(&mut out, "", columns.map(|(name, ..)| name.to_owned()));
        for (name, outcome) in strangers() {
            let cells = columns.map(|(_, operation, standing)| cell(operation, standing, outcome));
            line(&mut out, &name, cells);
        }
        insta::assert_snapshot!(out, @"
                                     read, new key                read, key                    read, accepted               write, accepted              read, session                write, session               login
        302                          NotAuthenticated             probe, renew                 repeat, Malformed            uncertain Malformed          renew                        probe, renew                 NotAuthenticated
        401                          NotAuthenticated             NotAuthenticated             NotAuthenticated             refused NotAuthenticated     renew                        probe, renew                 NotAuthenticated
        403                          NotAuthenticated             probe, renew                 NotPermitted                 refused NotPermitted         probe, renew once            probe, renew                 NotAuthenticated
        200 web page                 repeat, NotAuthenticated     probe, renew                 repeat, Malformed            uncertain Malformed          probe, renew                 probe, renew                 NotAuthenticated
        404 web page                 NotFound                     probe, renew                 NotFound                     refused NotFound             probe, renew                 probe, renew                 NotAuthenticated
        10201 (200)                  NotAuthenticated             probe, renew                 Refused                      refused Refused              probe, renew                 probe, renew                 NotAuthenticated
        10201 (400)                  NotAuthenticated             probe, renew                 Refused                      refused Refused              probe, renew                 probe, renew                 NotAuthenticated
        ");
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_follow_retry_after() {
        let longest: Vec<u128> =
            [0, 1, 2, 6, 7, 40, u32::MAX].map(|attempt| pause(attempt, None, 1.0).as_millis()).to_vec();
        assert_eq!(longest, [200, 400, 800, 12_800, 20_000, 20_000, 20_000]);
        assert_eq!(pause(3, None, 0.0), Duration::ZERO);
        assert_eq!(pause(3, Some(Duration::from_secs(7)), 0.0), Duration::from_secs(7));
        assert_eq!(pause(3, Some(Duration::from_secs(7)), 1.0), Duration::from_millis(7200));
        assert_eq!(pause(3, Some(Duration::MAX), 1.0), Duration::MAX);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2025-10-21T07:28:00Z".parse().expect("a time");
        let read = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(read(" 120 "), Some(120));
        assert_eq!(read("Tue, 21 Oct 2025 07:29:30 GMT"), Some(90));
        assert_eq!(read("Tue, 21 Oct 2025 07:00:00 GMT"), Some(0));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-5"), None);
    }
}
