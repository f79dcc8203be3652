//! What readers see: only what is durable, and with a replica that lags only what was durable a while ago.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Instant;

use super::listing::SortedClients;
use super::places::Places;
use super::state::{Clients, WriteEffect};

/// What readers see, and what they are still to see.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) clients: Clients,
    pub(super) listing: SortedClients,
    waiting: VecDeque<(Instant, Vec<WriteEffect>)>,
}

impl Published {
    /// Shows clients at once.
    pub(super) fn new(places: &Places, clients: Clients) -> Self {
        let listing = SortedClients::new(places, clients.iter());
        Self { clients, listing, waiting: VecDeque::new() }
    }

    /// Takes effects that are durable, to be shown from a moment on.
    pub(super) fn publish(&mut self, places: &Places, effects: Vec<WriteEffect>, from: Instant) {
        self.waiting.push_back((from, effects));
        self.catch_up(places);
    }

    /// Gives the clients as they are in truth.
    pub(super) fn truth(&self) -> Clients {
        let mut clients = self.clients.clone();
        for effect in self.waiting.iter().flat_map(|(_, effects)| effects) {
            clients.settle(effect);
        }
        clients
    }

    fn catch_up(&mut self, places: &Places) {
        let now = Instant::now();
        while let Some((_, effects)) = self.waiting.pop_front_if(|(from, _)| *from <= now) {
            for effect in &effects {
                let before = self.clients.settle(effect);
                self.listing.settle(places, effect, before.as_ref());
            }
        }
    }
}

/// Gives what readers see at this moment.
pub(super) fn read<'a>(published: &'a RwLock<Published>, places: &Places) -> RwLockReadGuard<'a, Published> {
    let guard = published.read().unwrap_or_else(PoisonError::into_inner);
    if guard.waiting.is_empty() {
        return guard;
    }
    drop(guard);
    published.write().unwrap_or_else(PoisonError::into_inner).catch_up(places);
    published.read().unwrap_or_else(PoisonError::into_inner)
}
