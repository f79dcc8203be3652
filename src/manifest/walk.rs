//! One walk through the folders of a tree, whether it lies on disk or in git.

use super::listing::{DotFiles, FolderListing, ListingProblem, ProblemKind, SourceError};
use super::path::join;

/// As many files and folders are walked through at most.
const MOST_ENTRIES: usize = 1_000_000;

/// As many of them behind links to folders, each counted once for every way to it: a few links that lead to each other, or to
/// a large folder, can mean any number.
const MOST_LINKED: usize = 50_000;

/// The folders of a tree, without following links unless asked to.
pub(super) trait FileTree {
    /// Follows the links in a path, to what is there without them. Nothing outside the tree is found.
    fn locate(&self, path: &str) -> Result<Located, SourceError>;

    /// Lists a folder, which [`locate`](Self::locate) has given.
    fn entries(&self, folder: &str) -> Result<Vec<FolderEntry>, SourceError>;

    /// Says what may be behind a link that cannot be followed.
    fn behind(&self, link: &str, error: &SourceError) -> ProblemKind;
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Located {
    /// A folder, by its path without links.
    Folder(String),
    /// Anything else, by its path without links.
    File(String),
}

/// What stands in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FolderEntry {
    /// Its name, as far as it is text.
    pub(super) name: String,
    pub(super) kind: FolderEntryKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FolderEntryKind {
    Folder,
    File,
    Link,
    /// A commit of another repository.
    Submodule,
    /// Its name is no text, so that no path leads to it.
    Unnamed(ProblemKind),
}

/// Lists what lies below a folder, through all links that stay in the tree.
pub(super) fn walk(tree: &dyn FileTree, folder: &str, hidden: DotFiles) -> FolderListing {
    let folder = folder.trim_matches('/');
    let mut walk = Walk { tree, hidden, links: Vec::new(), listing: FolderListing::default(), entries: 0, linked: 0 };
    match tree.locate(folder) {
        Ok(Located::Folder(real)) => walk.visit(real, folder, &[]),
        Ok(Located::File(_)) => drop(walk.listing.files.insert(folder.to_owned())),
        // Nothing to list is for the caller to say: the pattern matches nothing.
        Err(SourceError::Missing(_)) => {}
        Err(error) => walk.problem(folder, ProblemKind::Folder, error),
    }
    while let Some(link) = walk.links.pop().filter(|_| !walk.is_over()) {
        walk.follow(&link);
    }
    walk.listing
}

struct Walk<'a> {
    tree: &'a dyn FileTree,
    hidden: DotFiles,
    links: Vec<Link>,
    listing: FolderListing,
    entries: usize,
    linked: usize,
}

/// A link that was met.
struct Link {
    path: String,
    /// The folders, without links, that it and the links before it stand in.
    within: Vec<String>,
}

impl Walk<'_> {
    /// Notes what lies below a folder; `within` are the folders of the links that led there.
    fn visit(&mut self, real: String, path: &str, within: &[String]) {
        let mut folders = vec![(real, path.to_owned())];
        while let Some((real, path)) = folders.pop() {
            match self.tree.entries(&real) {
                Ok(entries) => {
                    for FolderEntry { name, kind } in entries {
                        if self.is_left_out(&path, &name, kind) {
                            continue;
                        }
                        self.entries += 1;
                        self.linked += usize::from(!within.is_empty());
                        if self.is_over() {
                            return self.problem(&path, ProblemKind::Folder, self.too_many(&path));
                        }
                        let below = (join(&real, &name), join(&path, &name));
                        match kind {
                            FolderEntryKind::Folder => folders.push(below),
                            other => self.note(other, below, (&real, within)),
                        }
                    }
                }
                Err(error) => self.problem(&path, ProblemKind::Folder, error),
            }
        }
    }

    /// Tells whether there is too much to walk on.
    fn is_over(&self) -> bool {
        self.entries > MOST_ENTRIES || self.linked > MOST_LINKED
    }

    fn too_many(&self, path: &str) -> SourceError {
        let reason = if self.linked > MOST_LINKED {
            format!("links to folders lead to more than {MOST_LINKED} files and folders: remove some of the links")
        } else {
            format!("there are more than {MOST_ENTRIES} files and folders")
        };
        SourceError::Unreadable { path: path.to_owned(), reason }
    }

    /// Notes what stands in a folder and is none, by its paths without links and as it was walked to.
    fn note(&mut self, kind: FolderEntryKind, (real, path): (String, String), (folder, within): (&str, &[String])) {
        match kind {
            FolderEntryKind::Folder => {}
            FolderEntryKind::File => self.file(path, real),
            FolderEntryKind::Link => {
                let within = within.iter().cloned().chain([folder.to_owned()]).collect();
                self.links.push(Link { path, within });
            }
            FolderEntryKind::Submodule => {
                self.problem(&path, ProblemKind::Folder, SourceError::Submodule(path.clone()));
            }
            FolderEntryKind::Unnamed(kind) => self.problem(&path, kind, SourceError::NotUnicode(path.clone())),
        }
    }

    /// Tells of git's own folder, and of the hidden folders that tools keep at the top of a repository.
    fn is_left_out(&self, folder: &str, name: &str, kind: FolderEntryKind) -> bool {
        let of_a_tool = folder.is_empty() && name.starts_with('.') && kind != FolderEntryKind::File;
        name == ".git" || (of_a_tool && self.hidden == DotFiles::Skipped)
    }

    fn file(&mut self, path: String, real: String) {
        if path != real {
            self.listing.links.insert(path.clone(), real);
        }
        self.listing.files.insert(path);
    }

    fn follow(&mut self, link: &Link) {
        let Link { path, within } = link;
        match self.tree.locate(path) {
            // A link to a folder that contains it leads round in a circle.
            Ok(Located::Folder(real)) if within.iter().any(|folder| is_in(folder, &real)) => {}
            Ok(Located::Folder(real)) => self.visit(real, path, within),
            Ok(Located::File(real)) => self.file(path.clone(), real),
            // A link that leads nowhere is an error only if a pattern matches it: reading it will say so.
            Err(SourceError::Missing(_)) => drop(self.listing.files.insert(path.clone())),
            Err(error) => {
                let kind = self.tree.behind(path, &error);
                self.problem(path, kind, error);
            }
        }
    }

    fn problem(&mut self, path: &str, kind: ProblemKind, error: SourceError) {
        self.listing.problems.push(ListingProblem { path: path.to_owned(), kind, error });
    }
}

/// Tells whether a folder is another one or lies in it.
fn is_in(folder: &str, other: &str) -> bool {
    other.is_empty() || folder.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
