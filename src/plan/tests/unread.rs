//! Rows that could not be read: what they may hide is neither added, moved into nor pruned.

use super::*;

fn odd(id: Option<&str>, telsys: Option<u32>, at_scope: Option<&str>) -> UnreadRow {
    UnreadRow {
        id: id.and_then(ClientId::from_server),
        telsys: telsys.map(Telsys::One),
        scope: at_scope.map(scope),
        reason: "`DeviceNumber` is missing or no text".to_owned(),
    }
}

fn with_odd(odd: UnreadRow, rows: impl IntoIterator<Item = LiveClient>) -> Live {
    Live { unread: vec![odd], ..live(rows) }
}

#[test]
fn a_definition_whose_own_row_could_not_be_read_is_blocked_and_never_added() {
    let reason = "its row could not be read: ";
    let pin = pinned(A, definition("a", "417/1/1", "x"));
    for (one, row) in [
        (pin.clone(), odd(Some(A), None, None)),
        (pin, odd(Some(A), Some(417), Some("417/2/2"))),
        (definition("a", "417/1/1", "x"), odd(None, Some(417), Some("417/1/1"))),
        (Definition { state: Presence::Absent, ..definition("a", "417/1/1", "x") }, odd(None, None, Some("417/1/1"))),
    ] {
        let plan = plan(&desired([one]), &with_odd(row, []), &policy());
        assert!(plan.steps.is_empty() && plan.blocked.len() == 1, "{:?}", say(&plan));
        assert!(plan.blocked[0].obstacle.reason.starts_with(reason), "{:?}", plan.blocked);
        assert!(plan.notices.is_empty() && plan.unread.len() == 1);
    }
}

#[test]
fn a_move_into_the_scope_of_a_row_that_could_not_be_read_is_blocked() {
    let moved = pinned(A, definition("a", "417/1/2", "x"));
    let live = with_odd(odd(Some(B), Some(417), Some("417/1/2")), [row(A, "417/1/1", "x")]);
    let plan = plan(&desired([moved]), &live, &policy());
    assert!(plan.steps.is_empty() && plan.blocked.len() == 1, "{:?}", say(&plan));
}

#[test]
fn an_add_that_a_row_without_a_scope_may_hide_is_allowed_and_said() {
    let adds = |row| {
        let both = [definition("a", "417/1/1", "x"), definition("b", "417/1/2", "x")];
        let plan = plan(&desired(both), &with_odd(row, []), &policy());
        assert_eq!((plan.steps.len(), plan.guard.allows()), (2, true));
        plan.unread[0].help.clone()
    };
    assert!(adds(odd(None, Some(417), None)).contains("one of 2 steps adds, which the server then refuses (30005)"));
    assert!(adds(odd(None, None, None)).contains("30005"));
    assert!(!adds(odd(None, Some(426), None)).contains("30005"));
}

#[test]
fn nothing_is_pruned_in_a_telephony_server_with_a_row_that_could_not_be_read() {
    let both = Boundary::managed(&[scope("417/all/all"), scope("426/all/all")]);
    let policy = Policy { boundary: both, prune: Prune::Delete, ..policy() };
    let rows = || [row(A, "417/1/1", "x"), row(B, "426/1/1", "x")];
    let pruned = |odd| plan(&desired([]), &with_odd(odd, rows()), &policy).guard.findings;
    let findings = pruned(odd(None, Some(417), Some("417/9/9")));
    assert_eq!((findings.len(), findings[0].rule, findings[0].steps.len()), (1, "prune", 1));
    assert!(findings[0].help.contains("--no-prune"));
    assert_eq!(pruned(odd(None, None, None))[0].steps.len(), 2);
    assert!(pruned(odd(None, Some(1), None)).is_empty());
}
