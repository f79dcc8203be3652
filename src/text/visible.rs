//! Text that nobody here wrote, made safe to look at.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Shows text on one line: control characters, line ends and characters that nobody sees or that reorder text become
/// `\n`, `\u{1b}` and the like, and so does the sign that makes any line of a log a command to GitHub's runner. The result is
/// also valid XML.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) && !text.contains(COMMAND) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(hidden));
            }
            plain => out.push(plain),
        }
    }
    Cow::Owned(out.replace(COMMAND, "##\\u{5b}"))
}

/// What begins a command of GitHub's runner anywhere in a line (actions/runner, `ActionCommand.TryParse`).
pub(super) const COMMAND: &str = "##[";

/// Tells whether a character is not seen, moves the cursor, or changes the order of what is seen. Non-characters are
/// among them because XML cannot hold them.
pub(crate) fn is_hidden(character: char) -> bool {
    // Hardly any is asked about that is not one of these.
    if matches!(character, ' '..='~') {
        return false;
    }
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_cursor_movements_are_shown_and_not_done() {
        assert_eq!(visible("a\u{1b}[31mred\u{9b}2J\u{7}"), "a\\u{1b}[31mred\\u{9b}2J\\u{7}");
        assert_eq!(visible("one\r\ntwo\tthree"), "one\\r\\ntwo\\tthree");
        assert_eq!(visible("a ##[error]b"), "a ##\\u{5b}error]b");
    }

    #[test]
    fn text_that_reorders_or_hides_is_shown() {
        assert_eq!(
            visible("\u{202e}evil\u{2066}\u{200b}\u{feff}\u{ad}"),
            "\\u{202e}evil\\u{2066}\\u{200b}\\u{feff}\\u{ad}"
        );
        assert_eq!(visible("\u{e0041}\u{fffe}\u{1ffff}"), "\\u{e0041}\\u{fffe}\\u{1ffff}");
    }

    #[test]
    fn text_of_all_languages_stays() {
        for text in ["Zürich – 東京 – Ελλάδα", "C:\\desk\\1", "☎ 100 %"] {
            assert_eq!(visible(text), text);
        }
    }
}
