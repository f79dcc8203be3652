//! The sandbox over real HTTP.

mod dialects;
mod door;
mod oddities;
mod rights;
mod sessions;
mod writes;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::*;

const ESTATE: &str = include_str!("../../examples/quickstart/estate.yaml");
const KEY: &str = "quickstart-key";
const EVERYWHERE: &str = "-1/partition/-1/device/UnknownNoneOrAll";
const ANNE: &str = "417/partition/1/device/01234567120";
const ANNES: &str = "a21abf960a398ee2:7b73f31a:198d18707a9:6e88";
const FREE: &str = "417/partition/1/device/01234567121";
const DESCRIPTIONS: &str = "IntegratorClientFields=[TelSysDescription,PartitionDescription,DeviceDescription]";

/// A sandbox that is running, and a caller with a key.
struct World {
    running: Running,
    http: reqwest::Client,
    key: &'static str,
}

/// Status and body of an answer; the body is JSON, or text where it is none.
#[derive(Debug, PartialEq)]
struct Answer(u16, Value);

impl World {
    async fn new(dialect: &[&str]) -> Self {
        Self::with(options(dialect)).await
    }

    async fn with(options: SandboxOptions) -> Self {
        // Fails when another test has installed it, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let running = Sandbox::spawn(options).await.expect("a running sandbox");
        Self { running, http: http.expect("a client"), key: KEY }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.running.url()))
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let method = method.parse().expect("a method");
        let request = self.request(method, &format!("/CCS/API/v1/admin/telsys/{path}")).header("x-api-key", self.key);
        let request = body.map_or(request.try_clone().expect("a request"), |body| request.json(&body));
        answer(request).await
    }

    async fn list(&self, query: &str) -> Value {
        let Answer(status, body) = self.ask("GET", &format!("{EVERYWHERE}/integratorClient?{query}"), None).await;
        assert_eq!(status, 200, "{body}");
        body["Data"].clone()
    }

    async fn info(&self, query: &str) -> Value {
        let Answer(status, body) = self.ask("GET", &format!("{ANNE}/integratorClient/{ANNES}?{query}"), None).await;
        assert_eq!(status, 200, "{body}");
        body["Data"].clone()
    }

    async fn add(&self, scope: &str) -> Answer {
        self.ask("POST", &format!("{scope}/integratorClient/"), Some(json!({ "Description": "new" }))).await
    }

    fn faults(&self, yaml: &str) {
        self.running.sandbox().set_faults(Faults::parse(yaml, "faults.yaml").expect("faults"));
    }

    fn clients(&self) -> usize {
        self.running.sandbox().state()["clients"].as_array().map_or(0, Vec::len)
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    Answer(status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn options(dialect: &[&str]) -> SandboxOptions {
    let mut options = SandboxOptions::new(Estate::parse(ESTATE, "estate.yaml").expect("the estate of the quick start"));
    for switch in dialect {
        options.estate.dialect.set(switch).expect("a switch");
    }
    options
}

fn refused(code: u32, constant: &str) -> Answer {
    Answer(
        400,
        json!({ "Result": "Failure", "ErrorCode": code, "ErrorMessage": format!("INTEGRATOR_CLIENT_{constant}") }),
    )
}

const DONE: u16 = 204;

/// The vendor's sample of List: (server, partition, device description, number, description, server, partition, id).
type Sample =
    (i64, i64, &'static str, &'static str, &'static str, Option<&'static str>, Option<&'static str>, &'static str);
const NONE: &str = "None";
const ALL: &str = "UnknownNoneOrAll";
const WHOLE: Option<&str> = Some("[None Or All Partitions]");
const SUNSHINE: Option<&str> = Some("Sunshine Insurance");
const MST: Option<&str> = Some("MST Dev Tenant");
const SAMPLE: [Sample; 15] = [
    (389, -3, NONE, ALL, "Child Test", None, None, "174546f958aa15f1:2744ca9:19889c3e648:-2229"),
    (403, -3, NONE, ALL, "3", None, None, "a05241ee7b21d0ac:-69f03ef2:1989d3eaf18:3533"),
    (398, -1, NONE, ALL, "test-123", None, WHOLE, "a05241ee7b21d0ac:-69f03ef2:1989d3eaf18:7877"),
    (366, -1, NONE, ALL, "123", None, WHOLE, "a05241ee7b21d0ac:-69f03ef2:1989d3eaf18:79d4"),
    (403, -3, NONE, ALL, "Colin Scope", None, None, "a21abf960a398ee2:7b73f31a:198cb98618e:6e40"),
    (401, -1, NONE, ALL, "Regression-Test-1", None, WHOLE, "a21abf960a398ee2:7b73f31a:198eb3531fc:-7aed"),
    (401, -3, NONE, ALL, "Regression-Test-2-telsysy-part", None, None, "a21abf960a398ee2:7b73f31a:198eb3531fc:c07"),
    (
        401,
        -3,
        NONE,
        ALL,
        "Regression-Test-2-telsysy-part-device",
        None,
        None,
        "a21abf960a398ee2:7b73f31a:198eb3531fc:ca1",
    ),
    (403, -3, NONE, ALL, "All Mondago.net", None, None, "fd3548fed99dcd47:463d17a5:198608d9cb3:-79b7"),
    (403, -3, NONE, ALL, "Chris' Device", None, None, "fd3548fed99dcd47:463d17a5:198648022c9:-7e7b"),
    (403, -3, NONE, ALL, "3", None, None, "fd3548fed99dcd47:463d17a5:19864e67f42:79b8"),
    (426, 1, "User02 A4MTTest", "+442046034981", "test CXI", MST, MST, "3d5b6efefaa0a823:3af2db2a:199bb1c0014:-36cd"),
    (
        417,
        1,
        "Doc Morrissey",
        "01234567102",
        "test CXI",
        SUNSHINE,
        SUNSHINE,
        "3d5b6efefaa0a823:3af2db2a:199b9df0851:7aec",
    ),
    (417, 1, NONE, ALL, "No Config Access", SUNSHINE, SUNSHINE, "a21abf960a398ee2:7b73f31a:198d18707a9:6b7b"),
    (417, 1, "Anne Hunter", "01234567120", "Config Access Allowed", SUNSHINE, SUNSHINE, ANNES),
];

#[tokio::test]
async fn the_quick_start_lists_the_vendors_sample_byte_for_byte() {
    let world = World::new(&[]).await;
    let quoted = |text: Option<&str>| serde_json::to_string(&text).expect("JSON");
    let row = |(telsys, partition, device, number, description, server, part, id): Sample| {
        format!(
            r#"{{"TelSysID":{telsys},"DeviceDescription":"{device}","DeviceNumber":"{number}","Description":"{description}","TelSysDescription":{},"ID":"{id}","PartitionID":{partition},"PartitionDescription":{}}}"#,
            quoted(server),
            quoted(part)
        )
    };
    let rows = SAMPLE.map(row).join(",");
    let path = format!("/CCS/API/v1/admin/telsys/{EVERYWHERE}/integratorClient?limit=25&offset=0&{DESCRIPTIONS}");
    let response = world.request(Method::GET, &path).header("x-api-key", KEY).send().await.expect("an answer");
    let text = response.text().await.expect("a body");
    assert_eq!(text, format!(r#"{{"Result":"Success","Data":{{"Total":15,"Items":[{rows}],"Offset":0}}}}"#));
}

#[tokio::test]
async fn info_has_the_keys_and_types_of_the_vendors_sample() {
    let world = World::new(&[]).await;
    let path = format!("/CCS/API/v1/admin/telsys/{ANNE}/integratorClient/{ANNES}?{DESCRIPTIONS}");
    let response = world.request(Method::GET, &path).header("x-api-key", KEY).send().await.expect("an answer");
    assert_eq!(
        response.text().await.expect("a body"),
        r#"{"Result":"Success","Data":{"TelSysID":"417","DeviceDescription":"Anne Hunter","DeviceNumber":"01234567120","Description":"Config Access Allowed","TelSysDescription":"Sunshine Insurance","CMEnvironmentID":"d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613","ID":"a21abf960a398ee2:7b73f31a:198d18707a9:6e88","PartitionID":"1","PartitionDescription":"Sunshine Insurance"}}"#
    );
}

#[tokio::test]
async fn fields_are_returned_when_they_are_asked_for() {
    let world = World::new(&[]).await;
    let keys = |row: &Value| row.as_object().expect("a row").keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(&world.info("").await),
        ["CMEnvironmentID", "Description", "DeviceNumber", "ID", "PartitionID", "TelSysID"]
    );
    assert_eq!(
        keys(&world.list("").await["Items"][0]),
        ["Description", "DeviceNumber", "ID", "PartitionID", "TelSysID"]
    );
    let row = world.info("IntegratorClientFields=[Policies,Settings,DeviceUniqueID,DateTimeCreated]").await;
    assert_eq!(row["Policies"], json!({ "core::showUseConfigurationWindow": true }));
    assert_eq!(row["DeviceUniqueID"], json!("417-1-01234567120"));
    assert_eq!(row["DateTimeCreated"], Value::Null);
    assert_eq!(row.get("UserIDCreatedBy"), None);
}

#[tokio::test]
async fn a_client_is_added_changed_and_deleted() {
    let world = World::new(&[]).await;
    let scope = "426/partition/1/device/%2B442046034983";
    let body = json!({ "Description": "d", "Settings": { "a": 1.50 }, "Policies": {} });
    assert_eq!(
        world.ask("POST", &format!("{scope}/integratorClient"), Some(body)).await,
        Answer(200, json!({ "Result": "Success" }))
    );
    let path = "426/partition/1/device/+442046034983/integratorClient";
    let Answer(_, rows) = world.ask("GET", path, None).await;
    let id = rows["Data"]["Items"][0]["ID"].as_str().expect("an id").to_owned();
    assert!(crate::model::ClientId::from_person(&id).is_some(), "{id}");
    let one = format!("{path}/{}", id.replace(':', "%3A"));
    assert_eq!(world.ask("PUT", &one, Some(json!({ "Description": "e" }))).await, Answer(DONE, json!("")));
    let Answer(_, row) =
        world.ask("GET", &format!("{one}?IntegratorClientFields=Settings,UserIDUpdatedBy"), None).await;
    assert_eq!(row["Data"]["Description"], json!("e"));
    assert_eq!(row["Data"]["Settings"], json!({}));
    assert_eq!(row["Data"]["UserIDUpdatedBy"], json!("admin"));
    assert_eq!(world.ask("DELETE", &one, None).await.0, DONE);
    assert_eq!(world.ask("GET", &one, None).await, refused(30003, "NOT_FOUND"));
    assert_eq!(world.ask("DELETE", &one, None).await, refused(30003, "NOT_FOUND"));
}

#[tokio::test]
async fn every_code_of_the_page_can_be_had() {
    let estate = ESTATE.replacen("    policies:", "    unresolved_from: generic_config\n    policies:", 1);
    let mut options = options(&[]);
    options.estate = Estate::parse(&estate, "estate.yaml").expect("an estate");
    let mut world = World::with(options).await;
    let client = |scope: &str, tail: &str| format!("{scope}/integratorClient{tail}");
    assert_eq!(world.ask("POST", &client(FREE, "/"), None).await, refused(30001, "NO_CONFIG_PROVIDED"));
    assert_eq!(world.ask("POST", &client(FREE, "/"), Some(json!({}))).await, refused(30001, "NO_CONFIG_PROVIDED"));
    for (method, tail) in [("GET", "/"), ("PUT", "/"), ("PUT", ""), ("DELETE", "/"), ("DELETE", "")] {
        assert_eq!(world.ask(method, &client(ANNE, tail), None).await, refused(30002, "NO_ID_PROVIDED_IN_REQUEST"));
    }
    assert_eq!(world.ask("GET", &client(ANNE, "/nope"), None).await, refused(30003, "NOT_FOUND"));
    assert_eq!(world.ask("GET", &client(FREE, &format!("/{ANNES}")), None).await, refused(30003, "NOT_FOUND"));
    for scope in [
        "417/partition/1/device/999",
        "417/partition/9/device/UnknownNoneOrAll",
        "9/partition/-1/device/UnknownNoneOrAll",
    ] {
        assert_eq!(world.add(scope).await, refused(30004, "DEVICE_NOT_FOUND_IN_TELSYS"), "{scope}");
    }
    assert_eq!(world.add(ANNE).await, refused(30005, "EXISTS_FOR_SCOPE"));
    let hidden = "403/partition/1/device/01632960011";
    assert_eq!(world.add(hidden).await, refused(30005, "EXISTS_FOR_SCOPE"), "the true scope of a -3 row");
    let same = json!({ "ID": ANNES, "Description": "x" });
    assert_eq!(world.ask("POST", &client(FREE, "/"), Some(same)).await, refused(30006, "EXISTS_FOR_ID"));
    let child = "389/partition/-3/device/UnknownNoneOrAll/integratorClient/174546f958aa15f1:2744ca9:19889c3e648:-2229";
    assert_eq!(world.ask("GET", child, None).await, refused(30007, "NOT_RESOLVED_FROM_GENERIC_CONFIG"));
    world.key = "quickstart-read-only";
    assert_eq!(world.add(FREE).await, refused(30000, "NOT_ENOUGH_PERMISSIONS_FOR_ACTION"));
    world.key = "quickstart-sunshine";
    assert_eq!(
        world.add("426/partition/1/device/+442046034980").await,
        refused(30000, "NOT_ENOUGH_PERMISSIONS_FOR_ACTION")
    );
    assert_eq!(world.add(EVERYWHERE).await, refused(30008, "MULTI_TELSYS_NOT_ALLOWED_FOR_USER"));
    assert_eq!(
        world.add("417/partition/-1/device/UnknownNoneOrAll").await,
        refused(30009, "MULTI_PARTITION_NOT_ALLOWED_FOR_USER")
    );
    assert_eq!(world.list("").await["Total"], json!(3), "a user sees what it may touch");
    assert_eq!(world.add(FREE).await.0, 200);
}

#[tokio::test]
async fn bad_input_is_refused_as_the_api_does_and_never_with_422_or_500() {
    let world = World::new(&[]).await;
    let url = format!("/CCS/API/v1/admin/telsys/{FREE}/integratorClient/");
    let send = async |body: &str, kind: &str| {
        let request = world.request(Method::POST, &url).header("x-api-key", KEY).header("Content-Type", kind);
        answer(request.body(body.to_owned())).await
    };
    let deep = format!("{{\"Settings\":{{\"a\":{}", "[".repeat(100_000));
    for body in [
        "{",
        "[]",
        "1",
        "\"x\"",
        r#"{"Description":1}"#,
        r#"{"Settings":[]}"#,
        r#"{"Settings":1,"Settings":2}"#,
        "{\"Description\":\"\u{1}\"}",
        &deep,
    ] {
        let Answer(status, answer) = send(body, "application/json").await;
        assert_eq!((status, &answer["ErrorCode"]), (400, &json!(10001)), "{answer}");
    }
    assert_eq!(send("{}", "text/plain").await.0, 415);
    assert_eq!(send(&" ".repeat((1 << 20) + 1), "application/json").await.0, 413);
    for path in [
        "x/partition/1/device/1",
        "1/partition/1.0/device/1",
        "1/partition/99999999999999999999/device/1",
        "-2/partition/1/device/1",
    ] {
        let Answer(status, answer) = world.ask("GET", &format!("{path}/integratorClient"), None).await;
        assert_eq!((status, &answer["ErrorCode"]), (400, &json!(10001)), "{answer}");
    }
    assert_eq!(world.ask("PATCH", &format!("{FREE}/integratorClient"), None).await.0, 405);
    assert_eq!(world.ask("GET", "nope", None).await.0, 404);
    assert_eq!(world.clients(), 15);
}

#[tokio::test]
async fn pages_cover_the_list_and_sort_turns_it_round() {
    let world = World::new(&["max_limit=7"]).await;
    let ids = |data: &Value| -> Vec<String> {
        data["Items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|row| row["ID"].as_str().expect("an id").to_owned())
            .collect()
    };
    let mut all = Vec::new();
    for (offset, length) in [(0, 7), (7, 7), (14, 1), (15, 0)] {
        let page = world.list(&format!("limit=25&offset={offset}")).await;
        assert_eq!((&page["Total"], &page["Offset"], ids(&page).len()), (&json!(15), &json!(offset), length));
        all.extend(ids(&page));
    }
    assert_eq!(all, SAMPLE.map(|row| row.7));
    let last = world.list("limit=1&sort=%5B'DESC','DESC'%5D").await;
    assert_eq!(ids(&last), [ANNES]);
    let mixed = world.list("limit=1&sort=['DESC','ASC']").await;
    assert_eq!(ids(&mixed), ["3d5b6efefaa0a823:3af2db2a:199b9df0851:7aec"]);
    let Answer(_, server) = world.ask("GET", "403/partition/-1/device/UnknownNoneOrAll/integratorClient", None).await;
    assert_eq!(server["Data"]["Total"], json!(5), "rows of -3 lie inside their server");
}

#[tokio::test]
async fn control_answers_only_requests_addressed_to_this_machine() {
    let world = World::new(&[]).await;
    let ask = async |method: Method, path: &str, host: &str| {
        answer(world.request(method, path).header("x-api-key", KEY).header("Host", host)).await
    };
    assert_eq!(ask(Method::GET, "/sandbox/state", "evil.example").await.0, 403);
    assert_eq!(ask(Method::GET, "/sandbox/state", "evil.example@localhost").await.0, 200);
    let Answer(200, state) = ask(Method::GET, "/sandbox/state", "localhost:1").await else { panic!("no state") };
    assert_eq!(
        state["clients"][0]["scope"],
        json!({ "telsys": 389, "partition": 1, "device": "UnknownNoneOrAll" }).clone()
    );
    world.add(FREE).await;
    let Answer(200, requests) = ask(Method::GET, "/sandbox/requests", "[::1]").await else { panic!("no requests") };
    assert_eq!(requests["counts"], json!({ "add": 1 }));
    assert_eq!((&requests["requests"][0]["user"], &requests["requests"][0]["work"]), (&json!("admin"), &json!("done")));
    assert_eq!(ask(Method::POST, "/sandbox/reset", "127.0.0.1").await.0, DONE);
    assert_eq!(world.clients(), 15);
    let put = world.request(Method::PUT, "/sandbox/faults").header("x-api-key", KEY).body(r#"[{"nth":0}]"#);
    assert_eq!(answer(put).await.0, 400);
    let put = world.request(Method::PUT, "/sandbox/faults").header("x-api-key", KEY).body(r#"[{"effect":"html"}]"#);
    assert_eq!(answer(put).await.0, DONE);
    assert!(matches!(world.add(FREE).await, Answer(200, Value::String(page)) if page.contains("<html>")));
    assert_eq!(ask(Method::DELETE, "/sandbox/faults", "127.0.0.1").await.0, DONE);
}

#[tokio::test]
async fn the_store_outlives_the_sandbox_and_reset_goes_back_to_the_estate() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("new/sandbox.db");
    let with_data = || SandboxOptions { data: Some(data.clone()), ..options(&[]) };
    let world = World::with(with_data()).await;
    assert_eq!(world.add(FREE).await.0, 200);
    let state = world.running.sandbox().state();
    assert!(matches!(Sandbox::open(with_data()), Err(SandboxError::Store(StoreError::InUse(_)))));
    world.running.shutdown().await.expect("an end");
    let world = World::with(with_data()).await;
    assert_eq!(world.running.sandbox().state(), state);
    assert_eq!(world.add("417/partition/1/device/01234567101").await.0, 200, "ids go on where they were");
    world.running.shutdown().await.expect("an end");
    reset(&data).expect("an empty store");
    assert_eq!(World::with(with_data()).await.clients(), 15);
}

#[tokio::test]
async fn of_many_adds_to_one_scope_at_once_one_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::with(SandboxOptions { data: Some(folder.path().join("s.db")), ..options(&[]) }).await;
    let answers = futures_util::future::join_all((0..40).map(|_| world.add(FREE))).await;
    assert_eq!(answers.iter().filter(|answer| answer.0 == 200).count(), 1);
    assert_eq!(world.clients(), 16);
}

#[tokio::test]
async fn the_same_seed_makes_the_same_ids() {
    let (one, other) = (World::new(&[]).await, World::new(&[]).await);
    for world in [&one, &other] {
        world.add(FREE).await;
    }
    let ids = |world: &World| -> Vec<Value> {
        let state = world.running.sandbox().state();
        state["clients"].as_array().expect("clients").iter().map(|client| client["id"].clone()).collect()
    };
    assert_eq!(ids(&one), ids(&other));
}
