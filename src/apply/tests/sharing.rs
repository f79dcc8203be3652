//! Adds that wait for a request at the same time share the lists of their telephony server, where that tells as much.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::sharing::SharedLists;
use super::*;
use crate::live::Listing;

const WHOLE: Scope = Scope::whole(Telsys::One(417));

/// Adds so many clients at a server that takes four requests at a time. Gives the filters of the lists that this took.
fn lists_of_adds(server: Server, adds: u32, how: How) -> Vec<Scope> {
    let server = Server { slots: Some(Semaphore::new(4)), ..server };
    let names = |device: &u32| definition(&format!("c{device}"), scope(417, *device), "new");
    let desired = desired((0..adds).map(|device| names(&device)));
    let plan = plan_of(&server, &desired);
    let ran = run_how(&server, &plan, how, &CancellationToken::new());
    assert!(ran.outcomes.steps.iter().all(|step| step.outcome.is_applied()), "{:?}", ran.outcomes);
    assert_eq!(ran.outcomes.steps.len(), adds as usize);
    assert!(plan_of(&server, &desired).steps.is_empty());
    server.lists.into_inner().unwrap()
}

/// Counts the lists of the whole telephony server, and those of one scope.
fn counts(lists: &[Scope]) -> (usize, usize) {
    let whole = lists.iter().filter(|filter| **filter == WHOLE).count();
    (whole, lists.len() - whole)
}

#[test]
fn adds_that_wait_for_a_request_share_lists() {
    let how = How { page_size: 100, ..How::parallel(16) };
    let lists = lists_of_adds(Server::default(), 60, how);
    let (whole, own) = counts(&lists);
    assert!(whole > 0 && whole + own < 80, "of 120 looks {whole} were of the server and {own} of scopes");
    // That a scope is free is believed of a list of the server once one has shown an add.
    assert!(lists.iter().take(16).all(|filter| *filter != WHOLE), "{lists:?}");
}

#[test]
fn adds_that_have_room_look_at_their_own_scopes() {
    let how = How { page_size: 100, ..How::parallel(4) };
    assert_eq!(counts(&lists_of_adds(Server::default(), 60, how)), (0, 120));
}

#[test]
fn a_long_list_of_a_telephony_server_is_soon_given_up() {
    let rows = |count: u32| {
        (0..count).map(|device| row(&format!("00000000000000cc:1:1:{device:x}"), scope(417, 1000 + device), "old"))
    };
    // What a plan has read is known; of what came since the pages tell that are under way by then.
    let how = How { page_size: 100, ..How::parallel(16) };
    assert_eq!(counts(&lists_of_adds(Server::new(rows(101)), 60, how)), (0, 120));
    let (whole, _) = counts(&lists_of_adds(Server::default(), 60, How { page_size: 1, ..how }));
    assert!(whole <= 2, "{whole}");
}

#[test]
fn steps_of_every_kind_together_are_no_more_at_once_than_there_may_be() {
    for parallelism in [1, 4] {
        let old = |device: u32| row(&format!("00000000000000cc:1:1:{device:x}"), scope(417, 1000 + device), "old");
        let server = Server { slots: Some(Semaphore::new(50)), ..Server::new((0..12).map(old)) };
        let add = |device: u32| definition(&format!("a{device}"), scope(417, device), "new");
        let change = |device: u32| definition(&format!("c{device}"), scope(417, 1000 + device), "new");
        let plan = plan_of(&server, &desired((0..12).map(add).chain((0..12).map(change))));
        let ran = run_with(&server, &plan, parallelism, &CancellationToken::new());
        assert_eq!(names(&ran), ["applied"; 24]);
        assert_eq!(server.most_in_flight.into_inner(), parallelism);
    }
}

#[test]
fn an_add_that_has_only_looked_when_the_run_is_stopped_is_not_sent() {
    let stop = CancellationToken::new();
    let server = Server { slots: Some(Semaphore::new(2)), stops: Some(stop.clone()), ..Server::default() };
    let desired = desired((0..8).map(|device| definition(&format!("c{device}"), scope(417, device), "new")));
    let plan = plan_of(&Server::default(), &desired);
    let ran = run_how(&server, &plan, How { page_size: 100, ..How::parallel(8) }, &stop);
    assert_eq!(names(&ran), ["skipped"; 8]);
    assert_eq!((server.writes.lock().unwrap().len(), server.rows().len()), (0, 0));
    assert!(!server.lists.lock().unwrap().is_empty());
}

/// Answers every list in the same way.
struct Answering {
    answer: Result<ListPage, ErrorKind>,
    asked: AtomicUsize,
    /// Each list is answered when one is given.
    answers: Semaphore,
}

impl Answering {
    fn new(answer: Result<ListPage, ErrorKind>, answers: usize) -> Self {
        Self { answer, asked: AtomicUsize::new(0), answers: Semaphore::new(answers) }
    }
}

impl Reader for Answering {
    async fn list(&self, _: &Scope, _: u64, _: u64) -> Result<ListPage, ApiError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.answers.acquire().await.expect("an answer").forget();
        self.answer.clone().map_err(|kind| ApiError { kind, ..not_found(Operation::List) })
    }

    async fn info(&self, _: &Scope, _: &ClientId) -> Result<LiveClient, ApiError> {
        Err(not_found(Operation::Info))
    }

    async fn wait_for_slot(&self) {
        tokio::task::yield_now().await;
    }
}

fn on_one_thread<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// Lets several look together, twice. Says what each got, which is the same both times, and how many requests that took.
fn looks(count: usize, telsys: Telsys, answer: Result<ListPage, ErrorKind>) -> (Vec<String>, usize) {
    let reader = Answering::new(answer, 9);
    let lists = SharedLists::new(&BTreeMap::new(), 100, 16);
    let together = async || {
        let looks = (0..count).map(|_| lists.list_of_server(&reader, telsys));
        futures_util::future::join_all(looks).await
    };
    let (first, second) = on_one_thread(async { (together().await, together().await) });
    let word = |look: &Option<Arc<Listing>>| {
        look.as_ref().map_or_else(|| "alone".to_owned(), |listing| format!("{} rows", listing.count()))
    };
    assert_eq!(first.iter().map(word).collect::<Vec<_>>(), second.iter().map(word).collect::<Vec<_>>());
    (first.iter().map(word).collect(), reader.asked.into_inner())
}

#[test]
fn only_a_list_that_tells_all_of_every_scope_is_shared() {
    let server = Telsys::One(417);
    let page = |rows: Vec<ListRow>, total| Ok(ListPage { total, rows });
    let plain = row(A, scope(417, 1), "one");
    let hidden = row(B, Scope { partition: Partition::Unresolved, ..scope(417, 2) }, "two");
    let all = |word: &str| vec![word.to_owned(); 4];
    assert_eq!(looks(4, server, page(vec![plain.clone().into()], 1)), (all("1 rows"), 2));
    assert_eq!(looks(1, server, page(Vec::new(), 0)), (vec!["alone".to_owned()], 0));
    assert_eq!(looks(4, Telsys::All, page(Vec::new(), 0)), (all("alone"), 0));
    // Those that are of no use are asked for once: rows without a scope, too long, short of rows, rows that stand twice, failed.
    assert_eq!(looks(4, server, page(vec![hidden.into()], 1)), (all("alone"), 1));
    assert_eq!(looks(4, server, page(vec![odd(plain.clone())], 1)), (all("alone"), 1));
    assert_eq!(looks(4, server, page(vec![plain.clone().into()], 101)), (all("alone"), 1));
    assert_eq!(looks(4, server, page(vec![plain.clone().into()], 80)), (all("alone"), 1));
    assert_eq!(looks(4, server, page(vec![plain.clone().into(), plain.into()], 2)), (all("alone"), 1));
    let refused = [ErrorKind::NotPermitted, ErrorKind::NotAuthenticated, ErrorKind::Malformed];
    for kind in refused.into_iter().chain([ErrorKind::Unreachable, ErrorKind::Deadline]) {
        assert_eq!(looks(4, server, Err(kind)), (all("alone"), 1));
    }
}

#[test]
fn an_add_that_a_whole_list_does_not_show_is_looked_for_at_its_own_scope() {
    let how = How { page_size: 100, ..How::parallel(16) };
    let server = Server { whole: Some(Vec::new()), ..Server::default() };
    let (whole, own) = counts(&lists_of_adds(server, 60, how));
    // Looks for what is hidden are made of the whole server, too, where an add does not show.
    assert!(whole > 0 && whole + own <= 130, "{whole} of the server, {own} of scopes");
}

#[test]
fn a_client_that_a_whole_list_does_not_show_keeps_its_scope() {
    let theirs = row(A, scope(417, 55), "theirs");
    let slots = Some(Semaphore::new(4));
    let server = Server { slots, whole: Some(Vec::new()), ..Server::new([theirs.clone()]) };
    let desired = desired((0..60).map(|device| definition(&format!("c{device}"), scope(417, device), "new")));
    let plan = plan_of(&Server::default(), &desired);
    let ran = run_how(&server, &plan, How { page_size: 100, ..How::parallel(16) }, &CancellationToken::new());
    assert_eq!(names(&ran).into_iter().filter(|name| *name == "applied").count(), 59);
    assert_eq!(server.rows().values().filter(|row| row.scope == theirs.scope).count(), 1);
}

#[test]
fn a_whole_list_that_still_shows_what_was_there_takes_no_scope() {
    let there: Vec<_> =
        (0..12).map(|device| row(&format!("00000000000000cc:1:1:{device:x}"), scope(417, device), "old")).collect();
    let ring = (0..12).map(|device| {
        pinned(
            &format!("00000000000000cc:1:1:{device:x}"),
            definition(&format!("c{device}"), scope(417, (device + 1) % 12), "old"),
        )
    });
    let free = (0..30).map(|device| definition(&format!("f{device}"), scope(417, 500 + device), "new"));
    // Somebody had a client at one of the free scopes, long ago.
    let gone = row(A, scope(417, 503), "gone");
    let whole = Some(there.iter().cloned().chain([gone]).collect());
    let server = Server { slots: Some(Semaphore::new(4)), whole, ..Server::new(there) };
    let desired = desired(ring.chain(free));
    let how = How { page_size: 100, ..How::parallel(16) };
    let ran = run_how(&server, &plan_of(&server, &desired), how, &CancellationToken::new());
    assert_eq!(names(&ran), ["applied"; 42]);
    assert_eq!(server.rows().len(), 42);
}

#[test]
fn a_look_that_comes_while_a_list_is_read_gets_the_next_one() {
    let reader = Answering::new(Ok(ListPage { total: 0, rows: Vec::new() }), 0);
    let lists = SharedLists::new(&BTreeMap::new(), 100, 16);
    let two = || {
        let look = || lists.list_of_server(&reader, Telsys::One(417));
        futures_util::future::join(look(), look())
    };
    let later = async {
        while reader.asked.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let release = async {
            while reader.asked.load(Ordering::Relaxed) < 2 {
                tokio::task::yield_now().await;
            }
            reader.answers.add_permits(2);
        };
        futures_util::future::join(two(), release).await
    };
    let ((first, second), ((third, fourth), ())) =
        on_one_thread(async { futures_util::future::join(two(), later).await });
    let list = |look: Option<Arc<Listing>>| Arc::as_ptr(&look.unwrap());
    let (first, second, third, fourth) = (list(first), list(second), list(third), list(fourth));
    assert_eq!((first, third), (second, fourth));
    assert_ne!(first, third);
}
