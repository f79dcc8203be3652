//! The live side as it is read: which lists and infos give it, and lists that are whole.

mod detail;
mod filter;
mod page;
#[cfg(test)]
mod testing;

pub use detail::{detail, merge};
pub use filter::filters;
pub use page::{Listing, list};
