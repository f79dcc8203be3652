//! Where a document goes, piece by piece: to stdout, or to a file, which is written whole or not at all.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::args::is_stream;
use super::environment::{Environment, FileAccess, temporary};
use super::failure::Failure;
use crate::manifest::read_configured;

/// Where a document goes.
pub(super) struct Destination(DestinationKind);

enum DestinationKind {
    Stdout(BufWriter<StdoutLock<'static>>),
    /// Whoever read stdout went away, which is not a failure.
    Nobody,
    /// What is no regular file, such as a pipe, is written to and not replaced.
    Device {
        device: BufWriter<std::fs::File>,
        path: PathBuf,
    },
    File {
        file: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
}

impl Destination {
    pub(super) fn stdout() -> Self {
        Self(DestinationKind::Stdout(BufWriter::new(io::stdout().lock())))
    }

    /// Begins to write a file of the command line; `-` is stdout.
    pub(super) fn of(environment: &Environment, path: &Path, access: FileAccess) -> Result<Self, Failure> {
        if is_stream(path) { Ok(Self::stdout()) } else { Self::file(&environment.path(path), access) }
    }

    /// Begins to write a file. A link stays a link.
    pub(super) fn file(path: &Path, access: FileAccess) -> Result<Self, Failure> {
        let place = || {
            if path.metadata().is_ok_and(|there| !there.is_file()) {
                let device = BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?);
                return Ok(DestinationKind::Device { device, path: path.to_owned() });
            }
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            if is_written_yaml(&path) {
                return Err(io::Error::other(WRITTEN_YAML));
            }
            Ok(DestinationKind::File { file: BufWriter::new(temporary(&path, access)?), path })
        };
        place().map(Self).map_err(|error| Failure::file("write", path, error))
    }

    /// Writes a whole document.
    pub(super) fn hold(mut self, write: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<(), Failure> {
        let written = write(&mut self);
        let path = match &self.0 {
            DestinationKind::Stdout(_) | DestinationKind::Nobody => None,
            DestinationKind::Device { path, .. } | DestinationKind::File { path, .. } => Some(path.clone()),
        };
        written.and_then(|()| self.finish()).map_err(|error| match path {
            Some(path) => Failure::file("write", &path, error),
            None => error.into(),
        })
    }

    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let DestinationKind::File { file, path } = self.0 {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
        }
        Ok(())
    }

    /// Does something with what is written to. A reader that went away ends the writing, and that is not a failure.
    fn attempt(&mut self, attempt: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let done = match &mut self.0 {
            DestinationKind::Stdout(stdout) => attempt(stdout),
            DestinationKind::Nobody => Ok(()),
            DestinationKind::Device { device, .. } => attempt(device),
            DestinationKind::File { file, .. } => attempt(file),
        };
        match (done, &self.0) {
            (Err(error), DestinationKind::Stdout(_)) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.0 = DestinationKind::Nobody;
                Ok(())
            }
            (done, _) => done,
        }
    }
}

pub(super) const WRITTEN_YAML: &str = "it is YAML, which no document is that icsync puts there: name another file";

/// Tells whether a file is one of configuration or definitions, which a wrong name on the command line would replace. A document
/// of icsync that has such a name is JSON or HTML, and may be replaced.
pub(super) fn is_written_yaml(path: &Path) -> bool {
    let is_named = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    let begins = |bytes: &[u8]| bytes.trim_ascii_start().first().is_some_and(|first| !b"{<".contains(first));
    is_named && read_configured(path).is_ok_and(|bytes| begins(&bytes))
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(|out| out.write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(|out| out.flush())
    }
}
