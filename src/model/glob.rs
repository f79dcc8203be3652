//! The one place where globs are compiled: what is too long or too deep for the compiler is refused before it.

use std::str::Chars;

use globset::{GlobBuilder, GlobMatcher};

/// The longest glob, in bytes.
const LONGEST: usize = 4_096;

/// As deep may braces be nested. The compiler gives up at 250 groups, and nobody reads more than a few.
const DEEPEST: usize = 16;

/// The most text of a refused glob that is repeated, in characters.
const SHOWN: usize = 80;

/// Why a text is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GlobError {
    /// It has too many bytes.
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    /// Its braces are nested too deep.
    #[error("its braces are nested more than {DEEPEST} deep")]
    TooDeep,
    /// It is not written as a glob is.
    #[error("{0}")]
    Syntax(String),
}

/// A glob that can be matched. Those of plain text and `*` are matched by themselves: thousands of them then cost neither the
/// memory nor the time of as many engines.
#[derive(Debug, Clone)]
pub(crate) struct Glob(GlobForm);

#[derive(Debug, Clone)]
enum GlobForm {
    Text(Starred),
    /// The parts of a path before and behind a `**` that stands for any number of parts.
    Path {
        before: Vec<Starred>,
        behind: Option<Vec<Starred>>,
    },
    Engine(GlobMatcher),
}

impl Glob {
    /// Tells whether it matches a whole text.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match &self.0 {
            GlobForm::Text(starred) => starred.is_match(text),
            GlobForm::Path { before, behind: None } => {
                let mut parts = text.split('/');
                before.iter().all(|one| parts.next().is_some_and(|part| one.is_match(part))) && parts.next().is_none()
            }
            GlobForm::Path { before, behind: Some(behind) } => {
                let mut parts = text.split('/');
                before.iter().all(|one| parts.next().is_some_and(|part| one.is_match(part)))
                    && behind.iter().rev().all(|one| parts.next_back().is_some_and(|part| one.is_match(part)))
                    && (!behind.is_empty() || parts.next().is_some())
            }
            GlobForm::Engine(matcher) => matcher.is_match(text),
        }
    }
}

/// Text with a `*` for any characters between its pieces.
#[derive(Debug, Clone)]
struct Starred {
    first: Box<str>,
    others: Box<[Box<str>]>,
}

impl Starred {
    /// Reads a glob that is nothing but text and `*`.
    fn new(glob: &str) -> Option<Self> {
        if glob.contains(['?', '[', ']', '{', '}', '\\']) || glob.contains("**") {
            return None;
        }
        let mut pieces = glob.split('*').map(Box::from);
        Some(Self { first: pieces.next()?, others: pieces.collect() })
    }

    fn is_match(&self, text: &str) -> bool {
        let Some((last, between)) = self.others.split_last() else { return *text == *self.first };
        let rest = text.strip_prefix(&*self.first).and_then(|rest| rest.strip_suffix(&**last));
        let after = |rest: &'_ str, piece: &str| Some(rest.find(piece)? + piece.len());
        rest.is_some_and(|mut rest| {
            between.iter().all(|piece| match after(rest, piece) {
                Some(at) => {
                    rest = &rest[at..];
                    true
                }
                None => false,
            })
        })
    }
}

/// Builds a matcher in which `*` crosses every character: keys, names and device numbers are not paths.
pub(crate) fn text_glob(glob: &str) -> Result<Glob, GlobError> {
    let form = |glob: &str| Starred::new(glob).map(GlobForm::Text);
    build(glob, form, GlobBuilder::new(glob).literal_separator(false))
}

/// Builds a matcher of paths in which only `**` crosses a slash.
pub(crate) fn path_glob(glob: &str) -> Result<Glob, GlobError> {
    build(glob, path_form, GlobBuilder::new(glob).literal_separator(true))
}

/// Reads a glob of paths whose parts are text and `*`, or `**` once.
fn path_form(glob: &str) -> Option<GlobForm> {
    let parts: Vec<&str> = glob.split('/').collect();
    let starred = |parts: &[&str]| parts.iter().map(|part| Starred::new(part)).collect::<Option<Vec<_>>>();
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    match parts.iter().position(|part| *part == "**") {
        Some(at) => Some(GlobForm::Path { before: starred(&parts[..at])?, behind: Some(starred(&parts[at + 1..])?) }),
        None => Some(GlobForm::Path { before: starred(&parts)?, behind: None }),
    }
}

fn build(glob: &str, form: impl Fn(&str) -> Option<GlobForm>, builder: &GlobBuilder<'_>) -> Result<Glob, GlobError> {
    if glob.len() > LONGEST {
        return Err(GlobError::TooLong);
    }
    form(glob).map_or_else(|| compile(builder, glob).map(GlobForm::Engine), Ok).map(Glob)
}

/// Gives what stands before the first special character.
pub(crate) fn fixed_beginning(glob: &str) -> &str {
    glob.find(['*', '?', '[', ']', '{', '}', '\\']).map_or(glob, |at| &glob[..at])
}

/// Gives as much of a refused glob as a message repeats.
pub(crate) fn beginning(glob: &str) -> String {
    match glob.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &glob[..end]),
        None => glob.to_owned(),
    }
}

fn compile(builder: &GlobBuilder<'_>, glob: &str) -> Result<GlobMatcher, GlobError> {
    if glob.len() > LONGEST {
        return Err(GlobError::TooLong);
    }
    if depth(glob) > DEEPEST {
        return Err(GlobError::TooDeep);
    }
    let built = builder.build().map_err(|error| GlobError::Syntax(error.kind().to_string()))?;
    Ok(built.compile_matcher())
}

/// Counts how deep braces are nested; those behind a backslash and in brackets are plain characters.
fn depth(glob: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = glob.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => drop(rest.next()),
            '[' => rest = behind_class(rest),
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Goes to the end of a class. A bracket that stands first in it does not close it.
fn behind_class(mut class: Chars<'_>) -> Chars<'_> {
    let first = class.next();
    if matches!(first, Some('!' | '^')) {
        class.next();
    }
    class.find(|character| *character == ']');
    class
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn braces_nested_deeper_than_the_compiler_goes_are_refused_and_do_not_panic() {
        let nested = |depth: usize| format!("{}{}", "{".repeat(depth), "}".repeat(depth));
        for compile in [text_glob, path_glob] {
            assert!(compile(&nested(DEEPEST)).is_ok());
            for depth in [DEEPEST + 1, 257, 2_000] {
                assert_eq!(compile(&nested(depth)).err(), Some(GlobError::TooDeep));
            }
            assert!(matches!(compile(&"{".repeat(DEEPEST)), Err(GlobError::Syntax(_))));
        }
    }

    #[test]
    fn closing_braces_that_are_plain_hide_no_nesting() {
        for plain in ["\\}", "[}]"] {
            let glob = format!("{}{}", format!("{{{plain}").repeat(300), "}".repeat(300));
            assert!(text_glob(&glob).is_err(), "{plain}");
        }
    }

    #[test]
    fn the_longest_globs_compile_whatever_they_are_made_of() {
        for piece in ["*", "**/", "?", "[a-z]", "[!é-ü]", "ü", "{a,b}", "\\a", "a,", "/**"] {
            let longest = piece.repeat(LONGEST / piece.len());
            for compile in [text_glob, path_glob] {
                assert!(compile(&longest).is_ok(), "{piece}");
                assert_eq!(compile(&piece.repeat(LONGEST)).err().is_some(), piece.len() > 1);
            }
        }
    }

    proptest! {
        #[test]
        fn plain_globs_match_what_the_engine_matches(
            text_pattern in r"[ab*]{0,8}",
            pattern in r"([ab*]{1,3}|\*\*)(/([ab*]{1,3}|\*\*)){0,3}",
            path in "[ab]{1,3}(/[ab]{1,3}){0,3}",
        ) {
            let engine = |glob: &str, separated| GlobBuilder::new(glob).literal_separator(separated).build().expect("a glob").compile_matcher();
            prop_assert_eq!(path_glob(&pattern).expect("a glob").is_match(&path), engine(&pattern, true).is_match(&path), "{} {}", pattern, path);
            for pattern in [&pattern, &text_pattern] {
                prop_assert_eq!(text_glob(pattern).expect("a glob").is_match(&path), engine(pattern, false).is_match(&path), "{} {}", pattern, path);
            }
        }

        #[test]
        fn no_text_panics(glob in r"([{}\[\]!*?,\\/a-cü^-]|\*\*/|\{a,){0,300}", text in "[a-cü/]{0,20}") {
            for compile in [text_glob, path_glob] {
                if let Ok(glob) = compile(&glob) {
                    let _ = glob.is_match(&text);
                }
            }
        }
    }
}
