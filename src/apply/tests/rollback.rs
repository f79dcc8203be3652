//! Turning runs back.

use super::*;
use crate::plan::Obstacle;

fn back(ran: &Ran, server: &Server) -> Plan {
    plan::rollback(&run_steps(&ran.history), &live(server), &policy())
}

#[test]
fn a_rollback_brings_back_deleted_changed_and_moved_clients_and_removes_added_ones() {
    let server = Server::new([row(A, scope(417, 1), "a"), row(B, scope(417, 2), "b")]);
    let before: BTreeSet<(Scope, String)> =
        server.rows().into_values().map(|row| (row.scope.clone(), row.title().to_owned())).collect();
    let absent = Definition { state: Presence::Absent, ..definition("a", scope(417, 1), "a") };
    let moved = pinned(B, definition("b", scope(417, 3), "changed"));
    let desired = desired([absent, moved, definition("c", scope(417, 4), "new")]);
    let ran = run(&server, &plan_of(&server, &desired));
    assert_eq!(names(&ran), ["applied", "applied", "applied"]);
    let plan = back(&ran, &server);
    assert!(plan.blocked.is_empty(), "{:?}", plan.blocked);
    assert_eq!(names(&run(&server, &plan)), ["applied", "applied", "applied"]);
    let after = server.rows().into_values().map(|row| (row.scope.clone(), row.title().to_owned())).collect();
    assert_eq!(before, after);
    let again = back(&ran, &server);
    assert!(again.steps.is_empty(), "{:?}", again.steps);
}

#[test]
fn a_rollback_leaves_alone_what_somebody_changed_since() {
    let server = Server::new([row(A, scope(417, 1), "a")]);
    let ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "b")])));
    server.edit(A, "somebody else");
    let plan = back(&ran, &server);
    assert!(plan.steps.is_empty());
    assert!(plan.blocked[0].obstacle.reason.contains("`description`"), "{:?}", plan.blocked);
}

#[test]
fn a_rollback_never_takes_what_another_run_added_after_an_add_had_failed() {
    let server = with_mishaps(Server::default(), &[Mishap::Refused]);
    let wanted = desired([definition("a", scope(417, 1), "a")]);
    let failed = run(&server, &plan_of(&server, &wanted));
    assert_eq!(names(&failed), ["failed"]);
    let applied = run(&server, &plan_of(&server, &wanted));
    assert_eq!(names(&applied), ["applied"]);
    assert!(back(&failed, &server).steps.is_empty());
    assert_eq!(back(&applied, &server).steps.len(), 1);
}

#[test]
fn a_rollback_of_a_run_that_was_killed_finds_its_add_by_the_scope() {
    let server = Server::default();
    let mut ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "a")])));
    ran.history.records.retain(|record| matches!(record, Record::Intent(_)));
    assert_eq!(back(&ran, &server).steps.len(), 1);
}

#[test]
fn a_rollback_leaves_alone_what_the_server_did_not_show_before_the_run() {
    let mut blind = row(A, scope(417, 1), "a");
    blind.content.policies = Observed::Unreadable { reason: "not shown".into() };
    let server = Server::new([blind]);
    let at = Location { file: "a.yaml".into(), line: 1, column: 1 };
    let policies = [("p".into(), Declared { value: Json::from(true), at })].into_iter().collect();
    let mut wanted = definition("a", scope(417, 1), "b");
    wanted.spec.policies = Some(policies);
    let ran = run(&server, &plan_of(&server, &desired([wanted])));
    assert_eq!(names(&ran), ["applied"]);
    let plan = back(&ran, &server);
    let fields: Vec<Field> = plan.steps[0].changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, [Field::Description]);
    assert!(plan.blocked[0].obstacle.reason.contains("`policies`"), "{:?}", plan.blocked);
}

#[test]
fn a_rollback_never_undoes_what_somebody_else_did_after_the_server_refused_it() {
    let absent = Definition { state: Presence::Absent, ..definition("a", scope(417, 1), "a") };
    for wanted in [definition("a", scope(417, 1), "b"), absent] {
        let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[Mishap::Refused]);
        let wanted = desired([wanted]);
        let refused = run(&server, &plan_of(&server, &wanted));
        assert_eq!(names(&refused), ["failed"]);
        assert_eq!(names(&run(&server, &plan_of(&server, &wanted))), ["applied"]);
        let plan = back(&refused, &server);
        assert!(plan.steps.is_empty() && plan.blocked.is_empty(), "{:?}", plan.steps);
    }
}

#[test]
fn a_ring_of_moves_whose_last_add_failed_is_turned_back_whole() {
    let server = Server::new([row(A, scope(417, 1), "a"), row(B, scope(417, 2), "b")]);
    let before: BTreeSet<(Scope, String)> =
        server.rows().into_values().map(|row| (row.scope.clone(), row.title().to_owned())).collect();
    // Two deletes, then an add that is refused and one that is not.
    let mishaps = [Mishap::None, Mishap::None, Mishap::Refused, Mishap::None];
    let server = with_mishaps(server, &mishaps);
    let ring = [pinned(A, definition("a", scope(417, 2), "a")), pinned(B, definition("b", scope(417, 1), "b"))];
    let ran = run_with(&server, &plan_of(&server, &desired(ring)), 1, &CancellationToken::new());
    assert!(names(&ran).contains(&"failed"), "{:?}", names(&ran));
    let plan = back(&ran, &server);
    assert!(plan.blocked.is_empty(), "{:?}", plan.blocked);
    run(&server, &plan);
    let after = server.rows().into_values().map(|row| (row.scope.clone(), row.title().to_owned())).collect();
    assert_eq!(before, after);
}

#[test]
fn what_was_not_wholly_carried_out_is_turned_back_all_the_same() {
    let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[Mishap::Trimmed]);
    let mut ran = run(&server, &plan_of(&server, &desired([with_settings(definition("a", scope(417, 1), "b"), true)])));
    assert_eq!(names(&ran), ["failed"]);
    without_reading_back(&mut ran);
    let plan = back(&ran, &server);
    assert_eq!(plan.steps.len(), 1, "the settings are as the run left them");
    let Obstacle { reason, help, .. } = &plan.blocked[0].obstacle;
    assert!(reason.contains("not as the run sent it") && reason.contains("`description`"), "{reason}");
    assert!(help.contains("the server may have made something else of what was sent"), "{help}");
    let server = with_mishaps(Server::default(), &[Mishap::Trimmed]);
    let mut ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "b")])));
    assert_eq!(names(&ran), ["failed"]);
    without_reading_back(&mut ran);
    let plan = back(&ran, &server);
    assert!(plan.steps.is_empty(), "the added client may be somebody's business now");
    assert!(plan.blocked[0].obstacle.reason.contains("not as the run sent it"), "{:?}", plan.blocked);
}

/// Makes of a run one of an earlier version, which did not note what the server made of its writes.
fn without_reading_back(ran: &mut Ran) {
    for record in &mut ran.history.records {
        if let Record::Outcome(outcome) = record {
            outcome.left = None;
        }
    }
}

#[test]
fn what_the_server_made_of_a_write_is_as_the_run_left_it() {
    let there = || Server::new([row(A, scope(417, 1), "a")]);
    let wanted = desired([definition("a", scope(417, 1), "b")]);
    let server = with_mishaps(there(), &[Mishap::Trimmed]);
    let ran = run(&server, &plan_of(&server, &wanted));
    assert_eq!(names(&ran), ["failed"]);
    let plan = back(&ran, &server);
    assert!(plan.blocked.is_empty(), "{:?}", plan.blocked);
    assert_eq!(names(&run(&server, &plan)), ["applied"]);
    assert_eq!(server.rows()[&client_id(A)].title(), "a");
    server.edit(A, "somebody else");
    let plan = back(&ran, &server);
    assert!(plan.steps.is_empty() && plan.blocked[0].obstacle.reason.contains("not as the run left it"));
    // The server may carry out later what it showed in another way at first.
    server.edit(A, "b");
    assert_eq!(back(&ran, &server).steps.len(), 1);

    let server = with_mishaps(Server::default(), &[Mishap::Trimmed]);
    let ran = run(&server, &plan_of(&server, &wanted));
    assert_eq!(names(&ran), ["failed"]);
    assert_eq!(names(&run(&server, &back(&ran, &server))), ["applied"]);
    assert!(server.rows().is_empty());
}

#[test]
fn an_add_that_was_confirmed_and_showed_too_late_is_turned_back() {
    let server = Server::default();
    let mut ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "a")])));
    for record in &mut ran.history.records {
        if let Record::Outcome(outcome) = record {
            *outcome = OutcomeRecord { outcome: "failed".to_owned(), id: None, ..outcome.clone() };
        }
    }
    assert_eq!(back(&ran, &server).steps.len(), 1);
}

#[test]
fn a_ring_that_was_killed_after_its_last_add_is_turned_back_whole() {
    let server = Server::new([row(A, scope(417, 1), "same"), row(B, scope(417, 2), "same")]);
    let ring = [pinned(A, definition("a", scope(417, 2), "same")), pinned(B, definition("b", scope(417, 1), "same"))];
    let mut ran = run_with(&server, &plan_of(&server, &desired(ring)), 1, &CancellationToken::new());
    // The second add was not sent, and the first not recorded.
    let added: Vec<ClientId> = server.rows().into_keys().collect();
    server.clients.lock().unwrap().remove(&added[1]);
    let adds = |record: &Record| matches!(record, Record::Intent(intent) if intent.part == Part::Add);
    let last = ran.history.records.iter().rposition(adds).unwrap();
    ran.history.records.truncate(last);
    ran.history.records.retain(|record| !matches!(record, Record::Outcome(outcome) if outcome.part.is_none()));
    run(&server, &back(&ran, &server));
    let scopes: BTreeSet<Scope> = server.rows().into_values().map(|row| row.scope).collect();
    assert_eq!(scopes.len(), 2, "{:?}", server.rows().keys());
}

#[test]
fn a_rollback_leaves_alone_what_lies_outside_the_boundary_by_now() {
    let server = Server::new([row(A, scope(417, 1), "a"), row(B, scope(417, 2), "b")]);
    let absent = Definition { state: Presence::Absent, ..definition("b", scope(417, 2), "b") };
    let desired = desired([definition("a", scope(417, 1), "changed"), absent, definition("c", scope(417, 3), "c")]);
    let ran = run(&server, &plan_of(&server, &desired));
    assert_eq!(names(&ran), ["applied", "applied", "applied"]);
    let now = |boundary| plan::rollback(&run_steps(&ran.history), &live(&server), &Policy { boundary, ..policy() });
    for boundary in [Boundary::managed(&[scope(426, 1)]), Boundary::Defined([scope(426, 1)].into())] {
        let plan = now(boundary);
        assert!(plan.steps.is_empty() && plan.unchanged.is_empty(), "{:?}", plan.steps);
        let reasons = plan.blocked.iter().map(|one| one.obstacle.reason.as_str());
        assert_eq!(reasons.filter(|reason| reason.contains("outside the boundary")).count(), 3, "{:?}", plan.blocked);
    }
    let plan = now(Boundary::managed(&[scope(417, 1), scope(417, 3)]));
    assert_eq!((plan.steps.len(), plan.blocked.len()), (2, 1), "{:?}", plan.blocked);
}

#[test]
fn a_move_is_turned_back_without_manage_although_no_definition_names_both_scopes() {
    let server = Server::new([row(A, scope(417, 1), "a")]);
    let ran = run(&server, &plan_of(&server, &desired([pinned(A, definition("a", scope(417, 2), "a"))])));
    let policy = |boundary| Policy { boundary, ..policy() };
    let steps = run_steps(&ran.history);
    let plan = plan::rollback(&steps, &live(&server), &policy(Boundary::Defined([scope(417, 2)].into())));
    assert_eq!((plan.steps.len(), plan.blocked.len()), (1, 0), "{:?}", plan.blocked);
    let plan = plan::rollback(&steps, &live(&server), &policy(Boundary::managed(&[scope(417, 2)])));
    assert_eq!((plan.steps.len(), plan.blocked.len()), (0, 1), "its old scope is somebody else's");
}
