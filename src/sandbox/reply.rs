//! Answers before they are sent, and how each dialect words a refusal.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::dialect::{Dialect, ErrorStatus, Errors, Expired};
use super::refusal::Refusal;
use super::wire::{CodedError, Message};

const JSON: &str = "application/json";
const HTML: &str = "text/html;charset=utf-8";
/// The sandbox's general code for a session that is missing or expired; no page names one.
const NOT_LOGGED_IN: u32 = 10201;

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("answers are made of text, numbers and maps with text keys");
        Self::empty(status).typed(JSON, body)
    }

    /// Answers with a page of HTML, as a proxy or a servlet container does.
    pub(super) fn html(status: u16, title: &str) -> Self {
        let page =
            format!("<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
        Self::empty(status).typed(HTML, page.into_bytes())
    }

    /// Answers `{"Message":"…"}`.
    pub(super) fn message(status: u16, message: &str) -> Self {
        Self::json(status, &Message { message })
    }

    /// Words a refusal in a dialect.
    pub(super) fn refusal(dialect: &Dialect, refusal: &Refusal) -> Self {
        let status = match dialect.error_status {
            _ if refusal.status_is_fixed() => refusal.fitting_status(),
            ErrorStatus::BadRequest => 400,
            ErrorStatus::Mapped => refusal.fitting_status(),
            ErrorStatus::Ok => 200,
        };
        match dialect.errors {
            Errors::Coded => Self::coded(status, refusal.code(), refusal.message()),
            Errors::Message => Self::message(status, refusal.message()),
            Errors::Bare => {
                Self::empty(status).typed("text/plain;charset=utf-8", refusal.message().to_owned().into_bytes())
            }
            Errors::Empty => Self::empty(status),
            Errors::Html => Self::html(status, "Error"),
        }
    }

    /// Answers a request that comes from nobody, as the dialect does for expired sessions.
    pub(super) fn not_logged_in(dialect: &Dialect) -> Self {
        match dialect.expired {
            Expired::Unauthorized => Self::message(401, "Not authenticated"),
            Expired::Redirect => Self::empty(302).with(header::LOCATION, HeaderValue::from_static("/CCS/login.html")),
            Expired::Html => Self::html(200, "Log in"),
            Expired::Coded => {
                let status = if dialect.error_status == ErrorStatus::Ok { 200 } else { 400 };
                Self::coded(status, NOT_LOGGED_IN, "NOT_LOGGED_IN")
            }
        }
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Makes the body longer than what will be sent, by giving the connection up in the middle of it.
    pub(super) fn into_truncated(self) -> Response<Body> {
        let half = self.body.slice(..self.body.len() / 2);
        let length = HeaderValue::from(self.body.len());
        let chunks = futures_util::stream::unfold(Some(half), |half| async move {
            if half.is_some() {
                return half.map(|half| (Ok(half), None));
            }
            // Waiting once makes the connection send what it has before it is given up.
            tokio::task::yield_now().await;
            Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)), None))
        });
        let mut response = Self { body: Bytes::new(), ..self }.into_response();
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
        *response.body_mut() = Body::from_stream(chunks);
        response
    }

    /// Makes the answer ready to send.
    pub(super) fn into_response(self) -> Response<Body> {
        let Self { status, headers, body } = self;
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            response.headers_mut().append(name, value);
        }
        response
    }

    fn coded(status: u16, error_code: u32, error_message: &str) -> Self {
        Self::json(status, &CodedError { result: "Failure", error_code, error_message })
    }

    pub(super) fn typed(mut self, kind: &'static str, body: Vec<u8>) -> Self {
        self.body = body.into();
        self.with(header::CONTENT_TYPE, HeaderValue::from_static(kind))
    }
}
