//! One client and its differences in columns.

use unicode_width::UnicodeWidthStr as _;

use super::super::group::{Group, names, title};
use super::super::plain;
use super::super::value::{self, Rendered};
use super::super::view::{
    DifferenceSides, IsComplaint, ReportEntry, ReportKind, ShowState, ShownDifference, ShownValue,
};
use super::paint::{Painter, Tone};
use crate::model::Origin;
use crate::text::{bounded, message};

/// The widest column: a longer text pushes the rest of its own line only.
const WIDEST: usize = 44;
/// The width of a field's name together with the space behind it.
const FIELD: usize = 19;

pub(super) struct ColumnWidths {
    number: usize,
    name: usize,
    place: usize,
    people: usize,
    state: usize,
    kind: ReportKind,
    paint: Painter,
}

impl ColumnWidths {
    /// Measures everything that is shown.
    pub(super) fn of(entries: &[Group<'_, '_>], remarks: &[Group<'_, '_>], kind: ReportKind, paint: Painter) -> Self {
        let mut columns = Self { number: 0, name: 0, place: 0, people: 0, state: 0, kind, paint };
        for group in entries.iter().chain(remarks) {
            let shown = if group.first.mark.is_destructive() { group.others.as_slice() } else { &[] };
            columns.measure(group.first);
            for entry in shown {
                columns.measure(entry);
            }
        }
        columns
    }

    fn measure(&mut self, entry: &ReportEntry<'_>) {
        let fit = |text: &str| Some(text.width()).filter(|width| *width <= WIDEST).unwrap_or(0);
        self.number = self.number.max(entry.number.map_or(0, |number| number.to_string().len()));
        self.name = self.name.max(fit(&title(entry)));
        self.place = self.place.max(fit(&entry.whereabouts()));
        self.people = self.people.max(fit(&entry.people()));
        if entry.show_state == ShowState::Yes {
            self.state = self.state.max(entry.state.width());
        }
    }

    /// Gives the spaces before what belongs to an entry.
    fn indent(&self) -> String {
        " ".repeat(if self.number == 0 { 3 } else { self.number + 4 })
    }

    pub(super) fn lines(&self, group: &Group<'_, '_>) -> Vec<String> {
        let Group { first, others, likeness: _ } = group;
        let mut lines = vec![self.head(first)];
        lines.extend(self.body(first));
        if first.mark.is_destructive() {
            // What is destroyed is never summed up.
            for other in others {
                lines.push(self.head(other));
                lines.extend(self.notes(other));
            }
        } else if !others.is_empty() {
            lines.push(self.likewise(group));
        }
        lines
    }

    fn likewise(&self, group: &Group<'_, '_>) -> String {
        let (others, each) = (&group.others, group.each());
        if group.first.complaint == IsComplaint::Yes {
            let places = if others.len() == 1 { "place" } else { "places" };
            return format!("   = {} at {} more {places}: {}", title(group.first), others.len(), names(others));
        }
        let clients = if others.len() == 1 { "client" } else { "clients" };
        let hint = if others.len() > 4 { "   (--full lists them)" } else { "" };
        let indent = " ".repeat(if self.number == 0 { 1 } else { self.number + 2 });
        let list = names(others);
        format!(
            "{indent}= the same {} on {} more {clients}{each}: {list}{}",
            self.kind.shared(),
            others.len(),
            self.paint.text(Tone::Faint, hint)
        )
    }

    pub(super) fn head(&self, entry: &ReportEntry<'_>) -> String {
        let number = match (self.number, entry.number) {
            (0, _) => String::new(),
            (width, Some(number)) => format!(" {number:>width$}"),
            (width, None) => " ".repeat(width + 1),
        };
        let symbol = self.paint.text(entry.hue.into(), entry.mark.symbol());
        let mut line = format!("{number} {symbol} {}", self.paint.text(Tone::Strong, &title(entry)));
        let mut missing = self.name.saturating_sub(title(entry).width());
        let mut push = |text: &str, width: usize, painted: String| {
            if width > 0 || !text.is_empty() {
                line.push_str(&" ".repeat(missing + 3));
                line.push_str(&painted);
                missing = width.saturating_sub(text.width());
            }
        };
        let place = entry.whereabouts();
        push(&place, self.place, place.to_string());
        let people = entry.people();
        push(&people, self.people, people.clone());
        if entry.show_state == ShowState::Yes {
            push(entry.state, self.state, self.paint.text(entry.hue.into(), entry.state));
        } else {
            push("", self.state, String::new());
        }
        let who = entry.aside.as_deref().filter(|_| entry.is_destructive()).map(|who| message(who).into_owned());
        let rest = entry.written().into_iter().chain(who).collect::<Vec<_>>().join(" · ");
        if !rest.is_empty() {
            push(&rest, 0, self.paint.text(Tone::Faint, &rest));
        }
        line.trim_end().to_owned()
    }

    /// Writes what is said of an entry below its head, where the last change of what is destroyed stands already.
    fn notes(&self, entry: &ReportEntry<'_>) -> impl Iterator<Item = String> {
        let aside = entry.aside.iter().filter(|_| !entry.is_destructive());
        entry
            .notes
            .iter()
            .chain(&entry.likely_move)
            .chain(&entry.new_id)
            .chain(aside)
            .map(|note| format!("{}{}", self.indent(), message(note)))
    }

    fn body(&self, entry: &ReportEntry<'_>) -> Vec<String> {
        let mut lines: Vec<String> = self.notes(entry).collect();
        lines.extend(entry.problem.iter().flat_map(plain::problem).map(|line| format!("{}{line}", self.indent())));
        let keys = entry.changes.iter().filter_map(ShownDifference::shown_key).map(|key| key.width());
        let width = keys.filter(|width| *width <= WIDEST).max().unwrap_or(0);
        let mut field = None;
        for change in &entry.changes {
            if change.key.is_some() && field != Some(change.field) {
                lines.push(format!("{}{}", self.indent(), bounded(change.field, 60)));
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
        match value::render(change) {
            Rendered::Line(pieces) => {
                vec![format!("{start}{}{source}", self.paint.pieces(&pieces)).trim_end().to_owned()]
            }
            Rendered::Block(rows) => {
                let first = format!("{}{source}", start.trim_end());
                let indent = format!("{}    ", self.indent());
                let row = |row: &value::ValueLine| {
                    let sign = self.paint.text(sign_tone(row.sign), &row.sign.to_string());
                    format!("{indent}{sign} {}", self.paint.pieces(&row.pieces)).trim_end().to_owned()
                };
                std::iter::once(first).chain(rows.iter().map(row)).collect()
            }
        }
    }
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
