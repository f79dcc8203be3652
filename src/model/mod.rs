//! The nouns of icsync, one file per idea; nothing here does I/O.

mod id;
mod scope;

pub use id::{ClientId, ClientName};
pub use scope::{ALL_DEVICES, Device, DeviceNumber, Partition, Scope, ScopeError, Telsys};
