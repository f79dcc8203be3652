//! The request log: one line for each request, and the names of headers, never what they hold.

use std::sync::atomic::Ordering;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::error::ErrorCode;
use super::failure::AttemptFailure;
use super::request::Request;

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

    /// Writes the lines of a request that was answered. Whether `code` is asked for depends on the log.
    pub(super) fn answered(self, status: u16, headers: &HeaderMap, code: impl FnOnce() -> Option<ErrorCode>) {
        if !tracing::enabled!(target: TARGET, tracing::Level::DEBUG) {
            return;
        }
        let (path, milliseconds) = (self.path(), self.milliseconds());
        let Self { request: Request { operation, method, .. }, attempt, began: _ } = self;
        let code = code().map(|code| code.0);
        tracing::trace!(target: TARGET, %operation, attempt, headers = names(headers), "received");
        tracing::debug!(target: TARGET, %operation, %method, path, status, code, attempt, milliseconds, "request");
    }

    /// Writes the line of a request that came to nothing.
    pub(super) fn failed(self, failure: &AttemptFailure) {
        let (path, milliseconds) = (self.path(), self.milliseconds());
        let Self { request: Request { operation, method, .. }, attempt, began: _ } = self;
        let failure = &failure.message;
        tracing::debug!(target: TARGET, %operation, %method, path, failure, attempt, milliseconds, "request");
    }

    fn path(&self) -> String {
        let url = &self.request.url;
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn names(headers: &HeaderMap) -> String {
    headers.keys().map(reqwest::header::HeaderName::as_str).collect::<Vec<_>>().join(", ")
}
