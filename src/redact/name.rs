//! Keys that look like those of secrets, by their names alone.

/// What names of secrets hold, in small letters and without what separates words.
const STEMS: [&str; 9] =
    ["password", "passwd", "passphrase", "passcode", "secret", "token", "credential", "apikey", "privatekey"];
/// Words that are names of secrets by themselves.
const WORDS: [&str; 3] = ["pwd", "pin", "pass"];

/// Tells whether a key looks like that of a secret.
pub(crate) fn looks_secret(key: &str) -> bool {
    let plain: String = key.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    // Most keys are no secrets, and a searcher for each stem takes longer to make than the search.
    let begins = |(at, one): (usize, u8)| {
        STEMS.iter().any(|stem| stem.as_bytes()[0] == one && plain.as_bytes()[at..].starts_with(stem.as_bytes()))
    };
    let mut words = key.split(|one: char| !one.is_alphanumeric());
    plain.bytes().enumerate().any(begins) || words.any(|word| WORDS.iter().any(|own| word.eq_ignore_ascii_case(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_others() {
        for key in
            ["crm::password", "sip.authToken", "voicemail::pin", "api_key", "x::API-Key", "db_pwd", "clientSecret"]
        {
            assert!(looks_secret(key), "{key}");
        }
        for key in ["ui::spinner", "core::compass", "interface::showPreview", "keyboard::layout", "pinned", "bypass"] {
            assert!(!looks_secret(key), "{key}");
        }
    }
}
