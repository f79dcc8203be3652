//! The details of listed clients, one Info each.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::api::{ApiError, ErrorCode, ErrorKind, Operation, Reader, SaidBy};
use crate::model::{Detail, Labels, LiveClient, RefusalKind};

/// Infos on their way at once; the reader bounds the requests in flight.
pub(super) const AHEAD: usize = 256;

/// When so many infos are refused and none was answered, none can be read.
const FIRST: usize = 3;

/// Reads the details of `rows`, in their order. `on_each` is called after each one.
///
/// A refusal that is about one client is its [`Detail::Refused`]; only what concerns the whole run is an error.
#[expect(clippy::vec_box, reason = "they are kept in boxes before and after, which are smaller to move")]
pub(super) async fn detail(
    reader: &impl Reader,
    rows: Vec<Box<LiveClient>>,
    on_each: &(dyn Fn(&Detail) + Sync),
) -> Result<Vec<Box<LiveClient>>, ApiError> {
    let infos = rows.into_iter().map(async |row| {
        let read = read(reader, row).await?;
        on_each(&read.0.detail);
        Ok(read)
    });
    // The order costs little: answers that come early wait in place, at most `AHEAD` of them.
    let mut infos = std::pin::pin!(stream::iter(infos).buffered(AHEAD));
    let (mut clients, mut refusals) = (Vec::new(), Refusals::default());
    while let Some((client, refusal)) = infos.try_next().await? {
        refusals.weigh(refusal)?;
        clients.push(client);
    }
    let has = |detail: &Detail| clients.iter().any(|client| client.detail == *detail);
    if !has(&Detail::Narrow) || !has(&Detail::Read) {
        return Ok(clients);
    }
    // Those that were refused some fields came before the first that was not: by now the reader knows better.
    let again = clients.into_iter().map(async |client| match client.detail {
        Detail::Narrow => Ok(read(reader, client).await?.0),
        Detail::Listed | Detail::Read | Detail::Refused { .. } => Ok(client),
    });
    stream::iter(again).buffered(AHEAD).try_collect().await
}

/// Reads one client. Gives the refusal too, if it was refused.
async fn read(reader: &impl Reader, row: Box<LiveClient>) -> Result<(Box<LiveClient>, Option<ApiError>), ApiError> {
    match reader.info(&row.scope, &row.id).await {
        Ok(info) => Ok((Box::new(merge_checked(*row, info)), None)),
        Err(error) if concerns_the_run(error.kind) => Err(error),
        Err(error) => Ok((Box::new(refused(*row, &error)), Some(error))),
    }
}

/// The answers so far, as long as every one is a refusal that says nothing about its client.
#[derive(Debug, Default)]
struct Refusals {
    number: usize,
    others: bool,
}

impl Refusals {
    /// Ends the reading once the first infos are all refused without a code of the API that is about a client: then none
    /// can be read, and blocking each client would hide why.
    fn weigh(&mut self, refusal: Option<ApiError>) -> Result<(), ApiError> {
        match refusal.filter(|error| error.code.is_none_or(ErrorCode::is_general)) {
            Some(error) if !self.others => {
                self.number += 1;
                if self.number < FIRST { Ok(()) } else { Err(error) }
            }
            Some(_) => Ok(()),
            None => {
                self.others = true;
                Ok(())
            }
        }
    }
}

/// Puts a row and the Info of the same client together: Info is the newer one, and lacks what only lists show.
#[must_use]
pub(crate) fn merge(row: LiveClient, info: LiveClient) -> LiveClient {
    let LiveClient { id, scope, content, labels, detail: _ } = row;
    LiveClient {
        id,
        scope,
        content: info.content.or(content),
        labels: merge_labels(labels, info.labels),
        detail: if info.detail == Detail::Narrow { Detail::Narrow } else { Detail::Read },
    }
}

fn merge_checked(row: LiveClient, info: LiveClient) -> LiveClient {
    let same_scope = row.scope == info.scope || row.scope.is_unresolved();
    if row.id == info.id && same_scope {
        return merge(row, info);
    }
    let message = format!("the server answered with another client: {} ({})", info.scope, info.id);
    let error = ApiError {
        operation: Operation::Info,
        object: format!("{} ({})", row.scope, row.id),
        kind: ErrorKind::Malformed,
        code: None,
        status: None,
        retry_after: None,
        said_by: SaidBy::Anybody,
        message,
    };
    refused(row, &error)
}

fn merge_labels(row: Labels, info: Labels) -> Labels {
    let Labels { telsys, partition, device, created_by, created_at, updated_by, updated_at } = row;
    Labels {
        telsys: info.telsys.or(telsys),
        partition: info.partition.or(partition),
        device: info.device.or(device),
        created_by: info.created_by.or(created_by),
        created_at: info.created_at.or(created_at),
        updated_by: info.updated_by.or(updated_by),
        updated_at: info.updated_at.or(updated_at),
    }
}

/// Tells whether an error would meet every other client too.
pub(super) fn concerns_the_run(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::NotAuthenticated | ErrorKind::Unreachable | ErrorKind::Deadline => true,
        ErrorKind::NotPermitted
        | ErrorKind::NotFound
        | ErrorKind::Exists
        | ErrorKind::Refused
        | ErrorKind::Malformed
        | ErrorKind::Unsettled => false,
    }
}

fn refused(row: LiveClient, error: &ApiError) -> LiveClient {
    let reason: Arc<str> = error.message.as_str().into();
    let kind = match error.kind {
        ErrorKind::NotFound => RefusalKind::Gone,
        ErrorKind::NotPermitted => RefusalKind::NotPermitted,
        ErrorKind::NotAuthenticated
        | ErrorKind::Exists
        | ErrorKind::Refused
        | ErrorKind::Unreachable
        | ErrorKind::Malformed
        | ErrorKind::Unsettled
        | ErrorKind::Deadline => RefusalKind::Other,
    };
    LiveClient {
        content: row.content.or_unreadable(|_| Arc::clone(&reason)),
        detail: Detail::Refused { reason: error.to_string(), help: error.help().to_owned(), kind },
        ..row
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::live::testing::{Infos, failure, row};
    use crate::model::{Field, Observed, Partition};

    async fn read(infos: Infos, rows: Vec<LiveClient>) -> (Result<Vec<LiveClient>, ApiError>, usize) {
        let calls = AtomicUsize::new(0);
        let count = |_: &Detail| {
            calls.fetch_add(1, Ordering::Relaxed);
        };
        let result = detail(&infos, rows.into_iter().map(Box::new).collect(), &count).await;
        (result.map(|clients| clients.into_iter().map(|client| *client).collect()), calls.into_inner())
    }

    #[tokio::test]
    async fn each_row_gets_its_info_in_order_and_keeps_its_labels() {
        let mut first = row(1);
        first.labels.telsys = Some("Sunshine".into());
        let (clients, calls) = read(Infos::new(Ok), vec![first, row(2), row(3)]).await;
        let clients = clients.expect("clients");
        assert_eq!(
            clients.iter().map(|client| client.id.clone()).collect::<Vec<_>>(),
            [1, 2, 3].map(|number| row(number).id)
        );
        assert_eq!((clients[0].labels.telsys.as_deref(), calls), (Some("Sunshine"), 3));
        assert!(clients.iter().all(|client| client.detail == Detail::Read && client.knows(Field::Settings)));
    }

    #[tokio::test]
    async fn a_refusal_is_about_its_client_alone() {
        for (kind, refusal) in [
            (ErrorKind::NotFound, RefusalKind::Gone),
            (ErrorKind::NotPermitted, RefusalKind::NotPermitted),
            (ErrorKind::Refused, RefusalKind::Other),
            (ErrorKind::Malformed, RefusalKind::Other),
        ] {
            let infos = Infos::new(move |client| if client.id == row(2).id { Err(failure(kind)) } else { Ok(client) });
            let clients = read(infos, vec![row(1), row(2), row(3)]).await.0.expect("clients");
            assert!(matches!(&clients[1].detail, Detail::Refused { kind, .. } if *kind == refusal));
            assert!(matches!(clients[1].content.policies, Observed::Unreadable { .. }));
            assert_eq!(clients.iter().filter(|client| client.detail == Detail::Read).count(), 2);
        }
    }

    fn coded(kind: ErrorKind, code: Option<u32>) -> Infos {
        Infos::new(move |_| Err(ApiError { code: code.map(ErrorCode), ..failure(kind) }))
    }

    #[tokio::test]
    async fn infos_that_are_all_refused_for_no_client_of_its_own_end_the_run() {
        for kind in [ErrorKind::Refused, ErrorKind::NotFound, ErrorKind::Malformed] {
            for code in [None, Some(10001)] {
                let (result, calls) = read(coded(kind, code), (0..24).map(row).collect()).await;
                assert_eq!(result.expect_err("none can be read").kind, kind);
                assert!(calls <= 24);
            }
        }
        for code in [30000, 30003, 30007] {
            read(coded(ErrorKind::Refused, Some(code)), (0..24).map(row).collect()).await.0.expect("each is blocked");
        }
        read(coded(ErrorKind::Refused, None), vec![row(1), row(2)]).await.0.expect("too few to tell");
        let infos =
            Infos::new(|client| if client.id == row(0).id { Ok(client) } else { Err(failure(ErrorKind::Refused)) });
        read(infos, (0..24).map(row).collect()).await.0.expect("one can be read");
    }

    #[tokio::test]
    async fn what_concerns_the_run_ends_it() {
        for kind in [ErrorKind::NotAuthenticated, ErrorKind::Unreachable, ErrorKind::Deadline] {
            let infos = Infos::new(move |_| Err(failure(kind)));
            assert_eq!(read(infos, vec![row(1)]).await.0.expect_err("over").kind, kind);
        }
    }

    #[tokio::test]
    async fn an_info_from_another_scope_is_refused_unless_the_row_is_unresolved() {
        let elsewhere = |client: LiveClient| {
            let mut client = client;
            client.scope.partition = Partition::One(9);
            Ok(client)
        };
        let mut unresolved = row(2);
        unresolved.scope.partition = Partition::Unresolved;
        let clients = read(Infos::new(elsewhere), vec![row(1), unresolved]).await.0.expect("clients");
        assert!(matches!(clients[0].detail, Detail::Refused { .. }));
        assert!(clients[1].detail == Detail::Read && clients[1].scope.is_unresolved());
    }

    #[test]
    fn what_only_the_row_shows_is_kept() {
        let mut info = row(1);
        info.content.description = Observed::Unreadable { reason: "left out".into() };
        let merged = merge(row(1), info);
        assert_eq!(merged.title(), "row 1");
    }
}
