//! What an excerpt of a file with mistakes must not show. Too much is hidden rather than too little: the mistake may be
//! that a sensitive value stands in the wrong place.

use std::ops::Range;

use super::name::looks_secret;
use crate::model::{Field, FieldPattern};

/// Decides by keys, and by texts that look like keys, what may be sensitive.
#[derive(Clone, Copy)]
pub(crate) struct Excerpt<'a>(pub(crate) &'a [FieldPattern]);

impl Excerpt<'_> {
    /// Tells whether what stands below a key may be sensitive, wherever the key stands.
    pub(crate) fn hides_below(self, key: &str) -> bool {
        let hidden = |pattern: &FieldPattern, field: Field| {
            if pattern.covers_field(field) { key == field.name() } else { pattern.covers_key(field, key) }
        };
        looks_secret(key) || self.0.iter().any(|pattern| Field::ALL.into_iter().any(|field| hidden(pattern, field)))
    }

    /// Tells whether a value may hold a sensitive one: the colon behind its key may have been forgotten.
    pub(crate) fn hides_text(self, text: &str) -> bool {
        let first = text.trim_start_matches(['"', '\'', ' ']).split_whitespace().next().unwrap_or_default();
        (first.contains("::") && looks_secret(first)) || self.0.iter().any(|pattern| text.contains(literal(pattern)))
    }

    /// Finds what stands behind a sensitive key in lines that cannot be read, up to the next line that begins another key at
    /// least as far left. Each line comes with the byte at which it begins.
    pub(crate) fn suspects<'l>(self, lines: impl Iterator<Item = (usize, &'l str)>) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut below: Option<usize> = None;
        for (start, line) in lines {
            let indent = line.len() - line.trim_start_matches([' ', '-']).len();
            let behind = self.0.iter().filter_map(|pattern| {
                let word = literal(pattern);
                Some(line.find(word)? + word.len())
            });
            let from = match (behind.chain(behind_secret_name(line)).min(), below) {
                (Some(behind), _) => {
                    below = Some(indent);
                    behind
                }
                (None, Some(column)) if indent > column || !begins_key(line) => 0,
                (None, _) => {
                    below = None;
                    continue;
                }
            };
            if from < line.len() {
                found.push(start + from..start + line.len());
            }
        }
        found
    }
}

/// Finds the first word of a line that looks like the name of a secret and is, or may have been meant as, a key. Gives the byte behind it.
pub(crate) fn behind_secret_name(line: &str) -> Option<usize> {
    let apart = |one: char| one.is_whitespace() || "{}[],\"'#=".contains(one);
    let mut from = 0;
    for word in line.split_inclusive(apart) {
        let name = word.trim_end_matches(apart);
        // `key:value` without a blank is one word.
        let key = name.rfind(':').map_or(name, |colon| &name[..colon]);
        let (hit, length) = if looks_secret(key) { (true, key.len()) } else { (looks_secret(name), name.len()) };
        if hit {
            return Some(from + length);
        }
        from += word.len();
    }
    None
}

/// Takes out what stands in backticks and is a part of a secret, or holds one, however it is written there.
pub(crate) fn without(words: &str, secrets: &[String]) -> String {
    let bare = |text: &str| text.chars().filter(|one| one.is_alphanumeric()).collect::<String>();
    let told = |part: &str| {
        let plain = bare(part);
        part.contains('\\')
            || secrets.iter().any(|secret| {
                let whole = bare(secret);
                secret.contains(part)
                    || (!plain.is_empty() && whole.contains(&plain))
                    || (!whole.is_empty() && plain.contains(&whole))
            })
    };
    let parts = words.split('`').enumerate();
    let parts = parts.map(|(place, part)| if place % 2 == 1 && told(part) { "***" } else { part });
    parts.collect::<Vec<_>>().join("`")
}

/// Gives the longest text that stands in whatever a pattern covers: a part of the key, or the name of the field.
fn literal(pattern: &FieldPattern) -> &str {
    let (field, glob) = pattern.as_str().split_once('.').unwrap_or((pattern.as_str(), pattern.as_str()));
    let parts = glob.split(['*', '?', '[', ']', '{', '}']);
    parts.max_by_key(|part| part.len()).filter(|part| !part.is_empty()).unwrap_or(field)
}

/// Tells whether a line begins an entry of a mapping, or a document.
fn begins_key(line: &str) -> bool {
    let key = line
        .trim_start_matches([' ', '-'])
        .split_once(':')
        .filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '));
    let plain = |one: char| one.is_ascii_alphanumeric() || "_.\"'".contains(one);
    line.starts_with("---") || key.is_some_and(|(key, _)| !key.is_empty() && key.chars().all(plain))
}
