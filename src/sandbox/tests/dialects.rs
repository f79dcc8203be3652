//! Answers to questions that the page leaves open, and faults.

use super::*;

#[tokio::test]
async fn each_dialect_words_errors_and_expired_sessions_its_way() {
    let body = |text: &str| Answer(400, json!(text));
    let constant = "INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE";
    for (errors, wanted) in [
        ("message", Answer(400, json!({ "Message": constant }))),
        ("bare", body(constant)),
        ("empty", body("")),
        ("coded", refused(30005, "EXISTS_FOR_SCOPE")),
    ] {
        assert_eq!(World::new(&[&format!("errors={errors}")]).await.add(ANNE).await, wanted);
    }
    let page = World::new(&["errors=html"]).await.add(ANNE).await;
    assert!(matches!(page, Answer(400, Value::String(text)) if text.starts_with("<!doctype html>")));
    assert_eq!(World::new(&["error_status=mapped"]).await.add(ANNE).await.0, 409);
    assert_eq!(World::new(&["error_status=ok"]).await.add(ANNE).await.0, 200);
    for (expired, status) in [("unauthorized", 401), ("redirect", 302), ("html", 200), ("coded", 400)] {
        let mut world = World::new(&[&format!("expired={expired}")]).await;
        world.key = "wrong";
        assert_eq!(world.add(FREE).await.0, status, "{expired}");
        assert_eq!(world.clients(), 15);
    }
}

#[tokio::test]
async fn each_dialect_shows_details_and_numbers_its_way() {
    let fields = "IntegratorClientFields=[Policies,Settings]";
    let both = World::new(&["details=both", "json_fields=string", "id_types=swapped"]).await;
    let row = &both.list(&format!("offset=14&{fields}")).await["Items"][0];
    assert_eq!(row["Policies"], json!(r#"{"core::showUseConfigurationWindow":true}"#));
    assert!(row["CMEnvironmentID"].is_string());
    assert_eq!((&row["TelSysID"], &both.info("").await["PartitionID"]), (&json!("417"), &json!(1)));
    let info = World::new(&[]).await;
    assert_eq!(info.list(&format!("offset=14&{fields}")).await["Items"][0].get("Policies"), None);
    let never = World::new(&["details=never"]).await;
    assert_eq!(never.info(fields).await.get("Policies"), None);
}

#[tokio::test]
async fn a_strict_scope_check_takes_the_shown_and_the_true_scope_and_a_lenient_one_any() {
    let strict = World::new(&[]).await;
    let chris = "integratorClient/fd3548fed99dcd47:463d17a5:198648022c9:-7e7b";
    for scope in ["403/partition/-3/device/UnknownNoneOrAll", "403/partition/1/device/01632960011"] {
        assert_eq!(strict.ask("GET", &format!("{scope}/{chris}"), None).await.0, 200, "{scope}");
    }
    assert_eq!(strict.ask("GET", &format!("{EVERYWHERE}/{chris}"), None).await, refused(30003, "NOT_FOUND"));
    let lenient = World::new(&["scope_check=lenient"]).await;
    assert_eq!(lenient.ask("GET", &format!("{EVERYWHERE}/{chris}"), None).await.0, 200);
}

#[tokio::test]
async fn a_drop_before_does_nothing_and_a_drop_after_does_the_work() {
    let world = World::new(&[]).await;
    let url = format!("/CCS/API/v1/admin/telsys/{FREE}/integratorClient/");
    for (effect, clients) in [("drop_before", 15), ("drop_after", 16)] {
        world.faults(&format!("[{{ operation: add, nth: 1, effect: {effect} }}]"));
        let request = world.request(Method::POST, &url).header("x-api-key", KEY).json(&json!({ "Description": "d" }));
        assert!(request.send().await.is_err(), "{effect}");
        assert_eq!(world.clients(), clients, "{effect}");
    }
    let records = world.running.sandbox().records();
    let seen: Vec<_> = records.requests().map(|request| (request.status, request.work)).collect();
    assert_eq!(seen, [(None, WorkDone::NotDone), (None, WorkDone::Done)]);
    assert_eq!(records.count(Operation::Add), 2);
}

#[tokio::test]
async fn a_truncated_answer_has_a_head_and_half_a_body() {
    let world = World::new(&[]).await;
    world.faults("[{ effect: truncate }]");
    let path = format!("/CCS/API/v1/admin/telsys/{EVERYWHERE}/integratorClient");
    let response = world.request(Method::GET, &path).header("x-api-key", KEY).send().await.expect("a head");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.text().await.is_err());
}

#[tokio::test]
async fn an_answer_may_come_instead_of_the_work_or_after_it() {
    let world = World::new(&[]).await;
    world.faults("[{ operation: add, nth: 1, effect: answer, retry_after: 7 }, { nth: 2, effect: answer, status: 502, work: done }, { effect: accept_without_doing }]");
    let url = format!("/CCS/API/v1/admin/telsys/{FREE}/integratorClient/");
    let request = world.request(Method::POST, &url).header("x-api-key", KEY).json(&json!({ "Description": "d" }));
    let response = request.send().await.expect("an answer");
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].as_bytes()), (503, &b"7"[..]));
    assert_eq!(world.clients(), 15);
    assert_eq!(world.add(FREE).await.0, 502);
    assert_eq!(world.clients(), 16);
    assert_eq!(world.ask("DELETE", &format!("{ANNE}/integratorClient/{ANNES}"), None).await.0, DONE);
    assert_eq!(world.clients(), 16, "a write that was only pretended");
}

#[tokio::test]
async fn a_code_may_be_a_fault_in_the_form_of_the_dialect() {
    let world = World::new(&[]).await;
    world.faults("[{ effect: answer, code: 10104 }]");
    let wanted = json!({ "Result": "Failure", "ErrorCode": 10104, "ErrorMessage": "GENERAL_ERROR" });
    assert_eq!(world.add(FREE).await, Answer(400, wanted));
}

#[tokio::test]
async fn rows_move_between_pages() {
    let world = World::new(&[]).await;
    world.faults("[{ operation: list, nth: 2, effect: shift, by: 1 }, { nth: 3, effect: total, by: -2 }, { nth: 4, effect: endless }]");
    let first = |data: &Value| data["Items"][0]["ID"].clone();
    world.list("limit=5").await;
    assert_eq!(first(&world.list("limit=5&offset=5").await), json!(SAMPLE[6].7));
    assert_eq!(world.list("limit=5").await["Total"], json!(13));
    let page = world.list("limit=5&offset=30").await;
    assert_eq!((page["Items"].as_array().map(Vec::len), page["Total"].as_i64() > Some(35)), (Some(5), true));
}
