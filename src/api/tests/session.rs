//! Sessions: one login for all, renewed when it ends in whatever way, and left at the end.

use std::collections::BTreeMap;
use std::sync::Mutex;

use futures_util::future::join_all;

use super::server::{Reply, Seen, html, json, reply};
use super::*;

/// A server with sessions that end after so many requests.
struct Sessions {
    /// Requests left, by session.
    left: Mutex<BTreeMap<String, u32>>,
    lifetime: u32,
    /// What a request without a session gets.
    stranger: fn() -> Reply,
    /// What a login gets.
    welcome: fn() -> Reply,
}

impl Sessions {
    async fn start(lifetime: u32, stranger: fn() -> Reply, welcome: fn() -> Reply) -> Server {
        let sessions = Self { left: Mutex::default(), lifetime, stranger, welcome };
        Server::start(move |seen| sessions.answer(seen)).await
    }

    fn answer(&self, seen: &Seen) -> Reply {
        let mut left = self.left.lock().expect("no panic");
        let cookie = seen.head.split_once("jsessionid=").and_then(|(_, rest)| rest.lines().next()).unwrap_or_default();
        if seen.line.starts_with("POST /CCS/API/v1/session") {
            let id = format!("s{}", seen.number);
            return json(200, &format!(r#"{{"Nonce":"0","SessionID":"{id}"}}"#));
        }
        if seen.line.starts_with("GET /CCS/API/v1/login") {
            let reply = (self.welcome)();
            left.insert(cookie.to_owned(), self.lifetime);
            return reply;
        }
        match left.get_mut(cookie) {
            Some(left) if *left > 0 => {
                *left -= 1;
                if seen.line.contains(&ID.replace(':', "%3A")) { json(200, &info("")) } else { json(200, NO_ROWS) }
            }
            _ => (self.stranger)(),
        }
    }
}

const STRANGERS: [fn() -> Reply; 6] = [
    || json(401, ""),
    || json(403, ""),
    || reply(302, "Location: /login\r\n", ""),
    || html(200),
    || json(200, r#"{"Result":"Failure","ErrorCode":10201}"#),
    || json(400, r#"{"Result":"Failure","ErrorCode":10201}"#),
];

#[tokio::test]
async fn a_login_is_a_session_a_basic_login_with_locale_and_a_logout() {
    let server = Sessions::start(100, STRANGERS[0], || json(200, "")).await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    client.list(&scope(), 0, 10).await.expect("a page");
    client.close().await;
    let lines: Vec<String> = server.seen().iter().map(|seen| seen.line.replace("/CCS/API/v1", "")).collect();
    assert_eq!(lines[..2], ["POST /session", "GET /login?locale=en_GB"]);
    assert_eq!(lines[3], "GET /logout");
    let seen = server.seen();
    assert!(seen[1].holds("authorization: basic yw5uztpwyxnzonfdtnjk") && seen[1].holds("cookie: jsessionid=s0"));
    assert!(!seen[2].holds("authorization") && seen[3].holds("cookie: jsessionid=s0"));
    assert_eq!((client.counts().session, client.counts().logins), (3, 1));
}

#[tokio::test]
async fn the_end_of_a_session_in_any_form_is_one_login_for_all_requests_in_flight() {
    for (number, stranger) in STRANGERS.into_iter().enumerate() {
        let server = Sessions::start(40, stranger, || json(200, "")).await;
        let client = Client::connect(options(&server, login())).await.expect("logged in");
        for _ in 0..10 {
            let (scope, id) = (scope(), id());
            let infos = join_all((0..8).map(|_| client.info(&scope, &id))).await;
            assert!(infos.iter().all(Result::is_ok), "{number}");
        }
        // 80 infos and perhaps a few probes in sessions of 40 requests.
        assert!((2..=3).contains(&client.counts().logins), "{number}: {:?}", client.counts());
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    for form in [|| json(401, ""), || json(400, r#"{"Message":"Invalid"}"#), || json(200, r#"{"Result":"Failure"}"#)] {
        let server = Sessions::start(0, STRANGERS[0], form).await;
        let error = Client::connect(options(&server, login())).await.expect_err("refused");
        assert!(matches!(&error, ConnectError::Login(error) if error.kind == ErrorKind::NotAuthenticated), "{error}");
        assert_eq!(server.count("GET /CCS/API/v1/login"), 1);
        assert!(!error.to_string().contains("wörd") && !format!("{error:?}").contains("wörd"));
    }
}

#[tokio::test]
async fn a_password_that_is_refused_later_is_tried_once_by_all_requests_together() {
    let server =
        Server::start(|seen| match (seen.line.contains("/session"), seen.line.contains("/login"), seen.number) {
            (true, ..) => json(200, r#"{"SessionID":"A"}"#),
            (_, true, 1) => json(200, ""),
            _ => json(401, ""),
        });
    let server = server.await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    let (scope, id) = (scope(), id());
    let infos = join_all((0..8).map(|_| client.info(&scope, &id))).await;
    assert!(infos.iter().all(|info| info.as_ref().is_err_and(|error| error.kind == ErrorKind::NotAuthenticated)));
    assert_eq!(server.count("GET /CCS/API/v1/login"), 2);
}

#[tokio::test]
async fn other_browser_sessions_are_probed_and_warned_of() {
    let conflict = || json(400, r#"{"Message":"There were other browser sessions active for anne"}"#);
    let server = Sessions::start(100, STRANGERS[0], conflict).await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    assert_eq!(client.warnings().len(), 1);
    assert!(client.warnings()[0].contains("other browser sessions"));
    let server = Sessions::start(0, STRANGERS[0], conflict).await;
    assert!(Client::connect(options(&server, login())).await.is_err());
}

#[tokio::test]
async fn sessions_that_are_never_accepted_end_the_run_after_one_more_login() {
    let server = Sessions::start(0, STRANGERS[0], || json(200, "")).await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    let error = client.list(&scope(), 0, 10).await.expect_err("refused");
    assert_eq!((error.kind, client.counts().logins), (ErrorKind::NotAuthenticated, 2));
}

#[tokio::test]
async fn a_refusal_that_looks_like_a_lost_session_is_about_its_object_when_the_session_lives() {
    for form in [|| json(403, ""), || html(404)] {
        let server = Server::start(move |seen| {
            let (session, info) = (seen.line.contains("/session"), seen.line.contains("198d18707a9"));
            if session {
                json(200, r#"{"SessionID":"A"}"#)
            } else if info {
                form()
            } else {
                json(200, NO_ROWS)
            }
        });
        let server = server.await;
        let client = Client::connect(options(&server, login())).await.expect("logged in");
        let error = client.info(&scope(), &id()).await.expect_err("refused");
        assert!(matches!(error.kind, ErrorKind::NotPermitted | ErrorKind::NotFound), "{error}");
        assert_eq!(client.counts().logins, 1);
    }
}

/// A server that forbids what `forbids` finds in the line of a request, in the way of a server that shows no code.
async fn forbidding(forbids: fn(&str) -> bool) -> Server {
    let answer = move |seen: &Seen| match &seen.line {
        line if line.contains("/session") => json(200, r#"{"SessionID":"A"}"#),
        line if forbids(line) => json(403, ""),
        _ => json(200, NO_ROWS),
    };
    Server::start(answer).await
}

#[tokio::test]
async fn a_write_that_is_forbidden_is_refused_at_once_although_everything_may_not_be_listed() {
    let server = forbidding(|line| line.starts_with("POST") || line.contains("/telsys/-1/")).await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    client.list(&scope(), 0, 10).await.expect("a page");
    let answer = client.writer().add(&scope(), &Payload::default()).await;
    assert!(matches!(&answer, Answer::Refused(error) if error.kind == ErrorKind::NotPermitted), "{answer:?}");
    assert_eq!((client.counts().add, client.counts().logins), (1, 1));
}

#[tokio::test]
async fn a_login_that_may_not_list_everything_is_refused_that_list_and_goes_on() {
    let server = forbidding(|line| line.contains("/telsys/-1/")).await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    let error = client.list(&Scope::EVERYTHING, 0, 10).await.expect_err("forbidden");
    assert_eq!((error.kind, client.counts().logins), (ErrorKind::NotPermitted, 2));
    client.list(&scope(), 0, 10).await.expect("a page");
}

#[tokio::test]
async fn a_write_that_meets_the_end_of_the_session_is_postponed_with_a_new_session_at_hand() {
    let server = Sessions::start(1, STRANGERS[0], || json(200, "")).await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    client.list(&scope(), 0, 10).await.expect("a page");
    let answer = client.writer().add(&scope(), &Payload::default()).await;
    assert!(matches!(answer, Answer::Postponed(_)), "{answer:?}");
    assert_eq!((client.counts().add, client.counts().logins), (1, 2));
    client.list(&scope(), 0, 10).await.expect("a page");
}

#[tokio::test]
async fn a_given_session_is_neither_renewed_nor_ended() {
    let server = Sessions::start(0, STRANGERS[0], || json(200, "")).await;
    let client = Client::connect(options(&server, Auth::Session("GIVEN".into()))).await.expect("a client");
    let error = client.list(&scope(), 0, 10).await.expect_err("over");
    assert_eq!(error.kind, ErrorKind::NotAuthenticated);
    client.close().await;
    assert_eq!((server.seen().len(), client.counts().session), (1, 0));
}

#[tokio::test]
async fn the_cookie_that_the_login_sets_is_the_one_that_counts() {
    let server = Server::start(|seen| match () {
        () if seen.line.contains("/session") => json(200, r#"{"SessionID":"OLD"}"#),
        () if seen.line.contains("/login") => reply(200, "Set-Cookie: JSESSIONID=NEW; Path=/; HttpOnly\r\n", ""),
        () if seen.holds("cookie: jsessionid=new") => json(200, NO_ROWS),
        () => json(401, ""),
    });
    let server = server.await;
    let client = Client::connect(options(&server, login())).await.expect("logged in");
    assert!(client.list(&scope(), 0, 10).await.is_ok());
    assert_eq!(client.counts().logins, 1);
}

#[tokio::test]
async fn one_request_at_a_time_still_renews_its_session() {
    let server = Sessions::start(3, STRANGERS[3], || json(200, "")).await;
    let client = Client::connect(Options { parallelism: Parallelism::Fixed(1), ..options(&server, login()) })
        .await
        .expect("logged in");
    for _ in 0..8 {
        client.list(&scope(), 0, 10).await.expect("a page");
    }
    assert!(client.counts().logins >= 3);
}

#[tokio::test]
async fn five_hundred_infos_survive_short_sessions_resets_and_overload() {
    let sessions = Sessions { left: Mutex::default(), lifetime: 40, stranger: STRANGERS[0], welcome: || json(200, "") };
    let server = Server::start(move |seen| match seen.number % 50 {
        7 | 29 if !seen.line.starts_with("POST") => Reply::Drop,
        13 => json(503, ""),
        _ => sessions.answer(seen),
    });
    let server = server.await;
    let client = Client::connect(Options { retries: 8, ..options(&server, login()) }).await.expect("logged in");
    let (scope, id) = (scope(), id());
    let infos = join_all((0..500).map(|_| client.info(&scope, &id))).await;
    let failed: Vec<_> = infos.iter().filter_map(|info| info.as_ref().err()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let counts = client.counts();
    assert_eq!(counts.requests(), server.seen().len() as u64);
    assert!((13..=20).contains(&counts.logins), "{counts:?}");
}
