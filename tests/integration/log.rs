//! The request log tells what was really sent and no secret; as JSON, stderr is nothing but JSON.

use serde_json::Value;

use crate::world::{Run, World};

/// A world whose server fails once at a list, and that logs in.
fn logging_in() -> World {
    let mut world = World::in_sync();
    world.set("CCS_USER", "admin");
    world.set("CCS_PASSWORD", "secret-word");
    let login = "{ login: { username: { env: CCS_USER }, password: { env: CCS_PASSWORD } } }";
    world.configure_auth(login, "manage: [{ telsys: 417 }]");
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.faults("- { operation: list, nth: 1, effect: answer, status: 503 }");
    world
}

/// Reads every line of stderr as JSON.
fn lines(run: &Run) -> Vec<Value> {
    let lines = run.stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")));
    lines.collect()
}

#[test]
fn the_log_is_what_the_server_got_line_by_line() {
    let world = logging_in();
    let run = world.run(&["apply", "--auto-approve", "-v", "--log-format", "json"]).expect(0);
    let logged = lines(&run).into_iter().map(|line| line["fields"].clone()).filter(|one| one["message"] == "request");
    let logged: Vec<Value> = logged.collect();
    let mut said: Vec<String> = logged
        .iter()
        .map(|one| format!("{} {} {}", one["method"], one["path"], one["status"]).replace('"', ""))
        .collect();
    let mut got: Vec<String> = world.records(|record| {
        let query = if record.query.is_empty() { String::new() } else { format!("?{}", record.query) };
        let status = record.status.map_or_else(|| "null".to_owned(), |status| status.to_string());
        format!("{} {}{query} {status}", record.method, record.path)
    });
    said.sort();
    got.sort();
    assert_eq!(said, got);
    let attempts: Vec<(u64, u64)> = logged
        .iter()
        .filter(|one| one["operation"] == "list")
        .map(|one| (one["attempt"].as_u64().unwrap_or(0), one["status"].as_u64().unwrap_or(0)))
        .collect();
    assert_eq!(attempts[..2], [(1, 503), (2, 200)]);
    assert!(logged.iter().all(|one| one["milliseconds"].is_u64()), "{logged:?}");
}

#[test]
fn the_log_of_text_has_a_line_for_each_request_and_the_code_of_a_refusal() {
    let world = World::in_sync();
    world.faults("- { operation: list, effect: answer, status: 400, code: 30000 }");
    let run = world.run(&["plan", "-v"]).expect(4);
    let requests: Vec<&str> = run.stderr.lines().filter(|line| line.contains("request operation=")).collect();
    assert_eq!(requests.len(), world.records(|_| String::new()).len(), "{}", run.stderr);
    assert!(requests[0].contains("operation=list method=GET path=\"/CCS/API/v1/admin/telsys/417"), "{requests:?}");
    assert!(requests[0].contains("status=400 code=30000 attempt=1 milliseconds="), "{requests:?}");
    assert!(!world.run(&["plan"]).stderr.contains("request operation="));
}

#[test]
fn no_level_of_the_log_shows_a_secret() {
    let world = logging_in();
    for level in ["-v", "-vv", "-vvvv"] {
        for format in ["text", "json"] {
            for auth in [
                "{ api_key: { env: CCS_API_KEY } }",
                "{ login: { username: { env: CCS_USER }, password: { env: CCS_PASSWORD } } }",
            ] {
                world.configure_auth(auth, "manage: [{ telsys: 417 }]");
                let Run { stderr, stdout, .. } = world.run(&["plan", level, "--log-format", format]).expect(0);
                assert!(stderr.contains("request"), "{stderr}");
                let text = format!("{stdout}{stderr}");
                for secret in [
                    "test-key",
                    "secret-word",
                    "YWRtaW46c2VjcmV0LXdvcmQ=",
                    "JSESSIONID=",
                    "Basic ",
                    "SessionID",
                    "Nonce",
                ] {
                    assert!(!text.contains(secret), "{level} {format} {secret}: {text}");
                }
                assert_eq!(level != "-v", stderr.contains("headers"), "{stderr}");
            }
        }
    }
}

#[test]
fn as_json_every_line_of_stderr_is_an_object() {
    let world = World::in_sync();
    let summary = lines(&world.run(&["plan", "--log-format", "json"]).expect(0));
    assert!(
        summary.iter().any(|line| line["fields"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("rows read") || text.contains("row read"))),
        "{summary:?}"
    );
    let warned = lines(&world.run(&["plan", "--exclude", "name=one", "--log-format=json"]).expect(0));
    assert!(warned.iter().any(|line| line["level"] == "WARN"), "{warned:?}");
    world.write("clients/bad.yaml", "kind: IntegratorClient\nname: A\n");
    for (arguments, code) in [
        (vec!["validate", "--log-format", "json"], 3),
        (vec!["plan", "--log-format", "json", "-q"], 3),
        (vec!["plan", "--log-format=json", "--nope"], 64),
        (vec!["-C", "/nonexistent", "plan", "--log-format=json"], 64),
    ] {
        let run = world.run(&arguments).expect(code);
        let lines = lines(&run);
        assert!(!lines.is_empty() && lines.iter().all(|line| line["level"] == "ERROR"), "{run:?}");
        assert!(lines.iter().all(|line| line["fields"]["code"].is_string()), "{run:?}");
    }
    let found = lines(&world.run(&["validate", "--log-format", "json"]));
    assert_eq!(
        found[0]["fields"]["at"].as_str().map(|at| at.starts_with("clients/bad.yaml:")),
        Some(true),
        "{found:?}"
    );
}

#[test]
fn a_certificate_file_that_is_none_is_named() {
    let world = World::in_sync();
    let target = |more: &str| {
        let auth = format!("{{ api_key: {{ env: CCS_API_KEY }}{more} }}");
        world.configure_auth(&auth, "manage: [{ telsys: 417 }]");
    };
    target("");
    world.edit("icsync.yaml", "    auth:", "    ca_file: corp.pem\n    auth:");
    world.edit("icsync.yaml", world.url(), "https://ccs.example.com");
    let run = world.run(&["plan"]).expect(1);
    assert!(run.stderr.contains("corp.pem`") && run.stderr.contains("help: `ca_file`"), "{}", run.stderr);
    world.write("corp.pem", "nothing");
    let run = world.run(&["plan"]).expect(3);
    assert!(run.stderr.contains("the `ca_file` `corp.pem` cannot be used: it is not in PEM form"), "{}", run.stderr);
    target(", certificate: { file: client.pem }");
    let run = world.run(&["plan"]).expect(4);
    assert!(run.stderr.contains("client.pem"), "{}", run.stderr);
    world.write("client.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let run = world.run(&["plan"]).expect(3);
    assert!(run.stderr.contains("the client certificate cannot be used: there is no key with it"), "{}", run.stderr);
}

#[test]
fn a_proxy_that_is_none_is_an_error_that_names_the_variable_only() {
    let mut world = World::in_sync();
    world.set("ALL_PROXY", "http://anne:hunter2@");
    world.run(&["plan"]).expect(0);
    world.edit("icsync.yaml", world.url(), "https://ccs.example.com");
    let run = world.run(&["plan"]).expect(3);
    assert!(run.stderr.contains("`ALL_PROXY`") && !run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn no_name_of_a_file_reaches_a_terminal_raw_through_a_log() {
    let world = World::in_sync();
    let hostile = "clients/a\u{9b}31m\u{202e}\u{7f}\u{1b}[2J##[error]x.yaml";
    world.write(hostile, "kind: IntegratorClient\nname: [\n");
    for format in ["text", "json"] {
        for command in ["validate", "plan"] {
            let run = world.run(&[command, "-vvv", "--log-format", format]).expect(3);
            let raw = run
                .stderr
                .chars()
                .find(|one| ('\u{7f}'..='\u{9f}').contains(one) || matches!(one, '\u{202e}' | '\u{1b}'));
            assert_eq!(raw, None, "{command} {format}: {:?}", run.stderr);
        }
    }
}
