//! Globs, whatever somebody writes as one: one that cannot be matched with is refused.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// How deep braces of a glob may be nested. Both the reader of globs and the engine behind it go down with each.
const MOST_DEPTH: usize = 32;

/// What `*` and `?` of a glob stop at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// At nothing: keys, names and device numbers are not paths.
    Nowhere,
    /// At the `/` between the parts of a path.
    AtSlashes,
}

/// Builds what a glob matches, or says why it is none.
pub(crate) fn glob(text: &str, stop: Stop) -> Result<GlobSet, String> {
    if depth(text) > MOST_DEPTH {
        return Err(format!("its braces are nested more than {MOST_DEPTH} deep"));
    }
    let built = GlobBuilder::new(text).literal_separator(stop == Stop::AtSlashes).build();
    let one = built.map_err(|error| error.kind().to_string())?;
    // A set says what its engine refuses, where the matcher of a single glob would panic.
    let set = GlobSetBuilder::new().add(one).build();
    set.map_err(|_| "it is too large to be matched with".to_owned())
}

/// Counts how deep braces are nested, those of classes and behind backslashes left out.
fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '[' => skip_class(&mut characters),
            '{' => {
                now += 1;
                most = most.max(now);
            }
            '}' => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// Skips the rest of a class, in which a bracket that stands first closes nothing.
fn skip_class(characters: &mut std::str::Chars<'_>) {
    let first = characters.next();
    if matches!(first, Some('!' | '^')) {
        characters.next();
    }
    characters.by_ref().find(|character| *character == ']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_nesting_of_braces_makes_a_glob_panic() {
        for nested in [1, 32, 33, 100, 257, 100_000] {
            let text = format!("{}a{}", "{".repeat(nested), "}".repeat(nested));
            for stop in [Stop::Nowhere, Stop::AtSlashes] {
                assert_eq!(glob(&text, stop).is_ok(), nested <= MOST_DEPTH, "{nested}");
            }
        }
    }

    #[test]
    fn braces_that_nest_nothing_are_not_counted() {
        for text in ["{a,b}".repeat(100), "[{]".repeat(100), "[!{]x".repeat(100), "\\{".repeat(100)] {
            assert!(glob(&text, Stop::Nowhere).is_ok(), "{text}");
        }
    }

    #[test]
    fn stars_stop_where_they_are_told_to() {
        let matches = |stop| glob("a*c", stop).is_ok_and(|glob| glob.is_match("a/c"));
        assert!(matches(Stop::Nowhere) && !matches(Stop::AtSlashes));
    }
}
