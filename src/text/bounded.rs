//! Text that may be very long, cut where a person stops reading.

use std::borrow::Cow;

use super::direction::{isolated, still_visible, without_isolates};
use super::visible::visible;

/// The longest text that a report shows of one message or name.
const LONGEST: usize = 2_000;

/// How much of one foreign text is shown.
const EXCERPT: usize = 300;

/// Shows text on one line and cuts it after `most` characters, saying how many are missing.
pub(crate) fn bounded(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => visible(text),
        Some((end, _)) => {
            let missing = text[end..].chars().count();
            Cow::Owned(format!("{}… ({missing} more characters)", visible(&text[..end])))
        }
    }
}

/// Shows text that may have been made visible before, and cuts it.
pub(crate) fn bounded_again(text: &str, most: usize) -> Cow<'_, str> {
    if text.chars().nth(most).is_none() {
        return still_visible(text);
    }
    isolated(bounded(&without_isolates(text), most).into_owned())
}

/// Shows words of several lines, into which foreign text came by whatever way.
pub(crate) fn visible_lines(words: String) -> String {
    let shown: Vec<Cow<'_, str>> = words.split('\n').map(still_visible).collect();
    if shown.iter().all(|line| matches!(line, Cow::Borrowed(_))) {
        drop(shown);
        return words;
    }
    shown.join("\n")
}

/// Shows a message of the server or of a file.
pub(crate) fn message(text: &str) -> Cow<'_, str> {
    bounded(text, LONGEST)
}

/// Shows the beginning of what nobody here knows the form of: an answer of the server, the message of a parser.
pub(crate) fn excerpt(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(EXCERPT) {
        None => visible(text).into_owned(),
        Some((end, _)) => format!("{}…", visible(&text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_says_what_is_missing() {
        assert_eq!(bounded("abcdef", 3), "abc… (3 more characters)");
        assert_eq!(bounded("abc", 3), "abc");
    }

    #[test]
    fn words_keep_their_lines_and_nothing_else_that_acts() {
        assert_eq!(visible_lines("one\ntwo".to_owned()), "one\ntwo");
        assert_eq!(visible_lines("did you mean `a\tb`?\n\u{1b}[31m".to_owned()), "did you mean `a\\tb`?\n\\u{1b}[31m");
    }

    #[test]
    fn foreign_text_is_one_bounded_line_without_control_characters() {
        assert_eq!(excerpt(" a\u{1b}[31mb\nc\u{202e}d "), "a\\u{1b}[31mb\\nc\\u{202e}d");
        assert_eq!(excerpt(&"é".repeat(1000)).chars().count(), EXCERPT + 1);
    }
}
