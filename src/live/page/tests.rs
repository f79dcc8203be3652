//! Lists that move, end early, go on for ever or repeat themselves while they are read.

use std::sync::Mutex;

use super::*;
use crate::live::testing::{Script, failure, row, server_scope};
use crate::model::Telsys;

type Lie = fn(u64, u64, usize) -> (u64, Vec<u64>);

fn window(rows: &[u64], offset: u64, limit: u64) -> Vec<u64> {
    let inside = |(index, row): (u64, &u64)| (offset..offset + limit).contains(&index).then_some(*row);
    (0..).zip(rows).filter_map(inside).collect()
}

async fn read(script: &Script, page_size: u64) -> Result<usize, ApiError> {
    list(script, &[server_scope()], page_size).await.map(|listing| listing.rows.len())
}

/// A server with these rows that answers as it should.
fn honest(rows: u64) -> impl Fn(u64, u64, usize) -> (u64, Vec<u64>) {
    move |offset, limit, _| (rows, (offset..rows.min(offset.saturating_add(limit))).collect())
}

#[tokio::test(start_paused = true)]
async fn every_row_is_read_once_whatever_the_page_size() {
    for rows in [0, 1, 9, 10, 11, 20, 21, 95] {
        for page_size in [1, 3, 10, 100] {
            let script = Script::new(honest(rows));
            assert_eq!(read(&script, page_size).await.ok(), usize::try_from(rows).ok(), "{rows} by {page_size}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_pages_are_asked_for_than_there_are() {
    for (rows, page_size, requests) in [(0, 10, 1), (9, 10, 1), (10, 10, 1), (11, 10, 2), (20, 10, 2), (95, 10, 10)] {
        let script = Script::new(honest(rows));
        read(&script, page_size).await.expect("a list");
        assert_eq!(script.asked().len(), requests, "{rows} by {page_size}: {:?}", script.asked());
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_gives_less_than_asked_is_read_by_what_it_gives() {
    let honest = honest(95);
    let script = Script::new(move |offset, limit, number| honest(offset, limit.min(7), number));
    assert_eq!(read(&script, 100).await.ok(), Some(95));
    assert_eq!(script.asked().len(), 14);
}

#[tokio::test(start_paused = true)]
async fn pages_that_shrink_on_the_way_are_filled_up() {
    let honest = honest(50);
    let script = Script::new(move |offset, limit, number| honest(offset, limit.min(10 - (number as u64 % 3)), number));
    assert_eq!(read(&script, 10).await.ok(), Some(50));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ignores_the_limit_is_read_too() {
    let script = Script::new(|offset, _, _| (30, (offset..30).collect()));
    assert_eq!(read(&script, 10).await.ok(), Some(30));
    let script = Script::new(|offset, _, _| (8, (offset..8).collect()));
    assert_eq!(read(&script, 3).await.ok(), Some(8));
}

#[tokio::test(start_paused = true)]
async fn rows_that_shift_between_pages_make_the_list_be_read_again() {
    // During the first reading a row vanishes from the first page after it was read.
    let script = Script::new(|offset, limit, number| {
        let rows: Vec<u64> = if number == 0 { (0..30).collect() } else { (1..30).collect() };
        (rows.len() as u64, window(&rows, offset, limit))
    });
    assert_eq!(read(&script, 10).await.ok(), Some(29));
    assert!(script.asked().len() > 3);
}

#[tokio::test(start_paused = true)]
async fn a_row_seen_twice_with_an_unchanged_total_makes_the_list_be_read_again() {
    let moved = Mutex::new(false);
    let script = Script::new(move |offset, limit, _| {
        let mut moved = moved.lock().expect("no panic");
        // One row jumps from the second page to the first after the first was read.
        let rows: Vec<u64> =
            if *moved { [15].into_iter().chain((0..30).filter(|row| *row != 15)).collect() } else { (0..30).collect() };
        *moved = true;
        (30, window(&rows, offset, limit))
    });
    assert_eq!(read(&script, 10).await.ok(), Some(30));
}

#[tokio::test(start_paused = true)]
async fn a_row_missed_because_another_went_and_a_third_came_is_not_missing() {
    for page_size in [10, 7] {
        // After the first page was read, its first row goes and a new one comes at the end: Total stays.
        let script = Script::new(|offset, limit, number| {
            let rows: Vec<u64> = if number == 0 { (0..30).collect() } else { (1..31).collect() };
            (30, window(&rows, offset, limit))
        });
        let listing = list(&script, &[server_scope()], page_size).await.expect("a list");
        assert!(listing.rows.contains_key(&row(page_size).id) && !listing.rows.contains_key(&row(0).id));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_more_than_a_page_is_read_too() {
    for rows in [20, 25, 30, 100] {
        let script = Script::refusing_beyond(10, honest(rows));
        assert_eq!(read(&script, 10).await.ok(), usize::try_from(rows).ok(), "{rows}");
        let clamped = Script::new(move |offset, limit, number| honest(rows)(offset, limit.min(10), number));
        assert_eq!(read(&clamped, 10).await.ok(), usize::try_from(rows).ok(), "{rows}");
        assert!(clamped.asked().len() as u64 <= rows.div_ceil(10) + 1, "{rows}: {:?}", clamped.asked());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_never_settles_is_an_error_after_bounded_tries() {
    let lies: [Lie; 6] = [
        // Total promises more than there is.
        |offset, limit, _| (15, (offset..12.min(offset + limit)).collect()),
        // Total hides rows behind the last of several pages.
        |offset, limit, _| (20, (offset..25.min(offset + limit)).collect()),
        // Every page is full, whatever the offset.
        |offset, limit, _| (30, (offset..offset + limit).collect()),
        // The same page for ever.
        |_, limit, _| (30, (0..limit.min(10)).collect()),
        // Total grows with every answer.
        |offset, limit, number| (100 + number as u64, (offset..offset + limit).collect()),
        // Rows are promised and none are given.
        |_, _, _| (5, Vec::new()),
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let script = Script::new(lie);
        let error = read(&script, 10).await.expect_err("no list");
        assert_eq!(error.kind, ErrorKind::Unsettled, "{number}: {error}");
        assert!(error.to_string().contains("417/all/all"), "{error}");
        assert!(script.asked().len() < 200, "{number}: {}", script.asked().len());
    }
}

#[tokio::test(start_paused = true)]
async fn endless_lists_are_given_up_at_once() {
    let script = Script::new(|offset, limit, _| (u64::MAX, (offset..offset + limit).collect()));
    assert_eq!(read(&script, 10).await.expect_err("endless").kind, ErrorKind::Unsettled);
    let script = Script::new(|offset, _, _| (1_000_000, vec![offset]));
    assert_eq!(read(&script, 100).await.expect_err("row by row").kind, ErrorKind::Unsettled);
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_one_page_is_the_error_of_the_list() {
    let script = Script::failing_at(3, honest(95));
    assert_eq!(read(&script, 10).await.expect_err("no list").kind, ErrorKind::Unreachable);
}

/// A server whose list of everything has so many rows, and each other list one.
struct Wide {
    rows: u64,
    /// Why it does not show everything.
    refusal: Option<ApiError>,
    asked: Mutex<Vec<Scope>>,
}

impl Reader for Wide {
    async fn list(&self, filter: &Scope, offset: u64, limit: u64) -> Result<ListPage, ApiError> {
        self.asked.lock().expect("no panic").push(filter.clone());
        match (*filter == Scope::EVERYTHING, self.refusal.clone()) {
            (true, Some(refusal)) => Err(refusal),
            (true, None) => {
                let rows = (offset..self.rows.min(offset + limit)).map(odd_row).collect();
                Ok(ListPage { total: self.rows, rows })
            }
            (false, _) => Ok(ListPage {
                total: 1,
                rows: vec![row(u64::try_from(filter.telsys.number()).expect("a number")).into()],
            }),
        }
    }

    async fn info(&self, _: &Scope, _: &ClientId) -> Result<LiveClient, ApiError> {
        Err(failure(ErrorKind::NotFound))
    }
}

/// Every seventh row cannot be read.
fn odd_row(number: u64) -> ListRow {
    let unread = UnreadRow { id: None, telsys: None, scope: None, reason: "odd".to_owned() };
    if number % 7 == 3 { ListRow::Unread(unread) } else { row(number).into() }
}

async fn cheaply(rows: u64, refusal: Option<ApiError>, servers: u32) -> (Listing, usize) {
    let reader = Wide { rows, refusal, asked: Mutex::default() };
    let scope = |telsys| Scope { telsys: Telsys::One(telsys), ..server_scope() };
    let filters: Vec<Scope> = (1..=servers).map(scope).collect();
    let listing = list_cheaply(&reader, &filters, 10).await.expect("a list");
    (listing, reader.asked.into_inner().expect("no panic").len())
}

#[tokio::test(start_paused = true)]
async fn many_lists_are_never_more_requests_than_one_of_everything() {
    for (rows, servers, span, requests) in [
        (5, 1, ListedSpan::Filters, 1),
        (5, 2, ListedSpan::Everything, 1),
        (0, 2, ListedSpan::Everything, 1),
        (30, 3, ListedSpan::Everything, 3),
        (31, 3, ListedSpan::Filters, 1 + 3),
        (1000, 8, ListedSpan::Filters, 1 + 8),
        (1000, 200, ListedSpan::Everything, 100),
    ] {
        let (listing, asked) = cheaply(rows, None, servers).await;
        assert_eq!((listing.span, asked), (span, requests), "{rows} rows of {servers} servers");
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_not_list_everything_is_shown_the_parts() {
    let bare = ApiError { status: Some(403), ..failure(ErrorKind::NotAuthenticated) };
    for refusal in [failure(ErrorKind::NotPermitted), bare] {
        let (listing, asked) = cheaply(5, Some(refusal), 3).await;
        assert_eq!((listing.span, listing.rows.len(), asked), (ListedSpan::Filters, 3, 1 + 3));
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_cannot_be_read_count_and_are_kept_apart_on_every_page() {
    for rows in [4, 25, 95] {
        let reader = Wide { rows, refusal: None, asked: Mutex::default() };
        for page_size in [1, 7, 10, 100] {
            let listing = list(&reader, &[Scope::EVERYTHING], page_size).await.expect("a list");
            let odd = (0..rows).filter(|number| number % 7 == 3).count();
            assert_eq!((listing.count() as u64, listing.unread.len()), (rows, odd), "{rows} by {page_size}");
        }
    }
}

#[test]
fn rows_of_a_script_are_told_apart_by_their_number() {
    assert_ne!(row(1).id, row(2).id);
}
