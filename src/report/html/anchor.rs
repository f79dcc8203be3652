//! Names of places in the page, so that a link leads to one client.

use std::collections::HashMap;

use super::super::view::{Hue, IsComplaint, Mark, ReportEntry, Stray};

/// The longest name of a place, in characters.
const LONGEST: usize = 120;

/// Gives names, each once.
#[derive(Debug)]
pub(super) struct Anchors {
    /// How often each was given.
    given: HashMap<String, u64>,
    naming: Naming,
}

/// Whether places get names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// Each has one.
    Named,
    /// None has: the page has other parts, which may speak of the same client.
    Unnamed,
}

impl Anchors {
    pub(super) fn new() -> Self {
        Self { given: HashMap::new(), naming: Naming::Named }
    }

    pub(super) fn unnamed() -> Self {
        Self { given: HashMap::new(), naming: Naming::Unnamed }
    }

    /// Names the place of an entry: by the client's name, else by its id, else by its scope. A notice and a mistake are
    /// no clients.
    pub(super) fn entry(&mut self, entry: &ReportEntry<'_>) -> Option<String> {
        if entry.complaint == IsComplaint::Yes {
            return self.give("mistake", entry.client.unwrap_or_default());
        }
        let name = entry.client.or(entry.id).unwrap_or(&entry.place.text);
        self.give(if entry.hue == Hue::Mark(Mark::Notice) { "notice" } else { "client" }, name)
    }

    /// Names the place of a live client that git does not define.
    pub(super) fn stray(&mut self, stray: &Stray<'_>) -> Option<String> {
        self.give("client", stray.id)
    }

    fn give(&mut self, kind: &str, name: &str) -> Option<String> {
        if self.naming == Naming::Unnamed {
            return None;
        }
        let harmless = |one: char| if one.is_ascii_alphanumeric() || one == '_' { one } else { '-' };
        let name: String = name.chars().take(LONGEST).map(harmless).collect();
        let first = format!("{kind}-{name}");
        let times = self.given.entry(first.clone()).or_default();
        *times += 1;
        // No name of a client holds a full stop, so a second one takes nobody's place.
        Some(if *times == 1 { first } else { format!("{first}.{times}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_harmless_names_that_stand_once() {
        let mut anchors = Anchors::new();
        let mut give = |name: &str| anchors.give("client", name).expect("a name");
        assert_eq!([give("desk"), give("desk"), give("desk-2")], ["client-desk", "client-desk.2", "client-desk-2"]);
        assert_eq!(give("\" onclick=\"x\u{202e}<é"), "client---onclick--x---");
        assert_eq!(give(&"x".repeat(500)).len(), "client-".len() + LONGEST);
        assert_eq!(Anchors::unnamed().give("client", "desk"), None);
    }
}
