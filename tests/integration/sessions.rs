//! Logging in, staying logged in, and leaving.

use icsync::sandbox::Operation;

use crate::world::World;

const LOGIN: &str = "{ login: { username: { env: CCS_USER }, password: { env: CCS_PASSWORD } } }";

fn estate(count: usize, more: &str) -> String {
    let join = |line: fn(usize) -> String| (0..count).map(line).collect::<Vec<_>>().concat();
    let devices = join(|number| format!("          - {{ number: \"0{number}\" }}\n"));
    format!(
        "telephony_servers:\n  - id: 417\n    partitions:\n      - id: 1\n        devices:\n{devices}\
         users: [{{ username: admin, password: secret-word, api_key: test-key }}]\n{more}\n"
    )
}

fn definitions(count: usize) -> String {
    let document = |number| {
        format!(
            "---\nkind: IntegratorClient\nname: c{number}\nscope: {{ telsys: 417, partition: 1, device: \"0{number}\" }}\n\
             description: d{number}\npolicies: {{}}\nsettings: {{ \"n\": {number} }}\n"
        )
    };
    (0..count).map(document).collect::<Vec<_>>().concat()
}

fn world(count: usize, more: &str) -> World {
    let mut world = World::of(&estate(count, more));
    world.set("CCS_USER", "admin");
    world.set("CCS_PASSWORD", "secret-word");
    world.configure_auth(LOGIN, "manage: [{ telsys: 417 }]");
    world.write("clients/all.yaml", &definitions(count));
    world
}

#[test]
fn a_session_is_begun_once_and_ended_also_after_errors() {
    let world = world(3, "");
    world.apply().expect(0);
    assert_eq!(
        (world.count(Operation::Session), world.count(Operation::Login), world.count(Operation::Logout)),
        (1, 1, 1)
    );
    world.forget();
    world.faults("- { operation: list, effect: answer, status: 400, code: 10001 }");
    world.run(&["plan"]).expect(1);
    assert_eq!((world.count(Operation::Login), world.count(Operation::Logout)), (1, 1));
}

#[test]
fn a_wrong_password_is_tried_once_and_never_shown() {
    let mut world = world(1, "");
    world.set("CCS_PASSWORD", "mistyped-word");
    let run = world.run(&["plan", "-v", "-v", "--log-format", "json"]).expect(4);
    assert_eq!(world.count(Operation::Login), 1);
    assert!(!run.stderr.contains("mistyped-word") && run.stderr.contains("\"help\":"), "{}", run.stderr);
}

#[test]
fn other_open_sessions_are_warned_about_and_no_obstacle() {
    let world = world(1, "dialect: { login_conflict: true }");
    let run = world.apply().expect(0);
    assert!(run.stderr.contains("session"), "{}", run.stderr);
}

#[test]
fn a_refused_key_ends_the_run_with_one_request() {
    let mut world = World::in_sync();
    world.set("CCS_API_KEY", "mistyped-key");
    let run = world.run(&["plan", "-vv"]).expect(4);
    assert_eq!(world.count(Operation::List), 1);
    assert!(!run.stderr.contains("mistyped-key"), "{}", run.stderr);
}

#[test]
fn sessions_that_end_every_forty_requests_resets_and_503_lose_and_double_nothing() {
    let count = 500;
    let world = world(count, "session_requests: 40");
    world.edit("icsync.yaml", "manage:", "requests: { retries: 8 }\nmanage:");
    world.faults(
        "- { operation: any, probability: 0.025, effect: drop_before }\n\
         - { operation: any, probability: 0.025, effect: drop_after }\n\
         - { operation: any, probability: 0.02, effect: answer, status: 503 }",
    );
    let mut run = world.apply();
    assert!(run.stderr.contains("retries") && run.stderr.contains("logins"), "{}", run.stderr);
    for _ in 0..3 {
        if run.code == 0 {
            break;
        }
        run = world.apply();
    }
    run.expect(0);
    world.faults("[]");
    world.assert_in_sync();
    let clients = world.clients(417);
    let scopes: std::collections::BTreeSet<_> = clients.iter().map(|client| client["scope"].to_string()).collect();
    assert_eq!((clients.len(), scopes.len()), (count, count));
    let requests: u64 = [Operation::List, Operation::Info, Operation::Add, Operation::Change]
        .into_iter()
        .map(|one| world.count(one))
        .sum();
    let logins = world.count(Operation::Login);
    assert!(logins <= requests / 20, "{logins} logins for {requests} requests");
}
