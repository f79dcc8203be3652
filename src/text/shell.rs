//! Text in commands that are shown to be copied.

use std::borrow::Cow;

/// Writes a word so that a POSIX shell reads it as it is.
pub(crate) fn shell_word(word: &str) -> String {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_./=:,@%+".contains(one);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Writes an option with its value, which may begin with a hyphen.
pub(crate) fn shell_option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("--{name}{between}{}", shell_word(value))
}

/// The commands of icsync that ask a target, or write into its journal or its definitions.
const OF_A_TARGET: [&str; 7] = ["plan", "apply", "rollback", "pin", "drift", "export", "list"];

/// Adds the target to the commands that stand between backticks in advice, so that they can be pasted as they are: without it they
/// would ask another server where another one is the default.
pub(crate) fn for_target<'t>(advice: &'t str, target: &str) -> Cow<'t, str> {
    let is_meant = |command: &str| {
        let words = command.strip_prefix("icsync ").unwrap_or_default();
        let name = words.split(' ').next().unwrap_or_default();
        OF_A_TARGET.contains(&name) && !words.contains("--target")
    };
    let mut parts: Vec<Cow<'_, str>> = advice.split('`').map(Cow::Borrowed).collect();
    let mut is_changed = false;
    for part in parts.iter_mut().skip(1).step_by(2).filter(|part| is_meant(part)) {
        *part = Cow::Owned(format!("{part} {}", shell_option("target", target)));
        is_changed = true;
    }
    if is_changed { Cow::Owned(parts.join("`")) } else { Cow::Borrowed(advice) }
}
