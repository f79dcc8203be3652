//! What shows that a document was changed, and by whom it was made.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::{Json, hex, sha256_text};

/// Digests everything that a document says besides its digest and signature.
pub(super) fn digest_of(mut document: Value) -> String {
    if let Value::Object(map) = &mut document {
        map.remove("digest");
        map.remove("signature");
    }
    sha256_text(Sha256::new_with_prefix(Json::from(document).canonical()))
}

fn mac(key: &[u8], digest: &str) -> Hmac<Sha256> {
    // HMAC takes keys of every length (RFC 2104, section 2).
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
    mac.update(digest.as_bytes());
    mac
}

/// Signs a digest.
pub(super) fn sign(key: &[u8], digest: &str) -> String {
    format!("hmac-sha256:{}", hex(&mac(key, digest).finalize().into_bytes()))
}

/// Tells whether a signature was made of this digest with this key.
pub(super) fn is_signature(key: &[u8], digest: &str, signature: &str) -> bool {
    let Some(hex) = signature.strip_prefix("hmac-sha256:") else { return false };
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(byte).collect();
    bytes.is_some_and(|bytes| mac(key, digest).verify_slice(&bytes).is_ok())
}
