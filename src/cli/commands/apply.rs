//! `icsync apply`: applies a saved plan, or plans, asks and applies.

use std::path::PathBuf;

use crate::apply::{OnRefusals, Outcomes, StepOutcome};
use crate::cli::args::{ApplyArguments, Global};
use crate::cli::commands::performing::{Performing, refused};
use crate::cli::commands::rollback::plan_in_shape;
use crate::cli::connect::ServerConnection;
use crate::cli::environment::Environment;
use crate::cli::error::{CommandError, RolloutError};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::part::{leave_part, part_of, ranges};
use crate::cli::past_runs;
use crate::cli::plan_error::SavedPlanError;
use crate::cli::plan_key::Digested;
use crate::cli::planning::{PlanShape, Planned, journals, open};
use crate::cli::repository::Repository;
use crate::cli::saved::{check_target, differences, saved_plan, shape_of};
use crate::cli::{panicked, runtime};
use crate::document::{OutcomesV1, PlanPart, PlanV1, SavedPlan, SummaryV1, TargetV1};
use crate::model::{Desired, DigestKey};
use crate::plan::Plan;
use crate::report::{self, Format};
use crate::text::counted;

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
    let shape = shape.in_waves(arguments.rollout.rules(), &arguments.rollout.waves.first);
    let shape = shape.with_base(environment, global)?;
    let (repository, desired, connection) = open(environment, global, &shape).await?;
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
        self.check_asking(&repository)?;
        let part = saved.map(|saved| self.part(saved, &desired)).transpose()?.flatten();
        self.performing(&repository).wait_for_others(repository.requests().settle).await?;
        let with = (self.connection, self.journal_of_past());
        let planning = plan_in_shape(self.environment, repository, &desired, self.shape, with);
        let planned = self.connection.interruptible(planning).await?;
        let planned = self.check(saved, part.as_ref(), planned)?;
        let planned = self.under_conditions(planned);
        let document = planned.document()?.saved_as(saved.and_then(|saved| saved.plan.digest.clone()))?;
        let rows = planned.read.rows;
        let plan = &planned.plan;
        self.sink.render_text(|out, style| report::plan(Format::Text, out, &document, style))?;
        if !plan.guard.allows() {
            let written =
                self.sink.render_besides_json(|format, out, style| report::plan(format, out, &document, style));
            let refusal = refused(plan, &document.target.name);
            return Err(match written {
                Ok(()) => refusal,
                Err(unwritten) => refusal.caused_by(unwritten.message()),
            });
        }
        let outcomes = match plan.ready().next() {
            Some(_) => self.perform(&planned, saved).await?,
            None => withheld(plan),
        };
        let exit = Exit::of_apply(plan, &outcomes);
        Ok(Done {
            exit,
            rows,
            written: self.show(&OutcomesV1::new(document, &outcomes)).map_err(|failure| failure.after(exit)),
        })
    }

    /// Gives the folder of the journal from which a rollback is planned: what the run itself writes may be kept apart from it.
    fn journal_of_past(&self) -> Option<&PathBuf> {
        let ApplyArguments { journal, rollback_journal, .. } = self.arguments;
        let apart = rollback_journal.as_ref().filter(|_| self.shape.options.rollback_of.is_some());
        apart.or(journal.as_ref())
    }

    /// Makes sure that somebody is there to be asked between waves, before anything is read.
    fn check_asking(&self, repository: &Repository) -> Result<(), Failure> {
        let rules = self.shape.rollout.clone().over(repository.rollout().clone());
        if rules.asks(!self.shape.first.is_all()) && !self.environment.asks {
            Err(RolloutError::NobodyToAsk.into())
        } else {
            Ok(())
        }
    }

    /// Finds which steps of a saved plan are meant, and says what is taken along.
    fn part(&self, saved: &SavedPlan, desired: &Desired) -> Result<Option<PlanPart>, Failure> {
        let named = (self.arguments.steps.as_ref(), &self.arguments.shape.select);
        let part = part_of(saved, named, desired)?;
        if let Some(PlanPart { wanted: _, along }) = part.as_ref().filter(|part| !part.along.is_empty()) {
            let (steps, taken) = (ranges(along.iter().copied()), counted(along.len(), "step"));
            self.environment
                .say(&format!("note: {taken} taken along, because others of the part wait for it: {steps}"));
        }
        Ok(part)
    }

    /// Decides what is withheld by this apply, and the waves of the rest.
    fn under_conditions(&self, planned: Planned) -> Planned {
        let approved = self.arguments.auto_approve.as_ref().filter(|actions| !actions.is_empty());
        planned.at_once(approved.map(|actions| actions.iter().copied().collect()))
    }

    /// What was approved has to be what would be done now, or nothing is written. Runs that have applied the plan already are
    /// named. Of a part of a saved plan only that part has to hold, and only it is left.
    fn check(&self, saved: Option<&SavedPlan>, part: Option<&PlanPart>, planned: Planned) -> Result<Planned, Failure> {
        if let Some(expected) = &self.arguments.expect {
            let now = planned.document()?;
            if now.steps_digest.as_ref() != Some(expected) {
                return Err(unexpected(expected, &now).into());
            }
            // A saved plan has digests of them, and is compared by these.
            if saved.is_none() {
                self.warn_of_uncompared(&now, &planned.policy.sensitive.key);
            }
        }
        let (Some(saved), Some(file)) = (saved, &self.arguments.plan) else { return Ok(planned) };
        let now = planned.compared();
        let (planned, details) = match part {
            Some(part) => leave_part(planned, (saved, file), part, &now)?,
            None => {
                let details = differences((saved, file), &now, &planned.policy.sensitive.key)?;
                (planned, details)
            }
        };
        let earlier = self.earlier_runs(&planned.repository, saved);
        if details.is_empty() {
            self.warn_of_turned_back(&earlier);
            let plan = planned.plan.of_saved(&saved.plan.options.command());
            return Ok(Planned { plan, ..planned });
        }
        let past_runs::RunsOfPlan { runs, applied, turned_back_by } = earlier;
        let rest = ranges(saved.plan.steps.iter().map(|step| step.number).filter(|number| !applied.contains(number)));
        let rest = Some(rest).filter(|rest| !rest.is_empty());
        let command = saved.plan.options.command();
        Err(SavedPlanError::Stale { details, applied_by: runs, turned_back_by, rest, command }.into())
    }

    /// Finds the runs that applied a saved plan, or a part of it.
    fn earlier_runs(&self, repository: &Repository, saved: &SavedPlan) -> past_runs::RunsOfPlan {
        let journals = journals(self.environment, repository, self.arguments.journal.as_ref());
        saved.plan.digest.as_deref().map(|digest| past_runs::of_plan(&journals, digest)).unwrap_or_default()
    }

    /// Says that a plan which holds again was turned back: somebody did not want what it does.
    fn warn_of_turned_back(&self, earlier: &past_runs::RunsOfPlan) {
        if !earlier.turned_back_by.is_empty() {
            let (applied, back) = (earlier.runs.join(", "), earlier.turned_back_by.join(", "));
            self.environment.say(&format!(
                "warning: this plan was applied by run {applied} and turned back by run {back}: now it is applied again"
            ));
        }
    }

    /// Says that the digest of the steps does not hold sensitive values to what was approved.
    fn warn_of_uncompared(&self, now: &PlanV1, key: &DigestKey) {
        let fields = if key.is_shared() { 0 } else { now.sensitive_fields() };
        if fields > 0 {
            let (hold, fields) = (if fields == 1 { "holds" } else { "hold" }, counted(fields, "sensitive field"));
            self.environment.say(&format!(
                "warning: what {fields} {hold} is not compared with what is expected: set the same ICSYNC_PLAN_KEY where the \
                 digest is made and here, and it is part of it"
            ));
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
            alive: &|| {},
            begins: &|_| {},
        }
    }

    /// A saved plan was approved by saving it, and steps by naming their digest; everything else needs a word from a person.
    async fn approve(&self, planned: &Planned, saved: Option<&SavedPlan>) -> Result<(), Failure> {
        if self.arguments.auto_approve.is_some() || saved.is_some() || self.arguments.expect.is_some() {
            return Ok(());
        }
        let steps = planned.plan.ready().count();
        if !self.environment.asks {
            return Err(CommandError::NoTerminal { steps }.into());
        }
        let TargetV1 { name, url } = &planned.heading.target;
        let withheld = planned.plan.steps.len() - steps;
        let withheld = if withheld > 0 { format!(" ({withheld} withheld)") } else { String::new() };
        let question = format!("Apply {}{withheld} to {name} ({url})?", planned.plan.tally());
        let asking = tokio::task::spawn_blocking(move || Environment::confirm(&question));
        let answer = async { asking.await.map_err(panicked).flatten() };
        let answer = async { Ok(answer.await.map_err(CommandError::NoAnswer)?) };
        let approved = self.connection.interruptible(answer).await?;
        if approved { Ok(()) } else { Err(CommandError::NotApproved.into()) }
    }
}

/// The outcomes of a plan of which every step is withheld: there is nothing to write down.
fn withheld(plan: &Plan) -> Outcomes {
    let reason = |step| Some(StepOutcome::withheld(step, plan.rollout.reason(step.number)?));
    Outcomes { steps: plan.steps.iter().filter_map(reason).collect(), ..Outcomes::default() }
}

/// Says what would be done, as far as that can be said without what was expected.
fn unexpected(expected: &str, now: &PlanV1) -> SavedPlanError {
    let SummaryV1 { add, change, replace, delete, blocked, .. } = &now.summary;
    let digest = now.steps_digest.as_deref().unwrap_or_default();
    let lines = vec![
        format!("expected: {expected}"),
        format!("now:      {digest}"),
        format!("{add} to add, {change} to change, {replace} to replace, {delete} to delete, {blocked} blocked"),
    ];
    SavedPlanError::OtherSteps { expected: "is expected", lines, command: now.options.command() }
}
