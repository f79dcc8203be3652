//! The API as a client meets it: what can be read, what can be written, and what an answer means.
//!
//! Planning holds a [`Reader`]; only applying ever holds a [`Writer`]. An implementation sends each write at most once
//! unless it is certain that the server did not take it: whether a lost write was carried out is settled by reading,
//! which is the business of `apply`.

mod error;

use std::future::Future;

use crate::model::{ClientId, LiveClient, Payload, Scope};

pub use error::{ApiError, ErrorCode, ErrorKind, Operation};

/// One page of the List operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// How many rows the server says there are in all pages together.
    pub total: u64,
    /// The rows of this page in the server's order.
    pub rows: Vec<LiveClient>,
}

/// Reads live clients. Both operations repeat what is safe to repeat; an error is final for this run.
pub trait Reader: Send + Sync {
    /// Lists the rows that `filter` contains, from row `offset` on, at most `limit` of them (the vendor's page, List).
    fn list(&self, filter: &Scope, offset: u64, limit: u64) -> impl Future<Output = Result<ListPage, ApiError>> + Send;

    /// Reads one client, addressed by the scope that its row shows (the vendor's page, Info).
    fn info(&self, scope: &Scope, id: &ClientId) -> impl Future<Output = Result<LiveClient, ApiError>> + Send;
}

/// Writes live clients.
pub trait Writer: Send + Sync {
    /// Adds a client. The server does not say which id it gets (the vendor's page, Add).
    fn add(&self, scope: &Scope, payload: &Payload) -> impl Future<Output = Answer> + Send;

    /// Changes a client to exactly `payload` (the vendor's page, Change).
    fn change(&self, scope: &Scope, id: &ClientId, payload: &Payload) -> impl Future<Output = Answer> + Send;

    /// Deletes a client (the vendor's page, Delete).
    fn delete(&self, scope: &Scope, id: &ClientId) -> impl Future<Output = Answer> + Send;
}

/// What is known after one write was sent.
#[derive(Debug)]
pub enum Answer {
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
