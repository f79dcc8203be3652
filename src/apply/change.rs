//! One Change: read, write down, send, and settle the answer by reading.

use super::context::{Context, Verify, pause};
use super::journal::Part;
use super::look::{Sight, changed_since, differs_from, look};
use super::outcome::{Outcome, Problem};
use crate::api::{Answer, ApiError, ErrorKind, Reader, Writer};
use crate::model::{LiveClient, Observed, Payload};
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
    let (mut doubt, mut sent) = (Doubt::None, 0);
    loop {
        let error = match context.writer.change(&live.scope, &live.id, payload).await {
            Answer::Done => return verify(context, live, payload).await,
            Answer::NotDone(error) => return Outcome::Failed(context.problem(&error)),
            Answer::Refused(error) if error.kind == ErrorKind::NotFound => return Outcome::Stale(gone()),
            Answer::Refused(error) if doubt == Doubt::None => return Outcome::Failed(context.problem(&error)),
            Answer::Refused(error) => return settle_refused(context, live, payload, &error).await,
            Answer::Uncertain(error) => error,
        };
        doubt = Doubt::Sent;
        match settle(context, live, &now, payload, &error).await {
            Some(outcome) => return outcome,
            None if sent == context.options.retries => return Outcome::Failed(context.problem(&error)),
            None => tokio::time::sleep(pause(sent)).await,
        }
        sent += 1;
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
        Ok(Sight::Gone) => Err(Outcome::Stale(gone())),
        Ok(Sight::There(now)) => {
            let changed = changed_since(live, &now);
            if changed.is_empty() {
                // What only the first reading showed stays part of the before-image.
                return Ok(merge(live, *now));
            }
            Err(Outcome::Stale(self::changed(live, &changed)))
        }
    }
}

fn known_or<T: Clone>(now: Observed<T>, planned: &Observed<T>) -> Observed<T> {
    if now.known().is_some() { now } else { planned.clone() }
}

fn merge(planned: &LiveClient, now: LiveClient) -> LiveClient {
    let LiveClient { id, scope, description, cm_environment_id, policies, settings, labels, detail } = now;
    LiveClient {
        id,
        scope,
        description: known_or(description, &planned.description),
        cm_environment_id: known_or(cm_environment_id, &planned.cm_environment_id),
        policies: known_or(policies, &planned.policies),
        settings: known_or(settings, &planned.settings),
        labels,
        detail,
    }
}

async fn verify<R: Reader, W>(context: &Context<'_, R, W>, live: &LiveClient, payload: &Payload) -> Outcome {
    if context.options.verify == Verify::Trust {
        return Outcome::Applied;
    }
    match look(context, live).await {
        Ok(Sight::There(now)) => judge(payload, &now),
        Ok(Sight::Gone) => Outcome::Failed(gone()),
        Err(error) => Outcome::Unknown(unread(context, &error)),
    }
}

/// Judges what was read back against what was written.
pub(super) fn judge(payload: &Payload, now: &LiveClient) -> Outcome {
    let differing = differs_from(payload, now);
    if differing.is_empty() {
        return Outcome::Applied;
    }
    Outcome::Failed(Problem::new(
        format!("the server accepted the write, but reading back shows other content at {}", differing.join(", ")),
        "the server may merge instead of replacing, or somebody else wrote at the same time: run `icsync plan` to see \
         what is left, and `ignore` the keys that the server does not give up",
    ))
}

/// Settles a lost answer by reading: an outcome, or `None` when the change certainly did not happen.
async fn settle<R: Reader, W>(
    context: &Context<'_, R, W>,
    live: &LiveClient,
    before: &LiveClient,
    payload: &Payload,
    error: &ApiError,
) -> Option<Outcome> {
    let problem = context.problem(error);
    match look(context, live).await {
        Ok(Sight::Gone) => Some(Outcome::Failed(gone())),
        Ok(Sight::There(now)) if differs_from(payload, &now).is_empty() => Some(Outcome::Applied),
        Ok(Sight::There(now)) if changed_since(before, &now).is_empty() && context.halt.get().is_none() => None,
        Ok(Sight::There(now)) if changed_since(before, &now).is_empty() => Some(Outcome::Failed(problem)),
        Ok(Sight::There(now)) => Some(judge(payload, &now)),
        Err(error) => Some(Outcome::Unknown(unread(context, &error))),
    }
}

async fn settle_refused<R: Reader, W>(
    context: &Context<'_, R, W>,
    live: &LiveClient,
    payload: &Payload,
    error: &ApiError,
) -> Outcome {
    match look(context, live).await {
        Ok(Sight::There(now)) if differs_from(payload, &now).is_empty() => Outcome::Applied,
        Ok(_) => Outcome::Failed(context.problem(error)),
        Err(error) => Outcome::Unknown(unread(context, &error)),
    }
}

/// The problem of a write whose effect cannot be read.
pub(super) fn unread<R, W>(context: &Context<'_, R, W>, error: &ApiError) -> Problem {
    let problem = context.problem(error);
    Problem {
        message: format!("the write was sent, and whether it was carried out could not be read: {}", problem.message),
        help: format!("run `icsync plan`: it reads what is there now ({})", problem.help),
        ..problem
    }
}

/// The problem of a client that somebody else changed.
pub(super) fn changed(live: &LiveClient, paths: &[String]) -> Problem {
    Problem::new(
        format!("the live client {} was changed since the plan was made: {}", live.id, paths.join(", ")),
        "somebody else works on it: run `icsync plan` again and look at what they did",
    )
}

fn gone() -> Problem {
    Problem::new(
        "the live client is gone",
        "somebody else deleted it: run `icsync plan` again, which will add it if git still defines it",
    )
}
