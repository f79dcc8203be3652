//! What two readings of a client, or a reading and what was written, differ in. Pure.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::ruling::Seen;
use crate::model::{Entries, Field, FieldPath, Json, KnownContent, LiveClient, Nullable, Payload, Scope};
use crate::redact::{Mask, Shown};

/// How many differences a message names.
const MOST_NAMED: usize = 5;
/// How much of a value a message shows, in characters.
const MOST_SHOWN: usize = 60;

/// In what two readings of a client differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// In the scope: the later one is this.
    Scope(Scope),
    /// In a field, or in one key of it.
    Content(FieldPath),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope(scope) => write!(f, "it moved to {scope}"),
            Self::Content(path) => path.fmt(f),
        }
    }
}

/// Names the fields that an earlier reading showed and a later one does not.
pub(super) fn unseen(earlier: &LiveClient, now: &LiveClient) -> Vec<Field> {
    now.content.unknown().into_iter().filter(|field| earlier.knows(*field)).collect()
}

/// Tells in what a client differs from what was read when the plan was made. What either reading does not show is no
/// evidence.
pub(super) fn changed_since(planned: &LiveClient, now: &LiveClient) -> Vec<Mismatch> {
    let LiveClient { content, id: _, scope, labels: _, detail: _ } = planned;
    let resolved = !scope.is_unresolved() && !now.scope.is_unresolved();
    let moved = (resolved && *scope != now.scope).then(|| Mismatch::Scope(now.scope.clone()));
    let differing = differing(content.known(), now.content.known());
    moved.into_iter().chain(differing.into_iter().map(Mismatch::Content)).collect()
}

/// Names the fields and keys in which a client differs from what was written.
pub(super) fn differs_from(payload: &Payload, now: &LiveClient) -> Vec<FieldPath> {
    differing(payload.as_known(), now.content.known())
}

/// Weighs a reading after a write whose answer says nothing certain: only what the write changes can tell whether it was
/// carried out.
pub(super) fn evidence(before: &LiveClient, payload: &Payload, now: &LiveClient) -> Seen {
    let written = differs_from(payload, before);
    let changes = |field: Field| !before.knows(field) || written.iter().any(|path| path.field == field);
    let telling: Vec<Field> = Field::ALL.into_iter().filter(|field| changes(*field) && now.knows(*field)).collect();
    let left = differs_from(payload, now);
    let moved = changed_since(before, now);
    match telling[..] {
        [] if Field::ALL.into_iter().any(changes) => Seen::Unclear,
        _ if left.is_empty() => Seen::AsWanted,
        _ if moved.is_empty() && telling.iter().all(|field| before.knows(*field)) => Seen::AsBefore,
        _ if moved.iter().all(|one| matches!(one, Mismatch::Content(path) if !left.contains(path))) => Seen::InPart,
        _ => Seen::Otherwise,
    }
}

/// Weighs a reading after a write that the server confirmed: its word is enough for what it never shows.
pub(super) fn confirmed(before: &LiveClient, payload: &Payload, now: &LiveClient) -> Seen {
    match (differs_from(payload, now).is_empty(), unseen(before, now).is_empty()) {
        (true, true) => Seen::AsWanted,
        (true, false) => Seen::Unclear,
        (false, _) if changed_since(before, now).is_empty() => Seen::AsBefore,
        (false, _) => Seen::Otherwise,
    }
}

/// Says of each field and key in which a client differs from what was written, what was sent and what came back.
pub(super) fn sent_and_seen(payload: &Payload, now: &LiveClient, mask: Mask<'_>) -> Vec<String> {
    let both = payload.as_known().zip(now.content.known());
    let lines = both.map(
        |field, (sent, seen)| {
            let shown = |text: Option<&Nullable<String>>| text.map(|text| mask.text(field, text));
            (sent? != seen?).then(|| vec![line(&FieldPath { field, key: None }, shown(sent), shown(seen))])
        },
        |field, (sent, seen)| {
            let shown = |key: &Arc<str>, value: Option<&Json>| value.map(|value| mask.entry(field, key, value));
            let paths = differing_keys(field, sent?, seen?).into_iter();
            let said = paths.filter_map(|path| {
                let key = path.key.clone()?;
                Some(line(&path, shown(&key, sent?.get(&key)), shown(&key, seen?.get(&key))))
            });
            Some(said.collect())
        },
    );
    let mut lines: Vec<String> = lines.into_iter().filter_map(|(_, lines)| lines).flatten().collect();
    let more = lines.len().saturating_sub(MOST_NAMED);
    lines.truncate(MOST_NAMED);
    lines.extend((more > 0).then(|| format!("{more} more")));
    lines
}

fn line(path: &FieldPath, sent: Option<Shown>, seen: Option<Shown>) -> String {
    format!("{path} (sent {}, came back {})", word(sent), word(seen))
}

fn word(value: Option<Shown>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Shown::Sensitive(_)) => "(sensitive)".to_owned(),
        Some(Shown::Plain(value)) => {
            let text = value.value().to_string();
            let cut: String = text.chars().take(MOST_SHOWN).collect();
            if cut.len() < text.len() { format!("{cut}…") } else { cut }
        }
    }
}

fn differing(one: KnownContent<'_>, other: KnownContent<'_>) -> Vec<FieldPath> {
    let differing = one.zip(other).map(
        |field, (one, other)| (one? != other?).then(|| vec![FieldPath { field, key: None }]),
        |field, (one, other)| Some(differing_keys(field, one?, other?)),
    );
    differing.into_iter().filter_map(|(_, paths)| paths).flatten().collect()
}

fn differing_keys(field: Field, one: &Entries, other: &Entries) -> Vec<FieldPath> {
    let keys: BTreeSet<&Arc<str>> = one.keys().chain(other.keys()).collect();
    let differing = keys.into_iter().filter(|key| one.get(key) != other.get(key));
    differing.map(|key| FieldPath { field, key: Some(Arc::clone(key)) }).collect()
}
