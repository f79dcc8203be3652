//! One attempt at one request, bounded in time, size and number; and the pauses between attempts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::header::{CONTENT_TYPE, COOKIE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use super::cause::explain;
use super::connector::Connector;
use super::cookies::Cookies;
use super::credentials::{Blanks, Credentials, secret_header};
use super::error::{ApiError, ErrorCode, ErrorKind, Operation, SaidBy};
use super::failure::{self, AttemptFailure, AttemptOutcome, Body, BodyFormat, Reached};
use super::log::Entry;
use super::meter::Meter;
use super::pace::{Load, Pace};
use super::request::{BaseUrl, Request};
use super::retry::{self, Attempt};
use super::sensitive::SensitiveValues;
use super::{ConnectError, Options, wire};
use crate::model::ServerUrl;
use crate::text::excerpt;

/// An answer of more values is not opened: each takes many times the memory of the two bytes that it may be written in.
const FEWEST_VALUES: usize = 1_000_000;

/// An answer may have one value for so many bytes of `max_body`, which short values take in memory: whoever allows larger answers
/// has the memory for more values too.
const BYTES_PER_VALUE: usize = 32;
/// The longest that one request or wait may take when the run has no deadline.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Sends requests, at most so many at once.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    /// The proxy in words.
    proxy: Option<String>,
    server: ServerUrl,
    cookies: Mutex<Cookies>,
    pub(super) credentials: Credentials,
    pub(super) sensitive: Arc<SensitiveValues>,
    pace: Pace,
    timeout: Duration,
    deadline: Option<Instant>,
    stop: CancellationToken,
    retries: u32,
    max_body: usize,
    random: Mutex<SmallRng>,
    meter: Option<Arc<dyn Meter>>,
    pub(super) activity: Activity,
}

/// An answer, read to its end.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    blanks: Blanks,
    sensitive: Arc<SensitiveValues>,
}

impl Transport {
    /// Prepares connections; none is made yet.
    pub(super) fn new(options: &Options, base: &BaseUrl) -> Result<Self, ConnectError> {
        let credentials = Credentials::default();
        let Connector { http, proxy } = Connector::new(options, base.server(), &credentials)?;
        Ok(Self {
            http,
            proxy,
            server: base.server().clone(),
            cookies: Mutex::default(),
            credentials,
            sensitive: Arc::new(SensitiveValues::new(options.sensitive.clone())),
            pace: Pace::new(options.parallelism),
            timeout: options.timeout,
            deadline: options.deadline,
            stop: options.stop.clone(),
            retries: options.retries,
            max_body: options.max_body,
            random: Mutex::new(SmallRng::seed_from_u64(options.seed)),
            meter: options.meter.clone(),
            activity: options.activity.clone(),
        })
    }

    /// Says which attempt this is.
    pub(super) fn attempt(&self, number: u32) -> Attempt {
        Attempt { number, retries: self.retries }
    }

    /// Says in the log how many requests the server was found to take at a time.
    pub(super) fn say_pace(&self) {
        tracing::debug!(in_flight = self.pace.allowed(), "requests in flight at the end");
    }

    /// Sends a request once, before the run's deadline.
    pub(super) async fn send(&self, request: &Request, headers: HeaderMap) -> Result<Answered, AttemptFailure> {
        let slot = self.pace.slot().await;
        let left = self.time_left();
        if left.is_zero() {
            return Err(late(Reached::Client));
        }
        let result = self.exchange(request, headers, left.min(self.timeout)).await;
        slot.finish(request.operation, load(&result));
        match result {
            Err(failure) if failure.outcome == AttemptOutcome::Lost && self.time_left().is_zero() => {
                Err(late(Reached::Server))
            }
            result => result,
        }
    }

    /// Sends a request once, whatever the deadline; for leaving politely.
    pub(super) async fn send_anyway(&self, request: &Request, headers: HeaderMap, limit: Duration) {
        if let Err(failure) = self.exchange(request, headers, limit.min(self.timeout)).await {
            tracing::debug!(message = failure.message, "the session was not ended");
        }
    }

    /// Waits before the next attempt, or fails at once when the deadline comes first.
    pub(super) async fn pause(&self, request: &Request, number: u32, failure: &AttemptFailure) -> Result<(), ApiError> {
        let chance = self.random.lock().unwrap_or_else(PoisonError::into_inner).random::<f64>();
        let pause = retry::pause(number, failure.retry_after, chance);
        if pause >= self.time_left() {
            let beyond = match self.deadline {
                Some(_) => "would go beyond the deadline",
                None => "is longer than icsync waits for anybody",
            };
            let message = format!("{}; waiting {} s {beyond}", failure.message, pause.as_secs());
            return Err(error(request, ErrorKind::Deadline, &AttemptFailure { message, ..*failure }));
        }
        tracing::debug!(operation = %request.operation, object = request.subject.name(), message = failure.message, ?pause, "retry");
        if failure.retry_after.is_some() {
            self.activity.wait_as_asked(pause);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {
                let message = format!("{}; the run was interrupted before another try", failure.message);
                return Err(error(request, ErrorKind::Deadline, &AttemptFailure { message, ..*failure }));
            }
        }
        self.activity.counters().retried();
        self.meter.iter().for_each(|meter| meter.retry());
        Ok(())
    }

    /// Gives the time until the deadline, zero when it is over.
    fn time_left(&self) -> Duration {
        self.deadline.map_or(LONGEST_WAIT, |deadline| deadline.saturating_duration_since(Instant::now()))
    }

    async fn exchange(
        &self,
        request: &Request,
        headers: HeaderMap,
        limit: Duration,
    ) -> Result<Answered, AttemptFailure> {
        let headers = self.complete(request, headers);
        let (entry, began) = (Entry::begin(request, &headers), Instant::now());
        let result = self.deliver(request, headers, limit).await;
        if let Some(meter) = &self.meter {
            meter.request(request.operation, status(&result), began.elapsed(), self.pace.allowed());
        }
        match &result {
            Ok(answered) => entry.answered(answered.status, &answered.headers, || answered.code()),
            Err(failure) => entry.failed(failure),
        }
        result
    }

    async fn deliver(
        &self,
        request: &Request,
        headers: HeaderMap,
        limit: Duration,
    ) -> Result<Answered, AttemptFailure> {
        let blanks = self.credentials.blanks(&headers);
        let mut builder =
            self.http.request(request.method.clone(), request.url.clone()).headers(headers).timeout(limit);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        self.activity.counters().sent(request.operation);
        let mut response = builder.send().await.map_err(|error| {
            let failure = self.broken(&error, limit);
            if failure.outcome == AttemptOutcome::Unsent {
                self.activity.counters().unsent(request.operation);
            }
            failure
        })?;
        self.take_cookies(response.headers());
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        match read_body(&mut response, self.max_body).await {
            Ok(body) if self.is_overfull(&body) => Err(too_much(status, &self.many_values())),
            Ok(body) => Ok(Answered { status, headers, body, blanks, sensitive: Arc::clone(&self.sensitive) }),
            Err(Unread::TooLong) => Err(too_much(status, &self.many_bytes())),
            Err(Unread::Broken(error)) => {
                Err(AttemptFailure { outcome: AttemptOutcome::Lost, ..self.broken(&error, limit) })
            }
        }
    }

    fn many_bytes(&self) -> String {
        format!("{} bytes: lower `requests.page_size`, or raise `requests.max_body`", self.max_body)
    }

    fn many_values(&self) -> String {
        format!("{} values: lower `requests.page_size`, or raise `requests.max_body`", self.most_values())
    }

    /// Gives how many values an answer may have: memory follows from them more than from their bytes.
    fn most_values(&self) -> usize {
        FEWEST_VALUES.max(self.max_body / BYTES_PER_VALUE)
    }

    /// Tells whether an answer has more values than are opened: none has more than bytes, and most have few.
    fn is_overfull(&self, body: &[u8]) -> bool {
        body.len() > self.most_values() && wire::values(body) > self.most_values()
    }

    /// Adds what every request brings besides what signs it.
    fn complete(&self, request: &Request, mut headers: HeaderMap) -> HeaderMap {
        if request.operation != Operation::Session {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let own = headers.get(COOKIE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let kept = self.cookies.lock().unwrap_or_else(PoisonError::into_inner).of(request.url.path(), Timestamp::now());
        let cookies: Vec<String> = own.into_iter().chain(kept).collect();
        if let Some(value) = secret_header(&cookies.join("; ")) {
            headers.insert(COOKIE, value);
        }
        headers
    }

    fn take_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            cookies.take(cookie, self.server.host(), Timestamp::now());
        }
    }

    /// Reads an error of the transport. A server that was killed shows as a failed connection with HTTP/2 and as one that
    /// closed early with HTTP/1.1; only the first is certain not to have reached it.
    fn broken(&self, error: &reqwest::Error, limit: Duration) -> AttemptFailure {
        let by = self.proxy.as_ref().map(|proxy| format!(" by {proxy}")).unwrap_or_default();
        let (outcome, message) = if error.is_connect() || error.is_builder() {
            (AttemptOutcome::Unsent, format!("no connection{by}: {}", explain(error, &self.server)))
        } else if error.is_timeout() {
            (AttemptOutcome::Lost, format!("no answer{by} within {} s", limit.as_secs_f32()))
        } else {
            (AttemptOutcome::Lost, format!("the connection{by} broke: {}", explain(error, &self.server)))
        };
        AttemptFailure { outcome, message, retry_after: None }
    }
}

impl Answered {
    /// Says what an answer that is not the operation's success came to; `reason` is why its body is of no use.
    pub(super) fn failure(&self, reason: &str) -> AttemptFailure {
        let said = failure::read(&self.body, self.format());
        let code = said.code.map(|code| format!(" ({code})")).unwrap_or_default();
        // What a server says of credentials may repeat them.
        let words = match (if self.status == 401 { "" } else { said.words.as_str() }, said.body) {
            ("", _) if reason.is_empty() => String::new(),
            ("", _) | (_, Body::Senseless) if self.status < 300 => format!(": {}", self.shown(reason)),
            ("", _) => String::new(),
            (words, Body::Words | Body::Html | Body::Senseless) => format!(": {}", self.shown(words)),
        };
        AttemptFailure {
            outcome: AttemptOutcome::Answered { status: self.status, code: said.code, body: said.body },
            message: format!("the server answered {}{code}{}{words}", self.status, self.redirection()),
            retry_after: self.retry_after(),
        }
    }

    /// Gives the code of an answer that does not tell of success.
    fn code(&self) -> Option<ErrorCode> {
        let success = self.status < 300 && (self.body.is_empty() || wire::tells_success(&self.body));
        if success { None } else { failure::read(&self.body, self.format()).code }
    }

    /// Shows words of the server: bounded, and with the credentials of this run and sensitive values blanked before anything is cut.
    pub(super) fn shown(&self, words: &str) -> String {
        excerpt(&self.sensitive.blank(&self.blanks.blank(words)))
    }

    fn format(&self) -> BodyFormat {
        let format = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if format.to_ascii_lowercase().starts_with("text/html") { BodyFormat::Html } else { BodyFormat::Other }
    }

    /// Names the host of a redirect. The rest of the address may hold a session.
    fn redirection(&self) -> String {
        let target =
            self.headers.get(LOCATION).and_then(|value| value.to_str().ok()).filter(|_| self.status / 100 == 3);
        let host = target.map(|target| {
            let host = reqwest::Url::parse(target).ok().and_then(|url| url.host_str().map(str::to_owned));
            host.map_or_else(|| "the same host".to_owned(), |host| format!("`{}`", self.shown(&host)))
        });
        host.map(|host| format!(", a redirect to {host} that is not followed")).unwrap_or_default()
    }

    fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?;
        // A date is one of the server's clock, which may differ from ours.
        let date = self.headers.get(DATE).and_then(|date| retry::http_date(date.to_str().ok()?));
        retry::retry_after(value, date.unwrap_or_else(Timestamp::now))
    }
}

/// Makes the error of a request that failed for good.
pub(super) fn error(request: &Request, kind: ErrorKind, failure: &AttemptFailure) -> ApiError {
    let (code, status, said_by) = match failure.outcome {
        AttemptOutcome::Answered { status, code, body: Body::Words } => (code, Some(status), SaidBy::Api),
        AttemptOutcome::Answered { status, code, body: Body::Html | Body::Senseless } => {
            (code, Some(status), SaidBy::Anybody)
        }
        AttemptOutcome::Unsent | AttemptOutcome::Lost | AttemptOutcome::Late(_) => (None, None, SaidBy::Anybody),
    };
    let Request { operation, subject, .. } = request;
    let (object, message, retry_after) = (subject.name(), failure.message.clone(), failure.retry_after);
    ApiError { operation: *operation, object, kind, code, status, retry_after, said_by, message }
}

/// The byte order mark in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads an answer to its end, as far as there is room for it.
async fn read_body(response: &mut reqwest::Response, most: usize) -> Result<Vec<u8>, Unread> {
    let expected = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut body = Vec::with_capacity(expected.min(1 << 20));
    while let Some(chunk) = response.chunk().await.map_err(Unread::Broken)? {
        if body.len() + chunk.len() > most {
            return Err(Unread::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    // Some servers write a byte order mark, which a reader of JSON may ignore (RFC 8259, section 8.1).
    if body.starts_with(BYTE_ORDER_MARK) {
        body.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(body)
}

/// Why an answer was not read to its end.
enum Unread {
    Broken(reqwest::Error),
    TooLong,
}

fn too_much(status: u16, what: &str) -> AttemptFailure {
    let outcome = AttemptOutcome::Answered { status, code: None, body: Body::Senseless };
    let message = format!("the server answered {status} with more than {what}");
    AttemptFailure { outcome, message, retry_after: None }
}

fn late(reached: Reached) -> AttemptFailure {
    AttemptFailure {
        outcome: AttemptOutcome::Late(reached),
        message: "the run's deadline is over".to_owned(),
        retry_after: None,
    }
}

fn status(result: &Result<Answered, AttemptFailure>) -> Option<u16> {
    match result {
        Ok(answered) => Some(answered.status),
        Err(AttemptFailure { outcome: AttemptOutcome::Answered { status, .. }, .. }) => Some(*status),
        Err(_) => None,
    }
}

fn load(result: &Result<Answered, AttemptFailure>) -> Load {
    match result {
        Ok(Answered { status: 429 | 503 | 529, .. }) => Load::TooMuch,
        Ok(Answered { status: 200..=499, .. }) => Load::Fine,
        Ok(_) | Err(_) => Load::Unclear,
    }
}
