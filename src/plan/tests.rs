//! The rules of planning, each as a sentence.

mod hidden;
mod likely;
mod met;
mod shards;
mod unread;
mod waves;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::fixture::seen;
use crate::model::*;

const A: &str = "00000000000000aa:1:1:1";
const B: &str = "00000000000000bb:1:1:1";
const C: &str = "00000000000000cc:1:1:1";

fn scope(text: &str) -> Scope {
    let parts: Vec<&str> = text.split('/').collect();
    let number = |part: &str| if part == "all" { -1 } else { part.parse().expect("a number") };
    Scope {
        telsys: Telsys::from_number(number(parts[0])).expect("a telephony server"),
        partition: Partition::from_number(number(parts[1])).expect("a partition"),
        device: Device::from_text(if parts[2] == "all" { ALL_DEVICES } else { parts[2] }).expect("a device"),
    }
}

fn id(text: &str) -> ClientId {
    ClientId::from_server(text).expect("an id")
}

fn at(line: u32) -> Location {
    Location { file: "clients/a.yaml".into(), line, column: 1 }
}

fn entries(pairs: &[(&str, serde_json::Value)]) -> Entries {
    pairs.iter().map(|(key, value)| (Arc::from(*key), Json::from(value.clone()))).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "it is always the value of an optional field")]
fn declared(pairs: &[(&str, serde_json::Value)]) -> Option<DeclaredEntries> {
    let declare = |(key, value): (&Arc<str>, &Json)| (Arc::clone(key), Declared { value: value.clone(), at: at(9) });
    Some(entries(pairs).iter().map(declare).collect())
}

fn definition(name: &str, at_scope: &str, description: &str) -> Definition {
    Definition {
        name: ClientName::new(name).expect("a name"),
        scope: scope(at_scope),
        scope_at: at(2),
        id: None,
        state: Presence::Present,
        spec: Spec { description: Some(Declared { value: description.into(), at: at(2) }), ..Spec::default() },
        owns: Owns::default(),
        ignore: Arc::default(),
        exceptions: Arc::default(),
        profiles: Arc::default(),
        at: at(1),
        until: 20,
        pin_place: PinPlace::Document,
    }
}

fn pinned(pin: &str, definition: Definition) -> Definition {
    Definition { id: Some(Declared { value: id(pin), at: at(3) }.into()), ..definition }
}

fn row(row_id: &str, at_scope: &str, description: &str) -> LiveClient {
    LiveClient {
        id: id(row_id),
        scope: scope(at_scope),
        content: seen(Payload { description: description.into(), ..Payload::default() }),
        labels: Labels::default(),
        detail: Detail::Read,
    }
}

fn unreadable<T>() -> Observed<T> {
    Observed::Unreadable { reason: "not returned".into() }
}

fn policy() -> Policy {
    Policy {
        boundary: Boundary::managed(&[scope("417/all/all")]),
        prune: Prune::Report,
        limits: Limits {
            delete: Limit { count: None, percent: None },
            change: Limit { count: None, percent: None },
            vanished: Limit { count: None, percent: None },
            max_deletes: None,
            max_changes: None,
            max_vanished: None,
        },
        protect: Vec::new(),
        sensitive: Sensitive::default(),
        selection: Selection::default(),
        changed_in_git: BTreeMap::new(),
        not_checked_out: Vec::new(),
    }
}

fn desired(definitions: impl IntoIterator<Item = Definition>) -> Desired {
    let clients = definitions.into_iter().map(|one| (one.name.clone(), Arc::new(one))).collect();
    Desired { clients, ..Desired::default() }
}

fn live(rows: impl IntoIterator<Item = LiveClient>) -> Live {
    Live { clients: rows.into_iter().map(|row| (row.id.clone(), Box::new(row))).collect(), ..Live::default() }
}

/// What a plan says, one line for each thing.
fn say(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            let keys: Vec<_> = step
                .changes
                .iter()
                .map(|change| {
                    change.key.as_ref().map_or(change.field.to_string(), |key| format!("{}.{key}", change.field))
                })
                .collect();
            let after =
                if step.after_steps.is_empty() { String::new() } else { format!(" after {:?}", step.after_steps) };
            format!("{} {} {} {}{after}", step.number, step.action().symbol(), step.title(), keys.join(" "))
        })
        .collect();
    lines.extend(plan.unchanged.iter().map(|one| format!("= {} {:?}", one.client, one.not_compared)));
    lines.extend(plan.unmanaged.iter().map(|one| format!("? {} {:?}", one.id, one.kept)));
    lines.extend(
        plan.blocked
            .iter()
            .map(|one| format!("! {} {}", one.client.as_ref().map_or("-", ClientName::as_str), one.obstacle.reason)),
    );
    lines.extend(plan.guard.findings.iter().map(|one| format!("guard {} {}", one.rule, one.help)));
    lines
}

fn plan_of(
    definitions: impl IntoIterator<Item = Definition>,
    rows: impl IntoIterator<Item = LiveClient>,
) -> Vec<String> {
    say(&plan(&desired(definitions), &live(rows), &policy()))
}

#[test]
fn a_definition_without_a_live_client_is_added() {
    assert_eq!(plan_of([definition("a", "417/1/1", "x")], []), ["1 + a description"]);
}

#[test]
fn a_live_client_of_the_scope_is_bound_and_compared() {
    assert_eq!(plan_of([definition("a", "417/1/1", "x")], [row(A, "417/1/1", "x")]), ["= a []"]);
    assert_eq!(plan_of([definition("a", "417/1/1", "x")], [row(A, "417/1/1", "y")]), ["1 ~ a description"]);
}

#[test]
fn several_live_clients_of_a_scope_are_told_apart_by_description_or_block() {
    let rows = [row(A, "417/1/1", "x"), row(B, "417/1/1", "y")];
    assert_eq!(plan_of([definition("a", "417/1/1", "x")], rows.clone()), ["= a []", &format!("? {B} None")]);
    let blocked = plan_of([definition("a", "417/1/1", "z"), definition("b", "417/1/2", "x")], rows);
    assert_eq!(blocked, ["1 + b description", "! a 2 live clients have the scope 417/1/1"]);
}

#[test]
fn a_pin_wins_over_the_scope_and_a_moved_client_is_replaced() {
    let moved = pinned(A, definition("a", "417/1/2", "x"));
    assert_eq!(plan_of([moved], [row(A, "417/1/1", "x")]), ["1 ± a "]);
}

#[test]
fn whoever_approves_is_told_first_how_much_is_destroyed() {
    let gone = |name: &str, at_scope| Definition { state: Presence::Absent, ..definition(name, at_scope, "x") };
    let moved = pinned(A, definition("moved", "417/1/9", "x"));
    let rows = [row(A, "417/1/1", "x"), row(B, "417/1/2", "x"), row(C, "417/1/3", "x")];
    let tally = |definitions: Vec<Definition>| plan(&desired(definitions), &live(rows.clone()), &policy()).tally();
    assert_eq!(tally(vec![definition("a", "417/1/4", "x")]), "1 step");
    assert_eq!(tally(vec![definition("a", "417/1/4", "x"), definition("b", "417/1/2", "y")]), "2 steps");
    assert_eq!(
        tally(vec![moved, gone("b", "417/1/2"), gone("c", "417/1/3"), definition("d", "417/1/4", "x")]),
        "2 deletes, 1 replace, 1 other"
    );
}

#[test]
fn a_pin_that_is_gone_falls_back_to_the_scope_with_a_notice() {
    let plan = plan(&desired([pinned(A, definition("a", "417/1/1", "x"))]), &live([row(B, "417/1/1", "x")]), &policy());
    assert_eq!(say(&plan), ["= a []"]);
    assert!(plan.notices[0].help.contains("icsync pin"));
}

#[test]
fn one_live_client_never_serves_two_definitions() {
    let both = [pinned(A, definition("a", "417/1/1", "x")), pinned(A, definition("b", "417/1/2", "x"))];
    let said = plan_of(both, [row(A, "417/1/1", "x")]);
    assert_eq!(said, ["= a []", &format!("! b the pinned live client {A} is bound to `a` already")]);
}

#[test]
fn a_pinned_client_outside_the_boundary_is_not_touched() {
    let said = plan_of([pinned(A, definition("a", "417/1/1", "x"))], [row(A, "426/1/1", "x")]);
    assert_eq!(said, [format!("! a the pinned live client {A} has the scope 426/1/1, outside the boundary")]);
}

#[test]
fn without_manage_a_pin_reaches_the_scopes_that_definitions_name() {
    let say_of = |definitions: Vec<Definition>, rows: Vec<LiveClient>| {
        let scopes = definitions.iter().map(|one| one.scope.clone()).collect();
        let defined = Policy { boundary: Boundary::Defined(scopes), ..policy() };
        say(&plan(&desired(definitions), &live(rows), &defined))
    };
    let copied = Definition { state: Presence::Absent, ..pinned(A, definition("a", "417/1/1", "x")) };
    let outside = format!("! a the pinned live client {A} has the scope 426/1/1, outside the boundary");
    assert_eq!(say_of(vec![copied.clone()], vec![row(A, "426/1/1", "x")]), [outside]);
    assert_eq!(say_of(vec![copied], vec![row(A, "417/1/1", "x")]), ["1 - a description"]);
    let ring = vec![pinned(A, definition("a", "417/1/2", "x")), pinned(B, definition("b", "417/1/1", "x"))];
    let rows = vec![row(A, "417/1/1", "x"), row(B, "417/1/2", "x")];
    assert_eq!(say_of(ring, rows), ["1 ± a  after [2]", "2 ± b  after [1]"]);
    let hidden = pinned(A, definition("a", "417/1/1", "x"));
    assert_eq!(say_of(vec![hidden], vec![row(A, "417/-3/all", "x")]), ["= a []"]);
}

#[test]
fn a_pin_that_may_not_be_seen_blocks_and_leaves_alone_what_has_its_scope() {
    let refusal = PinRefusal { reason: "exists or not".into(), help: "ask".into() };
    let rows = Live { hidden: [(id(A), refusal)].into(), ..live([row(B, "417/1/1", "x")]) };
    for state in [Presence::Present, Presence::Absent] {
        let one = Definition { state, ..pinned(A, definition("a", "417/1/1", "x")) };
        let pruning = Policy { prune: Prune::Delete, ..policy() };
        let plan = plan(&desired([one]), &rows, &pruning);
        assert_eq!(say(&plan), ["! a exists or not"]);
        assert!(plan.notices.is_empty());
    }
}

#[test]
fn a_pin_that_nobody_could_look_for_everywhere_is_not_called_gone() {
    let rows = Live { reach: Reach::Boundary, ..live([row(B, "417/1/2", "x")]) };
    let plan = plan(&desired([pinned(A, definition("a", "417/1/1", "x"))]), &rows, &policy());
    assert!(plan.steps.is_empty() && plan.blocked.len() == 1 && plan.notices.is_empty(), "{plan:?}");
}

#[test]
fn from_three_on_vanished_clients_are_weighed_against_all_that_are_pinned() {
    let limits = Limits { vanished: Limit { count: Some(10), percent: Some(20) }, ..policy().limits };
    let refused = |gone: u32, there: u32, max_vanished| {
        let pin = |number| format!("00000000000000aa:1:1:{number}");
        let one = |number| pinned(&pin(number), definition(&format!("c{number}"), &format!("417/1/{number}"), "x"));
        let rows = (gone..gone + there).map(|number| row(&pin(number), &format!("417/1/{number}"), "x"));
        let limited = Policy { limits: Limits { max_vanished, ..limits }, ..policy() };
        let plan = plan(&desired((0..gone + there).map(one)), &live(rows), &limited);
        assert!(plan.guard.findings.iter().all(|finding| finding.rule == "limits.vanished"));
        plan.guard.findings.into_iter().next().map(|finding| finding.message)
    };
    assert_eq!(refused(2, 0, None), None);
    assert_eq!(refused(3, 12, None), None);
    assert_eq!(refused(11, 89, Some(11)), None);
    let gone = "the plan would add anew, because they are gone from the server,";
    assert_eq!(refused(3, 11, None), Some(format!("{gone} 3 of 14 pinned clients; the limit is 20 %")));
    assert_eq!(refused(11, 89, None), Some(format!("{gone} 11 of 100 pinned clients; the limit is 10")));
    assert_eq!(refused(4, 0, Some(3)), Some(format!("{gone} 4 of 4 pinned clients; the limit is 3")));
}

#[test]
fn a_row_that_hides_its_scope_is_bound_by_id_only_and_never_pruned() {
    let hidden = definition("a", "417/-3/all", "x");
    assert_eq!(plan_of([pinned(A, hidden)], [row(A, "417/-3/all", "y")]), ["1 ~ a description"]);
    let pruning = Policy { prune: Prune::Delete, ..policy() };
    let said = say(&plan(&desired([]), &live([row(A, "417/-3/all", "y")]), &pruning));
    assert_eq!(said, [format!("? {A} Some(Unresolved)")]);
}

#[test]
fn a_pinned_row_that_hides_its_scope_is_not_replaced() {
    assert_eq!(plan_of([pinned(A, definition("a", "417/1/7", "x"))], [row(A, "417/-3/all", "x")]), ["= a []"]);
}

#[test]
fn a_ring_of_moves_is_two_replaces_that_wait_for_each_other() {
    let ring = [pinned(A, definition("a", "417/1/2", "x")), pinned(B, definition("b", "417/1/1", "x"))];
    let said = plan_of(ring, [row(A, "417/1/1", "x"), row(B, "417/1/2", "x")]);
    assert_eq!(said, ["1 ± a  after [2]", "2 ± b  after [1]"]);
}

#[test]
fn what_frees_a_scope_comes_before_what_needs_it() {
    let chain = [pinned(A, definition("a", "417/1/2", "x")), pinned(B, definition("b", "417/1/3", "x"))];
    let said = plan_of(chain, [row(A, "417/1/1", "x"), row(B, "417/1/2", "x")]);
    assert_eq!(said, ["1 ± b ", "2 ± a  after [1]"]);
}

#[test]
fn a_move_into_a_scope_that_somebody_holds_is_blocked_and_so_is_who_waits_for_it() {
    let chain = [pinned(A, definition("a", "417/1/2", "x")), pinned(B, definition("b", "417/1/3", "x"))];
    let rows = [row(A, "417/1/1", "x"), row(B, "417/1/2", "x"), row(C, "417/1/3", "foreign")];
    let said = plan_of(chain, rows);
    assert_eq!(
        said,
        [
            format!("? {C} None"),
            format!("! b its scope 417/1/3 is held by the live client {C}"),
            format!("! a its scope 417/1/2 is held by the live client {B}"),
        ]
    );
}

fn with_settings(settings: Option<DeclaredEntries>) -> Definition {
    Definition { spec: Spec { settings, ..Spec::default() }, ..definition("a", "417/1/1", "") }
}

fn row_with_settings(pairs: &[(&str, serde_json::Value)]) -> LiveClient {
    with_live_settings(row(A, "417/1/1", "x"), Observed::Known(entries(pairs)))
}

fn with_live_settings(row: LiveClient, settings: Observed<Entries>) -> LiveClient {
    LiveClient { content: LiveContent { settings: settings.map(Into::into), ..row.content }, ..row }
}

#[test]
fn absent_empty_and_listed_settings_are_three_things() {
    let rows = || [row_with_settings(&[("b", true.into()), ("z", 1.into())])];
    assert_eq!(plan_of([with_settings(None)], rows()), ["= a []"]);
    assert_eq!(plan_of([with_settings(declared(&[]))], rows()), ["1 ~ a settings.b settings.z"]);
    let listed = Definition {
        owns: Owns { settings: Ownership::Listed, ..Owns::default() },
        ..with_settings(declared(&[("b", false.into())]))
    };
    let plan = plan(&desired([listed]), &live(rows()), &policy());
    assert_eq!(say(&plan), ["1 ~ a settings.b"]);
    let Write::Change { payload, .. } = &plan.steps[0].write else { panic!("a change") };
    assert_eq!(*payload.settings, entries(&[("b", false.into()), ("z", 1.into())]));
}

#[test]
fn what_is_ignored_keeps_its_live_value_in_the_payload() {
    let ignoring = Definition {
        ignore: [FieldPattern::new("settings.ui::*").expect("a pattern")].into(),
        ..with_settings(declared(&[("ui::a", 1.into()), ("core::b", 2.into())]))
    };
    let rows = [row_with_settings(&[("ui::a", 7.into()), ("ui::c", 8.into()), ("core::b", 9.into())])];
    let plan = plan(&desired([ignoring]), &live(rows), &policy());
    assert_eq!(say(&plan), ["1 ~ a settings.core::b"]);
    let Write::Change { payload, .. } = &plan.steps[0].write else { panic!("a change") };
    assert_eq!(*payload.settings, entries(&[("ui::a", 7.into()), ("ui::c", 8.into()), ("core::b", 2.into())]));
}

#[test]
fn numbers_and_words_compare_by_meaning() {
    let rows = || [row_with_settings(&[("n", 1.into()), ("b", true.into())])];
    let same = serde_json::from_str("1.0").expect("a number");
    assert_eq!(plan_of([with_settings(declared(&[("n", same), ("b", true.into())]))], rows()), ["= a []"]);
    let said = plan_of([with_settings(declared(&[("n", "1".into()), ("b", "true".into())]))], rows());
    assert_eq!(said, ["1 ~ a settings.b settings.n"]);
}

#[test]
fn an_unreadable_field_is_neither_in_sync_nor_wiped() {
    let blind = with_live_settings(row(A, "417/1/1", "x"), unreadable());
    let declares = |description: &str| Definition {
        spec: Spec { settings: declared(&[("b", true.into())]), ..definition("a", "417/1/1", description).spec },
        ..definition("a", "417/1/1", description)
    };
    assert_eq!(plan_of([declares("x")], [blind.clone()]), ["= a [Settings]"]);
    assert_eq!(plan_of([declares("y")], [blind.clone()]), ["1 ~ a description settings.b"]);
    let said = plan_of([definition("a", "417/1/1", "y")], [blind]);
    assert!(said[0].starts_with("! a a change is written as a whole object"), "{said:?}");
}

#[test]
fn only_what_a_decision_needs_is_read_in_detail() {
    let unread = |row| LiveClient { detail: Detail::Listed, ..with_live_settings(row, Observed::Unread) };
    let wanted = |definition, policy: &Policy| {
        wanted_details(
            &desired([definition]),
            &live([unread(row(A, "417/1/1", "x")), unread(row(B, "417/1/2", "x"))]),
            policy,
        )
    };
    assert!(wanted(definition("a", "417/1/1", "x"), &policy()).is_empty());
    assert_eq!(wanted(definition("a", "417/1/1", "y"), &policy()), [id(A)].into());
    assert_eq!(wanted(with_settings(declared(&[])), &policy()), [id(A)].into());
    let absent = Definition { state: Presence::Absent, ..definition("a", "417/1/1", "x") };
    assert_eq!(wanted(absent, &policy()), [id(A)].into());
    let pruning = Policy { prune: Prune::Delete, ..policy() };
    assert_eq!(wanted(definition("a", "417/1/1", "x"), &pruning), [id(B)].into());
}

#[test]
fn a_refused_info_blocks_its_client_alone() {
    let refused =
        Detail::Refused { reason: "refused (30000)".into(), help: "ask".into(), kind: RefusalKind::NotPermitted };
    let rows = [LiveClient { detail: refused, ..row(A, "417/1/1", "x") }];
    let said = plan_of([definition("a", "417/1/1", "y"), definition("b", "417/1/2", "x")], rows);
    assert_eq!(said, ["1 + b description", "! a refused (30000)"]);
}

#[test]
fn unmanaged_clients_are_reported_and_deleted_only_with_prune() {
    let rows = || [row(A, "417/1/1", "x"), row(B, "417/1/2", "x")];
    let defined = || desired([definition("a", "417/1/1", "x")]);
    assert_eq!(say(&plan(&defined(), &live(rows()), &policy())), ["= a []", &format!("? {B} None")]);
    let pruning = Policy { prune: Prune::Delete, ..policy() };
    assert_eq!(say(&plan(&defined(), &live(rows()), &pruning)), ["1 - 417/1/2 description", "= a []"]);
    let protecting = Policy { protect: vec![Protection::Id(id(B))], ..pruning };
    assert_eq!(say(&plan(&defined(), &live(rows()), &protecting)), ["= a []", &format!("? {B} Some(Protected)")]);
}

#[test]
fn protection_refuses_a_plan_whatever_the_definitions_say() {
    let protect =
        vec![Protection::Scope { telsys: Telsys::One(417), partition: Some(Partition::One(1)), device: None }];
    let protecting = Policy { protect, ..policy() };
    let absent = Definition { state: Presence::Absent, ..definition("a", "417/1/1", "x") };
    let plan = plan(&desired([absent]), &live([row(A, "417/1/1", "x")]), &protecting);
    assert_eq!(plan.guard.findings[0].rule, "protect");
    assert!(plan.guard.findings[0].help.contains("--exclude name=a"));
}

#[test]
fn limits_count_deletes_and_replaces_together_also_in_small_sets() {
    let limits = Limits { delete: Limit { count: Some(10), percent: Some(20) }, ..policy().limits };
    let limited = Policy { limits, ..policy() };
    let absent = Definition { state: Presence::Absent, ..definition("a", "417/1/1", "x") };
    let moving = pinned(B, definition("b", "417/1/3", "x"));
    let rows = || live([row(A, "417/1/1", "x"), row(B, "417/1/2", "x")]);
    let refused = plan(&desired([absent.clone(), moving.clone()]), &rows(), &limited);
    assert_eq!(refused.guard.findings[0].help, "if that is meant, allow just this with --max-deletes 2");
    let lifted = |most| {
        let limits = Limits { max_deletes: Some(most), ..limits };
        plan(&desired([absent.clone(), moving.clone()]), &rows(), &Policy { limits, ..policy() }).guard.allows()
    };
    assert!(lifted(2) && !lifted(1));
}

#[test]
fn a_selection_narrows_what_is_done_and_not_what_is_known() {
    let select = vec![Selector::new("name=b").expect("an expression")];
    let selecting =
        Policy { selection: Selection { select, ..Selection::default() }, prune: Prune::Delete, ..policy() };
    let defined = desired([definition("a", "417/1/1", "y"), definition("b", "417/1/2", "y")]);
    let rows = live([row(A, "417/1/1", "x"), row(B, "417/1/2", "x"), row(C, "417/1/3", "x")]);
    assert_eq!(say(&plan(&defined, &rows, &selecting)), ["1 ~ b description", &format!("? {C} Some(NotSelected)")]);
}

#[test]
fn a_plan_of_many_clients_stays_in_the_order_of_its_definitions() {
    let many: BTreeMap<u32, Definition> = (0..50)
        .map(|number| {
            let name = format!("c{:02}", 49 - number);
            (number, Definition { at: at(number + 1), ..definition(&name, &format!("417/1/{number}"), "x") })
        })
        .collect();
    let said = plan_of(many.into_values(), []);
    assert_eq!(said[0], "1 + c49 description");
    assert_eq!(said[49], "50 + c00 description");
}

#[test]
fn a_sensitive_description_is_no_candidate_to_read() {
    let rows = || live([row(A, "417/1/1", "4711"), row(B, "417/1/1", "0815")]);
    let defined = desired([definition("a", "417/1/1", "y")]);
    let hidden = Policy { sensitive: crate::fixture::sensitive(&["description"]), ..policy() };
    let said = |policy: &Policy| format!("{:?}", plan(&defined, &rows(), policy).blocked);
    assert!(said(&policy()).contains("4711") && !said(&hidden).contains("4711"), "{}", said(&hidden));
}
