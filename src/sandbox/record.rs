//! What was asked: the last requests one by one, and exact counts of all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::HeaderName;
use axum::http::request::Parts;
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
    /// The names of its headers in the order of the alphabet, each once.
    pub headers: Vec<String>,
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
    /// It is still to be carried out.
    Late,
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
    pub(super) fn arrive(&mut self, operation: Operation, parts: &Parts) -> u64 {
        *self.counts.entry(operation).or_default() += 1;
        self.last += 1;
        if self.requests.len() >= KEPT {
            self.requests.pop_front();
        }
        let names: BTreeSet<&str> = parts.headers.keys().map(HeaderName::as_str).collect();
        self.requests.push_back(RequestRecord {
            number: self.last,
            operation,
            method: parts.method.to_string(),
            path: bounded(parts.uri.path()),
            query: bounded(parts.uri.query().unwrap_or_default()),
            headers: names.into_iter().map(bounded).collect(),
            user: None,
            status: None,
            work: WorkDone::NotDone,
        });
        self.last
    }

    /// Notes how a request ended, if it is still kept.
    pub(super) fn leave(&mut self, number: u64, user: Option<String>, status: Option<u16>, work: WorkDone) {
        if let Some(request) = self.find(number) {
            request.user = user;
            request.status = status;
            request.work = work;
        }
    }

    /// Notes what became of a late write, if its request is still kept.
    pub(super) fn land(&mut self, number: u64, work: WorkDone) {
        if let Some(request) = self.find(number) {
            request.work = work;
        }
    }

    fn find(&mut self, number: u64) -> Option<&mut RequestRecord> {
        let found = self.requests.binary_search_by_key(&number, |request| request.number);
        self.requests.get_mut(found.ok()?)
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
