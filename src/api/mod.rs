//! The API as a client meets it: what can be read, what can be written, and what an answer means.
//!
//! Planning holds a [`Reader`]; only applying ever holds a [`Writer`]. An implementation sends each write at most once
//! unless it is certain that the server did not take it: whether a lost write was carried out is settled by reading,
//! which is the business of `apply`.

mod access;
mod activity;
mod cause;
mod cell;
mod client;
mod code;
mod connector;
mod cookies;
mod counts;
mod credentials;
mod error;
mod failure;
mod fields;
mod help_by_kind;
mod latency;
mod log;
mod login;
mod meter;
mod pace;
mod pack;
mod proxy;
mod request;
mod retry;
mod sensitive;
mod session;
mod shape;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::{Auth, ClientId, FieldPattern, LiveClient, Parallelism, Payload, Scope, ServerUrl, UnreadRow};

pub(crate) use activity::Activity;
pub(crate) use client::{Client, HttpWriter};
pub(crate) use connector::other_client;
pub(crate) use counts::Counts;
pub(crate) use error::{ApiError, ErrorCode, ErrorKind, Operation, SaidBy};
pub(crate) use meter::Meter;
pub(crate) use proxy::PROXY_VARIABLES;

/// How to reach an API, and how hard to try.
#[derive(Debug)]
pub(crate) struct Options {
    /// Where it is; `/CCS/API/v1` is added.
    pub url: ServerUrl,
    /// Authorities that are trusted besides those of the platform.
    pub ca: Option<CaFile>,
    /// The client's own certificate, its chain and its key, in PEM form.
    pub certificate: Option<SecretString>,
    /// What the variables [`PROXY_VARIABLES`] of the environment say, those that are set.
    pub proxies: BTreeMap<&'static str, String>,
    /// Who we are.
    pub auth: Auth<SecretString>,
    /// What the server is not repeated of.
    pub sensitive: Vec<FieldPattern>,
    /// How many requests are in flight.
    pub parallelism: Parallelism,
    /// For one request, from its start to the end of the answer.
    pub timeout: Duration,
    /// For the whole run: nothing is sent or waited for after it.
    pub deadline: Option<Instant>,
    /// Cancelled when the run is interrupted: no pause between attempts is waited out.
    pub stop: CancellationToken,
    /// Who is told of every request.
    pub meter: Option<Arc<dyn Meter>>,
    /// How often a request is repeated after its first attempt, where repeating is safe.
    pub retries: u32,
    /// What is told of the work.
    pub activity: Activity,
    /// How many bytes one answer may have.
    pub max_body: usize,
    /// `User-Agent`.
    pub user_agent: String,
    /// Decides the jitter of pauses.
    pub seed: u64,
}

/// Certificates of authorities.
#[derive(Debug)]
pub(crate) struct CaFile {
    /// Where they come from, for messages.
    pub file: String,
    /// The certificates in PEM form.
    pub pem: Vec<u8>,
}

/// Why no client could be made.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The certificates of authorities cannot be used.
    #[error("the `ca_file` `{file}` cannot be used: {reason}")]
    CaFile {
        /// The name of the file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// This machine trusts nobody.
    #[error("this machine has no certificates of authorities to check the server's certificate with")]
    NoAuthorities,
    /// The client's certificate cannot be used.
    #[error("the client certificate cannot be used: {0}")]
    Certificate(String),
    /// A variable of the environment does not name a proxy. Its value may hold a password.
    #[error("the variable `{0}` of the environment does not hold the URL of a proxy")]
    Proxy(&'static str),
    /// A secret cannot be sent.
    #[error("the {0} is empty or holds characters that cannot be sent")]
    Secret(&'static str),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
    /// The login failed.
    #[error(transparent)]
    Login(#[from] ApiError),
}

impl ConnectError {
    /// Says the next step.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::CaFile { .. } => "`ca_file` holds one or more certificates in PEM form",
            Self::NoAuthorities => {
                "install the package `ca-certificates`, or name the server's authority as `ca_file` of the target"
            }
            Self::Certificate(_) => {
                "`certificate` under `auth` is a file with the certificate, its chain and its key in PEM form; the key may \
                 be in a file of its own: `certificate: { file: client.pem, key: { file: client.key } }`"
            }
            Self::Proxy(_) => {
                "write for example `http://proxy.example.com:3128`, or unset it; `NO_PROXY` names hosts that are reached \
                 without a proxy"
            }
            Self::Secret(_) => "set the variable or file that `auth` in icsync.yaml names",
            Self::Client(_) => "look at the certificates of this machine and at `ca_file`",
            Self::Login(error) => error.help(),
        }
    }
}

/// One page of the List operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListPage {
    /// How many rows the server says there are in all pages together.
    pub total: u64,
    /// The rows of this page in the server's order.
    pub rows: Vec<ListRow>,
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListRow {
    /// A client.
    Client(Box<LiveClient>),
    /// Something that cannot be read as one.
    Unread(UnreadRow),
}

impl From<LiveClient> for ListRow {
    fn from(client: LiveClient) -> Self {
        Self::Client(Box::new(client))
    }
}

/// Reads live clients. Both operations repeat what is safe to repeat; an error is final for this run.
pub(crate) trait Reader: Send + Sync {
    /// Lists the rows that `filter` contains, from row `offset` on, at most `limit` of them (the vendor's page, List).
    fn list(&self, filter: &Scope, offset: u64, limit: u64) -> impl Future<Output = Result<ListPage, ApiError>> + Send;

    /// Reads one client, addressed by the scope that its row shows (the vendor's page, Info).
    fn info(&self, scope: &Scope, id: &ClientId) -> impl Future<Output = Result<LiveClient, ApiError>> + Send;
}

/// Writes live clients.
pub(crate) trait Writer: Send + Sync {
    /// Adds a client. The server does not say which id it gets (the vendor's page, Add).
    fn add(&self, scope: &Scope, payload: &Payload) -> impl Future<Output = Answer> + Send;

    /// Changes a client to exactly `payload` (the vendor's page, Change).
    fn change(&self, scope: &Scope, id: &ClientId, payload: &Payload) -> impl Future<Output = Answer> + Send;

    /// Deletes a client (the vendor's page, Delete).
    fn delete(&self, scope: &Scope, id: &ClientId) -> impl Future<Output = Answer> + Send;
}

/// What is known after one write was sent.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The server says that it is done.
    Done,
    /// The server, or what stands before it, says that it will not do it. Only with a code is that the API's own word.
    Refused(ApiError),
    /// The write never reached the server, not after all repeats either: nothing changed.
    NotDone(ApiError),
    /// It was turned away because the session was over, which is new by now. Reading must settle it, and it may be sent again.
    Postponed(ApiError),
    /// No telling: a timeout, a reset, a 5xx, a truncated or senseless answer. Reading must settle it.
    Uncertain(ApiError),
}

/// Reads a body as the answer of every operation, and says what came of it.
#[cfg(test)]
pub(crate) fn read_answer(body: &[u8]) -> String {
    let texts = wire::Texts::default();
    let list = wire::list_page(body, &texts).map(|page| page.rows.len());
    let client = wire::client(body, &texts).map(|client| client.detail);
    let said = [failure::BodyFormat::Html, failure::BodyFormat::Other].map(|format| failure::read(body, format));
    format!("{list:?} {client:?} {} {said:?}", wire::tells_success(body))
}
