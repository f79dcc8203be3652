//! Content as something to look up: equal content has equal digests, whichever side says it.

use sha2::{Digest as _, Sha256};

use super::payload::hash_part;
use super::{Field, Json, LiveClient, Spec};

/// A digest of the content of some fields. Null and empty are one, and so are numbers that are written differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentDigest([u8; 32]);

impl Spec {
    /// Digests what git says of the fields that it manages; `None` if all of it is empty, which is like anything.
    pub(crate) fn digest(&self) -> Option<ContentDigest> {
        let mut content = ContentHash::default();
        for (field, text) in self.texts() {
            text.iter().for_each(|text| content.text(field, &text.value));
        }
        for (field, entries) in self.entries() {
            if let Some(entries) = entries {
                content.entries(field, entries.iter().map(|(key, one)| (&**key, one.value)));
            }
        }
        content.finish()
    }
}

impl LiveClient {
    /// Digests what the server shows of some fields; `None` if one of them is not known or all of them are empty.
    pub(crate) fn digest(&self, fields: &[Field]) -> Option<ContentDigest> {
        let mut content = ContentHash::default();
        for (field, text) in self.content.texts().filter(|(field, _)| fields.contains(field)) {
            content.text(field, text.known()?);
        }
        for (field, entries) in self.content.entries().filter(|(field, _)| fields.contains(field)) {
            content.entries(field, entries.known()?.iter().map(|(key, value)| (&**key, value)));
        }
        content.finish()
    }
}

/// A hash of content that is being taken.
#[derive(Default)]
struct ContentHash {
    hash: Sha256,
    says_something: bool,
}

impl ContentHash {
    fn text(&mut self, field: Field, text: &str) {
        self.says_something |= !text.is_empty();
        hash_part(&mut self.hash, field.name());
        hash_part(&mut self.hash, text);
    }

    fn entries<'a>(&mut self, field: Field, entries: impl Iterator<Item = (&'a str, &'a Json)>) {
        hash_part(&mut self.hash, field.name());
        for (key, value) in entries {
            self.says_something = true;
            self.hash.update([1]);
            hash_part(&mut self.hash, key);
            hash_part(&mut self.hash, &value.canonical());
        }
        self.hash.update([0]);
    }

    fn finish(self) -> Option<ContentDigest> {
        self.says_something.then(|| ContentDigest(self.hash.finalize().into()))
    }
}
