//! `icsync show`: renders a saved plan, stale or not, one client after expansion, or what covers a device.

use std::path::Path;

use super::covering;
use crate::cli::args::{Global, ShowArguments};
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::plan_error::SavedPlanError;
use crate::cli::repository::load;
use crate::document::{self, EffectiveV1, SavedPlan};
use crate::manifest::{Emptiness, nearest};
use crate::model::{ClientName, DigestKey, Sensitive};
use crate::report::{self, Format, effective};

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &ShowArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    match (&arguments.plan, &arguments.covering, &arguments.effective) {
        (Some(plan), _, _) => show_plan(environment, plan, sink),
        (None, Some(scope), _) => covering::show(environment, global, scope, sink),
        (None, None, name) => show_effective(environment, global, name.as_deref().unwrap_or_default(), sink),
    }
}

fn show_plan(environment: &Environment, path: &Path, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let bytes = environment.read(path)?;
    let unreadable =
        |error| SavedPlanError::Unreadable { path: path.to_owned(), error, command: SavedPlan::command(&bytes) };
    let saved = SavedPlan::parse(&bytes, None).map_err(unreadable)?;
    let file = path.to_string_lossy();
    sink.render(|format, out, style| report::saved(format, out, (&saved, &file), style))?;
    Ok(Exit::Done)
}

fn show_effective(environment: &Environment, global: &Global, name: &str, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let (repository, desired) = load(environment, global, Emptiness::Refused)?;
    let definition = ClientName::new(name).and_then(|name| desired.clients.get(&name)).ok_or_else(|| {
        let names: Vec<&str> = desired.clients.keys().map(ClientName::as_str).collect();
        CommandError::NoClient { name: name.to_owned(), near: nearest(name, &names).map(str::to_owned) }
    })?;
    let sensitive = Sensitive { patterns: repository.sensitive().to_vec(), key: DigestKey::default() };
    let effective = EffectiveV1::new(definition, &sensitive);
    sink.render(|format, out, _| match format {
        Format::Json => document::write(out, &effective),
        _ => effective::text(out, &effective),
    })?;
    Ok(Exit::Done)
}
