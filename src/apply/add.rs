//! One Add. The server neither refuses a second one by itself nor says what it made, so every answer is settled by listing.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::compare::{differs_from, sent_and_seen};
use super::context::Context;
use super::journal::Part;
use super::look::{hidden_rows, new_at, read_listed, rows_at};
use super::outcome::{ListedScope, Outcome};
use super::problem::{Cause, Problem};
use super::ruling::{AnswerClass, Goal, Seen};
use super::settle::{WriteAttempt, WriteResult, settle};
use super::sighting::Sighting;
use crate::api::{Answer, ApiError, ErrorKind, Reader, Writer};
use crate::live::Listing;
use crate::model::{ClientId, LiveClient, Payload, Scope, Verify};
use crate::plan::{Action, Precondition, Snapshot, Step};

/// Adds a client at the step's scope.
pub(super) async fn add<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    step: &Step,
    payload: &Payload,
) -> WriteResult {
    let scope = &step.scope;
    let lock = context.equal_adds(scope.telsys, &payload.description);
    let _alone = if context.hides(scope.telsys) { Some(lock.lock().await) } else { None };
    let known = match known_before(context, step).await {
        Ok(known) => known,
        Err(outcome) => return outcome.into(),
    };
    // To look took a while and nothing is sent yet; the add of a replace, which has deleted, goes on.
    if step.action() == Action::Add
        && let Some(problem) = context.stopped()
    {
        return Outcome::Skipped(problem).into();
    }
    match context.intend(step, Part::Add, None, Some(payload)).await {
        Err(outcome) => outcome.into(),
        Ok(()) => settle(context, &Adding { context, scope, payload, known, equal: &lock }).await,
    }
}

/// Lists the scope before the Add: nothing may be there but what earlier steps have removed.
async fn known_before<R: Reader, W>(context: &Context<'_, R, W>, step: &Step) -> Result<Listing, Outcome> {
    let unlisted = |error: ApiError| match step.action() {
        Action::Add => context.unsent(&error),
        // That of a replace comes after its delete.
        Action::Change | Action::Replace | Action::Delete => Outcome::Failed(context.problem(&error)),
    };
    let listing = rows_at(context, &step.scope).await.map_err(unlisted)?;
    let removed: &[ClientId] = match &step.precondition {
        Precondition::ScopeIsFree { known } => known,
        Precondition::Unchanged { .. } => &[],
    };
    if let Some(row) = listing.rows.values().find(|row| row.scope == step.scope && !removed.contains(&row.id)) {
        return Err(Outcome::Stale(Cause::Taken { id: row.id.clone(), scope: row.scope.clone() }.into()));
    }
    match listing.unread.iter().find(|row| row.scope.as_ref() == Some(&step.scope)) {
        Some(row) => Err(Outcome::Stale(Cause::UnreadRow(row.clone()).into())),
        None => Ok(listing),
    }
}

struct Adding<'a, R, W> {
    context: &'a Context<'a, R, W>,
    scope: &'a Scope,
    payload: &'a Payload,
    known: Listing,
    /// Held by each Add of this run that looks alike.
    equal: &'a Arc<Mutex<()>>,
}

impl<R: Reader, W: Writer> WriteAttempt for Adding<'_, R, W> {
    fn goal(&self) -> Goal {
        Goal::Added
    }

    async fn send(&self) -> Answer {
        self.context.writer.add(self.scope, self.payload).await
    }

    /// Looks for the new client: the row of the scope that was not there before.
    async fn look(&self, answered: AnswerClass) -> Sighting {
        let Self { context, scope, payload: _, known, equal: _ } = self;
        let listing = match rows_at(context, scope).await {
            Ok(listing) => listing,
            Err(error) => return context.unread(&error),
        };
        // Of one that the server knows of, whose scope may be hidden, more is listed at once.
        let known_to_server = matches!(answered, AnswerClass::Done | AnswerClass::Refused);
        if let Some(row) = listing.unread.iter().find(|row| !known.unread.contains(row)) {
            return Sighting::of(Seen::Unclear, Cause::UnreadRow(row.clone()));
        }
        match new_at(&listing, scope, known)[..] {
            [] if known_to_server || context.hides(scope.telsys) => self.look_among_hidden().await,
            [] => Sighting::of(Seen::AsBefore, Cause::NotListed),
            [row] => self.inspect(row).await,
            [..] => Sighting::of(Seen::Unclear, Cause::Several((*scope).clone())),
        }
    }

    /// This may be the first client of its telephony server that hides its scope.
    async fn look_everywhere(&self) -> Option<Sighting> {
        if self.context.hides(self.scope.telsys) { None } else { Some(self.look_among_hidden().await) }
    }

    fn is_distinct(&self) -> bool {
        // The table of locks holds it too.
        Arc::strong_count(self.equal) <= 2
    }

    /// Explains a refused Add. One that exists although the list shows nothing may be hidden behind partition -3.
    async fn explain(&self, error: &ApiError) -> Problem {
        let Self { context, scope, payload: _, known: _, equal: _ } = self;
        let hidden = match error.kind {
            ErrorKind::Exists => hidden_rows(context, scope).await.unwrap_or_default(),
            _ => Vec::new(),
        };
        if hidden.is_empty() {
            return Cause::Api(error.clone()).into();
        }
        let candidate = |row: &LiveClient| format!("{} \"{}\"", row.id, context.mask.title(row).escape_debug());
        let candidates = hidden.iter().take(5).map(candidate).collect();
        Cause::Hidden { error: error.clone(), clients: hidden.len(), candidates }.into()
    }
}

impl<R: Reader, W: Writer> Adding<'_, R, W> {
    /// Looks for a new client among the rows that hide their scope.
    async fn look_among_hidden(&self) -> Sighting {
        let Self { context, scope, payload, known, equal: _ } = self;
        let rows = match hidden_rows(context, scope).await {
            Ok(rows) => rows,
            Err(error) => return context.unread(&error),
        };
        let same: Vec<_> = rows
            .iter()
            .filter(|row| !known.shows(&row.id))
            .filter(|row| row.content.description.known().is_none_or(|text| *text == payload.description))
            .collect();
        if !same.is_empty() {
            context.learn_hiding(scope.telsys);
        }
        match same[..] {
            [] => Sighting::of(Seen::AsBefore, Cause::NotListed),
            [row] => self.inspect(row).await,
            [..] => Sighting::of(Seen::Unclear, Cause::Several((*scope).clone())),
        }
    }

    async fn inspect(&self, row: &LiveClient) -> Sighting {
        let Self { context, scope: _, payload, known: _, equal: _ } = self;
        let id = Some(row.id.clone());
        let listed = if row.scope.is_unresolved() { ListedScope::Hidden } else { ListedScope::AtScope };
        if context.options.verify == Verify::Trust {
            return Sighting { id, listed, ..Sighting::plain(Seen::AsWanted) };
        }
        let now = match read_listed(context, row).await {
            Ok(now) => now,
            Err(error) => return Sighting { id, listed, ..context.unread(&error) },
        };
        let hidden = context.hidden(payload, &now);
        let sighting = match differs_from(payload, &now).is_empty() {
            true if hidden.is_empty() => Sighting::plain(Seen::AsWanted),
            true => Sighting::of(Seen::Unclear, Cause::Unshown(hidden)),
            false => {
                let cause = Cause::OtherContent(sent_and_seen(payload, &now, context.mask));
                let left = Some(Box::new(Snapshot::of_live(&now, context.mask)));
                Sighting { left, ..Sighting::of(Seen::InPart, cause) }
            }
        };
        Sighting { id, listed, ..sighting }
    }
}
