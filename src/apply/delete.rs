//! One Delete: read, write down, send and settle.

use super::change::read_unchanged;
use super::compare::changed_since;
use super::context::Context;
use super::journal::Part;
use super::look::{Sight, absence, look};
use super::outcome::Outcome;
use super::problem::Cause;
use super::ruling::{AnswerClass, Goal, Seen};
use super::settle::{WriteAttempt, WriteResult, settle};
use super::sighting::Sighting;
use crate::api::{Answer, Reader, Writer};
use crate::model::LiveClient;
use crate::plan::{Action, Step};

/// Deletes a live client. One that is gone already is what a delete wants; a replace needs its content, so there it is stale.
pub(super) async fn delete<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    step: &Step,
    live: &LiveClient,
) -> WriteResult {
    let now = match read_unchanged(context, live).await {
        Ok(now) => now,
        Err(Outcome::Stale(problem)) if step.action() == Action::Delete => {
            return already_gone(context, live).await.unwrap_or(Outcome::Stale(problem)).into();
        }
        Err(outcome) => return outcome.into(),
    };
    let goal = if step.action() == Action::Delete { Goal::Absent } else { Goal::Moved };
    match context.intend(step, Part::Delete, Some(&now), None).await {
        Err(outcome) => outcome.into(),
        Ok(()) => settle(context, &Deleting { context, live, before: &now, goal }).await,
    }
}

/// Gone is what a delete wants, unless the client only went to another scope. `None`: it is not gone.
async fn already_gone<R: Reader, W>(context: &Context<'_, R, W>, live: &LiveClient) -> Option<Outcome> {
    let Ok(Sight::Gone) = look(context, live).await else { return None };
    let Sighting { seen, id: _, problem, left: _, listed: _ } = absence(context, live).await;
    match (seen, problem) {
        (Seen::Gone, _) => Some(Outcome::Applied),
        (Seen::Unclear | Seen::Unread, Some(problem)) => Some(Outcome::Unknown(problem)),
        (_, problem) => problem.map(Outcome::Stale),
    }
}

struct Deleting<'a, R, W> {
    context: &'a Context<'a, R, W>,
    live: &'a LiveClient,
    before: &'a LiveClient,
    goal: Goal,
}

impl<R: Reader, W: Writer> WriteAttempt for Deleting<'_, R, W> {
    fn goal(&self) -> Goal {
        self.goal
    }

    async fn send(&self) -> Answer {
        self.context.writer.delete(&self.live.scope, &self.live.id).await
    }

    async fn look(&self, answered: AnswerClass) -> Sighting {
        let Self { context, live, before, goal: _ } = self;
        match look(context, live).await {
            Ok(Sight::Gone) if answered == AnswerClass::Done => Sighting::of(Seen::Gone, Cause::Gone),
            // Without a confirmation, not being found is not enough: the list must not show it either.
            Ok(Sight::Gone) => absence(context, live).await,
            Ok(Sight::There(now)) => match changed_since(before, &now) {
                changed if changed.is_empty() => Sighting::of(Seen::AsBefore, Cause::NotDeleted),
                _ if answered == AnswerClass::Done => Sighting::of(Seen::Otherwise, Cause::NotDeleted),
                changed => Sighting::of(Seen::Otherwise, Cause::changed(live, &changed)),
            },
            Err(error) => context.unread(&error),
        }
    }
}
