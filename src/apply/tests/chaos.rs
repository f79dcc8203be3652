//! Whatever goes wrong, a clean run ends it.

use super::*;

pub(super) fn with_mishaps(server: Server, mishaps: &[Mishap]) -> Server {
    let mishaps = mishaps.iter().rev().copied().collect();
    Server { mishaps: Mutex::new(mishaps), ..server }
}

pub(super) fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        3 => Just(Mishap::None),
        2 => Just(Mishap::LostBefore),
        2 => Just(Mishap::LostAfter),
        1 => Just(Mishap::NotSent),
        1 => Just(Mishap::Pretended),
        1 => Just(Mishap::Refused),
    ]
}

/// A client on either side: its device, its description, and where its pinned definition wants it, if it is pinned.
pub(super) fn estate() -> impl Strategy<Value = BTreeMap<u32, (u8, Option<u32>)>> {
    proptest::collection::btree_map(0..8_u32, (0..3_u8, proptest::option::weighted(0.4, 0..8_u32)), 0..8)
}

/// The definitions and rows of the random drive, with pins that send clients elsewhere.
pub(super) fn world(
    rows: &BTreeMap<u32, (u8, Option<u32>)>,
    wanted: &BTreeMap<u32, (u8, bool)>,
    mishaps: Vec<Mishap>,
) -> (Server, Desired) {
    let id_of = |device: u32| format!("00000000000000aa:1:1:{device:x}");
    let mut clients: Vec<_> =
        rows.iter().map(|(device, (text, _))| row(&id_of(*device), scope(417, *device), &text.to_string())).collect();
    clients.push(row(B, scope(426, 1), "foreign"));
    let server = Server { mishaps: Mutex::new(mishaps), ..Server::new(clients) };
    let mut pins: BTreeMap<u32, u32> = BTreeMap::new();
    for (device, (_, target)) in rows {
        if let Some(target) = target.filter(|target| wanted.contains_key(target)) {
            pins.entry(target).or_insert(*device);
        }
    }
    let desired = desired(wanted.iter().map(|(device, (text, present))| {
        let state = if *present { Presence::Present } else { Presence::Absent };
        let one = Definition { state, ..definition(&format!("c{device}"), scope(417, *device), &text.to_string()) };
        pins.get(device).map_or(one.clone(), |from| pinned(&id_of(*from), one))
    }));
    (server, desired)
}

proptest! {
    #[test]
    fn whatever_goes_wrong_a_clean_run_makes_live_equal_desired(
        rows in estate(),
        wanted in proptest::collection::btree_map(0..8_u32, (0..3_u8, any::<bool>()), 0..8),
        mishaps in proptest::collection::vec(mishap(), 0..12),
        parallelism in 1..4_usize,
        stops in any::<bool>(),
    ) {
        let (server, desired) = world(&rows, &wanted, mishaps);
        let foreign = server.rows().get(&client_id(B)).cloned();
        let stop = CancellationToken::new();
        if stops { stop.cancel(); }
        run_with(&server, &plan_of(&server, &desired), parallelism, &stop);
        server.mishaps.lock().unwrap().clear();
        // One clean run; what another definition's client held is free after it, so a second may have work left.
        for _ in 0..2 {
            let ran = run_with(&server, &plan_of(&server, &desired), parallelism, &CancellationToken::new());
            prop_assert!(ran.outcomes.steps.iter().all(|step| step.outcome.is_applied()), "{:?}", ran.outcomes);
        }
        let left = plan_of(&server, &desired);
        prop_assert!(left.steps.is_empty(), "{:?}", left.steps);
        let rows = server.rows();
        prop_assert_eq!(rows.get(&client_id(B)), foreign.as_ref());
        let scopes: BTreeSet<&Scope> = rows.values().map(|row| &row.scope).collect();
        prop_assert_eq!(scopes.len(), rows.len());
        for definition in desired.clients.values() {
            let blocked = left.blocked.iter().any(|one| one.client.as_ref() == Some(&definition.name));
            let found = rows.values().filter(|row| row.scope == definition.scope).count();
            match definition.state {
                Presence::Present if !blocked => prop_assert_eq!(found, 1),
                _ => {}
            }
        }
    }
}
