//! Writes: sent once, and the answer says what is known of them.

use super::server::{Reply, Seen, html, json, reply, truncated};
use super::*;

/// Sends an Add to a server that always answers this; gives the answer and how often it was sent.
async fn add(form: fn() -> Reply) -> (Answer, usize) {
    let server = Server::start(move |_| form()).await;
    let answer = with_key(&server).await.writer().add(&scope(), &Payload::default()).await;
    (answer, server.seen().len())
}

async fn change(form: fn() -> Reply) -> (Answer, usize) {
    let server = Server::start(move |_| form()).await;
    let answer = with_key(&server).await.writer().change(&scope(), &id(), &Payload::default()).await;
    (answer, server.seen().len())
}

#[tokio::test]
async fn success_is_what_the_page_says() {
    assert!(matches!(add(|| json(200, r#"{"Result":"Success"}"#)).await, (Answer::Done, 1)));
    assert!(matches!(change(|| reply(204, "", "")).await, (Answer::Done, 1)));
    assert!(matches!(change(|| json(200, r#"{"Result":"Success"}"#)).await, (Answer::Done, 1)));
}

#[tokio::test]
async fn the_whole_object_is_sent_as_json() {
    let server = Server::start(|_| reply(204, "", "")).await;
    let payload = Payload { description: "d".into(), ..Payload::default() };
    with_key(&server).await.writer().change(&scope(), &id(), &payload).await;
    let seen = &server.seen()[0];
    assert_eq!(seen.body, r#"{"Description":"d","CMEnvironmentID":null,"Policies":null,"Settings":null}"#);
    assert!(seen.line.starts_with("PUT ") && seen.holds("content-type: application/json"));
}

#[tokio::test]
async fn an_add_leaves_out_what_is_not_set_unless_the_server_takes_that_for_no_configuration() {
    let no_config = r#"{"Result":"Failure","ErrorCode":30001}"#;
    let strict =
        move |seen: &Seen| if seen.body.contains("Policies") { reply(204, "", "") } else { json(400, no_config) };
    let server = Server::start(strict).await;
    let payload =
        Payload { description: "d".into(), settings: crate::model::Entries::new().into(), ..Payload::default() };
    let client = with_key(&server).await;
    for _ in 0..2 {
        assert!(matches!(client.writer().add(&scope(), &payload).await, Answer::Done));
    }
    let bodies: Vec<_> = server.seen().into_iter().map(|seen| seen.body).collect();
    let (without, with) = (
        r#"{"Description":"d","Settings":{}}"#,
        r#"{"Description":"d","CMEnvironmentID":null,"Policies":null,"Settings":{}}"#,
    );
    assert_eq!(bodies, [without, with, with]);
}

#[tokio::test]
async fn refusals_are_final_in_every_form() {
    let forms: [fn() -> Reply; 6] = [
        || json(400, r#"{"Result":"Failure","ErrorCode":30005}"#),
        || json(200, r#"{"Result":"Failure","ErrorCode":"30005"}"#),
        || json(409, ""),
        || json(500, r#"{"ErrorCode":30005}"#),
        || json(200, r#"{"Message":"INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE"}"#),
        || json(200, r#""EXISTS_FOR_SCOPE""#),
    ];
    for form in forms {
        let (answer, sent) = add(form).await;
        assert!(matches!(&answer, Answer::Refused(error) if error.kind == ErrorKind::Exists), "{answer:?}");
        assert_eq!(sent, 1);
    }
}

#[tokio::test]
async fn what_may_have_been_done_is_uncertain_and_sent_once() {
    let forms: [fn() -> Reply; 10] = [
        || Reply::Drop,
        truncated,
        || html(200),
        || json(200, ""),
        || json(200, "{}"),
        || json(500, ""),
        || reply(503, "Retry-After: 0\r\n", ""),
        || json(400, r#"{"ErrorCode":10104}"#),
        || json(408, ""),
        // What says so may stand before a server that did the work.
        || reply(429, "Retry-After: 0\r\n", ""),
    ];
    for (number, form) in forms.into_iter().enumerate() {
        let (answer, sent) = add(form).await;
        assert!(matches!(answer, Answer::Uncertain(_)), "{number}: {answer:?}");
        assert_eq!(sent, 1, "{number}");
    }
}

#[tokio::test]
async fn a_device_that_cannot_be_addressed_is_refused_without_a_request() {
    let server = Server::start(|_| reply(204, "", "")).await;
    let scope = Scope { device: Device::from_text("..").expect("a device"), ..scope() };
    let answer = with_key(&server).await.writer().delete(&scope, &id()).await;
    assert!(matches!(answer, Answer::NotDone(_)) && server.seen().is_empty());
}
