//! `icsync plan`: reads both sides and shows what `apply` would do.

use crate::cli::args::{Global, PlanArguments, SelectArguments, WaveArguments, is_stream};
use crate::cli::commands::rollback::plan_in_shape;
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::plan_error::SavedPlanError;
use crate::cli::plan_key::{Digested, plan_key};
use crate::cli::planning::{PlanShape, Planned, open};
use crate::cli::runtime;
use crate::cli::saved::{ReportedPlan, check_target, differences, keep, saved_plan, shape_of};
use crate::document::{OptionsV1, PlanV1, SavedPlan};
use crate::model::RolloutRules;
use crate::plan::Plan;
use crate::report::{self, Format};
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
    let saved = arguments.check.as_ref().map(|file| saved_plan(environment, file)).transpose()?;
    let shape = shape(arguments, saved.as_ref())?.with_base(environment, global)?;
    let (repository, desired, connection) = open(environment, global, &shape).await?;
    let planned = match saved.as_ref().map_or(Ok(()), |saved| check_target(saved, &repository)) {
        Ok(()) => {
            let planning = plan_in_shape(environment, repository, &desired, &shape, (&connection, None));
            connection.interruptible(planning).await
        }
        Err(failure) => Err(failure),
    };
    let ended = connection.close(environment).await;
    let planned = planned?.without_live();
    // What people are shown takes the place of what it was made of.
    drop(desired);
    let mut document = planned.document()?.signed(plan_key().as_deref());
    let Planned { plan, read, policy, repository, .. } = &planned;
    let key = &policy.sensitive.key;
    sink.warn(repository.warnings());
    if let (Some(saved), Some(file)) = (&saved, &arguments.check) {
        let differences = differences((saved, file), &planned.compared(), key)?;
        if !differences.is_empty() {
            environment.say(&ended.summary(read.rows));
            return Err(differs(differences, &document, sink));
        }
        document = document.saved_as(saved.plan.digest.clone())?;
    }
    let exit = exit(plan, arguments.detailed_exitcode);
    let ReportedPlan { document, saved } = keep(environment, arguments.out.as_ref(), (document, key))?;
    let shown = planned.shown(document);
    let written = sink.render(|format, out, style| report::plan(format, out, &shown, style));
    environment.say(&ended.summary(read.rows));
    saved.and(written).map_err(|failure| failure.after(exit))?;
    if let Some(file) = arguments.out.as_ref().filter(|file| plan.guard.allows() && !is_stream(file)) {
        let same = global.same_place();
        environment.say(&format!("saved: apply exactly this with `icsync apply {}{same}`", text::path(file)));
    }
    Ok(exit)
}

/// Shows the plan that is not the one it was compared with.
fn differs(differences: Vec<String>, now: &PlanV1, sink: &Sink<'_>) -> Failure {
    let stale = (now, &differences[..]);
    let shown = sink
        .render_text(|out, style| report::stale(Format::Text, out, stale, style))
        .and_then(|()| sink.render_besides_json(|format, out, style| report::stale(format, out, stale, style)));
    let (expected, command) = ("the saved plan says", now.options.command());
    let failure = Failure::from(SavedPlanError::OtherSteps { expected, lines: differences, command });
    match shown {
        Ok(()) => failure,
        Err(unwritten) => failure.caused_by(unwritten.message()),
    }
}

/// Gives what shapes the plan: the options, or those of the plan that it is compared with.
fn shape(arguments: &PlanArguments, saved: Option<&SavedPlan>) -> Result<PlanShape, Failure> {
    let WaveArguments { waves, first } = &arguments.waves;
    let rules = RolloutRules { waves: waves.clone(), ..RolloutRules::default() };
    let shape = shape_of(&arguments.shape, saved)?.in_waves(rules, first);
    let SelectArguments { select, exclude } = &arguments.shape.select;
    if saved.is_some() && !(select.is_empty() && exclude.is_empty()) {
        return Err(CommandError::SELECTION_OF_SAVED_PLAN.into());
    }
    let digested = if arguments.out.is_some() || saved.is_some() { Digested::Saved } else { Digested::Reported };
    if saved.is_some() && arguments.sensitive_at.is_some() {
        return Err(CommandError::OPTIONS_OF_SAVED_PLAN.into());
    }
    let sensitive_at = arguments.sensitive_at.clone().or(shape.options.sensitive_at);
    Ok(PlanShape { digested, options: OptionsV1 { sensitive_at, ..shape.options }, ..shape })
}

/// A refused plan says so whatever else; changes are told from none only when that is asked for.
fn exit(plan: &Plan, detailed: bool) -> Exit {
    match Exit::of_plan(plan) {
        Exit::Done if detailed && !plan.is_settled() => Exit::Changes,
        exit => exit,
    }
}
