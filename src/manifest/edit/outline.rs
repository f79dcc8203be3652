//! Where the collections of a file stand, without what their values mean: the map that edits go by.

use std::ops::Range;

use granit_parser::{Event, ScalarStyle, StructureStyle};

use crate::diagnostic::Span;
use crate::manifest::yaml::see_events;

/// The documents of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) documents: Vec<OutlineDocument>,
    /// Scalars that take up more than one line.
    pub(super) long: Vec<Range<usize>>,
    /// Comments from `#` on.
    pub(super) comments: Vec<Range<usize>>,
}

/// A document that is not empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutlineDocument {
    pub(super) root: OutlineNode,
    /// Whether its keys may change places: an anchor has to stay before its aliases.
    pub(super) order: Order,
}

/// Whether keys may change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Free,
    Kept,
}

/// A value and the bytes it takes up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutlineNode {
    pub(super) range: Range<usize>,
    pub(super) shape: Shape,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Scalar { text: String, style: ScalarStyle },
    Alias,
    List(CollectionStyle, Vec<OutlineNode>),
    Map(CollectionStyle, Vec<OutlineEntry>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CollectionStyle {
    Block,
    Flow,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutlineEntry {
    /// Empty for a key that is not a scalar.
    pub(super) key: String,
    pub(super) key_range: Range<usize>,
    pub(super) value: OutlineNode,
}

impl Outline {
    /// Gives the comments that begin in a stretch of the file.
    pub(super) fn comments_in(&self, range: Range<usize>) -> &[Range<usize>] {
        let at = |byte: usize| self.comments.partition_point(|comment| comment.start < byte);
        self.comments.get(at(range.start)..at(range.end)).unwrap_or_default()
    }
}

impl OutlineNode {
    /// Gives where the last character of the value stands; the end of a block collection is that of what it holds.
    pub(super) fn end(&self) -> usize {
        let below = match &self.shape {
            Shape::List(CollectionStyle::Block, items) => items.last().map(Self::end),
            Shape::Map(CollectionStyle::Block, entries) => {
                entries.last().map(|entry| entry.value.end().max(entry.key_range.end))
            }
            _ => None,
        };
        below.unwrap_or(self.range.end)
    }

    pub(super) fn entries(&self) -> &[OutlineEntry] {
        match &self.shape {
            Shape::Map(_, entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&OutlineEntry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Tells whether a document of this value is empty, as readers see it.
    fn is_nothing(&self) -> bool {
        let Shape::Scalar { text, style: ScalarStyle::Plain } = &self.shape else { return false };
        matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

impl Shape {
    fn into_text(self) -> Option<String> {
        match self {
            Self::Scalar { text, style: _ } => Some(text),
            Self::Alias | Self::List(..) | Self::Map(..) => None,
        }
    }
}

/// A collection that is not complete yet.
struct Open {
    start: usize,
    style: CollectionStyle,
    parts: OpenParts,
}

enum OpenParts {
    List(Vec<OutlineNode>),
    Map(Vec<OutlineEntry>, Option<(String, Range<usize>)>),
}

impl Outline {
    /// Looks at a file; `None` if it is not YAML.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut builder = OutlineBuilder::new(text);
        let is_yaml = see_events(text, &mut |event, span| builder.see(event, span));
        builder.finish().filter(|_| is_yaml)
    }
}

/// Makes an outline while the events of a file go by.
pub(super) struct OutlineBuilder<'t> {
    text: &'t str,
    outline: Outline,
    open: Vec<Open>,
    order: Order,
    root: Option<OutlineNode>,
    /// Whether all events had a place in the text.
    is_placed: bool,
}

impl<'t> OutlineBuilder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let (outline, open, order) = (Outline::default(), Vec::new(), Order::Free);
        Self { text, outline, open, order, root: None, is_placed: true }
    }

    pub(super) fn see(&mut self, event: &Event<'_>, span: Span) {
        self.is_placed &= self.take(event, span).is_some();
    }

    pub(super) fn finish(self) -> Option<Outline> {
        self.is_placed.then_some(self.outline)
    }

    /// Takes an event; `None` where its place is not one of the text.
    fn take(&mut self, event: &Event<'_>, span: Span) -> Option<()> {
        let range = span.start as usize..span.end as usize;
        let complete = match event {
            Event::DocumentStart(..) => {
                self.order = Order::Free;
                None
            }
            Event::DocumentEnd => {
                let root = self.root.take().filter(|root| !root.is_nothing());
                let order = self.order;
                self.outline.documents.extend(root.map(|root| OutlineDocument { root, order }));
                None
            }
            Event::Comment(..) => {
                self.outline.comments.push(range);
                None
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.mark(*anchor, tag.is_some());
                let range = whole(self.text, range, *style, self.outline.comments.last());
                if self.text.get(range.clone())?.contains('\n') {
                    self.outline.long.push(range.clone());
                }
                Some(OutlineNode { range, shape: Shape::Scalar { text: value.to_string(), style: *style } })
            }
            Event::Alias(_) => {
                self.order = Order::Kept;
                Some(OutlineNode { range, shape: Shape::Alias })
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.mark(*anchor, tag.is_some());
                let parts = OpenParts::List(Vec::new());
                self.open.push(Open { start: range.start, style: (*style).into(), parts });
                None
            }
            Event::MappingStart(style, anchor, tag) => {
                self.mark(*anchor, tag.is_some());
                let parts = OpenParts::Map(Vec::new(), None);
                self.open.push(Open { start: range.start, style: (*style).into(), parts });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => self.open.pop().map(|open| open.close(range.end)),
            _ => None,
        };
        if let Some(node) = complete {
            match self.open.last_mut() {
                Some(open) => open.parts.take(node),
                None => self.root = Some(node),
            }
        }
        Some(())
    }

    /// Notes what keeps the keys of a document where they are.
    fn mark(&mut self, anchor: usize, tagged: bool) {
        self.order = self.order.and(if anchor != 0 || tagged { Order::Kept } else { Order::Free });
    }
}

/// Widens the range of a block scalar to its header, and narrows it to its own lines: the parser says from where its text
/// begins to where the next value does.
fn whole(text: &str, range: Range<usize>, style: ScalarStyle, comment: Option<&Range<usize>>) -> Range<usize> {
    let indicator = match style {
        ScalarStyle::Literal => '|',
        ScalarStyle::Folded => '>',
        ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => return range,
    };
    let (before, within) = (text.get(..range.start), text.get(..range.end));
    let header = before.map(|before| {
        let behind = comment.filter(|comment| comment.start < before.len() && comment.end >= before.trim_end().len());
        &before[..behind.map_or(before.len(), |comment| comment.start)]
    });
    let start = header.and_then(|header| header.rfind(indicator)).unwrap_or(range.start);
    let own = within.map_or(range.end, |within| within.trim_end_matches(' ').len());
    let end = if text[..own].ends_with('\n') { own } else { range.end };
    start..end.max(start)
}

impl Order {
    pub(super) fn and(self, other: Self) -> Self {
        if self == Self::Free { other } else { self }
    }
}

impl From<StructureStyle> for CollectionStyle {
    fn from(style: StructureStyle) -> Self {
        match style {
            StructureStyle::Block => Self::Block,
            StructureStyle::Flow => Self::Flow,
        }
    }
}

impl Open {
    fn close(self, end: usize) -> OutlineNode {
        let Self { start, style, parts } = self;
        let shape = match parts {
            OpenParts::List(items) => Shape::List(style, items),
            OpenParts::Map(entries, _) => Shape::Map(style, entries),
        };
        OutlineNode { range: start..end.max(start), shape }
    }
}

impl OpenParts {
    fn take(&mut self, node: OutlineNode) {
        match self {
            Self::List(items) => items.push(node),
            Self::Map(entries, key) => match key.take() {
                Some((key, key_range)) => entries.push(OutlineEntry { key, key_range, value: node }),
                None => *key = Some((node.shape.into_text().unwrap_or_default(), node.range)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::manifest::yaml::{see_parsed, texts};

    fn parsed(text: &str) -> Option<Outline> {
        let mut builder = OutlineBuilder::new(text);
        let is_yaml = see_parsed(text, &mut |event, span| builder.see(event, span));
        builder.finish().filter(|_| is_yaml)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

        #[test]
        fn what_is_simple_has_the_outline_that_all_of_yaml_gives_it((pieces, lines) in texts()) {
            for text in [&pieces, &lines, &(lines.clone() + &pieces)] {
                assert_eq!(Outline::of(text), parsed(text), "{text:?}");
            }
        }
    }
}
