//! `icsync apply`: applies a saved plan, or plans, asks and applies.

use crate::apply::{OnRefusals, Outcomes};
use crate::cli::args::{ApplyArguments, Global};
use crate::cli::commands::performing::{Performing, refused};
use crate::cli::commands::rollback::plan_in_shape;
use crate::cli::connect::ServerConnection;
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::past_runs;
use crate::cli::plan_key::Digested;
use crate::cli::planning::{PlanShape, Planned, journals, open};
use crate::cli::repository::Repository;
use crate::cli::saved::{check_target, differences, saved_plan, shape_of};
use crate::cli::{panicked, runtime};
use crate::document::{OutcomesV1, PlanV1, SavedPlan, SummaryV1, TargetV1};
use crate::model::Desired;
use crate::report::{self, Format};

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &ApplyArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let done = runtime.block_on(apply(environment, global, arguments, sink));
    // After a signal nobody waits for an answer from the terminal any more.
    runtime.shutdown_background();
    done
}

async fn apply(
    environment: &Environment,
    global: &Global,
    arguments: &ApplyArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let saved = arguments.plan.as_ref().map(|file| saved_plan(environment, file)).transpose()?;
    let shape = PlanShape { digested: Digested::Saved, ..shape_of(&arguments.shape, saved.as_ref())? };
    let shape = shape.with_base(environment, global)?;
    let (repository, desired, connection) = open(environment, global, shape.parallelism).await?;
    let applying = Applying { environment, arguments, sink, connection: &connection, shape: &shape };
    let done = applying.run(repository, desired, saved.as_ref()).await;
    let ended = connection.close(environment).await;
    let Done { exit, rows, written } = done?;
    environment.say(&ended.summary(rows));
    if let Some(line) = exit.guidance() {
        environment.say(&line);
    }
    written.map(|()| exit)
}

/// What an apply came to, also if not all of it could be reported.
struct Done {
    exit: Exit,
    rows: usize,
    written: Result<(), Failure>,
}

struct Applying<'a> {
    environment: &'a Environment,
    arguments: &'a ApplyArguments,
    sink: &'a Sink<'a>,
    connection: &'a ServerConnection,
    shape: &'a PlanShape,
}

impl Applying<'_> {
    async fn run(&self, repository: Repository, desired: Desired, saved: Option<&SavedPlan>) -> Result<Done, Failure> {
        if let Some(saved) = saved {
            check_target(saved, &repository)?;
        }
        self.performing(&repository).wait_for_others(repository.requests().settle).await?;
        let with = (self.connection, self.arguments.journal.as_ref());
        let planning = plan_in_shape(self.environment, repository, &desired, self.shape, with);
        let planned = self.connection.interruptible(planning).await?;
        let document = planned.document()?;
        self.check(saved, &document, &planned)?;
        let rows = planned.read.rows;
        let plan = &planned.plan;
        self.sink.render_text(|out, style| report::plan(Format::Text, out, &document, style))?;
        if !plan.guard.allows() {
            let written =
                self.sink.render_besides_json(|format, out, style| report::plan(format, out, &document, style));
            let refusal = refused(plan);
            return Err(match written {
                Ok(()) => refusal,
                Err(unwritten) => refusal.caused_by(unwritten.message()),
            });
        }
        let outcomes = if plan.steps.is_empty() { Outcomes::default() } else { self.perform(&planned, saved).await? };
        let exit = Exit::of_apply(plan, &outcomes);
        Ok(Done {
            exit,
            rows,
            written: self.show(&OutcomesV1::new(document, &outcomes)).map_err(|failure| failure.after(exit)),
        })
    }

    /// What was approved has to be what would be done now, or nothing is written. A run that has applied the plan already is
    /// named.
    fn check(&self, saved: Option<&SavedPlan>, now: &PlanV1, planned: &Planned) -> Result<(), Failure> {
        if let (Some(saved), Some(file)) = (saved, &self.arguments.plan) {
            let details = differences((saved, file), now, &planned.policy.sensitive.key)?;
            if !details.is_empty() {
                let journals = journals(self.environment, &planned.repository, self.arguments.journal.as_ref());
                let applied_by = saved.plan.digest.as_deref().and_then(|digest| past_runs::of_plan(&journals, digest));
                return Err(CommandError::StalePlan { details, applied_by }.into());
            }
        }
        match &self.arguments.expect {
            Some(expected) if now.steps_digest.as_ref() != Some(expected) => Err(unexpected(expected, now).into()),
            _ => Ok(()),
        }
    }

    fn show(&self, outcomes: &OutcomesV1) -> Result<(), Failure> {
        let rest = self.sink.render_rest(|format, out, style| report::outcomes(format, out, outcomes, style));
        if !outcomes.plan.steps.is_empty() {
            self.sink.render_text(|out, style| report::outcomes(Format::Text, out, outcomes, style))?;
        }
        rest
    }

    async fn perform(&self, planned: &Planned, saved: Option<&SavedPlan>) -> Result<Outcomes, Failure> {
        let performing = self.performing(&planned.repository);
        performing.check()?;
        self.sink.check_writable()?;
        self.approve(planned, saved).await?;
        performing.perform(planned, saved.and_then(|saved| saved.plan.digest.clone())).await
    }

    fn performing(&self, repository: &Repository) -> Performing<'_> {
        Performing {
            environment: self.environment,
            connection: self.connection,
            folder: journals(self.environment, repository, self.arguments.journal.as_ref()),
            on_refusals: if self.arguments.keep_going { OnRefusals::KeepGoing } else { OnRefusals::Brake },
        }
    }

    /// A saved plan was approved by saving it, and steps by naming their digest; everything else needs a word from a person.
    async fn approve(&self, planned: &Planned, saved: Option<&SavedPlan>) -> Result<(), Failure> {
        if self.arguments.auto_approve || saved.is_some() || self.arguments.expect.is_some() {
            return Ok(());
        }
        let steps = planned.plan.steps.len();
        if !self.environment.asks {
            return Err(CommandError::NoTerminal { steps }.into());
        }
        let TargetV1 { name, url } = &planned.heading.target;
        let question = format!("Apply {} to {name} ({url})?", planned.plan.tally());
        let asking = tokio::task::spawn_blocking(move || Environment::confirm(&question));
        let answer = async { asking.await.map_err(panicked).flatten() };
        let answer = async { Ok(answer.await.map_err(CommandError::NoAnswer)?) };
        let approved = self.connection.interruptible(answer).await?;
        if approved { Ok(()) } else { Err(CommandError::NotApproved.into()) }
    }
}

/// Says what would be done, as far as that can be said without what was expected.
fn unexpected(expected: &str, now: &PlanV1) -> CommandError {
    let SummaryV1 { add, change, replace, delete, blocked, .. } = &now.summary;
    let digest = now.steps_digest.as_deref().unwrap_or_default();
    let lines = vec![
        format!("expected: {expected}"),
        format!("now:      {digest}"),
        format!("{add} to add, {change} to change, {replace} to replace, {delete} to delete, {blocked} blocked"),
    ];
    CommandError::OtherSteps { expected: "is expected", lines }
}
