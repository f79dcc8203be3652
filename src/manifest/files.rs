//! Which files hold definitions, and reading them side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use super::config::DefinitionGlob;
use super::content::Interner;
use super::digest::Digest;
use super::document::{Completeness, Parsed, read_documents};
use super::fleet::{Devices, Fleet};
use super::source::{DotFiles, ListingProblem, ProblemKind, Source, SourceError};
use super::table::Table;
use super::variables::Variables;
use super::{CATALOGUE_FILE, Emptiness};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::text::quote;

/// Reads a file as UTF-8 and notes it in the digest.
pub(super) fn read_text(source: &dyn Source, path: &str, digest: &mut Digest) -> Result<SourceFile, Box<Diagnostic>> {
    let bytes = source.read(path).map_err(|error| Box::new(unreadable(&error)))?;
    digest.add(path, &bytes);
    String::from_utf8(bytes).map(|text| SourceFile::new(path, text)).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let file = SourceFile::new(path, String::from_utf8_lossy(error.as_bytes()).into_owned());
        let span = file.span(valid, valid);
        let diagnostic = Diagnostic::error(Code::NotUtf8, "the file is not UTF-8");
        let place = Place { file: Arc::new(file), span };
        Box::new(diagnostic.at(place, "the first byte that is not").help("save the file as UTF-8"))
    })
}

fn unreadable(error: &SourceError) -> Diagnostic {
    let (code, help, path) = match error {
        SourceError::Outside(path) => (Code::OutsideRepository, "move the file into the repository", path),
        SourceError::Missing(path) => (Code::Unreadable, "check the path, which is relative to icsync.yaml", path),
        SourceError::TooLarge(path) => (Code::TooLarge, "split the file", path),
        SourceError::Unreadable { path, .. } => (Code::Unreadable, "check the file and its permissions", path),
    };
    let file = Arc::new(SourceFile::new(path.as_str(), String::new()));
    Diagnostic::error(code, error.to_string()).at(Place { file, span: Span::START }, "").help(help)
}

/// Finds the files that the patterns match, in order. The configuration and the catalogue of keys are none of them.
pub(super) fn find_definitions(
    source: &dyn Source,
    patterns: &[DefinitionGlob],
    config_path: &str,
    emptiness: Emptiness,
    found: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let (mut paths, mut links) = (BTreeSet::new(), BTreeMap::new());
    for pattern in patterns {
        let Some(glob) = matcher(pattern, found) else { continue };
        let hidden = if pattern.glob.split('/').any(|part| part.starts_with('.') && part != ".") {
            DotFiles::Listed
        } else {
            DotFiles::Skipped
        };
        let listing = source.list(fixed_folder(&pattern.glob), hidden);
        // What no pattern can mean is nobody's business, but a folder that cannot be read may hold anything.
        let matters = |problem: &&ListingProblem| match problem.kind {
            ProblemKind::File => glob.is_match(&problem.path),
            ProblemKind::Folder => may_be_below(&pattern.glob, &problem.path),
        };
        found.extend(listing.problems.iter().filter(matters).map(|problem| unreadable(&problem.error)));
        let matched: Vec<String> = listing.files.into_iter().filter(|path| glob.is_match(path)).collect();
        if matched.is_empty() && emptiness == Emptiness::Refused {
            found.push(no_match(pattern));
        }
        paths.extend(matched.into_iter().filter(|path| path != config_path && path != CATALOGUE_FILE));
        links.extend(listing.links);
    }
    once(paths, &links)
}

/// Tells whether a pattern may match a file below a folder: its parts match one by one, up to a `**` or a brace over
/// several parts, behind which anything may come.
fn may_be_below(glob: &str, folder: &str) -> bool {
    let glob = glob.strip_prefix("./").unwrap_or(glob);
    let mut parts = glob.split('/');
    let spans = |part: &str| part == "**" || part.matches('{').count() != part.matches('}').count();
    for name in folder.split('/').filter(|name| !name.is_empty()) {
        match parts.next() {
            None => return false,
            Some(part) if spans(part) => return true,
            Some(part) => {
                let fits = GlobBuilder::new(part).literal_separator(true).build();
                if !fits.is_ok_and(|glob| glob.compile_matcher().is_match(name)) {
                    return false;
                }
            }
        }
    }
    parts.next().is_some()
}

/// Leaves out links to files that are there already, by their own path or by another link.
fn once(paths: BTreeSet<String>, links: &BTreeMap<String, String>) -> Vec<String> {
    let mut seen: BTreeSet<String> = paths.iter().filter(|path| !links.contains_key(*path)).cloned().collect();
    let first = |path: &String| links.get(path).is_none_or(|target| seen.insert(target.clone()));
    paths.into_iter().filter(first).collect()
}

/// Tells whether a pattern matches a path. Hidden files are matched by patterns that name a hidden part only.
pub(super) fn is_match(patterns: &[DefinitionGlob], path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    let fits = |pattern: &DefinitionGlob| {
        let names_hidden = pattern.glob.split('/').any(|part| part.starts_with('.') && part != ".");
        (!hidden || names_hidden) && matcher(pattern, &mut Vec::new()).is_some_and(|glob| glob.is_match(path))
    };
    patterns.iter().any(fits)
}

fn no_match(pattern: &DefinitionGlob) -> Diagnostic {
    let message = format!("the pattern {} matches no file", quote(&pattern.glob));
    let diagnostic = Diagnostic::error(Code::NoMatch, message);
    match &pattern.place {
        Some(place) => diagnostic.at(place.clone(), "").help("correct the pattern, or remove it"),
        None => diagnostic
            .help("`definitions` is `clients/**/*.yaml` unless icsync.yaml says otherwise: write a definition there, or take over what the server has with `icsync export`"),
    }
}

fn matcher(pattern: &DefinitionGlob, found: &mut Vec<Diagnostic>) -> Option<GlobMatcher> {
    let glob = pattern.glob.strip_prefix("./").unwrap_or(&pattern.glob);
    let at = |diagnostic: Diagnostic| match &pattern.place {
        Some(place) => diagnostic.at(place.clone(), ""),
        None => diagnostic,
    };
    if glob.starts_with(['/', '\\']) || glob.split('/').any(|part| part == "..") || glob.contains(':') {
        let message = format!("the pattern {} leaves the repository", quote(glob));
        let help = "patterns are relative to the folder of icsync.yaml, without `..`";
        found.push(at(Diagnostic::error(Code::OutsideRepository, message)).help(help));
        return None;
    }
    match GlobBuilder::new(glob).literal_separator(true).build() {
        Ok(built) => Some(built.compile_matcher()),
        Err(error) => {
            let message = format!("{} is not a glob: {}", quote(glob), error.kind());
            found.push(at(Diagnostic::error(Code::BadGlob, message)).help("for example `clients/**/*.yaml`"));
            None
        }
    }
}

/// Gives the folder that a pattern begins with before its first special character.
fn fixed_folder(glob: &str) -> &str {
    let glob = glob.strip_prefix("./").unwrap_or(glob);
    let fixed = glob.find(['*', '?', '[', '{', '\\']).map_or(glob, |at| &glob[..at]);
    fixed.rfind('/').map_or("", |at| &glob[..at])
}

/// Reads files on as many threads as the machine runs at once; the result is in the order of the paths.
pub(super) fn read_all(
    source: &dyn Source,
    paths: &[String],
    variables: &Variables<'_>,
    catalogue: Option<&Catalogue>,
    digest: &mut Digest,
) -> Parsed {
    const LEAST: usize = 16;
    source.prepare(paths);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = paths.len().div_ceil(threads).max(LEAST);
    let parts: Vec<(Parsed, Digest)> = std::thread::scope(|scope| {
        let mut chunks = paths.chunks(share);
        let first = chunks.next();
        let others: Vec<_> =
            chunks.map(|paths| scope.spawn(|| read_some(source, paths, variables, catalogue))).collect();
        let first = first.map(|paths| read_some(source, paths, variables, catalogue));
        let others = others.into_iter().map(|thread| match thread.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        first.into_iter().chain(others).collect()
    });
    let mut all = Parsed::default();
    for (part, part_digest) in parts {
        all.absorb(part);
        digest.extend(part_digest);
    }
    all
}

fn read_some(
    source: &dyn Source,
    paths: &[String],
    variables: &Variables<'_>,
    catalogue: Option<&Catalogue>,
) -> (Parsed, Digest) {
    let (mut all, mut digest, mut shared) = (Parsed::default(), Digest::default(), Interner::default());
    for path in paths {
        match read_text(source, path, &mut digest) {
            Ok(file) => all.absorb(read_documents(&Arc::new(file), variables, &mut shared, catalogue)),
            Err(diagnostic) => {
                all.found.push(*diagnostic);
                all.extent = Completeness::Part;
            }
        }
    }
    (all, digest)
}

/// The CSV files that fleets name, each read once.
pub(super) struct Tables<'a> {
    source: &'a dyn Source,
    read: BTreeMap<String, Option<Arc<Table>>>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(source: &'a dyn Source) -> Self {
        Self { source, read: BTreeMap::new() }
    }

    /// Gives the CSV file of a fleet: a path relative to the file of the fleet, or else to `icsync.yaml`.
    pub(super) fn of(&mut self, fleet: &Fleet, digest: &mut Digest, found: &mut Vec<Diagnostic>) -> Option<Arc<Table>> {
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

    fn load(&self, path: &str, digest: &mut Digest, found: &mut Vec<Diagnostic>) -> Option<Arc<Table>> {
        let file = read_text(self.source, path, digest).map_err(|diagnostic| found.push(*diagnostic)).ok()?;
        Table::read(&Arc::new(file)).map(Arc::new).map_err(|diagnostics| found.extend(diagnostics)).ok()
    }
}

/// Joins a folder and a relative path; `None` if it leads out of the repository.
pub(super) fn normalize(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '\\']) || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_repository() {
        assert_eq!(normalize("clients/a", "../desks.csv").as_deref(), Some("clients/desks.csv"));
        assert_eq!(normalize("clients", "./x/./y.csv").as_deref(), Some("clients/x/y.csv"));
        assert_eq!(normalize("clients", "../../desks.csv"), None);
        assert_eq!(normalize("clients", "/etc/passwd"), None);
    }

    #[test]
    fn a_folder_matters_where_a_pattern_may_look_into_it() {
        for (glob, folder) in [
            ("clients/**/*.yaml", "clients/doc"),
            ("clients/*/*.yaml", "clients/a"),
            ("{a,b/c}/*.yaml", "b"),
            ("**/*.yaml", "x/y"),
            ("./a/*.yaml", "a"),
        ] {
            assert!(may_be_below(glob, folder), "{glob} {folder}");
        }
        for (glob, folder) in [
            ("{clients,more}/*.yaml", "tools/bin"),
            ("clients/*.yaml", "clients/a"),
            ("clients/a*/*.yaml", "clients/b"),
            ("one.yaml", "one.yaml"),
        ] {
            assert!(!may_be_below(glob, folder), "{glob} {folder}");
        }
    }

    #[test]
    fn only_the_fixed_folder_of_a_pattern_is_searched() {
        assert_eq!(fixed_folder("clients/**/*.yaml"), "clients");
        assert_eq!(fixed_folder("./a/b/c*.yaml"), "a/b");
        assert_eq!(fixed_folder("*.yaml"), "");
        assert_eq!(fixed_folder("clients/one.yaml"), "clients");
        assert_eq!(fixed_folder("{a,b}/*.yaml"), "");
    }
}
