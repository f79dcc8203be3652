//! One attempt at one request, bounded in time, size and number; and the pauses between attempts.

use std::error::Error as _;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::counts::Counters;
use super::error::{ApiError, ErrorKind, Operation};
use super::failure::{self, AttemptFailure, AttemptOutcome, Body, BodyFormat, Reached};
use super::pace::{Load, Pace};
use super::request::{BaseUrl, Request};
use super::retry::{self, Attempt};
use super::{ConnectError, Options};
use crate::text::excerpt;

/// A longer body is not read: a page of a thousand clients has a few megabytes.
const LARGEST_BODY: usize = 64 << 20;
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest that one request or wait may take when the run has no deadline.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Sends requests, at most so many at once.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    pace: Pace,
    timeout: Duration,
    deadline: Option<Instant>,
    stop: CancellationToken,
    retries: u32,
    random: Mutex<SmallRng>,
    pub(super) counters: Counters,
}

/// An answer, read to its end.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Transport {
    /// Prepares connections; none is made yet.
    pub(super) fn new(options: &Options, base: &BaseUrl) -> Result<Self, ConnectError> {
        Ok(Self {
            http: http_client(options, base)?,
            pace: Pace::new(options.parallelism),
            timeout: options.timeout,
            deadline: options.deadline,
            stop: options.stop.clone(),
            retries: options.retries,
            random: Mutex::new(SmallRng::seed_from_u64(options.seed)),
            counters: Counters::default(),
        })
    }

    /// Says which attempt this is.
    pub(super) fn attempt(&self, number: u32) -> Attempt {
        Attempt { number, retries: self.retries }
    }

    /// Sends a request once, before the run's deadline.
    pub(super) async fn send(&self, request: &Request, headers: HeaderMap) -> Result<Answered, AttemptFailure> {
        let slot = self.pace.slot().await;
        let left = self.time_left();
        if left.is_zero() {
            return Err(late(Reached::Client));
        }
        let result = self.exchange(request, headers, left.min(self.timeout)).await;
        slot.finish(load(&result));
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
            let message = format!("{}; waiting {} s would go beyond the deadline", failure.message, pause.as_secs());
            return Err(error(request, ErrorKind::Deadline, &AttemptFailure { message, ..*failure }));
        }
        tracing::debug!(operation = %request.operation, object = request.object, message = failure.message, ?pause, "retry");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {
                let message = format!("{}; the run was interrupted before another try", failure.message);
                return Err(error(request, ErrorKind::Deadline, &AttemptFailure { message, ..*failure }));
            }
        }
        self.counters.retried();
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
        let mut builder =
            self.http.request(request.method.clone(), request.url.clone()).headers(headers).timeout(limit);
        if request.operation != Operation::Session {
            builder = builder.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        self.counters.sent(request.operation);
        match builder.send().await {
            Ok(response) => read_body(response, limit).await,
            Err(error) => {
                let failure = broken(&error, limit);
                if failure.outcome == AttemptOutcome::Unsent {
                    self.counters.unsent(request.operation);
                }
                Err(failure)
            }
        }
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
            ("", _) | (_, Body::Senseless) if self.status < 300 => format!(": {reason}"),
            ("", _) => String::new(),
            (words, Body::Words | Body::Html | Body::Senseless) => format!(": {words}"),
        };
        AttemptFailure {
            outcome: AttemptOutcome::Answered { status: self.status, code: said.code, body: said.body },
            message: format!("the server answered {}{code}{}{words}", self.status, self.redirection()),
            retry_after: self.retry_after(),
        }
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
            host.map_or_else(|| "the same host".to_owned(), |host| format!("`{}`", excerpt(&host)))
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
    let (code, status) = match failure.outcome {
        AttemptOutcome::Answered { status, code, body: _ } => (code, Some(status)),
        AttemptOutcome::Unsent | AttemptOutcome::Lost | AttemptOutcome::Late(_) => (None, None),
    };
    let Request { operation, object, .. } = request;
    let (object, message, retry_after) = (object.clone(), failure.message.clone(), failure.retry_after);
    ApiError { operation: *operation, object, kind, code, status, retry_after, message }
}

fn http_client(options: &Options, base: &BaseUrl) -> Result<reqwest::Client, ConnectError> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error says that the program that embeds this library has chosen another provider, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = reqwest::Client::builder()
        .user_agent(&options.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT.min(options.timeout))
        .pool_max_idle_per_host(options.parallelism)
        .tcp_nodelay(true);
    if base.server().is_loopback() {
        builder = builder.no_proxy();
    }
    builder = match &options.ca_pem {
        // No certificate is ever looked at, so the platform's roots need not be read.
        _ if !base.server().is_encrypted() => builder.tls_certs_only([]),
        None => builder.https_only(true),
        Some(pem) => builder.https_only(true).tls_certs_merge(certificates(pem)?),
    };
    builder.build().map_err(|error| ConnectError::Client(chain(&error)))
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, ConnectError> {
    let certificates =
        reqwest::Certificate::from_pem_bundle(pem).map_err(|error| ConnectError::CaFile(chain(&error)))?;
    if certificates.is_empty() {
        return Err(ConnectError::CaFile("it holds no certificate".to_owned()));
    }
    Ok(certificates)
}

/// The byte order mark in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

async fn read_body(mut response: reqwest::Response, limit: Duration) -> Result<Answered, AttemptFailure> {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let expected = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut body = Vec::with_capacity(expected.min(1 << 20));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_BODY => {
                let outcome = AttemptOutcome::Answered { status, code: None, body: Body::Senseless };
                let message = format!("the server answered {status} with more than {} MiB", LARGEST_BODY >> 20);
                return Err(AttemptFailure { outcome, message, retry_after: None });
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => {
                // Some servers write a byte order mark, which a reader of JSON may ignore (RFC 8259, section 8.1).
                if body.starts_with(BYTE_ORDER_MARK) {
                    body.drain(..BYTE_ORDER_MARK.len());
                }
                return Ok(Answered { status, headers, body });
            }
            Err(error) => return Err(AttemptFailure { outcome: AttemptOutcome::Lost, ..broken(&error, limit) }),
        }
    }
}

/// Reads an error of the transport. A server that was killed shows as a failed connection with HTTP/2 and as one that
/// closed early with HTTP/1.1; only the first is certain not to have reached it.
fn broken(error: &reqwest::Error, limit: Duration) -> AttemptFailure {
    let (outcome, message) = if error.is_connect() || error.is_builder() {
        (AttemptOutcome::Unsent, format!("no connection: {}", chain(error)))
    } else if error.is_timeout() {
        (AttemptOutcome::Lost, format!("no answer within {} s", limit.as_secs_f32()))
    } else {
        (AttemptOutcome::Lost, format!("the connection broke: {}", chain(error)))
    };
    AttemptFailure { outcome, message, retry_after: None }
}

fn late(reached: Reached) -> AttemptFailure {
    AttemptFailure {
        outcome: AttemptOutcome::Late(reached),
        message: "the run's deadline is over".to_owned(),
        retry_after: None,
    }
}

/// Writes the causes of an error, from the second on where there are several: the first says only that it failed.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        source = cause.source();
    }
    if causes.is_empty() {
        causes.push("the request could not be made".to_owned());
    }
    excerpt(&causes.join(": "))
}

fn load(result: &Result<Answered, AttemptFailure>) -> Load {
    match result {
        Ok(Answered { status: 429 | 503, .. }) => Load::TooMuch,
        Ok(Answered { status: 200..=499, .. }) => Load::Fine,
        Ok(_) | Err(_) => Load::Unclear,
    }
}
