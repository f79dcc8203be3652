//! How a plan is carried out, whichever command asks for it: journal, engine, progress.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::RngExt as _;

use crate::apply::{self, FORMAT, Journal, OnRefusals, Options, Outcomes, RunRecord};
use crate::cli::connect::ServerConnection;
use crate::cli::environment::{Environment, check_folder, now, user};
use crate::cli::error::CommandError;
use crate::cli::failure::Failure;
use crate::cli::past_runs::{self, OpenRun};
use crate::cli::plan_key::{STATE, make_state};
use crate::cli::planning::{Planned, RUNS};
use crate::cli::waving::WaveDisplay;
use crate::model::Field;
use crate::plan::{Plan, Step};
use crate::redact::Mask;
use crate::text::{for_target, visible};

/// What carries out a plan.
pub(super) struct Performing<'a> {
    pub(super) environment: &'a Environment,
    pub(super) connection: &'a ServerConnection,
    /// Where the journals are.
    pub(super) folder: PathBuf,
    pub(super) on_refusals: OnRefusals,
    /// Called now and then while the run only waits.
    pub(super) alive: &'a (dyn Fn() + Sync),
    /// Called with the journal of a run before anything is written.
    pub(super) begins: &'a (dyn Fn(&Path) + Sync),
}

impl Performing<'_> {
    /// Looks at the runs with the same journal folder before anything is read: who is still at work is named, and what is
    /// still under way is waited for.
    pub(super) async fn wait_for_others(&self, settle: Duration) -> Result<(), Failure> {
        self.warn_of_active_runs();
        self.wait_for_open_run(settle).await
    }

    /// Says that somebody else writes at the same time. It is no reason to end: each write looks at its client first.
    fn warn_of_active_runs(&self) {
        for run in past_runs::active(&self.folder) {
            self.environment.say(&format!(
                "warning: run {} is still at work with the same journal folder: what it changes after this run has planned \
                 is told as stale, not overwritten",
                visible(&run)
            ));
        }
    }

    /// Gives what a run of a moment ago left in doubt the time to show: an Add that comes late must not meet a second one.
    async fn wait_for_open_run(&self, settle: Duration) -> Result<(), Failure> {
        let patience = apply::longest_patience(settle);
        let Some(OpenRun { run, wait }) = past_runs::still_open(&self.folder, patience) else { return Ok(()) };
        let (run, seconds) = (visible(&run), wait.as_secs_f32());
        self.environment
            .say(&format!("note: run {run} ended in doubt just now: waiting {seconds:.1} s for what it sent"));
        let pause = async {
            tokio::time::sleep(wait).await;
            Ok(())
        };
        self.connection.interruptible(pause).await
    }

    /// Makes sure that a journal can be written.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let folder = &self.folder;
        check_folder(folder).map_err(|source| CommandError::NoJournal { folder: folder.clone(), source }.into())
    }

    /// Carries out a plan that the guard allows. `saved` is the digest of the saved plan that it is.
    pub(super) async fn perform(&self, planned: &Planned, saved: Option<String>) -> Result<Outcomes, Failure> {
        let journal = self.journal(planned, saved)?;
        (self.begins)(&self.folder.join(format!("{}.jsonl", journal.run())));
        let requests = planned.repository.requests();
        let live = &planned.read.live;
        let hidden = live.clients.values().filter(|row| row.scope.is_unresolved()).map(|row| row.scope.telsys);
        let options = Options {
            parallelism: self.connection.steps_at_once(),
            retries: requests.retries,
            deadline: self.connection.deadline(),
            page_size: requests.page_size,
            verify: requests.verify,
            settle: requests.settle,
            shown: Field::ALL.into_iter().filter(|field| live.clients.values().any(|row| row.knows(*field))).collect(),
            hides_scopes: hidden.collect(),
            shared_scopes: live.shared_scopes(),
            activity: self.connection.activity().clone(),
            on_refusals: self.on_refusals,
            pause: planned.rollout.rules.pause.unwrap_or_default(),
            stop_after: planned.rollout.rules.stop_after.unwrap_or(1),
            windows: planned.repository.windows().clone(),
            clock: now,
        };
        let told = (planned.plan.ready().count(), options.pause);
        let progress = WaveDisplay::start(self.environment, self.connection.activity(), told, self.alive);
        let (reader, writer) = (self.connection.reader(), self.connection.writer());
        writer.announce(planned.plan.ready().filter_map(Step::payload));
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

    fn journal(&self, planned: &Planned, saved: Option<String>) -> Result<Journal, Failure> {
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
            git_dirty: planned.heading.source.git_commit.as_ref().map(|_| planned.heading.source.dirty),
            rollback_of: planned.heading.options.rollback_of.clone(),
            digest_key: (!planned.policy.sensitive.patterns.is_empty())
                .then(|| planned.policy.sensitive.key.name())
                .flatten(),
            plan: saved,
            steps: planned.plan.steps.len(),
        };
        let folder = &self.folder;
        let state = folder.parent().filter(|above| above.ends_with(STATE) && folder.ends_with(RUNS));
        let made = state.map_or(Ok(()), make_state);
        made.and_then(|()| Journal::create(folder, record))
            .map_err(|source| CommandError::NoJournal { folder: folder.clone(), source }.into())
    }
}

/// Where a refusal is explained.
const GUARD_PAGE: &str = "`icsync help guard` has the rules";

/// Makes the failure of a plan that the guard refuses, for this target.
pub(super) fn refused(plan: &Plan, target: &str) -> Failure {
    let findings = &plan.guard.findings;
    let message: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let help: Vec<_> = findings.iter().map(|finding| finding.help.as_str()).chain([GUARD_PAGE]).collect();
    let help = for_target(&help.join("; "), target).into_owned();
    CommandError::Guard { message: message.join("; "), help }.into()
}
