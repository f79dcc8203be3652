//! Who we are to the server: an API key, a login with a session that may end at any time, or a session that was given.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::cookies::SESSION_COOKIE;
use super::credentials::secret_header;
use super::error::{ApiError, ErrorKind, Operation};
use super::fields::DOCUMENTED;
use super::login::{LogIn, Login};
use super::request::{BaseUrl, Request};
use super::retry::{Doubt, Standing, Verdict, judge};
use super::transport::{Transport, error};
use super::{Auth, ConnectError, wire};
use crate::model::Scope;

/// How many sessions in a row may end before anything succeeded with them.
const FRUITLESS: u32 = 2;
/// How long leaving may take.
const LOGOUT: Duration = Duration::from_secs(5);

/// Knows how requests are signed, and renews that when a session ends.
#[derive(Debug)]
pub(super) struct Access {
    base: BaseUrl,
    identity: Identity,
    current: RwLock<Arc<Ticket>>,
    /// Held while a session is renewed.
    renewing: tokio::sync::Mutex<Renewing>,
    warnings: Mutex<Vec<String>>,
}

/// What renewing has come to so far.
#[derive(Debug, Default)]
struct Renewing {
    /// Sessions in a row that ended before anything succeeded with them.
    fruitless: u32,
    /// Why there will be no other session: a refused password is not tried again for every request that waits.
    refused: Option<ApiError>,
}

#[derive(Debug)]
enum Identity {
    Key,
    Login(Login),
    Cookie,
}

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

/// What came of looking after a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    /// There is a new session: repeat with it.
    Renewed,
    /// The session is alive: the answer was about the request.
    Accepted,
}

impl Ticket {
    fn key(key: &SecretString) -> Result<Self, ConnectError> {
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

    /// Remembers a list that was answered.
    pub(super) fn prove(&self, list: &Url) {
        let _ = self.proof.set(list.clone());
    }

    /// Tells how we stand with the server, for the retry table.
    pub(super) fn standing(&self) -> Standing {
        match (self.kind, self.worked.load(Ordering::Relaxed)) {
            (TicketKind::Session, _) => Standing::Session,
            (TicketKind::Key, true) => Standing::Key,
            (TicketKind::Key, false) => Standing::NewKey,
        }
    }
}

impl Access {
    /// Takes the key or the session that is given, or logs in.
    pub(super) async fn new(auth: Auth, base: &BaseUrl, transport: &Transport) -> Result<Self, ConnectError> {
        let (identity, ticket) = match auth {
            Auth::ApiKey(key) => {
                transport.credentials.learn(key.expose_secret());
                (Identity::Key, Some(Ticket::key(&key)?))
            }
            Auth::Session(id) => {
                transport.credentials.learn(id.expose_secret());
                let ticket = Ticket::session(0, id.expose_secret()).ok_or(ConnectError::Secret("session"))?;
                (Identity::Cookie, Some(ticket))
            }
            Auth::Login { username, password, locale } => {
                transport.credentials.learn(password.expose_secret());
                (Identity::Login(Login { username, password, locale }), None)
            }
        };
        let warnings = Mutex::default();
        let ticket = match (&identity, ticket) {
            (_, Some(ticket)) => ticket,
            (Identity::Login(login), None) => LogIn { login, base, transport, warnings: &warnings }.run(1).await?,
            (Identity::Key | Identity::Cookie, None) => return Err(ConnectError::Secret("secret")),
        };
        let current = RwLock::new(Arc::new(ticket));
        Ok(Self { base: base.clone(), identity, current, renewing: tokio::sync::Mutex::default(), warnings })
    }

    /// Gives what signs a request now.
    pub(super) fn ticket(&self) -> Arc<Ticket> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives what the user should know, each text once.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks after a session that an answer threw doubt on. All requests that met the end of one session share one login.
    pub(super) async fn renew(
        &self,
        transport: &Transport,
        ticket: &Ticket,
        doubt: Doubt,
    ) -> Result<Renewal, ApiError> {
        let mut renewing = self.renewing.lock().await;
        let current = self.ticket();
        if current.generation != ticket.generation {
            return Ok(Renewal::Renewed);
        }
        if let Some(refused) = &renewing.refused {
            return Err(refused.clone());
        }
        if doubt == Doubt::Probe && probe(&self.base, transport, &current).await? == Life::Alive {
            return Ok(Renewal::Accepted);
        }
        let worked = current.worked.load(Ordering::Relaxed);
        renewing.fruitless = if worked { 0 } else { renewing.fruitless + 1 };
        let fresh = self.log_in_again(transport, current.generation, renewing.fruitless).await;
        let fresh = fresh.inspect_err(|error| {
            if error.kind == ErrorKind::NotAuthenticated {
                renewing.refused = Some(error.clone());
            }
        })?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(Renewal::Renewed)
    }

    async fn log_in_again(&self, transport: &Transport, ended: u64, fruitless: u32) -> Result<Ticket, ApiError> {
        let login = match &self.identity {
            Identity::Login(login) => login,
            Identity::Key => return Err(self.over("the API key is not accepted any more")),
            Identity::Cookie => return Err(self.over("the session is over")),
        };
        if fruitless >= FRUITLESS {
            return Err(self.over("the server does not accept its own new sessions"));
        }
        tracing::debug!(generation = ended, "the session is over: logging in again");
        LogIn { login, base: &self.base, transport, warnings: &self.warnings }.run(ended + 1).await
    }

    /// Ends a session that was begun here. Not being able to is no error.
    pub(super) async fn leave(&self, transport: &Transport) {
        if let (Identity::Login(_), Ok(request)) = (&self.identity, self.base.session(Method::GET, "/logout")) {
            transport.send_anyway(&request, self.ticket().headers(), LOGOUT).await;
        }
    }

    fn over(&self, message: &str) -> ApiError {
        ApiError {
            operation: Operation::Session,
            object: self.base.to_string(),
            kind: ErrorKind::NotAuthenticated,
            code: None,
            status: None,
            retry_after: None,
            message: message.to_owned(),
        }
    }
}

/// Whether a session is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Alive,
    Dead,
}

/// Asks for one row of everything: any answer that only somebody logged in gets shows that the session is alive.
pub(super) async fn probe(base: &BaseUrl, transport: &Transport, ticket: &Ticket) -> Result<Life, ApiError> {
    let request = base.list(&Scope::EVERYTHING, (0, 1), DOCUMENTED)?;
    // A key that may not list everything may still list what it listed before.
    let proof = ticket.proof.get().filter(|_| ticket.kind == TicketKind::Key);
    let request = Request { url: proof.cloned().unwrap_or(request.url), ..request };
    let mut number = 0;
    loop {
        let failure = match transport.send(&request, ticket.headers()).await {
            Ok(answered) if answered.status == 200 && wire::tells_success(&answered.body) => {
                ticket.accepted();
                return Ok(Life::Alive);
            }
            Ok(answered) => answered.failure(""),
            Err(failure) => failure,
        };
        match judge(request.operation, Standing::Session, failure.outcome, transport.attempt(number)) {
            Verdict::Repeat => transport.pause(&request, number, &failure).await?,
            Verdict::Renew(_) => return Ok(Life::Dead),
            Verdict::Fail(kind @ (ErrorKind::Unreachable | ErrorKind::Malformed | ErrorKind::Deadline)) => {
                return Err(error(&request, kind, &failure));
            }
            Verdict::Fail(_) | Verdict::Refused(_) | Verdict::NotDone(_) | Verdict::Uncertain(_) => {
                return Ok(Life::Alive);
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
