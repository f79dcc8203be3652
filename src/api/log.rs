//! The request log: one line for each request, and the names of headers, never what they hold.

use std::sync::atomic::Ordering;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::failure::Failure;
use super::request::Request;
use super::transport::Answered;

/// Where the lines come from, for whoever filters the log.
const TARGET: &str = "icsync::request";

/// A request under way.
pub(super) struct Entry<'a> {
    request: &'a Request,
    attempt: u32,
    began: Instant,
}

impl<'a> Entry<'a> {
    /// Begins an entry when a request is sent.
    pub(super) fn begin(request: &'a Request, headers: &HeaderMap) -> Self {
        let attempt = request.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::trace!(target: TARGET, operation = %request.operation, attempt, headers = names(headers), "sent");
        Self { request, attempt, began: Instant::now() }
    }

    /// Writes the line of a request that was answered, or came to nothing.
    pub(super) fn end(self, result: &Result<Answered, Failure>) {
        if !tracing::enabled!(target: TARGET, tracing::Level::DEBUG) {
            return;
        }
        let Self { request, attempt, began } = self;
        let Request { operation, method, url, .. } = request;
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match result {
            Ok(answered) => {
                let (status, code) = (answered.status, answered.code().map(|code| code.0));
                tracing::trace!(target: TARGET, %operation, attempt, headers = names(&answered.headers), "received");
                tracing::debug!(target: TARGET, %operation, %method, path, status, code, attempt, milliseconds, "request");
            }
            Err(Failure { message: failure, .. }) => {
                tracing::debug!(target: TARGET, %operation, %method, path, failure, attempt, milliseconds, "request");
            }
        }
    }
}

fn names(headers: &HeaderMap) -> String {
    headers.keys().map(reqwest::header::HeaderName::as_str).collect::<Vec<_>>().join(", ")
}
