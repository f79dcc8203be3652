//! `icsync rollback`: a plan that restores what a run changed, from its journal.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::apply::{History, RunRecord, run_steps};
use crate::cli::args::{Global, RollbackArguments, is_stream};
use crate::cli::connect::ServerConnection;
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::past_runs::{OpenDoubt, history};
use crate::cli::plan_key::Digested;
use crate::cli::planning::{
    PlanShape, Planned, heading, journals, open, open_doubt, plan_with, policy, rolled_out, warn_of_unread,
};
use crate::cli::progress::ProgressDisplay;
use crate::cli::repository::Repository;
use crate::cli::runtime;
use crate::cli::saved::{ReportedPlan, keep};
use crate::document::OptionsV1;
use crate::live::{self, Extent};
use crate::model::{Boundary, Desired, Live, Sensitive};
use crate::plan::{reachable, rollback, touched_clients, touched_scopes};
use crate::report;
use crate::text::{path, shell_word};

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &RollbackArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    runtime()?.block_on(run_async(environment, global, arguments, sink))
}

async fn run_async(
    environment: &Environment,
    global: &Global,
    arguments: &RollbackArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let shape = PlanShape {
        options: OptionsV1 {
            max_deletes: arguments.limits.deletes,
            max_changes: arguments.limits.changes,
            max_vanished: arguments.limits.vanished,
            rollback_of: Some(arguments.run.clone()),
            ..OptionsV1::default()
        },
        digested: if arguments.out.is_some() { Digested::Saved } else { Digested::Reported },
        ..PlanShape::default()
    };
    let (repository, desired, connection) = open(environment, global, &shape).await?;
    let folder = journals(environment, &repository, arguments.journal.as_ref());
    let history = history((&folder, arguments.journal.as_ref()), &arguments.run).map(|(history, _)| history);
    let of_git = history.as_ref().map(what_git_says).unwrap_or_default();
    let planned = match history {
        Ok(history) => {
            let doubt = open_doubt(environment, &repository, arguments.journal.as_ref());
            let planning = plan_back(environment, repository, &desired, &shape, (&connection, &history, doubt));
            connection.interruptible(planning).await
        }
        Err(failure) => Err(failure),
    };
    let ended = connection.close(environment).await;
    let planned = planned?;
    let reported = (planned.document()?, &planned.policy.sensitive.key);
    let ReportedPlan { document, saved } = keep(environment, arguments.out.as_ref(), reported)?;
    let shown = planned.shown(document);
    let Planned { plan, read, .. } = planned;
    let exit = Exit::of_plan(&plan);
    let written = sink.render(|format, out, style| report::plan(format, out, &shown, style));
    environment.say(&ended.summary(read.rows));
    saved.and(written).map_err(|failure| failure.after(exit))?;
    if plan.guard.allows() && !plan.steps.is_empty() {
        next_steps(global, arguments, of_git).iter().for_each(|line| environment.say(line));
    } else if let Some(file) = arguments.out.as_ref().filter(|file| plan.guard.allows() && !is_stream(file)) {
        environment.say(&format!("{} holds a plan without steps: there is nothing to turn back", path(file)));
    }
    Ok(exit)
}

/// Plans as a shape says: from the definitions, or back from the journal of a run.
pub(super) async fn plan_in_shape(
    environment: &Environment,
    repository: Repository,
    desired: &Desired,
    shape: &PlanShape,
    (connection, journal): (&ServerConnection, Option<&PathBuf>),
) -> Result<Planned, Failure> {
    let Some(run) = &shape.options.rollback_of else {
        return plan_with(environment, repository, desired, shape, (connection, journal)).await;
    };
    let (history, _) = history((&journals(environment, &repository, journal), journal), run)?;
    let doubt = open_doubt(environment, &repository, journal);
    plan_back(environment, repository, desired, shape, (connection, &history, doubt)).await
}

/// Says how the plan is carried out, and what git has to do with it.
fn next_steps(global: &Global, arguments: &RollbackArguments, of_git: String) -> [String; 2] {
    let same = global.same_place();
    let how = match &arguments.out {
        Some(file) if is_stream(file) => "roll back with `icsync apply -`, which reads the plan from stdin".to_owned(),
        Some(file) => format!("saved: roll back with `icsync apply {}{same}`", shell_word(&file.to_string_lossy())),
        None => "save it with --out FILE, then roll back with `icsync apply FILE`".to_owned(),
    };
    [how, of_git]
}

/// Says what the next apply makes of what is turned back.
fn what_git_says(history: &History) -> String {
    let RunRecord { run, git_commit, git_dirty, .. } = &history.run;
    let besides = if *git_dirty == Some(false) { "" } else { " and what was not committed then" };
    let commit = git_commit.as_ref().map(|commit| format!(" (made of commit {commit}{besides})")).unwrap_or_default();
    let (did, does) = if history.has_applied() { ("applied", "does it again") } else { ("was to apply", "does it") };
    format!("turn back in git too what run {run} {did}{commit}, or the next `icsync apply` {does}")
}

/// Reads what the run touched and plans to restore it.
async fn plan_back(
    environment: &Environment,
    repository: Repository,
    desired: &Desired,
    shape: &PlanShape,
    (connection, history, doubt): (&ServerConnection, &History, OpenDoubt),
) -> Result<Planned, Failure> {
    let RunRecord { run, target, url, .. } = &history.run;
    let here = repository.target_url();
    if *url != here {
        let here = (repository.target_name().to_owned(), here);
        return Err(CommandError::RunOnOtherTarget { url: url.clone(), name: target.clone(), target: here }.into());
    }
    if let Some(line) = history.damaged_at() {
        return Err(CommandError::DamagedJournal { run: run.clone(), line }.into());
    }
    let progress = ProgressDisplay::start(environment, connection.activity(), "reading");
    let steps = run_steps(history);
    let policy = policy(&repository, desired, shape)?;
    warn_of_other_key(environment, &history.run, &policy.sensitive);
    let within = reachable(&steps, &policy.boundary);
    let scopes = policy.boundary.scopes().into_iter().cloned().chain(touched_scopes(&within));
    let reach = Boundary::Managed(scopes.collect());
    let extent = Extent { boundary: &reach, shard: None, pins: BTreeMap::new(), page_size: connection.page_size() };
    let wanted = |live: &Live| {
        let mut wanted = touched_clients(&within, live);
        wanted.extend(doubt.wanted(live));
        wanted
    };
    let read = live::fetch(connection.reader(), &extent, wanted, &progress).await?;
    drop(progress);
    doubt.settle((&read.live, &policy));
    warn_of_unread(environment, &read.live);
    let plan = rollback(&steps, &read.live, &policy);
    let heading = heading(environment, &repository, desired, (shape, &policy));
    let (plan, rollout) = rolled_out(plan, desired, &repository, (shape, &policy));
    Ok(Planned { repository, policy, heading, read, plan, rollout })
}

/// Warns when what a journal says of sensitive values cannot be compared with what is live.
fn warn_of_other_key(environment: &Environment, run: &RunRecord, sensitive: &Sensitive) {
    if !sensitive.patterns.is_empty() && run.digest_key != sensitive.key.name() {
        environment.say(
            "warning: the key under which the run noted sensitive values is not at hand, so they count as changed since: \
             set the ICSYNC_PLAN_KEY of the run, or roll back where it was made",
        );
    }
}
