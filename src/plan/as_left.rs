//! Whether a live client is as a run left it: as it was sent, or as the server showed it when the run read it back.

use std::collections::{BTreeMap, BTreeSet};

use super::run_step::{RunEnd, RunStep};
use super::snapshot::Snapshot;
use crate::model::{Json, LiveClient};
use crate::redact::Mask;

/// How a run left a client.
#[derive(Clone, Copy)]
pub(super) struct AsLeft<'a> {
    sent: &'a Snapshot,
    /// What reading back showed, where the server took the write and made something else of it.
    seen: Option<&'a Snapshot>,
    end: RunEnd,
}

impl<'a> AsLeft<'a> {
    /// Takes what a step sent.
    pub(super) fn of(run: &RunStep<'a>, sent: &'a Snapshot) -> Self {
        Self { sent, seen: run.left, end: run.end }
    }

    /// Gives what was sent, value by value.
    pub(super) fn sent(self) -> Flat {
        flat(self.sent)
    }

    /// Tells whether what was sent there is left out of the journal.
    pub(super) fn is_sensitive(self, path: &str) -> bool {
        self.sent.left_out.contains_key(path)
    }

    /// Gives what reading back showed, value by value.
    pub(super) fn seen(self) -> Option<Flat> {
        self.seen.map(flat)
    }

    /// Says in what a client is not as the run left it.
    pub(super) fn untouched(self, row: &LiveClient, mask: Mask<'_>) -> Result<(), String> {
        let now = Snapshot::of_live(row, mask);
        let mut paths = differing(&now, self.sent);
        if let Some(seen) = self.seen {
            let from_seen = differing(&now, seen);
            paths.retain(|path| from_seen.contains(path));
        }
        if paths.is_empty() { Ok(()) } else { Err(format!("{}: {}", self.not_so(), named(&paths))) }
    }

    /// Says that a client is not as it was left. What a server makes of a write whose end is not known nobody has seen.
    pub(super) fn not_so(self) -> &'static str {
        match (self.end, self.seen) {
            (RunEnd::InDoubt, None) => "it is not as the run sent it",
            _ => "it is not as the run left it",
        }
    }

    /// Says what to do with one that was to be changed back, and with one that was to be deleted.
    pub(super) fn help(self) -> [&'static str; 2] {
        match (self.end, self.seen) {
            (RunEnd::InDoubt, None) => [
                "the server may have made something else of what was sent, or somebody changed it since: look at it, then set it \
                 through the definition; `icsync runs RUN` and its journal tell what it was",
                "the server may have made something else of what was sent, or somebody changed it since: look at it, then edit or \
                 remove its definition instead",
            ],
            _ => [
                "set it through the definition instead",
                "somebody changed it since the run: look at it, then edit or remove its definition instead",
            ],
        }
    }
}

/// Checks that a client is as a snapshot has it, field by field; what the server does not show is no evidence.
pub(super) fn is_as(row: &LiveClient, then: &Snapshot, mask: Mask<'_>) -> bool {
    differing(&Snapshot::of_live(row, mask), then).is_empty()
}

/// Finds what differs between two snapshots, as `settings.core::x`.
fn differing(now: &Snapshot, then: &Snapshot) -> BTreeSet<String> {
    let (now, then) = (flat(now), flat(then));
    let comparable = |path: &&String| shows(&now, field_of(path)) && shows(&then, field_of(path));
    let paths: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    paths.into_iter().filter(comparable).filter(|path| now.get(*path) != then.get(*path)).cloned().collect()
}

fn named(paths: &BTreeSet<String>) -> String {
    paths.iter().map(|path| format!("`{}`", path.escape_debug())).collect::<Vec<_>>().join(", ")
}

/// The values of a snapshot by their paths.
pub(super) type Flat = BTreeMap<String, Json>;

/// Gives the field of a path.
pub(super) fn field_of(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// Tells whether a field was shown at all: each shown field leaves a mark under its own name.
pub(super) fn shows(flat: &Flat, field: &str) -> bool {
    flat.contains_key(field)
}

/// Lays out a snapshot value by value.
pub(super) fn flat(one: &Snapshot) -> Flat {
    let Snapshot { scope: _, id: _, content, unset: _, left_out } = one;
    let mut flat = Flat::new();
    for (field, value) in content.texts() {
        flat.extend(value.clone().map(|value| (field.name().to_owned(), value)));
    }
    for (field, entries) in content.entries() {
        let Some(entries) = entries else { continue };
        flat.insert(field.name().to_owned(), Json::from(true));
        flat.extend(entries.iter().map(|(key, value)| (format!("{field}.{key}"), value.clone())));
    }
    flat.extend(left_out.iter().map(|(path, digest)| (path.clone(), Json::text(digest.clone()))));
    flat
}
