//! The API as a server: an estate in a durable store, behind the five operations over real HTTP.
//!
//! One request goes through these files: `connection` (sockets that a fault can cut), `door` (no web pages), `exchange` (the order of
//! things), `path` and `query` (what is asked), `fault` (what goes wrong), `session` (who asks), `state`, `listing` and
//! `reading` (what it means), `rights` (for whom), `writer`, `store` and `published` (durable before it is answered), `wire` and
//! `reply` (how it is said),
//! `late` (what is written after it), `record` (what is remembered); `control` is the sandbox's own part, under `/sandbox/`.

mod client;
mod connection;
mod control;
mod dialect;
mod door;
mod estate;
mod estate_file;
mod exchange;
mod fault;
mod fault_file;
mod fault_schedule;
mod ids;
mod late;
mod listing;
mod mistakes;
mod path;
mod places;
mod published;
mod query;
mod reading;
mod record;
mod refusal;
mod reply;
mod rights;
mod route;
mod session;
mod state;
mod store;
mod wire;
mod writer;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use dialect::{
    Audit, Details, Dialect, DialectError, EmptyId, ErrorStatus, Errors, Expired, IdTypes, JsonFields, LoginConflict,
    MaxLimit, Omitted, Put, ScopeCheck, Seconds, Sticky, Switch, Unseen, WriteFields,
};
pub use estate::{
    DeviceOfPartition, Estate, FirstClient, OddRow, PartitionOfServer, TelephonyServer, UnresolvedFrom, User,
};
pub use estate_file::EstateError;
pub use fault::{About, FaultKind, FaultRule, Faults, Operation, RetryAfter, Work};
pub use fault_file::FaultError;
pub use mistakes::FileMistakes;
pub use record::{Records, RequestRecord, WorkDone};
pub use rights::{Right, Rights, UserLimits, WriteAccess};
pub use session::UnknownUser;
pub use store::{StoreError, reset};

use connection::{ConnectionHandle, SandboxListener};
use fault_schedule::FaultSchedule;
use places::Places;
use published::Published;
use session::Sessions;
use state::World;
use store::Store;
use writer::{Start, StoreWriter};

/// How long a sandbox that is asked to stop waits for answers on their way.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// What a sandbox is made of.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// What exists; its `dialect` is the one spoken.
    pub estate: Estate,
    /// The file of the store; without one everything is forgotten at the end.
    pub data: Option<PathBuf>,
    /// The faults to begin with.
    pub faults: Faults,
    /// The seed of new ids and of faults with a probability.
    pub seed: u64,
    /// The clock, for the times that rows carry.
    pub now: fn() -> jiff::Timestamp,
}

/// The API over one estate. Clones are the same sandbox.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Shared>);

/// A sandbox that serves on a loopback port of its own. It stops when it is dropped.
#[derive(Debug)]
pub struct Running {
    url: String,
    sandbox: Sandbox,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The estate contradicts itself, which one that was read from a file cannot.
    #[error("the estate of the sandbox does not fit together: {0}")]
    Estate(String),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No loopback port can be had.
    #[error("the sandbox cannot listen on a loopback port")]
    Listen(#[from] io::Error),
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    world: Arc<World>,
    writer: StoreWriter,
    published: Arc<RwLock<Published>>,
    sessions: Mutex<Sessions>,
    faults: Mutex<FaultSchedule>,
    records: Mutex<Records>,
    late: TaskTracker,
    closing: CancellationToken,
}

impl SandboxOptions {
    /// Takes an estate in memory, without faults, with a fixed seed and the system's clock.
    pub fn new(estate: Estate) -> Self {
        Self { estate, data: None, faults: Faults::default(), seed: 0, now: jiff::Timestamp::now }
    }
}

impl Sandbox {
    /// Opens the store, or fills a new one from the estate.
    pub fn open(options: SandboxOptions) -> Result<Self, SandboxError> {
        let SandboxOptions { estate, data, faults, seed, now } = options;
        let mut problem = None;
        let places = Places::of(&estate, |_, message| {
            problem.get_or_insert(message);
        });
        problem.map_or(Ok(()), |problem| Err(SandboxError::Estate(problem)))?;
        let sessions = Mutex::new(Sessions::new(&estate));
        let dialect = estate.dialect;
        let world = Arc::new(World { estate, places, dialect });
        let store = data.as_deref().map(Store::open).transpose()?;
        let (writer, published) = writer::start(Start { world: Arc::clone(&world), store, seed, now })?;
        Ok(Self(Arc::new(Shared {
            world,
            writer,
            published,
            sessions,
            faults: Mutex::new(FaultSchedule::new(faults, seed)),
            records: Mutex::default(),
            late: TaskTracker::new(),
            closing: CancellationToken::new(),
        })))
    }

    /// Serves until `shutdown` ends, then finishes the answers on their way and closes the store: a sandbox serves
    /// once.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let shared = Arc::clone(&self.0);
        let routes = Router::new().fallback(move |ConnectInfo(line): ConnectInfo<ConnectionHandle>, request| {
            let shared = Arc::clone(&shared);
            // In a task of its own: a caller that hangs up does not stop the work halfway.
            async move {
                let work = tokio::spawn(async move { exchange::answer(&shared, &line, request).await });
                work.await.unwrap_or_else(|_| reply::Reply::message(500, "The sandbox failed").into_response())
            }
        });
        let closing = self.0.closing.clone();
        let stop = async move {
            tokio::select! {
                () = shutdown => closing.cancel(),
                () = closing.cancelled() => {}
            }
        };
        let service = routes.into_make_service_with_connect_info::<ConnectionHandle>();
        let serving = axum::serve(SandboxListener(listener), service).with_graceful_shutdown(stop);
        let late = async {
            self.0.closing.cancelled().await;
            tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
        };
        let served = tokio::select! { served = serving => served, () = late => Ok(()) };
        self.0.late.close();
        self.0.late.wait().await;
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || shared.writer.stop())
            .await
            .map_err(|_| io::Error::other("the store stopped"))?;
        served
    }

    /// Serves on a loopback port that the system chooses, in a task of the current runtime.
    pub async fn spawn(options: SandboxOptions) -> Result<Running, SandboxError> {
        let sandbox = Self::open(options)?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = sandbox.clone();
        let task = tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
        Ok(Running { url, sandbox, task })
    }

    /// Gives the first API key of the estate.
    pub fn api_key(&self) -> Option<&str> {
        self.0.world.estate.first_api_key()
    }

    /// Gives the requests so far.
    pub fn records(&self) -> Records {
        self.0.lock_records().clone()
    }

    /// Forgets the requests so far.
    pub fn clear_records(&self) {
        self.0.lock_records().clear();
    }

    /// Puts other faults in place; occurrences count from here.
    pub fn set_faults(&self, faults: Faults) {
        self.0.lock_faults().replace(faults);
    }

    /// Changes what a user may do, from the next request on.
    pub fn limit(&self, username: &str, limits: UserLimits) -> Result<(), UnknownUser> {
        self.0.lock_sessions().limit(username, limits)
    }

    /// Gives how many writes were answered and are still to be carried out.
    pub fn late_writes(&self) -> usize {
        self.0.late.len()
    }

    /// Gives what `GET /sandbox/state` answers: every client with its true scope, as JSON.
    #[expect(clippy::missing_panics_doc, reason = "what was just written as JSON can be read as JSON")]
    pub fn state(&self) -> serde_json::Value {
        let reply = control::state(&self.0);
        serde_json::from_slice(&reply.body).expect("the state was just written as JSON")
    }
}

impl Running {
    /// Gives the scheme, host and port; `/CCS/API/v1` comes after it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gives the sandbox that is running.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Stops, and returns when the store is closed.
    pub async fn shutdown(mut self) -> io::Result<()> {
        self.sandbox.0.closing.cancel();
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.sandbox.0.closing.cancel();
    }
}

impl Shared {
    fn lock_sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_faults(&self) -> MutexGuard<'_, FaultSchedule> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
