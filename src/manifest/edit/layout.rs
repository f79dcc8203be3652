//! The lines of a file: the order of keys that stand on lines of their own, indentation, blank lines, ends of lines.

use std::ops::Range;

use super::outline::{CollectionStyle, Order, Outline, OutlineDocument, OutlineEntry, OutlineNode, Shape};
use crate::manifest::keys::{Form, form_of_kind};

/// How many columns a level is indented.
const STEP: usize = 2;

/// What a comment moves by that does not stand right above its line.
const NONE: isize = isize::MIN;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Blank,
    Comment,
    Content,
    /// It continues a scalar: nothing in it may change but its indentation.
    Inside,
    /// `---`, `...` or a directive.
    Marker,
}

struct LayoutLine<'t> {
    kind: LineKind,
    text: &'t str,
    start: usize,
    /// Where its first character stands, dashes of lists aside.
    column: usize,
    /// Where its first character stands, a dash included: what comments before it line up with.
    indent: usize,
    /// Where it will stand, relative to that.
    shift: isize,
    /// How far comments move that stand before it.
    lead: isize,
    /// Where dashes of lists will stand before it.
    dashes: Vec<usize>,
    /// Whether a blank line after it would be content: it ends a text that keeps all its lines.
    is_open: bool,
}

/// Lays out a file; keys of a document change places if it and the `order` that is asked for allow that.
pub(super) fn lay_out(text: &str, outline: &Outline, order: Order) -> String {
    let mut layout = DocumentLayout { lines: lines(text, outline), allowed: order };
    let (mut order, mut begin) = (Vec::with_capacity(layout.lines.len()), 0);
    for (index, document) in outline.documents.iter().enumerate() {
        let next = outline.documents.get(index + 1).map(|next| layout.line_at(next.root.range.start));
        let end = layout.end_of_document(layout.line_at(document.root.range.start), next);
        if end < begin {
            continue;
        }
        let head = layout.begin_of_document(begin, layout.line_at(document.root.range.start));
        order.extend(begin..head);
        order.extend(layout.document(document, head..end));
        begin = end;
    }
    order.extend(begin..layout.lines.len());
    layout.shift_comments();
    layout.write(&order, if text.contains("\r\n") { "\r\n" } else { "\n" })
}

fn lines<'t>(whole: &'t str, outline: &Outline) -> Vec<LayoutLine<'t>> {
    let (mut lines, mut start) = (Vec::new(), 0);
    let mut long = outline.long.iter().peekable();
    for text in whole.split_inclusive('\n') {
        let end = start + text.len();
        while long.peek().is_some_and(|scalar| scalar.end <= start) {
            long.next();
        }
        let inside = long.peek().is_some_and(|scalar| scalar.start < start);
        // Inside a scalar a tab is content.
        let trimmed = if inside { text.trim_start_matches(' ') } else { text.trim_start_matches([' ', '\t']) };
        let kind = match trimmed.trim_end() {
            _ if inside => LineKind::Inside,
            "" => LineKind::Blank,
            rest if rest.starts_with('#') => LineKind::Comment,
            _ if is_marker(text) => LineKind::Marker,
            _ => LineKind::Content,
        };
        let column = text.len() - trimmed.len();
        let is_open =
            inside && long.peek().is_some_and(|scalar| scalar.end <= end && keeps_lines(&whole[(*scalar).clone()]));
        let (indent, dashes) = (column, Vec::new());
        lines.push(LayoutLine { kind, text, start, column, indent, shift: 0, lead: 0, dashes, is_open });
        start = end;
    }
    lines
}

/// Tells whether blank lines at the end of a text are content, as its header says (`|+` or `>2+`).
fn keeps_lines(scalar: &str) -> bool {
    let header = scalar.split_whitespace().next().unwrap_or_default();
    header.starts_with(['|', '>']) && header.contains('+')
}

fn is_marker(line: &str) -> bool {
    line.starts_with('%')
        || ["---", "..."].iter().any(|marker| {
            line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        })
}

struct DocumentLayout<'t> {
    lines: Vec<LayoutLine<'t>>,
    /// Whether keys may change places at all.
    allowed: Order,
}

impl DocumentLayout<'_> {
    fn line_at(&self, byte: usize) -> usize {
        self.lines.partition_point(|line| line.start <= byte).saturating_sub(1)
    }

    fn first_content(&self, mut range: Range<usize>) -> Option<usize> {
        range.find(|line| self.lines[*line].kind == LineKind::Content)
    }

    /// Gives the first line of a document after its marker, and after the lines of the one before it.
    fn begin_of_document(&self, from: usize, root: usize) -> usize {
        let marker = (from..root).rev().find(|line| self.lines[*line].kind == LineKind::Marker);
        marker.map_or(from, |line| line + 1)
    }

    fn end_of_document(&self, root: usize, next: Option<usize>) -> usize {
        let most = next.unwrap_or(self.lines.len());
        (root + 1..most).find(|line| self.lines[*line].kind == LineKind::Marker).unwrap_or(most)
    }

    fn document(&mut self, document: &OutlineDocument, range: Range<usize>) -> Vec<usize> {
        let OutlineDocument { root, order } = document;
        let kind = root.get("kind").and_then(|entry| entry.value.text()).unwrap_or_default();
        let form = match self.allowed.and(*order) {
            Order::Free => form_of_kind(kind),
            Order::Kept => Form::Anything,
        };
        self.node(root, range, 0, form)
    }

    /// Gives the lines of a value in their new order.
    fn node(&mut self, node: &OutlineNode, range: Range<usize>, target: usize, form: Form) -> Vec<usize> {
        let done = match &node.shape {
            Shape::Map(CollectionStyle::Block, entries) => self.map(entries, range.clone(), target, form),
            Shape::List(CollectionStyle::Block, items) => self.list(items, range.clone(), target, form),
            _ => None,
        };
        done.unwrap_or_else(|| range.collect())
    }

    fn map(&mut self, entries: &[OutlineEntry], range: Range<usize>, target: usize, form: Form) -> Option<Vec<usize>> {
        let firsts: Vec<usize> = entries.iter().map(|entry| self.line_at(entry.key_range.start)).collect();
        let column = self.column_of(entries.first()?)?;
        let on_own_line = |(entry, line): (&OutlineEntry, &usize)| {
            range.contains(line) && self.lines[*line].kind == LineKind::Content && self.column_of(entry) == Some(column)
        };
        if !entries.iter().zip(&firsts).all(on_own_line) || !firsts.is_sorted_by(|one, next| one < next) {
            return None;
        }
        let mut begins: Vec<usize> = firsts.iter().map(|line| self.lead(*line, range.start, column)).collect();
        if target == 0 {
            begins[0] = self.after_head(begins[0]..firsts[0]);
        }
        let tail = self.tail(range.end, *firsts.last()?, column);
        let mut chunks = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let end = begins.get(index + 1).copied().unwrap_or(tail);
            let lead: Vec<usize> = (begins[index]..firsts[index]).collect();
            chunks.push((form.order(&entry.key), index, lead, self.entry(entry, firsts[index]..end, target, form)));
        }
        chunks.sort_by_key(|(rank, index, ..)| (*rank, *index));
        let mut order: Vec<usize> = (range.start..begins[0]).collect();
        for (place, (_, _, lead, lines)) in chunks.into_iter().enumerate() {
            let blank = |line: &usize| place == 0 && self.lines[*line].kind == LineKind::Blank;
            order.extend(lead.into_iter().skip_while(blank));
            order.extend(lines);
        }
        order.extend(tail..range.end);
        Some(order)
    }

    fn column_of(&self, entry: &OutlineEntry) -> Option<usize> {
        let line = &self.lines[self.line_at(entry.key_range.start)];
        let column = entry.key_range.start - line.start;
        (line.column == column).then_some(column)
    }

    /// Gives the first line that belongs to an entry: comments and blank lines before it that are not indented deeper.
    fn lead(&self, first: usize, least: usize, column: usize) -> usize {
        let loose = |line: &usize| matches!(self.lines[*line].kind, LineKind::Blank | LineKind::Comment);
        let begin = (least..first).rev().take_while(loose).last().unwrap_or(first);
        let deeper = |line: &usize| self.lines[*line].kind == LineKind::Comment && self.lines[*line].column > column;
        (begin..first).rev().find(deeper).map_or(begin, |line| line + 1)
    }

    /// Gives the first line that belongs to the first key of a document and not to the document: comments behind a blank
    /// line that follows other comments.
    fn after_head(&self, lead: Range<usize>) -> usize {
        let blank = lead.clone().rev().find(|line| self.lines[*line].kind == LineKind::Blank);
        let head = |blank: &usize| (lead.start..*blank).any(|line| self.lines[line].kind == LineKind::Comment);
        blank.filter(head).map_or(lead.end, |blank| blank + 1)
    }

    /// Gives the first line after the last entry that does not belong to it.
    fn tail(&self, end: usize, last: usize, column: usize) -> usize {
        self.lead(end, last + 1, column)
    }

    fn entry(&mut self, entry: &OutlineEntry, range: Range<usize>, target: usize, form: Form) -> Vec<usize> {
        let first = range.start;
        let shift = difference(target, self.lines[first].column);
        self.shift(range.clone(), shift);
        let below = matches!(
            &entry.value.shape,
            Shape::Map(CollectionStyle::Block, _) | Shape::List(CollectionStyle::Block, _)
        );
        let begin = self.first_content(first + 1..range.end).filter(|_| below);
        let Some(begin) = begin else { return range.collect() };
        let begin = self.lead(begin, first + 1, self.lines[begin].column).min(begin);
        let mut order: Vec<usize> = (first..begin).collect();
        order.extend(self.node(&entry.value, begin..range.end, target + STEP, form.below(&entry.key)));
        order
    }

    fn list(&mut self, items: &[OutlineNode], range: Range<usize>, target: usize, form: Form) -> Option<Vec<usize>> {
        // The parser begins a list that is not indented at the text of its first item.
        let first = self.first_content(range.clone())?;
        let column = self.lines[first].column;
        let dashed = |line: &usize| {
            let line = &self.lines[*line];
            let rest = line.text.get(column..).and_then(|rest| rest.strip_prefix('-'));
            line.kind == LineKind::Content
                && line.column == column
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        };
        let firsts: Vec<usize> = range.clone().filter(dashed).collect();
        if firsts.len() != items.len() || firsts.first() != Some(&first) {
            return None;
        }
        let begins: Vec<usize> = firsts.iter().map(|line| self.lead(*line, range.start, column)).collect();
        let tail = self.tail(range.end, *firsts.last()?, column);
        let mut order: Vec<usize> = (range.start..first).collect();
        for (index, item) in items.iter().enumerate() {
            let end = begins.get(index + 1).copied().unwrap_or(tail);
            order.extend(self.item(item, firsts[index]..end, (column, target), form));
            order.extend(end..firsts.get(index + 1).copied().unwrap_or(tail));
        }
        order.extend(tail..range.end);
        Some(order)
    }

    fn item(
        &mut self,
        item: &OutlineNode,
        range: Range<usize>,
        (column, target): (usize, usize),
        form: Form,
    ) -> Vec<usize> {
        let first = range.start;
        self.shift(range.clone(), difference(target, column));
        let after = &self.lines[first].text[column + 1..];
        let gap = after.len() - after.trim_start_matches([' ', '\t']).len();
        let alone = after.trim().is_empty();
        let content = column + 1 + gap;
        let line = &mut self.lines[first];
        line.dashes.push(target);
        line.column = content;
        line.shift = difference(target + STEP, content);
        if alone {
            return range.collect();
        }
        let order = self.node(item, range, target + STEP, form);
        self.lines[first].lead = difference(target, column);
        // The dash goes to whichever key comes first now.
        let head = order.iter().copied().find(|line| matches!(self.lines[*line].kind, LineKind::Content));
        if let Some(head) = head.filter(|head| *head != first) {
            // An item within this one may have given them away already.
            let dashes = std::mem::take(&mut self.lines[first].dashes);
            if let Some(outermost) = dashes.first().copied() {
                self.lines[head].dashes = dashes;
                // What is said of that key now stands above the item, and must not look like the end of the one before it.
                self.lines[head].lead = difference(outermost, self.lines[head].indent);
            }
        }
        order
    }

    fn shift(&mut self, range: Range<usize>, shift: isize) {
        for line in &mut self.lines[range] {
            line.shift = shift;
            line.lead = shift;
        }
    }

    /// Moves comments with what they stand before or, if that is indented otherwise, with what they stand after.
    fn shift_comments(&mut self) {
        let mut next: Option<(usize, isize)> = None;
        for line in self.lines.iter_mut().rev() {
            match line.kind {
                LineKind::Content => next = Some((line.indent, line.lead)),
                LineKind::Comment => {
                    line.lead = next.filter(|(indent, _)| *indent == line.column).map_or(NONE, |(_, lead)| lead);
                }
                LineKind::Blank | LineKind::Inside | LineKind::Marker => {}
            }
        }
        // Of the lines so far those that a later one may stand below, each deeper than the one before.
        let mut above: Vec<(usize, isize)> = Vec::new();
        for line in &mut self.lines {
            let enclosing = above.partition_point(|(column, _)| *column <= line.column);
            match line.kind {
                LineKind::Content => {
                    above.truncate(above.partition_point(|(column, _)| *column < line.column));
                    above.push((line.column, line.shift));
                }
                LineKind::Comment if line.lead != NONE => line.shift = line.lead,
                LineKind::Comment => line.shift = enclosing.checked_sub(1).map_or(0, |last| above[last].1),
                LineKind::Blank | LineKind::Inside | LineKind::Marker => {}
            }
        }
    }

    fn write(&self, order: &[usize], ending: &str) -> String {
        let mut out = String::new();
        let (mut blank, mut last) = (true, LineKind::Blank);
        for (place, index) in order.iter().enumerate() {
            let line = &self.lines[*index];
            if line.kind == LineKind::Blank {
                if !blank {
                    out.push_str(line.ending(ending, false));
                    last = line.kind;
                }
                blank = true;
                continue;
            }
            (blank, last) = (line.is_open, line.kind);
            line.write(&mut out);
            out.push_str(line.ending(ending, place + 1 == order.len()));
        }
        // A blank line at the end is noise unless a scalar ends there.
        if last != LineKind::Inside {
            let kept = out.trim_end_matches(['\r', '\n']).len();
            let rest = out[kept..].split_inclusive('\n').next().unwrap_or_default().len();
            out.truncate(kept + rest);
        }
        out
    }
}

impl LayoutLine<'_> {
    fn body(&self) -> &str {
        self.text.trim_end_matches(['\r', '\n'])
    }

    /// Gives the line break. The last line may lack one; in a scalar that means something.
    fn ending<'a>(&'a self, otherwise: &'a str, last: bool) -> &'a str {
        match &self.text[self.body().len()..] {
            "" if last && self.kind == LineKind::Inside => "",
            "" => otherwise,
            own => own,
        }
    }

    fn write(&self, out: &mut String) {
        let text = self.body().get(self.column..).unwrap_or_default();
        let text = if self.kind == LineKind::Inside { text } else { text.trim_end() };
        let width = self.column.saturating_add_signed(self.shift);
        if self.dashes.is_empty() && !text.is_empty() {
            out.extend(std::iter::repeat_n(' ', width));
            return out.push_str(text);
        }
        let mut prefix = vec![' '; width];
        for dash in &self.dashes {
            if let Some(place) = prefix.get_mut(*dash) {
                *place = '-';
            }
        }
        let prefix: String = prefix.into_iter().collect();
        // A blank line in a scalar stays as it is: where it has spaces, they are content.
        let bare = text.is_empty() && (self.kind != LineKind::Inside || self.column == 0);
        out.push_str(if bare { prefix.trim_end() } else { &prefix });
        out.push_str(text);
    }
}

fn difference(to: usize, from: usize) -> isize {
    let signed = |number: usize| isize::try_from(number).unwrap_or(isize::MAX);
    signed(to) - signed(from)
}
