//! The credentials of a run: what a server says of them is not repeated.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{COOKIE, HeaderMap, HeaderValue};

/// Stands in the place of a credential.
const BLANK: &str = "***";

/// What this run has shown to the server so far, and what the server gave it for that.
#[derive(Default)]
pub(super) struct Credentials(RwLock<BTreeSet<String>>);

/// The credentials that the words of one answer may repeat, the longest first.
pub(super) struct Blanks(Vec<String>);

impl Credentials {
    /// Remembers a credential in every form in which a server may repeat it.
    pub(super) fn learn(&self, secret: &str) {
        let quoted = serde_json::Value::from(secret).to_string();
        let escaped = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let forms = [secret.to_owned(), quoted.trim_matches('"').to_owned(), escaped, encoded];
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(forms.into_iter().filter(|form| !form.is_empty()));
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
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
