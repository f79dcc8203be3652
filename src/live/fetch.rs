//! What is read from the server: the lists of a boundary, and details only where a decision needs them.

use std::collections::{BTreeMap, BTreeSet};

use super::detail::detail;
use super::filter::filters;
use super::page::{ListedSpan, Listing, list, list_cheaply};
use super::pinned::{Sought, seek};
use crate::api::{ApiError, Reader};
use crate::model::{Boundary, ClientId, Detail, Directory, Live, LiveClient, Reach, RefusalKind, Scope, Shard, Telsys};

/// What is to be read.
#[derive(Debug, Clone)]
pub(crate) struct Extent<'a> {
    /// Whose clients are read.
    pub(crate) boundary: &'a Boundary,
    /// The part of it that is read, if not all of it.
    pub(crate) shard: Option<Shard>,
    /// Clients that are looked for wherever they are, each with the scope that it shall have.
    pub(crate) pins: BTreeMap<&'a ClientId, &'a Scope>,
    /// How many rows are asked for at once.
    pub(crate) page_size: u64,
}

impl Extent<'_> {
    /// Tells whether a listed client is wanted.
    pub(crate) fn keeps(&self, id: &ClientId, row: &LiveClient) -> bool {
        let own = self.shard.is_none_or(|shard| shard.owns(row.scope.telsys));
        own && self.boundary.contains(&row.scope) || self.pins.contains_key(id)
    }

    /// Tells whether a list can show what is wanted.
    fn concerns(&self, filter: &Scope) -> bool {
        filter.telsys == Telsys::All || self.shard.is_none_or(|shard| shard.owns(filter.telsys))
    }
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// The live side.
    pub(crate) live: Live,
    /// How many rows the lists showed.
    pub(crate) rows: usize,
}

/// Who is told how far the reading is.
pub(crate) trait FetchProgress: Sync {
    /// The lists of these filters are read now.
    fn listing(&self, filters: &[Scope]);

    /// The lists are read, and so many clients are read next.
    fn listed(&self, clients: usize);

    /// A client was read, or refused.
    fn read(&self, detail: &Detail);
}

/// Reads the lists of a boundary, and the details of the clients that `wanted` names after a look at them.
pub(crate) async fn fetch(
    reader: &impl Reader,
    extent: &Extent<'_>,
    wanted: impl FnOnce(&Live) -> BTreeSet<ClientId>,
    progress: &impl FetchProgress,
) -> Result<Fetched, ApiError> {
    let mut fetched = fetch_lists(reader, extent, progress).await?;
    let wanted = wanted(&fetched.live);
    read_details(reader, &mut fetched.live, &wanted, extent.page_size, progress).await?;
    Ok(fetched)
}

/// Lists the boundary. When a pin names a client that its lists do not show, everything is listed once more; what no list
/// shows is asked for.
pub(crate) async fn fetch_lists(
    reader: &impl Reader,
    extent: &Extent<'_>,
    progress: &impl FetchProgress,
) -> Result<Fetched, ApiError> {
    let Extent { boundary, shard, pins, page_size } = extent;
    let filters: Vec<Scope> = filters(boundary).into_iter().filter(|filter| extent.concerns(filter)).collect();
    let kept = |id: &ClientId, row: &LiveClient| extent.keeps(id, row);
    // Where a pinned row lies that hides its scope is not known.
    let inside = |id: &ClientId, row: &LiveClient| {
        boundary.contains(&row.scope) || (row.scope.is_unresolved() && pins.contains_key(id))
    };
    let beyond = |all: &Listing| all.rows.iter().filter(|(id, row)| !inside(id, row)).count();
    progress.listing(&filters);
    let mut listing = Box::pin(list_cheaply(reader, &filters, *page_size)).await?;
    let mut outside = (listing.span == ListedSpan::Everything).then(|| beyond(&listing));
    let mut reach = Reach::Everywhere;
    if outside.is_none() && !missing(pins, &listing).is_empty() {
        // A pinned client may have moved out of sight.
        progress.listing(&[Scope::EVERYTHING]);
        match list(reader, &[Scope::EVERYTHING], *page_size).await {
            Ok(all) => {
                outside = Some(beyond(&all));
                listing.unread = all.unread;
                listing.rows.extend(all.rows.into_iter().filter(|(id, _)| pins.contains_key(id)));
            }
            Err(error) if error.kind.is_refusal() => reach = Reach::Boundary,
            Err(error) => return Err(error),
        }
    }
    let Sought { found, hidden } = seek(reader, missing(pins, &listing)).await?;
    // What is beyond a shard is the business of others, who count it.
    let outside = outside.filter(|_| shard.is_none());
    let count = listing.count();
    let Listing { rows, unread, span: _ } = listing;
    let mut directory = Directory::default();
    rows.values().for_each(|row| directory.note(&row.scope, &row.labels));
    let mut clients: BTreeMap<ClientId, Box<LiveClient>> = rows.into_iter().filter(|(id, row)| kept(id, row)).collect();
    clients.extend(found);
    Ok(Fetched { live: Live { clients, outside, unread, reach, hidden, directory }, rows: count })
}

/// Names the pinned clients that no list shows.
fn missing(pins: &BTreeMap<&ClientId, &Scope>, listing: &Listing) -> Vec<(ClientId, Scope)> {
    let missing = pins.iter().filter(|(id, _)| !listing.shows(id));
    missing.map(|(id, scope)| ((*id).clone(), (*scope).clone())).collect()
}

/// Reads the details of the clients that are named.
async fn read_details(
    reader: &impl Reader,
    live: &mut Live,
    wanted: &BTreeSet<ClientId>,
    page_size: u64,
    progress: &impl FetchProgress,
) -> Result<(), ApiError> {
    progress.listed(wanted.len());
    let rows: Vec<_> = wanted.iter().filter_map(|id| live.clients.remove(id)).collect();
    let mut gone = Vec::new();
    for client in detail(reader, rows, &|detail| progress.read(detail)).await? {
        if is_gone(&client) {
            gone.push(client);
        } else {
            live.directory.note(&client.scope, &client.labels);
            live.clients.insert(client.id.clone(), client);
        }
    }
    live.clients.extend(still_listed(reader, gone, page_size).await?);
    Ok(())
}

fn is_gone(client: &LiveClient) -> bool {
    matches!(client.detail, Detail::Refused { kind: RefusalKind::Gone, .. })
}

/// Lists the scopes of clients that were listed and then not found. Those that went in between are not there; those that
/// are listed all the same cannot be read, and nothing may be concluded about them.
#[expect(clippy::vec_box, reason = "they are kept in boxes before and after")]
async fn still_listed(
    reader: &impl Reader,
    gone: Vec<Box<LiveClient>>,
    page_size: u64,
) -> Result<BTreeMap<ClientId, Box<LiveClient>>, ApiError> {
    if gone.is_empty() {
        return Ok(BTreeMap::new());
    }
    let scopes = Boundary::Defined(gone.iter().map(|client| client.scope.clone()).collect());
    let rows = Box::pin(list_cheaply(reader, &filters(&scopes), page_size)).await?.rows;
    let listed = gone.into_iter().filter(|client| rows.contains_key(&client.id));
    let unread = listed.map(|client| {
        let reason = format!("the server lists {} and says that it is not found", client.id);
        let help = "look at it in the server's own pages, or ask its operator".to_owned();
        let detail = Detail::Refused { reason, help, kind: RefusalKind::Other };
        (client.id.clone(), Box::new(LiveClient { detail, ..*client }))
    });
    Ok(unread.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ErrorKind, ListPage};
    use crate::live::testing::{failure, row};
    use crate::model::Device;

    /// A server whose list of everything shows one more client than that of the boundary, and that denies what it lists.
    struct Server {
        everything: Result<(), ErrorKind>,
    }

    impl Reader for Server {
        async fn list(&self, filter: &Scope, _: u64, _: u64) -> Result<ListPage, ApiError> {
            let numbers = match (*filter == Scope::EVERYTHING, self.everything) {
                (true, Err(kind)) => return Err(failure(kind)),
                (true, Ok(())) => vec![1, 2],
                (false, _) => vec![1],
            };
            Ok(ListPage {
                total: numbers.len() as u64,
                rows: numbers.into_iter().map(|number| row(number).into()).collect(),
            })
        }

        async fn info(&self, _: &Scope, _: &ClientId) -> Result<LiveClient, ApiError> {
            Err(failure(ErrorKind::NotFound))
        }
    }

    impl FetchProgress for () {
        fn listing(&self, _: &[Scope]) {}

        fn listed(&self, _: usize) {}

        fn read(&self, _: &Detail) {}
    }

    fn boundary() -> Boundary {
        Boundary::managed(&[Scope { device: Device::All, ..row(1).scope }])
    }

    async fn listed(everything: Result<(), ErrorKind>, pin: u64) -> Result<Live, ApiError> {
        let (boundary, pin) = (boundary(), row(pin));
        let extent =
            Extent { boundary: &boundary, shard: None, pins: BTreeMap::from([(&pin.id, &pin.scope)]), page_size: 10 };
        Ok(fetch_lists(&Server { everything }, &extent, &()).await?.live)
    }

    #[tokio::test]
    async fn a_pin_that_the_boundary_does_not_list_is_looked_for_everywhere() {
        let live = listed(Ok(()), 2).await.expect("the live side");
        assert_eq!((live.clients.len(), live.reach), (2, Reach::Everywhere));
        let live = listed(Err(ErrorKind::NotPermitted), 2).await.expect("the live side");
        assert_eq!((live.clients.len(), live.reach), (1, Reach::Boundary));
        let error = listed(Err(ErrorKind::Unreachable), 2).await.expect_err("nobody knows where it is");
        assert_eq!(error.kind, ErrorKind::Unreachable);
        listed(Err(ErrorKind::Unreachable), 1).await.expect("everything is not listed without need");
    }

    #[tokio::test]
    async fn a_client_that_is_listed_and_not_found_is_not_taken_for_gone() {
        let boundary = boundary();
        let extent = Extent { boundary: &boundary, shard: None, pins: BTreeMap::new(), page_size: 10 };
        let all = |live: &Live| live.clients.keys().cloned().collect();
        let live = fetch(&Server { everything: Ok(()) }, &extent, all, &()).await.expect("the live side").live;
        let detail = &live.clients[&row(1).id].detail;
        assert!(matches!(detail, Detail::Refused { kind: RefusalKind::Other, .. }), "{detail:?}");
    }
}
