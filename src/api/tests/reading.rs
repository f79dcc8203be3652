//! Reads: what is sent, what is repeated, what is given up.

use super::server::{Reply, html, json, reply, truncated};
use super::*;
use crate::model::Observed;

#[tokio::test]
async fn a_list_has_the_vendors_path_parameters_and_headers() {
    let server = Server::start(|_| json(200, NO_ROWS)).await;
    let client = with_key(&server).await;
    assert_eq!(client.list(&scope(), 25, 50).await.expect("a page").total, 0);
    let seen = &server.seen()[0];
    assert_eq!(
        seen.line,
        "GET /CCS/API/v1/admin/telsys/417/partition/1/device/%2B44/integratorClient?limit=50&offset=25\
         &IntegratorClientFields=%5BTelSysDescription%2CPartitionDescription%2CDeviceDescription%2CPolicies%2CSettings%2CUserIDCreatedBy%2CUserIDUpdatedBy%2CDateTimeCreated%2CDateTimeUpdated%5D"
    );
    assert!(seen.holds("x-api-key: hunter2") && seen.holds("content-type: application/json"), "{}", seen.head);
    assert!(!seen.holds("cookie:") && !seen.holds("authorization:"));
}

#[tokio::test]
async fn a_byte_order_mark_before_the_answer_is_ignored() {
    let server = Server::start(|_| json(200, &format!("\u{feff}{NO_ROWS}"))).await;
    assert_eq!(with_key(&server).await.list(&scope(), 0, 10).await.expect("a page").total, 0);
}

#[tokio::test]
async fn reads_are_repeated_after_every_kind_of_passing_trouble() {
    let troubles: [fn() -> Reply; 9] = [
        || Reply::Drop,
        truncated,
        || html(200),
        || html(502),
        || json(200, "{\"Result\":\"Success\",\"Da"),
        || reply(429, "Retry-After: 0\r\n", ""),
        || json(503, ""),
        || json(400, r#"{"ErrorCode":10104}"#),
        || json(500, r#"{"Result":"Failure","ErrorCode":"10103"}"#),
    ];
    for (number, trouble) in troubles.into_iter().enumerate() {
        let server = Server::start(move |seen| if seen.number == 0 { trouble() } else { json(200, NO_ROWS) }).await;
        let client = with_key(&server).await;
        assert!(client.list(&scope(), 0, 10).await.is_ok(), "trouble {number}");
        let counts = client.counts();
        assert_eq!((counts.list, counts.retries, server.seen().len()), (2, 1, 2), "trouble {number}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_unreachable_and_nothing_counts_as_sent() {
    let server = Server::start(|_| Reply::Drop).await;
    let mut options = options(&server, Auth::ApiKey("k".into()));
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    options.url = ServerUrl::new(&format!("http://{port}")).expect("a URL");
    let client = Client::connect(options).await.expect("a client");
    let error = client.info(&scope(), &id()).await.expect_err("nobody there");
    assert_eq!((error.kind, error.status), (ErrorKind::Unreachable, None));
    assert!(error.to_string().contains("417/1/+44") && error.to_string().contains("no connection"), "{error}");
    assert_eq!((client.counts().info, client.counts().retries), (0, 1));
}

#[tokio::test]
async fn a_refused_key_fails_at_once_in_every_form() {
    let forms: [fn() -> Reply; 5] = [
        || json(401, ""),
        || json(403, r#"{"Message":"who are you"}"#),
        || reply(302, "Location: https://other.example/login;jsessionid=SECRET\r\n", ""),
        || json(200, r#"{"Result":"Failure","ErrorCode":10201}"#),
        || json(400, r#"{"Result":"Failure","ErrorCode":"10201"}"#),
    ];
    for form in forms {
        let server = Server::start(move |_| form()).await;
        let client = with_key(&server).await;
        let error = client.list(&scope(), 0, 10).await.expect_err("refused");
        assert_eq!((error.kind, server.seen().len()), (ErrorKind::NotAuthenticated, 1), "{error}");
        assert!(!error.to_string().contains("SECRET") && !error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_sign_in_page_for_a_key_that_never_worked_is_repeated_and_then_not_authenticated() {
    let server = Server::start(|_| html(200)).await;
    let error = with_key(&server).await.list(&scope(), 0, 10).await.expect_err("refused");
    assert_eq!((error.kind, server.seen().len()), (ErrorKind::NotAuthenticated, 2));
}

#[tokio::test]
async fn a_403_for_a_key_that_works_is_about_the_object() {
    let server = Server::start(|seen| if seen.line.contains("limit=") { json(200, NO_ROWS) } else { json(403, "") });
    let server = server.await;
    let client = with_key(&server).await;
    client.list(&scope(), 0, 10).await.expect("a page");
    let error = client.info(&scope(), &id()).await.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::NotPermitted);
}

#[tokio::test]
async fn a_key_that_is_revoked_during_the_run_ends_it_whatever_the_server_answers_strangers() {
    let forms: [fn() -> Reply; 5] =
        [|| json(401, ""), || json(403, ""), || html(403), || html(200), || reply(302, "Location: /login\r\n", "")];
    for form in forms {
        let server = Server::start(move |seen| if seen.number == 0 { json(200, NO_ROWS) } else { form() }).await;
        let client = with_key(&server).await;
        client.list(&scope(), 0, 10).await.expect("a page");
        for _ in 0..5 {
            let error = client.info(&scope(), &id()).await.expect_err("refused");
            assert_eq!(error.kind, ErrorKind::NotAuthenticated, "{error}");
        }
        assert!(server.seen().len() <= 1 + 5 + 2, "{}", server.seen().len());
    }
}

#[tokio::test]
async fn an_answer_of_more_bytes_or_values_than_allowed_is_refused_and_says_what_to_do() {
    let rows = |row: &str, count: usize| {
        let rows = vec![row; count].join(",");
        json(200, &format!(r#"{{"Result":"Success","Data":{{"Total":{count},"Items":[{rows}]}}}}"#))
    };
    let tiny = || format!(r#"{{"ID":"a","Policies":{{{}"z":1}}}}"#, r#""a":1,"#.repeat(1_000_000));
    let in_text = || format!(r#"{{"ID":"a","Policies":"[{}1]"}}"#, r"1\u002C".repeat(1_000_000));
    for (reply, said) in [
        (rows("{}", 600_000), "more than 1000000 values"),
        (rows(&tiny(), 1), "more than 1000000 values"),
        (rows(&in_text(), 1), "more than 1000000 values"),
        (rows("{}", 10_001), "more than 10000 of its rows cannot be read"),
        (rows(&format!(r#"{{"ID":"{}"}}"#, "x".repeat(9_000_000)), 1), "more than 8388608 bytes"),
    ] {
        let Reply::Bytes(bytes) = reply else { unreachable!("it is made of bytes") };
        let server = Server::start(move |_| Reply::Bytes(bytes.clone())).await;
        let options = Options { max_body: 8 << 20, retries: 0, ..options(&server, Auth::ApiKey("k".into())) };
        let client = Client::connect(options).await.expect("a client");
        let error = client.list(&scope(), 0, 10).await.expect_err(said).to_string();
        assert!(error.contains(said), "{error}");
        assert!(error.contains("417"), "{error}");
    }
}

#[tokio::test]
async fn a_page_of_many_rows_with_many_settings_is_read_where_answers_may_be_large() {
    let settings: Vec<String> = (0..50).map(|number| format!(r#""core::setting{number}":true"#)).collect();
    let row = format!(
        r#"{{"ID":"a","TelSysID":417,"PartitionID":1,"DeviceNumber":"1","Settings":{{{}}}}}"#,
        settings.join(",")
    );
    let rows = vec![row; 25_000].join(",");
    let body = format!(r#"{{"Result":"Success","Data":{{"Total":25000,"Items":[{rows}]}}}}"#);
    let Reply::Bytes(bytes) = json(200, &body) else { unreachable!("it is made of bytes") };
    let server = Server::start(move |_| Reply::Bytes(bytes.clone())).await;
    let options = |max_body| Options { max_body, retries: 0, ..options(&server, Auth::ApiKey("k".into())) };
    let client = Client::connect(options(64 << 20)).await.expect("a client");
    assert_eq!(client.list(&scope(), 0, 25_000).await.expect("a page").rows.len(), 25_000);
    let client = Client::connect(options(32 << 20)).await.expect("a client");
    let error = client.list(&scope(), 0, 25_000).await.expect_err("too much").to_string();
    assert!(error.contains("lower `requests.page_size`"), "{error}");
}

#[tokio::test]
async fn redirects_are_never_followed() {
    let target = Server::start(|_| json(200, NO_ROWS)).await;
    let location = format!("Location: {}/x\r\n", target.url);
    let server = Server::start(move |_| reply(307, &location, "")).await;
    assert!(with_key(&server).await.list(&scope(), 0, 10).await.is_err());
    assert!(target.seen().is_empty());
}

#[tokio::test]
async fn an_info_keeps_what_the_server_says_and_names_what_it_leaves_out() {
    let server = Server::start(|_| json(200, &info(r#","Description":null,"Policies":"{\"a\":1}""#))).await;
    let client = with_key(&server).await.info(&scope(), &id()).await.expect("a client");
    assert_eq!(client.content.description, Observed::Known(String::new().into()));
    assert_eq!(client.content.policies.known().map(|policies| policies.len()), Some(1));
    assert!(matches!(&client.content.settings, Observed::Unreadable { reason } if reason.contains("`Settings`")));
}

#[tokio::test]
async fn an_info_about_another_client_is_malformed() {
    let server = Server::start(|_| json(200, &info("").replace(ID, "somebody:else"))).await;
    let error = with_key(&server).await.info(&scope(), &id()).await.expect_err("another");
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert!(error.message.contains("somebody:else"), "{error}");
}

#[tokio::test]
async fn fields_that_are_always_refused_are_asked_for_three_times_and_then_no_more() {
    let server = Server::start(|seen| {
        if seen.line.contains("Policies") { json(400, r#"{"Message":"unknown field"}"#) } else { json(200, &info("")) }
    });
    let server = server.await;
    let client = with_key(&server).await;
    for _ in 0..5 {
        let live = client.info(&scope(), &id()).await.expect("a client");
        assert!(matches!(&live.content.policies, Observed::Unreadable { reason } if reason.contains("unknown field")));
    }
    assert_eq!(
        (client.counts().info, server.seen().iter().filter(|seen| seen.line.contains("Policies")).count()),
        (9, 4),
        "three for policies and settings, and one for who and when"
    );
}

#[tokio::test]
async fn a_client_that_is_gone_is_not_asked_for_twice() {
    let server = Server::start(|_| json(404, r#"{"ErrorCode":30003}"#)).await;
    let error = with_key(&server).await.info(&scope(), &id()).await.expect_err("gone");
    assert_eq!((error.kind, error.code, server.seen().len()), (ErrorKind::NotFound, Some(ErrorCode(30003)), 1));
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_ends_at_once() {
    let server = Server::start(|_| reply(503, "Retry-After: 3600\r\n", "")).await;
    let mut options = options(&server, Auth::ApiKey("k".into()));
    options.deadline = Some(Instant::now() + Duration::from_mins(1));
    let client = Client::connect(options).await.expect("a client");
    let error = client.list(&scope(), 0, 10).await.expect_err("late");
    assert_eq!((error.kind, server.seen().len()), (ErrorKind::Deadline, 1));
    assert!(error.message.ends_with("would go beyond the deadline"), "{error}");
    let error = with_key(&server).await.list(&scope(), 0, 10).await.expect_err("late");
    assert!(error.message.ends_with("is longer than icsync waits for anybody"), "{error}");
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let server = Server::start(|_| json(200, NO_ROWS)).await;
    let mut options = options(&server, Auth::ApiKey("k".into()));
    options.deadline = Some(Instant::now());
    let client = Client::connect(options).await.expect("a client");
    assert_eq!(client.list(&scope(), 0, 10).await.expect_err("late").kind, ErrorKind::Deadline);
    assert!(
        matches!(client.writer().delete(&scope(), &id()).await, Answer::NotDone(error) if error.kind == ErrorKind::Deadline)
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn no_answer_in_time_is_unreachable_for_reads_and_uncertain_for_writes() {
    let server = Server::start(|_| Reply::Hang).await;
    let mut options = options(&server, Auth::ApiKey("k".into()));
    (options.timeout, options.retries) = (Duration::from_millis(50), 0);
    let client = Client::connect(options).await.expect("a client");
    assert_eq!(client.list(&scope(), 0, 10).await.expect_err("silence").kind, ErrorKind::Unreachable);
    assert!(matches!(client.writer().delete(&scope(), &id()).await, Answer::Uncertain(_)));
}

#[tokio::test]
async fn no_more_requests_are_in_flight_than_allowed() {
    let server = Server::start(|_| Reply::Hang).await;
    let client =
        Client::connect(Options { parallelism: Parallelism::Fixed(3), ..options(&server, Auth::ApiKey("k".into())) });
    let client = client.await.expect("a client");
    let (scope, id) = (scope(), id());
    let infos = futures_util::future::join_all((0..8).map(|_| client.info(&scope, &id)));
    let look = async {
        while server.seen().len() < 3 {
            tokio::task::yield_now().await;
        }
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        server.seen().len()
    };
    tokio::select! {
        _ = infos => unreachable!("the server says nothing"),
        seen = look => assert_eq!(seen, 3),
    }
}

#[tokio::test]
async fn certificates_that_are_none_are_refused_before_anything_is_sent() {
    let server = Server::start(|_| Reply::Drop).await;
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut options = options(&server, Auth::ApiKey("k".into()));
        options.url = ServerUrl::new("https://localhost:1").expect("a URL");
        options.ca = Some(CaFile { file: "corp.pem".to_owned(), pem: pem.as_bytes().to_vec() });
        let error = Client::connect(options).await.expect_err(pem);
        assert!(error.to_string().contains("`ca_file` `corp.pem` cannot be used"), "{error}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_sent_is_refused_without_showing_it() {
    let server = Server::start(|_| Reply::Drop).await;
    for key in ["", "hunter2\r\nx: y"] {
        let error = Client::connect(options(&server, Auth::ApiKey(key.into()))).await.expect_err("refused");
        assert!(matches!(error, ConnectError::Secret(_)) && !error.to_string().contains("hunter2"));
    }
}
