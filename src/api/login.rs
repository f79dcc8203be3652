//! A login: a session, then the name and password for it.

use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, SET_COOKIE};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::cookies::SESSION_COOKIE;
use super::credentials::secret_header;
use super::error::{ApiError, ErrorKind, Operation, SaidBy};
use super::failure::{AttemptFailure, AttemptOutcome, Body};
use super::request::{BaseUrl, Request};
use super::retry::{Standing, Verdict, judge};
use super::session::{Liveness, Ticket, probe};
use super::transport::{Answered, Transport, error};
use crate::model::Locale;

/// Said once when a login is accepted with a conflict. The server's own words name the user, which may be a secret.
const CONFLICT: &str =
    "the server says that there were other browser sessions of this user; they may have been ended by this login";

/// The name and password of a user.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) username: SecretString,
    pub(super) password: SecretString,
    pub(super) locale: Locale,
}

/// One login under way.
pub(super) struct LogIn<'a> {
    pub(super) login: &'a Login,
    pub(super) base: &'a BaseUrl,
    pub(super) transport: &'a Transport,
    pub(super) warnings: &'a Mutex<Vec<String>>,
}

/// Why a login did not come about.
enum LoginFailure {
    /// The server did not let us in.
    Attempt(Request, AttemptFailure),
    /// Nothing else may be tried.
    Final(ApiError),
}

impl From<ApiError> for LoginFailure {
    fn from(error: ApiError) -> Self {
        Self::Final(error)
    }
}

impl LogIn<'_> {
    /// Logs in. Trouble of the server is waited out; a password is never tried again once the server has refused it.
    pub(super) async fn run(&self, generation: u64) -> Result<Ticket, ApiError> {
        let mut number = 0;
        loop {
            let (request, failure) = match self.once(generation).await {
                Ok(ticket) => {
                    self.transport.activity.counters().logged_in();
                    return Ok(ticket);
                }
                Err(LoginFailure::Final(error)) => return Err(error),
                Err(LoginFailure::Attempt(request, failure)) => (request, failure),
            };
            let attempt = self.transport.attempt(number);
            match judge(Operation::Session, Standing::Session, failure.outcome, attempt) {
                Verdict::Repeat => self.transport.pause(&request, number, &failure).await?,
                Verdict::Fail(kind) => return Err(error(&request, kind, &failure)),
                Verdict::Renew(_) | Verdict::Refused(_) | Verdict::NotDone(_) | Verdict::Uncertain(_) => {
                    return Err(error(&request, ErrorKind::NotAuthenticated, &failure));
                }
            }
            number += 1;
        }
    }

    async fn once(&self, generation: u64) -> Result<Ticket, LoginFailure> {
        let request = Request { body: Some(Vec::new()), ..self.base.session(Method::POST, "/session")? };
        let answered = match self.transport.send(&request, HeaderMap::new()).await {
            Ok(answered) => answered,
            Err(failure) => return Err(LoginFailure::Attempt(request, failure)),
        };
        let id =
            set_cookie(&answered.headers).or_else(|| session_id(&answered.body)).filter(|_| answered.status == 200);
        nonce(&answered.body)
            .into_iter()
            .chain(id.clone())
            .for_each(|secret| self.transport.credentials.learn(&secret));
        let ticket = id.and_then(|id| Ticket::session(generation, &id));
        match ticket {
            Some(ticket) => self.enter(ticket).await,
            None => Err(LoginFailure::Attempt(request, answered.failure("it holds no `SessionID`"))),
        }
    }

    /// Gives name and password for a session (the vendor's page of authentication: Basic, with the cookie).
    async fn enter(&self, ticket: Ticket) -> Result<Ticket, LoginFailure> {
        let request = self.base.session(Method::GET, &format!("/login?locale={}", self.login.locale.name()))?;
        let mut headers = ticket.headers();
        headers.insert(AUTHORIZATION, self.basic().ok_or_else(|| Self::unusable(&request))?);
        let answered = match self.transport.send(&request, headers).await {
            Ok(answered) => answered,
            Err(failure) => return Err(LoginFailure::Attempt(request, failure)),
        };
        let renamed = set_cookie(&answered.headers).and_then(|id| {
            self.transport.credentials.learn(&id);
            Ticket::session(ticket.generation, &id)
        });
        let ticket = renamed.unwrap_or(ticket);
        let failure = answered.failure("");
        let entered = match read_answer(&answered, &failure) {
            LoginAnswer::Accepted => true,
            LoginAnswer::Unclear => probe(self.base, self.transport, &ticket).await? == Liveness::Alive,
            LoginAnswer::Refused => false,
        };
        if !entered {
            return Err(LoginFailure::Attempt(request, failure));
        }
        if answered.status != 200 {
            self.warn(CONFLICT);
        }
        Ok(ticket)
    }

    fn basic(&self) -> Option<HeaderValue> {
        let Login { username, password, locale: _ } = self.login;
        let pair = Zeroizing::new(format!("{}:{}", username.expose_secret(), password.expose_secret()));
        let pair = Zeroizing::new(BASE64.encode(&*pair));
        self.transport.credentials.learn(&pair);
        secret_header(&Zeroizing::new(format!("Basic {}", &*pair)))
    }

    fn unusable(request: &Request) -> ApiError {
        ApiError {
            operation: Operation::Session,
            object: request.subject.name(),
            kind: ErrorKind::NotAuthenticated,
            code: None,
            status: None,
            retry_after: None,
            said_by: SaidBy::Anybody,
            message: "the user name or password cannot be sent".to_owned(),
        }
    }

    fn warn(&self, text: &str) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if !warnings.iter().any(|warning| warning == text) {
            warnings.push(text.to_owned());
        }
    }
}

/// What an answer to a login means.
enum LoginAnswer {
    Accepted,
    /// 400 about other browser sessions, which may have logged in all the same, or a page: the next request tells.
    Unclear,
    Refused,
}

fn read_answer(answered: &Answered, failure: &AttemptFailure) -> LoginAnswer {
    let AttemptOutcome::Answered { status, code, body } = failure.outcome else { return LoginAnswer::Refused };
    let others = String::from_utf8_lossy(&answered.body).to_ascii_lowercase().contains("browser session");
    match (status, body) {
        (200, Body::Html) => LoginAnswer::Unclear,
        (200, Body::Senseless) => LoginAnswer::Accepted,
        (400, _) if others && code.is_none() => LoginAnswer::Unclear,
        _ => LoginAnswer::Refused,
    }
}

fn session_id(body: &[u8]) -> Option<String> {
    member(body, "SessionID")
}

fn nonce(body: &[u8]) -> Option<String> {
    member(body, "Nonce")
}

/// Reads a member, which comes without an envelope; one is tolerated.
fn member(body: &[u8], name: &str) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let member = value.get(name).or_else(|| value.get("Data")?.get(name))?;
    member.as_str().map(str::to_owned)
}

/// Reads the session's cookie from `Set-Cookie`, which says what the server wants to be sent.
fn set_cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let ours = |cookie: &str| {
        let (name, value) = cookie.split(';').next()?.split_once('=')?;
        (name.trim() == SESSION_COOKIE).then(|| value.trim().trim_matches('"').to_owned())
    };
    cookies.filter_map(ours).rfind(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_with_and_without_an_envelope_and_in_the_cookie() {
        assert_eq!(session_id(br#"{"Nonce":"a","SessionID":"AB"}"#).as_deref(), Some("AB"));
        assert_eq!(session_id(br#"{"Result":"Success","Data":{"SessionID":"AB"}}"#).as_deref(), Some("AB"));
        assert_eq!(session_id(b"<html>"), None);
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static("other=1"));
        headers.append(SET_COOKIE, HeaderValue::from_static("JSESSIONID=CD; Path=/CCS; HttpOnly"));
        assert_eq!(set_cookie(&headers).as_deref(), Some("CD"));
    }
}
