//! Reading the files of definitions side by side.

use std::collections::BTreeMap;
use std::string::FromUtf8Error;
use std::sync::Arc;

use super::budget::{Budget, Mistakes, Overspent};
use super::content::Interner;
use super::digest::Digest;
use super::document::{Completeness, Parsed, read_documents};
use super::fleet::{Devices, Fleet};
use super::foreign;
use super::gate::{GatePass, LargeFileGate};
use super::listing::SourceError;
use super::parallel::in_parallel;
use super::path::normalize;
use super::source::Source;
use super::table::Table;
use super::variables::Variables;
use crate::catalogue::Catalogue;
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span, narrow};
use crate::text::quote;

/// Reads a file as UTF-8 and notes it in the digest.
pub(super) fn read_text(source: &dyn Source, path: &str, digest: &mut Digest) -> Result<SourceFile, Box<Diagnostic>> {
    let (file, _) = read_through(source, &LargeFileGate::default(), path, digest)?;
    Ok(file)
}

/// Reads a file as UTF-8, after it was let through a gate if it is large.
pub(crate) fn read_alone<'g>(
    source: &dyn Source,
    gate: &'g LargeFileGate,
    path: &str,
) -> Result<(SourceFile, GatePass<'g>), Box<Diagnostic>> {
    read_through(source, gate, path, &mut Digest::default())
}

/// Reads a file as [`read_alone`] does and notes it in the digest.
fn read_through<'g>(
    source: &dyn Source,
    gate: &'g LargeFileGate,
    path: &str,
    digest: &mut Digest,
) -> Result<(SourceFile, GatePass<'g>), Box<Diagnostic>> {
    let (bytes, pass) = source.read_through(gate, path).map_err(|error| Box::new(unreadable(&error)))?;
    digest.add(path, &bytes);
    let text = String::from_utf8(bytes).map_err(|error| Box::new(not_utf8(path, &error)))?;
    match foreign::find(&text) {
        Some(foreign) => Err(Box::new(foreign.diagnostic(path, text))),
        None => Ok((SourceFile::new(path, text), pass)),
    }
}

/// Of a larger file that is not UTF-8 no line is shown: what stands in place of its bytes takes more room than these.
const MOST_SHOWN: usize = 1024 * 1024;

fn not_utf8(path: &str, error: &FromUtf8Error) -> Diagnostic {
    let utf16 = error.as_bytes().starts_with(&[0xff, 0xfe]) || error.as_bytes().starts_with(&[0xfe, 0xff]);
    let valid = error.utf8_error().valid_up_to();
    let (file, span) = if error.as_bytes().len() > MOST_SHOWN {
        let before = std::str::from_utf8(&error.as_bytes()[..valid]).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().map_or(0, |line| line.chars().count());
        let span = Span { line: narrow(line), column: narrow(column), ..Span::START };
        (SourceFile::new(path, String::new()), span)
    } else {
        let file = SourceFile::new(path, String::from_utf8_lossy(error.as_bytes()).into_owned());
        let span = file.span(valid, valid);
        (file, span)
    };
    let message = if utf16 { "the file is UTF-16, not UTF-8" } else { "the file is not UTF-8" };
    let diagnostic = Diagnostic::error(Code::NotUtf8, message);
    let place = Place { file: Arc::new(file), span };
    diagnostic.at(place, "the first byte that is not").help("save the file as UTF-8")
}

pub(super) fn unreadable(error: &SourceError) -> Diagnostic {
    let (code, help, path) = match error {
        SourceError::NotUnicode(path) => (Code::Unreadable, "rename it: paths of a repository are text", path),
        SourceError::Circle(path) => (Code::Unreadable, "remove one of the links", path),
        SourceError::Submodule(path) => (Code::Unreadable, "keep definitions in the repository of icsync.yaml", path),
        SourceError::Outside(path) => (Code::OutsideRepository, "move the file into the repository", path),
        SourceError::Secret(path) => (Code::Unreadable, "remove the file or the link: nothing of it is shown", path),
        SourceError::Missing(path) => (Code::Unreadable, "check the path, which is relative to icsync.yaml", path),
        SourceError::TooLarge(path) => (Code::TooLarge, "split the file", path),
        SourceError::Unreadable { path, .. } => (Code::Unreadable, "check the file and its permissions", path),
    };
    let file = Arc::new(SourceFile::new(path.as_str(), String::new()));
    Diagnostic::error(code, error.to_string()).at(Place { file, span: Span::START }, "").help(help)
}

/// Says of a link that nothing is read or written behind it.
pub(crate) fn leads_outside(path: &str) -> Diagnostic {
    unreadable(&SourceError::Outside(path.to_owned()))
}

/// Reads files on as many threads as the machine runs at once; the result is in the order of the paths.
pub(super) fn read_all(
    source: &dyn Source,
    paths: &[String],
    variables: &Variables<'_>,
    (catalogue, budget): (Option<&Catalogue>, &Arc<Budget>),
    digest: &mut Digest,
) -> Parsed {
    source.prepare(paths);
    let interner = || Interner::new(budget);
    let gate = LargeFileGate::default();
    let some =
        |shared: &mut Interner, paths: &[String]| read_some((source, &gate), paths, variables, (catalogue, shared));
    let parts = in_parallel(paths, interner, some);
    let mut all = Parsed::default();
    for (part, part_digest) in parts {
        all.absorb(part);
        digest.extend(part_digest);
    }
    all
}

fn read_some(
    (source, gate): (&dyn Source, &LargeFileGate),
    paths: &[String],
    variables: &Variables<'_>,
    (catalogue, shared): (Option<&Catalogue>, &mut Interner),
) -> (Parsed, Digest) {
    let found = Mistakes::within(shared.budget());
    let (mut all, mut digest) = (Parsed { found, ..Parsed::default() }, Digest::default());
    for path in paths {
        if shared.budget().is_enough() {
            all.extent = Completeness::Part;
            break;
        }
        let read = read_through(source, gate, path, &mut digest);
        match read
            .and_then(|(file, pass)| Ok((of_documents(within(file, |bytes| shared.budget().read(bytes))?)?, pass)))
        {
            Ok((file, _pass)) => all.absorb(read_documents(&Arc::new(file), variables, shared, catalogue)),
            Err(diagnostic) => {
                all.found.push(*diagnostic);
                all.extent = Completeness::Part;
            }
        }
    }
    (all, digest)
}

/// Reads once more what mistakes point at that were found later, between files.
pub(super) fn fill_in(source: &dyn Source, found: &mut [Diagnostic]) {
    for place in found.iter_mut().flat_map(Diagnostic::places_mut) {
        // What cannot be read any more is shown without its line.
        let text = || source.read(place.file.path()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        place.file.fill(|| text().unwrap_or_default());
    }
}

/// Counts what a file takes of what all may.
fn within(file: SourceFile, spend: impl Fn(usize) -> Result<(), Overspent>) -> Result<SourceFile, Box<Diagnostic>> {
    match spend(file.text().len()) {
        Ok(()) => Ok(file),
        Err(overspent) => {
            let file = Arc::new(SourceFile::new(file.path().clone(), String::new()));
            Err(Box::new(overspent.at(Place { file, span: Span::START })))
        }
    }
}

/// How many bytes a document may have: it is in memory several times while it is parsed.
const MOST_OF_DOCUMENT: usize = 16 * 1024 * 1024;

/// Refuses a file with a document that is too large, before it is parsed.
fn of_documents(file: SourceFile) -> Result<SourceFile, Box<Diagnostic>> {
    let text = file.text();
    if text.len() <= MOST_OF_DOCUMENT {
        return Ok(file);
    }
    let breaks = text.match_indices("---").map(|(at, _)| at);
    let begins =
        breaks.filter(|at| at.checked_sub(1).is_some_and(|before| matches!(text.as_bytes()[before], b'\n' | b'\r')));
    let ends = begins.chain(std::iter::once(text.len()));
    let too_large = ends.scan(0, |begin, end| Some((std::mem::replace(begin, end), end)));
    let Some((begin, _)) = too_large.into_iter().find(|(begin, end)| end - begin > MOST_OF_DOCUMENT) else {
        return Ok(file);
    };
    // The line is not shown: whoever looks for secrets around it would parse the document.
    let Span { line, column, .. } = file.span(begin, begin);
    let message = format!("the document that begins here has more than {MOST_OF_DOCUMENT} bytes");
    let place = Place {
        file: Arc::new(SourceFile::new(file.path().clone(), String::new())),
        span: Span { line, column, ..Span::START },
    };
    let help = "write `---` between definitions, and long lists of devices as a CSV file";
    Err(Box::new(Diagnostic::error(Code::TooLarge, message).at(place, "").help(help)))
}

/// The CSV files that fleets name, each read once.
pub(super) struct Tables<'a> {
    source: &'a dyn Source,
    budget: &'a Budget,
    read: BTreeMap<String, Option<Arc<Table>>>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(source: &'a dyn Source, budget: &'a Budget) -> Self {
        Self { source, budget, read: BTreeMap::new() }
    }

    /// Gives where the CSV file of a fleet may be: relative to the file of the fleet, or else to `icsync.yaml`.
    pub(super) fn paths(fleet: &Fleet) -> impl Iterator<Item = String> {
        let csv = match &fleet.devices {
            Devices::Table { csv, .. } => Some(csv),
            Devices::Listed(_) => None,
        };
        let folder = |path: &str| path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned());
        csv.into_iter()
            .flat_map(move |csv| {
                [folder(csv.place.file.path()), String::new()].map(|above| normalize(&above, &csv.value))
            })
            .flatten()
    }

    /// Gives the CSV file of a fleet: a path relative to the file of the fleet, or else to `icsync.yaml`.
    pub(super) fn of(&mut self, fleet: &Fleet, digest: &mut Digest, found: &mut Mistakes) -> Option<Arc<Table>> {
        let Devices::Table { csv, .. } = &fleet.devices else { return None };
        let folder = csv.place.file.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let near = normalize(folder, &csv.value);
        let Some(near) = near else {
            let message = format!("{} leads out of the repository", quote(&csv.value));
            let diagnostic = Diagnostic::error(Code::OutsideRepository, message).at(csv.place.clone(), "");
            found.push(diagnostic.help("write a path relative to this file"));
            return None;
        };
        let mut last = None;
        for path in [Some(near), normalize("", &csv.value)].into_iter().flatten() {
            if let Some(table) = self.read.get(&path) {
                return table.clone();
            }
            match self.source.read(&path) {
                Err(SourceError::Missing(path)) => last = last.or(Some(SourceError::Missing(path))),
                Err(error) => {
                    last = Some(error);
                    break;
                }
                Ok(_) => {
                    let table = self.load(&path, digest, found);
                    self.read.insert(path, table.clone());
                    return table;
                }
            }
        }
        if let Some(error) = last {
            let mut diagnostic = unreadable(&error);
            diagnostic.primary = None;
            diagnostic.help = Some("the path is relative to this file, or to icsync.yaml".to_owned());
            found.push(diagnostic.at(csv.place.clone(), ""));
        }
        None
    }

    fn load(&self, path: &str, digest: &mut Digest, found: &mut Mistakes) -> Option<Arc<Table>> {
        let counted = |file: SourceFile| {
            let file = within(file, |bytes| self.budget.read(bytes))?;
            within(file, |bytes| self.budget.tabulate(bytes))
        };
        let file = read_text(self.source, path, digest).and_then(counted);
        let file = file.map_err(|diagnostic| found.push(*diagnostic)).ok()?;
        Table::read(&Arc::new(file), found).map(Arc::new)
    }
}
