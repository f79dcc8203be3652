//! One client and its differences in columns.

use unicode_width::UnicodeWidthStr as _;

use super::super::group::{Group, names, title};
use super::super::plain;
use super::super::value::{self, Rendered};
use super::super::view::{
    DifferenceSides, IsComplaint, Mark, ReportEntry, ReportKind, ShowState, ShownDifference, ShownValue,
};
use super::super::{Grouping, Style};
use super::columns::{GAP, HeadWidths, WIDEST, cut, under};
use super::paint::{Painter, Tone};
use crate::model::Origin;
use crate::text::{bounded, columns, cut_end, cut_middle, isolated, message, within};

/// The width of a field's name together with the space behind it.
const FIELD: usize = 19;
/// What stands between an old value and a new one.
const ARROW: usize = 3;

/// How the entries of a report are written.
pub(super) struct EntryLayout {
    widths: HeadWidths,
    kind: ReportKind,
    grouping: Grouping,
    paint: Painter,
    /// The columns of the terminal, if that is where it is read.
    most: Option<usize>,
}

impl EntryLayout {
    /// Measures everything that is shown: entries and what a person should know besides, in the same columns if these fit.
    pub(super) fn both(
        entries: &[Group<'_, '_>],
        remarks: &[Group<'_, '_>],
        kind: ReportKind,
        style: Style<'_>,
    ) -> (Self, Self) {
        let Style { colour, grouping, folder: _, width: most, hosted: _ } = style;
        let measured = |groups: &[Group<'_, '_>]| HeadWidths::of(groups, grouping, most, |entry| rest(entry, grouping));
        let (one, other) = (measured(entries), measured(remarks));
        let (one, other) = HeadWidths::fitting_both(one, other, most, grouping);
        let layout = |widths| Self { widths, kind, grouping, paint: Painter(colour), most };
        (layout(one), layout(other))
    }

    /// Breaks a line that does not fit; what follows is indented by `hang`.
    pub(super) fn fit(&self, line: impl Into<String>, hang: usize) -> Vec<String> {
        let line = line.into();
        within(&line, self.most, hang)
    }

    /// Gives the spaces before what belongs to an entry.
    fn indent(&self) -> String {
        " ".repeat(self.widths.start())
    }

    pub(super) fn lines(&self, group: &Group<'_, '_>) -> Vec<String> {
        let Group { first, others, likeness: _ } = group;
        if self.grouping == Grouping::Brief {
            return group.members().flat_map(|entry| self.head(entry)).collect();
        }
        let mut lines = self.head(first);
        lines.extend(self.body(first, &lines));
        if first.mark.is_destructive() {
            // What is destroyed is never summed up.
            for other in others {
                let head = self.head(other);
                let notes = self.notes(other, &head);
                lines.extend(head.into_iter().chain(notes).chain(self.problem(other)));
            }
        } else if !others.is_empty() {
            lines.extend(self.likewise(group));
        }
        lines
    }

    fn likewise(&self, group: &Group<'_, '_>) -> Vec<String> {
        let (others, each) = (&group.others, group.each());
        if group.first.complaint == IsComplaint::Yes {
            let places = if others.len() == 1 { "place" } else { "places" };
            let line = format!("   = {} at {} more {places}: {}", title(group.first), others.len(), names(others));
            return self.fit(line, 5);
        }
        let clients = if others.len() == 1 { "client" } else { "clients" };
        let hint = if others.len() > 4 { "   (--full lists them)" } else { "" };
        let indent = self.indent().len() - 2;
        let line = format!(
            "{}= the same {} on {} more {clients}{each}: {}{}",
            " ".repeat(indent),
            self.kind.shared(),
            others.len(),
            names(others),
            self.paint.text(Tone::Faint, hint)
        );
        self.fit(line, indent + 2)
    }

    /// Writes what an entry is of: on one line where there is room for it.
    pub(super) fn head(&self, entry: &ReportEntry<'_>) -> Vec<String> {
        let HeadWidths { number, name, place, people, state, rest: _, below, distinct } = self.widths;
        let before = match (number, entry.number) {
            (0, _) => String::new(),
            (width, Some(number)) => format!(" {number:>width$}"),
            (width, None) => " ".repeat(width + 1),
        };
        let symbol = self.paint.text(entry.hue.into(), entry.mark.symbol());
        let whole = title(entry);
        let title = cut(whole.clone(), name, self.most);
        let mut line = HeadLine::begin(
            format!("{before} {symbol} {}", self.paint.text(Tone::Strong, &title)),
            name.saturating_sub(title.width()),
        );
        line.push(Tone::Plain, &cut(entry.whereabouts().into_owned(), place, self.most), place, self.paint);
        let word = if entry.show_state == ShowState::Yes { entry.state } else { "" };
        let people = (Tone::Plain, cut(entry.people(), people, self.most), people);
        let state = (entry.hue.into(), word.to_owned(), state);
        let rest = (Tone::Faint, self.rest(entry, &line, [&people, &state]), 0);
        let cells = [people, state, rest];
        let mut next = Vec::new();
        for ((tone, text, width), under) in cells.into_iter().zip(under(below, self.grouping)) {
            if under {
                next.extend((!text.is_empty()).then(|| self.paint.text(tone, &text)));
            } else {
                line.push(tone, &text, width, self.paint);
            }
        }
        let mut lines = vec![line.end()];
        if title != whole && name < distinct {
            // Another one may be cut to the same text.
            lines.extend(self.fit(format!("{}{whole}", self.indent()), self.indent().len()));
        }
        if !next.is_empty() && self.grouping != Grouping::Brief {
            lines.extend(self.fit(format!("{}{}", self.indent(), next.join("   ")), self.indent().len()));
        }
        lines
    }

    /// Gives the end of a head: where the definition stands, and of what is destroyed who changed it last.
    fn rest(&self, entry: &ReportEntry<'_>, line: &HeadLine, between: [&(Tone, String, usize); 2]) -> String {
        let text = rest(entry, self.grouping);
        let said = Some(text.clone()).filter(|text| !text.is_empty());
        let all = said.into_iter().chain(self.who(entry)).collect::<Vec<_>>().join(" · ");
        let Some(most) = self.most.filter(|_| !under(self.widths.below, self.grouping)[2]) else { return all };
        let taken = between.iter().filter(|(_, text, width)| *width > 0 || !text.is_empty());
        let taken: usize = taken.map(|(_, text, width)| GAP + text.width().max(*width)).sum();
        let room = most.saturating_sub(line.width() + taken + GAP);
        match (entry.problem.is_some() && self.grouping == Grouping::Brief, all.width() <= room) {
            (_, true) => all,
            (true, false) => cut_end(&text, room).into_owned(),
            (false, false) => cut_middle(&text, room).into_owned(),
        }
    }

    /// Says who changed last what is destroyed.
    fn who(&self, entry: &ReportEntry<'_>) -> Option<String> {
        let told = entry.is_destructive() && self.grouping != Grouping::Brief;
        entry.aside.as_deref().filter(|_| told).map(|who| isolated(message(who)).into_owned())
    }

    /// Writes what is said of an entry below its head, where the last change of what is destroyed stands already if there was
    /// room.
    fn notes(&self, entry: &ReportEntry<'_>, head: &[String]) -> Vec<String> {
        let said = |who: &String| head.iter().any(|line| line.contains(who.as_str()));
        let who = entry.aside.as_ref().map(|who| isolated(message(who)).into_owned());
        let who = who.filter(|who| !entry.is_destructive() || !said(who));
        let notes = entry.said_without_aside().map(|note| isolated(message(&note)).into_owned()).chain(who);
        notes.flat_map(|note| self.fit(format!("{}{note}", self.indent()), self.indent().len() + 2)).collect()
    }

    /// Says below its head why an entry is not as it should be, or is not done now.
    pub(super) fn problem(&self, entry: &ReportEntry<'_>) -> Vec<String> {
        let said = entry.problem.iter().flat_map(plain::problem);
        said.flat_map(|line| self.fit(format!("{}{line}", self.indent()), self.indent().len() + 2)).collect()
    }

    fn body(&self, entry: &ReportEntry<'_>, head: &[String]) -> Vec<String> {
        let mut lines = self.notes(entry, head);
        let hang = self.indent().len() + 2;
        lines.extend(self.problem(entry));
        let keys = entry.changes.iter().filter_map(ShownDifference::shown_key).map(|key| key.width());
        let width = keys.filter(|width| *width <= WIDEST.min(self.most.unwrap_or(WIDEST * 2) / 2)).max().unwrap_or(0);
        let mut field = None;
        for change in &entry.changes {
            if change.key.is_some() && field != Some(change.field) {
                lines.extend(self.fit(format!("{}{}", self.indent(), bounded(change.field, 60)), hang));
            }
            field = Some(change.field);
            lines.extend(self.change(change, width));
        }
        lines
    }

    /// Writes what stands before a value: the field, or the symbol and the key.
    fn start(&self, change: &ShownDifference<'_>, width: usize) -> String {
        let Some(key) = change.shown_key() else {
            let field = bounded(change.field, 60);
            let pad = " ".repeat(FIELD.saturating_sub(field.width()).max(1));
            return format!("{}{field}{pad}", self.indent());
        };
        let pad = " ".repeat(width.saturating_sub(key.width()));
        let symbol = value::symbol(change).to_string();
        format!("{}  {} {key}{pad}   ", self.indent(), self.paint.text(tone(change), &symbol))
    }

    fn change(&self, change: &ShownDifference<'_>, width: usize) -> Vec<String> {
        // The place of the client's own values is that of the client.
        let at = change.at.filter(|_| change.origin == Origin::Inherited);
        let source = self.paint.text(Tone::Faint, &plain::trailer(change, at));
        let start = self.start(change, width);
        let deeper = self.indent().len() + 6;
        let room = self.most.map_or(usize::MAX, |most| most.saturating_sub(columns(&start) + ARROW));
        match value::render_within(change, room) {
            Rendered::Line(pieces) => {
                let line = format!("{start}{}{source}", self.paint.pieces(&pieces));
                let wide = self.most.is_some_and(|most| columns(&start) > most / 2);
                self.fit(line.trim_end(), if wide { deeper } else { columns(&start) })
            }
            Rendered::Block(rows) => {
                let mut lines = self.fit(format!("{}{source}", start.trim_end()), deeper);
                let indent = format!("{}    ", self.indent());
                for value::ValueLine { sign, pieces } in rows {
                    let sign = self.paint.text(sign_tone(sign), &sign.to_string());
                    let line = format!("{indent}{sign} {}", self.paint.pieces(&pieces));
                    lines.extend(self.fit(line.trim_end(), deeper));
                }
                lines
            }
        }
    }
}

/// A head as it grows.
struct HeadLine {
    text: String,
    /// What its last column lacks to be as wide as the column is.
    missing: usize,
}

impl HeadLine {
    fn begin(text: String, missing: usize) -> Self {
        Self { text, missing }
    }

    /// Adds a cell, unless neither it nor its column holds anything.
    fn push(&mut self, tone: Tone, text: &str, width: usize, paint: Painter) {
        if width > 0 || !text.is_empty() {
            self.text.push_str(&" ".repeat(self.missing + GAP));
            self.text.push_str(&paint.text(tone, text));
            self.missing = width.saturating_sub(text.width());
        }
    }

    fn width(&self) -> usize {
        columns(&self.text) + self.missing
    }

    fn end(self) -> String {
        self.text.trim_end().to_owned()
    }
}

/// Gives what a head ends with, besides who changed it.
fn rest(entry: &ReportEntry<'_>, grouping: Grouping) -> String {
    let brief = if grouping == Grouping::Brief { in_brief(entry) } else { None };
    brief.into_iter().chain(entry.written()).collect::<Vec<_>>().join(" · ")
}

/// Says in a few words what there is to say of an entry: why not, or what changes.
fn in_brief(entry: &ReportEntry<'_>) -> Option<String> {
    if let Some(problem) = &entry.problem {
        return plain::problem(problem).into_iter().next();
    }
    if matches!(entry.mark, Mark::Add | Mark::Delete | Mark::Missing) {
        return None;
    }
    let fields = entry.changes.chunk_by(|one, next| one.field == next.field).map(|changes| match changes {
        [ShownDifference { key: None, field, .. }] => bounded(field, 60).into_owned(),
        changes => format!("{} {}", changes.len(), bounded(changes[0].field, 60)),
    });
    let fields: Vec<String> = fields.collect();
    if fields.is_empty() { entry.notes.first().map(|note| message(note).into_owned()) } else { Some(fields.join(", ")) }
}

fn tone(change: &ShownDifference<'_>) -> Tone {
    if change.sides != DifferenceSides::Change {
        return Tone::Plain;
    }
    match (&change.before, &change.after) {
        (ShownValue::Absent | ShownValue::NotManaged, _) => Tone::Good,
        (_, ShownValue::Absent | ShownValue::NotManaged) => Tone::Bad,
        _ => Tone::Changed,
    }
}

fn sign_tone(sign: char) -> Tone {
    match sign {
        '+' => Tone::Good,
        '-' => Tone::Bad,
        _ => Tone::Faint,
    }
}
