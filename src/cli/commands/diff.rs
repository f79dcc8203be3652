//! `icsync diff`: the definitions of two git revisions compared, without a server and without secrets.

use crate::cli::args::{DiffArguments, Global};
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::planning::selection;
use crate::cli::repository::{load_revision, load_symbolic, unknown_revision};
use crate::manifest::{self, default_base};
use crate::model::{Desired, Selection};
use crate::report::{self, ReviewHeading};
use crate::review::review;

/// Runs the command.
pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &DiffArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let (repository, tree) = load_symbolic(environment, global)?;
    let symbolic = manifest::Environment::symbolic();
    let base_name = match &arguments.base {
        Some(base) => base.clone(),
        None => upstream(repository.root())?,
    };
    let base = load_revision(environment, global, &base_name, &symbolic)?.0;
    let (head_name, head) = match &arguments.head {
        Some(head) => (head.as_str(), load_revision(environment, global, head, &symbolic)?.0),
        None => ("working tree", tree),
    };
    let selection = selection(&arguments.select);
    let (base, head) = (select(base, &selection), select(head, &selection));
    let review = review(&base, &head, repository.sensitive());
    let heading = ReviewHeading { base: &base_name, head: head_name };
    sink.render(|format, out, style| report::review(format, out, &heading, &review, style))?;
    Ok(if arguments.exit_code && !review.is_empty() { Exit::Changes } else { Exit::Done })
}

fn upstream(folder: &std::path::Path) -> Result<String, Failure> {
    let base = default_base(folder).map_err(|error| unknown_revision(&error))?;
    base.ok_or_else(|| {
        Failure::new(Exit::Usage, "the branch has no upstream to compare with")
            .help("name the revision: `icsync diff BASE`")
    })
}

fn select(mut desired: Desired, selection: &Selection) -> Desired {
    desired.clients.retain(|_, definition| selection.covers(definition));
    desired
}
