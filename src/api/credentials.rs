//! The credentials of a run: what a server says of them is not repeated.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{COOKIE, HeaderMap, HeaderValue};
use secrecy::zeroize::Zeroize;

/// Stands in the place of a credential.
pub(super) const BLANK: &str = "***";

/// What this run has shown to the server so far, and what the server gave it for that.
#[derive(Default)]
pub(super) struct Credentials(RwLock<BTreeSet<String>>);

/// The credentials that the words of one answer may repeat, the longest first.
pub(super) struct Blanks(Vec<String>);

impl Credentials {
    /// Remembers a credential in every form in which a server may repeat it.
    pub(super) fn learn(&self, secret: &str) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for mut form in forms(secret) {
            if form.is_empty() || known.contains(&form) {
                form.zeroize();
            } else {
                known.insert(form);
            }
        }
    }

    /// Gives what an answer to a request with these headers may repeat.
    pub(super) fn blanks(&self, sent: &HeaderMap) -> Blanks {
        let mut blanks = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let cookies = sent.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let values = cookies.flat_map(|text| text.split("; ")).filter_map(|pair| Some(pair.split_once('=')?.1));
        // A cookie that says little, such as the number of a node, is no secret.
        blanks.extend(values.filter(|value| value.len() >= 8).map(str::to_owned));
        let mut blanks: Vec<String> = blanks.into_iter().collect();
        blanks.sort_by_key(|blank| std::cmp::Reverse(blank.len()));
        Blanks(blanks)
    }
}

/// What a percent-encoding changes: all but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// What that of scripts in web pages changes.
const SCRIPTED: &AsciiSet = &RESERVED.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');

/// Writes a secret in every form in which a server may repeat it: of JSON, web pages, URLs and other encodings, and in other
/// cases, as session ids are shown.
pub(super) fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), secret.to_lowercase(), secret.to_uppercase()];
    let quoted = serde_json::Value::from(secret).to_string();
    let quoted = quoted.trim_matches('"');
    forms.extend([quoted.to_owned(), quoted.replace('/', "\\/"), ascii(quoted)]);
    let page = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for (double, single) in
        [("&quot;", "'"), ("&quot;", "&#x27;"), ("&quot;", "&#39;"), ("&quot;", "&apos;"), ("&#34;", "&#39;")]
    {
        forms.push(page.replace('"', double).replace('\'', single));
    }
    for set in [NON_ALPHANUMERIC, RESERVED, SCRIPTED] {
        let encoded = utf8_percent_encode(secret, set).to_string();
        for encoded in [encoded.replace("%20", "+"), encoded] {
            forms.extend([in_small_digits(&encoded), encoded]);
        }
    }
    // Latin-1 that is read as UTF-8, and the other way round.
    forms.push(secret.chars().map(|one| if one.is_ascii() { one } else { char::REPLACEMENT_CHARACTER }).collect());
    forms.push(secret.bytes().map(char::from).collect());
    forms
}

/// Writes the digits of a percent-encoding in small letters.
fn in_small_digits(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    let digits = |part: &str| part.split_at_checked(2).map(|(digits, rest)| digits.to_lowercase() + rest);
    parts.fold(first, |text, part| text + "%" + &digits(part).unwrap_or_default())
}

/// Writes what is not ASCII as JSON may.
fn ascii(text: &str) -> String {
    let mut units = [0; 2];
    let escaped = |one: char| match one {
        _ if one.is_ascii() => one.to_string(),
        _ => one.encode_utf16(&mut units).iter().fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}")),
    };
    text.chars().map(escaped).collect()
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl Blanks {
    /// Blanks the credentials in a text.
    pub(super) fn blank(&self, text: &str) -> String {
        let found = self.0.iter().filter(|secret| text.contains(secret.as_str()));
        found.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), BLANK))
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        let known = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(known).into_iter().for_each(|mut form| form.zeroize());
    }
}

impl Drop for Blanks {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// Makes the value of a header that debug output does not show; `None` if it is empty or cannot be sent.
pub(super) fn secret_header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok().filter(|value| !value.is_empty())?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_blanked_in_every_form_and_nothing_else_is() {
        let credentials = Credentials::default();
        ["hunter2", "hunter2hunter3", "p\"ä&s", ""].into_iter().for_each(|secret| credentials.learn(secret));
        let sent = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("AWSALB=abcdefgh=; n=2"))]);
        let blanks = credentials.blanks(&sent);
        let said = "x-api-key: hunter2hunter3, hunter2; p\"ä&s p\\\"ä&s p&quot;ä&amp;s p%22%C3%A4%26s abcdefgh= 2";
        assert_eq!(blanks.blank(said), "x-api-key: ***, ***; *** *** *** *** *** 2");
        for form in ["HUNTER2", "p\\\"\\u00e4&s", "p&#34;ä&amp;s", "p%22%c3%a4%26s", "p\"\u{fffd}&s", "p\"Ã¤&s"] {
            assert_eq!(blanks.blank(form), "***", "{form}");
        }
        let odd = Credentials::default();
        odd.learn("it's a-b_c.d~e/f");
        let odd = odd.blanks(&HeaderMap::new());
        for form in [
            "it&#x27;s a-b_c.d~e/f",
            "it&#39;s a-b_c.d~e/f",
            "it%27s%20a-b_c.d~e%2Ff",
            "it's%20a-b_c.d~e%2Ff",
            "it%27s+a-b_c.d~e%2ff",
            "it's a-b_c.d~e\\/f",
        ] {
            assert_eq!(odd.blank(form), "***", "{form}");
        }
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
