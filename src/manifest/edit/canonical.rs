//! The one form of values: quotes, blanks, the order of keys, and a line for each where one line is too narrow.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::comments::{Remarked, place};
use super::outline::{CollectionStyle, Order, Outline, OutlineEntry, OutlineNode, Shape};
use crate::emitter::{self, YamlEntry, YamlNode};
use crate::manifest::keys::{Form, KeyOrder, form_of_kind, is_definition_kind};
use crate::manifest::yaml::{Scalar, ScalarForm, ScalarValue};

/// How scalars and block collections are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wording {
    /// In the one form: definitions, of which there are many, by many hands.
    Canonical,
    /// As they are: the configuration.
    Kept,
}

/// Puts what is laid out into its one form. Documents with anchors or of an unknown kind stay as they are.
pub(super) fn rewrite(text: &str, outline: &Outline) -> String {
    let mut edits = TextEdits { text, made: Vec::new() };
    for (index, document) in outline.documents.iter().enumerate() {
        let kind = document.root.get("kind").and_then(|entry| entry.value.text()).unwrap_or_default();
        let wording = if is_definition_kind(kind) { Wording::Canonical } else { Wording::Kept };
        let form = form_of_kind(kind);
        if document.order == Order::Kept || !matches!(form, Form::Mapping(_)) {
            continue;
        }
        let mut rewriter = Rewriter { text, outline, wording, edits: &mut edits };
        rewriter.root(&document.root, form);
        if wording == Wording::Canonical {
            let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
            let begin = index.checked_sub(1).map_or(0, |last| line_end(outline.documents[last].root.end()));
            edits.space_comments(outline, begin..line_end(document.root.end()));
        }
    }
    edits.apply()
}

/// Text in place of stretches of a file.
struct TextEdits<'a> {
    text: &'a str,
    made: Vec<(Range<usize>, String)>,
}

struct Rewriter<'a, 'e> {
    text: &'a str,
    outline: &'a Outline,
    wording: Wording,
    edits: &'e mut TextEdits<'a>,
}

impl Rewriter<'_, '_> {
    fn root(&mut self, root: &OutlineNode, form: Form) {
        match &root.shape {
            Shape::Map(CollectionStyle::Block, entries) => self.entries(entries, root.end(), (form, 0)),
            Shape::Map(CollectionStyle::Flow, _) => {
                let Some(lines) = self.lines(root, form, 0) else { return };
                let alone =
                    self.text[..root.range.start].rsplit('\n').next().is_some_and(|before| before.trim().is_empty());
                let first = if alone { "" } else { "\n" };
                let last = if root.range.end == self.text.len() { "\n" } else { "" };
                self.edits.replace(root.range.clone(), format!("{first}{}{last}", lines.trim_end_matches('\n')));
            }
            _ => {}
        }
    }

    /// Rewrites what stands on lines of its own, to `end` of all.
    fn entries(&mut self, entries: &[OutlineEntry], end: usize, (form, depth): (Form, usize)) {
        for (index, entry) in entries.iter().enumerate() {
            let next = entries.get(index + 1).map_or(end, |next| next.key_range.start);
            self.entry(entry, next, (form, depth));
        }
    }

    /// Rewrites a key and its value, if they stand where they do after [`super::layout`].
    fn entry(&mut self, entry: &OutlineEntry, next: usize, (form, depth): (Form, usize)) {
        let OutlineEntry { key, key_range, value } = entry;
        let indent = emitter::indent(depth);
        let before = self.text[..key_range.start].rsplit('\n').next().unwrap_or_default();
        let Some(gap) = self.text.get(key_range.end..value.range.start) else { return };
        if before.trim_start_matches('\u{feff}') != indent || !gap.trim_start().starts_with(':') {
            return;
        }
        let written = self.key(key, key_range, form);
        let colon = key_range.end + gap.len() - gap.trim_start().len() + 1;
        let (below, lead) = (form.below(key), format!("{indent}{written}:"));
        let plain = gap.trim() == ":" && !self.is_empty(value) && !self.is_remarked(value, next, depth + 1);
        if let Some(node) = plain.then(|| self.whole(value, below)).flatten() {
            let mut out = String::new();
            node.write(depth + 1, &lead, &mut out);
            return self.put(key_range.start..value.end(), out[indent.len()..].trim_end_matches('\n'));
        }
        match &value.shape {
            _ if self.is_empty(value) => self.edits.replace(key_range.start..colon, format!("{written}:")),
            Shape::Map(CollectionStyle::Block, entries) => {
                self.edits.replace(key_range.start..colon, format!("{written}:"));
                self.entries(entries, next, (below, depth + 1));
            }
            Shape::List(CollectionStyle::Block, items) => {
                self.edits.replace(key_range.start..colon, format!("{written}:"));
                items.iter().for_each(|item| self.item(item, below.item(), depth + 1));
            }
            _ if gap.trim() != ":" => {}
            Shape::Map(CollectionStyle::Flow, _) | Shape::List(CollectionStyle::Flow, _) => {
                if let Some(lines) = self.lines(value, below, depth + 1) {
                    self.put(
                        key_range.start..value.range.end,
                        &format!("{written}:\n{}", lines.trim_end_matches('\n')),
                    );
                }
            }
            _ if gap.contains('\n') => {}
            _ => self.edits.replace(key_range.start..value.range.start, format!("{written}: ")),
        }
    }

    /// Rewrites an item of a list that stands on a line of its own.
    fn item(&mut self, item: &OutlineNode, form: Form, depth: usize) {
        let line = self.text[..item.range.start].rfind('\n').map_or(0, |at| at + 1);
        let lead = self.text[line..item.range.start].trim_end();
        let next = self.text[item.end()..].find('\n').map_or(self.text.len(), |at| item.end() + at);
        let expected = format!("{}-", emitter::indent(depth));
        if lead != expected || self.is_empty(item) || self.is_remarked(item, next, depth + 1) {
            return;
        }
        if let Shape::Map(CollectionStyle::Block, entries) = &item.shape {
            // The first key stands behind the dash.
            return self.entries(entries.get(1..).unwrap_or_default(), next, (form, depth + 1));
        }
        if let Some(node) = self.whole(item, form) {
            let mut out = String::new();
            node.write(depth + 1, &expected, &mut out);
            self.put(line..item.end(), out.trim_end_matches('\n'));
        }
    }

    /// Replaces a value and, where it gets lines of its own, moves the remark behind it to the first one. In the configuration
    /// remarks keep their column.
    fn put(&mut self, range: Range<usize>, new: &str) {
        // A block ends with its last line, and others before.
        if self.text[range.clone()].ends_with('\n') {
            return self.edits.replace(range, format!("{new}\n"));
        }
        let remark = self.remark_behind(range.end);
        match (remark, new.split_once('\n')) {
            (Some(remark), Some((first, rest))) if first.ends_with(':') || is_block_header(first) => {
                let comment = self.text[remark.clone()].trim_end();
                self.edits.replace(range.start..remark.start + comment.len(), format!("{first}  {comment}\n{rest}"));
            }
            (Some(remark), None) if self.wording == Wording::Kept => {
                let (old, gap) = (&self.text[range.clone()], remark.start - range.end);
                let gap = (old.chars().count() + gap).saturating_sub(new.chars().count()).max(2);
                self.edits.replace(range.start..remark.start, format!("{new}{}", " ".repeat(gap)));
            }
            _ => self.edits.replace(range, new.to_owned()),
        }
    }

    fn remark_behind(&self, end: usize) -> Option<Range<usize>> {
        let blanks = self.text[end..].len() - self.text[end..].trim_start_matches([' ', '\t']).len();
        self.outline.comments_in(end + blanks..end + blanks + 1).first().cloned()
    }

    /// Tells whether a comment stands in a value, or at it.
    fn is_remarked(&self, value: &OutlineNode, next: usize, depth: usize) -> bool {
        let block =
            matches!(&value.shape, Shape::Map(CollectionStyle::Block, _) | Shape::List(CollectionStyle::Block, _));
        let column =
            |comment: &Range<usize>| comment.start - self.text[..comment.start].rfind('\n').map_or(0, |at| at + 1);
        let begin = if block { self.text[..value.range.start].trim_end().len() } else { value.range.start };
        let inside = !self.outline.comments_in(begin..value.end()).is_empty();
        let below = value.end()..next.max(self.end_of_lines(value.end()));
        let deeper = |comment: &Range<usize>| column(comment) >= depth * emitter::STEP;
        inside || (block && self.outline.comments_in(below).iter().any(deeper))
    }

    /// Gives where the comments and blank lines end that follow a value.
    fn end_of_lines(&self, end: usize) -> usize {
        let mut at = end;
        for line in self.text[end..].split_inclusive('\n') {
            let content = line.trim_start();
            if at > end && !content.is_empty() && !content.starts_with('#') {
                break;
            }
            at += line.len();
        }
        at
    }

    /// Writes a flow collection a line for each, with the comments in it.
    fn lines(&self, node: &OutlineNode, form: Form, depth: usize) -> Option<String> {
        let mut parts: Vec<(KeyOrder<'_>, Remarked)> = match &node.shape {
            Shape::Map(_, entries) => entries
                .iter()
                .map(|entry| {
                    let mut lines = String::new();
                    emitter::write_entries(&[self.pair(entry, form)?], depth, &mut lines);
                    Some((form.order(&entry.key), Remarked::new(entry.key_range.start..entry.value.end(), lines)))
                })
                .collect::<Option<_>>()?,
            Shape::List(_, items) => items
                .iter()
                .map(|item| {
                    let mut lines = String::new();
                    self.whole(item, form.item())?.write(
                        depth + 1,
                        &format!("{}-", emitter::indent(depth)),
                        &mut lines,
                    );
                    Some((KeyOrder::default(), Remarked::new(item.range.start..item.end(), lines)))
                })
                .collect::<Option<_>>()?,
            _ => return None,
        };
        let comments = self.outline.comments_in(node.range.clone()).iter().cloned();
        let tail = place(self.text, comments, parts.iter_mut().map(|(_, part)| part).collect());
        parts.sort_by_key(|(order, _)| *order);
        let parts = parts.into_iter().map(|(_, part)| part.write(depth));
        let tail = tail.into_iter().map(|comment| format!("{}{comment}\n", emitter::indent(depth)));
        Some(parts.chain(tail).collect()).filter(|lines: &String| !lines.is_empty())
    }

    fn key(&self, key: &str, range: &Range<usize>, form: Form) -> String {
        match self.wording {
            Wording::Kept => self.text[range.clone()].to_owned(),
            Wording::Canonical if form.is_json() => emitter::string(key),
            Wording::Canonical => emitter::known_key(key),
        }
    }

    fn pair(&self, entry: &OutlineEntry, form: Form) -> Option<YamlEntry> {
        let OutlineEntry { key, key_range, value } = entry;
        let source = &self.text[key_range.clone()];
        let is_text = !key.is_empty() || matches!(source, "\"\"" | "''");
        is_text.then_some(())?;
        Some((self.key(key, key_range, form), self.whole(value, form.below(key))?))
    }

    /// Gives a value as it is to be written; `None` if it holds what has to stay as it is.
    fn whole(&self, node: &OutlineNode, form: Form) -> Option<YamlNode> {
        let kept = self.wording == Wording::Kept;
        match &node.shape {
            Shape::Scalar { text, style } => self.scalar(text, *style, &self.text[node.range.clone()], form),
            Shape::Map(CollectionStyle::Block, _) | Shape::List(CollectionStyle::Block, _) if kept => None,
            Shape::Alias => None,
            Shape::List(_, items) => {
                let items = items.iter().map(|item| self.whole(item, form.item()));
                items.collect::<Option<_>>().map(YamlNode::List)
            }
            Shape::Map(_, entries) => {
                let mut sorted: Vec<&OutlineEntry> = entries.iter().collect();
                sorted.sort_by(|one, other| form.order(&one.key).cmp(&form.order(&other.key)));
                let pairs = sorted.into_iter().map(|entry| self.pair(entry, form)).collect::<Option<_>>()?;
                Some(if !kept && form.has_entries() { YamlNode::Block(pairs) } else { YamlNode::Flow(pairs) })
            }
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, source: &str, form: Form) -> Option<YamlNode> {
        let written = || (!source.is_empty() && !source.contains('\n')).then(|| YamlNode::plain(source));
        let is_text = match style {
            // What a block shows as nothing else can stays one, and so does what somebody has folded.
            ScalarStyle::Literal if emitter::is_line_or_block(text) => true,
            ScalarStyle::Literal | ScalarStyle::Folded => return None,
            ScalarStyle::Plain => {
                let scalar = Scalar { text: text.into(), style: ScalarForm::Plain };
                // What other programs read as true or false is warned of, and quotes would hide it.
                let is_warned_of = form.is_json() && emitter::boolean_word(text).is_some();
                scalar.value() == ScalarValue::Text && !is_warned_of
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => true,
        };
        match self.wording {
            Wording::Canonical if is_text && form.is_json() => Some(YamlNode::Text(text.to_owned())),
            Wording::Canonical if is_text => Some(YamlNode::Phrase(text.to_owned())),
            Wording::Canonical | Wording::Kept => written(),
        }
    }

    /// Tells whether nothing is written: the parser gives that a place of no use.
    fn is_empty(&self, node: &OutlineNode) -> bool {
        let Shape::Scalar { text, style: ScalarStyle::Plain } = &node.shape else { return false };
        text.is_empty() || self.text.get(node.range.clone()).is_none_or(str::is_empty)
    }
}

fn is_block_header(line: &str) -> bool {
    [" |", " |-", " |2", " |2-"].iter().any(|header| line.ends_with(header))
}

impl TextEdits<'_> {
    fn replace(&mut self, range: Range<usize>, new: String) {
        if self.text[range.clone()] != new {
            self.made.push((range, new));
        }
    }

    /// Puts two blanks before each comment of a document that stands behind something.
    fn space_comments(&mut self, outline: &Outline, document: Range<usize>) {
        for comment in outline.comments_in(document) {
            let before = &self.text[..comment.start];
            let content = before.trim_end_matches([' ', '\t']);
            let line = content.rsplit('\n').next().unwrap_or_default();
            let alone = line.chars().all(|one| one == '-' || one == ' ' || one == '\u{feff}') && line.trim() != "---";
            if !alone {
                self.replace(content.len()..comment.start, "  ".to_owned());
            }
        }
    }

    /// Makes the edits; one within another is dropped.
    fn apply(mut self) -> String {
        self.made.sort_by_key(|(range, _)| range.start);
        let windows = self.text.contains("\r\n");
        let (mut out, mut at) = (String::with_capacity(self.text.len()), 0);
        for (range, new) in self.made.iter().filter(|(range, _)| !range.is_empty()) {
            if range.start < at {
                continue;
            }
            out.push_str(&self.text[at..range.start]);
            out.push_str(&if windows { new.replace('\n', "\r\n") } else { new.clone() });
            at = range.end;
        }
        out + &self.text[at..]
    }
}
