//! Rows that are no clients, a load balancer's cookie, statuses of proxies, and what is remembered of requests.

use super::*;

#[tokio::test]
async fn odd_rows_are_the_last_of_their_server_and_stand_as_they_are() {
    let odd = r#"
odd_rows:
  - { telsys: 417, row: '{"ID":"odd:1:1:1","Description":"\ud800","TelSysID":417,"PartitionID":-2,"DeviceNumber":null}' }
  - { telsys: 426, row: '17' }
"#;
    let mut options = options(&[]);
    options.estate = Estate::parse(&format!("{ESTATE}{odd}"), "estate.yaml").expect("an estate");
    let mut world = World::with(options).await;
    let text = async |path: &str, key: &str| {
        let request = world.request(Method::GET, &format!("/CCS/API/v1/admin/telsys/{path}")).header("x-api-key", key);
        request.send().await.expect("an answer").text().await.expect("a body")
    };
    let all = text(&format!("{EVERYWHERE}/integratorClient"), KEY).await;
    let tail = r#",{"ID":"odd:1:1:1","Description":"\ud800","TelSysID":417,"PartitionID":-2,"DeviceNumber":null},17],"Offset":0}}"#;
    assert!(all.contains(r#""Total":17"#) && all.ends_with(tail), "{all}");
    let page = text(&format!("{EVERYWHERE}/integratorClient?limit=2&offset=15"), KEY).await;
    assert!(page.contains(r#""Items":[{"ID":"odd:1:1:1","#) && page.ends_with(r#",17],"Offset":15}}"#), "{page}");
    let server = text("426/partition/-1/device/UnknownNoneOrAll/integratorClient?offset=1", KEY).await;
    assert!(server.ends_with(r#""Total":2,"Items":[17],"Offset":1}}"#), "{server}");
    let partition = text("426/partition/1/device/UnknownNoneOrAll/integratorClient", KEY).await;
    assert!(partition.contains(r#""Total":1"#), "{partition}");
    world.key = "quickstart-sunshine";
    assert_eq!(world.list("").await["Total"], json!(3), "who may see a partition sees no odd row");
}

#[test]
fn an_odd_row_is_json() {
    let parse = |row: &str| Estate::parse(&format!("odd_rows: [{{ telsys: 1, row: '{row}' }}]"), "estate.yaml");
    assert!(parse("[null]").is_ok() && parse("{").is_err() && parse("").is_err());
}

#[tokio::test]
async fn a_load_balancer_wants_its_cookie_with_every_session() {
    let world = World::new(&["sticky=true"]).await;
    let api = |path: &str| format!("/CCS/API/v1{path}");
    let response = world.request(Method::POST, &api("/session")).send().await.expect("an answer");
    let set: Vec<_> =
        response.headers().get_all("set-cookie").iter().map(|value| value.to_str().expect("text")).collect();
    let pairs: Vec<&str> = set.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    assert!(pairs.len() == 2 && pairs.contains(&"ROUTE=sandbox"), "{set:?}");
    let login = |cookie: &str| {
        let request = world.request(Method::GET, &api("/login")).header("Cookie", cookie);
        answer(request.basic_auth("admin", Some("quickstart")))
    };
    let session = pairs.iter().find(|pair| pair.starts_with("JSESSIONID")).expect("a session");
    assert_eq!(login(session).await.0, 400);
    assert_eq!(login(&pairs.join("; ")).await.0, 200);
    let list = api(&format!("/admin/telsys/{EVERYWHERE}/integratorClient"));
    let with = |cookie: &str| answer(world.request(Method::GET, &list).header("Cookie", cookie));
    assert_eq!((with(session).await.0, with(&pairs.join("; ")).await.0), (400, 200));
    let response = world.request(Method::GET, &list).header("x-api-key", KEY).send().await.expect("an answer");
    assert_eq!((response.status().as_u16(), response.headers().contains_key("set-cookie")), (200, true));
    let request = world.request(Method::GET, &list).header("x-api-key", KEY).header("Cookie", "ROUTE=sandbox");
    assert!(!request.send().await.expect("an answer").headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn proxies_may_answer_with_statuses_of_their_own() {
    let world = World::new(&[]).await;
    for status in [408, 520, 521, 522, 523, 524, 529] {
        world.faults(&format!("[{{ effect: answer, status: {status} }}]"));
        assert_eq!(world.add(FREE).await.0, status);
    }
    assert_eq!(world.clients(), 15);
}

#[tokio::test]
async fn requests_are_remembered_with_the_names_of_their_headers() {
    let world = World::new(&[]).await;
    let path = format!("/CCS/API/v1/admin/telsys/{EVERYWHERE}/integratorClient?limit=1");
    let request =
        world.request(Method::GET, &path).header("x-api-key", KEY).header("Cookie", "a=b").header("Cookie", "c=d");
    assert_eq!(answer(request).await.0, 200);
    let Answer(_, records) = answer(world.request(Method::GET, "/sandbox/requests").header("x-api-key", KEY)).await;
    let request = &records["requests"][0];
    assert_eq!((&request["method"], &request["query"]), (&json!("GET"), &json!("limit=1")));
    assert_eq!(
        (&request["status"], &request["headers"]),
        (&json!(200), &json!(["accept", "accept-encoding", "cookie", "host", "x-api-key"]))
    );
    assert!(!records.to_string().contains(KEY));
}
