//! Names and values out of files, in messages.

/// Puts text of a file into backticks: control characters escaped, and cut after 60 characters.
pub(crate) fn quote(text: &str) -> String {
    const MOST: usize = 60;
    let mut quoted = String::from("`");
    for character in text.chars().take(MOST) {
        match character {
            '\'' | '"' | '\\' => quoted.push(character),
            _ => quoted.extend(character.escape_debug()),
        }
    }
    if text.chars().nth(MOST).is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}
