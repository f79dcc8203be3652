//! Adds that wait at the same time share the lists of their telephony server, where that tells as much.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::sharing::SharedLists;
use super::*;

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
fn adds_that_wait_for_room_share_lists() {
    let how = How { page_size: 100, ..How::parallel(16) };
    let (whole, own) = counts(&lists_of_adds(Server::default(), 60, how));
    assert!(whole >= 10 && whole + own < 70, "{whole} of the server, {own} of scopes");
}

#[test]
fn adds_that_have_room_look_at_their_own_scopes() {
    let how = How { page_size: 100, ..How::parallel(4) };
    assert_eq!(counts(&lists_of_adds(Server::default(), 60, how)), (0, 120));
}

#[test]
fn a_long_list_of_a_telephony_server_is_read_once_at_most() {
    let rows = |count: u32| {
        (0..count).map(|device| row(&format!("00000000000000cc:1:1:{device:x}"), scope(417, 1000 + device), "old"))
    };
    // What a plan has read is known; of what came since a first page tells.
    let how = How { page_size: 100, ..How::parallel(16) };
    assert_eq!(counts(&lists_of_adds(Server::new(rows(101)), 60, how)), (0, 120));
    let (whole, _) = counts(&lists_of_adds(Server::default(), 60, How { page_size: 1, ..how }));
    assert!(whole <= 2, "{whole}");
}

/// Answers every list in the same way.
struct Answering {
    answer: Result<ListPage, ErrorKind>,
    asked: AtomicUsize,
}

impl Reader for Answering {
    async fn list(&self, _: &Scope, _: u64, _: u64) -> Result<ListPage, ApiError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.answer.clone().map_err(|kind| ApiError { kind, ..not_found(Operation::List) })
    }

    async fn info(&self, _: &Scope, _: &ClientId) -> Result<LiveClient, ApiError> {
        Err(not_found(Operation::Info))
    }

    async fn room(&self) {
        tokio::task::yield_now().await;
    }
}

/// Lets several look together, twice. Says what each of the first ones got, and how many requests that took.
fn looks(count: usize, telsys: Telsys, answer: Result<ListPage, ErrorKind>) -> (Vec<String>, usize) {
    let reader = Answering { answer, asked: AtomicUsize::new(0) };
    let lists = SharedLists::new(&BTreeMap::new(), (100, 16));
    let together = async || {
        let looks = (0..count).map(|_| lists.around(&reader, telsys));
        futures_util::future::join_all(looks).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (first, second) = runtime.block_on(async { (together().await, together().await) });
    let word = |look: &Option<Result<Arc<crate::live::Listing>, ApiError>>| match look {
        None => "alone".to_owned(),
        Some(Ok(listing)) => format!("{} rows", listing.count()),
        Some(Err(error)) => format!("{:?}", error.kind),
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
    let all = |word: &str| vec![word.to_owned(); 3];
    assert_eq!(looks(3, server, page(vec![plain.clone().into()], 1)), (all("1 rows"), 2));
    assert_eq!(looks(1, server, page(Vec::new(), 0)), (vec!["alone".to_owned()], 0));
    assert_eq!(looks(3, Telsys::All, page(Vec::new(), 0)), (all("alone"), 0));
    // Those that are of no use are asked for once.
    assert_eq!(looks(3, server, page(vec![hidden.into()], 1)), (all("alone"), 1));
    assert_eq!(looks(3, server, page(vec![odd(plain.clone())], 1)), (all("alone"), 1));
    assert_eq!(looks(3, server, page(vec![plain.clone().into()], 101)), (all("alone"), 1));
    assert_eq!(looks(3, server, Err(ErrorKind::NotPermitted)), (all("alone"), 1));
    // One that has too many rows for so few is for more of them; twice the same row is no list.
    assert_eq!(looks(3, server, page(vec![plain.clone().into()], 80)), (all("alone"), 1));
    assert_eq!(looks(3, server, page(vec![plain.clone().into(), plain.into()], 2)), (all("alone"), 2));
    assert_eq!(looks(3, server, Err(ErrorKind::Unreachable)), (all("Unreachable"), 2));
}
