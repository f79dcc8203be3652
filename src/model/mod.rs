//! The nouns of icsync, one file per idea; nothing here does I/O.

mod auth;
mod change;
mod content;
mod definition;
mod digest;
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

pub use auth::{Auth, Locale};
pub use change::Change;
pub use content::Content;
pub use definition::{DeclaredEntries, Definition, Desired, Origin, Ownership, Owns, Presence, Spec};
pub(crate) use digest::hex;
pub use digest::sha256_text;
pub(crate) use field::FieldPath;
pub use field::{Field, FieldPattern, PatternError, text_glob};
pub use id::{ClientId, ClientName};
pub use json::{Entries, Json};
pub(crate) use live::KnownContent;
pub use live::{Detail, Labels, Live, LiveClient, LiveContent, Reach, RefusalKind};
pub use location::{Declared, Location};
pub use observed::Observed;
pub use payload::{Fingerprint, Payload};
pub use policy::{Boundary, Limit, Limits, Policy, Protection, Prune, Selection, Selector};
pub use scope::{ALL_DEVICES, Device, DeviceNumber, Partition, Scope, ScopeError, Telsys};
pub use url::{ServerUrl, ServerUrlError};
pub use verify::Verify;
