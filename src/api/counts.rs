//! How many requests were sent: the honest measure of a run.

use std::sync::atomic::{AtomicU64, Ordering};

use super::error::Operation;

/// How many HTTP requests a client has sent, by operation. Repeats count again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Pages of rows.
    pub list: u64,
    /// Single clients.
    pub info: u64,
    /// Adds.
    pub add: u64,
    /// Changes.
    pub change: u64,
    /// Deletes.
    pub delete: u64,
    /// `session`, `login` and `logout` together.
    pub session: u64,
    /// Successful logins; no requests of their own.
    pub logins: u64,
    /// Requests that were sent again after a failure; counted above too.
    pub retries: u64,
}

impl Counts {
    /// Adds up the requests of every operation.
    pub(crate) fn requests(&self) -> u64 {
        let Self { list, info, add, change, delete, session, logins: _, retries: _ } = self;
        list + info + add + change + delete + session
    }
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    list: AtomicU64,
    info: AtomicU64,
    add: AtomicU64,
    change: AtomicU64,
    delete: AtomicU64,
    session: AtomicU64,
    logins: AtomicU64,
    retries: AtomicU64,
}

impl Counters {
    pub(super) fn sent(&self, operation: Operation) {
        self.of(operation).fetch_add(1, Ordering::Relaxed);
    }

    /// Takes back a request that never left, because there was no connection.
    pub(super) fn unsent(&self, operation: Operation) {
        self.of(operation).fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn logged_in(&self) {
        self.logins.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        let Self { list, info, add, change, delete, session, logins, retries } = self;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            list: read(list),
            info: read(info),
            add: read(add),
            change: read(change),
            delete: read(delete),
            session: read(session),
            logins: read(logins),
            retries: read(retries),
        }
    }

    fn of(&self, operation: Operation) -> &AtomicU64 {
        match operation {
            Operation::Session => &self.session,
            Operation::List => &self.list,
            Operation::Info => &self.info,
            Operation::Add => &self.add,
            Operation::Change => &self.change,
            Operation::Delete => &self.delete,
        }
    }
}
