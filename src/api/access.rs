//! Who we are to the server: an API key, a login with a session that may end at any time, or a session that was given.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};

use super::error::{ApiError, ErrorKind, Operation, SaidBy};
use super::login::{LogIn, Login};
use super::request::BaseUrl;
use super::retry::SessionDoubt;
use super::session::{Liveness, Ticket, probe};
use super::transport::Transport;
use super::{Auth, ConnectError};

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

/// What came of looking after a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    /// There is a new session: repeat with it.
    Renewed,
    /// The session is alive: the answer was about the request.
    Accepted,
}

impl Access {
    /// Takes the key or the session that is given, or logs in.
    pub(super) async fn new(
        auth: Auth<SecretString>,
        base: &BaseUrl,
        transport: &Transport,
    ) -> Result<Self, ConnectError> {
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
        doubt: SessionDoubt,
    ) -> Result<Renewal, ApiError> {
        let mut renewing = self.renewing.lock().await;
        let current = self.ticket();
        if current.generation != ticket.generation {
            return Ok(Renewal::Renewed);
        }
        if let Some(refused) = &renewing.refused {
            return Err(refused.clone());
        }
        if doubt != SessionDoubt::None && probe(&self.base, transport, &current).await? == Liveness::Alive {
            return Ok(Renewal::Accepted);
        }
        let worked = current.has_worked();
        renewing.fruitless = if worked { 0 } else { renewing.fruitless + 1 };
        if doubt == SessionDoubt::Forbidden && renewing.fruitless >= FRUITLESS && self.logs_in() {
            return Ok(Renewal::Accepted);
        }
        let fresh = self.log_in_again(transport, current.generation, renewing.fruitless).await;
        let fresh = fresh.inspect_err(|error| {
            if error.kind == ErrorKind::NotAuthenticated {
                renewing.refused = Some(error.clone());
            }
        })?;
        fresh.succeed(&current);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(Renewal::Renewed)
    }

    fn logs_in(&self) -> bool {
        matches!(self.identity, Identity::Login(_))
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
            said_by: SaidBy::Anybody,
            message: message.to_owned(),
        }
    }
}
