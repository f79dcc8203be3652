//! The laws of applying, under lost answers, refusals and interruption, against a server in memory.

mod cases;
mod chaos;
mod moves;
mod renamed;
mod rollback;
mod rollout;
mod said;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::api::{Answer, ApiError, ErrorCode, ErrorKind, ListPage, ListRow, Operation, Reader, SaidBy, Writer};
use crate::fixture::seen;
use crate::model::*;
use crate::plan::{self, Plan};
use crate::redact::Mask;
use chaos::{estate, mishap, with_mishaps, world};
use server::{Mishap, Server, Showing};

fn client_id(text: &str) -> ClientId {
    ClientId::from_server(text).unwrap()
}

fn scope(telsys: u32, device: u32) -> Scope {
    Scope {
        telsys: Telsys::One(telsys),
        partition: Partition::One(1),
        device: Device::from_text(&format!("0{device}")).unwrap(),
    }
}

fn row_of(id: ClientId, scope: Scope, payload: &Payload) -> LiveClient {
    LiveClient { id, scope, content: seen(payload.clone()), labels: Labels::default(), detail: Detail::Listed }
}

fn row(id: &str, scope: Scope, description: &str) -> LiveClient {
    row_of(client_id(id), scope, &Payload { description: description.into(), ..Payload::default() })
}

fn definition(name: &str, scope: Scope, description: &str) -> Definition {
    let at = Location { file: "a.yaml".into(), line: 1, column: 1 };
    Definition {
        name: ClientName::new(name).unwrap(),
        scope,
        scope_at: at.clone(),
        id: None,
        state: Presence::Present,
        spec: Spec { description: Some(Declared { value: description.into(), at: at.clone() }), ..Spec::default() },
        owns: Owns::default(),
        ignore: Arc::default(),
        exceptions: Arc::default(),
        profiles: Arc::default(),
        at,
        until: 20,
        pin_place: PinPlace::Document,
    }
}

fn with_settings(definition: Definition, value: bool) -> Definition {
    let at = definition.at.clone();
    let settings = [("s".into(), Declared { value: Json::from(value), at })].into_iter().collect();
    Definition { spec: Spec { settings: Some(settings), ..definition.spec.clone() }, ..definition }
}

fn pinned(id: &str, definition: Definition) -> Definition {
    let at = definition.at.clone();
    Definition { id: Some(Declared { value: client_id(id), at }.into()), ..definition }
}

fn desired(definitions: impl IntoIterator<Item = Definition>) -> Desired {
    let clients = definitions.into_iter().map(|one| (one.name.clone(), Arc::new(one))).collect();
    Desired { clients, ..Desired::default() }
}

fn policy() -> Policy {
    let none = Limit { count: None, percent: None };
    let everything = Scope { telsys: Telsys::One(417), partition: Partition::All, device: Device::All };
    Policy {
        boundary: Boundary::managed(&[everything]),
        prune: Prune::Report,
        limits: Limits { delete: none, change: none, ..Limits::default() },
        protect: Vec::new(),
        sensitive: Sensitive::default(),
        selection: Selection::default(),
        changed_in_git: BTreeMap::new(),
        not_checked_out: Vec::new(),
    }
}

fn live(server: &Server) -> Live {
    let shown = server.rows().values().map(|row| server.shown(row)).collect::<Vec<_>>();
    let clients = shown.into_iter().filter(|row| row.scope.telsys == Telsys::One(417));
    Live { clients: clients.map(|row| (row.id.clone(), Box::new(row))).collect(), ..Live::default() }
}

fn plan_of(server: &Server, desired: &Desired) -> Plan {
    plan::plan(desired, &live(server), &policy())
}

struct Silent;

impl Progress for Silent {
    fn ended(&self, _: &StepOutcome) {}
}

impl BetweenWaves for Silent {
    fn pauses(&self, _: WaveEnd, _: Duration) {}

    fn ask(&self, _: WaveEnd) -> Answering<'_> {
        Box::pin(async { Approval::Given })
    }
}

/// How a run goes about it.
#[derive(Debug, Clone, Copy)]
struct How {
    parallelism: usize,
    pause: Pause,
    stop_after: u64,
    /// When nothing is begun, anywhere, in UTC.
    deny: Option<&'static str>,
    clock: Clock,
}

impl How {
    fn parallel(parallelism: usize) -> Self {
        Self { parallelism, pause: Pause::None, stop_after: 1, deny: None, clock: Timestamp::now }
    }

    fn windows(self) -> Windows {
        let window = |deny: &str| ChangeWindow {
            scope: Scope::EVERYTHING,
            deny: deny.parse().unwrap(),
            zone: jiff::tz::TimeZone::get("UTC").unwrap(),
        };
        Windows(self.deny.map(window).into_iter().collect())
    }
}

/// A run: its outcomes and its journal.
struct Ran {
    outcomes: Outcomes,
    history: History,
}

fn run_with(server: &Server, plan: &Plan, parallelism: usize, stop: &CancellationToken) -> Ran {
    run_how(server, plan, How::parallel(parallelism), stop)
}

fn run_how(server: &Server, plan: &Plan, how: How, stop: &CancellationToken) -> Ran {
    run_told(server, plan, how, (stop, &Silent))
}

fn run_told(server: &Server, plan: &Plan, how: How, (stop, told): (&CancellationToken, &dyn Progress)) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let record = RunRecord {
        format_version: FORMAT.to_owned(),
        run: "r1".to_owned(),
        started: String::new(),
        target: "t".to_owned(),
        url: "u".to_owned(),
        user: None,
        git_commit: None,
        git_dirty: None,
        plan: None,
        rollback_of: None,
        digest_key: None,
        steps: plan.steps.len(),
    };
    let journal = Journal::create(folder.path(), record).unwrap();
    let live = live(server);
    let hidden = live.clients.values().filter(|row| row.scope.is_unresolved());
    let hides_scopes = hidden.map(|row| row.scope.telsys).collect();
    let options = Options {
        activity: crate::api::Activity::default(),
        parallelism: how.parallelism,
        retries: 3,
        deadline: None,
        page_size: 2,
        verify: Verify::ReadBack,
        settle: Duration::from_secs(2),
        shown: BTreeSet::new(),
        hides_scopes,
        shared_scopes: live.shared_scopes(),
        on_refusals: OnRefusals::default(),
        pause: how.pause,
        stop_after: how.stop_after,
        windows: how.windows(),
        clock: how.clock,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let outcomes =
        runtime.block_on(apply(plan, (server, server), &journal, (&options, Mask(&Sensitive::default())), stop, told));
    Ran { outcomes, history: History::read(&folder.path().join("r1.jsonl")).unwrap() }
}

fn run(server: &Server, plan: &Plan) -> Ran {
    run_with(server, plan, 4, &CancellationToken::new())
}

fn names(ran: &Ran) -> Vec<&'static str> {
    ran.outcomes.steps.iter().map(|step| step.outcome.name()).collect()
}

const A: &str = "00000000000000aa:1:1:1";
const B: &str = "00000000000000bb:1:1:1";

fn odd(LiveClient { id, scope, .. }: LiveClient) -> ListRow {
    ListRow::Unread(UnreadRow {
        id: Some(id),
        telsys: Some(scope.telsys),
        scope: Some(scope),
        reason: "an odd row".into(),
    })
}
