//! Readers without a server, for tests.

use std::sync::Mutex;

use crate::api::{ApiError, ErrorKind, ListPage, Operation, Reader, SaidBy};
use crate::fixture::seen;
use crate::model::{
    ClientId, Detail, Device, Labels, LiveClient, LiveContent, Observed, Partition, Payload, Scope, Telsys,
};

/// Answers a page from its offset, its limit and how many were asked for before: Total, and the numbers of its rows.
type Answer = Box<dyn Fn(u64, u64, usize) -> (u64, Vec<u64>) + Send + Sync>;

/// Gives list pages as a closure says.
pub(super) struct Script {
    answer: Answer,
    failing_at: Option<usize>,
    refusing_beyond: u64,
    asked: Mutex<Vec<(u64, u64)>>,
}

impl Script {
    pub(super) fn new(answer: impl Fn(u64, u64, usize) -> (u64, Vec<u64>) + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), failing_at: None, refusing_beyond: u64::MAX, asked: Mutex::default() }
    }

    pub(super) fn failing_at(
        number: usize,
        answer: impl Fn(u64, u64, usize) -> (u64, Vec<u64>) + Send + Sync + 'static,
    ) -> Self {
        Self { failing_at: Some(number), ..Self::new(answer) }
    }

    pub(super) fn refusing_beyond(
        limit: u64,
        answer: impl Fn(u64, u64, usize) -> (u64, Vec<u64>) + Send + Sync + 'static,
    ) -> Self {
        Self { refusing_beyond: limit, ..Self::new(answer) }
    }

    /// Gives the offsets and limits that were asked for.
    pub(super) fn asked(&self) -> Vec<(u64, u64)> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Reader for Script {
    async fn list(&self, _: &Scope, offset: u64, limit: u64) -> Result<ListPage, ApiError> {
        let number = {
            let mut asked = self.asked.lock().expect("no panic");
            asked.push((offset, limit));
            asked.len() - 1
        };
        if self.failing_at == Some(number) {
            return Err(failure(ErrorKind::Unreachable));
        }
        if limit > self.refusing_beyond {
            return Err(failure(ErrorKind::Refused));
        }
        let (total, rows) = (self.answer)(offset, limit, number);
        Ok(ListPage { total, rows: rows.into_iter().map(|number| row(number).into()).collect() })
    }

    async fn info(&self, _: &Scope, _: &ClientId) -> Result<LiveClient, ApiError> {
        Err(failure(ErrorKind::NotFound))
    }
}

type Info = Box<dyn Fn(LiveClient) -> Result<LiveClient, ApiError> + Send + Sync>;

/// Answers infos as a closure says, which gets the client that is there.
pub(super) struct Infos(Info);

impl Infos {
    pub(super) fn new(answer: impl Fn(LiveClient) -> Result<LiveClient, ApiError> + Send + Sync + 'static) -> Self {
        Self(Box::new(answer))
    }
}

impl Reader for Infos {
    async fn list(&self, _: &Scope, _: u64, _: u64) -> Result<ListPage, ApiError> {
        Err(failure(ErrorKind::Refused))
    }

    async fn info(&self, scope: &Scope, id: &ClientId) -> Result<LiveClient, ApiError> {
        let content = row(0).content.or(seen(Payload::default()));
        let there = LiveClient { id: id.clone(), scope: scope.clone(), content, ..row(0) };
        (self.0)(there)
    }
}

pub(super) fn server_scope() -> Scope {
    Scope { telsys: Telsys::One(417), partition: Partition::All, device: Device::All }
}

/// A row of a list, told from others by its number.
pub(super) fn row(number: u64) -> LiveClient {
    LiveClient {
        id: ClientId::from_server(&format!("id-{number}")).expect("not empty"),
        scope: Scope {
            telsys: Telsys::One(417),
            partition: Partition::One(1),
            device: Device::from_text(&format!("+44{number}")).expect("a device"),
        },
        content: LiveContent { description: Observed::Known(format!("row {number}").into()), ..LiveContent::default() },
        labels: Labels::default(),
        detail: Detail::Listed,
    }
}

pub(super) fn failure(kind: ErrorKind) -> ApiError {
    ApiError {
        operation: Operation::Info,
        object: "417/1/+44".to_owned(),
        kind,
        code: None,
        status: None,
        retry_after: None,
        said_by: SaidBy::Anybody,
        message: "no".to_owned(),
    }
}
