//! Which files of a tree hold definitions, and which look as if they did.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::budget::Mistakes;
use super::config::{DefinitionFiles, DefinitionGlob, ResolvedConfig};
use super::files::unreadable;
use super::keys::{CLIENT_KIND, FLEET_KIND, KIND};
use super::listing::{DotFiles, FolderListing, ListingProblem, ProblemKind, SourceError};
use super::patterns::{Patterns, ReadingPattern};
use super::source::Source;
use super::{CATALOGUE_FILE, CONFIG_FILE, Emptiness};
use crate::diagnostic::{Code, Diagnostic, Place, Severity, SourceFile, Span};
use crate::model::Prune;
use crate::text::quote;

/// How names of files end that look like definitions, in small letters.
const ENDINGS: [&str; 3] = [".yaml", ".yml", ".json"];

/// How names of files end that say what others look like, such as those that `icsync init` writes.
const SCHEMA_ENDING: &str = ".schema.json";

/// Finds the files that the patterns match, in order. The configuration and the catalogue of keys are none of them.
pub(super) fn find_definitions(
    source: &dyn Source,
    files: &DefinitionFiles,
    config_path: &str,
    emptiness: Emptiness,
    found: &mut Mistakes,
) -> Vec<String> {
    let patterns = Patterns::new(&files.globs, found);
    let listing = list(source, &patterns);
    // What no pattern can mean is nobody's business, but a folder that cannot be read may hold anything.
    let matters = |problem: &&ListingProblem| match problem.kind {
        ProblemKind::File => matters_as_file(&patterns, &problem.path),
        ProblemKind::Folder => patterns.may_read_below(&problem.path),
        ProblemKind::Unclear => matters_as_file(&patterns, &problem.path) || patterns.may_read_below(&problem.path),
    };
    // A link out of the repository is no definition that a commit could hold, and git does not say whether it leads to a folder.
    let may_be_nothing = |problem: &ListingProblem| {
        matches!((problem.kind, &problem.error), (ProblemKind::Unclear, SourceError::Outside(_)))
            && !matters_as_file(&patterns, &problem.path)
    };
    found.extend(listing.problems.iter().filter(matters).filter_map(|problem| {
        let mistake = unreadable(&problem.error);
        match emptiness {
            Emptiness::Told if may_be_nothing(problem) => Some(as_warning(mistake)),
            Emptiness::Allowed if may_be_nothing(problem) => None,
            _ => Some(mistake),
        }
    }));
    if emptiness != Emptiness::Allowed {
        let empty = |pattern: &&ReadingPattern<'_>| !listing.files.iter().any(|path| pattern.matches(path));
        let mistakes = patterns.reading.iter().filter(empty).map(|pattern| no_match(pattern.written));
        found.extend(mistakes.filter_map(|mistake| emptiness.judge(mistake)));
    }
    let is_other = |path: &str| path == config_path || path == CATALOGUE_FILE;
    let read = listing.files.iter().filter(|path| !is_other(path) && patterns.read(path)).cloned().collect();
    let strays = Strays { source, listing: &listing, files, patterns: &patterns };
    found.extend(strays.find(&read).filter(|path| !is_other(path)).map(|path| stray(path)));
    if files.prune == Prune::Delete {
        found.extend(strays.outside(&read).iter().filter(|path| !is_other(path)).map(|path| stray(path)));
    }
    once(read, &listing.links)
}

/// Finds what is wrong with a tree only where unmanaged clients are deleted, for a run that does so although the configuration
/// does not: files that define clients and that no pattern reads.
pub(crate) fn unread_definitions(source: &dyn Source, resolved: &ResolvedConfig) -> Vec<Diagnostic> {
    if resolved.prune == Prune::Delete {
        return Vec::new();
    }
    let files = DefinitionFiles { prune: Prune::Delete, ..resolved.definitions.clone() };
    let mut found = Mistakes::default();
    find_definitions(source, &files, &resolved.config_path, Emptiness::Allowed, &mut found);
    found.into_vec()
}

/// Says of a link what it may be.
fn as_warning(mistake: Diagnostic) -> Diagnostic {
    let help = "git does not say whether it leads to a folder: if it does, `validate`, `plan` and `apply` refuse it";
    Diagnostic { severity: Severity::Warning, ..mistake }.help(help)
}

/// Lists the folders that patterns begin with.
fn list(source: &dyn Source, patterns: &Patterns<'_>) -> FolderListing {
    let mut folders: BTreeMap<&str, DotFiles> = BTreeMap::new();
    for pattern in &patterns.reading {
        let hidden = folders.entry(pattern.fixed_folder()).or_insert(DotFiles::Skipped);
        if pattern.names_hidden() {
            *hidden = DotFiles::Listed;
        }
    }
    let (mut all, mut told) = (FolderListing::default(), BTreeSet::new());
    for (folder, hidden) in folders {
        let FolderListing { files, links, problems } = source.list(folder, hidden);
        all.files.extend(files);
        all.links.extend(links);
        all.problems.extend(problems.into_iter().filter(|problem| told.insert(format!("{problem:?}"))));
    }
    all
}

fn matters_as_file(patterns: &Patterns<'_>, path: &str) -> bool {
    patterns.read(path) || (is_suspect(path) && patterns.cover(path) && !patterns.leave_out(path))
}

/// Leaves out links to files that are there already, by their own path or by another link.
fn once(paths: BTreeSet<String>, links: &BTreeMap<String, String>) -> Vec<String> {
    let mut seen: BTreeSet<String> = paths.iter().filter(|path| !links.contains_key(*path)).cloned().collect();
    let first = |path: &String| links.get(path).is_none_or(|target| seen.insert(target.clone()));
    paths.into_iter().filter(first).collect()
}

fn no_match(pattern: &DefinitionGlob) -> Diagnostic {
    let message = format!("the pattern {} matches no file", quote(&pattern.glob));
    let diagnostic = Diagnostic::error(Code::NoMatch, message);
    match &pattern.place {
        Some(place) => {
            diagnostic.at(place.clone(), "").help("did a folder move? Name the new one; else correct the pattern, or remove it")
        }
        None => diagnostic.help(format!(
            "`definitions` is {} unless icsync.yaml says otherwise. Did a folder move? Name it there. If there is none yet, write a definition, or take over what the server has with `icsync export`",
            quote(&pattern.glob)
        )),
    }
}

/// Tells whether the name of a file is that of a definition.
fn is_suspect(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending)) && !name.ends_with(SCHEMA_ENDING)
}

/// Files that look like definitions and that nothing reads.
struct Strays<'a> {
    source: &'a dyn Source,
    listing: &'a FolderListing,
    files: &'a DefinitionFiles,
    patterns: &'a Patterns<'a>,
}

impl Strays<'_> {
    fn find(&self, read: &BTreeSet<String>) -> impl Iterator<Item = &String> {
        let known = self.known(read);
        let elsewhere = LazyCell::new(|| self.elsewhere());
        self.listing.files.iter().filter(move |path| {
            is_suspect(path)
                && !known.contains(self.own(path))
                && self.patterns.cover(path)
                && !self.patterns.leave_out(path)
                && !self.files.named.contains(*path)
                && !elsewhere.iter().any(|patterns| patterns.read(path))
                && self.may_define(path)
        })
    }

    /// Gives the files that are read, wherever links lead.
    fn known(&self, read: &BTreeSet<String>) -> BTreeSet<String> {
        read.iter().map(|path| self.own(path).clone()).collect()
    }

    fn own<'p>(&'p self, path: &'p String) -> &'p String {
        self.listing.links.get(path).unwrap_or(path)
    }

    /// Finds files anywhere else in the repository that define clients, as a folder does that was moved: where unmanaged clients
    /// are deleted, theirs would be. What lies beside another configuration is the business of that one.
    fn outside(&self, read: &BTreeSet<String>) -> Vec<String> {
        let known = self.known(read);
        let all = self.source.list("", DotFiles::Skipped);
        let other =
            |path: &String| Some(path.strip_suffix(CONFIG_FILE)?.to_owned()).filter(|folder| folder.ends_with('/'));
        let others: Vec<String> = all.files.iter().filter_map(other).collect();
        let elsewhere = LazyCell::new(|| self.elsewhere());
        let is_outside = |path: &String| {
            is_suspect(path)
                && !known.contains(path)
                && !self.patterns.cover(path)
                && !self.patterns.read(path)
                && !self.patterns.leave_out(path)
                && !self.files.named.contains(path)
                && !elsewhere.iter().any(|patterns| patterns.read(path))
                && !others.iter().any(|folder| path.starts_with(folder))
                && self.defines(path)
        };
        all.files.into_iter().filter(is_outside).collect()
    }

    /// Tells whether a line of a file says that a client or a fleet is defined.
    fn defines(&self, path: &str) -> bool {
        let is_kind = |line: &str| {
            let rest = line.trim_start_matches(['{', ' ', '"', '\'']).strip_prefix(KIND);
            let word = rest.map(|rest| rest.trim_start_matches(['"', '\'', ' ', ':'])).unwrap_or_default();
            [CLIENT_KIND, FLEET_KIND].iter().any(|kind| word.starts_with(kind))
        };
        self.source.read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).lines().any(is_kind))
    }

    /// Gives what other targets read.
    fn elsewhere(&self) -> Vec<Patterns<'_>> {
        self.files.elsewhere.iter().map(|globs| Patterns::new(globs, &mut Mistakes::default())).collect()
    }

    /// Tells of links that lead nowhere, as editors make them, and of documents that icsync has written.
    fn may_define(&self, path: &str) -> bool {
        #[derive(Deserialize)]
        struct OwnDocument {
            #[serde(rename = "format_version")]
            _format_version: String,
        }
        match self.source.read(path) {
            Ok(bytes) => serde_json::from_slice::<OwnDocument>(&bytes).is_err(),
            Err(SourceError::Missing(_)) => false,
            Err(_) => true,
        }
    }
}

fn stray(path: &str) -> Diagnostic {
    let message = format!("{} looks like a definition, and no pattern reads it", quote(path));
    let left_out = quote(&format!("\"!{}\"", globset::escape(path)));
    let help = format!(
        "name it as the patterns of `definitions` want it (`.yaml`, without a dot before its name), add a pattern that reads it, or leave it out with {left_out} among them"
    );
    let place = Place { file: Arc::new(SourceFile::new(path, String::new())), span: Span::START };
    Diagnostic::error(Code::UnreadDefinition, message).at(place, "").help(help)
}
