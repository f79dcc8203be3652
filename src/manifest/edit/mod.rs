//! Edits of YAML text that keep what they do not concern: comments, quotes, blank lines, line breaks.

mod catalogue;
mod flow;
mod layout;
mod meaning;
mod outline;
mod pin;
#[cfg(test)]
mod tests;

pub(crate) use self::catalogue::add_keys;
#[cfg(test)]
use self::pin::Pinned;
pub(crate) use self::pin::{NotPinned, pin};

use self::meaning::Meaning;
use self::outline::{Order, Outline};
use crate::diagnostic::Diagnostic;

/// A byte order mark is no part of the text (YAML 1.2, section 5.2).
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Lays out a file as `icsync fmt` does: the keys that icsync knows in one order, two columns of indentation a level, one
/// blank line at most. The order of keys that are the user's, quotes, comments and everything inside scalars stay.
///
/// Laying out twice gives the same as once, and the file means the same after as before. A document with anchors keeps
/// the order of its keys.
///
/// Fails with the mistakes of a file that is not YAML.
pub(crate) fn format(path: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
    let before = Meaning::of(path, text)?;
    let (mark, body) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(body) => (&text[..BYTE_ORDER_MARK.len_utf8()], body),
        None => ("", text),
    };
    let sorted = settle(body, &before, Order::Free);
    let body = sorted.or_else(|| settle(body, &before, Order::Kept)).unwrap_or_else(|| body.to_owned());
    Ok(format!("{mark}{body}"))
}

/// Lays out until nothing changes any more; `None` if that has no end, or if the meaning would change.
fn settle(text: &str, before: &Meaning, order: Order) -> Option<String> {
    const MOST_ROUNDS: usize = 4;
    let mut text = text.to_owned();
    for _ in 0..MOST_ROUNDS {
        let next = once(&text, order)?;
        if next == text {
            return Meaning::of("", &text).is_ok_and(|after| after == *before).then_some(text);
        }
        text = next;
    }
    None
}

fn once(text: &str, order: Order) -> Option<String> {
    let look = |text: &str| {
        let mut outline = Outline::of(text)?;
        if order == Order::Kept {
            outline.documents.iter_mut().for_each(|document| document.order = Order::Kept);
        }
        Some(outline)
    };
    let text = flow::sort(text, &look(text)?);
    Some(layout::lay_out(&text, &look(&text)?))
}
