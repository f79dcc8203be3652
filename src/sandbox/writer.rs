//! The one thread that writes: it decides writes in turn, commits those that wait together, and only then answers.

use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::oneshot;

use super::client::{StoredClient, Touch};
use super::estate::User;
use super::ids;
use super::published::Published;
use super::refusal::Refusal;
use super::state::{Clients, World, WriteEffect, WriteRequest};
use super::store::{Loaded, Store, StoreError};
use crate::model::ClientId;

/// The most writes that share one commit.
const BATCH: usize = 64;

/// One thing for the thread to do.
enum Job {
    Write(QueuedWrite),
    Reset(oneshot::Sender<Result<(), Refusal>>),
    Stop,
}

struct QueuedWrite {
    user: Arc<User>,
    write: WriteRequest,
    purpose: Purpose,
    reply: oneshot::Sender<Result<(), Refusal>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be carried out.
    Done,
    /// To be told whether it would be refused.
    Tried,
}

/// Whoever wants something written.
#[derive(Debug)]
pub(super) struct StoreWriter {
    jobs: mpsc::Sender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread owns. `next` is ahead of what is published by the writes of the batch at hand.
struct WriterTask {
    world: Arc<World>,
    published: Arc<RwLock<Published>>,
    store: Option<Store>,
    next: Clients,
    seed: u64,
    ids_made: u64,
    now: fn() -> jiff::Timestamp,
}

/// What a sandbox starts from.
pub(super) struct Start {
    pub(super) world: Arc<World>,
    pub(super) store: Option<Store>,
    pub(super) seed: u64,
    pub(super) now: fn() -> jiff::Timestamp,
}

/// Loads the store, or fills it from the estate, and starts the thread.
pub(super) fn start(start: Start) -> Result<(StoreWriter, Arc<RwLock<Published>>), StoreError> {
    let Start { world, store, seed, now } = start;
    let Loaded { clients, ids_made } = load(&world, store.as_ref(), seed)?;
    let next = Clients::new(clients);
    let published = Arc::new(RwLock::new(Published::new(&world.places, next.clone())));
    let task = WriterTask { world, published: Arc::clone(&published), store, next, seed, ids_made, now };
    let (jobs, inbox) = mpsc::channel();
    let thread = std::thread::spawn(move || task.work(&inbox));
    Ok((StoreWriter { jobs, thread: Mutex::new(Some(thread)) }, published))
}

/// Reads the store, and fills it from the estate if it is new.
fn load(world: &World, store: Option<&Store>, seed: u64) -> Result<Loaded, StoreError> {
    let Some(store) = store else { return Ok(first_clients(world, seed, 0)) };
    if let Some(loaded) = store.load()? {
        return Ok(loaded);
    }
    let first = first_clients(world, seed, 0);
    store.replace(&first.clients, first.ids_made)?;
    Ok(first)
}

/// Makes the clients of the estate; `ids_made` is how many ids there were before.
fn first_clients(world: &World, seed: u64, mut ids_made: u64) -> Loaded {
    let named: std::collections::BTreeSet<ClientId> =
        world.estate.clients.iter().filter_map(|first| ClientId::from_server(first.id.as_deref()?)).collect();
    let mut clients = Vec::with_capacity(world.estate.clients.len());
    for first in &world.estate.clients {
        let named_id = first.id.as_deref().and_then(ClientId::from_server);
        let id = named_id.unwrap_or_else(|| fresh_id(seed, &mut ids_made, |id| named.contains(id)));
        let scope = first.scope().expect("the scopes of an estate are checked when it is read");
        clients.push(Arc::new(StoredClient::first(id, scope, first)));
    }
    Loaded { clients, ids_made }
}

fn fresh_id(seed: u64, ids_made: &mut u64, taken: impl Fn(&ClientId) -> bool) -> ClientId {
    loop {
        let id = ids::client_id(seed, *ids_made);
        *ids_made += 1;
        if !taken(&id) {
            return id;
        }
    }
}

impl StoreWriter {
    /// Asks for a write, and waits until it is durable or refused.
    pub(super) async fn write(&self, user: Arc<User>, write: WriteRequest) -> Result<(), Refusal> {
        self.ask(user, write, Purpose::Done).await
    }

    /// Asks whether a write would be refused at this moment.
    pub(super) async fn check(&self, user: Arc<User>, write: WriteRequest) -> Result<(), Refusal> {
        self.ask(user, write, Purpose::Tried).await
    }

    async fn ask(&self, user: Arc<User>, write: WriteRequest, purpose: Purpose) -> Result<(), Refusal> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Write(QueuedWrite { user, write, purpose, reply });
        self.jobs.send(job).map_err(|_| Refusal::Store)?;
        answer.await.unwrap_or(Err(Refusal::Store))
    }

    /// Puts the clients of the estate in the place of all clients.
    pub(super) async fn reset(&self) -> Result<(), Refusal> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Reset(reply)).map_err(|_| Refusal::Store)?;
        answer.await.unwrap_or(Err(Refusal::Store))
    }

    /// Finishes what was asked for and closes the store; later writes are refused.
    pub(super) fn stop(&self) {
        // Both only fail when the thread is gone, which is what is wanted.
        let _ = self.jobs.send(Job::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Drop for StoreWriter {
    /// Closes the store, so that it can be opened again at once.
    fn drop(&mut self) {
        self.stop();
    }
}

impl WriterTask {
    fn work(mut self, inbox: &mpsc::Receiver<Job>) {
        let mut waiting = Vec::new();
        while let Ok(job) = inbox.recv() {
            let mut next = Some(job);
            let mut last = None;
            while let Some(job) = next.take() {
                match job {
                    Job::Write(request) => waiting.push(request),
                    other => {
                        last = Some(other);
                        break;
                    }
                }
                if waiting.len() < BATCH {
                    next = inbox.try_recv().ok();
                }
            }
            self.write(std::mem::take(&mut waiting));
            match last {
                Some(Job::Reset(reply)) => drop(reply.send(self.reset())),
                Some(Job::Stop) => return,
                Some(Job::Write(_)) | None => {}
            }
        }
    }

    fn write(&mut self, requests: Vec<QueuedWrite>) {
        let mut effects = Vec::new();
        let mut answers = Vec::new();
        for QueuedWrite { user, write, purpose, reply } in requests {
            let decided = self.decide(&user, write);
            answers.push((reply, decided.as_ref().map(drop).map_err(Clone::clone)));
            if let (Ok(effect), Purpose::Done) = (decided, purpose) {
                self.next.settle(&effect);
                effects.push(effect);
            }
        }
        let stored = self.store_and_publish(effects);
        for (reply, answer) in answers {
            // Nobody waits any more when the connection is gone; the work is done all the same.
            let _ = reply.send(answer.and_then(|()| stored.clone()));
        }
    }

    fn decide(&mut self, user: &User, write: WriteRequest) -> Result<WriteEffect, Refusal> {
        let time = (self.now)().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let touch = Touch { user: user.username.clone(), time: time.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string() };
        let Self { world, next, seed, ids_made, .. } = self;
        let fresh = || fresh_id(*seed, ids_made, |id| next.has(id));
        next.decide(world, user, write, touch, fresh)
    }

    fn store_and_publish(&mut self, effects: Vec<WriteEffect>) -> Result<(), Refusal> {
        if effects.is_empty() {
            return Ok(());
        }
        if let Some(store) = &self.store
            && let Err(error) = store.commit(&effects, self.ids_made)
        {
            tracing::error!(%error, "a write is lost");
            self.next = self.published.read().unwrap_or_else(PoisonError::into_inner).truth();
            return Err(Refusal::Store);
        }
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        published.publish(&self.world.places, effects, Instant::now() + self.world.dialect.lag.0);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Refusal> {
        let Loaded { clients, ids_made } = first_clients(&self.world, self.seed, self.ids_made);
        if let Some(store) = &self.store
            && let Err(error) = store.replace(&clients, ids_made)
        {
            tracing::error!(%error, "a reset is lost");
            return Err(Refusal::Store);
        }
        self.ids_made = ids_made;
        self.next = Clients::new(clients);
        *self.published.write().unwrap_or_else(PoisonError::into_inner) =
            Published::new(&self.world.places, self.next.clone());
        Ok(())
    }
}
