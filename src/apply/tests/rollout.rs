//! Waves, and what is withheld.

use super::*;
use crate::plan::{Action, Conditions, WaveChoice};

fn waves(text: &str) -> WaveChoice {
    WaveChoice { waves: Some(text.parse().unwrap()), first: BTreeSet::new() }
}

fn approving(actions: &[Action]) -> Conditions {
    Conditions { approved: Some(actions.iter().copied().collect()), ..Conditions::default() }
}

fn adds(count: u32) -> Desired {
    desired((1..=count).map(|number| definition(&format!("c{number}"), scope(417, number), "x")))
}

fn reasons(ran: &Ran) -> Vec<String> {
    ran.outcomes.steps.iter().filter_map(|step| step.outcome.problem()).map(Problem::message).collect()
}

#[test]
fn a_wave_begins_only_after_the_one_before_it_went_well() {
    let server = with_mishaps(Server::default(), &[Mishap::None, Mishap::Refused]);
    let plan = plan_of(&server, &adds(5)).under(&Conditions::default(), &waves("1,1"));
    let ran = run(&server, &plan);
    assert_eq!(names(&ran), ["applied", "failed", "skipped", "skipped", "skipped"]);
    assert_eq!(ran.outcomes.steps.iter().map(|step| step.wave).collect::<Vec<_>>(), [1, 2, 3, 3, 3].map(Some));
    let reason = "wave 3 is not begun: 1 of the steps before it failed, became stale or stayed unknown";
    assert_eq!(reasons(&ran)[1], reason);
    assert_eq!(server.writes.lock().unwrap().len(), 2);
}

#[test]
fn as_many_steps_may_go_wrong_as_is_said() {
    let server = with_mishaps(Server::default(), &[Mishap::Refused, Mishap::None, Mishap::Refused]);
    let plan = plan_of(&server, &adds(5)).under(&Conditions::default(), &waves("1,1,1"));
    let how = How { stop_after: 2, ..How::parallel(1) };
    let ran = run_how(&server, &plan, how, &CancellationToken::new());
    assert_eq!(names(&ran), ["failed", "applied", "failed", "skipped", "skipped"]);
}

#[test]
fn a_signal_in_a_pause_ends_the_run_with_nothing_in_flight() {
    let server = Server::default();
    let plan = plan_of(&server, &adds(3)).under(&Conditions::default(), &waves("1"));
    let stop = CancellationToken::new();
    let (signal, server_now) = (stop.clone(), &server);
    let watching = StopWhenPaused(signal);
    let how = How { pause: Pause::For(Duration::from_mins(10)), ..How::parallel(4) };
    let ran = run_told(server_now, &plan, how, (&stop, &watching));
    assert_eq!(names(&ran), ["applied", "skipped", "skipped"]);
    assert!(ran.outcomes.interrupted);
    assert_eq!(server.writes.lock().unwrap().len(), 1);
}

/// Sends the signal as soon as there is a pause.
struct StopWhenPaused(CancellationToken);

impl Progress for StopWhenPaused {
    fn ended(&self, _: &StepOutcome) {}
}

impl BetweenWaves for StopWhenPaused {
    fn pauses(&self, end: WaveEnd, _: Duration) {
        assert_eq!(end, WaveEnd { next: 2, all: 2, tried: 1, bad: 0 });
        self.0.cancel();
    }

    fn ask(&self, _: WaveEnd) -> Answering<'_> {
        Box::pin(async { Approval::Refused })
    }
}

#[test]
fn a_wave_that_a_person_does_not_want_is_not_begun() {
    let server = Server::default();
    let plan = plan_of(&server, &adds(2)).under(&Conditions::default(), &waves("1"));
    let how = How { pause: Pause::Ask, ..How::parallel(4) };
    let stop = CancellationToken::new();
    let ran = run_told(&server, &plan, how, (&stop, &StopWhenPaused(stop.clone())));
    assert_eq!(names(&ran), ["applied", "skipped"]);
    assert_eq!(reasons(&ran), ["wave 2 is not begun: it was not approved"]);
}

#[test]
fn what_is_not_approved_is_withheld_and_what_waits_for_it_too() {
    let server = Server::new([row(A, scope(417, 1), "a"), row(B, scope(417, 2), "y")]);
    let gone = Definition { state: Presence::Absent, ..pinned(A, definition("gone", scope(417, 3), "a")) };
    let desired = desired([gone, definition("new", scope(417, 1), "new"), definition("other", scope(417, 2), "x")]);
    let plan = plan_of(&server, &desired);
    assert!(plan.steps.iter().any(|step| !step.after_steps.is_empty()), "{:?}", plan.steps);
    let plan = plan.under(&approving(&[Action::Add, Action::Change]), &WaveChoice::default());
    let ran = run(&server, &plan);
    let mut ended: Vec<_> = ran.outcomes.steps.iter().map(|step| (step.action, step.outcome.name())).collect();
    ended.sort_unstable();
    assert_eq!(ended, [(Action::Add, "withheld"), (Action::Change, "applied"), (Action::Delete, "withheld")]);
    assert_eq!(*server.writes.lock().unwrap(), [format!("change {B}")]);
    let told = reasons(&ran);
    assert!(told.iter().any(|one| one == "`delete` is not among what --auto-approve approves"), "{told:?}");
    assert!(told.iter().any(|one| one.starts_with("it waits for step ")), "{told:?}");
}

thread_local! {
    /// How often somebody has looked at the clock.
    static LOOKS: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}

/// A clock that goes on by so many hours from each look to the next, from the midnight before Friday, 2026-11-27, on.
fn ticking(hours: i64) -> Timestamp {
    let looks = LOOKS.replace(LOOKS.get() + 1);
    let midnight: Timestamp = "2026-11-27T00:00:00Z".parse().unwrap();
    midnight + jiff::SignedDuration::from_hours(looks * hours)
}

fn hourly() -> Timestamp {
    ticking(1)
}

fn seven_hourly() -> Timestamp {
    ticking(7)
}

#[test]
fn a_window_that_closes_during_a_run_withholds_what_is_not_begun() {
    LOOKS.set(5);
    let server = Server::default();
    let plan = plan_of(&server, &adds(5));
    let how = How { deny: Some("Fri 08:00-18:00"), clock: hourly, ..How::parallel(1) };
    let ran = run_how(&server, &plan, how, &CancellationToken::new());
    assert_eq!(names(&ran), ["applied", "applied", "applied", "withheld", "withheld"]);
    assert_eq!(
        reasons(&ran)[0],
        "the window all/all/all: Fri 08:00-18:00 UTC is closed and opens Fri 2026-11-27 18:00 UTC"
    );
    assert_eq!(server.writes.lock().unwrap().len(), 3);
}

#[test]
fn a_ring_of_moves_that_has_begun_is_finished_although_a_window_closes() {
    // The third definition is first, at six; the ring begins at seven.
    LOOKS.set(6);
    let server = Server::new([row(A, scope(417, 1), "a"), row(B, scope(417, 2), "b")]);
    let ring = [
        pinned(A, definition("a", scope(417, 2), "a")),
        pinned(B, definition("b", scope(417, 1), "b")),
        definition("c", scope(417, 3), "c"),
    ];
    let plan = plan_of(&server, &desired(ring));
    let how = How { deny: Some("Fri 08:00-18:00"), clock: hourly, ..How::parallel(1) };
    let ran = run_how(&server, &plan, how, &CancellationToken::new());
    assert_eq!(names(&ran), ["applied", "applied", "applied"]);
    assert_eq!(LOOKS.get(), 8);
}

#[test]
fn what_waits_for_a_step_that_a_window_holds_is_withheld_and_not_skipped() {
    LOOKS.set(9);
    let server = Server::new([row(A, scope(417, 1), "a")]);
    let moved = pinned(A, definition("a", scope(417, 2), "a"));
    let plan = plan_of(&server, &desired([moved, definition("b", scope(417, 1), "b")]));
    assert!(plan.steps.iter().any(|step| !step.after_steps.is_empty()), "{:?}", plan.steps);
    let how = How { deny: Some("Fri"), clock: hourly, ..How::parallel(4) };
    let ran = run_how(&server, &plan, how, &CancellationToken::new());
    assert_eq!(names(&ran), ["withheld", "withheld"]);
    assert!(server.writes.lock().unwrap().is_empty());
}

/// The conditions of one apply: what is approved, and the waves.
fn conditions() -> impl Strategy<Value = (Conditions, WaveChoice, u64)> {
    let sizes = proptest::option::of(proptest::sample::select(vec!["1", "2,50%", "10%,rest", "1,1,1"]));
    let approved = proptest::option::of(proptest::sample::subsequence(Action::ALL.to_vec(), 0..=4));
    let first = proptest::collection::btree_set(1..8_usize, 0..3);
    (approved, sizes, first, 1..3_u64).prop_map(|(approved, sizes, first, stop_after)| {
        let approved = approved.map(|actions| actions.into_iter().collect());
        let choice = WaveChoice { waves: sizes.map(|text| text.parse().unwrap()), first };
        (Conditions { approved, ..Conditions::default() }, choice, stop_after)
    })
}

/// What the server holds of the telephony server, without ids: what is added anew has another.
fn contents(server: &Server) -> Vec<(Scope, LiveContent)> {
    let rows = server.rows();
    rows.values()
        .filter(|row| row.scope.telsys == Telsys::One(417))
        .map(|row| (row.scope.clone(), row.content.clone()))
        .collect::<Vec<_>>()
}

proptest! {
    #[test]
    fn waves_and_what_is_withheld_break_no_law_and_running_on_comes_to_the_same(
        rows in estate(),
        wanted in proptest::collection::btree_map(0..8_u32, (0..3_u8, any::<bool>()), 0..8),
        mishaps in proptest::collection::vec(mishap(), 0..12),
        runs in proptest::collection::vec(conditions(), 1..4),
        parallelism in 1..4_usize,
        stops in any::<bool>(),
        deny in proptest::option::of(Just("00:00-12:00")),
    ) {
        let (plain, _) = world(&rows, &wanted, Vec::new());
        let (server, desired) = world(&rows, &wanted, mishaps);
        let foreign = server.rows().get(&client_id(B)).cloned();
        for (conditions, choice, stop_after) in runs {
            let plan = plan_of(&server, &desired).under(&conditions, &choice);
            let stop = CancellationToken::new();
            if stops { stop.cancel(); }
            let pause = Pause::For(Duration::from_mins(1));
            let how = How { pause, stop_after, parallelism, deny, clock: seven_hourly };
            let ran = run_how(&server, &plan, how, &stop);
            // Every step has an outcome, and whatever is not applied says why.
            prop_assert_eq!(ran.outcomes.steps.len(), plan.steps.len());
            for (step, outcome) in plan.steps.iter().zip(&ran.outcomes.steps) {
                prop_assert_eq!(step.number, outcome.number);
                prop_assert!(outcome.outcome.problem().is_none_or(|problem| !problem.message().is_empty()));
                prop_assert_eq!(outcome.outcome.is_applied(), outcome.outcome.problem().is_none());
                let withheld = plan.rollout.reason(step.number).is_some();
                prop_assert!(outcome.outcome.is_withheld() || !withheld);
                prop_assert!(withheld || !outcome.outcome.is_withheld() || deny.is_some());
                if let Some(approved) = &conditions.approved {
                    prop_assert!(approved.contains(&step.action()) || outcome.outcome.is_withheld());
                }
            }
            // A wave after one that went wrong was not begun.
            let mut bad = 0;
            for wave in 1..=plan.rollout.waves.len() {
                let of_wave = || ran.outcomes.steps.iter().filter(|step| step.wave == Some(wave));
                let begun = of_wave().any(|step| step.outcome.is_applied() || step.outcome.is_bad());
                prop_assert!(!begun || bad < stop_after, "{:?}", ran.outcomes);
                bad += of_wave().filter(|step| step.outcome.is_bad()).count() as u64;
            }
        }
        server.mishaps.lock().unwrap().clear();
        // Running on by waves until nothing is left is the same as one plain run.
        for _ in 0..3 {
            let plan = plan_of(&server, &desired).under(&Conditions::default(), &waves("1,50%"));
            let ran = run_with(&server, &plan, parallelism, &CancellationToken::new());
            prop_assert!(ran.outcomes.steps.iter().all(|step| step.outcome.is_applied()), "{:?}", ran.outcomes);
        }
        prop_assert!(plan_of(&server, &desired).steps.is_empty());
        for _ in 0..3 {
            run_with(&plain, &plan_of(&plain, &desired), parallelism, &CancellationToken::new());
        }
        let defined: BTreeSet<&Scope> = desired.clients.values().map(|one| &one.scope).collect();
        let of = |server: &Server| -> BTreeMap<String, String> {
            let held = contents(server).into_iter().filter(|(scope, _)| defined.contains(scope));
            held.map(|(scope, content)| (scope.to_string(), format!("{:?}", content.description))).collect()
        };
        prop_assert_eq!(of(&server), of(&plain));
        prop_assert_eq!(server.rows().get(&client_id(B)).cloned(), foreign);
        let scopes: BTreeSet<Scope> = server.rows().values().map(|row| row.scope.clone()).collect();
        prop_assert_eq!(scopes.len(), server.rows().len());
    }
}
