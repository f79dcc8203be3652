//! One round: the files anew, both sides read, compared, and applied where that is asked for.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Watcher, waiting};
use crate::apply::{OnRefusals, Outcomes};
use crate::cli::args::{SelectArguments, ShapeArguments};
use crate::cli::commands::performing::{Performing, refused};
use crate::cli::connect::{Attached, ServerConnection, connect_attached};
use crate::cli::environment::now;
use crate::cli::error::RolloutError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::panicked;
use crate::cli::plan_key::Digested;
use crate::cli::planning::{PlanShape, Planned, journals, plan_with};
use crate::cli::repository::{Repository, load, root};
use crate::drift::{self, Drift};
use crate::git;
use crate::manifest::Emptiness;
use crate::model::Desired;
use crate::text::{for_target, shell_option};
use crate::watch::{RoundOutcome, Trigger, WatchError, WatchRound};

/// What a round leaves for the next one.
#[derive(Debug, Default)]
pub(super) struct KeptFiles {
    /// The last files that were valid.
    good: Option<(Repository, Desired)>,
    /// The last commit that was what is live, for telling what git changed from what the server did.
    settled: Option<String>,
}

impl KeptFiles {
    /// Takes what the rounds of earlier processes leave.
    pub(super) fn of(rounds: &VecDeque<WatchRound>) -> Self {
        let settled = rounds.iter().rev().find_map(WatchRound::settled).map(str::to_owned);
        Self { good: None, settled }
    }
}

/// A round that has ended.
#[derive(Debug)]
pub(super) struct EndedRound {
    pub(super) kept: KeptFiles,
    pub(super) round: WatchRound,
    pub(super) took: Duration,
}

/// Makes a round. It never fails: what goes wrong is what it came to.
pub(super) async fn round(watcher: &Watcher<'_>, mut kept: KeptFiles, trigger: Trigger) -> EndedRound {
    let began = Instant::now();
    let mut round = WatchRound::begin(now(), trigger.name());
    match one(watcher, &mut kept, &mut round).await {
        Ok(outcome) => round.outcome = outcome,
        Err(failure) => {
            round.outcome = outcome_of(&failure);
            round.message = Some(told(&failure));
            round.help = failure.help();
        }
    }
    if let Some(settled) = round.settled() {
        kept.settled = Some(settled.to_owned());
    }
    let took = began.elapsed();
    EndedRound { kept, round: round.ended(took), took }
}

async fn one(watcher: &Watcher<'_>, kept: &mut KeptFiles, round: &mut WatchRound) -> Result<RoundOutcome, Failure> {
    if let Err(failure) = refresh(watcher, kept).await {
        if kept.good.is_none() {
            return Err(failure);
        }
        round.broken = Some(told(&failure));
        round.help = failure.help();
    }
    let Some((repository, desired)) = &kept.good else { return Ok(RoundOutcome::Invalid) };
    watcher.know_target(repository);
    let shape = shape(watcher, kept.settled.as_deref())?;
    let attached = Attached { stop: watcher.stop.clone(), meter: Some(watcher.meter()) };
    let connection = connect_attached(watcher.environment, repository, shape.parallelism, attached).await?;
    let looking = Looking { watcher, connection: &connection, shape: &shape };
    let done = looking.look(repository, desired, round).await;
    connection.close(watcher.environment).await;
    done
}

/// Reads the files anew. Those that are invalid, or of which nobody knows whether they are the branch's, leave the last
/// good ones in place; without such the working tree is better than nothing.
async fn refresh(watcher: &Watcher<'_>, kept: &mut KeptFiles) -> Result<(), Failure> {
    let followed = follow(watcher).await;
    if followed.is_ok() || kept.good.is_none() {
        kept.good = Some(load(watcher.environment, watcher.global, Emptiness::Refused)?);
    }
    followed
}

/// Takes over what is new in the branch, where one is followed.
async fn follow(watcher: &Watcher<'_>) -> Result<(), Failure> {
    let Some(branch) = watcher.arguments.follow.clone() else { return Ok(()) };
    let folder = root(watcher.environment, watcher.global);
    let following = tokio::task::spawn_blocking(move || git::follow(&folder, &branch));
    Ok(following.await.map_err(panicked)?.map_err(WatchError::from)?)
}

/// Gives what shapes the plan: the options, and since when git is compared with itself.
fn shape(watcher: &Watcher<'_>, settled: Option<&str>) -> Result<PlanShape, Failure> {
    let digested = if watcher.arguments.apply { Digested::Saved } else { Digested::Compared };
    let shape = PlanShape { digested, ..PlanShape::of(&watcher.arguments.shape) };
    let Some(commit) = settled.filter(|_| watcher.arguments.follow.is_some()) else {
        return shape.with_base(watcher.environment, watcher.global);
    };
    let mut since = shape.clone();
    since.options.since = Some(commit.to_owned());
    // A commit that is gone, or makes no sense with the variables of today, is no reason not to compare.
    Ok(since.with_base(watcher.environment, watcher.global).unwrap_or(shape))
}

/// Gives the command that applies once what the rounds are about: an option of the watch would hold in every round.
fn once(watcher: &Watcher<'_>) -> String {
    let ShapeArguments { select: SelectArguments { select, exclude }, shard, prune, no_prune, .. } =
        &watcher.arguments.shape;
    let flag = |name: &str, chosen: bool| Some(format!(" --{name}")).filter(|_| chosen);
    let option = |name: &str, value: &str| format!(" {}", shell_option(name, value));
    let flags = [flag("prune", *prune), flag("no-prune", *no_prune)].into_iter().flatten();
    let selected = select.iter().map(|one| option("select", &one.text));
    let excluded = exclude.iter().map(|one| option("exclude", &one.text));
    let part = shard.iter().map(|shard| option("shard", &shard.to_string()));
    let words: String = flags.chain(selected).chain(excluded).chain(part).collect();
    format!("icsync apply{}{words}", watcher.global.same_place())
}

/// A round that talks to the server.
struct Looking<'a> {
    watcher: &'a Watcher<'a>,
    connection: &'a ServerConnection,
    shape: &'a PlanShape,
}

impl Looking<'_> {
    async fn look(
        &self,
        repository: &Repository,
        desired: &Desired,
        round: &mut WatchRound,
    ) -> Result<RoundOutcome, Failure> {
        let Watcher { environment, arguments, .. } = self.watcher;
        let performing = Performing {
            environment,
            connection: self.connection,
            folder: journals(environment, repository, arguments.journal.as_ref()),
            on_refusals: OnRefusals::Brake,
            alive: &|| self.watcher.board.sign(),
            begins: &|journal| self.watcher.begins_run(journal),
        };
        // While the files are invalid nothing is written: what they are to say is not known.
        let writes = arguments.apply && round.broken.is_none();
        if writes {
            performing.wait_for_others(repository.requests().settle).await?;
        }
        let with = (self.connection, arguments.journal.as_ref());
        let planning = plan_with(environment, repository.clone(), desired, self.shape, with);
        let planned = self.connection.interruptible(planning).await?.at_once(None);
        let plan = planned.plan.of_round(&once(self.watcher));
        let planned = Planned { plan, ..planned };
        let base = self.shape.base.as_ref().map(|base| &base.desired);
        let drift = drift::drift(desired, base, &planned.read.live, &planned.policy);
        round.commit.clone_from(&planned.heading.source.git_commit);
        round.dirty = planned.heading.source.dirty;
        round.take(&drift, &planned.plan);
        self.watcher.show(&planned, &drift)?;
        if !planned.plan.guard.allows() {
            let refusal = refused(&planned.plan, &planned.heading.target.name);
            (round.message, round.help) = (Some(refusal.message()), refusal.help());
            return Ok(RoundOutcome::Refused);
        }
        if !writes || planned.plan.steps.is_empty() {
            return Ok(self.found(&drift));
        }
        if planned.rollout.asks() {
            return Err(RolloutError::NobodyToAsk.into());
        }
        if planned.plan.ready().next().is_none() {
            round.message = waiting(&planned.plan).into_iter().next();
            return Ok(RoundOutcome::Withheld);
        }
        performing.check()?;
        let outcomes = performing.perform(&planned, None).await?;
        Ok(self.applied(&planned, &outcomes, round))
    }

    fn found(&self, drift: &Drift) -> RoundOutcome {
        let ignored = self.watcher.arguments.ignore.iter().copied().collect();
        if drift.is_in_sync(&ignored) { RoundOutcome::InSync } else { RoundOutcome::Differs }
    }

    fn applied(&self, planned: &Planned, outcomes: &Outcomes, round: &mut WatchRound) -> RoundOutcome {
        self.watcher.metrics.applied(outcomes);
        round.run.clone_from(&outcomes.run);
        for step in &outcomes.steps {
            *round.steps.entry(step.outcome.name().to_owned()).or_default() += 1;
            round.destroyed += u64::from(step.action.is_destructive() && step.outcome.is_applied());
        }
        let problem = outcomes.steps.iter().find_map(|step| step.outcome.problem());
        round.message = problem.map(crate::apply::Problem::message);
        round.help = problem.map(|problem| for_target(&problem.help(), &planned.heading.target.name).into_owned());
        match Exit::of_apply(&planned.plan, outcomes) {
            Exit::Done => RoundOutcome::Applied,
            Exit::InDoubt => RoundOutcome::InDoubt,
            Exit::Interrupted => RoundOutcome::Interrupted,
            Exit::NotPermitted => RoundOutcome::NotPermitted,
            Exit::Refused => RoundOutcome::Withheld,
            _ => RoundOutcome::Partial,
        }
    }
}

/// Says what a failure came to.
fn outcome_of(failure: &Failure) -> RoundOutcome {
    match failure.exit() {
        Exit::Interrupted => RoundOutcome::Interrupted,
        Exit::Invalid => RoundOutcome::Invalid,
        Exit::NotPermitted => RoundOutcome::NotPermitted,
        Exit::Refused => RoundOutcome::Refused,
        _ if failure.is_of_contact() => RoundOutcome::Unreachable,
        _ => RoundOutcome::Failed,
    }
}

/// Says a failure in one line; of files the first mistake.
fn told(failure: &Failure) -> String {
    let (mistakes, _) = failure.mistakes();
    let first = mistakes.iter().find(|one| one.is_error()).map(|mistake| {
        let at = mistake.location().map(|at| format!("{at}: ")).unwrap_or_default();
        format!("{at}{}", mistake.message)
    });
    let parts = std::iter::once(failure.message()).chain(first).chain(failure.causes());
    parts.collect::<Vec<_>>().join("; ")
}

/// Gives the seconds since 1970, as Prometheus counts them.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay below 2^53")]
pub(super) fn epoch_seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1_000.0
}
