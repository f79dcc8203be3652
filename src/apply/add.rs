//! One Add. The server neither refuses a second one by itself nor says what it made, so every answer is settled by listing.

use std::collections::BTreeSet;
use std::time::Duration;

use super::change::{judge, unread};
use super::context::{Again, Context};
use super::journal::Part;
use super::look::{hidden_rows, new_at, rows_at};
use super::outcome::Outcome;
use super::problem::{Cause, Problem};
use crate::api::{Answer, ApiError, ErrorKind, Reader, Writer};
use crate::live;
use crate::model::{ClientId, Detail, LiveClient, Payload, Scope, Verify};
use crate::plan::{Precondition, Step};

/// What became of an Add, and the id of the new client as far as it is known.
pub(super) struct Added {
    pub(super) outcome: Outcome,
    pub(super) id: Option<ClientId>,
}

impl From<Outcome> for Added {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, id: None }
    }
}

/// Adds a client at the step's scope.
pub(super) async fn add<R: Reader, W: Writer>(context: &Context<'_, R, W>, step: &Step, payload: &Payload) -> Added {
    let scope = &step.scope;
    let lock = context.equal_adds(scope.telsys, &payload.description);
    let _alone = if context.hides(scope.telsys) { Some(lock.lock().await) } else { None };
    let known = match known_before(context, step).await {
        Ok(known) => known,
        Err(outcome) => return outcome.into(),
    };
    if let Err(outcome) = context.intend(step, Part::Add, None, Some(payload)) {
        return outcome.into();
    }
    let adding = Adding { context, scope, payload, known };
    let mut sent = 0;
    loop {
        let error = match context.writer.add(scope, payload).await {
            Answer::Done => return adding.find_confirmed().await,
            Answer::NotDone(error) => return Outcome::Failed(context.problem(&error)).into(),
            Answer::Refused(error) if sent == 0 => return Outcome::Failed(adding.refused(&error).await).into(),
            Answer::Refused(error) => return adding.settle_refused(&error).await,
            Answer::Uncertain(error) => error,
        };
        let problem = context.problem(&error);
        match adding.find(Trace::Lost).await {
            Some(added) => return added,
            None if context.halt.get().is_some() => return Outcome::Failed(problem).into(),
            None if sent == context.options.retries => {
                // The last look: this may be the first client of its telephony server that hides its scope.
                return adding.find_hidden().await.unwrap_or_else(|| Outcome::Failed(problem).into());
            }
            None if context.pause(sent, &error).await == Again::No => return Outcome::Failed(problem).into(),
            None => sent += 1,
        }
    }
}

/// Lists the scope before the Add: nothing may be there but what earlier steps have removed.
async fn known_before<R: Reader, W>(context: &Context<'_, R, W>, step: &Step) -> Result<BTreeSet<ClientId>, Outcome> {
    let rows = rows_at(context, &step.scope).await.map_err(|error| Outcome::Failed(context.problem(&error)))?;
    let removed: &[ClientId] = match &step.precondition {
        Precondition::ScopeIsFree { known } => known,
        Precondition::Unchanged { .. } => &[],
    };
    if let Some(row) = rows.iter().find(|row| row.scope == step.scope && !removed.contains(&row.id)) {
        return Err(Outcome::Stale(Cause::Taken { id: row.id.clone(), scope: row.scope.clone() }.into()));
    }
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What the server said of the Add whose client is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trace {
    /// That it is done.
    Confirmed,
    /// That it exists, after an answer was lost.
    Exists,
    /// Nothing: the answer was lost.
    Lost,
}

struct Adding<'a, R, W> {
    context: &'a Context<'a, R, W>,
    scope: &'a Scope,
    payload: &'a Payload,
    known: BTreeSet<ClientId>,
}

impl<R: Reader, W: Writer> Adding<'_, R, W> {
    /// Looks for the new client: the row of the scope that was not there before. `None`: it is certainly not there.
    async fn find(&self, trace: Trace) -> Option<Added> {
        let Self { context, scope, payload: _, known } = self;
        let rows = match rows_at(context, scope).await {
            Ok(rows) => rows,
            Err(error) => return Some(Outcome::Unknown(unread(context, &error)).into()),
        };
        match new_at(&rows, scope, known)[..] {
            [] if trace == Trace::Lost && !context.hides(scope.telsys) => None,
            [] => self.find_hidden().await,
            [row] => Some(self.inspect(row).await),
            [..] => Some(Outcome::Unknown(Cause::Several((*scope).clone()).after_write()).into()),
        }
    }

    /// Looks for a client whose Add was confirmed, more than once: a list may be late.
    async fn find_confirmed(&self) -> Added {
        for pause in [100, 300, 1_000, 0] {
            if let Some(added) = self.find(Trace::Confirmed).await {
                return added;
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        Outcome::Failed(Cause::NotListed.after_write()).into()
    }

    /// Looks for a new client among the rows that hide their scope.
    async fn find_hidden(&self) -> Option<Added> {
        let Self { context, scope, payload, known } = self;
        let rows = match hidden_rows(context, scope).await {
            Ok(rows) => rows,
            Err(error) => return Some(Outcome::Unknown(unread(context, &error)).into()),
        };
        let same: Vec<_> = rows
            .iter()
            .filter(|row| !known.contains(&row.id))
            .filter(|row| row.content.description.known().is_none_or(|text| *text == payload.description))
            .collect();
        if !same.is_empty() {
            context.learn_hiding(scope.telsys);
        }
        match same[..] {
            [] => None,
            [row] => Some(self.inspect(row).await),
            [..] => Some(Outcome::Unknown(Cause::Several((*scope).clone()).after_write()).into()),
        }
    }

    async fn inspect(&self, row: &LiveClient) -> Added {
        let Self { context, scope: _, payload, known: _ } = self;
        let id = Some(row.id.clone());
        if context.options.verify == Verify::Trust {
            return Added { outcome: Outcome::Applied, id };
        }
        let outcome = match self.read_back(row).await {
            Ok(now) => match (judge(payload, &now), context.hidden(payload, &now)) {
                (Outcome::Applied, hidden) if !hidden.is_empty() => {
                    Outcome::Unknown(Cause::Unshown(hidden).after_write())
                }
                (outcome, _) => outcome,
            },
            Err(error) => Outcome::Unknown(unread(context, &error)),
        };
        Added { outcome, id }
    }

    /// Reads a new client: what its row shows counts too. A first Info that was refused some fields is asked again.
    async fn read_back(&self, row: &LiveClient) -> Result<LiveClient, ApiError> {
        let now = self.context.reader.info(&row.scope, &row.id).await?;
        let now = if now.detail == Detail::Narrow { self.context.reader.info(&row.scope, &row.id).await? } else { now };
        Ok(live::merge(row.clone(), now))
    }

    /// Settles a refusal that follows a lost answer: what is refused may be a second client beside the first.
    async fn settle_refused(&self, error: &ApiError) -> Added {
        let trace = if error.kind == ErrorKind::Exists { Trace::Exists } else { Trace::Lost };
        match self.find(trace).await {
            Some(added) => added,
            // It exists since the answer that was lost, and the lists do not show it yet.
            None if trace == Trace::Exists => Outcome::Unknown(self.context.problem(error).after_write()).into(),
            None => Outcome::Failed(self.context.problem(error)).into(),
        }
    }

    /// Explains a refused Add. One that exists although the list shows nothing may be hidden behind partition -3.
    async fn refused(&self, error: &ApiError) -> Problem {
        let Self { context, scope, payload: _, known: _ } = self;
        let problem = context.problem(error);
        if error.kind != ErrorKind::Exists {
            return problem;
        }
        let hidden = hidden_rows(context, scope).await.unwrap_or_default();
        if hidden.is_empty() {
            return problem;
        }
        let shown = |row: &LiveClient| format!("{} \"{}\"", row.id, row.title().escape_debug());
        let candidates = hidden.iter().take(5).map(shown).collect();
        Cause::Hidden { error: error.clone(), clients: hidden.len(), candidates }.into()
    }
}
