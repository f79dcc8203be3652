//! One write, sent and settled: whatever the server answers, reading decides, by one table and with some patience.

use std::time::Duration;

use tokio::time::Instant;

use super::context::Context;
use super::outcome::{ListedScope, Outcome};
use super::problem::{Cause, Problem};
use super::ruling::{Again, AnswerClass, Doubt, Effect, Goal, Ruling, Seen, Settled, rule};
use super::sighting::Sighting;
use crate::api::{Answer, ApiError, ErrorKind};
use crate::model::{ClientId, Verify};
use crate::plan::Snapshot;

/// The first pause between two looks; it doubles up to the longest.
const FIRST_LOOK: Duration = Duration::from_millis(100);
/// The longest pause between two looks.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// How long a write is looked for at most that is in doubt.
pub(crate) fn longest_patience(settle: Duration) -> Duration {
    settle * 2
}

/// So often a write is sent again that came with a session that was over; it is no try that failed.
const MOST_POSTPONED: u32 = 16;

/// One write of a step: how it is sent, and how one looks for what it did.
pub(super) trait WriteAttempt {
    /// What it is to bring about.
    fn goal(&self) -> Goal;

    /// Sends it once.
    async fn send(&self) -> Answer;

    /// Looks at what is there after a send that was answered like this.
    async fn look(&self, answered: AnswerClass) -> Sighting;

    /// Looks where `look` does not, for what is in doubt and was not seen.
    async fn look_everywhere(&self) -> Option<Sighting> {
        None
    }

    /// Tells whether what `look_everywhere` finds can only be of this write: then it is looked for before another send, too.
    fn is_distinct(&self) -> bool {
        true
    }

    /// Explains a certain refusal.
    async fn explain(&self, error: &ApiError) -> Problem {
        Cause::Api(error.clone()).into()
    }
}

/// What became of a write, and the id of the client as far as it is known.
pub(super) struct WriteResult {
    pub(super) outcome: Outcome,
    pub(super) id: Option<ClientId>,
    /// What the server made of a write that it took, where that is something else than was sent.
    pub(super) left: Option<Box<Snapshot>>,
    /// How the lists show a new client.
    pub(super) listed: ListedScope,
}

impl From<Outcome> for WriteResult {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, id: None, left: None, listed: ListedScope::default() }
    }
}

/// Sends a write until it is settled: done, refused, changed by somebody else, or in doubt.
pub(super) async fn settle<R, W>(context: &Context<'_, R, W>, attempt: &impl WriteAttempt) -> WriteResult {
    let (mut earlier, mut sent, mut postponed) = (Doubt::None, 0, 0);
    loop {
        let (answered, error) = taken(attempt.send().await);
        // One bare 401 may be anybody's: whether we are still known shows when we look.
        error.iter().filter(|_| answered != AnswerClass::TurnedAway).for_each(|error| context.note(error));
        if answered == AnswerClass::Done {
            context.brake.accepted(attempt.goal());
        }
        if let Some(outcome) = at_once(context, attempt, (answered, error.as_ref()), earlier).await {
            return outcome.into();
        }
        let (tries, most) = match answered {
            AnswerClass::Postponed => (&mut postponed, MOST_POSTPONED),
            _ => (&mut sent, context.options.retries),
        };
        let sending = Sending { answered, earlier, left: most.saturating_sub(*tries) };
        let (mut watched, patience) = sending.watch(context, attempt).await;
        // Who came without a session gets little: sessions that end all the time are not used up by looking.
        let is_distinct = attempt.is_distinct() && answered != AnswerClass::Postponed;
        if is_distinct {
            watched = sending.look_everywhere(attempt, watched).await;
        }
        if let (Ruling::Open(Again::Yes, _), Some(error)) = (watched.0, &error)
            && patience == Patience::Spent
            && sending.may_go_on(context)
            && context.pause(*tries, error).await == Again::Yes
        {
            earlier = earlier.after(answered);
            *tries += 1;
            continue;
        }
        let (ruling, sighting) = if is_distinct { watched } else { sending.look_everywhere(attempt, watched).await };
        // Nobody waited for what may still show.
        if matches!(ruling, Ruling::Open(..)) && patience == Patience::CutShort && answered == AnswerClass::Done {
            return WriteResult { id: sighting.id, ..Outcome::Unknown(Cause::NotAwaited.after_write()).into() };
        }
        let (Ruling::Settled(end) | Ruling::Open(_, end)) = ruling;
        return concluded(end, answered, sighting, error.as_ref());
    }
}

/// Sorts an answer. Only a code is the API's own word; a status may be that of anything between us and it.
fn taken(answer: Answer) -> (AnswerClass, Option<ApiError>) {
    match answer {
        Answer::Done => (AnswerClass::Done, None),
        Answer::NotDone(error) => (AnswerClass::Unsent, Some(error)),
        Answer::Refused(error) => (refused(&error), Some(error)),
        Answer::Postponed(error) => (AnswerClass::Postponed, Some(error)),
        Answer::Uncertain(error) => (AnswerClass::Lost, Some(error)),
    }
}

fn refused(error: &ApiError) -> AnswerClass {
    match (error.kind, error.code) {
        (ErrorKind::NotFound, Some(_)) => AnswerClass::NotFound,
        (ErrorKind::NotFound, None) => AnswerClass::Missing,
        (_, Some(code)) if !code.is_unknown_general() => AnswerClass::Refused,
        (_, Some(_) | None) => AnswerClass::TurnedAway,
    }
}

/// Settles what needs no look: what was never sent or was refused by its code, unless an earlier send is in doubt.
async fn at_once<R, W>(
    context: &Context<'_, R, W>,
    attempt: &impl WriteAttempt,
    (answered, error): (AnswerClass, Option<&ApiError>),
    earlier: Doubt,
) -> Option<Outcome> {
    let trusted = context.options.verify == Verify::Trust && attempt.goal() != Goal::Added;
    match (answered, error, earlier) {
        (AnswerClass::Done, None, _) if trusted => Some(Outcome::Applied),
        (AnswerClass::Unsent, Some(error), Doubt::None) => Some(Outcome::Failed(Cause::Api(error.clone()).into())),
        (AnswerClass::Refused, Some(error), Doubt::None) => Some(Outcome::Failed(attempt.explain(error).await)),
        _ => None,
    }
}

/// Whether what does not show was waited for as long as it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Spent,
    /// A signal or the deadline came first.
    CutShort,
}

/// One send and what may still follow it.
#[derive(Clone, Copy)]
struct Sending {
    answered: AnswerClass,
    earlier: Doubt,
    /// How often it may be sent again.
    left: u32,
}

impl Sending {
    fn may_go_on<R, W>(self, context: &Context<'_, R, W>) -> bool {
        self.left > 0 && context.halt.get().is_none()
    }

    /// Looks for a write that is in doubt where that was not done yet: before it is sent again, or given up.
    async fn look_everywhere(
        self,
        attempt: &impl WriteAttempt,
        (ruling, sighting): (Ruling, Sighting),
    ) -> (Ruling, Sighting) {
        let (Ruling::Settled(end) | Ruling::Open(_, end)) = ruling;
        if (end, sighting.seen) != (Settled::Unknown, Seen::AsBefore) {
            return (ruling, sighting);
        }
        match attempt.look_everywhere().await {
            Some(found) => (rule(attempt.goal(), self.answered, found.seen, self.earlier), found),
            None => (ruling, sighting),
        }
    }

    /// Looks until the write is settled or patience ends.
    async fn watch<R, W>(
        self,
        context: &Context<'_, R, W>,
        attempt: &impl WriteAttempt,
    ) -> ((Ruling, Sighting), Patience) {
        let (began, mut pause) = (Instant::now(), FIRST_LOOK);
        loop {
            let waited = began.elapsed();
            let sighting = attempt.look(self.answered).await;
            let ruling = rule(attempt.goal(), self.answered, sighting.seen, self.earlier);
            let Ruling::Open(again, _) = ruling else { return ((ruling, sighting), Patience::Spent) };
            let patience = self.patience(attempt.goal(), again, context.options.settle);
            if waited >= patience {
                return ((ruling, sighting), Patience::Spent);
            }
            // A look that took long was a pause too; the last one begins when patience ends.
            let next = pause.min(patience.saturating_sub(began.elapsed()));
            if context.wait(next).await == Again::No {
                return ((ruling, sighting), Patience::CutShort);
            }
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    /// How long one looks for what does not show yet. A second Add may become a second client, so one that was accepted or
    /// lost is waited for twice as long before another is sent. Everything else is sent again at once: it does no harm, or came with a session
    /// that was over, as a probe has shown.
    fn patience(self, goal: Goal, again: Again, settle: Duration) -> Duration {
        match (goal, self.answered, again) {
            (Goal::Added, AnswerClass::Lost | AnswerClass::Done, _) => longest_patience(settle),
            (_, _, Again::Yes) if self.left > 0 => Duration::ZERO,
            _ => settle,
        }
    }
}

fn concluded(end: Settled, answered: AnswerClass, sighting: Sighting, error: Option<&ApiError>) -> WriteResult {
    let Sighting { seen, id, problem, left, listed } = sighting;
    let by_answer = |cause: fn(ApiError) -> Cause| error.cloned().map(|error| Problem::from(cause(error)));
    let refusal = answered != AnswerClass::Done && matches!(seen, Seen::AsBefore | Seen::Unclear | Seen::Unread);
    let said = match end {
        Settled::Applied => return WriteResult { id, listed, ..Outcome::Applied.into() },
        Settled::Failed(_) if refusal => by_answer(Cause::Api).or(problem),
        Settled::Unknown if seen == Seen::AsBefore => by_answer(match answered {
            AnswerClass::Missing | AnswerClass::TurnedAway => Cause::TurnedAway,
            _ => Cause::Lost,
        })
        .or(problem),
        Settled::Failed(_) | Settled::Stale | Settled::Unknown => problem.or_else(|| by_answer(Cause::Api)),
    };
    let said = said.unwrap_or_else(|| Cause::Ended.into());
    let outcome = match end {
        Settled::Applied => Outcome::Applied,
        Settled::Failed(Effect::None) => Outcome::Failed(said),
        Settled::Failed(Effect::Possible) => Outcome::Failed(said.after_write()),
        Settled::Stale => Outcome::Stale(said),
        Settled::Unknown => Outcome::Unknown(said.after_write()),
    };
    // Without a yes of the server it may be somebody else's.
    WriteResult { outcome, id, left: left.filter(|_| answered == AnswerClass::Done), listed }
}
