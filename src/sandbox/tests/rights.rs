//! Users that may see and write a part of the estate.

use super::*;

const DOC: &str = "417/partition/1/device/01234567102";
const DOCS: &str = "3d5b6efefaa0a823:3af2db2a:199b9df0851:7aec";

fn denied() -> Answer {
    refused(30000, "NOT_ENOUGH_PERMISSIONS_FOR_ACTION")
}

fn missing() -> Answer {
    refused(30003, "NOT_FOUND")
}

impl World {
    async fn limited(dialect: &[&str], rights: &Value) -> Self {
        let world = Self::new(dialect).await;
        world.limit(rights);
        world
    }

    /// Limits the user of the key, whose name is `admin`.
    fn limit(&self, rights: &Value) {
        let limits = serde_json::from_value(json!({ "rights": rights })).expect("limits");
        self.running.sandbox().limit("admin", limits).expect("a user");
    }

    async fn change(&self, scope: &str, id: &str) -> Answer {
        self.ask("PUT", &format!("{scope}/integratorClient/{id}"), Some(json!({ "Description": "x" }))).await
    }

    async fn see(&self, scope: &str, id: &str) -> u16 {
        self.ask("GET", &format!("{scope}/integratorClient/{id}"), None).await.0
    }
}

#[tokio::test]
async fn a_list_holds_and_counts_what_the_user_may_see() {
    let world = World::new(&[]).await;
    for (read, total) in [
        (json!([{ "id": ANNES }]), 1),
        (json!([{ "telsys": 417, "partition": 1, "device": "01234567102" }, { "id": ANNES }]), 2),
        (json!([{ "telsys": 417 }]), 3),
        (json!([{ "telsys": 417 }, { "telsys": 403, "partition": 1 }]), 6),
        (json!([]), 0),
        (json!([{}]), 15),
    ] {
        world.limit(&json!({ "read": read }));
        let page = world.list("").await;
        assert_eq!((&page["Total"], page["Items"].as_array().map(Vec::len)), (&json!(total), Some(total)), "{read}");
    }
    assert_eq!(world.list("limit=1&offset=14").await["Items"][0]["ID"], json!(ANNES));
}

#[tokio::test]
async fn what_may_not_be_seen_is_refused_or_not_found() {
    for (unseen, wanted) in [("refused", denied as fn() -> Answer), ("not_found", missing)] {
        let dialect = format!("unseen={unseen}");
        let world = World::limited(&[&dialect], &json!({ "read": [{ "id": ANNES }], "write": [{}] })).await;
        assert_eq!(world.see(ANNE, ANNES).await, 200);
        let docs = format!("{DOC}/integratorClient/{DOCS}");
        assert_eq!(world.ask("GET", &docs, None).await, wanted());
        assert_eq!(world.change(DOC, DOCS).await, wanted());
        assert_eq!(world.ask("DELETE", &docs, None).await, wanted());
        assert_eq!(world.add(DOC).await, refused(30005, "EXISTS_FOR_SCOPE"), "it exists all the same");
        assert_eq!(world.clients(), 15);
    }
}

#[tokio::test]
async fn reading_and_writing_are_apart_down_to_one_client() {
    let rights = json!({ "read": [{ "telsys": 417 }], "write": [{ "id": ANNES }] });
    let world = World::limited(&["unseen=not_found"], &rights).await;
    assert_eq!(world.change(DOC, DOCS).await, denied(), "it may be seen and not written");
    assert_eq!(world.add(FREE).await, denied(), "an Add is no client yet");
    assert_eq!(world.change(ANNE, ANNES).await.0, DONE);
    world.limit(&json!({ "read": [{}], "write": [{ "telsys": 417, "partition": 1, "device": "01234567121" }] }));
    assert_eq!(world.add(FREE).await.0, 200);
    assert_eq!(world.change(ANNE, ANNES).await, denied());
}

#[tokio::test]
async fn rights_change_while_sessions_are_open() {
    let world = World::new(&[]).await;
    let api = |path: &str| format!("/CCS/API/v1{path}");
    let Answer(_, session) = answer(world.request(Method::POST, &api("/session"))).await;
    let cookie = format!("JSESSIONID={}", session["SessionID"].as_str().expect("an id"));
    let with = |path: &str| world.request(Method::GET, &api(path)).header("Cookie", &cookie);
    assert_eq!(answer(with("/login").basic_auth("admin", Some("quickstart"))).await.0, 200);
    let total = async || {
        let Answer(_, list) = answer(with(&format!("/admin/telsys/{EVERYWHERE}/integratorClient"))).await;
        list["Data"]["Total"].clone()
    };
    assert_eq!(total().await, json!(15));
    let put = async |name: &str, body: &str| {
        answer(
            world
                .request(Method::PUT, &format!("/sandbox/users/{name}"))
                .header("x-api-key", KEY)
                .body(body.to_owned()),
        )
        .await
        .0
    };
    assert_eq!(put("admin", r#"{ "rights": { "telsys": 426 } }"#).await, DONE);
    assert_eq!(total().await, json!(1));
    let Answer(_, users) = answer(world.request(Method::GET, "/sandbox/users").header("x-api-key", KEY)).await;
    let rights = json!({ "read": [{ "telsys": 426 }], "write": [{ "telsys": 426 }] });
    assert_eq!(users["admin"], json!({ "rights": rights, "access": "read_write" }));
    assert_eq!(put("admin", &users["admin"].to_string()).await, DONE, "it reads back");
    assert_eq!(put("nobody", "{}").await, 404);
    assert_eq!(put("admin", r#"{ "rights": { "partition": 1 } }"#).await, 400);
    assert_eq!(put("ad%6Din", "{}").await, DONE);
    assert_eq!(total().await, json!(15));
}
