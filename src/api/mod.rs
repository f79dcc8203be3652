//! The API as a client meets it: what can be read, what can be written, and what an answer means.
//!
//! Planning holds a [`Reader`]; only applying ever holds a [`Writer`]. An implementation sends each write at most once
//! unless it is certain that the server did not take it: whether a lost write was carried out is settled by reading,
//! which is the business of `apply`.

mod access;
mod client;
mod code;
mod counts;
mod error;
mod failure;
mod fields;
mod help;
mod login;
mod pace;
mod request;
mod retry;
mod session;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

use std::future::Future;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::{Auth, ClientId, LiveClient, Payload, Scope, ServerUrl, UnreadRow};

pub(crate) use client::{Client, HttpWriter};
pub(crate) use counts::Counts;
pub(crate) use error::{ApiError, ErrorCode, ErrorKind, Operation};

/// How to reach an API, and how hard to try.
#[derive(Debug)]
pub(crate) struct Options {
    /// Where it is; `/CCS/API/v1` is added.
    pub url: ServerUrl,
    /// Certificates in PEM form, added to the platform's roots.
    pub ca_pem: Option<Vec<u8>>,
    /// Who we are.
    pub auth: Auth<SecretString>,
    /// The most requests in flight.
    pub parallelism: usize,
    /// For one request, from its start to the end of the answer.
    pub timeout: Duration,
    /// For the whole run: nothing is sent or waited for after it.
    pub deadline: Option<Instant>,
    /// Cancelled when the run is interrupted: no pause between attempts is waited out.
    pub stop: CancellationToken,
    /// How often a request is repeated after its first attempt, where repeating is safe.
    pub retries: u32,
    /// `User-Agent`.
    pub user_agent: String,
    /// Decides the jitter of pauses.
    pub seed: u64,
}

/// Why no client could be made.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The certificates cannot be used.
    #[error("the certificates of `ca_file` cannot be used: {0}")]
    CaFile(String),
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
            Self::CaFile(_) | Self::Client(_) => "correct the target in icsync.yaml",
            Self::Secret(_) => "set the variable or file that `auth` in icsync.yaml names",
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
    /// The server says that it will not do it: nothing changed.
    Refused(ApiError),
    /// The write never reached the server, or was turned away before any work (connection refused, 429): nothing
    /// changed, and it may be sent again until the retry budget is spent.
    NotDone(ApiError),
    /// No telling: a timeout, a reset, a 5xx, a truncated or senseless answer. Reading must settle it.
    Uncertain(ApiError),
}
