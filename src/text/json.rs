//! JSON that can be looked at.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::visible::{COMMAND, is_hidden};

/// Writes characters that nobody sees, or that a terminal obeys, as `\uXXXX` in JSON text. Outside of strings JSON is ASCII
/// (RFC 8259, section 2), so the meaning stays.
pub(crate) fn harmless_json(json: &str) -> Cow<'_, str> {
    let hidden = |one: &char| !one.is_ascii_whitespace() && is_hidden(*one);
    if !json.chars().any(|one| hidden(&one)) && !json.contains(COMMAND) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        if hidden(&character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out.replace(COMMAND, "##\\u005b"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_without_hidden_characters() {
        let value = serde_json::json!({ "a\u{9b}31m": "\u{202e}\u{7f}\u{e0041} plain ##[error] \n é" });
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let harmless = harmless_json(&text);
        assert!(harmless.chars().all(|one| one == '\n' || !is_hidden(one)) && !harmless.contains("##["), "{harmless}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&harmless).expect("JSON"), value);
    }
}
