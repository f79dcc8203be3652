//! Who may ask, and what: only readers, by an address or a name that no web page elsewhere can take.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};

use crate::web::{authority, host, is_of_no_other_site};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusPath {
    Page,
    Metrics,
    Alive,
    Ready,
}

/// Why nothing is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turned {
    /// There is nothing to write.
    ReadOnly,
    /// Asked under a name that may be anybody's (DNS rebinding).
    Host,
    /// Asked by a page of somebody else.
    Origin,
    Nothing,
}

/// Decides on a request. `names` are the names by which the process is known besides addresses and localhost.
pub(super) fn admit(method: &Method, uri: &Uri, headers: &HeaderMap, names: &[String]) -> Result<StatusPath, Turned> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(Turned::ReadOnly);
    }
    let host = authority(uri, headers).filter(|host| is_ours(host, names)).ok_or(Turned::Host)?;
    if !is_same_origin(&host, headers) {
        return Err(Turned::Origin);
    }
    match uri.path() {
        "/" => Ok(StatusPath::Page),
        "/metrics" => Ok(StatusPath::Metrics),
        "/healthz" => Ok(StatusPath::Alive),
        "/readyz" => Ok(StatusPath::Ready),
        _ => Err(Turned::Nothing),
    }
}

fn is_ours(authority: &Authority, names: &[String]) -> bool {
    let host = host(authority);
    let is_called = |word: &str| host.eq_ignore_ascii_case(word);
    host.parse::<std::net::IpAddr>().is_ok() || is_called("localhost") || names.iter().any(|name| is_called(name))
}

/// Tells whether no page of another origin asks. Browsers say where a page is from in either of two ways.
fn is_same_origin(host: &Authority, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).map(|origin| {
        let text = origin.to_str().unwrap_or_default();
        text.split_once("://").is_some_and(|(_, place)| place.eq_ignore_ascii_case(host.as_str()))
    });
    // A link that is followed comes from elsewhere and shows the page only to whoever follows it.
    let is_link = headers.get("sec-fetch-mode").is_some_and(|mode| mode.as_bytes() == b"navigate")
        && headers.get("sec-fetch-dest").is_some_and(|dest| dest.as_bytes() == b"document");
    origin.unwrap_or(true) && (is_of_no_other_site(headers) || is_link)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Result<StatusPath, Turned> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: header::HeaderName = name.parse().expect("a name");
            map.append(name, value.parse().expect("a value"));
        }
        let method: Method = method.parse().expect("a method");
        admit(&method, &path.parse().expect("a path"), &map, &["icsync.phones.svc".to_owned()])
    }

    #[test]
    fn addresses_localhost_and_given_names_are_answered_and_no_other() {
        for host in ["127.0.0.1:9464", "10.1.2.3", "[::1]:9464", "LOCALHOST:1", "icsync.phones.svc:9464"] {
            assert_eq!(ask("GET", "/metrics", &[("host", host)]), Ok(StatusPath::Metrics), "{host}");
        }
        for host in ["evil.example.com", "localhost.evil.com", "127.0.0.1.evil.com", ""] {
            assert_eq!(ask("GET", "/", &[("host", host)]), Err(Turned::Host), "{host}");
        }
        assert_eq!(ask("GET", "/", &[]), Err(Turned::Host));
        assert_eq!(ask("GET", "/", &[("host", "localhost"), ("host", "evil.example.com")]), Err(Turned::Host));
    }

    #[test]
    fn pages_of_others_are_turned_away_and_links_are_not() {
        let host = ("host", "localhost:9464");
        assert_eq!(ask("GET", "/", &[host, ("origin", "http://localhost:9464")]), Ok(StatusPath::Page));
        for origin in ["http://evil.example.com", "null", "http://localhost:1"] {
            assert_eq!(ask("GET", "/", &[host, ("origin", origin)]), Err(Turned::Origin), "{origin}");
        }
        let cross = ("sec-fetch-site", "cross-site");
        assert_eq!(ask("GET", "/", &[host, cross]), Err(Turned::Origin));
        let link = [host, cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert_eq!(ask("GET", "/", &link), Ok(StatusPath::Page));
        let frame = [host, cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        assert_eq!(ask("GET", "/", &frame), Err(Turned::Origin));
    }

    #[test]
    fn nothing_can_be_written_and_there_are_four_paths() {
        let host = [("host", "localhost")];
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT"] {
            assert_eq!(ask(method, "/", &host), Err(Turned::ReadOnly), "{method}");
        }
        assert_eq!(ask("HEAD", "/readyz", &host), Ok(StatusPath::Ready));
        assert_eq!(ask("GET", "/healthz?verbose", &host), Ok(StatusPath::Alive));
        assert_eq!(ask("GET", "/metrics/", &host), Err(Turned::Nothing));
    }
}
