//! Sessions and API keys: who a request comes from.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::prelude::{BASE64_STANDARD_NO_PAD as UNPADDED, Engine as _};
use serde::Serialize;

use super::estate::{Estate, User};
use super::rights::UserLimits;

/// The most sessions kept; the oldest makes room.
const SESSIONS: usize = 1000;

/// One session: nobody's until somebody logs in.
#[derive(Debug)]
struct Session {
    id: String,
    /// The number of its user.
    user: Option<usize>,
    requests: u64,
}

/// The users and the sessions, oldest first.
#[derive(Debug)]
pub(super) struct Sessions {
    users: Vec<Arc<User>>,
    lifetime: Option<u64>,
    open: VecDeque<Session>,
}

/// What `POST /session` answers (the vendor's sample has no envelope).
#[derive(Debug, Serialize)]
pub(super) struct NewSession {
    #[serde(rename = "Nonce")]
    nonce: String,
    #[serde(rename = "SessionID")]
    pub(super) session_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoginError {
    NoSession,
    WrongPassword,
}

/// The estate has no user with this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no user is named `{}`", .0.escape_debug())]
pub struct UnknownUser(String);

impl Sessions {
    /// Starts without any session.
    pub(super) fn new(estate: &Estate) -> Self {
        let users = estate.users.iter().cloned().map(Arc::new).collect();
        Self { users, lifetime: estate.session_requests, open: VecDeque::new() }
    }

    /// Opens a session that is nobody's.
    pub(super) fn create(&mut self) -> NewSession {
        let [nonce, id]: [u128; 2] = [rand::random(), rand::random()];
        let session_id = format!("{id:032X}");
        if self.open.len() >= SESSIONS {
            self.open.pop_front();
        }
        self.open.push_back(Session { id: session_id.clone(), user: None, requests: 0 });
        NewSession { nonce: format!("{nonce:032x}"), session_id }
    }

    /// Logs the session of a request in. A failed login clears the session.
    pub(super) fn login(&mut self, headers: &HeaderMap) -> Result<Arc<User>, LoginError> {
        let id = session_id(headers).ok_or(LoginError::NoSession)?;
        let user = basic(headers).and_then(|(name, password)| {
            self.users.iter().position(|user| user.username == name && user.password.as_ref() == Some(&password))
        });
        let session = self.open.iter_mut().find(|session| session.id == id).ok_or(LoginError::NoSession)?;
        let Some(user) = user else {
            self.open.retain(|session| session.id != id);
            return Err(LoginError::WrongPassword);
        };
        session.user = Some(user);
        session.requests = 0;
        Ok(Arc::clone(&self.users[user]))
    }

    /// Closes the session of a request, if it has one.
    pub(super) fn close(&mut self, headers: &HeaderMap) {
        if let Some(id) = session_id(headers) {
            self.open.retain(|session| session.id != id);
        }
    }

    /// Closes every session.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    /// Says who a request comes from. An API key counts before a cookie; a session ages by one request.
    pub(super) fn identify(&mut self, headers: &HeaderMap) -> Option<Arc<User>> {
        if let Some(key) = headers.get("x-api-key") {
            let fits = |user: &&Arc<User>| user.api_key.as_ref().is_some_and(|mine| mine.as_bytes() == key.as_bytes());
            return self.users.iter().find(fits).cloned();
        }
        let id = session_id(headers)?;
        let session = self.open.iter_mut().find(|session| session.id == id)?;
        let user = session.user?;
        session.requests += 1;
        if self.lifetime.is_some_and(|lifetime| session.requests > lifetime) {
            self.open.retain(|session| session.id != id);
            return None;
        }
        Some(Arc::clone(&self.users[user]))
    }

    /// Gives what each user may do, by name.
    pub(super) fn limits(&self) -> BTreeMap<&str, UserLimits> {
        let limits = |user: &User| UserLimits { rights: user.rights.clone(), access: user.access };
        self.users.iter().map(|user| (user.username.as_str(), limits(user))).collect()
    }

    /// Changes what a user may do, from the next request on.
    pub(super) fn limit(&mut self, username: &str, limits: UserLimits) -> Result<(), UnknownUser> {
        let user = self.users.iter_mut().find(|user| user.username == username);
        let user = user.ok_or_else(|| UnknownUser(username.to_owned()))?;
        let UserLimits { rights, access } = limits;
        *user = Arc::new(User { rights, access, ..User::clone(user) });
        Ok(())
    }
}

pub(super) fn session_id(headers: &HeaderMap) -> Option<String> {
    cookie(headers, "JSESSIONID")
}

/// Finds one of the cookies of a request.
pub(super) fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then(|| value.trim_matches('"').to_owned()))
}

/// Reads name and password of HTTP Basic.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(UNPADDED.decode(encoded.trim().trim_end_matches('=')).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_read_with_and_without_padding() {
        let pair =
            |value: &str| basic(&HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().expect("a header"))]));
        let expected = Some(("admin".to_owned(), "sesäme".to_owned()));
        assert_eq!(pair("Basic YWRtaW46c2Vzw6RtZQ=="), expected);
        assert_eq!(pair("basic YWRtaW46c2Vzw6RtZQ"), expected);
        assert_eq!(pair("Basic a b"), None);
        assert_eq!(pair("Bearer YWRtaW46c2Vzw6RtZQ=="), None);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; JSESSIONID=XY; c=d".parse().expect("a header"));
        assert_eq!(session_id(&headers).as_deref(), Some("XY"));
    }
}
