//! `icsync diff`: the definitions of two git revisions compared, without a server and without secrets.

use std::collections::BTreeMap;

use crate::cli::args::{DiffArguments, Global};
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::planning::{selection, warn_of_no_configuration, warn_of_nothing};
use crate::cli::repository::{Tree, check_strict, load_revision, load_symbolic, root};
use crate::document::ReviewV1;
use crate::git;
use crate::manifest::{self, ResolvedConfig};
use crate::model::{ClientName, Desired, Selection};
use crate::report;
use crate::review::{self, Review};

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &DiffArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let symbolic = manifest::EnvironmentVariables::symbolic();
    let base_name = match &arguments.base {
        Some(base) => base.clone(),
        None => upstream(&root(environment, global))?,
    };
    // Two revisions are compared whatever the working tree looks like.
    let revision = |name: &str| Ok(load_revision(environment, global, name, &symbolic)?.0);
    let (head, base) = std::thread::scope(|scope| {
        let base = scope.spawn(|| revision(&base_name));
        let head = match &arguments.head {
            Some(head) => revision(head),
            None => load_symbolic(environment, global),
        };
        (head, base.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let (head, base): (Tree, Tree) = (head?, base?);
    let head_name = arguments.head.as_deref().unwrap_or("working tree");
    if base.resolved.is_none() && head.resolved.is_none() {
        return Err(CommandError::NoConfiguration { base: base_name, head: head_name.to_owned() }.into());
    }
    warn_of_no_configuration(environment, &base, &base_name);
    let selection = selection(&arguments.select);
    if !selection.covers_any(&base.desired) {
        warn_of_nothing(environment, &head.desired, &selection);
    }
    let review = compare(&base, &head, &selection);
    check_strict(global, &head.warnings, arguments.head.as_deref())?;
    sink.warn(&head.warnings);
    let document = ReviewV1::new(&base_name, head_name, &review).with(&head.warnings);
    sink.render(|format, out, style| report::review(format, out, &document, style))?;
    Ok(if arguments.exit_code && !review.is_empty() { Exit::Changes } else { Exit::Done })
}

fn compare(base: &Tree, head: &Tree, selection: &Selection) -> Review {
    let none = BTreeMap::new();
    let vars = |tree: &'_ Tree| tree.resolved.as_ref().map_or(none.clone(), |resolved| resolved.written_vars.clone());
    let rules = |tree: &Tree| tree.resolved.as_ref().map(ResolvedConfig::rules).unwrap_or_default();
    let (base_vars, head_vars) = (vars(base), vars(head));
    let (base_rules, head_rules) = (rules(base), rules(head));
    let trees = (
        review::RevisionFiles { source: &*base.source, vars: &base_vars, rules: &base_rules },
        review::RevisionFiles { source: &*head.source, vars: &head_vars, rules: &head_rules },
    );
    // What is sensitive on one side is not shown on the other either.
    let sensitive: Vec<_> = [base, head]
        .into_iter()
        .filter_map(|tree| tree.resolved.as_ref())
        .flat_map(|one| one.sensitive.clone())
        .collect();
    let (base, head) = select(&base.desired, &head.desired, selection);
    review::review(&base, &head, &sensitive, Some(trees))
}

fn upstream(folder: &std::path::Path) -> Result<String, Failure> {
    git::default_base(folder)?.ok_or_else(|| CommandError::NoUpstream.into())
}

/// Leaves the clients that are selected on either side: one that moves into or out of the selection is still one client.
fn select(base: &Desired, head: &Desired, selection: &Selection) -> (Desired, Desired) {
    let covered =
        |desired: &Desired, name: &ClientName| desired.clients.get(name).is_some_and(|one| selection.covers(one));
    let keep = |desired: &Desired| {
        let mut desired = desired.clone();
        desired.clients.retain(|name, _| covered(base, name) || covered(head, name));
        desired
    };
    if selection.is_all() { (base.clone(), head.clone()) } else { (keep(base), keep(head)) }
}
