//! What asks the `git` program: revisions, trees and objects, without a checkout and without the network.

mod command;
mod error;
mod follow;
mod objects;
mod revision;
mod tree;

pub(crate) use error::{HistoryExtent, RevisionError};
pub(crate) use follow::{FollowError, follow};
pub(crate) use objects::{Objects, is_blob_of};
pub(crate) use revision::{Checkout, CheckoutState, checkout, commit, default_base, prefix, uncommitted};
pub(crate) use tree::{EntryKind, IndexEntry, IndexWatch, LONGEST_PATH, TreeEntry, has_named, index, tree};
