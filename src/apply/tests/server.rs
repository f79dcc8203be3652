//! A server in memory that does what is not wanted.

use super::*;

/// What goes wrong with one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Nothing.
    None,
    /// The request is lost before the work.
    LostBefore,
    /// The answer is lost after the work.
    LostAfter,
    /// The server never gets it.
    NotSent,
    /// The server says yes and does nothing.
    Pretended,
    /// The server refuses for good.
    Refused,
    /// The request is lost before the work, and somebody else changes every client.
    LostBeforeEdit,
    /// The work is done, and every description is cut.
    Trimmed,
    /// The server says yes, and the client is gone.
    Swallowed,
    /// Somebody else deletes the client just before, so that the server does not find it.
    Gone,
    /// The answer is lost, and the work is done so many milliseconds later.
    Late(u64),
    /// The server says yes, and shows the work so many milliseconds later.
    Lagging(u64),
    /// Something before the server says no without a code, and the work is done so many milliseconds later.
    Masked(u64),
}

/// Work that is done at its time.
pub(super) type Work = Box<dyn FnOnce(&Server) -> Result<(), ErrorKind> + Send>;

/// Work that waits for its time.
#[derive(Default)]
pub(super) struct Pending(Vec<(Instant, Work)>);

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pending", self.0.len())
    }
}

/// A server in memory: at most one client per exact scope, ids of its own, and mishaps in the order they were given.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) clients: Mutex<BTreeMap<ClientId, LiveClient>>,
    pub(super) mishaps: Mutex<Vec<Mishap>>,
    pub(super) writes: Mutex<Vec<String>>,
    pub(super) next: Mutex<u32>,
    pub(super) pending: Mutex<Pending>,
    /// Scopes are shown as unresolved.
    pub(super) hides: bool,
    /// A change gives the client another id.
    pub(super) renames: bool,
    /// So many milliseconds an Info takes.
    pub(super) slow: u64,
    /// So many Infos after a write come from a copy that does not have the client yet.
    pub(super) behind: Mutex<u32>,
    /// What Info shows from the next write on.
    pub(super) after: Showing,
    /// Cancelled at the first read after so many writes.
    pub(super) stops: Option<(usize, CancellationToken)>,
}

/// What Info shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Showing {
    /// Everything.
    #[default]
    All,
    /// No settings.
    NoSettings,
    /// A page that is not the server's, with status 404.
    Page404,
    /// Everything, while the lists show rows that nobody can read.
    OddRows,
}

impl Server {
    pub(super) fn new(rows: impl IntoIterator<Item = LiveClient>) -> Self {
        let clients = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        Self { clients: Mutex::new(clients), ..Self::default() }
    }

    pub(super) fn mishap(&self, write: &str) -> Mishap {
        self.writes.lock().unwrap().push(write.to_owned());
        self.mishaps.lock().unwrap().pop().unwrap_or(Mishap::None)
    }

    pub(super) fn rows(&self) -> BTreeMap<ClientId, LiveClient> {
        self.clients.lock().unwrap().clone()
    }

    fn stop(&self) {
        let sent = self.writes.lock().unwrap().len();
        self.stops.iter().filter(|(writes, _)| sent >= *writes).for_each(|(_, stop)| stop.cancel());
    }

    /// Does what is due by now.
    pub(super) fn catch_up(&self, now: Option<Instant>) {
        let pending = std::mem::take(&mut self.pending.lock().unwrap().0);
        let (due, later) = pending.into_iter().partition(|(at, _)| now.is_none_or(|now| *at <= now));
        self.pending.lock().unwrap().0 = later;
        for (_, work) in due {
            let _ = work(self);
        }
    }

    pub(super) fn postpone(&self, milliseconds: u64, work: Work) {
        let at = Instant::now() + Duration::from_millis(milliseconds);
        self.pending.lock().unwrap().0.push((at, work));
    }

    pub(super) fn shown(&self, row: &LiveClient) -> LiveClient {
        let partition = if self.hides { Partition::Unresolved } else { row.scope.partition };
        let blind = self.after == Showing::NoSettings && !self.writes.lock().unwrap().is_empty();
        let mut shown = LiveClient { scope: Scope { partition, ..row.scope.clone() }, ..row.clone() };
        if blind {
            shown.content.settings = Observed::Unreadable { reason: "not shown".into() };
        }
        shown
    }

    fn new_id(&self) -> ClientId {
        let mut next = self.next.lock().unwrap();
        *next += 1;
        client_id(&format!("00000000000000ff:1:1:{:x}", *next))
    }

    pub(super) fn move_to(&self, id: &str, scope: Scope) {
        self.clients.lock().unwrap().get_mut(&client_id(id)).unwrap().scope = scope;
    }

    pub(super) fn edit(&self, id: &str, description: &str) {
        let mut clients = self.clients.lock().unwrap();
        clients.get_mut(&client_id(id)).unwrap().content.description = Observed::Known(description.into());
    }

    /// Carries a write out, or not, as the mishap wants.
    pub(super) fn write(
        &self,
        name: &str,
        operation: Operation,
        work: impl FnOnce(&Self) -> Result<(), ErrorKind> + Send + 'static,
    ) -> Answer {
        self.catch_up(Some(Instant::now()));
        let failed = |kind, code: Option<u32>| ApiError {
            operation,
            object: name.to_owned(),
            kind,
            code: code.map(ErrorCode),
            status: code.map(|_| 400),
            retry_after: None,
            said_by: SaidBy::Anybody,
            message: "no".to_owned(),
        };
        match self.mishap(name) {
            Mishap::NotSent => Answer::NotDone(failed(ErrorKind::Unreachable, None)),
            Mishap::LostBefore => Answer::Uncertain(failed(ErrorKind::Unreachable, None)),
            Mishap::Refused => Answer::Refused(failed(ErrorKind::NotPermitted, Some(30000))),
            Mishap::Pretended => Answer::Done,
            Mishap::Late(after) => {
                self.postpone(after, Box::new(work));
                Answer::Uncertain(failed(ErrorKind::Unreachable, None))
            }
            Mishap::Lagging(after) => {
                self.postpone(after, Box::new(work));
                Answer::Done
            }
            Mishap::Masked(after) => {
                self.postpone(after, Box::new(work));
                Answer::Refused(ApiError { status: Some(403), ..failed(ErrorKind::NotPermitted, None) })
            }
            Mishap::LostBeforeEdit => {
                self.rows().keys().for_each(|id| self.edit(id.as_str(), "somebody else"));
                Answer::Uncertain(failed(ErrorKind::Unreachable, None))
            }
            Mishap::Trimmed => match work(self) {
                Err(kind) => Answer::Refused(failed(kind, None)),
                Ok(()) => {
                    self.rows().keys().for_each(|id| self.edit(id.as_str(), "cut"));
                    Answer::Done
                }
            },
            Mishap::Swallowed => {
                self.clients.lock().unwrap().remove(&client_id(name.rsplit(' ').next().unwrap()));
                Answer::Done
            }
            Mishap::Gone => {
                self.clients.lock().unwrap().clear();
                Answer::Refused(failed(ErrorKind::NotFound, Some(30003)))
            }
            mishap => match work(self) {
                Err(kind) => Answer::Refused(failed(kind, None)),
                Ok(()) if mishap == Mishap::LostAfter => Answer::Uncertain(failed(ErrorKind::Unreachable, None)),
                Ok(()) => Answer::Done,
            },
        }
    }
}

pub(super) fn not_found(operation: Operation) -> ApiError {
    ApiError {
        operation,
        object: "a client".to_owned(),
        kind: ErrorKind::NotFound,
        code: Some(ErrorCode(30003)),
        status: Some(404),
        retry_after: None,
        said_by: SaidBy::Anybody,
        message: "not found".to_owned(),
    }
}

impl Reader for Server {
    async fn list(&self, filter: &Scope, offset: u64, limit: u64) -> Result<ListPage, ApiError> {
        self.stop();
        self.catch_up(Some(Instant::now()));
        let rows = self.rows();
        let matching: Vec<LiveClient> =
            rows.values().filter(|row| filter.contains(&row.scope)).map(|row| self.shown(row)).collect();
        let total = matching.len() as u64;
        let count = |number: u64| usize::try_from(number).unwrap();
        let garbled = self.after == Showing::OddRows && !self.writes.lock().unwrap().is_empty();
        let rows = matching.into_iter().skip(count(offset)).take(count(limit));
        let rows = rows.map(|row| if garbled { odd(row) } else { row.into() }).collect();
        Ok(ListPage { total, rows })
    }

    async fn info(&self, _: &Scope, id: &ClientId) -> Result<LiveClient, ApiError> {
        self.stop();
        tokio::time::sleep(Duration::from_millis(self.slow)).await;
        self.catch_up(Some(Instant::now()));
        let rows = self.rows();
        let row = rows.get(id).ok_or_else(|| not_found(Operation::Info))?;
        let written = !self.writes.lock().unwrap().is_empty();
        let mut behind = self.behind.lock().unwrap();
        if written && *behind > 0 {
            *behind -= 1;
            return Err(not_found(Operation::Info));
        }
        let shown = LiveClient { detail: Detail::Read, ..self.shown(row) };
        match self.after {
            Showing::Page404 if written => Err(ApiError { code: None, ..not_found(Operation::Info) }),
            Showing::All | Showing::NoSettings | Showing::Page404 | Showing::OddRows => Ok(shown),
        }
    }
}

impl Writer for Server {
    async fn add(&self, scope: &Scope, payload: &Payload) -> Answer {
        let (scope, payload) = (scope.clone(), payload.clone());
        self.write(&format!("add {scope}"), Operation::Add, move |server| {
            let mut clients = server.clients.lock().unwrap();
            if clients.values().any(|row| row.scope == scope) {
                return Err(ErrorKind::Exists);
            }
            let id = server.new_id();
            clients.insert(id.clone(), row_of(id, scope, &payload));
            Ok(())
        })
    }

    async fn change(&self, _: &Scope, id: &ClientId, payload: &Payload) -> Answer {
        let (id, payload) = (id.clone(), payload.clone());
        self.write(&format!("change {id}"), Operation::Change, move |server| {
            let mut clients = server.clients.lock().unwrap();
            let scope = clients.get(&id).ok_or(ErrorKind::NotFound)?.scope.clone();
            let new = if server.renames { server.new_id() } else { id.clone() };
            clients.remove(&id);
            clients.insert(new.clone(), row_of(new, scope, &payload));
            Ok(())
        })
    }

    async fn delete(&self, _: &Scope, id: &ClientId) -> Answer {
        let id = id.clone();
        self.write(&format!("delete {id}"), Operation::Delete, move |server| {
            server.clients.lock().unwrap().remove(&id).map(drop).ok_or(ErrorKind::NotFound)
        })
    }
}
