//! Text in Markdown.

use std::fmt::Write as _;

use super::direction::still_visible;

/// Punctuation that means nothing inside a line of Markdown.
const ACTS_NOWHERE: &str = "-/.,;()+?='\"";

/// Writes text into running Markdown so that it stays text: no emphasis, code, table cell, link, HTML, mention or
/// reference. Entities hide nothing from the hosts' search for mentions, which runs over the rendered text, so an unseen
/// space stands behind each sign that begins one.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let text = still_visible(text);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let ends = characters.peek().is_none_or(|next| next.is_whitespace());
        // Only ASCII punctuation means something; a colon does inside a link or between the words of an emoji.
        if !character.is_ascii_punctuation() || ACTS_NOWHERE.contains(character) || (character == ':' && ends) {
            out.push(character);
        } else {
            let _ = write!(out, "&#{};", u32::from(character));
        }
        let begins = matches!(character, '@' | '#' | '!' | '~' | '%' | '$' | '&' | '^');
        if begins && !ends {
            out.push_str("&#8203;");
        }
    }
    out.replace("www.", "www&#46;").replace("GH-", "GH&#8203;-").replace("gh-", "gh&#8203;-")
}

/// Writes text into a Markdown code span, whatever backticks it holds.
pub(crate) fn code_span(text: &str) -> String {
    // A table cell ends at a pipe even inside a code span.
    let text = still_visible(text).replace('|', "\\u{7c}");
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_cannot_mention_link_or_format() {
        for (nasty, harmless) in [
            ("@everyone", "&#64;&#8203;everyone"),
            ("#123", "&#35;&#8203;123"),
            ("org/repo#5", "org/repo&#35;&#8203;5"),
            ("GH-7", "GH&#8203;-7"),
            ("!12 ~bug $3 %\"v\"", "&#33;&#8203;12 &#126;&#8203;bug &#36;&#8203;3 &#37;&#8203;\"v\""),
            ("**b** _i_", "&#42;&#42;b&#42;&#42; &#95;i&#95;"),
            ("a | b", "a &#124; b"),
            ("`x`", "&#96;x&#96;"),
            ("[a](https://e.com)", "&#91;a&#93;(https&#58;//e.com)"),
            ("www.example.com", "www&#46;example.com"),
            ("<img src=x>", "&#60;img src=x&#62;"),
            ("a\n# title", "a&#92;n&#35; title"),
            ("50 % of 7", "50 &#37; of 7"),
        ] {
            assert_eq!(markdown(nasty), harmless, "{nasty}");
        }
    }

    #[test]
    fn code_spans_hold_backticks_and_pipes() {
        assert_eq!(code_span("a"), "`a`");
        assert_eq!(code_span("``a`"), "``` ``a` ```");
        assert_eq!(code_span("a|b"), "`a\\u{7c}b`");
        assert_eq!(code_span(""), "`  `");
    }
}
