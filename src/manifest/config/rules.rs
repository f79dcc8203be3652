//! `definitions`, `manage`, `prune`, `limits`, `protect` and patterns over fields.

use super::rollout::read_rollout;
use super::windows::read_windows;
use super::{DEFAULT_DEFINITIONS, DefinitionGlob, GlobRole};
use crate::diagnostic::{Code, Place};
use crate::manifest::keys::{self, PRUNES, Written};
use crate::manifest::read::{TreeReader, first_line};
use crate::manifest::scope::{read_id, read_parts};
use crate::manifest::yaml::{Data, MapEntry, Node};
use crate::model::{FieldPattern, Limit, Limits, Partition, Protection, Prune, RolloutRules, Scope, Windows};

/// What may stand at the top of the configuration and in a target.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) definitions: Option<Vec<DefinitionGlob>>,
    pub(super) manage: Option<Vec<Scope>>,
    pub(super) prune: Option<Prune>,
    pub(super) limits: WrittenLimits,
    pub(super) rollout: RolloutRules,
    pub(super) windows: Option<Windows>,
}

/// Limits as far as they are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WrittenLimits {
    delete: WrittenLimit,
    change: WrittenLimit,
    vanished: WrittenLimit,
}

#[derive(Debug, Clone, Copy, Default)]
struct WrittenLimit {
    count: Option<u64>,
    percent: Option<u64>,
}

impl WrittenLimits {
    /// Takes what is not written here from `below`.
    pub(super) fn over(self, below: Self) -> Self {
        let pick = |own: WrittenLimit, below: WrittenLimit| WrittenLimit {
            count: own.count.or(below.count),
            percent: own.percent.or(below.percent),
        };
        let Self { delete, change, vanished } = self;
        Self {
            delete: pick(delete, below.delete),
            change: pick(change, below.change),
            vanished: pick(vanished, below.vanished),
        }
    }

    /// Takes what is not written from the default.
    pub(super) fn resolve(self) -> Limits {
        let default = Limits::default();
        let pick = |own: WrittenLimit, default: Limit| Limit {
            count: own.count.or(default.count),
            percent: own.percent.or(default.percent),
        };
        let Self { delete, change, vanished } = self;
        Limits {
            delete: pick(delete, default.delete),
            change: pick(change, default.change),
            vanished: pick(vanished, default.vanished),
            ..default
        }
    }
}

pub(super) fn read_rules<'n>(reader: &mut TreeReader<'_>, keys: impl Into<keys::RuleKeys<'n>>) -> Rules {
    let keys::RuleKeys { definitions, manage, prune, limits, rollout, windows } = keys.into();
    Rules {
        definitions: definitions.entry.and_then(|entry| read_definitions(reader, entry)),
        manage: manage.entry.and_then(|entry| read_manage(reader, entry)),
        prune: reader.word(prune, &PRUNES),
        limits: limits.entry.and_then(|entry| read_limits(reader, entry)).unwrap_or_default(),
        rollout: rollout.entry.and_then(|entry| read_rollout(reader, entry)).unwrap_or_default(),
        windows: windows.entry.map(|entry| read_windows(reader, entry)),
    }
}

fn read_limits(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<WrittenLimits> {
    let keys::LimitsKeys { delete, change, vanished } = reader.keys(entry)?;
    let mut limit = |written| read_limit(reader, written);
    Some(WrittenLimits { delete: limit(delete), change: limit(change), vanished: limit(vanished) })
}

fn read_limit(reader: &mut TreeReader<'_>, written: Written<'_>) -> WrittenLimit {
    let Some(keys) = written.entry.and_then(|entry| reader.keys(entry)) else { return WrittenLimit::default() };
    let keys::LimitKeys { count, percent } = keys;
    WrittenLimit { count: reader.number(count), percent: reader.number(percent) }
}

fn read_definitions(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Vec<DefinitionGlob>> {
    let items = reader.list(entry)?;
    if items.is_empty() {
        reader.error_with(
            Code::NoMatch,
            entry.value_span(),
            "`definitions` has no pattern",
            format!("leave it out for `{DEFAULT_DEFINITIONS}`"),
        );
    }
    let mut patterns = Vec::new();
    for item in items {
        if let Some(glob) = reader.item_text(item, "definitions") {
            patterns.push(DefinitionGlob::new(glob, Some(reader.place(item.span))));
        }
    }
    if !patterns.is_empty() && patterns.iter().all(|pattern| pattern.role == GlobRole::LeaveOut) {
        let help = format!("add a pattern of files to read, such as `{DEFAULT_DEFINITIONS}`");
        reader.error_with(Code::NoMatch, entry.value_span(), "`definitions` only leaves files out", help);
    }
    Some(patterns)
}

fn read_manage(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Vec<Scope>> {
    let items = reader.list(entry)?;
    if items.is_empty() {
        let help =
            "list what is managed, or leave `manage` out: then it is exactly the scopes that the definitions name";
        reader.error_with(Code::EmptyBoundary, entry.value_span(), "`manage` is an empty list", help);
    }
    Some(items.iter().filter_map(|item| read_filter(reader, item)).collect())
}

fn read_filter(reader: &mut TreeReader<'_>, item: &Node<'_>) -> Option<Scope> {
    let keys: keys::FilterKeys<'_> = reader.node_keys(item, "an entry of `manage`")?;
    let parts = read_parts(reader, &keys, None)?;
    if parts.partition == Some(Partition::Unresolved) {
        let message = "partition -3 is no boundary: it says that a scope is not known";
        reader.error_with(
            Code::Unresolved,
            item.span,
            message,
            "leave `partition` out: the whole telephony server includes such rows",
        );
        return None;
    }
    Some(parts.scope())
}

/// How many patterns over fields one list may have: each is held against each key of a client.
const MOST_PATTERNS: usize = 1_000;
/// How many entries `protect` may have: each is held against each live client.
const MOST_PROTECTED: usize = 10_000;

/// Takes as many items of a list as it may have, and says where there are more.
pub(super) fn first_items<'n>(
    reader: &mut TreeReader<'_>,
    entry: &MapEntry<'_>,
    items: &'n [Node<'n>],
    most: usize,
) -> &'n [Node<'n>] {
    let Some((first, [beyond, ..])) = items.split_at_checked(most) else { return items };
    let message = format!("`{}` has more than {most} entries", entry.key);
    let help = "write a pattern or a wider scope in place of many that are alike";
    reader.error_with(Code::TooManyDocuments, beyond.span, message, help);
    first
}

pub(super) fn read_protect(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> (Vec<Protection>, Vec<Place>) {
    let items = reader.list(entry).unwrap_or_default();
    let items = first_items(reader, entry, items, MOST_PROTECTED).iter();
    items.filter_map(|item| Some((read_protection(reader, item)?, reader.place(item.span)))).unzip()
}

fn read_protection(reader: &mut TreeReader<'_>, item: &Node<'_>) -> Option<Protection> {
    let keys: keys::ProtectionKeys<'_> = reader.node_keys(item, "an entry of `protect`")?;
    if let Some(entry) = keys.id.entry {
        if !matches!(&item.data, Data::Map(entries) if entries.len() == 1) {
            let message = "an entry of `protect` is a scope or an id";
            reader.error_with(Code::WrongType, first_line(item.span), message, "write two entries");
        }
        return read_id(reader, entry).map(Protection::Id);
    }
    let parts = read_parts(reader, &keys, None)?;
    Some(Protection::Scope { telsys: parts.telsys, partition: parts.partition, device: parts.device })
}

/// Reads a list of patterns over fields.
pub(in crate::manifest) fn read_patterns(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Vec<FieldPattern> {
    read_placed_patterns(reader, entry).into_iter().map(|(pattern, _)| pattern).collect()
}

/// Reads patterns over fields and keys, each with its place.
pub(super) fn read_placed_patterns(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Vec<(FieldPattern, Place)> {
    let Data::List(items) = &entry.value.data else {
        reader.wrong_type(entry, "a list");
        return Vec::new();
    };
    let mut patterns = Vec::new();
    for item in first_items(reader, entry, items, MOST_PATTERNS) {
        let Some(text) = reader.item_text(item, &entry.key) else { continue };
        match FieldPattern::new(text) {
            Ok(pattern) => patterns.push((pattern, reader.place(item.span))),
            Err(error) => {
                let help = "write for example `description`, `settings` or `settings.interface::*`";
                reader.error_with(Code::BadPattern, item.span, error.to_string(), help);
            }
        }
    }
    patterns
}
