//! Reads both sides for a command: what the lists show, and details only where a decision needs them.

use std::collections::{BTreeMap, BTreeSet};

use super::connect::Connection;
use super::environment::Environment;
use super::failure::Failure;
use super::progress::Progress;
use crate::api::{ApiError, Reader};
use crate::live;
use crate::model::{Boundary, ClientId, Desired, Detail, Live, LiveClient, Policy, Reach, RefusalKind, Scope};
use crate::plan;

/// What was read from the server, and what it cost.
#[derive(Debug)]
pub(super) struct Read {
    /// The live side.
    pub live: Live,
    /// How many rows the lists showed.
    pub rows: usize,
}

/// Reads the live side of a plan.
pub(super) async fn read_live(
    connection: &Connection,
    desired: &Desired,
    policy: &Policy,
    environment: &Environment,
) -> Result<Read, Failure> {
    let progress = Progress::start(environment, "reading lists");
    let reader = connection.reader();
    let mut listed = list(reader, desired, policy, connection.page_size()).await?;
    let wanted = plan::wanted_details(desired, &listed.live, policy);
    detail(reader, &mut listed.live, &wanted, connection.page_size(), &progress).await?;
    Ok(listed)
}

/// Lists the boundary, and everything once more when a pin names a client that its lists do not show.
pub(super) async fn list(
    reader: &impl Reader,
    desired: &Desired,
    policy: &Policy,
    page_size: u64,
) -> Result<Read, ApiError> {
    let mut rows = live::list(reader, &live::filters(&policy.boundary), page_size).await?.rows;
    let pins: BTreeSet<&ClientId> =
        desired.clients.values().filter_map(|one| one.id.as_ref()).map(|pin| &pin.value).collect();
    let mut reach = Reach::Everywhere;
    if pins.iter().any(|pin| !rows.contains_key(*pin)) && !lists_everything(&policy.boundary) {
        // A pinned client may have moved out of sight.
        match live::list(reader, &[Scope::EVERYTHING], page_size).await {
            Ok(all) => rows.extend(all.rows.into_iter().filter(|(id, _)| pins.contains(id))),
            Err(error) if error.kind.is_refusal() => reach = Reach::Boundary,
            Err(error) => return Err(error),
        }
    }
    let count = rows.len();
    let kept = |id: &ClientId, row: &LiveClient| policy.boundary.contains(&row.scope) || pins.contains(id);
    let clients: BTreeMap<ClientId, LiveClient> = rows.into_iter().filter(|(id, row)| kept(id, row)).collect();
    let outside = count - clients.len();
    Ok(Read { live: Live { clients, outside, reach }, rows: count })
}

/// Reads the details of the clients that are named.
pub(super) async fn detail(
    reader: &impl Reader,
    live: &mut Live,
    wanted: &BTreeSet<ClientId>,
    page_size: u64,
    progress: &Progress,
) -> Result<(), ApiError> {
    progress.expect("reading clients", wanted.len());
    let rows: Vec<LiveClient> = wanted.iter().filter_map(|id| live.clients.remove(id)).collect();
    let (gone, there): (Vec<_>, Vec<_>) =
        live::detail(reader, rows, &|| progress.advance()).await?.into_iter().partition(is_gone);
    live.clients.extend(there.into_iter().map(|client| (client.id.clone(), client)));
    live.clients.extend(still_listed(reader, gone, page_size).await?);
    Ok(())
}

fn is_gone(client: &LiveClient) -> bool {
    matches!(client.detail, Detail::Refused { kind: RefusalKind::Gone, .. })
}

/// Lists the scopes of clients that were listed and then not found. Those that went in between are not there; those that
/// are listed all the same cannot be read, and nothing may be concluded about them.
async fn still_listed(
    reader: &impl Reader,
    gone: Vec<LiveClient>,
    page_size: u64,
) -> Result<BTreeMap<ClientId, LiveClient>, ApiError> {
    if gone.is_empty() {
        return Ok(BTreeMap::new());
    }
    let scopes = Boundary::Defined(gone.iter().map(|client| client.scope.clone()).collect());
    let rows = live::list(reader, &live::filters(&scopes), page_size).await?.rows;
    let listed = gone.into_iter().filter(|client| rows.contains_key(&client.id));
    let unread = listed.map(|client| {
        let reason = format!("the server lists {} and says that it is not found", client.id);
        let help = "look at it in the server's own pages, or ask its operator".to_owned();
        let detail = Detail::Refused { reason, help, kind: RefusalKind::Other };
        (client.id.clone(), LiveClient { detail, ..client })
    });
    Ok(unread.collect())
}

fn lists_everything(boundary: &Boundary) -> bool {
    live::filters(boundary).contains(&Scope::EVERYTHING)
}
