//! CSV files: the devices of a fleet and what is known of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::budget::{Budget, MOST_CLIENTS, Mistakes};
use super::device::described;
use super::misread::{MOST_OF_ROW, Misread, MistakeExtent, closing, misread, other_separator};
use super::read::{did_you_mean, list, nearest};
use super::variables::Columns;
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, narrow};
use crate::text::{is_hidden, quote};

/// The name of the device number in templates.
const DEVICE: &str = "device";

/// How many fields one CSV file may hold.
const MOST_FIELDS: usize = 5_000_000;

/// A CSV file with its columns and rows.
pub(super) struct Table {
    file: Arc<SourceFile>,
    /// Where the line of the columns begins, in bytes.
    header: usize,
    columns: Vec<String>,
    by_name: BTreeMap<String, usize>,
    /// The fields of all rows, one after the other. They are kept exactly, spaces included.
    fields: String,
    /// Where each field ends among them.
    ends: Vec<u32>,
    /// Where each row begins in the file, in bytes.
    starts: Vec<u32>,
}

/// What is wrong with the lines of a CSV file, and is told already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ToldLines {
    /// Nothing.
    Even,
    /// Some have another number of fields than the first.
    SomeOdd,
    /// Where they begin and end is not certain, or what separates their fields.
    Unclear,
}

impl ToldLines {
    /// Looks through a file, of which so many bytes at its beginning are no text.
    fn of(file: &Arc<SourceFile>, skipped: usize, found: &mut Mistakes) -> Self {
        let text = file.text();
        let bytes = &text[skipped..];
        let separator = other_separator(bytes.lines().next().unwrap_or_default());
        let mut told = Self::Even;
        misread(bytes, &mut |Misread { extent, at, message, help }| {
            let character = || Place { file: Arc::clone(file), span: file.span(skipped + at, skipped + at + 1) };
            let place = if extent == MistakeExtent::Line { line_at(file, skipped + at) } else { character() };
            if extent != MistakeExtent::Line {
                told = Self::Unclear;
            } else if told == Self::Even {
                told = Self::SomeOdd;
            }
            // Of lines that are not separated by commas nothing else is true.
            if separator.is_none() {
                let mistake = bad(place, message).help(help);
                found.push(match extent {
                    MistakeExtent::Field { begin } if text[skipped + begin..skipped + at].contains(['\n', '\r']) => {
                        mistake.also(line_at(file, skipped + begin), "the field begins here")
                    }
                    _ => mistake,
                });
            }
        });
        match separator {
            Some(separator) if told != Self::Even => {
                let message = format!("the columns are separated by {separator}");
                found.push(bad(line_at(file, skipped), message).help("write it with commas, as RFC 4180 has them"));
                Self::Unclear
            }
            _ => told,
        }
    }
}

fn bad(at: Place, message: String) -> Diagnostic {
    Diagnostic::error(Code::BadCsv, message).at(at, "")
}

/// A line of a CSV file.
#[derive(Clone, Copy)]
pub(super) struct TableRow<'t> {
    table: &'t Table,
    number: usize,
}

impl Table {
    /// Reads a CSV file with a first line of column names. Mistakes are collected.
    pub(super) fn read(file: &Arc<SourceFile>, found: &mut Mistakes) -> Option<Self> {
        let text = file.text();
        let bytes = text.strip_prefix('\u{feff}').unwrap_or(text);
        let skipped = text.len() - bytes.len();
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_bytes());
        let begin = |start: usize| skipped + start + leading_breaks(bytes, start);
        let place = |start: usize| line_at(file, begin(start));
        let lines = ToldLines::of(file, skipped, found);
        if lines == ToldLines::Unclear {
            return None;
        }
        let unseen = tell_control(file, skipped, found);
        let header = csv.headers().map_err(|error| found.push(bad(place(0), bounded(&error)))).ok()?.clone();
        let (mut is_twice, mut is_uneven) = (false, false);
        let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let mut by_name = BTreeMap::new();
        for (index, name) in columns.iter().enumerate() {
            if by_name.insert(name.clone(), index).is_some() {
                let message = format!("the column {} stands twice", quote(name));
                found.push(bad(cell_at(file, begin(0), index), message).help("rename one of them"));
                is_twice = true;
            }
        }
        is_twice |= tell_hidden_names((file, begin(0)), &columns, found);
        let (mut fields, mut ends, mut starts) = (String::new(), Vec::new(), Vec::new());
        let most = MOST_CLIENTS.min(MOST_FIELDS / columns.len().max(1));
        for record in csv.into_records() {
            let record = record.map_err(|error| found.push(bad(place(0), bounded(&error)))).ok()?;
            let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or_default());
            if starts.len() == most {
                let message = format!("a CSV file of {} columns may have {most} rows", columns.len());
                let help = "remove columns that nothing refers to, or make several configurations";
                let diagnostic = Diagnostic::error(Code::TooManyDocuments, message);
                found.push(diagnostic.at(place(start), "the first row too many").help(help));
                return None;
            }
            if record.len() != columns.len() {
                // Told already, as a rule; what is wrong with others is told too. No row is missed in silence.
                if lines == ToldLines::Even {
                    let message = format!("this line has {} fields, not {}", record.len(), columns.len());
                    found.push(bad(place(start), message));
                    is_uneven = true;
                }
                continue;
            }
            starts.push(narrow(begin(start)));
            let before = fields.len();
            fields.push_str(record.as_slice());
            ends.extend((0..record.len()).filter_map(|index| Some(narrow(before + record.range(index)?.end))));
        }
        (!(unseen || is_twice || is_uneven || lines == ToldLines::SomeOdd && starts.is_empty())).then(|| Self {
            file: Arc::clone(file),
            header: begin(0),
            columns,
            by_name,
            fields,
            ends,
            starts,
        })
    }

    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = TableRow<'_>> {
        (0..self.starts.len()).map(|number| TableRow { table: self, number })
    }

    /// Finds a column, or says which there are.
    pub(super) fn column(&self, name: &str, place: &Place) -> Result<usize, Box<Diagnostic>> {
        self.by_name.get(name).copied().ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
            let help = match (nearest(name, &names), other_separator(&names.join(","))) {
                (_, Some(separator)) => {
                    format!(
                        "columns are separated by commas here, and by {separator} in the file: write it with commas"
                    )
                }
                (Some(near), None) => did_you_mean(near),
                (None, None) => format!("the columns are {}", list(&names)),
            };
            let message = format!("{} has no column {}", quote(self.file.path()), quote(name));
            // Of a large file nothing else is kept for telling this.
            let text = self.file.text();
            let end = self.starts.first().map_or(text.len(), |start| *start as usize);
            let first = &text[..text.floor_char_boundary(end.min(MOST_OF_ROW))];
            let start = leading_breaks(first, 0).min(first.len());
            let file = SourceFile::new(self.file.path().clone(), first.to_owned());
            // Between quotes the names may stand on several lines.
            let lines = first[start..].trim_end_matches(['\n', '\r']).len();
            let span = if first[start..start + lines].contains(['\n', '\r']) { start + lines } else { start };
            let header = Place { span: file.span(start, span), file: Arc::new(file) };
            let diagnostic = Diagnostic::error(Code::UnknownColumn, message).at(place.clone(), "");
            Box::new(diagnostic.also(header, "the columns").help(help))
        })
    }

    /// Reports a column that `${device}` would hide, unless it holds the device numbers.
    pub(super) fn check_hidden(&self, numbers: usize, found: &mut Mistakes) {
        if let Some(column) = self.by_name.get(DEVICE).filter(|column| **column != numbers) {
            let message = "the column `device` cannot be used: `${device}` is the device number";
            let at = cell_at(&self.file, self.header, *column);
            found.push(bad(at, message.to_owned()).help("rename the column"));
        }
    }
}

impl<'t> TableRow<'t> {
    /// Gives the place of one field.
    pub(super) fn cell(self, column: usize) -> Place {
        cell_at(&self.table.file, self.start(), column)
    }

    fn start(self) -> usize {
        self.table.starts.get(self.number).map_or(0, |start| *start as usize)
    }

    /// Gives the fields for substitution.
    pub(super) fn columns(self, device: &'t str, budget: &'t Budget) -> RowColumns<'t> {
        RowColumns { row: Some(self), device, budget }
    }

    pub(super) fn field(self, index: usize) -> &'t str {
        let Table { columns, fields, ends, .. } = self.table;
        let end = |field: usize| ends.get(field).map_or(0, |end| *end as usize);
        let field = self.number * columns.len() + index;
        fields.get(field.checked_sub(1).map_or(0, end)..end(field)).unwrap_or_default()
    }
}

/// What one client of a fleet substitutes: `${device}` and the columns of its row.
pub(super) struct RowColumns<'t> {
    row: Option<TableRow<'t>>,
    device: &'t str,
    budget: &'t Budget,
}

impl<'t> RowColumns<'t> {
    /// Knows `${device}` only, as a fleet with a list does.
    pub(super) fn device_only(device: &'t str, budget: &'t Budget) -> Self {
        Self { row: None, device, budget }
    }
}

impl Columns for RowColumns<'_> {
    fn column(&self, name: &str) -> Option<&str> {
        match self.row {
            _ if name == DEVICE => Some(self.device),
            Some(row) => row.table.by_name.get(name).map(|index| row.field(*index)),
            None => None,
        }
    }

    fn names(&self) -> Vec<&str> {
        let columns = self.row.iter().flat_map(|row| row.table.columns.iter().map(String::as_str));
        std::iter::once(DEVICE).chain(columns).collect()
    }

    fn afford(&self, bytes: usize) -> bool {
        self.budget.expand(1, bytes).is_ok()
    }
}

/// Reports control characters, which YAML takes nowhere either: the first of each line. Tells whether there is one.
fn tell_control(file: &Arc<SourceFile>, skipped: usize, found: &mut Mistakes) -> bool {
    let is_bad = |one: char| one.is_control() && !matches!(one, '\t' | '\n' | '\r');
    let (text, mut told) = (file.text(), None);
    for (at, one) in text.match_indices(is_bad).filter(|(at, _)| *at >= skipped) {
        if told.is_none_or(|told: usize| text[told..at].contains(['\n', '\r'])) {
            let what = one.chars().next().map(described).unwrap_or_default();
            let place = Place { file: Arc::clone(file), span: file.span(at, at + one.len()) };
            found.push(
                bad(place, format!("in this field stands {what}")).help("remove it: it is nothing that a person wrote"),
            );
        }
        told = Some(at);
    }
    told.is_some()
}

/// Reports names of columns that hold what nobody sees: no reference that looks the same would mean them.
fn tell_hidden_names((file, header): (&Arc<SourceFile>, usize), columns: &[String], found: &mut Mistakes) -> bool {
    let is_unseen = |one: &char| (is_hidden(*one) || one.is_whitespace()) && !one.is_control() && !one.is_ascii();
    let mut any = false;
    for (index, name) in columns.iter().enumerate() {
        let Some(unseen) = name.chars().find(is_unseen) else { continue };
        let message = format!("in the name of the column {} stands {}", quote(name), described(unseen));
        found.push(bad(cell_at(file, header, index), message).help("write the name again, by hand"));
        any = true;
    }
    any
}

/// Gives the place of the line that begins at a byte of a file.
fn line_at(file: &Arc<SourceFile>, start: usize) -> Place {
    let rest = file.text().get(start..).unwrap_or_default();
    let end = rest.find(['\n', '\r']).map_or(file.text().len(), |length| start + length);
    Place { file: Arc::clone(file), span: file.span(start, end) }
}

/// Gives the place of a field of the line that begins at a byte of a file.
fn cell_at(file: &Arc<SourceFile>, line: usize, column: usize) -> Place {
    let text = file.text();
    let start = (0..column).fold(line, |start, _| field_end(text, start) + 1);
    Place { file: Arc::clone(file), span: file.span(start, field_end(text, start)) }
}

/// Finds where the field ends that begins at `start`.
fn field_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let from = if rest.starts_with('"') { closing(text, start + 1).map_or(start, |end| end + 1) } else { start };
    text.get(from..).and_then(|rest| rest.find([',', '\n', '\r'])).map_or(text.len(), |length| from + length)
}

/// Counts the line breaks that stand before a record: the reader skips empty lines without moving its position.
fn leading_breaks(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    rest.len() - rest.trim_start_matches(['\n', '\r']).len()
}

fn bounded(error: &csv::Error) -> String {
    format!("the CSV file is not valid: {error}").chars().take(200).flat_map(char::escape_debug).collect()
}
