//! `icsync apply`: applies a saved plan, or plans, asks and applies.

use rand::RngExt as _;

use crate::apply::{self, FORMAT, Journal, OnRefusals, Options, Outcomes, RunRecord};
use crate::cli::args::{ApplyArguments, Global};
use crate::cli::commands::rollback::plan_in_shape;
use crate::cli::connect::ServerConnection;
use crate::cli::environment::{Environment, check_folder, now, user};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::past_runs::{self, OpenRun};
use crate::cli::plan_key::Digested;
use crate::cli::planning::{PlanShape, Planned, journals, open};
use crate::cli::progress::ProgressDisplay;
use crate::cli::repository::Repository;
use crate::cli::runtime;
use crate::cli::saved::{check_target, differences, saved_plan, shape_of};
use crate::document::{OutcomesV1, PlanV1, SavedPlan, SummaryV1, TargetV1};
use crate::model::{Desired, Field};
use crate::plan;
use crate::redact::Mask;
use crate::report::{self, Format};
use crate::text::visible;

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
        self.warn_of_active_runs(&repository);
        self.wait_for_open_run(&repository).await?;
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

    /// Says that somebody else writes at the same time. It is no reason to end: each write looks at its client first.
    fn warn_of_active_runs(&self, repository: &Repository) {
        let folder = journals(self.environment, repository, self.arguments.journal.as_ref());
        for run in past_runs::active(&folder) {
            self.environment.say(&format!(
                "warning: run {} is still at work with the same journal folder: what it changes after this run has planned \
                 is told as stale, not overwritten",
                visible(&run)
            ));
        }
    }

    /// Gives what a run of a moment ago left in doubt the time to show: an Add that comes late must not meet a second one.
    async fn wait_for_open_run(&self, repository: &Repository) -> Result<(), Failure> {
        let folder = journals(self.environment, repository, self.arguments.journal.as_ref());
        let patience = apply::longest_patience(repository.requests().settle);
        let Some(OpenRun { run, wait }) = past_runs::still_open(&folder, patience) else { return Ok(()) };
        let (run, seconds) = (visible(&run), wait.as_secs_f32());
        self.environment
            .say(&format!("note: run {run} ended in doubt just now: waiting {seconds:.1} s for what it sent"));
        let pause = async {
            tokio::time::sleep(wait).await;
            Ok(())
        };
        self.connection.interruptible(pause).await
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
        let folder = journals(self.environment, &planned.repository, self.arguments.journal.as_ref());
        check_folder(&folder).map_err(|source| CommandError::NoJournal { folder, source })?;
        self.sink.check_writable()?;
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
            activity: self.connection.activity().clone(),
            on_refusals: if self.arguments.keep_going { OnRefusals::KeepGoing } else { OnRefusals::Brake },
        };
        let progress = ProgressDisplay::start(self.environment, self.connection.activity(), "applying");
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
            user: user(),
            git_commit: planned.heading.source.git_commit.clone(),
            rollback_of: self.shape.options.rollback_of.clone(),
            digest_key: (!planned.policy.sensitive.patterns.is_empty())
                .then(|| planned.policy.sensitive.key.name())
                .flatten(),
            plan: saved.and_then(|saved| saved.plan.digest.clone()),
            steps: planned.plan.steps.len(),
        };
        Journal::create(&folder, record).map_err(|source| CommandError::NoJournal { folder, source }.into())
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

fn refused(plan: &plan::Plan) -> Failure {
    let findings = &plan.guard.findings;
    let message: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let help: Vec<_> = findings.iter().map(|finding| finding.help.as_str()).collect();
    CommandError::Guard { message: message.join("; "), help: help.join("; ") }.into()
}
