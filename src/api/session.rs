//! What signs a request, and whether the server still accepts it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Url;
use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::cookies::SESSION_COOKIE;
use super::credentials::secret_header;
use super::error::{ApiError, ErrorKind};
use super::fields::Tier;
use super::request::{BaseUrl, Request};
use super::retry::{Standing, Verdict, judge};
use super::transport::{Transport, error};
use super::{ConnectError, wire};
use crate::model::Scope;

/// What signs a request: a key or one particular session.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) generation: u64,
    name: HeaderName,
    value: HeaderValue,
    kind: TicketKind,
    worked: AtomicBool,
    /// A list that was answered: the same again tells whether the ticket is still of use.
    proof: OnceLock<Url>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TicketKind {
    Key,
    Session,
}

impl Ticket {
    pub(super) fn key(key: &SecretString) -> Result<Self, ConnectError> {
        let value = secret_header(key.expose_secret()).ok_or(ConnectError::Secret("API key"))?;
        Ok(Self {
            generation: 0,
            name: HeaderName::from_static("x-api-key"),
            value,
            kind: TicketKind::Key,
            worked: AtomicBool::new(false),
            proof: OnceLock::new(),
        })
    }

    pub(super) fn session(generation: u64, id: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"' | b'\\');
        let valid = !id.is_empty() && id.bytes().all(fits);
        let value = valid.then(|| secret_header(&format!("{SESSION_COOKIE}={id}"))).flatten()?;
        let (kind, worked) = (TicketKind::Session, AtomicBool::new(false));
        Some(Self { generation, name: COOKIE, value, kind, worked, proof: OnceLock::new() })
    }

    /// Signs a request.
    pub(super) fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(self.name.clone(), self.value.clone())])
    }

    /// Notes that the server did something for this ticket, so that it is accepted.
    pub(super) fn accepted(&self) {
        self.worked.store(true, Ordering::Relaxed);
    }

    /// Tells whether the server did something for this ticket.
    pub(super) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Relaxed)
    }

    /// Remembers a list that was answered.
    pub(super) fn prove(&self, list: &Url) {
        let _ = self.proof.set(list.clone());
    }

    /// Takes over from the session before what the same account may list.
    pub(super) fn succeed(&self, before: &Self) {
        before.proof.get().into_iter().for_each(|list| self.prove(list));
    }

    /// Tells how we stand with the server, for the retry table.
    pub(super) fn standing(&self) -> Standing {
        match (self.kind, self.has_worked()) {
            (TicketKind::Session, _) => Standing::Session,
            (TicketKind::Key, true) => Standing::Key,
            (TicketKind::Key, false) => Standing::NewKey,
        }
    }
}

/// Whether a session is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Liveness {
    Alive,
    Over,
}

/// Asks for a list that was answered before, or for one row of everything: any answer that only somebody logged in gets shows
/// that the session is alive.
pub(super) async fn probe(base: &BaseUrl, transport: &Transport, ticket: &Ticket) -> Result<Liveness, ApiError> {
    let request = base.list(&Scope::EVERYTHING, (0, 1), Tier::Plain.fields())?;
    // Who may not list everything may still list what was listed before.
    let request = Request { url: ticket.proof.get().cloned().unwrap_or(request.url), ..request };
    let mut number = 0;
    loop {
        let failure = match transport.send(&request, ticket.headers()).await {
            Ok(answered) if answered.status == 200 && wire::tells_success(&answered.body) => {
                ticket.accepted();
                return Ok(Liveness::Alive);
            }
            Ok(answered) => answered.failure(""),
            Err(failure) => failure,
        };
        match judge(request.operation, Standing::Session, failure.outcome, transport.attempt(number)) {
            Verdict::Repeat => transport.pause(&request, number, &failure).await?,
            Verdict::Renew(_) => return Ok(Liveness::Over),
            Verdict::Fail(kind @ (ErrorKind::Unreachable | ErrorKind::Malformed | ErrorKind::Deadline)) => {
                return Err(error(&request, kind, &failure));
            }
            Verdict::Fail(_) | Verdict::Refused(_) | Verdict::NotDone(_) | Verdict::Uncertain(_) => {
                return Ok(Liveness::Alive);
            }
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_cannot_smuggle_another_header_or_cookie() {
        for id in ["", "a;b", "a b", "a\r\nx: y", "a,b", "é"] {
            assert!(Ticket::session(1, id).is_none(), "{id}");
        }
    }

    #[test]
    fn secrets_are_not_in_debug_output() {
        let ticket = Ticket::session(1, "0123ABCD").expect("a session");
        let key = Ticket::key(&"hunter2".into()).expect("a key");
        assert!(!format!("{ticket:?}{:?}", ticket.headers()).contains("0123ABCD"));
        assert!(!format!("{key:?}").contains("hunter2"));
    }
}
