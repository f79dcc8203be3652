//! What was read, in one number.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::model::sha256_text;

/// The hashes of files by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Digest(BTreeMap<String, [u8; 32]>);

impl Digest {
    /// Notes a file that was read.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(path.to_owned(), Sha256::digest(bytes).into());
    }

    /// Takes over what another digest noted.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Names the files.
    pub(super) fn files(&self) -> BTreeSet<String> {
        self.0.keys().cloned().collect()
    }

    /// Gives `sha256:…` over all files in the order of their paths.
    pub(super) fn finish(&self) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in &self.0 {
            hash.update((path.len() as u64).to_be_bytes());
            hash.update(path);
            hash.update(bytes);
        }
        sha256_text(hash)
    }
}
