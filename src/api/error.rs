//! What can go wrong with a request, and what a person can do about it.

use std::fmt;
use std::time::Duration;

/// An error code of the API, such as 30005. What is known of it stands in the table of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ErrorCode(pub u32);

/// An operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    /// `POST …/session`, `GET …/login` and `GET …/logout`.
    Session,
    /// The vendor's page, List.
    List,
    /// The vendor's page, Info.
    Info,
    /// The vendor's page, Add.
    Add,
    /// The vendor's page, Change.
    Change,
    /// The vendor's page, Delete.
    Delete,
}

impl Operation {
    /// Every operation.
    pub(crate) const ALL: [Self; 6] = [Self::Session, Self::List, Self::Info, Self::Add, Self::Change, Self::Delete];
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session => "session",
            Self::List => "list",
            Self::Info => "info",
            Self::Add => "add",
            Self::Change => "change",
            Self::Delete => "delete",
        })
    }
}

/// What kind of failure a request met; decides the exit code and the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The server does not accept who we are: a refused key, a wrong password, a session that is over.
    NotAuthenticated,
    /// The user lacks a right.
    NotPermitted,
    /// The client is not there.
    NotFound,
    /// Another client has the scope or id already.
    Exists,
    /// The server refuses for another reason, with or without a code.
    Refused,
    /// No connection, no answer in time, or a server in trouble, after all repeats.
    Unreachable,
    /// An answer that makes no sense.
    Malformed,
    /// A list that does not settle.
    Unsettled,
    /// The run's deadline is over, or the server asks to wait beyond it.
    Deadline,
}

impl ErrorKind {
    /// Tells whether the server understood and will not, as it does where a user may not list everything.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(self, Self::NotPermitted | Self::Refused | Self::NotFound)
    }
}

/// Whose answer a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaidBy {
    /// Its body is one of the API: it has a code, or a Result other than Success.
    Api,
    /// It may be that of anything between us and the server, or there was none.
    Anybody,
}

/// A request that failed for good.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} of {object} failed: {message}")]
pub(crate) struct ApiError {
    /// What was asked for.
    pub operation: Operation,
    /// Of which object: a scope and, where there is one, an id; bounded and without control characters.
    pub object: String,
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// The code that the server gave.
    pub code: Option<ErrorCode>,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// How long the server asks to wait before the next attempt.
    pub retry_after: Option<Duration>,
    /// Whose answer it is, as far as its body tells.
    pub said_by: SaidBy,
    /// What happened and what the server said; bounded and without control characters.
    pub message: String,
}
