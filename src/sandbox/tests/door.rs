//! What web pages and callers without a key get.

use super::*;

const WRITING: [(&str, &str); 7] = [
    ("POST", "/sandbox/reset"),
    ("DELETE", "/sandbox/requests"),
    ("PUT", "/sandbox/faults"),
    ("DELETE", "/sandbox/faults"),
    ("PUT", "/sandbox/users/admin"),
    ("POST", "/CCS/API/v1/session"),
    ("POST", "/CCS/API/v1/admin/telsys/417/partition/1/device/01234567121/integratorClient/"),
];
const READING: [&str; 4] = ["/sandbox/state", "/sandbox/requests", "/sandbox/faults", "/sandbox/users"];

async fn status(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    let request = world.request(method.parse().expect("a method"), path).header("x-api-key", KEY).body("{}");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let Answer(status, body) = answer(request).await;
    assert!(status != 403 || body["Message"].as_str().is_some_and(|text| text.contains("The request ")), "{body}");
    status
}

#[tokio::test]
async fn no_request_of_a_foreign_web_page_comes_in_even_with_the_key() {
    let world = World::new(&[]).await;
    assert_eq!(world.add(FREE).await.0, 200);
    let requests = world.running.sandbox().records().requests().count();
    let own = world.running.url().to_owned();
    let (https, other_port) = (own.replace("http:", "https:"), "http://127.0.0.1:1".to_owned());
    let pages: [&[(&str, &str)]; 12] = [
        &[("Origin", "http://evil.example")],
        &[("Origin", "null")],
        &[("Origin", "")],
        &[("Origin", &https)],
        &[("Origin", &other_port)],
        &[("Origin", &own), ("Origin", "http://evil.example")],
        &[("Origin", "http://evil.example"), ("Content-Type", "text/plain")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site"), ("Origin", &own)],
        &[("Host", "evil.example")],
        &[("Host", "localhost.evil.example"), ("Origin", "http://localhost.evil.example")],
        &[("Host", "127.0.0.1@evil.example")],
    ];
    for page in pages {
        for (method, path) in WRITING.into_iter().chain(READING.map(|path| ("GET", path))) {
            assert_eq!(status(&world, method, path, page).await, 403, "{method} {path} {page:?}");
        }
    }
    assert_eq!((world.clients(), world.running.sandbox().records().requests().count()), (16, requests));
}

#[tokio::test]
async fn the_sandboxs_own_origin_and_what_no_page_sends_come_in() {
    let world = World::new(&[]).await;
    let own = world.running.url().to_owned();
    let local = own.replace("127.0.0.1", "localhost");
    let host = local.trim_start_matches("http://").to_owned();
    for headers in [
        &[][..],
        &[("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")],
        &[("Sec-Fetch-Site", "none")],
        &[("Host", host.as_str()), ("Origin", local.as_str())],
        &[("Host", "[::1]:80")],
    ] {
        assert_eq!(status(&world, "GET", "/sandbox/state", headers).await, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn what_steers_the_sandbox_wants_the_key_that_the_api_wants() {
    let world = World::new(&[]).await;
    assert_eq!(world.add(FREE).await.0, 200);
    for (method, path) in WRITING.into_iter().take(5).chain(READING.map(|path| ("GET", path))) {
        let request = || world.request(method.parse().expect("a method"), path).body("[]");
        for request in [request(), request().header("x-api-key", "wrong"), request().header("x-api-key", "")] {
            let Answer(status, body) = answer(request).await;
            assert_eq!((status, body["Message"].as_str().is_some()), (401, true), "{method} {path}");
        }
    }
    assert_eq!(world.clients(), 16);
}
