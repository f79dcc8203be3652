//! Works through the steps of a plan: independent ones at the same time, what frees a scope before what needs it.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use super::add::add;
use super::brake::Brake;
use super::change::change;
use super::context::{Context, Options};
use super::delete::delete;
use super::gate::Gate;
use super::journal::{DELETED, Journal, NO_EFFECT, OutcomeRecord, Part};
use super::outcome::{Outcome, Outcomes, StepOutcome};
use super::problem::{Cause, Problem};
use super::ruling::Effect;
use super::settle::WriteResult;
use super::wave::BetweenWaves;
use crate::api::{Reader, Writer};
use crate::model::{LiveClient, Payload};
use crate::plan::{Plan, Step, Write};
use crate::redact::Mask;

/// Who is told about each step as it ends.
pub(crate) trait Progress: BetweenWaves {
    /// A step has ended.
    fn ended(&self, outcome: &StepOutcome);
}

/// Carries out a plan and says what became of every step; one failure never hides or stops another step.
pub(crate) async fn apply<R: Reader, W: Writer>(
    plan: &Plan,
    (reader, writer): (&R, &W),
    journal: &Journal,
    (options, mask): (&Options, Mask<'_>),
    stop: &CancellationToken,
    progress: &dyn Progress,
) -> Outcomes {
    let context = Context {
        reader,
        writer,
        journal,
        mask,
        options,
        stop,
        halt: OnceLock::new(),
        brake: Brake::new(options.on_refusals),
        gate: Gate::new(plan, &options.windows, options.clock),
        waves_over: OnceLock::new(),
        permits: Semaphore::new(options.parallelism.max(1)),
        open_rings: Semaphore::new(options.parallelism.max(1)),
        hides_scopes: Mutex::new(options.hides_scopes.clone()),
        equal_adds: Mutex::default(),
    };
    let freed: BTreeMap<usize, watch::Sender<Freed>> = plan
        .steps
        .iter()
        .filter(|step| step.frees().is_some())
        .map(|step| (step.number, watch::Sender::default()))
        .collect();
    let mut outcomes = Vec::with_capacity(plan.steps.len());
    let waves = waves(plan);
    for (place, wave) in waves.iter().enumerate() {
        if place > 0 {
            context.between((place + 1, waves.len()), &outcomes, progress).await;
        }
        let mut running: FuturesUnordered<_> = wave.iter().map(|step| run(&context, (step, plan), &freed)).collect();
        while let Some(outcome) = running.next().await {
            progress.ended(&outcome);
            outcomes.push(outcome);
        }
    }
    outcomes.sort_by_key(|outcome| outcome.number);
    let interrupted = stop.is_cancelled();
    // A journal that cannot be ended is read as one that was killed, which is true enough.
    let _ = journal.end(interrupted).await;
    Outcomes { run: Some(journal.run().to_owned()), steps: outcomes, interrupted }
}

/// Gives the steps wave by wave. What is withheld is told with the first one.
fn waves(plan: &Plan) -> Vec<Vec<&Step>> {
    let all = plan.rollout.waves.len().max(1);
    let mut waves: Vec<Vec<&Step>> = vec![Vec::new(); all];
    for step in &plan.steps {
        let wave = plan.rollout.wave_of(step.number).unwrap_or(1);
        waves[wave - 1].push(step);
    }
    waves
}

/// Whether the scope that a step frees is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Freed {
    /// Not yet.
    #[default]
    Waiting,
    /// It is.
    Yes,
    /// It is not, and will not be.
    No,
}

async fn run<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    (step, plan): (&Step, &Plan),
    freed: &BTreeMap<usize, watch::Sender<Freed>>,
) -> StepOutcome {
    let WriteResult { outcome, id, left, listed } = match plan.rollout.reason(step.number) {
        Some(reason) => WriteResult { id: step.id().cloned(), ..Outcome::Withheld(reason.clone().into()).into() },
        None => perform(context, step, freed).await,
    };
    context.brake.note(step.action(), &outcome);
    if let Some(sender) = freed.get(&step.number) {
        // A scope that was not reported free by now stays taken; nobody listening is fine.
        sender.send_if_modified(|state| std::mem::replace(state, free_or(*state)) == Freed::Waiting);
    }
    let record = OutcomeRecord {
        step: step.number,
        action: Some(step.action().name().to_owned()),
        client: step.client.clone(),
        scope: Some(step.scope.clone()),
        part: None,
        outcome: outcome.name().to_owned(),
        effect: outcome.problem().and_then(certain_effect).map(str::to_owned),
        id: id.clone(),
        message: outcome.problem().map(Problem::message),
        left,
    };
    let outcome = match (context.conclude(record).await, outcome) {
        (Err(error), Outcome::Applied) => Outcome::Unknown(Cause::Unrecorded(error.into()).after_write()),
        (_, outcome) => outcome,
    };
    StepOutcome { listed, ..StepOutcome::new(step, (outcome, id), plan.rollout.wave_of(step.number)) }
}

/// Gives the word of the journal for what a step has done that is not applied, where that is certain.
fn certain_effect(problem: &Problem) -> Option<&'static str> {
    match problem.effect() {
        Effect::None if problem.is_half_replaced() => Some(DELETED),
        Effect::None => Some(NO_EFFECT),
        Effect::Possible => None,
    }
}

fn free_or(state: Freed) -> Freed {
    match state {
        Freed::Waiting | Freed::No => Freed::No,
        Freed::Yes => Freed::Yes,
    }
}

async fn perform<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    step: &Step,
    freed: &BTreeMap<usize, watch::Sender<Freed>>,
) -> WriteResult {
    match &step.write {
        Write::Add { payload } => {
            if let Err(problem) = wait(step, freed, |_| true).await {
                return left_out(context, step, problem).into();
            }
            begin((context, step), async || add(context, step, payload).await).await
        }
        Write::Change { live, payload } => {
            let changed = begin((context, step), async || change(context, step, live, payload).await).await;
            // A server may give a client another id with each change.
            let id = changed.id.or_else(|| Some(live.id.clone()));
            WriteResult { id, ..changed }
        }
        Write::Delete { live } => {
            let added = begin((context, step), async || delete(context, step, live).await).await;
            if added.outcome.is_applied() {
                announce(step, freed);
            }
            WriteResult { id: Some(live.id.clone()), ..added }
        }
        Write::Replace { live, payload } => replace(context, step, (live, payload), freed).await,
    }
}

/// Deletes, then adds. Outside a ring the delete waits until the new scope is free, so that nothing is deleted for nothing, and
/// nothing else is begun before the add: few clients are missing at a time. A ring is opened by its first step, which deletes at
/// once; no more rings are open than steps are carried out.
async fn replace<R: Reader, W: Writer>(
    context: &Context<'_, R, W>,
    step: &Step,
    (live, payload): (&LiveClient, &Payload),
    freed: &BTreeMap<usize, watch::Sender<Freed>>,
) -> WriteResult {
    if let Err(problem) = wait(step, freed, |number| number < step.number).await {
        return left_out(context, step, problem).into();
    }
    let opens_ring = step.after_steps.iter().any(|number| *number >= step.number);
    // One step opens a ring, and no other step of it waits for room here.
    let _open = if opens_ring { context.open_rings.acquire().await.ok() } else { None };
    let id = Some(live.id.clone());
    let permit = match admit(context, step).await {
        Ok(permit) => permit,
        Err(outcome) => return WriteResult { id, ..outcome.into() },
    };
    let deleted = delete(context, step, live).await;
    if !deleted.outcome.is_applied() {
        return WriteResult { id, ..deleted };
    }
    if let Err(error) = note_deleted(context, step, live).await {
        return half((step, live), Cause::Unrecorded(error.into()).into(), context);
    }
    announce(step, freed);
    // The rest of a ring needs room before its first step can go on.
    let permit = (!opens_ring).then_some(permit);
    if let Err(problem) = wait(step, freed, |_| true).await {
        return half((step, live), problem, context);
    }
    // A replace that has deleted goes on after a signal: its add is in flight as much as its delete was.
    let permit = if permit.is_some() { permit } else { context.permits.acquire().await.ok() };
    let Some(_permit) = permit else { return half((step, live), Cause::Ended.into(), context) };
    let added = add(context, step, payload).await;
    match added.outcome {
        // It was added, only not as it shall be.
        Outcome::Failed(problem) if added.id.is_some() => WriteResult { outcome: Outcome::Failed(problem), ..added },
        Outcome::Failed(problem) | Outcome::Stale(problem) => half((step, live), problem, context),
        _ => added,
    }
}

async fn note_deleted<R, W>(context: &Context<'_, R, W>, step: &Step, live: &LiveClient) -> std::io::Result<()> {
    let record = OutcomeRecord {
        step: step.number,
        action: None,
        client: None,
        scope: None,
        part: Some(Part::Delete),
        outcome: Outcome::Applied.name().to_owned(),
        effect: None,
        id: Some(live.id.clone()),
        message: None,
        left: None,
    };
    context.conclude(record).await
}

/// The outcome of a replace that deleted and could not add.
fn half<R, W>((step, live): (&Step, &LiveClient), problem: Problem, context: &Context<'_, R, W>) -> WriteResult {
    let (id, run, carried) = (live.id.clone(), context.journal.run().to_owned(), step.carried.clone());
    Outcome::Failed(problem.map(|cause| Cause::HalfReplaced { id, run, carried, cause })).into()
}

fn announce(step: &Step, freed: &BTreeMap<usize, watch::Sender<Freed>>) {
    if let Some(sender) = freed.get(&step.number) {
        sender.send_replace(Freed::Yes);
    }
}

/// Waits until the steps that free this step's scope have done so, as far as `counts` says that they matter.
async fn wait(
    step: &Step,
    freed: &BTreeMap<usize, watch::Sender<Freed>>,
    counts: impl Fn(usize) -> bool,
) -> Result<(), Problem> {
    for number in step.after_steps.iter().copied().filter(|number| counts(*number)) {
        let Some(sender) = freed.get(&number) else { continue };
        let mut receiver = sender.subscribe();
        let state = receiver.wait_for(|state| *state != Freed::Waiting).await.map(|state| *state);
        if !matches!(state, Ok(Freed::Yes)) {
            return Err(Cause::NotFreed { step: number, scope: step.scope.clone() }.into());
        }
    }
    Ok(())
}

/// The outcome of a step whose scope was not freed: it is withheld where that is why.
fn left_out<R, W>(context: &Context<'_, R, W>, step: &Step, problem: Problem) -> Outcome {
    match context.gate.turned_away(step) {
        Some(reason) => Outcome::Withheld(reason.into()),
        None => Outcome::Skipped(problem),
    }
}

/// Begins a write when there is room for it, unless the run is being ended or a window is closed.
async fn begin<R, W>(
    (context, step): (&Context<'_, R, W>, &Step),
    write: impl AsyncFnOnce() -> WriteResult,
) -> WriteResult {
    match admit(context, step).await {
        Err(outcome) => outcome.into(),
        Ok(_permit) => write().await,
    }
}

/// Waits for room to work on a step, and tells why it may not be begun, if so.
async fn admit<'c, R, W>(context: &'c Context<'_, R, W>, step: &Step) -> Result<SemaphorePermit<'c>, Outcome> {
    let Ok(permit) = context.permits.acquire().await else { return Err(Outcome::Skipped(Cause::Ended.into())) };
    if let Some(problem) = context.stopped() {
        return Err(Outcome::Skipped(problem));
    }
    match context.gate.admit(step) {
        Err(reason) => Err(Outcome::Withheld(reason.into())),
        Ok(()) => Ok(permit),
    }
}
