//! Keeps sensitive values out of what is shown of files with mistakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::budget::Mistakes;
use super::read::DID_YOU_MEAN;
use super::yaml::{Data, Document, Documents, MapEntry, Node};
use crate::diagnostic::{Code, Diagnostic, SourceFile, Span};
use crate::model::FieldPattern;
use crate::redact::{Excerpt, without};

/// Makes all diagnostics point into copies of their files in which sensitive values are asterisks, and takes what they
/// quote of such values out of their words.
///
/// Nothing is known to be sensitive where there is no configuration, or one with mistakes: then `sensitive` is `None`.
pub(crate) fn mask(found: &mut [Diagnostic], sensitive: Option<&[FieldPattern]>) {
    let mut masked: BTreeMap<(Arc<str>, FirstLine), (Arc<SourceFile>, SecretParts)> = BTreeMap::new();
    for diagnostic in found.iter_mut() {
        let (mut secrets, mut is_row): (Vec<String>, bool) = (Vec::new(), false);
        let first = FirstLine::of(diagnostic);
        for place in diagnostic.places_mut() {
            let (file, parts) = masked.entry((Arc::clone(place.file.path()), first)).or_insert_with(|| {
                let parts = SecretParts::of(&place.file, (sensitive, first));
                (parts.masked(&place.file), parts)
            });
            let before = secrets.len();
            secrets.extend(parts.touched(&place.file, place.span).map(str::to_owned));
            is_row |= secrets.len() > before && matches!(parts, SecretParts::Rows(_));
            place.file = Arc::clone(file);
        }
        // The names of variables are no secrets, and say what is to be set.
        let names = matches!(diagnostic.code, Code::UnsetVariable | Code::UnsetEnvironment);
        if !secrets.is_empty() && !names {
            diagnostic.quoting_words_mut().for_each(|words| *words = without(words, &secrets));
        }
        if is_row {
            let help = diagnostic.help.take().map(|help| format!("{help}; ")).unwrap_or_default();
            diagnostic.help = Some(format!("{help}{ROWS_HIDDEN}"));
        }
    }
}

/// Says why a row of a CSV file is asterisks.
const ROWS_HIDDEN: &str =
    "rows of CSV files are hidden where anything is `sensitive`: any column may end up in such a value";

/// Makes the same text with asterisks in place of sensitive values.
pub(crate) fn masked_text(path: &str, text: &str, sensitive: Option<&[FieldPattern]>) -> String {
    let file = Arc::new(SourceFile::new(path, text.to_owned()));
    SecretParts::of(&file, (sensitive, FirstLine::Row)).masked(&file).text().to_owned()
}

/// What the first line of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum FirstLine {
    /// The names of its columns: one of them is probably meant.
    Names,
    /// Nobody knows: they may have been forgotten, and then it is a row.
    Row,
}

impl FirstLine {
    fn of(mistake: &Diagnostic) -> Self {
        let is_meant = mistake.help.as_ref().is_some_and(|help| help.starts_with(DID_YOU_MEAN));
        if is_meant { Self::Names } else { Self::Row }
    }
}

/// What of a file is not shown.
enum SecretParts {
    Values(Vec<Span>),
    /// Every row of a table, from this byte on, where anything is sensitive, or may be: any column may end up in such a value, and there may
    /// be millions of rows.
    Rows(Span),
}

impl SecretParts {
    fn of(file: &Arc<SourceFile>, (known, meaning): (Option<&[FieldPattern]>, FirstLine)) -> Self {
        let sensitive = known.unwrap_or_default();
        if is_yaml(file.path()) {
            return Self::Values(spans(file, sensitive));
        }
        // Empty lines are none of a table.
        let first = (1..).map_while(|number| Some((number, file.line(number)?.1))).find(|(_, line)| !line.is_empty());
        let (number, header) = first.unwrap_or((1, ""));
        if known.is_some_and(<[_]>::is_empty)
            && !header.split(',').any(|column| Excerpt(sensitive).hides_below(column.trim_matches(['"', ' '])))
        {
            return Self::Values(Vec::new());
        }
        match file.line(number + 1) {
            _ if meaning == FirstLine::Row || is_row(header) || header.matches('"').count() % 2 == 1 => {
                Self::Rows(file.span(0, file.text().len()))
            }
            Some((start, _)) => Self::Rows(file.span(start, file.text().len())),
            // The names of columns are no secrets.
            None => Self::Values(Vec::new()),
        }
    }

    fn masked(&self, file: &Arc<SourceFile>) -> Arc<SourceFile> {
        match self {
            Self::Values(spans) if spans.is_empty() => Arc::clone(file),
            Self::Values(spans) => Arc::new(file.masked(spans)),
            Self::Rows(rows) => Arc::new(file.masked(std::slice::from_ref(rows))),
        }
    }

    /// Gives the parts that a place touches: those of its lines in a table.
    fn touched<'f>(&self, file: &'f SourceFile, place: Span) -> impl Iterator<Item = &'f str> {
        let touches = move |start: u32, end: u32| start <= place.end && place.start <= end;
        let parts: Vec<&str> = match self {
            Self::Values(spans) => {
                let parts = spans.iter().filter(|span| touches(span.start, span.end));
                parts.filter_map(|span| text_at(file, *span)).collect()
            }
            Self::Rows(rows) => {
                let lines = (place.line.max(rows.line)..).map_while(|number| file.line(number));
                lines.take_while(|(start, _)| *start <= place.end as usize).map(|(_, line)| line).collect()
            }
        };
        parts.into_iter()
    }
}

fn spans(file: &Arc<SourceFile>, sensitive: &[FieldPattern]) -> Vec<Span> {
    let (mut spans, mut documents) = (Vec::new(), Documents::new(file));
    let (excerpt, mut broken) = (Excerpt(sensitive), false);
    while let Some(document) = documents.next(&mut Mistakes::default()) {
        match document {
            Document::Read(root) => values(file, &root, excerpt, &mut spans),
            Document::Broken => broken = true,
        }
    }
    if broken {
        let lines = (1..).map_while(|number| file.line(number));
        spans.extend(excerpt.suspects(lines).into_iter().map(|range| file.span(range.start, range.end)));
    }
    spans
}

/// Tells whether the first line of a table is a row, because somebody forgot the names of its columns: numbers name none.
fn is_row(first: &str) -> bool {
    let is_number = |cell: &str| {
        let cell = cell.trim_matches(['"', '\'', ' ', '\t', '\u{feff}']);
        cell.contains(|one: char| one.is_ascii_digit())
            && cell.chars().all(|one| one.is_ascii_digit() || "+-./() eE".contains(one))
    };
    first.split([',', ';', '\t']).any(is_number)
}

/// Tells a file of definitions, or what `fmt` reads from stdin, from the table of a fleet, which may be named in any way.
fn is_yaml(path: &str) -> bool {
    path == "-" || [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// Finds sensitive values below any key.
fn values(file: &SourceFile, node: &Node<'_>, excerpt: Excerpt<'_>, spans: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(_) => {
            if text_at(file, node.span).is_some_and(|text| excerpt.hides_text(text)) {
                spans.push(node.span);
            }
        }
        Data::List(items) => items.iter().for_each(|item| values(file, item, excerpt, spans)),
        Data::Map(entries) => {
            for entry in entries {
                spans.extend(run_together(file, entry, excerpt));
                if excerpt.hides_below(&entry.key) {
                    spans.push(behind(file, entry));
                    all(&entry.value, spans);
                } else {
                    values(file, &entry.value, excerpt, spans);
                }
            }
        }
    }
}

/// Finds a value that became part of its key because the blank behind the colon is missing, in a mapping on one line.
fn run_together(file: &SourceFile, entry: &MapEntry<'_>, excerpt: Excerpt<'_>) -> Option<Span> {
    let (key, value) = (entry.key_span, entry.value.span);
    let text = text_at(file, key).filter(|_| value.start == value.end)?;
    let is_sensitive = |colon: &usize| excerpt.hides_below(text[..*colon].trim_matches(['"', '\'', ' ']));
    let colon = text.match_indices(':').map(|(colon, _)| colon).find(is_sensitive)?;
    (colon + 1 < text.len()).then(|| file.span(key.start as usize + colon + 1, key.end as usize))
}

/// Gives the place of a value with the tag and the anchor before it.
fn behind(file: &SourceFile, entry: &MapEntry<'_>) -> Span {
    let (key, value) = (entry.key_span, entry.value.span);
    let between = file.text().get(key.end as usize..value.start as usize).unwrap_or_default();
    let after = between.find(':').map_or("", |colon| between[colon + 1..].trim_start());
    // What looks like a comment may be the rest of the value.
    let rest = file.text().get(value.end as usize..).unwrap_or_default();
    let line_end = |one: char| matches!(one, '\n' | '\r');
    let next = rest.trim_start_matches(|one: char| one.is_whitespace() && !line_end(one));
    let comment = if next.starts_with('#') { rest.find(line_end).unwrap_or(rest.len()) } else { 0 };
    file.span(value.start as usize - after.len(), value.end as usize + comment)
}

fn text_at(file: &SourceFile, span: Span) -> Option<&str> {
    file.text().get(span.start as usize..span.end as usize)
}

/// Adds all values below a node: those of merge keys stand elsewhere.
fn all(node: &Node<'_>, spans: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(_) => spans.push(node.span),
        Data::List(items) => items.iter().for_each(|item| all(item, spans)),
        Data::Map(entries) => entries.iter().for_each(|entry| all(&entry.value, spans)),
    }
}
