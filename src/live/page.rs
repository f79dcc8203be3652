//! Lists read page by page, until they are whole: rows may appear, vanish and shift while they are read.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::api::{ApiError, ErrorKind, ListPage, Operation, Reader};
use crate::model::{ClientId, LiveClient, Scope};

/// How often a list that moves is read.
const TRIES: u32 = 5;
/// The pause before a list is read a second time; it doubles from there.
const PAUSE: Duration = Duration::from_millis(100);
/// Pages of one list on their way at once; the reader bounds the requests in flight.
const PAGES_AHEAD: usize = 16;
/// A list beyond this many rows is taken for endless.
const MOST_ROWS: u64 = 2_000_000;
/// A list beyond this many pages is taken for one that gives a row at a time.
const MOST_PAGES: u64 = 100_000;

/// The rows of some lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Every row once, by id.
    pub rows: BTreeMap<ClientId, LiveClient>,
}

/// Reads every list whole, or fails: never a part of a list.
///
/// `page_size` is what is asked for; a server may give less, so pages follow one another by the rows received.
pub async fn list(reader: &impl Reader, filters: &[Scope], page_size: u64) -> Result<Listing, ApiError> {
    let page_size = page_size.max(1);
    let lists = filters.iter().map(|filter| settled(Pager { reader, filter, page_size }));
    let lists = stream::iter(lists).buffer_unordered(PAGES_AHEAD);
    let rows = lists.try_fold(BTreeMap::new(), async |mut all, rows| {
        all.extend(rows);
        Ok(all)
    });
    Ok(Listing { rows: rows.await? })
}

/// Reads one list again and again until it holds still.
async fn settled<R: Reader>(pager: Pager<'_, R>) -> Result<BTreeMap<ClientId, LiveClient>, ApiError> {
    let mut pause = PAUSE;
    for number in 1..=TRIES {
        match pager.sweep().await {
            Ok(rows) => return Ok(rows),
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

/// What the first page says about a list.
#[derive(Clone, Copy)]
struct Shape {
    /// How many rows there are.
    total: u64,
    /// How many rows a page gives: what was asked for, or what the server clamps it to.
    step: u64,
}

impl<R: Reader> Pager<'_, R> {
    /// Reads the list once from its first to its last row.
    async fn sweep(&self) -> Result<BTreeMap<ClientId, LiveClient>, Unsettled> {
        let ListPage { total, rows } = self.reader.list(self.filter, 0, self.page_size).await?;
        let shape = Shape { total, step: count(&rows) };
        let rest = self.expected_rest(shape).await?;
        let slots = rest.map(|offset| self.slot(shape, offset));
        let mut slots = stream::iter(slots).buffer_unordered(PAGES_AHEAD);
        let mut all: BTreeMap<ClientId, LiveClient> = BTreeMap::new();
        all.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
        while let Some(rows) = slots.try_next().await? {
            all.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
        }
        match u64::try_from(all.len()) {
            Ok(distinct) if distinct == total => Ok(all),
            _ => Err(Unsettled::Moved(format!("it has {total} rows by its Total and {} by their ids", all.len()))),
        }
    }

    /// Gives the offsets of the pages after the first one, once it is plausible that they exist and are all.
    async fn expected_rest(
        &self,
        Shape { total, step }: Shape,
    ) -> Result<impl Iterator<Item = u64> + use<R>, Unsettled> {
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
        if step == total && step == self.page_size {
            self.confirm_end(total).await?;
        }
        Ok((step..total).step_by(usize::try_from(step.max(1)).unwrap_or(usize::MAX)))
    }

    /// Looks behind a single page that is exactly full: a Total that counts only the page would hide the rest.
    async fn confirm_end(&self, total: u64) -> Result<(), Unsettled> {
        let page = self.reader.list(self.filter, total, 1).await?;
        if page.total == total && page.rows.is_empty() {
            return Ok(());
        }
        Err(Unsettled::Moved(format!("it goes on behind its Total of {total}")))
    }

    /// Reads the rows from `offset` up to the next page's, in as many requests as the server makes of it.
    async fn slot(&self, Shape { total, step }: Shape, offset: u64) -> Result<Vec<LiveClient>, Unsettled> {
        let wanted = step.min(total - offset);
        let last = offset + wanted == total;
        let mut rows: Vec<LiveClient> = Vec::new();
        while count(&rows) < wanted {
            let limit = self.limit(step, wanted - count(&rows), last);
            let page = self.reader.list(self.filter, offset + count(&rows), limit).await?;
            if page.total != total {
                return Err(Unsettled::Moved(format!("its Total went from {total} to {}", page.total)));
            }
            if page.rows.is_empty() {
                return Err(Unsettled::Moved(format!("it ends before its Total of {total}")));
            }
            rows.extend(page.rows);
        }
        if last && count(&rows) > wanted {
            return Err(Unsettled::Moved(format!("it goes on behind its Total of {total}")));
        }
        Ok(rows)
    }

    /// Gives what to ask for. The last page asks for more than there should be, so that a list that goes on shows.
    fn limit(&self, step: u64, left: u64, last: bool) -> u64 {
        match (last, step < self.page_size) {
            (false, _) => left,
            (true, true) => self.page_size,
            (true, false) => self.page_size.max(left + 1),
        }
    }

    fn unsettled(&self, reason: &str) -> ApiError {
        ApiError {
            operation: Operation::List,
            object: self.filter.to_string(),
            kind: ErrorKind::Unsettled,
            code: None,
            status: None,
            message: format!("the list does not settle: {reason}"),
        }
    }
}

fn count(rows: &[LiveClient]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}
