//! The nouns of icsync, one file per idea; nothing here does I/O.

mod auth;
mod change;
mod content;
mod definition;
mod digest;
mod field;
mod id;
mod json;
mod keyed;
mod live;
mod location;
mod nullable;
mod observed;
mod payload;
mod policy;
mod scope;
mod selection;
mod sensitive;
mod url;
mod verify;

pub(crate) use auth::{Auth, Locale};
pub(crate) use change::Change;
pub(crate) use content::Content;
pub(crate) use definition::{DeclaredEntries, Definition, Desired, Origin, Ownership, Owns, Presence, Spec};
pub(crate) use digest::hex;
pub(crate) use digest::sha256_text;
pub(crate) use field::FieldPath;
pub(crate) use field::{Field, FieldPattern, text_glob};
pub(crate) use id::{ClientId, ClientName};
pub(crate) use json::{Entries, Json, SharedValues};
pub(crate) use keyed::Keyed;
pub(crate) use live::KnownContent;
#[cfg(test)]
pub(crate) use live::LiveContent;
pub(crate) use live::{Detail, Labels, Live, LiveClient, PinRefusal, Reach, RefusalKind, UnreadRow};
pub(crate) use location::{Declared, FilePath, Location};
pub(crate) use nullable::{Empty, Nullable};
pub(crate) use observed::Observed;
pub(crate) use payload::{Fingerprint, Payload};
pub(crate) use policy::{Boundary, Limit, Limits, Policy, Protection, Prune};
pub(crate) use scope::{ALL_DEVICES, Device, DeviceNumber, Partition, Scope, Telsys};
pub(crate) use selection::{Selection, Selector};
pub(crate) use sensitive::{DigestKey, KeySource, KeyedDigest, Sensitive, hmac};
pub(crate) use url::{ServerUrl, ServerUrlError};
pub(crate) use verify::Verify;
