//! Sessions and logins.

use super::*;

#[tokio::test]
async fn a_session_is_made_logged_in_used_and_closed() {
    let mut options = options(&[]);
    options.estate.session_requests = Some(2);
    let world = World::with(options).await;
    let api = |path: &str| format!("/CCS/API/v1{path}");
    let list = api(&format!("/admin/telsys/{EVERYWHERE}/integratorClient?limit=1"));
    let Answer(200, session) = answer(world.request(Method::POST, &api("/session"))).await else {
        panic!("no session")
    };
    let (nonce, id) = (session["Nonce"].as_str().expect("a nonce"), session["SessionID"].as_str().expect("an id"));
    assert_eq!((nonce.len(), id.len(), session.as_object().expect("an object").len()), (32, 32, 2));
    let with = |method: Method, path: &str| world.request(method, path).header("Cookie", format!("JSESSIONID={id};"));
    assert_eq!(answer(with(Method::GET, &list)).await.0, 401, "nobody logged in");
    let login = api("/login?locale=en_GB");
    assert_eq!(answer(with(Method::GET, &api("/login?locale=xx"))).await.0, 400);
    assert_eq!(answer(with(Method::GET, &login).basic_auth("admin", Some("quickstart"))).await.0, 200);
    assert_eq!(answer(with(Method::GET, &list)).await.0, 200);
    assert_eq!(answer(with(Method::GET, &list)).await.0, 200);
    assert_eq!(answer(with(Method::GET, &list)).await.0, 401, "two requests are its lifetime");
    assert_eq!(answer(with(Method::GET, &login).basic_auth("admin", Some("quickstart"))).await.0, 401, "it is gone");
}

#[tokio::test]
async fn a_failed_login_clears_the_session_and_a_conflict_logs_in() {
    let world = World::new(&["login_conflict=true"]).await;
    let api = |path: &str| format!("/CCS/API/v1{path}");
    let session = async || {
        let Answer(_, session) = answer(world.request(Method::POST, &api("/session"))).await;
        format!("JSESSIONID={}", session["SessionID"].as_str().expect("an id"))
    };
    let login = async |cookie: &str, password: &str| {
        let request = world.request(Method::GET, &api("/login?locale=en_US")).header("Cookie", cookie);
        answer(request.basic_auth("admin", Some(password))).await
    };
    let cookie = session().await;
    assert_eq!(login(&cookie, "wrong").await.0, 401);
    assert_eq!(login(&cookie, "quickstart").await.0, 401, "a failed login clears the session");
    let cookie = session().await;
    let conflict = json!({ "Message": "There were other browser sessions active for admin" });
    assert_eq!(login(&cookie, "quickstart").await, Answer(400, conflict));
    let list = api(&format!("/admin/telsys/{EVERYWHERE}/integratorClient"));
    assert_eq!(answer(world.request(Method::GET, &list).header("Cookie", &cookie)).await.0, 200);
    assert_eq!(answer(world.request(Method::GET, &api("/logout")).header("Cookie", &cookie)).await.0, 200);
    assert_eq!(answer(world.request(Method::GET, &list).header("Cookie", &cookie)).await.0, 401);
}
