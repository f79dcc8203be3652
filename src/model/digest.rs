//! Hashes as text.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Writes a finished hash as `sha256:…`.
pub(crate) fn sha256_text(hash: Sha256) -> String {
    format!("sha256:{}", hex(&hash.finalize()))
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
