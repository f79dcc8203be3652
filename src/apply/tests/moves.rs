//! Many replaces in one run: few clients are missing at a time, and none is deleted for nothing.

use super::*;

const ADD_REFUSED: [Mishap; 2] = [Mishap::None, Mishap::Refused];

/// A server with clients at the devices from 1 to so many, and nothing else.
fn server(clients: u32) -> Server {
    Server::new((1..=clients).map(|device| row(&id(device), scope(417, device), "x")))
}

fn id(device: u32) -> String {
    format!("00000000000000cc:1:1:{device:x}")
}

/// The client of a device, at another one.
fn moved(device: u32, to: u32) -> Definition {
    pinned(&id(device), definition(&format!("c{device:02}"), scope(417, to), "x"))
}

/// Gives how many clients were missing at most at the same time.
fn most_missing(server: &Server) -> usize {
    let (mut missing, mut most) = (0, 0);
    for write in server.writes.lock().unwrap().iter() {
        missing = if write.starts_with("delete") { missing + 1 } else { missing - 1 };
        most = most.max(missing);
    }
    most
}

#[test]
fn no_more_clients_are_missing_at_a_time_than_steps_are_carried_out() {
    let server = server(20);
    let plan = plan_of(&server, &desired((1..=20).map(|device| moved(device, 100 + device))));
    let ran = run_with(&server, &plan, 3, &CancellationToken::new());
    assert_eq!(names(&ran), ["applied"; 20]);
    assert!(most_missing(&server) <= 3, "{}", most_missing(&server));
}

#[test]
fn of_many_that_change_places_few_are_missing_at_a_time() {
    let other = |device: u32| if device % 2 == 1 { device + 1 } else { device - 1 };
    for parallelism in [1, 4] {
        let server = server(40);
        let plan = plan_of(&server, &desired((1..=40).map(|device| moved(device, other(device)))));
        let ran = run_with(&server, &plan, parallelism, &CancellationToken::new());
        assert_eq!(names(&ran), ["applied"; 40]);
        assert!(most_missing(&server) <= 2 * parallelism, "{} of {parallelism}", most_missing(&server));
    }
}

#[test]
fn two_that_change_places_are_missing_for_a_short_time_whatever_else_there_is_to_do() {
    let server = server(40);
    let to = |device: u32| if device <= 2 { 3 - device } else { 100 + device };
    let plan = plan_of(&server, &desired((1..=40).map(|device| moved(device, to(device)))));
    assert_eq!(names(&run_with(&server, &plan, 1, &CancellationToken::new())), ["applied"; 40]);
    let writes = server.writes.lock().unwrap();
    let at = |write: &str| writes.iter().position(|one| one == write).unwrap();
    let first = at(&format!("delete {}", id(1))).min(at(&format!("delete {}", id(2))));
    let last = at("add 417/1/01").max(at("add 417/1/02"));
    assert_eq!(last - first, 3, "{writes:?}");
}

#[test]
fn replaces_whose_adds_are_all_refused_are_braked_before_more_is_deleted() {
    let server = with_mishaps(server(20), &[ADD_REFUSED; 20].concat());
    let plan = plan_of(&server, &desired((1..=20).map(|device| moved(device, 100 + device))));
    let words = names(&run_with(&server, &plan, 1, &CancellationToken::new()));
    assert_eq!((words[4], words[5], server.writes.lock().unwrap().len()), ("failed", "skipped", 10), "{words:?}");
}

#[test]
fn replaces_whose_adds_are_all_refused_are_braked_although_other_steps_succeed() {
    let server = with_mishaps(server(21), &[&[Mishap::None], &*[ADD_REFUSED; 20].concat()].concat());
    let changed = definition("c01", scope(417, 1), "changed");
    let plan = plan_of(&server, &desired((2..=21).map(|device| moved(device, 100 + device)).chain([changed])));
    let words = names(&run_with(&server, &plan, 1, &CancellationToken::new()));
    assert_eq!((words[0], words[5], words[6]), ("applied", "failed", "skipped"), "{words:?}");
}

#[test]
fn a_lost_client_is_told_with_what_only_the_server_knew_of_it() {
    let entries = |keys: &[&str]| keys.iter().map(|key| ((*key).into(), Json::from(true))).collect::<Entries>();
    let keys: Vec<String> = (1..=6).map(|number| format!("crm::{number}")).collect();
    let mut settings: Vec<&str> = keys.iter().map(String::as_str).collect();
    settings.push("s");
    let content = Payload { description: "x".into(), settings: entries(&settings).into(), ..Payload::default() };
    let ignore = [FieldPattern::new("settings.crm::*").unwrap()].into_iter().collect();
    for (definition, told) in [
        (Definition { ignore, ..with_settings(moved(1, 101), true) }, "`settings.crm::5` and 1 more"),
        (moved(1, 101), "git does not hold `settings`, and"),
    ] {
        let server = with_mishaps(Server::new([row_of(client_id(&id(1)), scope(417, 1), &content)]), &ADD_REFUSED);
        let plan = plan_of(&server, &desired([definition]));
        let ran = run_with(&server, &plan, 1, &CancellationToken::new());
        let help = ran.outcomes.steps[0].outcome.problem().unwrap().help();
        assert!(ran.outcomes.steps[0].outcome.is_lost() && help.contains(told), "{help}");
        assert!(help.contains("gone from the server") && help.contains("`icsync runs "), "{help}");
        assert!(!help.contains("`settings.s`"), "{help}");
    }
    let server = with_mishaps(server(1), &ADD_REFUSED);
    let plan = plan_of(&server, &desired([moved(1, 101)]));
    let help =
        run_with(&server, &plan, 1, &CancellationToken::new()).outcomes.steps[0].outcome.problem().unwrap().help();
    assert!(!help.contains("gone from the server"), "{help}");
}
