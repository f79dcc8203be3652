//! `definitions`, `manage`, `prune`, `limits`, `protect` and `sensitive`.

use super::Pattern;
use crate::diagnostic::{Code, Span};
use crate::manifest::keys::Mapping;
use crate::manifest::read::{Fields, Reader};
use crate::manifest::scope::{read_id, read_parts};
use crate::manifest::yaml::{Data, Entry, Node};
use crate::model::{Device, FieldPattern, Limit, Limits, Partition, Protection, Prune, Scope};

/// What may stand at the top of the configuration, and in part in a target.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) definitions: Option<Vec<Pattern>>,
    pub(super) manage: Option<Vec<Scope>>,
    pub(super) prune: Option<Prune>,
    pub(super) limits: WrittenLimits,
    pub(super) protect: Vec<Protection>,
    pub(super) sensitive: Vec<FieldPattern>,
}

/// Limits as far as they are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WrittenLimits {
    delete: WrittenLimit,
    change: WrittenLimit,
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
        Self { delete: pick(self.delete, below.delete), change: pick(self.change, below.change) }
    }

    /// Takes what is not written from the default.
    pub(super) fn resolve(self) -> Limits {
        let default = Limits::default();
        let pick = |own: WrittenLimit, default: Limit| Limit {
            count: own.count.or(default.count),
            percent: own.percent.or(default.percent),
        };
        Limits { delete: pick(self.delete, default.delete), change: pick(self.change, default.change), ..default }
    }
}

pub(super) fn read_rules(reader: &mut Reader<'_>, fields: Fields<'_>, rules: &mut Rules) {
    if let Some(entry) = fields.get("definitions") {
        rules.definitions = read_definitions(reader, entry);
    }
    if let Some(entry) = fields.get("manage") {
        rules.manage = read_manage(reader, entry);
    }
    if let Some(entry) = fields.get("prune") {
        rules.prune = reader.word(entry, &[("report", Prune::Report), ("delete", Prune::Delete)]);
    }
    if let Some(limits) = fields.get("limits").and_then(|entry| reader.fields(entry, Mapping::Limits.keys())) {
        let limit = |reader: &mut Reader<'_>, key| limits.get(key).map(|entry| read_limit(reader, entry));
        rules.limits.delete = limit(reader, "delete").unwrap_or_default();
        rules.limits.change = limit(reader, "change").unwrap_or_default();
    }
    if let Some(items) = fields.get("protect").and_then(|entry| reader.list(entry)) {
        rules.protect = items.iter().filter_map(|item| read_protection(reader, item)).collect();
    }
    if let Some(entry) = fields.get("sensitive") {
        rules.sensitive = read_patterns(reader, entry);
    }
}

fn read_definitions(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Vec<Pattern>> {
    let items = reader.list(entry)?;
    if items.is_empty() {
        reader.error_with(
            Code::NoMatch,
            entry.value_span(),
            "`definitions` has no pattern",
            "leave it out for `clients/**/*.yaml`",
        );
    }
    let mut patterns = Vec::new();
    for item in items {
        if let Some(glob) = reader.item_text(item, "definitions") {
            patterns.push(Pattern { glob: glob.to_owned(), place: Some(reader.place(item.span)) });
        }
    }
    Some(patterns)
}

fn read_manage(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Vec<Scope>> {
    let items = reader.list(entry)?;
    if items.is_empty() {
        let help =
            "list what is managed, or leave `manage` out: then it is exactly the scopes that the definitions name";
        reader.error_with(Code::EmptyBoundary, entry.value_span(), "`manage` is an empty list", help);
    }
    Some(items.iter().filter_map(|item| read_filter(reader, item)).collect())
}

fn read_filter(reader: &mut Reader<'_>, item: &Node<'_>) -> Option<Scope> {
    let fields = reader.node_fields(item, "an entry of `manage`", Mapping::Filter.keys())?;
    let parts = read_parts(reader, fields, None)?;
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

fn read_limit(reader: &mut Reader<'_>, entry: &Entry<'_>) -> WrittenLimit {
    let Some(fields) = reader.fields(entry, Mapping::Limit.keys()) else { return WrittenLimit::default() };
    let mut number = |key, most| fields.get(key).and_then(|entry| reader.integer_within(entry, 0, most));
    let count = number("count", u64::from(u32::MAX));
    WrittenLimit { count, percent: number("percent", 100) }
}

fn read_protection(reader: &mut Reader<'_>, item: &Node<'_>) -> Option<Protection> {
    let fields = reader.node_fields(item, "an entry of `protect`", Mapping::Protection.keys())?;
    if let Some(entry) = fields.get("id") {
        if fields.entries().len() > 1 {
            let message = "an entry of `protect` is a scope or an id";
            reader.error_with(Code::WrongType, first_line(item.span), message, "write two entries");
        }
        return read_id(reader, entry).map(Protection::Id);
    }
    let parts = read_parts(reader, fields, None)?;
    Some(Protection::Scope { telsys: parts.telsys, partition: parts.partition, device: parts.device })
}

/// Reads a list of patterns over fields.
pub(in crate::manifest) fn read_patterns(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Vec<FieldPattern> {
    let Data::List(items) = &entry.value.data else {
        reader.wrong_type(entry, "a list");
        return Vec::new();
    };
    let mut patterns = Vec::new();
    for item in items {
        let Some(text) = reader.item_text(item, &entry.key) else { continue };
        match FieldPattern::new(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => {
                let help = "write for example `description`, `settings` or `settings.interface::*`";
                reader.error_with(Code::BadPattern, item.span, error.to_string(), help);
            }
        }
    }
    patterns
}

fn first_line(span: Span) -> Span {
    Span { end: span.start, ..span }
}

impl crate::manifest::scope::Parts {
    /// Reads parts that were left out as "all", as a filter and a definition do.
    pub(in crate::manifest) fn scope(self) -> Scope {
        Scope {
            telsys: self.telsys,
            partition: self.partition.unwrap_or(Partition::All),
            device: self.device.unwrap_or(Device::All),
        }
    }
}
