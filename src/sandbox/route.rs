//! The cookie of a load balancer that sends all requests of a session to one server.

use axum::http::{HeaderMap, HeaderValue};

use super::refusal::Refusal;
use super::session::{cookie, session_id};

const NAME: &str = "ROUTE";

/// Gives the header that makes a caller bring the cookie along, unless the request has it.
pub(super) fn missing(headers: &HeaderMap) -> Option<HeaderValue> {
    cookie(headers, NAME).is_none().then(|| HeaderValue::from_static("ROUTE=sandbox; Path=/; HttpOnly"))
}

/// Refuses what belongs to a session and comes without the cookie: another server would get it, which does not know
/// the session.
pub(super) fn permit(headers: &HeaderMap) -> Result<(), Refusal> {
    if session_id(headers).is_some() && missing(headers).is_some() {
        return Err(Refusal::Http(400, "the request has a session and not the cookie `ROUTE`"));
    }
    Ok(())
}
