//! A server that gives a client another id with each change.

use super::*;

fn renaming(rows: impl IntoIterator<Item = LiveClient>, mishaps: &[Mishap]) -> Server {
    with_mishaps(Server { renames: true, ..Server::new(rows) }, mishaps)
}

fn message(ran: &Ran) -> String {
    ran.outcomes.steps[0].outcome.problem().map(Problem::message).unwrap_or_default()
}

fn back(ran: &Ran, server: &Server) -> Plan {
    plan::rollback(&run_steps(&ran.history), &live(server), &policy())
}

#[test]
fn a_client_with_another_id_after_its_change_is_applied_with_that_id_and_a_rollback_finds_it() {
    for mishap in [Mishap::None, Mishap::LostAfter] {
        let server = renaming([row(A, scope(417, 1), "a")], &[mishap]);
        let wanted = desired([definition("a", scope(417, 1), "b")]);
        let ran = run(&server, &plan_of(&server, &wanted));
        assert_eq!(names(&ran), ["applied"], "{mishap:?} {}", message(&ran));
        let now: Vec<ClientId> = server.rows().into_keys().collect();
        assert_eq!((ran.outcomes.steps[0].id.as_ref(), server.writes.lock().unwrap().len()), (now.first(), 1));
        assert!(plan_of(&server, &wanted).steps.is_empty());
        assert_eq!(names(&run(&server, &back(&ran, &server))), ["applied"]);
        assert_eq!(server.rows().into_values().next().unwrap().title(), "a");
    }
}

#[test]
fn a_rollback_finds_by_the_scope_what_a_killed_run_changed() {
    let server = renaming([row(A, scope(417, 1), "a")], &[]);
    let mut ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "b")])));
    ran.history.records.retain(|record| matches!(record, Record::Intent(_)));
    assert_eq!(back(&ran, &server).steps.len(), 1);
    let id = server.rows().into_keys().next().unwrap();
    server.edit(id.as_str(), "somebody else");
    let plan = back(&ran, &server);
    assert_eq!((plan.steps.len(), plan.blocked.len()), (0, 1), "it may be anybody's");
}

#[test]
fn what_has_the_scope_of_a_changed_client_with_other_content_is_told_and_never_taken_for_it() {
    let server = renaming([row(A, scope(417, 1), "a")], &[Mishap::Trimmed]);
    let ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "b")])));
    assert_eq!(names(&ran), ["failed"]);
    assert!(message(&ran).contains("has its scope 417/1/01, which differs") && message(&ran).contains("`description`"));
    assert!(back(&ran, &server).steps.is_empty());
}

#[test]
fn where_several_had_the_scope_nobody_can_tell_whether_a_changed_client_has_another_id() {
    let rows = || [row(A, scope(417, 1), "a"), row(B, scope(417, 1), "b")];
    let wanted = desired([pinned(A, definition("a", scope(417, 1), "b"))]);
    for server in [renaming(rows(), &[]), with_mishaps(Server::new(rows()), &[Mishap::Swallowed])] {
        let ran = run(&server, &plan_of(&server, &wanted));
        assert_eq!(names(&ran), ["unknown"], "{}", message(&ran));
        assert!(message(&ran).contains("several clients have or had its scope"), "{}", message(&ran));
    }
    let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[Mishap::Swallowed]);
    let ran = run(&server, &plan_of(&server, &wanted));
    assert_eq!((names(&ran), message(&ran).as_str()), (vec!["failed"], "the live client is gone"));
}
