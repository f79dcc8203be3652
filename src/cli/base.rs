//! What git said at an earlier revision: the definitions, and what was not to be shown.

use super::args::Global;
use super::environment::Environment;
use super::failure::Failure;
use super::repository::{load_revision, locate};
use crate::git;
use crate::manifest::{self, CONFIG_FILE, EnvironmentVariables, LoadedTree, Revision};
use crate::model::{Desired, Field, FieldPattern};
use crate::text::visible;

/// What git said at the revision of `--since`.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub desired: Desired,
    /// What was not to be shown.
    sensitive: Vec<FieldPattern>,
}

impl Base {
    /// Loads the revision. Gives its full name too.
    pub(super) fn load(environment: &Environment, global: &Global, since: &str) -> Result<(Self, String), Failure> {
        let (loaded, commit) = load_revision(environment, global, since)?;
        let Some(LoadedTree { resolved, desired, profiles: _, catalogue: _, warnings: _, idle: _ }) = loaded else {
            warn_of_no_configuration(environment, since);
            return Ok((Self { desired: Desired::default(), sensitive: Vec::new() }, commit));
        };
        Ok((Self { desired, sensitive: resolved.sensitive }, commit))
    }

    pub(super) fn sensitive(&self) -> &[FieldPattern] {
        &self.sensitive
    }
}

/// Warns when a revision has no configuration where it is looked for: a moved folder looks like one without clients.
pub(super) fn warn_of_no_configuration(environment: &Environment, revision: &str) {
    let revision = visible(revision);
    environment.say(&format!("warning: `{revision}` has no configuration here: all definitions count as new since"));
}

/// Gives what a revision calls sensitive, whatever its target and its definitions, and its full name. Where that cannot be told
/// it is everything.
pub(super) fn sensitive_at(
    environment: &Environment,
    global: &Global,
    name: &str,
) -> Result<(Vec<FieldPattern>, String), Failure> {
    let (root, file) = locate(environment, global);
    let revision = Revision::open(&root, name)?;
    let commit = revision.commit().to_owned();
    let everything = |why: &str| {
        let name = visible(name);
        environment
            .say(&format!("warning: {why}: all values are hidden, because nobody knows what `{name}` calls sensitive"));
        Field::ALL.iter().filter_map(|field| FieldPattern::new(field.name()).ok()).collect()
    };
    let patterns = if revision.has(&file) {
        let target = manifest::target_names(&revision, &file).into_iter().next();
        let variables = EnvironmentVariables::symbolic();
        match manifest::load_config(&revision, &file, target.as_deref(), &variables) {
            Ok(resolved) => resolved.sensitive,
            Err(_) => everything("the configuration there does not load"),
        }
    } else if git::has_named(&root, &commit, CONFIG_FILE)? {
        everything("the configuration there is in another place")
    } else {
        Vec::new()
    };
    Ok((patterns, commit))
}
