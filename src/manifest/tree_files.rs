//! Which files a tree is read from, for what must not replace any of them.

use std::sync::Arc;

use super::budget::Mistakes;
use super::config::{Config, DefinitionFiles, DefinitionGlob};
use super::digest::Digest;
use super::files::{Tables, read_all};
use super::find::find_definitions;
use super::patterns::Patterns;
use super::source::Source;
use super::variables::{EnvironmentVariables, Variables};
use super::{CATALOGUE_FILE, Emptiness, config_of};

/// The files that a configuration is read from, and those that it names, of all its targets.
pub(crate) struct TreeFiles {
    config_path: String,
    config: Config,
}

impl TreeFiles {
    /// Reads the configuration, as far as it can be read.
    pub(crate) fn of(source: &dyn Source, config_path: &str) -> Self {
        let config = config_of(source, config_path, None, &EnvironmentVariables::symbolic());
        Self { config_path: config_path.to_owned(), config }
    }

    /// Gives the files that the configuration names for its targets, as they are written, each with what it is.
    pub(crate) fn named(&self) -> &[(String, &'static str)] {
        &self.config.named_files
    }

    /// Says what reads a file by its path, relative to the folder of the configuration.
    pub(crate) fn reader_of(&self, path: &str) -> Option<&'static str> {
        let is_defining = |globs: &Vec<DefinitionGlob>| Patterns::new(globs, &mut Mistakes::default()).read(path);
        match path {
            _ if path == self.config_path => Some("the configuration"),
            CATALOGUE_FILE => Some("the catalogue of keys"),
            _ if self.globs().any(is_defining) => Some("definitions, by a pattern of `definitions`"),
            _ => None,
        }
    }

    /// Tells whether a fleet reads a file as its table. All definitions are read to find out.
    pub(crate) fn is_table(&self, source: &dyn Source, path: &str) -> bool {
        self.globs().any(|globs| {
            let files = DefinitionFiles::of(globs.clone());
            let mut found = Mistakes::default();
            let paths = find_definitions(source, &files, &self.config_path, Emptiness::Allowed, &mut found);
            let (environment, budget) = (EnvironmentVariables::symbolic(), Arc::default());
            let variables = Variables::new(self.config.vars.as_ref(), &environment);
            let parsed = read_all(source, &paths, &variables, (None, &budget), &mut Digest::default());
            parsed.fleets.iter().any(|fleet| Tables::paths(fleet).any(|table| table == path))
        })
    }

    /// Gives the globs of the target that is meant, and of each other.
    fn globs(&self) -> impl Iterator<Item = &Vec<DefinitionGlob>> {
        let DefinitionFiles { globs, elsewhere, named: _, prune: _ } = &self.config.definitions;
        std::iter::once(globs).chain(elsewhere)
    }
}
