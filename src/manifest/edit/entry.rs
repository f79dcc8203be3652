//! One entry of a mapping: replaced, added or removed where it stands.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::flow_line::flow_line_after;
use super::meaning::Value;
use super::outline::{CollectionStyle, Outline, OutlineEntry, OutlineNode, Shape};
use crate::emitter::{STEP, YamlNode, string};
use crate::manifest::keys::{Form, form_of_kind};

/// Why a value cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotWritten {
    #[error("no document of the file is to be found where it was")]
    Document,
    /// No line of the document says it.
    #[error("an alias or a merge key (`<<`) gives it, so that there is no line to remove")]
    Merged,
    #[error("its lines are laid out in a way that cannot be edited safely")]
    Layout,
}

/// Makes one document say something else at a path.
pub(super) fn edit(
    text: &str,
    path: &[String],
    before: Option<&Value>,
    after: Option<&Value>,
) -> Result<String, NotWritten> {
    let outline = Outline::of(text).ok_or(NotWritten::Layout)?;
    let root = &outline.documents.first().ok_or(NotWritten::Document)?.root;
    let kind = root.get("kind").ok_or(NotWritten::Layout)?;
    let json = text[kind.key_range.clone()].starts_with('"');
    let document = DocumentText { text, json, comments: &outline.comments };
    let (mut node, mut form) = (root, form_of_kind(kind.value.text().unwrap_or_default()));
    let mut parent: Option<&OutlineEntry> = None;
    for (index, key) in path.iter().enumerate() {
        let rest = &path[index + 1..];
        match (&node.shape, node.get(key)) {
            (Shape::Map(style, _), Some(entry)) if rest.is_empty() => {
                return match after {
                    Some(after) => document.replace((entry, *style), (before, after), form.below(key)),
                    None => document.remove((node, *style), entry, parent),
                };
            }
            (Shape::Map(..), Some(entry)) => {
                (parent, form, node) = (Some(entry), form.below(key), &entry.value);
            }
            (Shape::Map(style, entries), None) => {
                let value = nested(rest, after.ok_or(NotWritten::Merged)?);
                return document.insert((node, *style), entries, (key, &value, parent), form);
            }
            (Shape::Alias, _) => {
                let value = nested(rest, after.ok_or(NotWritten::Merged)?);
                let alias = &text[node.range.clone()];
                let pair = document.pair(key, &value, form.below(key));
                return Ok(document.splice(node.range.clone(), &format!("{{<<: {}, {pair}}}", alias.trim_end())));
            }
            (Shape::Scalar { .. } | Shape::List(..), _) => return Err(NotWritten::Layout),
        }
    }
    Err(NotWritten::Layout)
}

/// Puts a value below keys that are not there yet.
fn nested(path: &[String], value: &Value) -> Value {
    path.iter().rev().fold(value.clone(), |value, key| Value::Map(vec![(key.clone(), value)]))
}

/// Gives where the line ends that holds the last character before a place; its line break belongs to it.
pub(super) fn end_of_line(text: &str, end: usize) -> usize {
    let last = end.saturating_sub(1).min(text.len());
    text.get(last..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| last + at + 1)
}

/// The text of one document.
struct DocumentText<'t> {
    text: &'t str,
    comments: &'t [Range<usize>],
    /// Whether it is JSON.
    json: bool,
}

impl DocumentText<'_> {
    fn splice(&self, range: Range<usize>, insert: &str) -> String {
        format!("{}{insert}{}", &self.text[..range.start], &self.text[range.end..])
    }

    fn ending(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |line| line + 1)
    }

    /// Gives the column of what stands first in its line.
    fn column(&self, at: usize) -> Result<usize, NotWritten> {
        let before = self.text[self.line_start(at)..at].trim_start_matches('\u{feff}');
        if before.bytes().all(|byte| byte == b' ') { Ok(before.len()) } else { Err(NotWritten::Layout) }
    }

    /// Gives the place behind the colon of a key.
    fn behind_colon(&self, entry: &OutlineEntry) -> Result<usize, NotWritten> {
        let rest = self.text.get(entry.key_range.end..).ok_or(NotWritten::Layout)?;
        let colon = rest.find(':').filter(|colon| rest[..*colon].trim().is_empty()).ok_or(NotWritten::Layout)?;
        Ok(entry.key_range.end + colon + 1)
    }

    /// Gives the comment of the first line of what is replaced: it is about the key, whatever its value is.
    fn remark(&self, replaced: &Range<usize>) -> String {
        let line = replaced.start..end_of_line(self.text, replaced.start + 1).min(replaced.end);
        let first = self.comments.iter().find(|comment| line.contains(&comment.start));
        first.map(|comment| format!("  {}", self.text[comment.clone()].trim_end())).unwrap_or_default()
    }

    /// Gives a line break, and the blanks with which the line of a place begins.
    fn line_break(&self, at: usize) -> String {
        let line = &self.text[self.line_start(at)..at];
        let column = line.len() - line.trim_start_matches(' ').len();
        format!("{}{}", self.ending(), " ".repeat(column))
    }

    fn node(&self, value: &Value, form: Form) -> YamlNode {
        match value {
            Value::Text(text) if self.json || form.is_json() => YamlNode::Text(text.clone()),
            Value::Text(text) => YamlNode::Phrase(text.clone()),
            Value::Word(word) => YamlNode::Plain(word.clone()),
            Value::List(items) => YamlNode::List(items.iter().map(|item| self.node(item, form)).collect()),
            Value::Map(pairs) => {
                let pair = |(key, value): &(String, Value)| (self.key(key, form), self.node(value, form.below(key)));
                YamlNode::Flow(pairs.iter().map(pair).collect())
            }
        }
    }

    /// Writes a key: those of icsync's own are words, those of policies and settings always stand in quotes.
    fn key(&self, key: &str, form: Form) -> String {
        if self.json || form.is_json() { string(key) } else { crate::emitter::known_key(key) }
    }

    fn pair(&self, key: &str, value: &Value, form: Form) -> String {
        let above = if form.is_json() && !matches!(value, Value::Map(_)) { form } else { Form::Anything };
        let key = if key.contains(':') { string(key) } else { self.key(key, above) };
        format!("{key}: {}", self.node(value, form).one_line())
    }

    /// Writes a value on one line, in the quotes that the old one had.
    fn one_line(&self, value: &Value, old: &OutlineNode, form: Form) -> String {
        let (Value::Text(text), Shape::Scalar { text: written, style }) = (value, &old.shape) else {
            return self.node(value, form).one_line();
        };
        match style {
            ScalarStyle::SingleQuoted if !string(text).contains('\\') || !text.contains(['\\', '"']) => {
                let hidden = string(text).len() != text.len() + 2;
                if hidden { string(text) } else { format!("'{}'", text.replace('\'', "''")) }
            }
            ScalarStyle::Plain if YamlNode::Phrase(written.clone()).one_line() == *written => {
                YamlNode::Phrase(text.clone()).one_line()
            }
            ScalarStyle::DoubleQuoted => string(text),
            _ => self.node(value, form).one_line(),
        }
    }

    fn replace(
        &self,
        (entry, style): (&OutlineEntry, CollectionStyle),
        (before, after): (Option<&Value>, &Value),
        form: Form,
    ) -> Result<String, NotWritten> {
        let old = &entry.value;
        if style == CollectionStyle::Flow {
            let remark = self.remark(&old.range);
            let end = if remark.is_empty() { String::new() } else { self.line_break(old.range.end) };
            return Ok(self.splice(old.range.clone(), &format!("{}{remark}{end}", self.one_line(after, old, form))));
        }
        match (&old.shape, before, after) {
            (Shape::List(CollectionStyle::Block, items), Some(Value::List(was)), Value::List(is)) if !is.is_empty() => {
                self.replace_items(items, (was, is), form)
            }
            (Shape::List(CollectionStyle::Block, _) | Shape::Map(CollectionStyle::Block, _), ..) => {
                let begin = self.behind_colon(entry)?;
                let end = begin + self.text[begin..old.end()].trim_end().len();
                let remark = self.remark(&(begin..end));
                Ok(self.splice(begin..end, &format!(" {}{remark}", self.node(after, form).one_line())))
            }
            (Shape::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. }, ..) => {
                self.replace_block(entry, after, form)
            }
            _ if self.wants_lines(old, after, form) => self.replace_line(entry, after, form),
            _ => {
                let remark = self.remark(&old.range);
                Ok(self.splice(old.range.clone(), &format!("{}{remark}", self.one_line(after, old, form))))
            }
        }
    }

    /// Tells whether a text is written as a block: it has several lines, and nothing stands behind the old value.
    fn wants_lines(&self, old: &OutlineNode, after: &Value, form: Form) -> bool {
        let rest = &self.text[old.range.end..end_of_line(self.text, old.range.end.max(1))];
        let is_alone = !self.text[old.range.clone()].contains('\n') && rest.trim().is_empty();
        is_alone && self.node(after, form).wants_lines()
    }

    fn replace_line(&self, entry: &OutlineEntry, after: &Value, form: Form) -> Result<String, NotWritten> {
        let lines = self.lines(entry, after, form)?;
        let start = self.line_start(entry.key_range.start);
        Ok(self.splice(start..end_of_line(self.text, entry.value.range.end), &lines))
    }

    /// Replaces a block of text. Its lines keep their indentation.
    fn replace_block(&self, entry: &OutlineEntry, after: &Value, form: Form) -> Result<String, NotWritten> {
        let node = self.node(after, form);
        let range = entry.value.range.clone();
        let remark = self.remark(&range);
        if !node.wants_lines() {
            let ending = if self.text[range.clone()].ends_with('\n') { self.ending() } else { "" };
            return Ok(self.splice(range, &format!("{}{remark}{ending}", node.one_line())));
        }
        let lines = self.lines(entry, after, form)?;
        let lines = Self::indented_as(&self.text[range.clone()], &lines);
        let header = lines.find(['\r', '\n']).unwrap_or(lines.len());
        let start = self.line_start(entry.key_range.start);
        Ok(self.splice(start..range.end, &format!("{}{remark}{}", &lines[..header], &lines[header..])))
    }

    /// Indents the lines of a block below its first line as those of the old one are.
    fn indented_as(old: &str, lines: &str) -> String {
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let first = |text: &str| text.lines().skip(1).find(|line| !line.trim().is_empty()).map(blanks);
        let header = lines.lines().next().unwrap_or_default();
        let (Some(was), Some(is)) = (first(old), first(lines)) else { return lines.to_owned() };
        if was == is || header.ends_with(|last: char| last.is_ascii_digit()) || header.ends_with("2-") {
            return lines.to_owned();
        }
        let line = |(number, line): (usize, &str)| {
            if number == 0 || blanks(line) < is {
                line.to_owned()
            } else {
                format!("{}{}", " ".repeat(was), &line[is..])
            }
        };
        lines.split_inclusive('\n').enumerate().map(line).collect()
    }

    /// Writes the lines of an entry, from the beginning of its own.
    fn lines(&self, entry: &OutlineEntry, value: &Value, form: Form) -> Result<String, NotWritten> {
        let column = self.column(entry.key_range.start)?;
        let lead = &self.text[self.line_start(entry.key_range.start)..self.behind_colon(entry)?];
        let mut lines = String::new();
        self.node(value, form).write(column / STEP + 1, lead, &mut lines);
        Ok(lines.replace('\n', self.ending()))
    }

    /// Replaces what differs between the first and the last items that stay.
    fn replace_items(
        &self,
        items: &[OutlineNode],
        (was, is): (&[Value], &[Value]),
        form: Form,
    ) -> Result<String, NotWritten> {
        if items.len() != was.len() {
            return Err(NotWritten::Layout);
        }
        let first = was.iter().zip(is).take_while(|(was, is)| was == is).count();
        let most = was.len().min(is.len()) - first;
        let last = was.iter().rev().zip(is.iter().rev()).take_while(|(was, is)| was == is).count().min(most);
        let start = |item: &OutlineNode| {
            let line = self.line_start(item.range.start);
            let dash = self.text[line..].trim_start_matches(' ').starts_with('-');
            if dash { Ok(line) } else { Err(NotWritten::Layout) }
        };
        let behind = |item: &OutlineNode| end_of_line(self.text, item.end());
        let begin = if first < items.len() { start(&items[first])? } else { behind(&items[first - 1]) };
        let end = if first + last < items.len() { behind(&items[items.len() - last - 1]) } else { begin };
        let line = start(items.first().ok_or(NotWritten::Layout)?)?;
        let column = self.text[line..].len() - self.text[line..].trim_start_matches(' ').len();
        let mut lines = String::new();
        for item in &is[first..is.len() - last] {
            self.node(item, form).write(column / STEP + 1, &format!("{}-", " ".repeat(column)), &mut lines);
        }
        Ok(self.put_lines(begin..end, &lines))
    }

    /// Puts whole lines into the text, whose last line may lack its line break.
    fn put_lines(&self, range: Range<usize>, lines: &str) -> String {
        let lines = lines.replace('\n', self.ending());
        let open = range.start == self.text.len() && !self.text.is_empty() && !self.text.ends_with('\n');
        let lead = if open { self.ending() } else { "" };
        self.splice(range, &format!("{lead}{lines}"))
    }

    fn insert(
        &self,
        (node, style): (&OutlineNode, CollectionStyle),
        entries: &[OutlineEntry],
        (key, value, parent): (&str, &Value, Option<&OutlineEntry>),
        form: Form,
    ) -> Result<String, NotWritten> {
        let below = form.below(key);
        let written = self.key(key, form);
        let previous = previous(entries, key, form);
        if style == CollectionStyle::Flow {
            let pair = format!("{written}: {}", self.node(value, below).one_line());
            return Ok(match (previous, entries.first()) {
                (_, None) => self.splice(node.range.clone(), &format!("{{{pair}}}")),
                (Some(previous), _) => {
                    let end = previous.value.range.end;
                    let line = flow_line_after(previous, self.text, &pair);
                    let (range, insert) = line.unwrap_or_else(|| (end..end, format!(", {pair}")));
                    self.splice(range, &insert)
                }
                (None, Some(first)) => {
                    let start = first.key_range.start;
                    self.splice(start..start, &format!("{pair}, "))
                }
            });
        }
        let first = entries.first().ok_or(NotWritten::Layout)?;
        let column = self.column(first.key_range.start)?;
        let place = match (previous, parent) {
            (Some(previous), _) => end_of_line(self.text, previous.value.end().max(previous.key_range.end)),
            (None, Some(parent)) => end_of_line(self.text, self.behind_colon(parent)?),
            (None, None) => self.line_start(first.key_range.start),
        };
        let mut lines = String::new();
        self.node(value, below).write(column / STEP + 1, &format!("{}{written}:", " ".repeat(column)), &mut lines);
        Ok(self.put_lines(place..place, &lines))
    }

    fn remove(
        &self,
        (node, style): (&OutlineNode, CollectionStyle),
        entry: &OutlineEntry,
        parent: Option<&OutlineEntry>,
    ) -> Result<String, NotWritten> {
        let entries = node.entries();
        let index = entries.iter().position(|one| one.key_range == entry.key_range).ok_or(NotWritten::Layout)?;
        if style == CollectionStyle::Flow {
            return Ok(match (index.checked_sub(1).map(|before| &entries[before]), entries.get(index + 1)) {
                (None, None) => self.splice(node.range.clone(), "{}"),
                (_, Some(next)) => self.splice(entry.key_range.start..next.key_range.start, ""),
                (Some(previous), None) => self.remove_last(previous, entry),
            });
        }
        self.column(entry.key_range.start)?;
        let lines =
            self.line_start(entry.key_range.start)..end_of_line(self.text, entry.value.end().max(entry.key_range.end));
        if entries.len() > 1 {
            return Ok(self.splice(lines, ""));
        }
        let colon = self.behind_colon(parent.ok_or(NotWritten::Layout)?)?;
        Ok(format!("{} {{}}{}{}", &self.text[..colon], &self.text[colon..lines.start], &self.text[lines.end..]))
    }

    /// Removes the last entry of a flow mapping, and no comment that stands before it.
    fn remove_last(&self, previous: &OutlineEntry, entry: &OutlineEntry) -> String {
        let end = entry.value.range.end;
        if !self.text[previous.value.range.end..entry.key_range.start].contains('#') {
            return self.splice(previous.value.range.end..end, "");
        }
        let rest = &self.text[end..];
        let comma = rest.len() - rest.trim_start_matches([' ', ',']).len();
        self.splice(self.line_start(entry.key_range.start)..end_of_line(self.text, end + comma), "")
    }
}

/// Finds the entry behind which a key belongs: the last that comes before it in their order, if they are in order.
fn previous<'e>(entries: &'e [OutlineEntry], key: &str, form: Form) -> Option<&'e OutlineEntry> {
    let own = || entries.iter().filter(|entry| entry.key != "<<");
    if own().map(|entry| form.order(&entry.key)).is_sorted() {
        let before = own().rfind(|entry| form.order(&entry.key) <= form.order(key));
        return before.or_else(|| entries.iter().take_while(|entry| entry.key == "<<").last());
    }
    entries.last()
}
