//! The live side as it is read: which lists and infos give it, and lists that are whole.

mod detail;
mod fetch;
mod filter;
mod page;
mod pinned;
#[cfg(test)]
mod testing;

pub(crate) use detail::merge;
pub(crate) use fetch::{Extent, FetchProgress, Fetched, fetch, fetch_lists};
pub(crate) use page::{Listing, list};
