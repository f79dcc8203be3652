//! The files of an embedded server, which a target or the command line names.

use std::path::{Component, Path};

use super::args::is_stream;
use super::error::CommandError;
use super::failure::Failure;
use super::plan_key::{STATE, make_state};
use crate::apply::create_private_folder;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Endpoint, leads_outside, read_configured, stays_inside};
use crate::sandbox::{self, Dialect, Estate, FaultError, Faults};

/// The files of an embedded server.
pub(super) struct SandboxFiles<'a> {
    /// The store; `None` keeps everything in memory.
    pub data: Option<&'a str>,
    pub estate: &'a str,
    pub faults: Option<&'a str>,
    /// What stands in stdin, where the command line says `-` for one of them.
    pub stdin: Option<String>,
}

impl SandboxFiles<'_> {
    /// Reads the files, relative to `root`, and sets dialect switches.
    pub(super) fn read<'s>(
        &self,
        root: &Path,
        dialect: impl Iterator<Item = (&'s String, &'s String)>,
    ) -> Result<sandbox::SandboxOptions, Failure> {
        let (estate, faults) = (self.read_estate(root, dialect), self.read_faults(root));
        let (estate, faults) = match (estate, faults) {
            (Ok(estate), Ok(faults)) => (estate, faults),
            (Err(estate), Err(faults)) => return Err(estate.with_mistakes(faults.mistakes().0.to_vec())),
            (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => return Err(failure),
        };
        let data = self.data.map(|data| root.join(data));
        if let Some(folder) = data.as_deref().and_then(Path::parent) {
            let made = if folder == root.join(STATE) { make_state(folder) } else { create_private_folder(folder) };
            made.map_err(|error| Failure::file("create", folder, error))?;
        }
        Ok(sandbox::SandboxOptions { data, faults, ..sandbox::SandboxOptions::new(estate) })
    }

    fn read_estate<'s>(
        &self,
        root: &Path,
        dialect: impl Iterator<Item = (&'s String, &'s String)>,
    ) -> Result<Estate, Failure> {
        let mut estate = Estate::parse(&self.text(root, self.estate)?, self.estate)
            .map_err(|error| Failure::invalid(error.into_diagnostics()))?;
        for (name, value) in dialect {
            Dialect::set_value(&mut estate.dialect, name, value).map_err(CommandError::DialectOfTarget)?;
        }
        Ok(estate)
    }

    fn read_faults(&self, root: &Path) -> Result<Faults, Failure> {
        let Some(file) = self.faults else { return Ok(Faults::default()) };
        Faults::parse(&self.text(root, file)?, file).map_err(|error| match error {
            FaultError::File(mistakes) => Failure::invalid(mistakes.into_diagnostics()),
            other => CommandError::Faults(other).into(),
        })
    }

    fn text(&self, root: &Path, file: &str) -> Result<String, Failure> {
        match &self.stdin {
            Some(stdin) if is_stream(Path::new(file)) => Ok(stdin.clone()),
            _ => text(root, file),
        }
    }
}

/// Refuses a store outside the repository before any folder is made for it, unless an absolute path asks for it.
pub(super) fn check_inside(root: &Path, data: &str) -> Result<(), Failure> {
    match stays_inside(root, Path::new(data)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(CommandError::StoreOutside(root.join(data)).into()),
        Err(error) => Err(Failure::file("read", &root.join(data), error)),
    }
}

/// Refuses files of a target that only a link leads to out of the repository: what is wrong with them would be shown. What the
/// command line names may lie anywhere.
pub(super) fn check_links(root: &Path, estate: &str, faults: Option<&str>) -> Result<(), Failure> {
    [Some(estate), faults].into_iter().flatten().try_for_each(|file| check_link(root, file))
}

fn check_link(root: &Path, file: &str) -> Result<(), Failure> {
    let path = Path::new(file);
    let says_so = path.components().any(|part| part == Component::ParentDir);
    // What is no file or not there is told by who reads it.
    if says_so || !root.join(path).is_file() || stays_inside(root, path).unwrap_or(true) {
        return Ok(());
    }
    Err(Failure::invalid(vec![leads_outside(file)]))
}

fn text(root: &Path, file: &str) -> Result<String, Failure> {
    let path = root.join(file);
    let bytes = read_configured(&path).map_err(|error| Failure::file("read", &path, error))?;
    String::from_utf8(bytes).map_err(|_| CommandError::NotText(path).into())
}

/// Finds what is wrong with the files of a target's embedded server, without starting it.
pub(super) fn mistakes(root: &Path, endpoint: &Endpoint) -> Vec<Diagnostic> {
    let Endpoint::Sandbox { data, estate, dialect, faults } = endpoint else { return Vec::new() };
    let files = SandboxFiles { data: None, estate, faults: faults.as_deref(), stdin: None };
    let read = check_links(root, estate, files.faults).and_then(|()| files.read(root, dialect.iter()));
    let failures = [check_inside(root, data).err(), read.err()];
    failures.iter().flatten().flat_map(mistakes_of).collect()
}

/// Gives a failure as mistakes of files.
fn mistakes_of(failure: &Failure) -> Vec<Diagnostic> {
    match failure.mistakes().0 {
        [] => {
            let causes = failure.causes().into_iter().map(|cause| format!(": {cause}"));
            let message = failure.message() + &causes.collect::<String>();
            let diagnostic = Diagnostic::error(Code::Unreadable, message);
            let help = failure.help().unwrap_or_else(|| "`sandbox` of the target in icsync.yaml names it".to_owned());
            vec![diagnostic.help(help)]
        }
        mistakes => mistakes.to_vec(),
    }
}
