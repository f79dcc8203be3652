//! Lines of a flow mapping whose entries stand on lines of their own.

use std::ops::Range;

use super::outline::OutlineEntry;

/// Makes a line after an entry of a flow mapping whose entries stand on lines of their own, so that a comment behind the
/// entry stays with it. Gives what is replaced, and by what.
pub(super) fn flow_line_after(entry: &OutlineEntry, text: &str, pair: &str) -> Option<(Range<usize>, String)> {
    let line_start = text.get(..entry.key_range.start)?.rfind('\n')? + 1;
    let indent = text.get(line_start..entry.key_range.start)?;
    let end = entry.value.range.end;
    let rest = text.get(end..)?;
    let (behind, next) = rest.split_at(rest.find('\n')? + 1);
    let alone = behind.trim_start_matches([' ', ',']).trim_end();
    if !indent.bytes().all(|byte| byte == b' ') || !(alone.is_empty() || alone.starts_with('#')) {
        return None;
    }
    let own = if behind.ends_with("\r\n") { "\r\n" } else { "\n" };
    let line_end = end + behind.len();
    if behind.trim_start().starts_with(',') {
        let is_before_line = !next.trim_start().starts_with([',', '#']);
        return is_before_line.then(|| (line_end..line_end, format!("{indent}{pair},{own}")));
    }
    // The last one has no comma, and stays one line with the new one unless a comment would change over.
    let is_last = next.trim_start().starts_with('}') && !alone.is_empty();
    is_last.then(|| (end..line_end, format!(",{behind}{indent}{pair}{own}")))
}
