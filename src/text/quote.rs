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
/// Puts words one after the other, so that no two lists of different words look alike: what holds a comma stands in quotes.
pub(crate) fn listed<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let word = |word: T| match word.as_ref() {
        plain if !plain.contains([',', '"']) => plain.to_owned(),
        other => format!("{other:?}"),
    };
    words.into_iter().map(word).collect::<Vec<_>>().join(", ")
}
