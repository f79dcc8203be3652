//! Text in commands that are shown to be copied.

/// Writes a word so that a POSIX shell reads it as it is.
pub(crate) fn shell_word(word: &str) -> String {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_./=:,@%+".contains(one);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
