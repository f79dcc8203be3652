//! `icsync drift`: the plan read as drift; with a revision it tells what changed on the server from what changed in git.

use super::accept::{self, Found};
use crate::cli::args::{DriftArguments, Global, Selected};
use crate::cli::base::Base;
use crate::cli::connect::ServerConnection;
use crate::cli::environment::{Environment, now};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::past_runs::OpenDoubt;
use crate::cli::planning::{PlanShape, open, policy, read_live, target, warn_of_absent};
use crate::cli::repository::Repository;
use crate::cli::runtime;
use crate::cli::selecting::{check_selection, selection};
use crate::document::{DriftV1, OptionsV1};
use crate::drift::AskedClients;
use crate::drift::{self, Drift};
use crate::live::Fetched;
use crate::model::{Desired, Policy, Selection};
use crate::report;

const ALL_WITHOUT_SINCE: &str = "note: without --since what git changed and nobody applied yet counts as drift too, and is turned back to what is live; \
     `--since REV` names what was applied last";

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &DriftArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let base = match &arguments.since {
        Some(since) => Some(Base::load(environment, global, since)?.0),
        None => None,
    };
    runtime()?.block_on(run_async(environment, global, (arguments, base), sink))
}

async fn run_async(
    environment: &Environment,
    global: &Global,
    (arguments, base): (&DriftArguments, Option<Base>),
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let shape = PlanShape { parallelism: arguments.parallelism, ..PlanShape::default() };
    let (mut repository, desired, connection) = open(environment, global, &shape).await?;
    let asked = accept::asked(&arguments.accepting, &desired)?;
    if base.is_none() && asked == Some(AskedClients::All) {
        environment.say(ALL_WITHOUT_SINCE);
    }
    let looking = look(environment, (&repository, &connection), (&desired, base), arguments);
    let found = connection.interruptible(looking).await;
    let ended = connection.close(environment).await;
    let (found, read, policy) = found?;
    repository.compare_keys(&desired, &read.live, &policy.selection)?;
    sink.warn(repository.warnings());
    if let Some(asked) = asked {
        let all = Found { desired: &desired, live: &read.live, policy: &policy, drift: &found };
        let accepted = accept::accept(environment, &repository, (&all, &asked), &arguments.accepting, sink);
        environment.say(&ended.summary(read.rows));
        return accepted;
    }
    let said = |chosen: &[Selected]| chosen.iter().map(|one| one.text.clone()).collect();
    let options = OptionsV1 {
        select: said(&arguments.select.select),
        exclude: said(&arguments.select.exclude),
        shard: arguments.shard.map(|shard| shard.to_string()),
        ..OptionsV1::default()
    };
    let document = DriftV1::new(target(&repository), arguments.since.as_deref(), &found).of_part(&options);
    let document = document.with(repository.warnings());
    let written = sink.render(|format, out, style| report::drift(format, out, &document, style));
    environment.say(&ended.summary(read.rows));
    written?;
    let ignored = arguments.ignore.iter().copied().collect();
    Ok(if found.is_in_sync(&ignored) { Exit::Done } else { Exit::Changes })
}

async fn look(
    environment: &Environment,
    (repository, connection): (&Repository, &ServerConnection),
    (desired, base): (&Desired, Option<Base>),
    arguments: &DriftArguments,
) -> Result<(Drift, Fetched, Policy), Failure> {
    let selection = Selection { shard: arguments.shard, ..selection(&arguments.select) };
    let shape = PlanShape { selection, base, ..PlanShape::default() };
    repository.check_exceptions(now())?;
    warn_of_absent(environment, repository.root(), repository.resolved())?;
    let policy = policy(repository, desired, &shape)?;
    let read = read_live(environment, connection, (desired, &OpenDoubt::default()), &policy).await?;
    check_selection(environment, &shape.selection, [desired], Some(&read.live))?;
    let base = shape.base.as_ref().map(|base| &base.desired);
    Ok((drift::drift(desired, base, &read.live, &policy), read, policy))
}
