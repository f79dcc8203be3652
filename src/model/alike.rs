//! Content as something to look up: equal content has equal digests, whichever side says it.

use sha2::{Digest as _, Sha256};

use super::payload::hash_part;
use super::{Definition, Field, FieldPattern, Json, LiveClient, Spec};

/// A digest of the content of some fields, and of what is left alone of them. Null and empty are one, and so are numbers that are written differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentDigest([u8; 32]);

/// What of content counts where clients are compared: some fields, and of these what no pattern leaves alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CountedContent {
    fields: Vec<Field>,
    /// In the order of their texts, each once.
    left_alone: Vec<FieldPattern>,
}

impl CountedContent {
    /// Takes everything that git manages of a client.
    pub(crate) fn managed(spec: &Spec) -> Self {
        Self { fields: spec.managed(), left_alone: Vec::new() }
    }

    /// Takes what git decides of a client: what it leaves alone says nothing of which one is meant.
    pub(crate) fn decided(definition: &Definition) -> Self {
        let patterns = definition.left_alone();
        let mut fields = definition.spec.managed();
        fields.retain(|field| !patterns.iter().any(|pattern| pattern.covers_field(*field)));
        let touching = patterns.iter().filter(|pattern| fields.iter().any(|field| pattern.touches(*field)));
        let mut left_alone: Vec<FieldPattern> = touching.cloned().collect();
        left_alone.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        left_alone.dedup();
        Self { fields, left_alone }
    }

    fn has(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    fn counts(&self, field: Field, key: &str) -> bool {
        !self.left_alone.iter().any(|pattern| pattern.covers_key(field, key))
    }
}

impl Spec {
    /// Digests what git says; `None` if all that counts of it is empty, which is like anything.
    pub(crate) fn digest(&self, counted: &CountedContent) -> Option<ContentDigest> {
        let mut content = ContentHash::of(counted);
        for (field, text) in self.texts().filter(|(field, _)| counted.has(*field)) {
            text.iter().for_each(|text| content.text(field, &text.value));
        }
        for (field, entries) in self.entries().filter(|(field, _)| counted.has(*field)) {
            if let Some(entries) = entries {
                let entries = entries.iter().filter(|(key, _)| counted.counts(field, key));
                content.entries(field, entries.map(|(key, one)| (&**key, one.value)));
            }
        }
        content.finish()
    }
}

impl LiveClient {
    /// Digests what the server shows; `None` if a field of it is not known or all that counts of them is empty.
    pub(crate) fn digest(&self, counted: &CountedContent) -> Option<ContentDigest> {
        let mut content = ContentHash::of(counted);
        for (field, text) in self.content.texts().filter(|(field, _)| counted.has(*field)) {
            content.text(field, text.known()?);
        }
        for (field, entries) in self.content.entries().filter(|(field, _)| counted.has(*field)) {
            let entries = entries.known()?.iter().filter(|(key, _)| counted.counts(field, key));
            content.entries(field, entries.map(|(key, value)| (&**key, value)));
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
    fn of(counted: &CountedContent) -> Self {
        let mut content = Self::default();
        counted.left_alone.iter().for_each(|pattern| hash_part(&mut content.hash, pattern.as_str()));
        content.hash.update([0]);
        content
    }

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
