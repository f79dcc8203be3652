//! Cookies that the host, or what stands before it, sets: they are sent back to it and to nobody else.
//!
//! The HTTP library keeps cookies too, but leaves requests alone that bring a `Cookie` header, as those of a session do.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::retry::http_date;

/// The name of the session's cookie (the vendor's page, Headers), which whoever logs in looks after.
pub(super) const SESSION_COOKIE: &str = "JSESSIONID";
/// The most cookies that are kept (RFC 6265, section 6.1).
const MOST: usize = 50;
/// A longer cookie is not kept.
const LONGEST: usize = 4096;

/// The cookies of one host, by name.
#[derive(Default)]
pub(super) struct Cookies(BTreeMap<String, Cookie>);

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

struct Cookie {
    value: String,
    path: String,
    until: Option<Timestamp>,
}

impl Cookies {
    /// Takes a `Set-Cookie` header: keeps the cookie, or forgets it where it is over.
    pub(super) fn take(&mut self, set_cookie: &str, host: &str, now: Timestamp) {
        let mut parts = set_cookie.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let (name, value) = (name.trim(), value.trim());
        let attributes: BTreeMap<String, &str> = parts.map(attribute).collect();
        let domain = attributes.get("domain").copied().unwrap_or_default();
        if name == SESSION_COOKIE || !fits(name, value) || !is_of(host, domain) {
            return;
        }
        let until = end(&attributes, now);
        if until.is_some_and(|until| until <= now) {
            self.0.remove(name);
        } else if self.0.len() < MOST || self.0.contains_key(name) {
            let path = attributes.get("path").copied().filter(|path| path.starts_with('/')).unwrap_or("/").to_owned();
            self.0.insert(name.to_owned(), Cookie { value: value.to_owned(), path, until });
        }
    }

    /// Gives what a request for a path sends back, as `name=value`.
    pub(super) fn of(&self, path: &str, now: Timestamp) -> Vec<String> {
        let sent = |cookie: &Cookie| cookie.until.is_none_or(|until| until > now) && lies_below(path, &cookie.path);
        let sent = self.0.iter().filter(|(_, cookie)| sent(cookie));
        sent.map(|(name, cookie)| format!("{name}={}", cookie.value)).collect()
    }
}

fn attribute(text: &str) -> (String, &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim().to_ascii_lowercase(), value.trim())
}

fn fits(name: &str, value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
        && value.bytes().all(plain)
        && name.len() + value.len() <= LONGEST
}

/// Tells whether a host is the domain that a cookie names, or lies in it.
fn is_of(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.trim_start_matches('.').to_ascii_lowercase());
    domain.is_empty() || host == domain || host.ends_with(&format!(".{domain}"))
}

/// Gives when a cookie is over; `Max-Age` comes before `Expires` (RFC 6265, section 5.3).
fn end(attributes: &BTreeMap<String, &str>, now: Timestamp) -> Option<Timestamp> {
    let age = attributes.get("max-age").and_then(|age| age.parse::<i64>().ok());
    match age {
        Some(seconds) if seconds <= 0 => Some(now),
        Some(seconds) => now.checked_add(SignedDuration::from_secs(seconds)).ok(),
        // Old servers write `21-Oct-2026`.
        None => http_date(&attributes.get("expires")?.replace('-', " ")),
    }
}

fn lies_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || folder.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/CCS/API/v1/session";

    fn kept(headers: &[&str]) -> String {
        let now = "2026-11-25T12:00:00Z".parse().expect("a time");
        let mut cookies = Cookies::default();
        headers.iter().for_each(|header| cookies.take(header, "ccs.example.com", now));
        cookies.of(PATH, now).join("; ")
    }

    #[test]
    fn cookies_are_kept_replaced_and_forgotten_as_the_host_says() {
        assert_eq!(kept(&["AWSALB=abc; Path=/; Secure", "route=1"]), "AWSALB=abc; route=1");
        assert_eq!(kept(&["route=1", "route=2; HttpOnly"]), "route=2");
        assert_eq!(kept(&["route=a==; Max-Age=60"]), "route=a==");
        for over in [
            "Max-Age=0",
            "max-age=-1",
            "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "expires=Wed, 21-Oct-2015 07:28:00 GMT",
        ] {
            assert_eq!(kept(&["route=1", &format!("route=; {over}")]), "", "{over}");
        }
        assert_eq!(kept(&["route=1; Expires=Fri, 25 Nov 2095 12:00:00 GMT"]), "route=1");
    }

    #[test]
    fn a_cookie_is_for_its_host_and_path() {
        assert_eq!(kept(&["a=1; Domain=.example.com", "b=1; Domain=ccs.example.com"]), "a=1; b=1");
        assert_eq!(kept(&["a=1; Domain=other.com", "b=1; Domain=s.example.com"]), "");
        assert_eq!(kept(&["a=1; Path=/CCS", "b=1; Path=/CC", "c=1; Path=/CCS/API/", "d=1; Path=/admin"]), "a=1; c=1");
    }

    #[test]
    fn neither_a_session_nor_senseless_text_is_kept() {
        assert_eq!(kept(&["JSESSIONID=1; Path=/CCS", "", "novalue", "=1", "a\tb=1", "a=\u{7f}"]), "");
        assert_eq!(kept(&[&format!("a={}", "x".repeat(5000))]), "");
        let many: Vec<String> = (0..99).map(|number| format!("c{number}=1")).collect();
        assert_eq!(kept(&many.iter().map(String::as_str).collect::<Vec<_>>()).matches('=').count(), MOST);
    }
}
