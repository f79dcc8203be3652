//! What a web page may not do: a browser on this machine reaches the sandbox, and must not act on it for a stranger's page.
//!
//! A page cannot leave out or choose `Host`, `Origin` and `Sec-Fetch-Site`; other clients send no more than the first.

use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;

use super::connection::ConnectionHandle;

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stranger {
    /// The name in `Host` may be one that somebody points at this machine (DNS rebinding).
    #[error(
        "The request is addressed to another host: the sandbox answers to `localhost` and to the address it listens on"
    )]
    Host,
    /// `Origin` is there and is not the sandbox itself; `null` is what pages from files and in frames say.
    #[error("The request comes from a web page (`Origin`): the sandbox answers no pages but its own")]
    Origin,
    /// `Sec-Fetch-Site` says that another site caused the request.
    #[error(
        "The request comes from a web page of another site (`Sec-Fetch-Site`): the sandbox answers no pages but its own"
    )]
    Site,
}

/// Looks whether a request may come in, whatever it asks for: a GET wears sessions out and uses up faults too.
pub(super) fn check(line: &ConnectionHandle, parts: &Parts) -> Result<(), Stranger> {
    let authority = authority(parts).filter(|authority| is_here(line, authority)).ok_or(Stranger::Host)?;
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    let own = format!("http://{}", without_user(authority.as_str()));
    if !origins.all(|origin| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes())) {
        return Err(Stranger::Origin);
    }
    let mut sites = parts.headers.get_all("sec-fetch-site").iter();
    if !sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none")) {
        return Err(Stranger::Site);
    }
    Ok(())
}

/// Finds where a request is addressed to: by `Host`, or in HTTP/2 by its target.
fn authority(parts: &Parts) -> Option<Authority> {
    let mut named = parts.headers.get_all(header::HOST).iter();
    match (named.next(), named.next()) {
        (Some(one), None) => one.to_str().ok()?.parse().ok(),
        (None, _) => parts.uri.authority().cloned(),
        (Some(_), Some(_)) => None,
    }
}

fn is_here(line: &ConnectionHandle, authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let is_ours = |address: std::net::IpAddr| {
        address.to_canonical().is_loopback() || line.local.is_some_and(|local| local.ip() == address)
    };
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_ours)
}

fn without_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}
