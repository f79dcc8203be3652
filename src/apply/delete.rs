//! One Delete: read, write down, send, and settle the answer by reading.

use super::change::{Doubt, changed, contradiction, read_unchanged, unread};
use super::context::{Again, Context};
use super::journal::Part;
use super::look::{Mismatch, Sight, changed_since, find, look};
use super::outcome::Outcome;
use super::problem::Cause;
use crate::api::{Answer, ErrorKind, Reader, Writer};
use crate::model::{LiveClient, Verify};
use crate::plan::{Action, Step};

/// Deletes a live client. One that is gone already is what a delete wants; a replace needs its content, so there it is stale.
pub(super) async fn delete<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    step: &Step,
    live: &LiveClient,
) -> Outcome {
    let now = match read_unchanged(context, live).await {
        Ok(now) => now,
        // Gone is what a delete wants, unless the client only went to another scope.
        Err(Outcome::Stale(problem)) if step.action() == Action::Delete => {
            return match look(context, live).await {
                Ok(Sight::Gone) => absent(context, live).await,
                _ => Outcome::Stale(problem),
            };
        }
        Err(outcome) => return outcome,
    };
    if let Err(outcome) = context.intend(step, Part::Delete, Some(&now), None) {
        return outcome;
    }
    let (mut doubt, mut sent) = (Doubt::None, 0);
    loop {
        let error = match context.writer.delete(&live.scope, &live.id).await {
            Answer::Done if context.options.verify == Verify::Trust => return Outcome::Applied,
            Answer::Done => return verify(context, live).await,
            Answer::NotDone(error) => return Outcome::Failed(context.problem(&error)),
            Answer::Refused(error) if error.kind == ErrorKind::NotFound => {
                let problem = context.problem(&error);
                return match (look(context, live).await, doubt) {
                    // Somebody else was faster, or an earlier try of ours was carried out.
                    (Ok(Sight::Gone), Doubt::None) if step.action() != Action::Delete => {
                        Outcome::Stale(Cause::Gone.into())
                    }
                    (Ok(Sight::Gone), _) => absent(context, live).await,
                    (Ok(Sight::There(_)), Doubt::None) => Outcome::Failed(problem),
                    (Ok(Sight::There(_)), Doubt::Sent) => Outcome::Failed(problem.after_write()),
                    (Err(error), _) => Outcome::Unknown(unread(context, &error)),
                };
            }
            Answer::Refused(error) if doubt == Doubt::None => return Outcome::Failed(context.problem(&error)),
            Answer::Refused(error) | Answer::Uncertain(error) => error,
        };
        doubt = Doubt::Sent;
        let problem = context.problem(&error);
        match look(context, live).await {
            // Without a confirmation, not being found is not enough: the list must not show it either.
            Ok(Sight::Gone) => return absent(context, live).await,
            Ok(Sight::There(again)) if !changed_since(&now, &again).is_empty() => {
                return Outcome::Stale(changed(live, &changed_since(&now, &again)));
            }
            Ok(Sight::There(_)) if sent == context.options.retries || context.halt.get().is_some() => {
                return Outcome::Failed(problem);
            }
            Ok(Sight::There(_)) if context.pause(sent, &error).await == Again::No => return Outcome::Failed(problem),
            Ok(Sight::There(_)) => sent += 1,
            Err(error) => return Outcome::Unknown(unread(context, &error)),
        }
    }
}

/// Makes sure that a client which is not found is listed nowhere, in its scope or in another one.
async fn absent<R: Reader, W>(context: &Context<'_, R, W>, live: &LiveClient) -> Outcome {
    match find(context, live).await {
        Ok(None) => Outcome::Applied,
        Ok(Some(row)) if row.scope == live.scope => Outcome::Unknown(contradiction(live)),
        Ok(Some(row)) => Outcome::Stale(changed(live, &[Mismatch::Scope(row.scope)])),
        Err(error) => Outcome::Unknown(unread(context, &error)),
    }
}

async fn verify<R: Reader, W>(context: &Context<'_, R, W>, live: &LiveClient) -> Outcome {
    match look(context, live).await {
        Ok(Sight::Gone) => Outcome::Applied,
        Ok(Sight::There(_)) => Outcome::Failed(Cause::NotDeleted.after_write()),
        Err(error) => Outcome::Unknown(unread(context, &error)),
    }
}
