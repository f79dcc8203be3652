//! Sensitive values that were read or sent in this run: a server that repeats one in its words is not repeated.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use super::credentials::{BLANK, forms};
use crate::model::{Content, DeclaredEntries, Entries, Field, FieldPattern, Json, LiveClient, Nullable, Payload, Spec};

/// The values of what is sensitive, as far as they were seen.
pub(super) struct SensitiveValues {
    patterns: Vec<FieldPattern>,
    seen: RwLock<HashSet<String>>,
}

impl SensitiveValues {
    /// Shorter ones say little, and stand in what a server says by chance.
    const SHORTEST: usize = 4;
    /// Beyond this many nothing more is remembered: a hostile server must not fill the memory.
    const MOST: usize = 1 << 17;
    /// How much of a server's words is looked through, in bytes: far more than is shown of them.
    const LOOKED_AT: usize = 16 * 1024;

    /// Begins with what is sensitive, and no values.
    pub(super) fn new(patterns: Vec<FieldPattern>) -> Self {
        Self { patterns, seen: RwLock::default() }
    }

    /// Remembers what a client holds.
    pub(super) fn learn_live(&self, live: &LiveClient) {
        self.learn_content(&live.content.as_ref().map(|_, text| text.known(), |_, entries| entries.known()));
    }

    /// Remembers what is about to be sent.
    pub(super) fn learn_payload(&self, payload: &Payload) {
        self.learn_content(&payload.as_ref().map(|_, text| Some(text), |_, entries| Some(entries)));
    }

    /// Remembers what git says of a client: a server may repeat it before it was read or sent.
    pub(super) fn learn_spec(&self, spec: &Spec) {
        let texts = spec.texts().filter_map(|(field, text)| Some((field, text.as_ref()?.value.set()?)));
        let entries = spec.entries().flat_map(|(field, entries)| {
            let entries = entries.iter().flat_map(DeclaredEntries::iter);
            entries.map(move |(key, one)| (field, key, one.value))
        });
        self.learn(texts, entries);
    }

    fn learn_content(&self, content: &Content<Option<&Nullable<String>>, Option<&Nullable<Entries>>>) {
        let texts = content.texts().filter_map(|(field, text)| Some((field, text.and_then(Nullable::set)?)));
        let entries = content.entries().flat_map(|(field, entries)| {
            let entries = entries.and_then(Nullable::set).into_iter().flat_map(Entries::iter);
            entries.map(move |(key, value)| (field, key, value))
        });
        self.learn(texts, entries);
    }

    fn learn<'a>(
        &self,
        texts: impl Iterator<Item = (Field, &'a String)>,
        entries: impl Iterator<Item = (Field, &'a Arc<str>, &'a Json)>,
    ) {
        if self.patterns.is_empty() {
            return;
        }
        let covered = |covers: &dyn Fn(&FieldPattern) -> bool| self.patterns.iter().any(covers);
        for (_, text) in texts.filter(|(field, _)| covered(&|pattern| pattern.covers_field(*field))) {
            self.keep(text);
        }
        for (field, key, value) in entries {
            if covered(&|pattern| pattern.covers_field(field) || pattern.covers_key(field, key)) {
                self.keep_all(value.value());
            }
        }
    }

    fn keep_all(&self, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => self.keep(number.as_str()),
            Value::String(text) => self.keep(text),
            Value::Array(items) => items.iter().for_each(|item| self.keep_all(item)),
            Value::Object(entries) => entries.values().for_each(|value| self.keep_all(value)),
        }
    }

    fn keep(&self, text: &str) {
        if text.len() < Self::SHORTEST {
            return;
        }
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < Self::MOST && !seen.contains(text) {
            seen.extend(forms(text).into_iter().filter(|form| form.len() >= Self::SHORTEST));
        }
    }

    /// Takes sensitive values out of words of the server, of which it gives no more than a beginning.
    pub(super) fn blank(&self, words: &str) -> String {
        let words = &words[..words.floor_char_boundary(Self::LOOKED_AT)];
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<&String> = seen.iter().filter(|text| words.contains(text.as_str())).collect();
        found.sort_by_key(|text| std::cmp::Reverse(text.len()));
        found.into_iter().fold(words.to_owned(), |words, text| words.replace(text.as_str(), BLANK))
    }
}

impl std::fmt::Debug for SensitiveValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SensitiveValues")
    }
}
