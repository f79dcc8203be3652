//! Lists read page by page, until they are whole: rows may appear, vanish and shift while they are read.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::api::{ApiError, ErrorKind, ListPage, ListRow, Operation, Reader, SaidBy};
use crate::model::{ClientId, LiveClient, Scope, UnreadRow};

/// How often a list that moves is read.
const TRIES: u32 = 5;
/// The pause before a list is read a second time; it doubles from there.
const PAUSE: Duration = Duration::from_millis(100);
/// Pages of one list on their way at once; the reader bounds the requests in flight.
const PAGES_AHEAD: usize = 32;
/// A list beyond this many rows is taken for endless.
const MOST_ROWS: u64 = 2_000_000;
/// A list beyond this many pages is taken for one that gives a row at a time.
const MOST_PAGES: u64 = 100_000;

/// The rows of some lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Every row once, by id.
    pub rows: BTreeMap<ClientId, Box<LiveClient>>,
    /// Those that could not be read, besides.
    pub unread: Vec<UnreadRow>,
    /// How much was listed.
    pub span: ListedSpan,
}

/// How much was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ListedSpan {
    /// What the filters contain.
    #[default]
    Filters,
    /// Everything that the server shows.
    Everything,
}

impl Listing {
    /// Counts the rows, read or not.
    pub(crate) fn count(&self) -> usize {
        self.rows.len() + self.unread.len()
    }

    /// Tells whether a row with an id was listed, read or not.
    pub(crate) fn shows(&self, id: &ClientId) -> bool {
        self.rows.contains_key(id) || self.unread.iter().any(|row| row.id.as_ref() == Some(id))
    }

    fn and(mut self, other: Self) -> Self {
        self.rows.extend(other.rows);
        self.unread.extend(other.unread);
        self
    }
}

/// Reads every list whole, or fails: never a part of a list.
///
/// `page_size` is what is asked for; a server may give less, so pages follow one another by the rows received.
pub(crate) async fn list(reader: &impl Reader, filters: &[Scope], page_size: u64) -> Result<Listing, ApiError> {
    let page_size = page_size.max(1);
    let lists = filters.iter().map(|filter| settled(Pager { reader, filter, page_size }, None));
    let lists = stream::iter(lists).buffered(PAGES_AHEAD);
    let listing: Listing = lists.try_fold(Listing::default(), async |all, one| Ok(all.and(one))).await?;
    let span = if filters.contains(&Scope::EVERYTHING) { ListedSpan::Everything } else { ListedSpan::Filters };
    Ok(Listing { span, ..listing })
}

/// Reads what some filters contain in no more requests than one list of everything takes: where that has no more pages than
/// there are filters it is read instead, and its first page tells.
pub(crate) async fn list_cheaply(reader: &impl Reader, filters: &[Scope], page_size: u64) -> Result<Listing, ApiError> {
    if filters.len() < 2 {
        return list(reader, filters, page_size).await;
    }
    let page_size = page_size.max(1);
    let everything = Pager { reader, filter: &Scope::EVERYTHING, page_size };
    let first = match reader.list(everything.filter, 0, page_size).await {
        Ok(first) => first,
        Err(error) if error.kind.is_refusal() => return list(reader, filters, page_size).await,
        Err(error) if may_be_of_everything(&error) => return list_in_parts(reader, filters, page_size).await,
        Err(error) => return Err(error),
    };
    let pages = first.total.div_ceil(count(&first.rows).max(1));
    if usize::try_from(pages).is_ok_and(|pages| pages <= filters.len()) {
        return Ok(Listing { span: ListedSpan::Everything, ..settled(everything, Some(first)).await? });
    }
    list(reader, filters, page_size).await
}

/// Tells whether a key that nothing has succeeded with yet may be refused for what was asked: everything is more than what it
/// shall manage.
fn may_be_of_everything(error: &ApiError) -> bool {
    error.kind == ErrorKind::NotAuthenticated && error.status == Some(403)
}

/// Reads one list before the others: it tells whether the key is of use at all.
async fn list_in_parts(reader: &impl Reader, filters: &[Scope], page_size: u64) -> Result<Listing, ApiError> {
    let (first, rest) = filters.split_at(1);
    Ok(list(reader, first, page_size).await?.and(list(reader, rest, page_size).await?))
}

/// Reads one list again and again until it holds still.
async fn settled<R: Reader>(pager: Pager<'_, R>, mut first: Option<ListPage>) -> Result<Listing, ApiError> {
    let mut pause = PAUSE;
    for number in 1..=TRIES {
        match pager.sweep(first.take()).await {
            Ok(listing) => return Ok(listing),
            Err(Unsettled::Failed(error)) => return Err(error),
            Err(Unsettled::Hopeless(reason)) => return Err(pager.unsettled(&reason)),
            Err(Unsettled::Moved(reason)) if number == TRIES => return Err(pager.unsettled(&reason)),
            Err(Unsettled::Moved(reason)) => {
                tracing::debug!(filter = %pager.filter, reason, "the list moved: reading it again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
    }
    Err(pager.unsettled("it was never read"))
}

/// Reads the pages of one list.
struct Pager<'a, R> {
    reader: &'a R,
    filter: &'a Scope,
    page_size: u64,
}

/// Why one reading of a list is of no use.
enum Unsettled {
    /// Rows came, went or shifted; another reading may do.
    Moved(String),
    /// The list is beyond all bounds.
    Hopeless(String),
    /// A page could not be read.
    Failed(ApiError),
}

impl From<ApiError> for Unsettled {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

/// The rows of one request or several that follow one another.
struct PageRun {
    offset: u64,
    /// The row before `offset`, where it was asked for: it must be the last one of the part before.
    seam: Option<RowKey>,
    rows: Vec<ListRow>,
}

/// What tells a row from others.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RowKey {
    Client(ClientId),
    Unread(UnreadRow),
}

impl RowKey {
    fn of(row: &ListRow) -> Self {
        match row {
            ListRow::Client(client) => Self::Client(client.id.clone()),
            ListRow::Unread(row) => Self::Unread(row.clone()),
        }
    }
}

/// How a part begins.
#[derive(Clone, Copy)]
enum Seam {
    /// One row early: when one row goes and another comes, Total stays and only the seams show that a row was missed.
    Overlap,
    /// At its own first row, for a server that gives no more rows than it was first asked for.
    Plain,
}

impl<R: Reader> Pager<'_, R> {
    /// Reads the list once from its first to its last row, after a first page that may be there already.
    async fn sweep(&self, first: Option<ListPage>) -> Result<Listing, Unsettled> {
        let ListPage { total, rows } = match first {
            Some(first) => first,
            None => self.reader.list(self.filter, 0, self.page_size).await?,
        };
        let step = count(&rows);
        plausible(total, step)?;
        let mut parts = vec![PageRun { offset: 0, seam: None, rows }];
        if step < total {
            let (second, seam) = self.second(total, step).await?;
            let next = second.offset + count(&second.rows);
            parts.push(second);
            let stride = usize::try_from(step).unwrap_or(usize::MAX);
            let rest = (next..total).step_by(stride);
            let rest = rest.map(|offset| self.part(total, offset..total.min(offset + step), seam));
            let mut rest = stream::iter(rest).buffered(PAGES_AHEAD);
            while let Some(part) = rest.try_next().await? {
                parts.push(part);
            }
        }
        join(total, parts)
    }

    /// Reads the second page, which shows whether the server gives one row more than a page: the seam.
    async fn second(&self, total: u64, step: u64) -> Result<(PageRun, Seam), Unsettled> {
        let none = PageRun { offset: step, seam: None, rows: Vec::new() };
        if step < self.page_size {
            return Ok((none, Seam::Plain));
        }
        let range = step..total.min(step + step);
        let limit = self.overlapping_limit(total, &range);
        match self.page(total, step - 1, limit).await {
            Ok(rows) => {
                let seam = if count(&rows) > self.page_size { Seam::Overlap } else { Seam::Plain };
                Ok((overlapping(step, rows), seam))
            }
            Err(Unsettled::Failed(error)) if error.kind == ErrorKind::Refused && limit > self.page_size => {
                Ok((none, Seam::Plain))
            }
            Err(unsettled) => Err(unsettled),
        }
    }

    /// Reads the rows of a range, in as many requests as the server makes of it.
    async fn part(&self, total: u64, range: Range<u64>, seam: Seam) -> Result<PageRun, Unsettled> {
        let offset = range.start;
        let mut part = match seam {
            Seam::Plain => PageRun { offset, seam: None, rows: Vec::new() },
            Seam::Overlap => {
                overlapping(offset, self.page(total, offset - 1, self.overlapping_limit(total, &range)).await?)
            }
        };
        let last = range.end == total;
        while offset + count(&part.rows) < range.end {
            let start = offset + count(&part.rows);
            let limit = if last { self.page_size } else { range.end - start };
            part.rows.extend(self.page(total, start, limit).await?);
        }
        Ok(part)
    }

    /// Gives what to ask for from one row before a range. The last page asks for one more than there should be, so
    /// that a list that goes on shows.
    fn overlapping_limit(&self, total: u64, range: &Range<u64>) -> u64 {
        let rows = range.end - range.start + 1;
        if range.end == total { self.page_size.max(rows + 1) } else { rows }
    }

    /// Reads one page that should not be empty.
    async fn page(&self, total: u64, offset: u64, limit: u64) -> Result<Vec<ListRow>, Unsettled> {
        let page = self.reader.list(self.filter, offset, limit).await?;
        if page.total != total {
            return Err(Unsettled::Moved(format!("its Total went from {total} to {}", page.total)));
        }
        if page.rows.is_empty() {
            return Err(Unsettled::Moved(format!("it ends before its Total of {total}")));
        }
        Ok(page.rows)
    }

    fn unsettled(&self, reason: &str) -> ApiError {
        ApiError {
            operation: Operation::List,
            object: self.filter.to_string(),
            kind: ErrorKind::Unsettled,
            code: None,
            status: None,
            retry_after: None,
            said_by: SaidBy::Anybody,
            message: format!("the list does not settle: {reason}"),
        }
    }
}

/// Looks whether a first page fits its Total, and whether the list is within all bounds.
fn plausible(total: u64, step: u64) -> Result<(), Unsettled> {
    if total > MOST_ROWS {
        return Err(Unsettled::Hopeless(format!("it has {total} rows by its Total, more than {MOST_ROWS}")));
    }
    if step > total {
        return Err(Unsettled::Moved(format!("its first page has {step} rows of {total}")));
    }
    if step == 0 && total > 0 {
        return Err(Unsettled::Moved(format!("its first page is empty although Total is {total}")));
    }
    if total / step.max(1) > MOST_PAGES {
        return Err(Unsettled::Hopeless(format!("it gives {step} of {total} rows in a page")));
    }
    Ok(())
}

/// Puts the parts of a list together if they fit.
fn join(total: u64, parts: Vec<PageRun>) -> Result<Listing, Unsettled> {
    let mut all = Listing::default();
    let mut before: Option<RowKey> = None;
    let mut received = 0;
    for PageRun { offset: _, seam, rows } in parts {
        if seam.is_some() && seam != before {
            return Err(Unsettled::Moved("its rows shifted between two pages".to_owned()));
        }
        received += count(&rows);
        before = rows.last().map(RowKey::of).or(before);
        for row in rows {
            match row {
                ListRow::Client(client) => drop(all.rows.insert(client.id.clone(), client)),
                ListRow::Unread(row) => all.unread.push(row),
            }
        }
    }
    if received > total {
        return Err(goes_on(total));
    }
    if u64::try_from(all.count()) != Ok(total) {
        return Err(Unsettled::Moved(format!("it has {total} rows by its Total and {} by their ids", all.count())));
    }
    Ok(all)
}

/// Takes the row before `offset` off a page that begins with it.
fn overlapping(offset: u64, mut rows: Vec<ListRow>) -> PageRun {
    let seam = RowKey::of(&rows.remove(0));
    PageRun { offset, seam: Some(seam), rows }
}

fn goes_on(total: u64) -> Unsettled {
    Unsettled::Moved(format!("it goes on behind its Total of {total}"))
}

fn count(rows: &[ListRow]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
