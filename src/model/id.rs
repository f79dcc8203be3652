//! How clients are named: by the server with an id, in git with a name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id that the server gives a client, for example `a21abf960a398ee2:7b73f31a:198d18707a9:6e88`: opaque text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ClientId(Box<str>);

impl ClientId {
    /// Takes an id as the server gave it. Ids are opaque, so any text is one; `None` for an empty text.
    pub(crate) fn from_server(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// Takes an id that a person wrote, if it has the shape of all ids seen so far:
    /// `^[0-9a-f]{16}:-?[0-9a-f]{1,8}:[0-9a-f]{1,16}:-?[0-9a-f]{1,4}$` (the samples of the vendor's page).
    pub(crate) fn from_person(text: &str) -> Option<Self> {
        let hex = |part: &str, least: usize, most: usize| {
            (least..=most).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let signed = |part: &str, most: usize| hex(part.strip_prefix('-').unwrap_or(part), 1, most);
        let parts: Vec<&str> = text.split(':').collect();
        let [first, second, third, fourth] = parts[..] else { return None };
        let shaped = hex(first, 16, 16) && signed(second, 8) && hex(third, 1, 16) && signed(fourth, 4);
        shaped.then(|| Self(text.into()))
    }

    /// Gives the id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_debug())
    }
}

/// The name of a client in git: `[a-z0-9-]+`, unique in the tree. The server does not know it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ClientName(std::sync::Arc<str>);

impl ClientName {
    /// So many characters may a name have.
    pub(crate) const LONGEST: usize = 200;

    /// Takes a name if it is made of `a` to `z`, `0` to `9` and `-`.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (!text.is_empty() && text.bytes().all(allowed)).then(|| Self(text.into()))
    }

    /// Gives the name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_vendors_samples_are_ids() {
        for id in [
            "174546f958aa15f1:2744ca9:19889c3e648:-2229",
            "d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613",
            "3d5b6efefaa0a823:3af2db2a:199bb1c0014:-fd3",
        ] {
            assert!(ClientId::from_person(id).is_some(), "{id}");
        }
        for id in ["", "x", "174546F958AA15F1:2744ca9:19889c3e648:-2229", "174546f958aa15f1:2744ca9:19889c3e648"] {
            assert!(ClientId::from_person(id).is_none(), "{id}");
        }
    }

    #[test]
    fn names_are_lower_case_words_with_hyphens() {
        assert!(ClientName::new("sunshine-desk-102").is_some());
        for name in ["", "Desk", "desk_1", "dësk", "a b"] {
            assert!(ClientName::new(name).is_none(), "{name}");
        }
    }
}
