//! Lists of a whole telephony server that are shared by adds which look at their scopes at the same time.
//!
//! The server's list may be longer than those of the scopes, and nobody waits in order to share: a look goes with others only while it waits for the room that a request needs anyway.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use crate::api::{ApiError, Reader};
use crate::live::{self, Listing, OnePage};
use crate::model::{Scope, Telsys};

/// So many rows more in a list cost about what one more request does.
const ROWS_PER_LOOK: u64 = 25;

/// Who looks at each telephony server next, and what is known of its list.
#[derive(Debug)]
pub(super) struct SharedLists {
    servers: Mutex<BTreeMap<Telsys, ServerList>>,
    page_size: u64,
    /// How many rows are too many, whoever looks.
    most_rows: u64,
}

/// What is known of the list of a telephony server.
#[derive(Debug, Default)]
struct ServerList {
    /// What is listed next.
    next: Arc<Shared>,
    /// How many looks that is for, so far.
    looks: u64,
    /// How many rows it has, as far as is known.
    rows: u64,
    /// Whether it tells less of a scope than the scope's own list, or is refused.
    is_useless: bool,
}

/// What came of a list; nothing where each look is better made alone.
type Shared = OnceCell<Option<Result<Arc<Listing>, ApiError>>>;

impl SharedLists {
    /// Begins with what a plan knows: how many rows each telephony server has at least.
    pub(super) fn new(rows: &BTreeMap<Telsys, u64>, (page_size, adds_at_once): (u64, usize)) -> Self {
        let known = rows.iter().map(|(telsys, rows)| (*telsys, ServerList { rows: *rows, ..ServerList::default() }));
        let most_rows = page_size.min(ROWS_PER_LOOK.saturating_mul(adds_at_once as u64));
        Self { servers: Mutex::new(known.collect()), page_size, most_rows }
    }

    /// Lists a telephony server for everybody who waits to look at it. `None`: a list of one's own scope is the better one.
    pub(super) async fn around(&self, reader: &impl Reader, telsys: Telsys) -> Option<Result<Arc<Listing>, ApiError>> {
        self.join(telsys)?.get_or_init(|| self.read(reader, telsys)).await.clone()
    }

    /// Goes with those who look next.
    fn join(&self, telsys: Telsys) -> Option<Arc<Shared>> {
        let mut servers = self.servers.lock().ok()?;
        let list = servers.entry(telsys).or_default();
        if telsys == Telsys::All || list.is_useless || list.rows > self.most_rows {
            return None;
        }
        list.looks += 1;
        Some(Arc::clone(&list.next))
    }

    /// Lets nobody else join. Gives how many look together, and how many rows they are in for.
    fn close(&self, telsys: Telsys) -> Option<(u64, u64)> {
        let mut servers = self.servers.lock().ok()?;
        let list = servers.get_mut(&telsys)?;
        list.next = Arc::default();
        Some((std::mem::take(&mut list.looks), list.rows))
    }

    async fn read(&self, reader: &impl Reader, telsys: Telsys) -> Option<Result<Arc<Listing>, ApiError>> {
        reader.room().await;
        let (looks, rows) = self.close(telsys)?;
        if looks < 2 || rows > looks.saturating_mul(ROWS_PER_LOOK) {
            return None;
        }
        match live::list_in_one(reader, &Scope::whole(telsys), self.page_size).await {
            Err(error) if !error.kind.is_refusal() => return Some(Err(error)),
            Ok(OnePage::Whole(listing)) if is_plain(&listing) => {
                self.learn(telsys, |list| list.rows = listing.count() as u64);
                return Some(Ok(Arc::new(listing)));
            }
            Ok(OnePage::Part { total }) => self.learn(telsys, |list| list.rows = total),
            Ok(OnePage::Whole(_)) | Err(_) => self.learn(telsys, |list| list.is_useless = true),
        }
        None
    }

    fn learn(&self, telsys: Telsys, learn: impl FnOnce(&mut ServerList)) {
        if let Ok(mut servers) = self.servers.lock() {
            servers.get_mut(&telsys).map(learn);
        }
    }
}

/// Tells whether every row shows whose it is.
fn is_plain(listing: &Listing) -> bool {
    listing.unread.is_empty() && !listing.rows.values().any(|row| row.scope.is_unresolved())
}
