//! What shows that a document was changed, and by whom it was made.

use hmac::Mac as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::{Json, hex, hmac, sha256_text};

/// Digests everything that a document says besides its digest and signature.
pub(super) fn digest_of(mut document: Value) -> String {
    if let Value::Object(map) = &mut document {
        map.remove("digest");
        map.remove("signature");
    }
    sha256_text(Sha256::new_with_prefix(Json::from(document).canonical()))
}

/// Signs a digest.
pub(super) fn sign(key: &[u8], digest: &str) -> String {
    format!("hmac-sha256:{}", hex(&hmac(key, digest).finalize().into_bytes()))
}

/// Tells whether a signature was made of this digest with this key.
pub(super) fn is_signature(key: &[u8], digest: &str, signature: &str) -> bool {
    let Some(hex) = signature.strip_prefix("hmac-sha256:") else { return false };
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(byte).collect();
    bytes.is_some_and(|bytes| hmac(key, digest).verify_slice(&bytes).is_ok())
}
