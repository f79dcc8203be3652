//! Pinned clients that no list shows: each is asked for by Info before it is called gone.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::detail::{AHEAD, concerns_the_run};
use crate::api::{ApiError, ErrorKind, Reader};
use crate::model::{ClientId, LiveClient, PinRefusal, Scope};

/// What the server says of pinned clients that no list shows. Those in neither are gone.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// They exist, where they say.
    pub(super) found: BTreeMap<ClientId, Box<LiveClient>>,
    /// They exist or not.
    pub(super) hidden: BTreeMap<ClientId, PinRefusal>,
}

/// Asks for each client in the scope that its definition says.
pub(super) async fn seek(reader: &impl Reader, missing: Vec<(ClientId, Scope)>) -> Result<Sought, ApiError> {
    let infos = missing.into_iter().map(async |(id, scope)| {
        let answer = reader.info(&scope, &id).await;
        (id, answer)
    });
    let answers = stream::iter(infos).buffered(AHEAD).map(Ok);
    answers.try_fold(Sought::default(), async |sought, (id, answer)| sought.and(id, answer)).await
}

impl Sought {
    fn and(mut self, id: ClientId, answer: Result<LiveClient, ApiError>) -> Result<Self, ApiError> {
        match answer {
            Ok(client) if client.id == id => {
                self.found.insert(id, Box::new(client));
            }
            Ok(other) => {
                let reason = format!("asked for the pinned live client {id} the server shows {}", other.id);
                let help = "look at it in the server's own pages, or ask its operator".to_owned();
                self.hidden.insert(id, PinRefusal { reason, help });
            }
            Err(error) if concerns_the_run(error.kind) => return Err(error),
            Err(error) if leaves_it_to_the_lists(&error) => {}
            Err(error) => {
                let hidden = refused(&id, &error);
                self.hidden.insert(id, hidden);
            }
        }
        Ok(self)
    }
}

/// Tells whether a refusal says that the client is gone, or nothing that the lists, which do not show it, have not said.
fn leaves_it_to_the_lists(error: &ApiError) -> bool {
    match error.kind {
        ErrorKind::NotFound => true,
        ErrorKind::NotPermitted => false,
        ErrorKind::Exists
        | ErrorKind::Refused
        | ErrorKind::Malformed
        | ErrorKind::Unsettled
        | ErrorKind::NotAuthenticated
        | ErrorKind::Unreachable
        | ErrorKind::Deadline => error.code.is_none(),
    }
}

fn refused(id: &ClientId, error: &ApiError) -> PinRefusal {
    if error.kind == ErrorKind::NotPermitted {
        return PinRefusal {
            reason: format!("the pinned live client {id} exists or not, this key may not see it: {}", error.message),
            help: "give the user of this key or login the right to read it; if it is gone, remove the `id:` line"
                .to_owned(),
        };
    }
    PinRefusal {
        reason: format!("no list shows the pinned live client {id}, and {error}"),
        help: error.help().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ErrorCode;
    use crate::live::testing::{Infos, failure, row};
    use crate::model::Partition;

    async fn sought(
        answer: impl Fn(LiveClient) -> Result<LiveClient, ApiError> + Send + Sync + 'static,
    ) -> Result<Sought, ApiError> {
        let pin = row(1);
        seek(&Infos::new(answer), vec![(pin.id, pin.scope)]).await
    }

    #[tokio::test]
    async fn a_client_that_answers_is_where_it_says() {
        let elsewhere = |client: LiveClient| {
            let scope = Scope { partition: Partition::One(9), ..client.scope };
            Ok(LiveClient { scope, ..client })
        };
        let Sought { found, hidden } = sought(elsewhere).await.expect("answers");
        assert_eq!((found[&row(1).id].scope.partition, hidden.len()), (Partition::One(9), 0));
    }

    #[tokio::test]
    async fn a_client_is_gone_when_it_is_not_found_or_the_answer_says_nothing() {
        for (kind, code, hidden) in [
            (ErrorKind::NotFound, Some(30003), None),
            (ErrorKind::NotFound, None, None),
            (ErrorKind::NotPermitted, Some(30000), Some("exists or not, this key may not see it")),
            (ErrorKind::NotPermitted, None, Some("exists or not, this key may not see it")),
            (ErrorKind::Refused, Some(30007), Some("no list shows the pinned live client")),
            (ErrorKind::Refused, None, None),
            (ErrorKind::Malformed, None, None),
        ] {
            let refusal = move || ApiError { code: code.map(ErrorCode), ..failure(kind) };
            let sought = sought(move |_| Err(refusal())).await.expect("answers");
            let reason = sought.hidden.get(&row(1).id).map(|hidden| hidden.reason.as_str());
            assert_eq!(reason.is_some(), hidden.is_some(), "{kind:?}");
            assert!(reason.unwrap_or_default().contains(hidden.unwrap_or_default()), "{reason:?}");
            assert!(sought.found.is_empty());
        }
        assert_eq!(sought(|_| Ok(row(2))).await.expect("answers").hidden.len(), 1, "another client says nothing");
    }

    #[tokio::test]
    async fn what_concerns_the_run_ends_it() {
        let error = sought(|_| Err(failure(ErrorKind::Unreachable))).await.expect_err("nobody knows");
        assert_eq!(error.kind, ErrorKind::Unreachable);
    }
}
