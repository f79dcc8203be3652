//! What a web page cannot choose of a request: where it is addressed to, and which site caused it.
//!
//! Browsers set `Host` and `Sec-Fetch-Site` themselves (Fetch Metadata Request Headers, section 2); whoever serves on
//! loopback tells strangers' pages by them, DNS rebinding included.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};

/// Gives where a request is addressed to: by its one `Host`, or in HTTP/2 by its target.
pub(crate) fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let mut named = headers.get_all(header::HOST).iter();
    match (named.next(), named.next()) {
        (Some(one), None) => one.to_str().ok()?.parse().ok(),
        (None, _) => uri.authority().cloned(),
        (Some(_), Some(_)) => None,
    }
}

/// Gives the name or the address in it, an address of IPv6 without its brackets.
pub(crate) fn host(authority: &Authority) -> &str {
    authority.host().trim_start_matches('[').trim_end_matches(']')
}

/// Tells whether no other site caused a request, as far as it says.
pub(crate) fn is_of_no_other_site(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter();
    sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in given {
            map.append(*name, value.parse().expect("a value"));
        }
        map
    }

    #[test]
    fn a_request_is_addressed_to_one_place_or_to_none() {
        let at = |uri: &str, given: &[_]| authority(&uri.parse().expect("a path"), &headers(given));
        assert_eq!(at("/", &[("host", "[::1]:80")]).as_ref().map(host), Some("::1"));
        assert_eq!(at("http://a:1/", &[]).as_ref().map(host), Some("a"));
        assert_eq!(at("http://a:1/", &[("host", "b")]).as_ref().map(host), Some("b"));
        assert_eq!(at("/", &[("host", "a"), ("host", "b")]), None);
        assert_eq!(at("/", &[]), None);
    }

    #[test]
    fn every_word_on_the_site_counts() {
        assert!(is_of_no_other_site(&headers(&[])));
        assert!(is_of_no_other_site(&headers(&[("sec-fetch-site", "none")])));
        assert!(!is_of_no_other_site(&headers(&[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")])));
    }
}
