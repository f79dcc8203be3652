//! What was asked: the last requests one by one, and exact counts of all.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::fault::Operation;

/// The most requests kept one by one.
const KEPT: usize = 10_000;
/// The most bytes kept of a path or query.
const TEXT: usize = 2048;

/// One request that the API got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestRecord {
    /// Its number, from 1, in the order of arrival.
    pub number: u64,
    /// What it asked for.
    pub operation: Operation,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    /// The user, once known.
    pub user: Option<String>,
    /// The status of the answer; none yet, or none because the connection was closed.
    pub status: Option<u16>,
    /// Whether its work was done; for a write: it is in the store.
    pub work: WorkDone,
}

/// Whether the work of a request was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkDone {
    /// It was carried out, or its rows were read.
    Done,
    /// It was refused, cut off or only pretended.
    NotDone,
}

/// The requests since the start, or since the records were deleted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Records {
    counts: BTreeMap<Operation, u64>,
    requests: VecDeque<RequestRecord>,
    #[serde(skip)]
    last: u64,
}

impl Records {
    /// Gives how often an operation was asked for.
    pub fn count(&self, operation: Operation) -> u64 {
        self.counts.get(&operation).copied().unwrap_or(0)
    }

    /// Gives how many requests there were.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Gives the last requests, at most 10,000.
    pub fn requests(&self) -> impl Iterator<Item = &RequestRecord> {
        self.requests.iter()
    }

    /// Notes the arrival of a request, and gives its number.
    pub(super) fn arrive(&mut self, operation: Operation, method: &str, path: &str, query: &str) -> u64 {
        *self.counts.entry(operation).or_default() += 1;
        self.last += 1;
        if self.requests.len() >= KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(RequestRecord {
            number: self.last,
            operation,
            method: method.to_owned(),
            path: bounded(path),
            query: bounded(query),
            user: None,
            status: None,
            work: WorkDone::NotDone,
        });
        self.last
    }

    /// Notes how a request ended, if it is still kept.
    pub(super) fn leave(&mut self, number: u64, user: Option<String>, status: Option<u16>, work: WorkDone) {
        let found = self.requests.binary_search_by_key(&number, |request| request.number);
        if let Some(request) = found.ok().and_then(|index| self.requests.get_mut(index)) {
            request.user = user;
            request.status = status;
            request.work = work;
        }
    }

    /// Forgets all requests; numbers go on.
    pub(super) fn clear(&mut self) {
        self.counts.clear();
        self.requests.clear();
    }
}

fn bounded(text: &str) -> String {
    text.chars().take(TEXT).collect()
}
