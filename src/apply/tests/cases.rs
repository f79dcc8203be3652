//! One thing that goes wrong at a time.

use super::*;

#[test]
fn an_add_whose_answer_is_lost_is_found_and_not_sent_again() {
    let server = with_mishaps(Server::default(), &[Mishap::LostAfter]);
    let desired = desired([definition("a", scope(417, 1), "x")]);
    let ran = run(&server, &plan_of(&server, &desired));
    assert_eq!(names(&ran), ["applied"]);
    assert_eq!(*server.writes.lock().unwrap(), ["add 417/1/01"]);
    assert!(ran.outcomes.steps[0].id.is_some());
}

#[test]
fn an_add_that_is_lost_on_its_way_is_sent_again() {
    let server = with_mishaps(Server::default(), &[Mishap::LostBefore, Mishap::LostAfter]);
    let desired = desired([definition("a", scope(417, 1), "x")]);
    assert_eq!(names(&run(&server, &plan_of(&server, &desired))), ["applied"]);
    assert_eq!(server.rows().len(), 1);
}

#[test]
fn a_change_that_is_confirmed_and_not_carried_out_has_failed_and_an_add_may_still_come() {
    let server = with_mishaps(Server::new([row(A, scope(417, 2), "y")]), &[Mishap::Pretended, Mishap::Pretended]);
    let desired = desired([definition("a", scope(417, 1), "x"), definition("b", scope(417, 2), "x")]);
    let ran = run_with(&server, &plan_of(&server, &desired), 1, &CancellationToken::new());
    assert_eq!(names(&ran), ["unknown", "failed"]);
}

#[test]
fn a_live_client_that_changed_since_the_plan_is_stale_and_not_written_to() {
    let server = Server::new([row(A, scope(417, 1), "y"), row(B, scope(417, 2), "y")]);
    let desired = desired([definition("a", scope(417, 1), "x"), definition("b", scope(417, 2), "x")]);
    let plan = plan_of(&server, &desired);
    server.edit(A, "somebody else");
    let ran = run(&server, &plan);
    assert_eq!(names(&ran), ["stale", "applied"]);
    assert_eq!(*server.writes.lock().unwrap(), [format!("change {B}")]);
}

#[test]
fn one_failure_neither_hides_nor_stops_the_others() {
    let server = with_mishaps(Server::default(), &[Mishap::Refused]);
    let desired = desired((1..=3).map(|number| definition(&format!("c{number}"), scope(417, number), "x")));
    let ran = run_with(&server, &plan_of(&server, &desired), 1, &CancellationToken::new());
    assert_eq!(names(&ran), ["failed", "applied", "applied"]);
    assert_eq!(ran.outcomes.steps[0].outcome.problem().unwrap().code(), Some(30000));
}

#[test]
fn a_ring_of_moves_works_with_one_step_at_a_time() {
    let server = Server::new([row(A, scope(417, 1), "a"), row(B, scope(417, 2), "b")]);
    let ring = [pinned(A, definition("a", scope(417, 2), "a")), pinned(B, definition("b", scope(417, 1), "b"))];
    let desired = desired(ring);
    let ran = run_with(&server, &plan_of(&server, &desired), 1, &CancellationToken::new());
    assert_eq!(names(&ran), ["applied", "applied"]);
    assert!(plan_of(&server, &desired).steps.is_empty());
}

#[test]
fn what_depends_on_a_failed_step_is_skipped_and_nothing_is_deleted_for_nothing() {
    let server =
        with_mishaps(Server::new([row(A, scope(417, 1), "a"), row(B, scope(417, 2), "b")]), &[Mishap::Refused]);
    let chain = [pinned(A, definition("a", scope(417, 2), "a")), pinned(B, definition("b", scope(417, 3), "b"))];
    let ran = run(&server, &plan_of(&server, &desired(chain)));
    assert_eq!(names(&ran), ["failed", "skipped"]);
    assert_eq!(server.rows().len(), 2);
}

#[test]
fn a_stopped_run_begins_nothing_new() {
    let server = Server::default();
    let stop = CancellationToken::new();
    stop.cancel();
    let ran = run_with(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "x")])), 1, &stop);
    assert_eq!(names(&ran), ["skipped"]);
    assert!(ran.outcomes.interrupted && server.writes.lock().unwrap().is_empty());
}

#[test]
fn an_add_on_a_server_that_hides_scopes_is_found_by_what_is_new() {
    let server = Server { hides: true, ..Server::new([row(A, scope(417, 9), "x")]) };
    let desired = desired([definition("a", scope(417, 1), "x")]);
    let plan = plan_of(&Server::default(), &desired);
    let ran = run(&server, &plan);
    assert_eq!(names(&ran), ["applied"]);
    assert_ne!(ran.outcomes.steps[0].id, Some(client_id(A)));
    // Its scope does not tell that it is there, so nothing but a pin finds it.
    assert_eq!(ran.outcomes.steps[0].pin_needed(), server.rows().keys().find(|id| **id != client_id(A)));
    let server = Server::default();
    assert_eq!(run(&server, &plan_of(&server, &desired)).outcomes.steps[0].pin_needed(), None);
}

#[test]
fn a_delete_that_is_repeated_looks_at_what_it_deletes() {
    let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[Mishap::LostBeforeEdit]);
    let absent = Definition { state: Presence::Absent, ..definition("a", scope(417, 1), "a") };
    // The one that was lost may still be carried out, and it is not sent again to what somebody else changed.
    assert_eq!(names(&run(&server, &plan_of(&server, &desired([absent])))), ["unknown"]);
    assert_eq!((server.rows().len(), server.writes.lock().unwrap().len()), (1, 1));
}

#[test]
fn a_change_whose_effect_is_not_shown_is_in_doubt_and_never_applied() {
    for mishap in [Mishap::LostBefore, Mishap::LostAfter, Mishap::Pretended] {
        let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[mishap]);
        let plan = plan_of(&server, &desired([with_settings(definition("a", scope(417, 1), "a"), true)]));
        let server = Server { after: Showing::NoSettings, ..server };
        assert_eq!(names(&run(&server, &plan)), ["unknown"], "{mishap:?}");
    }
}

#[test]
fn a_page_that_says_404_is_no_word_of_the_server() {
    let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[Mishap::Pretended]);
    let absent = Definition { state: Presence::Absent, ..definition("a", scope(417, 1), "a") };
    let plan = plan_of(&server, &desired([absent]));
    let server = Server { after: Showing::Page404, ..server };
    assert_eq!(names(&run(&server, &plan)), ["unknown"]);
}

#[test]
fn a_client_that_moved_since_the_plan_is_neither_changed_nor_deleted_where_it_went() {
    let absent = Definition { state: Presence::Absent, ..definition("a", scope(417, 1), "a") };
    for wanted in [definition("a", scope(417, 1), "b"), absent] {
        let server = Server::new([row(A, scope(417, 1), "a")]);
        let plan = plan_of(&server, &desired([wanted]));
        server.move_to(A, scope(500, 3));
        assert_eq!(names(&run(&server, &plan)), ["stale"]);
        assert!(server.writes.lock().unwrap().is_empty());
    }
}

#[test]
fn a_change_of_something_that_is_gone_is_stale() {
    let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[Mishap::Gone]);
    assert_eq!(names(&run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "b")])))), ["stale"]);
}

#[test]
fn an_add_whose_answers_are_all_lost_is_found_where_scopes_are_hidden() {
    for rows in [vec![], vec![row(A, scope(417, 9), "other")]] {
        // The last try was carried out, and no answer came back.
        let mishaps = [Mishap::LostBefore, Mishap::LostBefore, Mishap::LostBefore, Mishap::LostAfter];
        let server = with_mishaps(Server { hides: true, ..Server::new(rows) }, &mishaps);
        let plan = plan_of(&Server::default(), &desired([definition("a", scope(417, 1), "x")]));
        assert_eq!(names(&run(&server, &plan)), ["applied"]);
    }
}

#[test]
fn equal_adds_on_a_server_that_hides_scopes_go_one_after_another() {
    let server = Server { hides: true, ..Server::default() };
    let server = with_mishaps(server, &[Mishap::LostAfter, Mishap::LostBefore, Mishap::LostAfter]);
    let definitions = (1..=3).map(|number| definition(&format!("c{number}"), scope(417, number), "same"));
    let plan = plan_of(&Server::default(), &desired(definitions));
    run(&server, &plan);
    let rows: BTreeSet<Scope> = server.rows().into_values().map(|row| row.scope).collect();
    assert_eq!(rows.len(), 3, "{:?}", server.writes.lock().unwrap());
}

/// A plan of one change, one delete or one add, by the definition that makes it.
fn one_of_each() -> [(Server, Definition); 3] {
    let there = || Server::new([row(A, scope(417, 1), "a")]);
    let absent = Definition { state: Presence::Absent, ..definition("a", scope(417, 1), "a") };
    [
        (there(), definition("a", scope(417, 1), "b")),
        (there(), absent),
        (Server::default(), definition("a", scope(417, 1), "a")),
    ]
}

#[test]
fn a_write_that_is_done_late_is_waited_for_and_an_add_is_sent_once() {
    for mishap in [Mishap::Late(1_500), Mishap::Lagging(1_500)] {
        for (server, wanted) in one_of_each() {
            let server = with_mishaps(server, &[mishap]);
            let wanted = desired([wanted]);
            let plan = plan_of(&server, &wanted);
            assert_eq!(names(&run(&server, &plan)), ["applied"], "{mishap:?} {:?}", plan.steps[0].action());
            assert!(
                plan.steps[0].action() != plan::Action::Add || server.writes.lock().unwrap().len() == 1,
                "{mishap:?}"
            );
            server.catch_up(None);
            assert!(plan_of(&server, &wanted).steps.is_empty());
        }
    }
}

#[test]
fn an_accepted_add_that_shows_late_is_waited_for_as_long_as_a_lost_one() {
    for (late, end) in [(3_000, "applied"), (3_600_000, "unknown")] {
        let server = with_mishaps(Server::default(), &[Mishap::Lagging(late)]);
        let ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "x")])));
        assert_eq!((names(&ran), ran.history.doubtful().len()), (vec![end], usize::from(end == "unknown")));
        assert_eq!(server.writes.lock().unwrap().len(), 1);
    }
}

#[test]
fn a_write_that_info_does_not_know_of_yet_is_looked_for_again() {
    for (server, wanted) in one_of_each() {
        let plan = plan_of(&server, &desired([wanted]));
        let server = Server { behind: Mutex::new(3), ..server };
        assert_eq!(names(&run(&server, &plan)), ["applied"], "{:?}", plan.steps[0].action());
        assert_eq!(server.writes.lock().unwrap().len(), 1);
    }
}

#[test]
fn a_look_that_takes_long_is_one_of_few() {
    let server = Server { slow: 3_000, behind: Mutex::new(10), ..Server::new([row(A, scope(417, 1), "y")]) };
    let ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "x")])));
    assert_eq!((names(&ran), *server.behind.lock().unwrap()), (vec!["unknown"], 8));
}

#[test]
fn what_is_lost_and_never_seen_is_in_doubt_and_is_turned_back_once_it_is_done() {
    for (server, wanted) in one_of_each() {
        let before: BTreeSet<String> = server.rows().values().map(|row| row.title().to_owned()).collect();
        let server = with_mishaps(server, &[Mishap::Late(3_600_000); 4]);
        let plan = plan_of(&server, &desired([wanted]));
        let ran = run(&server, &plan);
        assert_eq!(names(&ran), ["unknown"], "{:?}", plan.steps[0].action());
        assert_eq!(ran.history.doubtful(), [1]);
        server.catch_up(None);
        run(&server, &plan::rollback(&run_steps(&ran.history), &live(&server), &policy()));
        let after: BTreeSet<String> = server.rows().values().map(|row| row.title().to_owned()).collect();
        assert_eq!(before, after, "{:?}", plan.steps[0].action());
    }
}

#[test]
fn a_no_without_a_code_is_looked_into_and_stays_in_doubt_where_nothing_shows() {
    for (after, end) in [(0, "applied"), (1_500, "applied"), (3_600_000, "unknown")] {
        for (server, wanted) in one_of_each() {
            let server = with_mishaps(server, &[Mishap::Masked(after)]);
            let ran = run(&server, &plan_of(&server, &desired([wanted])));
            assert_eq!(names(&ran), [end], "{after}");
            assert_eq!(ran.history.doubtful().len(), usize::from(end == "unknown"));
            assert_eq!(server.writes.lock().unwrap().len(), 1);
        }
    }
}

#[test]
fn an_add_whose_row_is_the_first_to_hide_its_scope_is_not_sent_again() {
    for mishap in [Mishap::LostAfter, Mishap::Late(1_500)] {
        let server = with_mishaps(Server { hides: true, ..Server::default() }, &[mishap]);
        let plan = plan_of(&Server::default(), &desired([definition("a", scope(417, 1), "x")]));
        assert_eq!(names(&run(&server, &plan)), ["applied"], "{mishap:?}");
        server.catch_up(None);
        assert_eq!(server.writes.lock().unwrap().len(), 1, "{mishap:?}");
    }
}

#[test]
fn a_run_that_is_only_ever_turned_away_without_a_code_is_braked_too() {
    let server = with_mishaps(Server::default(), &[Mishap::Masked(3_600_000); 20]);
    let wanted = (1..=20).map(|number| definition(&format!("c{number:02}"), scope(417, number), "x"));
    let ran = run_with(&server, &plan_of(&server, &desired(wanted)), 1, &CancellationToken::new());
    let words = names(&ran);
    assert_eq!((words[4], words[5], server.writes.lock().unwrap().len()), ("unknown", "skipped", 5), "{words:?}");
}

#[test]
fn a_run_of_which_something_was_accepted_and_does_not_show_yet_is_not_braked() {
    let mishaps = [[Mishap::Lagging(1_000)].as_slice(), &[Mishap::Refused; 12]].concat();
    let server = with_mishaps(Server::default(), &mishaps);
    let wanted = (1..=20).map(|number| definition(&format!("c{number:02}"), scope(417, number), "x"));
    let ran = run_with(&server, &plan_of(&server, &desired(wanted)), 8, &CancellationToken::new());
    let count = |end: &str| names(&ran).into_iter().filter(|name| *name == end).count();
    assert_eq!((count("applied"), count("failed"), count("skipped")), (8, 12, 0));
}

#[test]
fn an_accepted_write_that_does_not_show_yet_when_the_run_is_stopped_is_in_doubt() {
    for (server, wanted) in one_of_each() {
        let plan = plan_of(&server, &desired([wanted]));
        let stop = CancellationToken::new();
        let server = Server { stops: Some((1, stop.clone())), ..with_mishaps(server, &[Mishap::Lagging(500)]) };
        let ran = run_with(&server, &plan, 1, &stop);
        assert_eq!((names(&ran), ran.history.doubtful().len()), (vec!["unknown"], 1), "{:?}", plan.steps[0].action());
        let message = ran.outcomes.steps[0].outcome.problem().unwrap().message();
        assert!(message.contains("the run ended before it showed"), "{message}");
        assert_eq!(server.writes.lock().unwrap().len(), 1);
    }
}

#[test]
fn an_add_that_has_only_looked_when_the_run_is_stopped_is_not_sent() {
    let stop = CancellationToken::new();
    let server = Server { stops: Some((0, stop.clone())), ..Server::default() };
    let wanted = (1..=8).map(|device| definition(&format!("c{device}"), scope(417, device), "new"));
    let ran = run_with(&server, &plan_of(&Server::default(), &desired(wanted)), 8, &stop);
    assert_eq!((names(&ran), server.writes.lock().unwrap().len()), (vec!["skipped"; 8], 0));
}

#[test]
fn what_came_back_is_named_beside_what_was_sent_and_nothing_sensitive_is() {
    let server = with_mishaps(Server::new([row(A, scope(417, 1), "a")]), &[Mishap::Pretended]);
    let ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "b")])));
    let message = ran.outcomes.steps[0].outcome.problem().unwrap().message();
    assert!(message.contains("`description` (sent \"b\", came back \"a\")"), "{message}");
    let payload = Payload { description: "b".into(), ..Payload::default() };
    let patterns = crate::fixture::sensitive(&["description"]);
    let masked = super::super::compare::sent_and_seen(&payload, &row(A, scope(417, 1), "a"), Mask(&patterns));
    assert_eq!(masked, ["`description` (sent (sensitive), came back (sensitive))"]);
}

#[test]
fn a_write_whose_row_cannot_be_read_afterwards_stays_in_doubt_and_is_not_sent_again() {
    let server = Server { after: Showing::OddRows, ..with_mishaps(Server::default(), &[Mishap::LostAfter]) };
    let ran = run(&server, &plan_of(&server, &desired([definition("a", scope(417, 1), "x")])));
    assert_eq!(names(&ran), ["unknown"]);
    assert_eq!(*server.writes.lock().unwrap(), ["add 417/1/01"]);
    let problem = ran.outcomes.steps[0].outcome.problem().unwrap().message();
    assert!(problem.contains("could not be read") && problem.contains("an odd row"), "{problem}");
}
