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

/// Builds a matcher in which `*` crosses every character: keys, names and device numbers are not paths.
pub(crate) fn text_glob(glob: &str) -> Result<GlobMatcher, GlobError> {
    compile(GlobBuilder::new(glob).literal_separator(false), glob)
}

/// Builds a matcher of paths in which only `**` crosses a slash.
pub(crate) fn path_glob(glob: &str) -> Result<GlobMatcher, GlobError> {
    compile(GlobBuilder::new(glob).literal_separator(true), glob)
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
        fn no_text_panics(glob in r"([{}\[\]!*?,\\/a-cü^-]|\*\*/|\{a,){0,300}", text in "[a-cü/]{0,20}") {
            for compile in [text_glob, path_glob] {
                if let Ok(glob) = compile(&glob) {
                    let _ = glob.is_match(&text);
                }
            }
        }
    }
}
