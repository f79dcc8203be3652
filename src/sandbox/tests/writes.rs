//! Writes that are late, shown late, or leave something unset.

use std::time::{Duration, Instant};

use super::*;

const FIELDS: &str = "IntegratorClientFields=[Policies,Settings]";

impl World {
    async fn post(&self, query: &str, body: Value) -> Answer {
        self.ask("POST", &format!("{FREE}/integratorClient/?{query}"), Some(body)).await
    }

    async fn put(&self, query: &str, body: Value) -> Answer {
        self.ask("PUT", &format!("{ANNE}/integratorClient/{ANNES}?{query}"), Some(body)).await
    }

    /// Gives the row of the client that was added last.
    async fn added(&self) -> Value {
        let Answer(_, list) = self.ask("GET", &format!("{FREE}/integratorClient"), None).await;
        let id = list["Data"]["Items"][0]["ID"].as_str().expect("an id");
        self.ask("GET", &format!("{FREE}/integratorClient/{id}?{FIELDS}"), None).await.1["Data"].clone()
    }

    /// Waits until a number of clients is there, and gives how long it took.
    async fn wait_for(&self, clients: usize) -> Duration {
        let began = Instant::now();
        while self.clients() != clients {
            assert!(began.elapsed() < Duration::from_secs(10), "{} clients", self.clients());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        began.elapsed()
    }
}

#[tokio::test]
async fn an_empty_environment_may_be_refused_and_null_may_not() {
    let world = World::new(&["empty_id=refused"]).await;
    let not_resolved = refused(30007, "NOT_RESOLVED_FROM_GENERIC_CONFIG");
    assert_eq!(world.post("", json!({ "CMEnvironmentID": "" })).await, not_resolved);
    assert_eq!(world.put("", json!({ "CMEnvironmentID": "" })).await, not_resolved);
    assert_eq!(world.put("", json!({ "CMEnvironmentID": null })).await.0, DONE);
    assert_eq!(World::new(&[]).await.post("", json!({ "CMEnvironmentID": "" })).await.0, 200);
}

#[tokio::test]
async fn null_empty_and_left_out_are_kept_apart() {
    let world = World::new(&[]).await;
    let body = json!({ "Description": "", "CMEnvironmentID": null, "Policies": null });
    assert_eq!(world.post("", body).await.0, 200);
    let row = world.added().await;
    assert_eq!((&row["Description"], row.get("CMEnvironmentID")), (&json!(""), Some(&Value::Null)));
    assert_eq!((row.get("Policies"), &row["Settings"]), (Some(&Value::Null), &json!({})));
    let text = World::new(&["json_fields=string", "put=merge"]).await;
    assert_eq!(text.put("", json!({ "Description": null, "Policies": null })).await.0, DONE);
    let row = text.info(FIELDS).await;
    assert_eq!((row.get("Description"), row.get("Policies")), (Some(&Value::Null), Some(&Value::Null)));
    assert!(row["Settings"].is_string());
}

#[tokio::test]
async fn fields_that_are_left_out_of_an_add_may_be_refused() {
    let world = World::new(&["omitted=refused"]).await;
    let mut body = json!({ "Description": "d", "CMEnvironmentID": null, "Policies": {} });
    assert_eq!(world.post("", body.clone()).await, refused(30001, "NO_CONFIG_PROVIDED"));
    body["Settings"] = Value::Null;
    assert_eq!(world.post("", body).await.0, 200);
    assert_eq!(world.put("", json!({ "Description": "d" })).await.0, DONE, "a Change may leave fields out");
}

#[tokio::test]
async fn policies_and_settings_may_have_to_be_named_to_be_stored() {
    let world = World::new(&["write_fields=required"]).await;
    let body = json!({ "Description": "d", "Policies": { "p": 1 }, "Settings": { "s": 1 } });
    let before = world.info(FIELDS).await;
    assert_eq!(world.put("IntegratorClientFields=[Settings]", body.clone()).await.0, DONE);
    let after = world.info(FIELDS).await;
    assert_eq!((&after["Policies"], &after["Settings"]), (&before["Policies"], &json!({ "s": 1 })));
    assert_eq!(after["Description"], json!("d"));
    assert_eq!(world.post("", body).await.0, 200);
    assert_eq!(world.added().await["Policies"], json!({}));
}

#[tokio::test]
async fn who_and_when_are_shown_refused_or_left_out() {
    let fields = "IntegratorClientFields=[UserIDUpdatedBy,DateTimeUpdated,Settings]";
    let shown = World::new(&[]).await;
    shown.put("", json!({ "Description": "d" })).await;
    assert_eq!(shown.info(fields).await["UserIDUpdatedBy"], json!("admin"));
    assert!(shown.list(&format!("offset=14&{fields}")).await["Items"][0]["DateTimeUpdated"].is_string());
    let ignored = World::new(&["audit=ignored"]).await;
    let row = ignored.info(fields).await;
    assert_eq!((row.get("UserIDUpdatedBy"), row["Settings"].is_object()), (None, true));
    let refusing = World::new(&["audit=refused"]).await;
    for tail in [format!("{EVERYWHERE}/integratorClient?{fields}"), format!("{ANNE}/integratorClient/{ANNES}?{fields}")]
    {
        let Answer(status, body) = refusing.ask("GET", &tail, None).await;
        assert_eq!((status, &body["ErrorCode"]), (400, &json!(10001)), "{body}");
    }
    assert!(refusing.info(FIELDS).await["Settings"].is_object());
}

#[tokio::test]
async fn a_late_write_is_answered_at_once_and_carried_out_after() {
    let world = World::new(&["late=0.2s"]).await;
    assert_eq!(world.add(FREE).await.0, 200);
    assert_eq!((world.clients(), world.running.sandbox().late_writes()), (15, 1));
    assert_eq!(world.add(FREE).await.0, 200, "nothing is there yet");
    assert_eq!(world.add(ANNE).await, refused(30005, "EXISTS_FOR_SCOPE"));
    assert!(world.wait_for(16).await >= Duration::from_millis(100));
    while world.running.sandbox().late_writes() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let works = world.running.sandbox().records();
    let works: Vec<_> = works.requests().map(|request| request.work).collect();
    assert_eq!(works, [WorkDone::Done, WorkDone::NotDone, WorkDone::NotDone], "the second found the scope taken");
}

#[tokio::test]
async fn a_write_may_be_late_after_its_answer_was_lost() {
    let world = World::new(&[]).await;
    world.faults(
        "[{ operation: add, nth: 1, effect: drop_after, late_ms: 200 }, \
          { operation: delete, effect: answer, status: 504, work: done, late_ms: 200 }]",
    );
    let url = format!("/CCS/API/v1/admin/telsys/{FREE}/integratorClient/");
    let request = world.request(Method::POST, &url).header("x-api-key", KEY).json(&json!({ "Description": "d" }));
    assert!(request.send().await.is_err());
    assert_eq!(world.clients(), 15);
    world.wait_for(16).await;
    assert_eq!(world.ask("DELETE", &format!("{ANNE}/integratorClient/{ANNES}"), None).await.0, 504);
    assert_eq!(world.clients(), 16);
    world.wait_for(15).await;
    assert_eq!(world.ask("GET", &format!("{ANNE}/integratorClient/{ANNES}"), None).await, refused(30003, "NOT_FOUND"));
}

#[tokio::test]
async fn late_writes_are_carried_out_when_the_sandbox_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let with_data = |dialect| SandboxOptions { data: Some(folder.path().join("s.db")), ..options(dialect) };
    let world = World::with(with_data(&["late=60s"])).await;
    assert_eq!(world.add(FREE).await.0, 200);
    world.running.shutdown().await.expect("an end");
    assert_eq!(World::with(with_data(&[])).await.clients(), 16);
}

#[tokio::test]
async fn reads_may_lag_behind_writes() {
    let world = World::new(&["lag=0.3s"]).await;
    let began = Instant::now();
    assert_eq!(world.add(FREE).await.0, 200);
    assert_eq!(world.put("", json!({ "Description": "new" })).await.0, DONE);
    assert_eq!(world.clients(), 16, "the state is the truth");
    assert_eq!(world.add(FREE).await, refused(30005, "EXISTS_FOR_SCOPE"), "writes see the truth");
    assert_eq!(world.list("").await["Total"], json!(15));
    assert_ne!(world.info("").await["Description"], json!("new"));
    while world.list("").await["Total"] == json!(15) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(began.elapsed() >= Duration::from_millis(300));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(world.info("").await["Description"], json!("new"));
}
