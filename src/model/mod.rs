//! The nouns of icsync, one file per idea; nothing here does I/O.

mod auth;
mod change;
mod definition;
mod field;
mod id;
mod json;
mod live;
mod location;
mod observed;
mod payload;
mod policy;
mod scope;
mod url;
mod verify;
mod visible;

pub use auth::{Auth, Locale};
pub use change::Change;
pub use definition::{DeclaredEntries, Definition, Desired, Origin, Ownership, Owns, Presence, Spec};
pub use field::{Field, FieldPattern, PatternError, text_glob};
pub use id::{ClientId, ClientName};
pub use json::{Entries, Json};
pub use live::{Detail, Labels, Live, LiveClient, Reach, RefusalKind};
pub use location::{Declared, Location};
pub use observed::Observed;
pub use payload::{Fingerprint, Payload, sha256_text};
pub use policy::{Boundary, Limit, Limits, Policy, Protection, Prune, Selection, Selector};
pub use scope::{ALL_DEVICES, Device, DeviceNumber, Partition, Scope, ScopeError, Telsys};
pub use url::{ServerUrl, ServerUrlError};
pub use verify::Verify;
pub use visible::{harmless_json, is_hidden, visible};
