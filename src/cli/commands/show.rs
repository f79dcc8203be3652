//! `icsync show`: renders a saved plan, stale or not, or one client after expansion.

use std::path::Path;

use crate::cli::args::{Global, ShowArguments};
use crate::cli::environment::{Environment, read};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, shown};
use crate::cli::output::Sink;
use crate::cli::repository::load;
use crate::document::{self, DocumentError, EffectiveV1, SavedPlan};
use crate::manifest::{Emptiness, nearest};
use crate::model::ClientName;
use crate::report::{self, Format, effective};

/// Runs the command.
pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &ShowArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    match (&arguments.plan, &arguments.effective) {
        (Some(plan), _) => show_plan(environment, plan, sink),
        (None, name) => show_effective(environment, global, name.as_deref().unwrap_or_default(), sink),
    }
}

fn show_plan(environment: &Environment, path: &Path, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let bytes = read(&environment.path(path))?;
    let saved = SavedPlan::parse(&bytes, None).map_err(|error| {
        let exit = match error {
            DocumentError::NotAPlan(_) | DocumentError::Newer { .. } => Exit::Failed,
            DocumentError::Digest | DocumentError::Unsigned | DocumentError::Signature => Exit::Stale,
        };
        Failure::new(exit, format!("`{}` cannot be shown: {error}", shown(path)))
            .help("make a new plan with `icsync plan --out FILE`")
    })?;
    sink.render(|format, out, style| report::saved(format, out, &saved, style))?;
    Ok(Exit::Done)
}

fn show_effective(environment: &Environment, global: &Global, name: &str, sink: &Sink<'_>) -> Result<Exit, Failure> {
    if let Some(format) = sink.formats().find(|format| !matches!(format, Format::Text | Format::Json)) {
        let message = format!("`show --effective` writes text or json, not {format}");
        return Err(Failure::new(Exit::Usage, message));
    }
    let (repository, desired) = load(environment, global, Emptiness::Refused)?;
    let definition = ClientName::new(name).and_then(|name| desired.clients.get(&name)).ok_or_else(|| {
        let names: Vec<&str> = desired.clients.keys().map(ClientName::as_str).collect();
        let help = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`icsync plan --full` names every client".to_owned(),
        };
        Failure::new(Exit::Failed, format!("no definition is named {}", crate::diagnostic::quote(name))).help(help)
    })?;
    let effective = EffectiveV1::new(definition, repository.sensitive());
    sink.render(|format, out, _| match format {
        Format::Json => document::write(out, &effective),
        _ => effective::text(out, &effective),
    })?;
    Ok(Exit::Done)
}
