//! What a web page may not do: a browser on this machine reaches the sandbox, and must not act on it for a stranger's page.
//!
//! A page cannot leave out or choose `Host`, `Origin` and `Sec-Fetch-Site`; other clients send no more than the first.

use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;

use super::connection::ConnectionHandle;
use crate::web::{authority, host, is_of_no_other_site};

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
    let authority =
        authority(&parts.uri, &parts.headers).filter(|authority| is_here(line, authority)).ok_or(Stranger::Host)?;
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    let own = format!("http://{}", without_user(authority.as_str()));
    if !origins.all(|origin| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes())) {
        return Err(Stranger::Origin);
    }
    if is_of_no_other_site(&parts.headers) { Ok(()) } else { Err(Stranger::Site) }
}

fn is_here(line: &ConnectionHandle, authority: &Authority) -> bool {
    let host = host(authority);
    let is_ours = |address: std::net::IpAddr| {
        address.to_canonical().is_loopback() || line.local.is_some_and(|local| local.ip() == address)
    };
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_ours)
}

fn without_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}
