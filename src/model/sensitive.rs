//! Which values are sensitive, and the key of the digests that stand in their place.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{FieldPattern, hex};

/// Which fields and keys are never shown, and the key of the digests by which their values are told apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sensitive {
    pub patterns: Vec<FieldPattern>,
    pub key: DigestKey,
}

/// A digest of a sensitive value that tells nothing to whoever does not have its key. An empty one is of a value of which
/// nothing is known, as documents are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeyedDigest(String);

impl KeyedDigest {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a key comes from, which decides who can make the same digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// `ICSYNC_PLAN_KEY`: every job that is given it.
    PlanKey,
    /// The file in the repository's state folder: every run on this machine.
    Kept,
    /// Chance: only this process.
    Process,
}

/// The key of digests. The default has none, and its digests are empty.
#[derive(Clone, Default)]
pub(crate) struct DigestKey(Option<([u8; 32], KeySource)>);

impl DigestKey {
    /// Derives a key, so that what else is made with the same secret cannot be taken for a digest.
    pub(crate) fn new(secret: &[u8], source: KeySource) -> Self {
        Self(Some((hmac(secret, "icsync: digests of sensitive values").finalize().into_bytes().into(), source)))
    }

    /// Digests texts that stand in this order, one way to cut them being not another.
    pub(crate) fn digest(&self, parts: &[&str]) -> KeyedDigest {
        let Some((key, _)) = &self.0 else { return KeyedDigest::default() };
        let mut mac = hmac(key, "icsync: a value");
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        KeyedDigest(format!("hmac-sha256:{}", hex(&mac.finalize().into_bytes())))
    }

    /// Names the key without telling it, so that another is recognised.
    pub(crate) fn name(&self) -> Option<String> {
        self.0.as_ref().map(|(key, _)| hex(&hmac(key, "icsync: name of the key").finalize().into_bytes()[..8]))
    }

    /// Tells whether everybody who is given `ICSYNC_PLAN_KEY` makes the same digests.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.0, Some((_, KeySource::PlanKey)))
    }
}

impl std::fmt::Debug for DigestKey {
    /// Shows where the key comes from, never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DigestKey").field(&self.0.as_ref().map(|(_, source)| source)).finish()
    }
}

/// Begins the code of a message under a secret of any length.
pub(crate) fn hmac(secret: &[u8], message: &str) -> Hmac<Sha256> {
    // HMAC takes keys of every length (RFC 2104, section 2).
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
    mac.update(message.as_bytes());
    mac
}
