//! `icsync plan`: reads both sides and shows what `apply` would do.

use std::path::Path;

use crate::cli::args::{Global, PlanArguments};
use crate::cli::environment::{Environment, FileAccess, write};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::planning::{PlanShape, Planned, open, plan_with};
use crate::cli::{plan_key, runtime, saving_key};
use crate::document::{self, PlanV1};
use crate::plan::Plan;
use crate::report;
use crate::text;

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
    let shape = PlanShape::of(&arguments.shape).with_base(environment, global)?;
    let (repository, desired, connection) = open(environment, global, shape.parallelism).await?;
    let planned = connection.interruptible(plan_with(environment, repository, &desired, &shape, &connection)).await;
    let ended = connection.close(environment).await;
    let planned = planned?;
    let document = planned.document()?.signed(plan_key().as_deref());
    let Planned { plan, read, repository, .. } = &planned;
    sink.warn(repository.warnings());
    let exit = exit(plan, arguments.detailed_exitcode);
    let saved = arguments.out.as_ref().map_or(Ok(()), |file| save(environment, file, &document));
    let written = sink.render(|format, out, style| report::plan(format, out, &document, style));
    environment.say(&ended.summary(read.rows));
    saved.and(written).map_err(|failure| failure.after(exit))?;
    if let (Some(file), true) = (&arguments.out, plan.guard.allows()) {
        environment.say(&format!("saved: apply exactly this with `icsync apply {}`", text::path(file)));
    }
    Ok(exit)
}

/// Saves a plan, signed if there is a key.
pub(super) fn save(environment: &Environment, file: &Path, plan: &PlanV1) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    document::write(&mut bytes, &plan.clone().signed(saving_key()?.as_deref()))?;
    write(&environment.path(file), &bytes, FileAccess::Private)
}

/// A refused plan says so whatever else; changes are told from none only when that is asked for.
fn exit(plan: &Plan, detailed: bool) -> Exit {
    match Exit::of_plan(plan) {
        Exit::Done if detailed && !plan.is_settled() => Exit::Changes,
        exit => exit,
    }
}
