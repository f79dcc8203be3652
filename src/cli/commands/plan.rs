//! `icsync plan`: reads both sides and shows what `apply` would do.

use std::path::Path;

use crate::cli::args::{Global, PlanArguments};
use crate::cli::environment::{Access, Environment, write};
use crate::cli::error::shown;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::planning::{Planned, Shape, open, plan_with};
use crate::cli::{runtime, saving_key};
use crate::plan::{self, Heading, Plan};
use crate::report;

/// Runs the command.
pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &PlanArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    runtime()?.block_on(plan(environment, global, arguments, sink))
}

async fn plan(
    environment: &Environment,
    global: &Global,
    arguments: &PlanArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let shape = Shape::of(&arguments.shape).with_base(environment, global)?;
    let (repository, desired, connection) = open(environment, global, shape.parallelism).await?;
    let planned = connection.interruptible(plan_with(environment, repository, &desired, &shape, &connection)).await;
    let ended = connection.close(environment).await;
    let planned = planned?;
    let Planned { heading, plan, read, .. } = &planned;
    let exit = exit(plan, arguments.detailed_exitcode);
    let saved = arguments.out.as_ref().map_or(Ok(()), |file| save(environment, file, heading, plan));
    let written = sink.render(|format, out, style| report::plan(format, out, heading, plan, style));
    environment.say(&ended.summary(read.rows));
    saved.and(written).map_err(|failure| failure.after(exit))?;
    if let (Some(file), true) = (&arguments.out, plan.guard.allows()) {
        environment.say(&format!("saved: apply exactly this with `icsync apply {}`", shown(file)));
    }
    Ok(exit)
}

/// Saves a plan, signed if there is a key.
pub(super) fn save(environment: &Environment, file: &Path, heading: &Heading, plan: &Plan) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    plan::write_document(&mut bytes, heading, plan, saving_key()?.as_deref())?;
    write(&environment.path(file), &bytes, Access::Private)
}

/// A refused plan says so whatever else; changes are told from none only when that is asked for.
fn exit(plan: &Plan, detailed: bool) -> Exit {
    match Exit::of_plan(plan) {
        Exit::Done if detailed && !(plan.steps.is_empty() && plan.blocked.is_empty()) => Exit::Changes,
        exit => exit,
    }
}
