//! The laws of applying, under lost answers, refusals and interruption, against a server in memory.

mod cases;
mod rollback;
mod rollout;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::api::{Answer, ApiError, ErrorCode, ErrorKind, ListPage, ListRow, Operation, Reader, Writer};
use crate::fixture::seen;
use crate::model::*;
use crate::plan::{self, Plan};
use crate::redact::Mask;

/// What goes wrong with one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    /// Nothing.
    None,
    /// The request is lost before the work.
    LostBefore,
    /// The answer is lost after the work.
    LostAfter,
    /// The server never gets it.
    NotSent,
    /// The server says yes and does nothing.
    Pretended,
    /// The server refuses for good.
    Refused,
    /// The request is lost before the work, and somebody else changes every client.
    LostBeforeEdit,
    /// The work is done, and every description is cut.
    Trimmed,
    /// Somebody else deletes the client just before, so that the server does not find it.
    Gone,
    /// The answer is lost, and the work is done so many milliseconds later.
    Late(u64),
    /// The server says yes, and shows the work so many milliseconds later.
    Lagging(u64),
    /// Something before the server says no without a code, and the work is done so many milliseconds later.
    Masked(u64),
}

/// Work that is done at its time.
type Work = Box<dyn FnOnce(&Server) -> Result<(), ErrorKind> + Send>;

/// Work that waits for its time.
#[derive(Default)]
struct Pending(Vec<(Instant, Work)>);

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pending", self.0.len())
    }
}

/// A server in memory: at most one client per exact scope, ids of its own, and mishaps in the order they were given.
#[derive(Debug, Default)]
struct Server {
    clients: Mutex<BTreeMap<ClientId, LiveClient>>,
    mishaps: Mutex<Vec<Mishap>>,
    writes: Mutex<Vec<String>>,
    next: Mutex<u32>,
    pending: Mutex<Pending>,
    /// Scopes are shown as unresolved.
    hides: bool,
    /// What Info shows from the next write on.
    after: Showing,
}

/// What Info shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Showing {
    /// Everything.
    #[default]
    All,
    /// No settings.
    NoSettings,
    /// A page that is not the server's, with status 404.
    Page404,
    /// Everything, while the lists show rows that nobody can read.
    OddRows,
}

impl Server {
    fn new(rows: impl IntoIterator<Item = LiveClient>) -> Self {
        let clients = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        Self { clients: Mutex::new(clients), ..Self::default() }
    }

    fn mishap(&self, write: &str) -> Mishap {
        self.writes.lock().unwrap().push(write.to_owned());
        self.mishaps.lock().unwrap().pop().unwrap_or(Mishap::None)
    }

    fn rows(&self) -> BTreeMap<ClientId, LiveClient> {
        self.clients.lock().unwrap().clone()
    }

    /// Does what is due by now.
    fn catch_up(&self, now: Option<Instant>) {
        let pending = std::mem::take(&mut self.pending.lock().unwrap().0);
        let (due, later) = pending.into_iter().partition(|(at, _)| now.is_none_or(|now| *at <= now));
        self.pending.lock().unwrap().0 = later;
        for (_, work) in due {
            let _ = work(self);
        }
    }

    fn postpone(&self, milliseconds: u64, work: Work) {
        let at = Instant::now() + Duration::from_millis(milliseconds);
        self.pending.lock().unwrap().0.push((at, work));
    }

    fn shown(&self, row: &LiveClient) -> LiveClient {
        let partition = if self.hides { Partition::Unresolved } else { row.scope.partition };
        let blind = self.after == Showing::NoSettings && !self.writes.lock().unwrap().is_empty();
        let mut shown = LiveClient { scope: Scope { partition, ..row.scope.clone() }, ..row.clone() };
        if blind {
            shown.content.settings = Observed::Unreadable { reason: "not shown".into() };
        }
        shown
    }

    fn move_to(&self, id: &str, scope: Scope) {
        self.clients.lock().unwrap().get_mut(&client_id(id)).unwrap().scope = scope;
    }

    fn edit(&self, id: &str, description: &str) {
        let mut clients = self.clients.lock().unwrap();
        clients.get_mut(&client_id(id)).unwrap().content.description = Observed::Known(description.into());
    }

    /// Carries a write out, or not, as the mishap wants.
    fn write(
        &self,
        name: &str,
        operation: Operation,
        work: impl FnOnce(&Self) -> Result<(), ErrorKind> + Send + 'static,
    ) -> Answer {
        self.catch_up(Some(Instant::now()));
        let failed = |kind, code: Option<u32>| ApiError {
            operation,
            object: name.to_owned(),
            kind,
            code: code.map(ErrorCode),
            status: None,
            retry_after: None,
            message: "no".to_owned(),
        };
        match self.mishap(name) {
            Mishap::NotSent => Answer::NotDone(failed(ErrorKind::Unreachable, None)),
            Mishap::LostBefore => Answer::Uncertain(failed(ErrorKind::Unreachable, None)),
            Mishap::Refused => Answer::Refused(failed(ErrorKind::NotPermitted, Some(30000))),
            Mishap::Pretended => Answer::Done,
            Mishap::Late(after) => {
                self.postpone(after, Box::new(work));
                Answer::Uncertain(failed(ErrorKind::Unreachable, None))
            }
            Mishap::Lagging(after) => {
                self.postpone(after, Box::new(work));
                Answer::Done
            }
            Mishap::Masked(after) => {
                self.postpone(after, Box::new(work));
                Answer::Refused(ApiError { status: Some(403), ..failed(ErrorKind::NotPermitted, None) })
            }
            Mishap::LostBeforeEdit => {
                self.rows().keys().for_each(|id| self.edit(id.as_str(), "somebody else"));
                Answer::Uncertain(failed(ErrorKind::Unreachable, None))
            }
            Mishap::Trimmed => match work(self) {
                Err(kind) => Answer::Refused(failed(kind, None)),
                Ok(()) => {
                    self.rows().keys().for_each(|id| self.edit(id.as_str(), "cut"));
                    Answer::Done
                }
            },
            Mishap::Gone => {
                self.clients.lock().unwrap().clear();
                Answer::Refused(failed(ErrorKind::NotFound, Some(30003)))
            }
            mishap => match work(self) {
                Err(kind) => Answer::Refused(failed(kind, None)),
                Ok(()) if mishap == Mishap::LostAfter => Answer::Uncertain(failed(ErrorKind::Unreachable, None)),
                Ok(()) => Answer::Done,
            },
        }
    }
}

fn not_found(operation: Operation) -> ApiError {
    ApiError {
        operation,
        object: "a client".to_owned(),
        kind: ErrorKind::NotFound,
        code: Some(ErrorCode(30003)),
        status: Some(404),
        retry_after: None,
        message: "not found".to_owned(),
    }
}

impl Reader for Server {
    async fn list(&self, filter: &Scope, offset: u64, limit: u64) -> Result<ListPage, ApiError> {
        self.catch_up(Some(Instant::now()));
        let rows = self.rows();
        let matching: Vec<LiveClient> =
            rows.values().filter(|row| filter.contains(&row.scope)).map(|row| self.shown(row)).collect();
        let total = matching.len() as u64;
        let count = |number: u64| usize::try_from(number).unwrap();
        let garbled = self.after == Showing::OddRows && !self.writes.lock().unwrap().is_empty();
        let rows = matching.into_iter().skip(count(offset)).take(count(limit));
        let rows = rows.map(|row| if garbled { odd(row) } else { row.into() }).collect();
        Ok(ListPage { total, rows })
    }

    async fn info(&self, _: &Scope, id: &ClientId) -> Result<LiveClient, ApiError> {
        self.catch_up(Some(Instant::now()));
        let rows = self.rows();
        let row = rows.get(id).ok_or_else(|| not_found(Operation::Info))?;
        let written = !self.writes.lock().unwrap().is_empty();
        let shown = LiveClient { detail: Detail::Read, ..self.shown(row) };
        match self.after {
            Showing::Page404 if written => Err(ApiError { code: None, ..not_found(Operation::Info) }),
            Showing::All | Showing::NoSettings | Showing::Page404 | Showing::OddRows => Ok(shown),
        }
    }
}

impl Writer for Server {
    async fn add(&self, scope: &Scope, payload: &Payload) -> Answer {
        let (scope, payload) = (scope.clone(), payload.clone());
        self.write(&format!("add {scope}"), Operation::Add, move |server| {
            let mut clients = server.clients.lock().unwrap();
            if clients.values().any(|row| row.scope == scope) {
                return Err(ErrorKind::Exists);
            }
            let mut next = server.next.lock().unwrap();
            *next += 1;
            let id = client_id(&format!("00000000000000ff:1:1:{:x}", *next));
            clients.insert(id.clone(), row_of(id, scope, &payload));
            Ok(())
        })
    }

    async fn change(&self, _: &Scope, id: &ClientId, payload: &Payload) -> Answer {
        let (id, payload) = (id.clone(), payload.clone());
        self.write(&format!("change {id}"), Operation::Change, move |server| {
            let mut clients = server.clients.lock().unwrap();
            let row = clients.get_mut(&id).ok_or(ErrorKind::NotFound)?;
            *row = row_of(id.clone(), row.scope.clone(), &payload);
            Ok(())
        })
    }

    async fn delete(&self, _: &Scope, id: &ClientId) -> Answer {
        let id = id.clone();
        self.write(&format!("delete {id}"), Operation::Delete, move |server| {
            server.clients.lock().unwrap().remove(&id).map(drop).ok_or(ErrorKind::NotFound)
        })
    }
}

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
        ignore: Vec::new(),
        exceptions: Vec::new(),
        profiles: Vec::new(),
        at,
        until: 20,
    }
}

fn with_settings(definition: Definition, value: bool) -> Definition {
    let at = definition.at.clone();
    let settings = [("s".into(), Declared { value: Json::from(value), at })].into_iter().collect();
    Definition { spec: Spec { settings: Some(settings), ..definition.spec.clone() }, ..definition }
}

fn pinned(id: &str, definition: Definition) -> Definition {
    let at = definition.at.clone();
    Definition { id: Some(Declared { value: client_id(id), at }), ..definition }
}

fn desired(definitions: impl IntoIterator<Item = Definition>) -> Desired {
    let clients = definitions.into_iter().map(|one| (one.name.clone(), one)).collect();
    Desired { clients, ..Desired::default() }
}

fn policy() -> Policy {
    let none = Limit { count: None, percent: None };
    let everything = Scope { telsys: Telsys::One(417), partition: Partition::All, device: Device::All };
    Policy {
        boundary: Boundary::Managed(vec![everything]),
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
    Live { clients: clients.map(|row| (row.id.clone(), row)).collect(), ..Live::default() }
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

fn with_mishaps(server: Server, mishaps: &[Mishap]) -> Server {
    let mishaps = mishaps.iter().rev().copied().collect();
    Server { mishaps: Mutex::new(mishaps), ..server }
}

fn mishap() -> impl Strategy<Value = Mishap> {
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
fn estate() -> impl Strategy<Value = BTreeMap<u32, (u8, Option<u32>)>> {
    proptest::collection::btree_map(0..8_u32, (0..3_u8, proptest::option::weighted(0.4, 0..8_u32)), 0..8)
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
        let id_of = |device: u32| format!("00000000000000aa:1:1:{device:x}");
        let mut clients: Vec<_> =
            rows.iter().map(|(device, (text, _))| row(&id_of(*device), scope(417, *device), &text.to_string())).collect();
        let foreign = row(B, scope(426, 1), "foreign");
        clients.push(foreign.clone());
        let server = Server { mishaps: Mutex::new(mishaps), ..Server::new(clients) };
        // A definition for each wanted device; pins of live clients send them to any free wanted device.
        let mut pins: BTreeMap<u32, u32> = BTreeMap::new();
        for (device, (_, target)) in &rows {
            if let Some(target) = target.filter(|target| wanted.contains_key(target)) {
                pins.entry(target).or_insert(*device);
            }
        }
        let desired = desired(wanted.iter().map(|(device, (text, present))| {
            let state = if *present { Presence::Present } else { Presence::Absent };
            let one = Definition { state, ..definition(&format!("c{device}"), scope(417, *device), &text.to_string()) };
            pins.get(device).map_or(one.clone(), |from| pinned(&id_of(*from), one))
        }));
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
        prop_assert_eq!(rows.get(&client_id(B)), Some(&foreign));
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
