//! One Change: read, write down, send and settle.

use super::compare::{changed_since, confirmed, evidence, sent_and_seen, unseen};
use super::context::Context;
use super::journal::Part;
use super::look::{Sight, absence, exactly_at, look, read_listed};
use super::outcome::Outcome;
use super::problem::Cause;
use super::ruling::{AnswerClass, Goal, Seen};
use super::settle::{WriteAttempt, WriteResult, settle};
use super::sighting::Sighting;
use crate::api::{Answer, Reader, Writer};
use crate::model::{LiveClient, Payload};
use crate::plan::{Snapshot, Step};

/// Changes a live client to `payload`.
pub(super) async fn change<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    step: &Step,
    live: &LiveClient,
    payload: &Payload,
) -> WriteResult {
    let now = match read_unchanged(context, live).await {
        Ok(now) => now,
        Err(outcome) => return outcome.into(),
    };
    match context.intend(step, Part::Change, Some(&now), Some(payload)).await {
        Err(outcome) => outcome.into(),
        Ok(()) => settle(context, &Changing { context, live, before: &now, payload }).await,
    }
}

/// Reads a client directly before it is written to; it has to be as it was when the plan was made.
pub(super) async fn read_unchanged<R: Reader, W>(
    context: &Context<'_, R, W>,
    live: &LiveClient,
) -> Result<LiveClient, Outcome> {
    match look(context, live).await {
        Err(error) => Err(context.unsent(&error)),
        Ok(Sight::Gone) => Err(Outcome::Stale(Cause::Gone.into())),
        Ok(Sight::There(now)) => {
            let (changed, unseen) = (changed_since(live, &now), unseen(live, &now));
            if !unseen.is_empty() {
                return Err(Outcome::Failed(Cause::UnshownBefore(unseen).into()));
            }
            if changed.is_empty() {
                // What only the first reading showed stays part of the before-image.
                return Ok(LiveClient { content: now.content.or(live.content.clone()), ..*now });
            }
            Err(Outcome::Stale(Cause::changed(live, &changed).into()))
        }
    }
}

struct Changing<'a, R, W> {
    context: &'a Context<'a, R, W>,
    live: &'a LiveClient,
    before: &'a LiveClient,
    payload: &'a Payload,
}

impl<R: Reader, W: Writer> WriteAttempt for Changing<'_, R, W> {
    fn goal(&self) -> Goal {
        Goal::Changed
    }

    async fn send(&self) -> Answer {
        self.context.writer.change(&self.live.scope, &self.live.id, self.payload).await
    }

    async fn look(&self, answered: AnswerClass) -> Sighting {
        let Self { context, live, before, payload } = self;
        let now = match look(context, live).await {
            Ok(Sight::There(now)) => now,
            Ok(Sight::Gone) => return self.look_for_gone(answered).await,
            Err(error) => return context.unread(&error),
        };
        let seen = self.weigh(answered, &now);
        let other = || Cause::OtherContent(sent_and_seen(payload, &now, context.mask));
        match seen {
            Seen::AsWanted | Seen::Gone | Seen::Unread => Sighting::plain(seen),
            Seen::Unclear => Sighting::of(seen, Cause::Unshown(now.content.unknown())),
            Seen::AsBefore | Seen::InPart => Sighting::of(seen, other()),
            Seen::Otherwise if answered == AnswerClass::Done => {
                let left = Some(Box::new(Snapshot::of_live(&now, context.mask)));
                Sighting { left, ..Sighting::of(seen, other()) }
            }
            Seen::Otherwise => Sighting::of(seen, Cause::changed(live, &changed_since(before, &now))),
        }
    }
}

impl<R: Reader, W: Writer> Changing<'_, R, W> {
    fn weigh(&self, answered: AnswerClass, now: &LiveClient) -> Seen {
        match answered {
            AnswerClass::Done => confirmed(self.before, self.payload, now),
            _ => evidence(self.before, self.payload, now),
        }
    }

    /// Looks for a client that is not found by its id. Nothing promises that a server keeps the id when it changes a client;
    /// one that says that there is nothing to change has not changed it.
    async fn look_for_gone(&self, answered: AnswerClass) -> Sighting {
        let sighting = absence(self.context, self.live).await;
        if sighting.seen != Seen::Gone || answered.is_not_found() {
            return sighting;
        }
        let Self { context, live, .. } = self;
        let rows = match exactly_at(context, &live.scope).await {
            Ok(rows) => rows,
            Err(error) => return context.unread(&error),
        };
        match rows[..] {
            [] => sighting,
            [ref row] if !context.options.shared_scopes.contains(&live.scope) => self.inspect(answered, row).await,
            [..] => {
                let cause = Cause::PerhapsOtherId { id: live.id.clone(), scope: live.scope.clone() };
                Sighting::of(Seen::Unclear, cause)
            }
        }
    }

    /// Judges what alone has the scope of a client that is gone. With the content that was sent it is that client by another
    /// id, and the definition has what it wants.
    async fn inspect(&self, answered: AnswerClass, row: &LiveClient) -> Sighting {
        let Self { context, live, before, payload: _ } = self;
        let now = match read_listed(context, row).await {
            Ok(now) => LiveClient { id: live.id.clone(), ..now },
            Err(error) => return context.unread(&error),
        };
        let (id, other) = (live.id.clone(), row.id.clone());
        match self.weigh(answered, &now) {
            Seen::AsWanted => Sighting { id: Some(other), ..Sighting::plain(Seen::AsWanted) },
            Seen::Unclear => Sighting::of(Seen::Unclear, Cause::Unshown(now.content.unknown())),
            _ => {
                let paths = changed_since(before, &now).iter().map(ToString::to_string).collect();
                Sighting::of(Seen::Gone, Cause::Supplanted { id, other, scope: live.scope.clone(), paths })
            }
        }
    }
}
