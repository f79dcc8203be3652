//! The clients in the order of List, kept sorted so that a page costs no sort.

use std::collections::HashMap;
use std::sync::Arc;

use super::client::{RowScope, StoredClient};
use super::estate::{Places, User};
use super::state::WriteEffect;
use crate::model::{Partition, Scope, Telsys};

/// One row: a client, and the description that it sorts by.
#[derive(Debug, Clone, PartialEq)]
struct ListingRow {
    telsys_description: Option<Arc<str>>,
    client: Arc<StoredClient>,
}

/// The rows of all clients, of each telephony server, of each partition and of each scope, by `TelSysDescription` (nulls
/// first), then by id as text: the order of the vendor's sample. A List of a few rows looks at no others, however many there
/// are.
#[derive(Debug, Default)]
pub(super) struct SortedClients(HashMap<Scope, Vec<ListingRow>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Direction {
    #[default]
    Ascending,
    Descending,
}

/// The directions of the `sort` parameter; the page names no keys, so they are those of the default order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sort {
    pub(super) telsys_description: Direction,
    pub(super) id: Direction,
}

/// Which rows a List asks for.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) filter: Scope,
    pub(super) sort: Sort,
    pub(super) offset: usize,
    pub(super) limit: usize,
}

/// The rows of one List, and how many there are without its limit and offset.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) total: usize,
    pub(super) clients: Vec<Arc<StoredClient>>,
}

impl SortedClients {
    /// Sorts clients once.
    pub(super) fn new<'a>(places: &Places, clients: impl Iterator<Item = &'a Arc<StoredClient>>) -> Self {
        let mut listing = Self::default();
        for client in clients {
            let row = ListingRow::new(places, client);
            for shelf in shelves(client) {
                listing.0.entry(shelf).or_default().push(row.clone());
            }
        }
        for rows in listing.0.values_mut() {
            rows.sort_by(|a, b| a.key().cmp(&b.key()));
        }
        listing
    }

    /// Follows one effect; `before` is the client that was there.
    pub(super) fn settle(&mut self, places: &Places, effect: &WriteEffect, before: Option<&Arc<StoredClient>>) {
        if let Some(client) = before {
            let row = ListingRow::new(places, client);
            for shelf in shelves(client) {
                let Some(rows) = self.0.get_mut(&shelf) else { continue };
                if let Ok(place) = rows.binary_search_by(|other| other.key().cmp(&row.key())) {
                    rows.remove(place);
                }
                if rows.is_empty() {
                    self.0.remove(&shelf);
                }
            }
        }
        if let WriteEffect::Put(client) = effect {
            let row = ListingRow::new(places, client);
            for shelf in shelves(client) {
                let rows = self.0.entry(shelf).or_default();
                let place = rows.partition_point(|other| other.key() < row.key());
                rows.insert(place, row.clone());
            }
        }
    }

    /// Gives one page of the rows that the filter and the rights of the user leave.
    pub(super) fn page(&self, user: &User, window: &Window) -> Page {
        let widest = shelf(&window.filter);
        let rows = self.0.get(&widest).map_or(&[][..], Vec::as_slice);
        let unfiltered = widest == window.filter && user.rights.sees_everything();
        if unfiltered && window.sort == Sort::default() {
            return cut(rows.len(), rows.iter(), window);
        }
        let shown = |client: &StoredClient| {
            window.filter.contains(&client.shown_scope()) && user.rights.sees(&client.scope, &client.id)
        };
        let mut kept: Vec<&ListingRow> = rows.iter().filter(|row| unfiltered || shown(&row.client)).collect();
        if window.sort != Sort::default() {
            kept.sort_by(|a, b| a.compare(b, window.sort));
        }
        cut(kept.len(), kept.into_iter(), window)
    }
}

/// Gives the filters under which the rows that show a scope are kept: each but the first holds a part of the one before.
fn shelves(client: &StoredClient) -> impl Iterator<Item = Scope> {
    let shown = client.shown_scope();
    let server = Scope { telsys: shown.telsys, ..Scope::EVERYTHING };
    let partition = Scope { partition: shown.partition, ..server.clone() };
    let mut last = None;
    let shelves = [Scope::EVERYTHING, server, partition, shown].into_iter();
    // A client of all devices is the only one of its partition that stands there twice.
    shelves.filter(move |shelf| last.replace(shelf.clone()).as_ref() != Some(shelf))
}

/// Gives the narrowest of those filters that holds all rows of a List.
fn shelf(filter: &Scope) -> Scope {
    match (filter.telsys, filter.partition) {
        (Telsys::All, _) => Scope::EVERYTHING,
        (telsys, Partition::All) => Scope { telsys, ..Scope::EVERYTHING },
        (Telsys::One(_), Partition::One(_) | Partition::Unresolved) => filter.clone(),
    }
}

fn cut<'a>(total: usize, rows: impl Iterator<Item = &'a ListingRow>, window: &Window) -> Page {
    let clients = rows.skip(window.offset).take(window.limit).map(|row| Arc::clone(&row.client)).collect();
    Page { total, clients }
}

impl ListingRow {
    fn new(places: &Places, client: &Arc<StoredClient>) -> Self {
        let telsys_description = match client.shown {
            RowScope::True => places.telsys_description(client.scope.telsys).map(Arc::from),
            RowScope::Unresolved => None,
        };
        Self { telsys_description, client: Arc::clone(client) }
    }

    fn key(&self) -> (Option<&str>, &str) {
        (self.telsys_description.as_deref(), self.client.id.as_str())
    }

    fn compare(&self, other: &Self, sort: Sort) -> std::cmp::Ordering {
        let directed = |order: std::cmp::Ordering, direction| match direction {
            Direction::Ascending => order,
            Direction::Descending => order.reverse(),
        };
        let (mine, theirs) = (self.key(), other.key());
        directed(mine.0.cmp(&theirs.0), sort.telsys_description).then(directed(mine.1.cmp(theirs.1), sort.id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::estate::Estate;
    use super::super::state::Clients;
    use super::*;

    fn places() -> Places {
        let text = "telephony_servers: [{ id: 0 }, { id: 1, description: B }, { id: 2, description: A }]";
        Places::of(&Estate::parse(text, "estate.yaml").expect("an estate")).expect("places")
    }

    /// Makes client `id` on server `telsys`; odd ones are shown as -3.
    fn client((id, telsys): (u8, u8)) -> Arc<StoredClient> {
        let shown = if id % 2 == 1 { "unresolved" } else { "true" };
        let text = format!(
            r#"{{"id":"{id}","scope":{{"telsys":{telsys},"partition":{id},"device":"UnknownNoneOrAll"}},"shown":"{shown}",
            "resolved":"yes","description":null,"cm_environment_id":null,"policies":{{}},"settings":{{}},"created":null,"updated":null}}"#
        );
        serde_json::from_str(&text).expect("a client")
    }

    proptest! {
        #[test]
        fn a_listing_that_followed_every_write_equals_one_sorted_at_once(
            writes in prop::collection::vec((any::<bool>(), 0_u8..12, 0_u8..3), 0..60)
        ) {
            let (places, mut clients, mut listing) = (places(), Clients::default(), SortedClients::default());
            for (put, id, telsys) in writes {
                let known = clients.iter().find(|known| known.id == client((id, 0)).id);
                // Nothing moves a client to another server, so a change keeps the one it has.
                let new = known.map_or_else(|| client((id, telsys)), Arc::clone);
                let effect = if put { WriteEffect::Put(new) } else { WriteEffect::Remove(new.id.clone()) };
                let before = clients.settle(&effect);
                listing.settle(&places, &effect, before.as_ref());
            }
            let sorted = SortedClients::new(&places, clients.iter());
            prop_assert_eq!(&listing.0, &sorted.0);
        }

        #[test]
        fn a_page_has_the_rows_that_its_filter_contains(
            all in prop::collection::btree_map(0_u8..12, 0_u8..3, 0..12),
            telsys in prop::option::of(0_u32..3), partition in prop::option::of(0_u32..12), hides in any::<bool>()
        ) {
            let clients: Vec<_> = all.into_iter().map(client).collect();
            let listing = SortedClients::new(&places(), clients.iter());
            let partition = if hides { Partition::Unresolved } else { partition.map_or(Partition::All, Partition::One) };
            let filter = Scope { telsys: telsys.map_or(Telsys::All, Telsys::One), partition, ..Scope::EVERYTHING };
            let window = Window { filter: filter.clone(), sort: Sort::default(), offset: 0, limit: usize::MAX };
            let user: User = serde_yaml::from_str("{ username: kim }").expect("a user");
            let page = listing.page(&user, &window);
            let mut found: Vec<_> = page.clients.iter().map(|one| one.id.clone()).collect();
            found.sort();
            let contained = clients.iter().filter(|one| filter.contains(&one.shown_scope()));
            let mut expected: Vec<_> = contained.map(|one| one.id.clone()).collect();
            expected.sort();
            prop_assert_eq!(page.total, expected.len());
            prop_assert_eq!(found, expected);
        }
    }
}
