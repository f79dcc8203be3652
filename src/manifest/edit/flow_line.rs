//! Lines of a flow mapping whose entries stand on lines of their own.

use std::ops::Range;

use super::outline::OutlineEntry;

/// Makes a line after an entry of a flow mapping whose entries stand on lines of their own, each with its comma.
pub(super) fn flow_line_after(entry: &OutlineEntry, text: &str, pair: &str) -> Option<(Range<usize>, String)> {
    let line_start = text.get(..entry.key_range.start)?.rfind('\n')? + 1;
    let indent = text.get(line_start..entry.key_range.start)?;
    let rest = text.get(entry.value.range.end..)?;
    let (behind, next) = rest.split_at(rest.find('\n')? + 1);
    let comma = behind.trim_start().starts_with(',') && !next.trim_start().starts_with(['}', ',', '#']);
    let alone = behind.trim_start_matches([' ', ',']).trim_end();
    if !indent.bytes().all(|byte| byte == b' ') || !comma || !(alone.is_empty() || alone.starts_with('#')) {
        return None;
    }
    let place = entry.value.range.end + behind.len();
    let own = if behind.ends_with("\r\n") { "\r\n" } else { "\n" };
    Some((place..place, format!("{indent}{pair},{own}")))
}
