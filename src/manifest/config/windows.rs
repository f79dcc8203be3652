//! `windows`: when nothing is changed, and where.

use jiff::tz::TimeZone;

use crate::diagnostic::{Code, Span};
use crate::manifest::keys::{self, Written};
use crate::manifest::read::{TreeReader, did_you_mean, nearest};
use crate::manifest::scope::read_parts;
use crate::manifest::yaml::{MapEntry, Node};
use crate::model::{ChangeWindow, Partition, Scope, WeekTimes, Windows};
use crate::text::quote;

pub(super) fn read_windows(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Windows {
    let items = reader.list(entry).unwrap_or_default();
    Windows(items.iter().filter_map(|item| read_window(reader, item)).collect())
}

fn read_window(reader: &mut TreeReader<'_>, item: &Node<'_>) -> Option<ChangeWindow> {
    let keys: keys::WindowKeys<'_> = reader.node_keys(item, "an entry of `windows`")?;
    let scope = read_scope(reader, &keys, item.span);
    let deny = reader.required(keys.deny, "write for example `deny: \"Mon-Fri 08:00-18:00\"`");
    let deny = deny.and_then(|entry| read_times(reader, entry));
    let zone = reader.required(keys.zone, "write for example `zone: Europe/London`");
    let zone = zone.and_then(|entry| read_zone(reader, entry));
    Some(ChangeWindow { scope: scope?, deny: deny?, zone: zone? })
}

/// Reads the part of the estate; all of it where nothing is written.
fn read_scope(reader: &mut TreeReader<'_>, keys: &keys::WindowKeys<'_>, at: Span) -> Option<Scope> {
    let is_written = |key: Written<'_>| key.entry.is_some();
    if ![keys.telsys, keys.partition, keys.device].into_iter().any(is_written) {
        return Some(Scope::EVERYTHING);
    }
    let parts = read_parts(reader, keys, None)?;
    if parts.partition == Some(Partition::Unresolved) {
        let help = "leave `partition` out: the whole telephony server includes such rows";
        reader.error_with(Code::Unresolved, at, "partition -3 says that a scope is not known", help);
        return None;
    }
    Some(parts.scope())
}

const TIMES: &str = "write for example `Mon-Fri 08:00-18:00`, `Fri 22:00-06:00` or `Sat,Sun`";
const ZONE: &str = "write a name of the IANA database, for example `Europe/London`";

fn read_times(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<WeekTimes> {
    let text = reader.shaped_text(entry, TIMES)?;
    match text.parse() {
        Ok(times) => Some(times),
        Err(error) => {
            let message = format!("`deny` is {}, which is no times of the week: {error}", quote(text));
            reader.error_with(Code::BadWord, entry.value_span(), message, TIMES);
            None
        }
    }
}

fn read_zone(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<TimeZone> {
    let text = reader.shaped_text(entry, ZONE)?;
    if let Ok(zone) = TimeZone::get(text) {
        return Some(zone);
    }
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let help = match nearest(text, &names) {
        Some(near) => did_you_mean(near),
        None => ZONE.to_owned(),
    };
    reader.error_with(
        Code::BadWord,
        entry.value_span(),
        format!("`zone` is {}, which is no time zone", quote(text)),
        help,
    );
    None
}
