//! Lists of a whole telephony server that are shared by adds which look at their scopes at the same time.
//!
//! A look joins those that wait for a free request already. The list, or each look alone, then waits once more for its own. What
//! is shared only spares requests: whoever does not see there what a healthy server shows looks at its own scope, and that nothing
//! is there is believed of a list only once one has shown what was just added.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use crate::api::Reader;
use crate::live::{self, Listing};
use crate::model::{Scope, Telsys};

/// So many rows more in a list cost about what one more request does.
const ROWS_PER_LOOK: u64 = 25;

/// Who looks at each telephony server next, and what is known of its list.
#[derive(Debug)]
pub(super) struct SharedLists {
    servers: Mutex<BTreeMap<Telsys, ListSharing>>,
    page_size: u64,
    /// How many rows are too many, whoever looks.
    most_rows: u64,
}

/// What is known of the list of a telephony server.
#[derive(Debug, Default)]
struct ListSharing {
    next: Arc<PendingList>,
    /// How many rows it has, as far as is known.
    rows: u64,
    trust: ListTrust,
}

/// What the lists of a telephony server are good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum ListTrust {
    /// To look for what was added: who does not see it there looks at its own scope.
    #[default]
    Unproven,
    /// To tell what is there and what is not.
    Proven,
    /// For nothing: one failed, was not given whole, has rows that hide their scope or cannot be read, or knows less than the list
    /// of a scope.
    Broken,
}

/// A list for everybody who joins before it is asked for.
#[derive(Debug, Default)]
struct PendingList {
    looks: AtomicU64,
    /// Nothing where each look is better made alone.
    result: OnceCell<Option<Arc<Listing>>>,
}

impl SharedLists {
    /// Begins with how many rows of each telephony server a plan has read. So many adds are under way at once.
    pub(super) fn new(rows_by_server: &BTreeMap<Telsys, u64>, page_size: u64, adds_at_once: usize) -> Self {
        let known = |rows: &u64| ListSharing { rows: *rows, ..ListSharing::default() };
        let servers = rows_by_server.iter().map(|(telsys, rows)| (*telsys, known(rows))).collect();
        let most_rows = page_size.min(ROWS_PER_LOOK.saturating_mul(adds_at_once as u64));
        Self { servers: Mutex::new(servers), page_size, most_rows }
    }

    /// Lists a telephony server for everybody who waits to look at it. `None`: a list of one's own scope is the better one.
    pub(super) async fn list_of_server(&self, reader: &impl Reader, telsys: Telsys) -> Option<Arc<Listing>> {
        let list = self.join(telsys)?;
        list.result.get_or_init(|| self.read(reader, telsys, &list)).await.clone()
    }

    /// Goes with those who look next.
    fn join(&self, telsys: Telsys) -> Option<Arc<PendingList>> {
        if telsys == Telsys::All {
            return None;
        }
        let mut servers = self.servers.lock().ok()?;
        let server = servers.entry(telsys).or_default();
        if server.trust == ListTrust::Broken || server.rows > self.most_rows {
            return None;
        }
        server.next.looks.fetch_add(1, Ordering::Relaxed);
        Some(Arc::clone(&server.next))
    }

    /// Lets nobody else join. Gives how many look together, and how many rows they are in for.
    fn close(&self, telsys: Telsys, list: &Arc<PendingList>) -> Option<(u64, u64)> {
        let mut servers = self.servers.lock().ok()?;
        let server = servers.get_mut(&telsys)?;
        if Arc::ptr_eq(&server.next, list) {
            server.next = Arc::default();
        }
        Some((list.looks.load(Ordering::Relaxed), server.rows))
    }

    async fn read(&self, reader: &impl Reader, telsys: Telsys, list: &Arc<PendingList>) -> Option<Arc<Listing>> {
        reader.wait_for_slot().await;
        // Nobody joins who came after the server was asked: what is listed may be older than that look.
        let (looks, rows) = self.close(telsys, list)?;
        if looks < 2 || rows > looks.saturating_mul(ROWS_PER_LOOK) {
            return None;
        }
        match live::list_in_one(reader, &Scope::whole(telsys), self.page_size).await {
            Ok(Some(listing)) if is_plain(&listing) => {
                self.learn(telsys, |server| server.rows = listing.count() as u64);
                Some(Arc::new(listing))
            }
            // What is wrong with this request, be it the login, is no fate of those that were not made.
            Ok(_) | Err(_) => {
                self.distrust(telsys);
                None
            }
        }
    }

    /// Tells whether a list of a telephony server that shows nothing at a scope can be believed.
    pub(super) fn are_proven(&self, telsys: Telsys) -> bool {
        self.servers
            .lock()
            .is_ok_and(|servers| servers.get(&telsys).is_some_and(|server| server.trust == ListTrust::Proven))
    }

    /// A list of a telephony server has shown what was just added.
    pub(super) fn prove(&self, telsys: Telsys) {
        self.learn(telsys, |server| {
            if server.trust == ListTrust::Unproven {
                server.trust = ListTrust::Proven;
            }
        });
    }

    /// Shares no more lists of a telephony server.
    pub(super) fn distrust(&self, telsys: Telsys) {
        self.learn(telsys, |server| server.trust = ListTrust::Broken);
    }

    fn learn(&self, telsys: Telsys, learn: impl FnOnce(&mut ListSharing)) {
        if let Ok(mut servers) = self.servers.lock() {
            servers.get_mut(&telsys).map(learn);
        }
    }
}

/// Tells whether every row was read and shows its scope.
fn is_plain(listing: &Listing) -> bool {
    listing.unread.is_empty() && !listing.rows.values().any(|row| row.scope.is_unresolved())
}
