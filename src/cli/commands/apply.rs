//! `icsync apply`: applies a saved plan, or plans, asks and applies.

use std::path::Path;

use rand::RngExt as _;

use crate::apply::{self, FORMAT, Journal, OnRefusals, Options, Outcomes, RunRecord};
use crate::cli::args::{ApplyArguments, Global};
use crate::cli::commands::{rollback, runs};
use crate::cli::connect::ServerConnection;
use crate::cli::environment::{Environment, now, read};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::planning::{PlanShape, Planned, journals, open, plan_with};
use crate::cli::progress::ProgressDisplay;
use crate::cli::repository::Repository;
use crate::cli::{runtime, saving_key};
use crate::document::{OptionsV1, OutcomesV1, PlanV1, SavedPlan, TargetV1, difference};
use crate::model::{Desired, Field};
use crate::plan;
use crate::redact::Mask;
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
    let shape = shape(arguments, saved.as_ref())?.with_base(environment, global)?;
    let (repository, desired, connection) = open(environment, global, shape.parallelism).await?;
    let applying = Applying { environment, arguments, sink, connection: &connection, shape: &shape };
    let done = applying.run(repository, desired, saved.as_ref()).await;
    let ended = connection.close(environment).await;
    let Done { exit, rows, written } = done?;
    environment.say(&ended.summary(rows));
    written.map(|()| exit)
}

/// What an apply came to, also if not all of it could be reported.
struct Done {
    exit: Exit,
    rows: usize,
    written: Result<(), Failure>,
}

fn saved_plan(environment: &Environment, file: &Path) -> Result<SavedPlan, Failure> {
    let bytes = read(&environment.path(file))?;
    SavedPlan::parse(&bytes, saving_key()?.as_deref())
        .map_err(|error| CommandError::UnusablePlan { path: file.to_owned(), error }.into())
}

fn shape(arguments: &ApplyArguments, saved: Option<&SavedPlan>) -> Result<PlanShape, Failure> {
    let given = PlanShape::of(&arguments.shape);
    let Some(saved) = saved else { return Ok(given) };
    if given.options != OptionsV1::default() || given.prune.is_some() {
        return Err(CommandError::OptionsOfSavedPlan.into());
    }
    PlanShape::of_saved(saved.plan.options.clone(), saved.plan.prune.into(), given.parallelism)
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
        let planning = self.plan(repository, desired);
        let planned = self.connection.interruptible(planning).await?;
        let document = planned.document()?;
        if let Some(saved) = saved {
            let journals = journals(self.environment, &planned.repository, self.arguments.journal.as_ref());
            check_fresh(saved, &document, &journals)?;
        }
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

    async fn plan(&self, repository: Repository, desired: Desired) -> Result<Planned, Failure> {
        match &self.shape.options.rollback_of {
            Some(run) => {
                let folder = journals(self.environment, &repository, self.arguments.journal.as_ref());
                let history = rollback::history(&folder, run)?;
                rollback::plan_back(self.environment, repository, &desired, self.shape, (self.connection, &history))
                    .await
            }
            None => plan_with(self.environment, repository, &desired, self.shape, self.connection).await,
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
        self.approve(planned, saved).await?;
        let journal = self.journal(planned, saved)?;
        let requests = planned.repository.requests();
        let live = &planned.read.live;
        let hidden = live.clients.values().filter(|row| row.scope.is_unresolved()).map(|row| row.scope.telsys);
        let options = Options {
            parallelism: self.connection.parallelism(),
            retries: requests.retries,
            deadline: self.connection.deadline(),
            page_size: requests.page_size,
            verify: requests.verify,
            settle: requests.settle,
            shown: Field::ALL.into_iter().filter(|field| live.clients.values().any(|row| row.knows(*field))).collect(),
            hides_scopes: hidden.collect(),
            on_refusals: if self.arguments.keep_going { OnRefusals::KeepGoing } else { OnRefusals::Brake },
        };
        let progress = ProgressDisplay::start(self.environment, "applying");
        progress.expect("applying", planned.plan.steps.len());
        let (reader, writer) = (self.connection.reader(), self.connection.writer());
        let mask = Mask(&planned.policy.sensitive);
        Ok(apply::apply(
            &planned.plan,
            (reader, &writer),
            &journal,
            (&options, mask),
            self.connection.stop(),
            &progress,
        )
        .await)
    }

    /// A saved plan was approved by saving it; everything else needs a word from a person.
    async fn approve(&self, planned: &Planned, saved: Option<&SavedPlan>) -> Result<(), Failure> {
        if self.arguments.auto_approve || saved.is_some() {
            return Ok(());
        }
        let steps = planned.plan.steps.len();
        if !self.environment.asks {
            return Err(CommandError::NoTerminal { steps }.into());
        }
        let question =
            format!("Apply these {steps} steps to {} ({})?", planned.heading.target.name, planned.heading.target.url);
        let asking = tokio::task::spawn_blocking(move || Environment::confirm(&question));
        let answer = async { asking.await.map_err(std::io::Error::other).flatten() };
        let answer = async { Ok(answer.await.map_err(CommandError::NoAnswer)?) };
        let approved = self.connection.interruptible(answer).await?;
        if approved { Ok(()) } else { Err(CommandError::NotApproved.into()) }
    }

    fn journal(&self, planned: &Planned, saved: Option<&SavedPlan>) -> Result<Journal, Failure> {
        let folder = journals(self.environment, &planned.repository, self.arguments.journal.as_ref());
        let started = now();
        let run = format!("{}-{:06x}", started.strftime("%Y%m%dT%H%M%SZ"), rand::rng().random_range(0..0x0100_0000));
        let record = RunRecord {
            format_version: FORMAT.to_owned(),
            run,
            started: started.to_string(),
            target: planned.heading.target.name.clone(),
            url: planned.heading.target.url.clone(),
            git_commit: planned.heading.source.git_commit.clone(),
            rollback_of: self.shape.options.rollback_of.clone(),
            plan: saved.and_then(|saved| saved.plan.digest.clone()),
            steps: planned.plan.steps.len(),
        };
        Journal::create(&folder, record).map_err(|source| CommandError::NoJournal { folder, source }.into())
    }
}

fn check_target(saved: &SavedPlan, repository: &Repository) -> Result<(), Failure> {
    let (name, url) = (repository.target_name(), repository.target_url());
    let TargetV1 { name: planned_name, url: planned_url } = saved.plan.target.clone();
    if planned_url != url {
        let planned = (planned_name, planned_url);
        return Err(CommandError::PlanForOtherTarget { planned, target: (name.to_owned(), url) }.into());
    }
    if !saved.plan.tool.is_of_this_major() {
        return Err(CommandError::PlanOfOtherVersion.into());
    }
    Ok(())
}

/// Plans made now and then have to be the same, or nothing is written. A run that has applied the plan already is named.
fn check_fresh(saved: &SavedPlan, now: &PlanV1, journals: &Path) -> Result<(), Failure> {
    let differences = difference(saved, now);
    if differences.is_empty() {
        return Ok(());
    }
    let mut details: Vec<String> = differences.iter().take(20).map(ToString::to_string).collect();
    let more = differences.len().saturating_sub(details.len());
    details.extend((more > 0).then(|| format!("and {more} more")));
    let applied_by = saved.plan.digest.as_deref().and_then(|digest| runs::of_plan(journals, digest));
    Err(CommandError::StalePlan { details, applied_by }.into())
}

fn refused(plan: &plan::Plan) -> Failure {
    let findings = &plan.guard.findings;
    let message: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let help: Vec<_> = findings.iter().map(|finding| finding.help.as_str()).collect();
    CommandError::Guard { message: message.join("; "), help: help.join("; ") }.into()
}
