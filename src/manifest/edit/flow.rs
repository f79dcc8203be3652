//! The order of keys between curly brackets: entries change places, what stands between them stays.

use super::outline::{CollectionStyle, Order, Outline, OutlineDocument, OutlineEntry, OutlineNode, Shape};
use crate::manifest::keys::{Form, form_of_kind};

/// Puts the keys of every flow mapping in order.
pub(super) fn sort(text: &str, outline: &Outline) -> String {
    let sorter = Sorter { text, outline };
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for document in &outline.documents {
        let OutlineDocument { root, order } = document;
        if *order == Order::Kept || root.range.start < at {
            continue;
        }
        let kind = root.get("kind").and_then(|entry| entry.value.text()).unwrap_or_default();
        out.push_str(&text[at..root.range.start]);
        out.push_str(&sorter.write(root, form_of_kind(kind)));
        at = root.range.end;
    }
    out.push_str(&text[at..]);
    out
}

struct Sorter<'a> {
    text: &'a str,
    outline: &'a Outline,
}

impl Sorter<'_> {
    /// Writes a value with everything below it in order.
    fn write(&self, node: &OutlineNode, form: Form) -> String {
        let mut parts: Vec<(usize, std::ops::Range<usize>, String)> = match &node.shape {
            Shape::Scalar { .. } | Shape::Alias => Vec::new(),
            Shape::List(_, items) => items.iter().map(|item| (0, item.range.clone(), self.write(item, form))).collect(),
            Shape::Map(_, entries) => entries.iter().map(|entry| self.write_entry(entry, form)).collect(),
        };
        let slots: Vec<_> = parts.iter().map(|(_, range, _)| range.clone()).collect();
        if self.can_sort(node, &slots) {
            parts.sort_by_key(|(rank, ..)| *rank);
        }
        let (mut out, mut at) = (String::new(), node.range.start);
        for (slot, (_, _, part)) in slots.iter().zip(&parts) {
            // The parser gives an empty value a place of no use.
            if slot.start < at || slot.end > node.range.end {
                return self.text[node.range.clone()].to_owned();
            }
            out.push_str(&self.text[at..slot.start]);
            out.push_str(part);
            at = slot.end;
        }
        out.push_str(&self.text[at..node.range.end]);
        out
    }

    fn write_entry(&self, entry: &OutlineEntry, form: Form) -> (usize, std::ops::Range<usize>, String) {
        let OutlineEntry { key, key_range, value } = entry;
        let whole = key_range.start..value.range.end.max(key_range.end);
        let rank = form.rank(key);
        if value.range.start < key_range.end {
            return (rank, whole.clone(), self.text[whole].to_owned());
        }
        let before = &self.text[key_range.start..value.range.start];
        (rank, whole, format!("{before}{}", self.write(value, form.below(key))))
    }

    fn can_sort(&self, node: &OutlineNode, slots: &[std::ops::Range<usize>]) -> bool {
        let Shape::Map(CollectionStyle::Flow, entries) = &node.shape else { return false };
        let plain = entries.iter().all(|entry| entry.value.range.start > entry.key_range.end);
        let apart = slots.windows(2).all(|pair| pair[0].end <= pair[1].start);
        let silent = !self.outline.comments.iter().any(|comment| node.range.contains(&comment.start));
        plain && apart && silent
    }
}
