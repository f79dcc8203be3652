//! What shows that a document was changed, and by whom it was made.

use std::fmt::{self, Write as _};
use std::io;

use hmac::Mac as _;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::model::{Json, hex, hmac, sha256_text};

/// Digests a text while it is written, so that it never stands in memory as a whole.
#[derive(Default)]
pub(super) struct DigestWriter(Sha256);

impl fmt::Write for DigestWriter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

impl DigestWriter {
    /// Writes items as a list in the one form of equal values, one after another.
    pub(super) fn list(&mut self, items: impl IntoIterator<Item = io::Result<Json>>) -> io::Result<()> {
        self.put("[")?;
        for (index, item) in items.into_iter().enumerate() {
            self.put(if index > 0 { "," } else { "" })?;
            self.value(&item?)?;
        }
        self.put("]")
    }

    /// Writes a value in that form.
    pub(super) fn value(&mut self, value: &Json) -> io::Result<()> {
        value.write_canonical(self).map_err(io::Error::other)
    }

    /// Writes what stands between values.
    pub(super) fn put(&mut self, text: &str) -> io::Result<()> {
        self.write_str(text).map_err(io::Error::other)
    }

    pub(super) fn finish(self) -> String {
        sha256_text(self.0)
    }
}

/// Digests everything that a document says besides its digest and signature.
pub(super) fn digest_of(mut document: Value) -> String {
    if let Value::Object(map) = &mut document {
        map.remove("digest");
        map.remove("signature");
    }
    let mut digest = DigestWriter::default();
    // A hash takes whatever is written.
    let _ = digest.value(&document.into());
    digest.finish()
}

/// Digests a document as [`digest_of`] does, of which the largest part, a list, comes apart from it: an item at a time.
pub(super) fn digest_with(
    mut document: Map<String, Value>,
    (name, items): (&str, impl IntoIterator<Item = io::Result<Json>>),
) -> io::Result<String> {
    for key in ["digest", "signature"] {
        document.remove(key);
    }
    document.insert(name.to_owned(), Value::Null);
    let mut entries: Vec<(String, Value)> = document.into_iter().collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (mut digest, mut items) = (DigestWriter::default(), Some(items));
    for (index, (key, value)) in entries.into_iter().enumerate() {
        digest.put(if index > 0 { "," } else { "{" })?;
        let items = if key == name { items.take() } else { None };
        digest.value(&Value::String(key).into())?;
        digest.put(":")?;
        match items {
            Some(items) => digest.list(items)?,
            None => digest.value(&value.into())?,
        }
    }
    digest.put("}")?;
    Ok(digest.finish())
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
