//! Shards: each reads and plans its part, and all of them together are exactly the whole.

use proptest::prelude::*;

use super::*;
use crate::live::Extent;

const SERVERS: i64 = 40;
const SHARDS: u32 = 16;

/// One client: where git wants it, where it is, and whether they agree.
#[derive(Debug, Clone)]
struct Case {
    telsys: i64,
    defined: bool,
    /// Where it is live, which may be elsewhere if the definition is pinned.
    live: Option<i64>,
    agrees: bool,
}

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let live = |telsys: i64| prop_oneof![1 => Just(None), 4 => Just(Some(telsys)), 1 => (0..SERVERS).prop_map(Some)];
    let one = (0..SERVERS).prop_flat_map(move |telsys| {
        (Just(telsys), prop::bool::weighted(0.8), live(telsys), any::<bool>())
            .prop_map(|(telsys, defined, live, agrees)| Case { telsys, defined, live, agrees })
    });
    prop::collection::vec(one, 1..120)
}

fn world(cases: &[Case]) -> (Desired, Live) {
    let place = |telsys: i64, number: usize| format!("{telsys}/1/0{number}");
    let row_id = |number: usize| format!("{number:016x}:1:1:1");
    let definitions = cases.iter().enumerate().filter(|(_, case)| case.defined).map(|(number, case)| {
        let definition = definition(&format!("c{number}"), &place(case.telsys, number), "wanted");
        // A pin finds its client wherever it is; another one is gone.
        if case.live == Some(case.telsys) { definition } else { pinned(&row_id(number), definition) }
    });
    let rows = cases.iter().enumerate().filter_map(|(number, case)| {
        let description = if case.agrees { "wanted" } else { "else" };
        Some(row(&row_id(number), &place(case.live?, number), description))
    });
    (desired(definitions), live(rows))
}

/// What a shard reads of the server.
fn part(whole: &Live, desired: &Desired, policy: &Policy) -> Live {
    let Policy { boundary, selection, .. } = policy;
    let extent = Extent { boundary, shard: selection.shard, pins: desired.pins(selection.shard), page_size: 1 };
    let clients = whole.clients.iter().filter(|(id, row)| extent.keeps(id, row));
    Live { clients: clients.map(|(id, row)| (id.clone(), row.clone())).collect(), ..whole.clone() }
}

/// Everything that a plan says, without the numbers of steps.
fn facts(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter();
    let steps =
        steps.map(|step| format!("{} {} {} {:?}", step.action().name(), step.title(), step.scope, step.changes));
    let unchanged = plan.unchanged.iter().map(|one| format!("= {}", one.client));
    let unmanaged = plan.unmanaged.iter().map(|one| format!("? {}", one.id));
    let blocked = plan.blocked.iter().map(|one| format!("! {:?} {}", one.client, one.obstacle.reason));
    let notices = plan.notices.iter().map(|one| one.message.clone());
    steps.chain(unchanged).chain(unmanaged).chain(blocked).chain(notices).collect()
}

fn of_shard(index: u32, count: u32) -> Selection {
    Selection { shard: Some(format!("{index}/{count}").parse().expect("a shard")), ..Selection::default() }
}

proptest! {
    #[test]
    fn sixteen_shards_of_forty_servers_are_together_exactly_the_whole_plan_and_nothing_twice(
        cases in cases(), prune in any::<bool>(), everywhere in any::<bool>()
    ) {
        let (desired, live) = world(&cases);
        let scopes = if everywhere { vec![Scope::EVERYTHING] } else { (0..SERVERS).map(|one| scope(&format!("{one}/all/all"))).collect() };
        let prune = if prune { Prune::Delete } else { Prune::Report };
        let all = Policy { boundary: Boundary::managed(&scopes), prune, ..policy() };
        let mut whole = facts(&plan(&desired, &live, &all));
        let mut together = Vec::new();
        for index in 0..SHARDS {
            let own = Policy { selection: of_shard(index, SHARDS), ..all.clone() };
            together.extend(facts(&plan(&desired, &part(&live, &desired, &own), &own)));
        }
        whole.sort();
        together.sort();
        prop_assert_eq!(together, whole);
    }
}

#[test]
fn limits_hold_for_each_shard_by_itself_and_shares_are_of_its_part() {
    let servers: Vec<i64> = (0..SERVERS).collect();
    let own = of_shard(0, 2).shard.expect("a shard");
    let telsys = *servers.iter().find(|one| own.owns(Telsys::One(u32::try_from(**one).expect("small")))).expect("one");
    let mut definitions: Vec<Definition> =
        (0..4).map(|number| definition(&format!("own{number}"), &format!("{telsys}/1/0{number}"), "x")).collect();
    let mut rows: Vec<LiveClient> =
        (0..4).map(|number| row(&format!("{number:016x}:1:1:1"), &format!("{telsys}/1/0{number}"), "x")).collect();
    definitions[0].state = Presence::Absent;
    for other in servers.iter().filter(|one| !own.owns(Telsys::One(u32::try_from(**one).expect("small")))) {
        definitions.push(definition(&format!("other{other}"), &format!("{other}/1/01"), "x"));
        rows.push(row(&format!("{:016x}:1:1:1", other + 100), &format!("{other}/1/01"), "x"));
    }
    let (desired, live) = (desired(definitions), live(rows));
    let delete = Limit { count: None, percent: Some(20) };
    let all = Policy {
        boundary: Boundary::managed(&[Scope::EVERYTHING]),
        limits: Limits { delete, ..policy().limits },
        ..policy()
    };
    assert!(plan(&desired, &live, &all).guard.allows(), "1 of all");
    let sharded = Policy { selection: of_shard(0, 2), ..all };
    let refused = plan(&desired, &part(&live, &desired, &sharded), &sharded).guard;
    assert!(refused.findings[0].message.contains("1 of 4 managed clients"), "{refused:?}");
}
