//! One Change: read, write down, send, and settle the answer by reading.

use super::context::{Again, Context};
use super::journal::Part;
use super::look::{Evidence, Mismatch, Sight, changed_since, differs_from, evidence, find, look, unseen};
use super::outcome::Outcome;
use super::problem::{Cause, Problem};
use crate::api::{Answer, ApiError, ErrorKind, Reader, Writer};
use crate::model::{LiveClient, Payload, Verify};
use crate::plan::Step;

/// Changes a live client to `payload`.
pub(super) async fn change<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    step: &Step,
    live: &LiveClient,
    payload: &Payload,
) -> Outcome {
    let now = match read_unchanged(context, live).await {
        Ok(now) => now,
        Err(outcome) => return outcome,
    };
    if let Err(outcome) = context.intend(step, Part::Change, Some(&now), Some(payload)) {
        return outcome;
    }
    let changing = Changing { context, live, before: &now, payload };
    let (mut doubt, mut sent) = (Doubt::None, 0);
    loop {
        let error = match context.writer.change(&live.scope, &live.id, payload).await {
            Answer::Done => return changing.verify().await,
            Answer::NotDone(error) => return Outcome::Failed(context.problem(&error)),
            Answer::Refused(error) if doubt == Doubt::None && error.kind != ErrorKind::NotFound => {
                return Outcome::Failed(context.problem(&error));
            }
            Answer::Refused(error) => return changing.settle_refused(&error, doubt).await,
            Answer::Uncertain(error) => error,
        };
        doubt = Doubt::Sent;
        let problem = context.problem(&error);
        match changing.settle().await {
            Some(outcome) => return outcome,
            None if sent == context.options.retries || context.halt.get().is_some() => return Outcome::Failed(problem),
            None if context.pause(sent, &error).await == Again::No => return Outcome::Failed(problem),
            None => sent += 1,
        }
    }
}

/// Whether an earlier try of the same write may have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// There was none.
    None,
    /// There was one.
    Sent,
}

/// Reads a client directly before it is written to; it has to be as it was when the plan was made.
pub(super) async fn read_unchanged<R: Reader, W>(
    context: &Context<'_, R, W>,
    live: &LiveClient,
) -> Result<LiveClient, Outcome> {
    match look(context, live).await {
        Err(error) => Err(Outcome::Failed(context.problem(&error))),
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
            Err(Outcome::Stale(self::changed(live, &changed)))
        }
    }
}

struct Changing<'a, R, W> {
    context: &'a Context<'a, R, W>,
    live: &'a LiveClient,
    before: &'a LiveClient,
    payload: &'a Payload,
}

impl<R: Reader, W> Changing<'_, R, W> {
    /// Reads back a change that the server confirmed. Its word is enough only for what it never shows.
    async fn verify(&self) -> Outcome {
        let Self { context, live, before, payload } = self;
        if context.options.verify == Verify::Trust {
            return Outcome::Applied;
        }
        match look(context, live).await {
            Ok(Sight::There(now)) => match judge(payload, &now) {
                Outcome::Applied if !unseen(before, &now).is_empty() => {
                    Outcome::Unknown(Cause::Unshown(unseen(before, &now)).after_write())
                }
                outcome => outcome,
            },
            Ok(Sight::Gone) => self.gone_after_write().await,
            Err(error) => Outcome::Unknown(unread(context, &error)),
        }
    }

    /// Judges a client that is not found after something was sent: the list has to agree.
    async fn gone_after_write(&self) -> Outcome {
        let Self { context, live, .. } = self;
        match find(context, live).await {
            Ok(None) => Outcome::Failed(Cause::Gone.after_write()),
            Ok(Some(_)) => Outcome::Unknown(contradiction(live)),
            Err(error) => Outcome::Unknown(unread(context, &error)),
        }
    }

    /// Settles a lost answer by reading: an outcome, or `None` when the change certainly did not happen.
    async fn settle(&self) -> Option<Outcome> {
        let Self { context, live, before, payload } = self;
        let now = match look(context, live).await {
            Ok(Sight::There(now)) => now,
            Ok(Sight::Gone) => return Some(self.gone_after_write().await),
            Err(error) => return Some(Outcome::Unknown(unread(context, &error))),
        };
        match evidence(before, payload, &now) {
            Evidence::Done => Some(Outcome::Applied),
            Evidence::NotDone => None,
            Evidence::Other => Some(judge(payload, &now)),
            Evidence::None => Some(Outcome::Unknown(Cause::Unshown(now.content.unknown()).after_write())),
        }
    }

    /// Settles a refusal: of a second try whose first may have been carried out, or of a client that is not found.
    async fn settle_refused(&self, error: &ApiError, doubt: Doubt) -> Outcome {
        let Self { context, live, before, payload } = self;
        let problem = context.problem(error);
        match (look(context, live).await, doubt) {
            (Ok(Sight::Gone), Doubt::None) => Outcome::Stale(Cause::Gone.into()),
            (Ok(Sight::There(_)) | Err(_), Doubt::None) => Outcome::Failed(problem),
            (Ok(Sight::There(now)), Doubt::Sent) => match evidence(before, payload, &now) {
                Evidence::Done => Outcome::Applied,
                Evidence::NotDone => Outcome::Failed(problem),
                Evidence::Other => Outcome::Failed(problem.after_write()),
                Evidence::None => Outcome::Unknown(Cause::Unshown(now.content.unknown()).after_write()),
            },
            (Ok(Sight::Gone), Doubt::Sent) => self.gone_after_write().await,
            (Err(error), Doubt::Sent) => Outcome::Unknown(unread(context, &error)),
        }
    }
}

/// Judges what was read back against what was written.
pub(super) fn judge(payload: &Payload, now: &LiveClient) -> Outcome {
    let differing = differs_from(payload, now);
    if differing.is_empty() {
        return Outcome::Applied;
    }
    Outcome::Failed(Cause::OtherContent(differing.iter().map(ToString::to_string).collect()).after_write())
}

/// The problem of a write whose effect cannot be read.
pub(super) fn unread<R, W>(context: &Context<'_, R, W>, error: &ApiError) -> Problem {
    context.note(error);
    Cause::Unread(error.clone()).after_write()
}

/// The problem of a client that somebody else changed.
pub(super) fn changed(live: &LiveClient, mismatches: &[Mismatch]) -> Problem {
    let paths = mismatches.iter().map(ToString::to_string).collect();
    Cause::Changed { id: live.id.clone(), paths }.into()
}

/// The problem of a client that is listed and not found.
pub(super) fn contradiction(live: &LiveClient) -> Problem {
    Cause::Contradiction(live.id.clone()).after_write()
}
