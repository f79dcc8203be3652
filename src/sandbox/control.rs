//! What steers and shows the sandbox itself, under `/sandbox`: for callers on this machine that have a key.

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::Shared;
use super::client::StoredClient;
use super::connection::ConnectionHandle;
use super::dialect::Dialect;
use super::fault::Faults;
use super::published;
use super::reply::Reply;
use super::rights::UserLimits;

/// What stands before every path of this module.
pub(super) const BASE: &str = "/sandbox/";

/// The whole state: every client with its true scope, in the order of the ids.
#[derive(Debug, Serialize)]
struct StateBody<'a> {
    dialect: Dialect,
    clients: Vec<&'a StoredClient>,
}

/// Answers one request; `path` is what follows [`BASE`].
pub(super) async fn answer(shared: &Shared, line: &ConnectionHandle, parts: &Parts, path: &str, body: Bytes) -> Reply {
    if !line.peer.ip().to_canonical().is_loopback() {
        return Reply::message(403, "This part of the sandbox answers callers on its own machine");
    }
    if shared.lock_sessions().identify(&parts.headers).is_none() {
        return Reply::message(401, "This part of the sandbox wants the key of a user too: `x-api-key`, or a session");
    }
    match (parts.method.as_str(), path) {
        ("GET", "requests") => Reply::json(200, &*shared.lock_records()),
        ("DELETE", "requests") => {
            shared.lock_records().clear();
            Reply::empty(204)
        }
        ("GET", "faults") => Reply::json(200, shared.lock_faults().faults()),
        ("PUT", "faults") => match Faults::parse_json(&body) {
            Ok(faults) => {
                shared.lock_faults().replace(faults);
                Reply::empty(204)
            }
            Err(error) => Reply::message(400, &error.to_string()),
        },
        ("DELETE", "faults") => {
            shared.lock_faults().replace(Faults::default());
            Reply::empty(204)
        }
        ("GET", "users") => Reply::json(200, &shared.lock_sessions().limits()),
        ("GET", "state") => state(shared),
        ("POST", "reset") => reset(shared).await,
        (_, "requests") => not_allowed("GET, DELETE"),
        (_, "faults") => not_allowed("GET, PUT, DELETE"),
        (_, "state" | "users") => not_allowed("GET"),
        (_, "reset") => not_allowed("POST"),
        (method, path) => match (method, path.strip_prefix("users/")) {
            ("PUT", Some(name)) => limit(shared, name, &body),
            (_, Some(_)) => not_allowed("PUT"),
            (_, None) => Reply::message(404, "There is nothing at this path"),
        },
    }
}

fn limit(shared: &Shared, name: &str, body: &[u8]) -> Reply {
    let name = percent_decode_str(name).decode_utf8_lossy();
    let limits: UserLimits = match serde_json::from_slice(body) {
        Ok(limits) => limits,
        Err(error) => return Reply::message(400, &error.to_string()),
    };
    match shared.lock_sessions().limit(&name, limits) {
        Ok(()) => Reply::empty(204),
        Err(error) => Reply::message(404, &error.to_string()),
    }
}

pub(super) fn state(shared: &Shared) -> Reply {
    let truth = published::read(&shared.published, &shared.world.places).truth();
    let clients = truth.iter().map(AsRef::as_ref).collect();
    Reply::json(200, &StateBody { dialect: shared.world.dialect, clients })
}

async fn reset(shared: &Shared) -> Reply {
    shared.lock_sessions().clear();
    match shared.writer.reset().await {
        Ok(()) => Reply::empty(204),
        Err(_) => Reply::message(503, "The store cannot be written"),
    }
}

fn not_allowed(allowed: &'static str) -> Reply {
    Reply::message(405, "The path does not have this method").with(header::ALLOW, HeaderValue::from_static(allowed))
}
