//! The globs of `definitions`: which paths they read, leave out, and cover.

use std::collections::BTreeSet;

use super::budget::Mistakes;
use super::config::{DefinitionGlob, GlobRole};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Glob, beginning, path_glob};
use crate::text::quote;

/// As many alternatives of braces in one glob are looked at one by one.
const MOST_ALTERNATIVES: usize = 1_000;

/// The globs of one list together.
pub(super) struct Patterns<'a> {
    pub(super) reading: Vec<ReadingPattern<'a>>,
    /// What lies in the folders that they look into.
    covered: Vec<Glob>,
    leaving_out: Vec<Glob>,
}

/// A glob of files to read.
pub(super) struct ReadingPattern<'a> {
    pub(super) written: &'a DefinitionGlob,
    glob: Glob,
    /// The glob for each choice of its braces.
    alternatives: Vec<String>,
    names_hidden: bool,
}

impl<'a> Patterns<'a> {
    /// Compiles globs and reports those that are none.
    pub(super) fn new(globs: &'a [DefinitionGlob], found: &mut Mistakes) -> Self {
        let (mut reading, mut leaving_out) = (Vec::new(), Vec::new());
        for written in globs {
            let Some(glob) = matcher(written, found) else { continue };
            match written.role {
                GlobRole::Read => reading.push(ReadingPattern::new(written, glob)),
                GlobRole::LeaveOut => leaving_out.push(glob),
            }
        }
        let around: BTreeSet<String> = reading.iter().flat_map(ReadingPattern::around).collect();
        let covered = around.iter().filter_map(|glob| path_glob(glob).ok()).collect();
        Self { reading, covered, leaving_out }
    }

    /// Tells whether a file is read. Hidden ones are by globs that name a hidden part only.
    pub(super) fn read(&self, path: &str) -> bool {
        self.reading.iter().any(|pattern| pattern.matches(path)) && !self.leave_out(path)
    }

    /// Tells whether a path is left out, by itself or with the folder that it lies in.
    pub(super) fn leave_out(&self, path: &str) -> bool {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        let mut paths = above.chain([path]);
        !self.leaving_out.is_empty() && paths.any(|path| self.leaving_out.iter().any(|glob| glob.is_match(path)))
    }

    /// Tells whether a file lies in a folder that is looked into.
    pub(super) fn cover(&self, path: &str) -> bool {
        self.covered.iter().any(|glob| glob.is_match(path))
    }

    /// Tells whether a file below a folder may be read.
    pub(super) fn may_read_below(&self, folder: &str) -> bool {
        let below = |pattern: &ReadingPattern<'_>| pattern.alternatives.iter().any(|glob| may_be_below(glob, folder));
        // Whatever is directly in a folder stands for all that is in there.
        self.reading.iter().any(below) && !self.leave_out(&format!("{folder}/*"))
    }
}

impl<'a> ReadingPattern<'a> {
    fn new(written: &'a DefinitionGlob, glob: Glob) -> Self {
        let alternatives = alternatives(bare(written));
        let names_hidden = alternatives.iter().any(|glob| is_hidden(glob));
        Self { written, glob, alternatives, names_hidden }
    }

    /// Gives globs of all that lies in the folders that it looks into.
    fn around(&self) -> impl Iterator<Item = String> {
        self.alternatives.iter().map(|glob| {
            let (folder, name) = glob.rsplit_once('/').unwrap_or(("", glob));
            if name == "**" { glob.clone() } else { super::path::join(folder, "*") }
        })
    }

    /// Tells whether it matches a file, as far as the file is not hidden or it names hidden ones.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.glob.is_match(path) && (self.names_hidden || !is_hidden(path))
    }

    /// Tells whether it names a hidden file or folder.
    pub(super) fn names_hidden(&self) -> bool {
        self.names_hidden
    }

    /// Gives the folder that it begins with before its first special character.
    pub(super) fn fixed_folder(&self) -> &'a str {
        fixed_folder(bare(self.written))
    }
}

/// Tells whether a part of a path begins with a dot.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') && part != ".")
}

/// Gives a glob without what says the same without it.
fn bare(pattern: &DefinitionGlob) -> &str {
    pattern.glob.strip_prefix("./").unwrap_or(&pattern.glob)
}

fn matcher(pattern: &DefinitionGlob, found: &mut Mistakes) -> Option<Glob> {
    let glob = bare(pattern);
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
    // Folders are left out with all that is in them.
    let glob = if pattern.role == GlobRole::LeaveOut { glob.trim_end_matches('/') } else { glob };
    match path_glob(glob) {
        Ok(built) => Some(built),
        Err(error) => {
            let message = format!("{} is not a glob: {error}", quote(&beginning(glob)));
            found.push(at(Diagnostic::error(Code::BadGlob, message)).help("for example `clients/**/*.{yaml,yml}`"));
            None
        }
    }
}

/// Writes a glob out for each choice of its braces; as it is if there are too many.
fn alternatives(glob: &str) -> Vec<String> {
    let mut whole = vec![glob.to_owned()];
    while let Some((at, (before, choices, after))) =
        whole.iter().enumerate().find_map(|(at, one)| Some((at, braces(one)?)))
    {
        if whole.len() + choices.len() > MOST_ALTERNATIVES {
            return vec![glob.to_owned()];
        }
        let written: Vec<String> = choices.iter().map(|choice| format!("{before}{choice}{after}")).collect();
        whole.splice(at..=at, written);
    }
    whole
}

/// Finds the first braces of a glob: what stands before, in, and behind them.
fn braces(glob: &str) -> Option<(&str, Vec<&str>, &str)> {
    let (mut depth, mut open, mut from, mut choices) = (0_usize, 0, 0, Vec::new());
    let mut characters = glob.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '{' => {
                depth += 1;
                if depth == 1 {
                    (open, from) = (at, at + 1);
                }
            }
            ',' if depth == 1 => {
                choices.push(&glob[from..at]);
                from = at + 1;
            }
            '}' if depth == 1 => {
                choices.push(&glob[from..at]);
                return Some((&glob[..open], choices, &glob[at + 1..]));
            }
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Tells whether a glob without braces may match a file below a folder: its parts match one by one, up to a `**`, behind
/// which anything may come.
fn may_be_below(glob: &str, folder: &str) -> bool {
    let mut parts = glob.split('/');
    for name in folder.split('/').filter(|name| !name.is_empty()) {
        match parts.next() {
            None => return false,
            Some("**") => return true,
            Some(part) => {
                if !path_glob(part).is_ok_and(|glob| glob.is_match(name)) {
                    return false;
                }
            }
        }
    }
    parts.next().is_some()
}

fn fixed_folder(glob: &str) -> &str {
    let fixed = glob.find(['*', '?', '[', '{', '\\']).map_or(glob, |at| &glob[..at]);
    fixed.rfind('/').map_or("", |at| &glob[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(written: &[&str]) -> Vec<DefinitionGlob> {
        written.iter().map(|text| DefinitionGlob::new(text, None)).collect()
    }

    #[test]
    fn a_folder_matters_where_a_pattern_may_look_into_it() {
        for (glob, folder, matters) in [
            ("clients/**/*.yaml", "clients/doc", true),
            ("clients/*/*.yaml", "clients/a", true),
            ("{a,b/c}/*.yaml", "b", true),
            ("**/*.yaml", "x/y", true),
            ("./a/*.yaml", "a", true),
            ("{clients,more}/*.yaml", "tools/bin", false),
            ("clients/*.yaml", "clients/a", false),
            ("clients/a*/*.yaml", "clients/b", false),
            ("one.yaml", "one.yaml", false),
        ] {
            let globs = globs(&[glob]);
            assert_eq!(
                Patterns::new(&globs, &mut Mistakes::default()).may_read_below(folder),
                matters,
                "{glob} {folder}"
            );
        }
    }

    #[test]
    fn a_pattern_covers_the_folders_that_it_looks_into() {
        for (glob, path, covered) in [
            ("clients/**/*.{yaml,yml}", "clients/c3.json", true),
            ("clients/**/*.{yaml,yml}", "clients/a/b/c3.json", true),
            ("clients/**/*.{yaml,yml}", "clients/.c3.yaml", true),
            ("clients/**/*.{yaml,yml}", "elsewhere/c3.yaml", false),
            ("clients/*.yaml", "clients/a/c3.yml", false),
            ("clients/one.yaml", "clients/two.yaml", true),
            ("{a/x,b/c/{y,z}}.yaml", "b/c/w.yml", true),
            ("{a/x,b/c/{y,z}}.yaml", "b/w.yml", false),
            ("*.yaml", "c3.YML", true),
            ("*.yaml", "a/c3.yml", false),
            ("**/*.yaml", "c3.yml", true),
            ("clients/**", "clients/a/c3.yml", true),
        ] {
            let globs = globs(&[glob]);
            assert_eq!(Patterns::new(&globs, &mut Mistakes::default()).cover(path), covered, "{glob} {path}");
        }
    }

    #[test]
    fn what_is_left_out_is_not_read() {
        let globs = globs(&["**/*.yaml", "!drafts/**", "!./old/", "!**/*.draft.yaml"]);
        let patterns = Patterns::new(&globs, &mut Mistakes::default());
        for (path, read) in [
            ("a.yaml", true),
            ("drafts/a.yaml", false),
            ("drafts/b/a.yaml", false),
            ("old/b/a.yaml", false),
            ("x/a.draft.yaml", false),
            ("x/drafts/a.yaml", true),
        ] {
            assert_eq!(patterns.read(path), read, "{path}");
        }
        assert!(!patterns.may_read_below("drafts") && !patterns.may_read_below("old/x"));
    }

    #[test]
    fn only_the_fixed_folder_of_a_pattern_is_searched() {
        assert_eq!(fixed_folder("clients/**/*.yaml"), "clients");
        assert_eq!(fixed_folder("a/b/c*.yaml"), "a/b");
        assert_eq!(fixed_folder("*.yaml"), "");
        assert_eq!(fixed_folder("clients/one.yaml"), "clients");
        assert_eq!(fixed_folder("{a,b}/*.yaml"), "");
    }

    #[test]
    fn braces_are_written_out() {
        assert_eq!(alternatives("a/{b,c{d,e}}/*.{x,y}").len(), 6);
        assert_eq!(alternatives("a/{b"), ["a/{b"]);
        assert_eq!(alternatives(&"{a,b}".repeat(30)).len(), 1);
    }
}
