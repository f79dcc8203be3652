//! `icsync fmt`: the canonical layout of the YAML, comments kept.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cli::args::{FmtArguments, Global, is_stream};
use crate::cli::environment::{Environment, print, read, rewrite};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::{Repository, load_config};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::manifest::{self, FileFormat, Folder, GatePass, LargeFileGate};
use crate::model::{Change, FieldPattern};
use crate::report::{self, LayoutChange};
use crate::text::counted;

/// So many bytes of what would change are kept to be shown; what is beyond is found once more when its turn comes.
const KEPT_BYTES: usize = 16 * 1024 * 1024;
/// Of larger files nothing is kept: what would change of several at once takes many times their size.
const MOST_KEPT_OF: usize = 256 * 1024;
/// So many files are shown together of which nothing was kept: what they are and what they would be is in memory then.
const SHOWN_AT_ONCE: usize = 4;

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &FmtArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let stream = arguments.files.iter().any(|file| is_stream(file));
    if stream && arguments.files.len() > 1 {
        return Err(CommandError::WrongUse {
            what: "`-` is laid out by itself, without other files",
            help: "`icsync fmt - <FILE >LAID_OUT`",
        }
        .into());
    }
    let repository = load_config(environment, global);
    // Without a configuration nothing is known to be sensitive.
    let sensitive = repository.as_ref().ok().map(|one| one.sensitive().to_vec());
    let sensitive = sensitive.as_deref();
    let layout = match &*arguments.files {
        [] => FileLayouts::of(&repository?)?,
        [file] if stream => FileLayouts::of_stream(file, environment.read(file)?)?,
        named => FileLayouts::of_named(environment, named)?,
    };
    let purpose = if arguments.check { LayoutPurpose::Show } else { LayoutPurpose::Write };
    let differing = layout.differing(sensitive, purpose);
    if differing.is_err() && !arguments.check && !stream && layout.files.len() > 1 {
        environment.say("no file was laid out: first mend what is said below");
    }
    let differing = differing?;
    let count = counted(layout.files.len(), "file");
    if arguments.check {
        layout.show(&differing, sensitive, sink)?;
        environment.say(&format!("{} of {count} would be laid out differently", differing.len()));
        return Ok(if differing.is_empty() { Exit::Done } else { Exit::Changes });
    }
    if let FileOrigin::Stream(given) = &layout.origin {
        // What is right already is the result too.
        let laid = differing.first().map(|one| layout.lay_out(one.file)).transpose().map_err(Failure::from)?;
        print(laid.and_then(|laid| laid.after).as_ref().unwrap_or(given).as_bytes())?;
        return Ok(Exit::Done);
    }
    layout.write(&differing)?;
    sink.render(|_, out, _| differing.iter().try_for_each(|one| report::path(out, &one.file.name)))?;
    environment.say(&format!("{} of {count} laid out", differing.len()));
    Ok(Exit::Done)
}

/// A file that is to be laid out: how it is named, and where it is.
struct NamedFile {
    name: String,
    place: PathBuf,
}

/// Where files come from.
enum FileOrigin {
    /// The configuration and all definitions.
    Repository(Folder),
    /// Those that are named.
    Disk,
    /// The one of stdin.
    Stream(String),
}

/// Files that are to be laid out. Each is read when its turn comes, and none is kept: all of them may be large.
struct FileLayouts {
    origin: FileOrigin,
    files: Vec<NamedFile>,
    gate: LargeFileGate,
    format: FileFormat,
    /// How many bytes are kept to be shown.
    kept: AtomicUsize,
}

/// What becomes of the files that are to be laid out differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LayoutPurpose {
    Show,
    Write,
}

/// A file that is to be laid out differently, with what is shown of it if that was kept.
struct DifferingFile<'a> {
    file: &'a NamedFile,
    shown: Option<LayoutChange>,
}

impl LaidOut {
    /// Gives what would change, without sensitive values.
    fn change(&self, sensitive: Option<&[FieldPattern]>) -> Option<LayoutChange> {
        let after = self.after.as_ref()?;
        let shown = |text: &str| manifest::masked_text(self.file.path(), text, sensitive);
        Some(LayoutChange::of(&shown(self.file.text()), &shown(after)))
    }
}

/// A file as it is, and as it is to be laid out if that is different.
struct LaidOut {
    file: SourceFile,
    after: Option<String>,
}

/// Why a file is not laid out.
enum NotLaidOut {
    Mistakes(Vec<Diagnostic>),
    Failed(Failure),
}

impl FileLayouts {
    fn new(origin: FileOrigin, files: Vec<NamedFile>) -> Self {
        let (gate, format, kept) = (LargeFileGate::default(), FileFormat::default(), AtomicUsize::default());
        Self { origin, files, gate, format, kept }
    }

    fn of(repository: &Repository) -> Result<Self, Failure> {
        let source = repository.source();
        let paths = manifest::paths(&source, repository.resolved()).map_err(Failure::invalid)?;
        let files = paths.into_iter().map(|name| NamedFile { place: repository.root().join(&name), name });
        let files = files.collect();
        Ok(Self::new(FileOrigin::Repository(source), files))
    }

    /// Takes each file once, by whatever names it goes. A link that leads out of the folder may come from anybody who changes files in it.
    fn of_named(environment: &Environment, named: &[PathBuf]) -> Result<Self, Failure> {
        let (mut files, mut places) = (Vec::new(), BTreeSet::new());
        for path in named {
            let place = environment.path(path);
            let climbs = path.components().any(|part| part == Component::ParentDir);
            if !climbs && manifest::stays_inside(&environment.path(Path::new(".")), path).is_ok_and(|stays| !stays) {
                return Err(Failure::invalid(vec![manifest::leads_outside(&path.to_string_lossy())]));
            }
            if places.insert(place.canonicalize().unwrap_or_else(|_| place.clone())) {
                files.push(NamedFile { name: path.to_string_lossy().into(), place });
            }
        }
        Ok(Self::new(FileOrigin::Disk, files))
    }

    fn of_stream(file: &Path, given: Vec<u8>) -> Result<Self, Failure> {
        let name = file.to_string_lossy().into_owned();
        let origin = FileOrigin::Stream(text(file, given)?);
        Ok(Self::new(origin, vec![NamedFile { name, place: PathBuf::new() }]))
    }

    fn read(&self, file: &NamedFile) -> Result<(SourceFile, GatePass<'_>), NotLaidOut> {
        let NamedFile { name, place } = file;
        match &self.origin {
            FileOrigin::Repository(source) => Ok(manifest::read_alone(source, &self.gate, name)?),
            FileOrigin::Disk => {
                let bytes = read(place)?;
                let pass = self.gate.enter(bytes.len() as u64);
                Ok((SourceFile::new(name.as_str(), text(Path::new(name), bytes)?), pass))
            }
            FileOrigin::Stream(given) => Ok((SourceFile::new(name.as_str(), given.clone()), None)),
        }
    }

    fn lay_out(&self, file: &NamedFile) -> Result<LaidOut, NotLaidOut> {
        let (file, _pass) = self.read(file)?;
        let after = self.format.format(file.path(), file.text()).map_err(NotLaidOut::Mistakes)?;
        Ok(LaidOut { after: (after != file.text()).then_some(after), file })
    }

    /// Gives the files that are to be laid out differently, or says everything that is wrong with any: then nothing is written.
    fn differing(
        &self,
        sensitive: Option<&[FieldPattern]>,
        purpose: LayoutPurpose,
    ) -> Result<Vec<DifferingFile<'_>>, Failure> {
        let differs = |named: &NamedFile| {
            let laid = self.lay_out(named)?;
            let keeps = purpose == LayoutPurpose::Show && laid.file.text().len() <= MOST_KEPT_OF;
            let change = if keeps { laid.change(sensitive) } else { None };
            Ok(laid.after.map(|_| change.filter(|change| self.keeps(change.size()))))
        };
        let looked =
            manifest::in_parallel(&self.files, || (), |(), files| files.iter().map(differs).collect::<Vec<_>>());
        let (mut differing, mut found) = (Vec::new(), Vec::new());
        for (file, differs) in self.files.iter().zip(looked.into_iter().flatten()) {
            match differs {
                Ok(differs) => differing.extend(differs.map(|shown| DifferingFile { file, shown })),
                Err(NotLaidOut::Mistakes(mistakes)) => found.extend(mistakes),
                Err(NotLaidOut::Failed(failure)) => return Err(failure),
            }
        }
        manifest::mask(&mut found, sensitive);
        if found.is_empty() { Ok(differing) } else { Err(Failure::invalid(found)) }
    }

    /// Tells whether there is room to keep so many bytes more.
    fn keeps(&self, bytes: usize) -> bool {
        self.kept.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= KEPT_BYTES
    }

    /// Shows what would change of files.
    fn show(
        &self,
        differing: &[DifferingFile<'_>],
        sensitive: Option<&[FieldPattern]>,
        sink: &Sink<'_>,
    ) -> Result<(), Failure> {
        let again = |one: &DifferingFile<'_>| match one.shown {
            Some(_) => Ok(None),
            None => self.lay_out(one.file).map(|laid| laid.change(sensitive)),
        };
        let mut failed = None;
        sink.render(|_, out, style| {
            for files in differing.chunks(SHOWN_AT_ONCE) {
                let mut found = Vec::new();
                if files.iter().any(|one| one.shown.is_none()) {
                    found =
                        manifest::in_parallel(files, || (), |(), files| files.iter().map(again).collect::<Vec<_>>());
                }
                let mut found = found.into_iter().flatten();
                for one in files {
                    match found.next().transpose() {
                        Ok(found) => {
                            let change = one.shown.as_ref().or(found.as_ref().and_then(Option::as_ref));
                            change.map_or(Ok(()), |change| change.write(out, &one.file.name, style))?;
                        }
                        // It was right before.
                        Err(error) => failed = Some(error),
                    }
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    fn write(&self, differing: &[DifferingFile<'_>]) -> Result<(), Failure> {
        // Laid out once more: somebody may have changed it meanwhile.
        let write = |one: &DifferingFile<'_>| {
            let LaidOut { file, after } = self.lay_out(one.file)?;
            let Some(after) = after else { return Ok(()) };
            let content = Change { before: file.text().as_bytes(), after: after.as_bytes() };
            Ok(rewrite(&one.file.place, content)?)
        };
        let written = manifest::in_parallel(differing, || (), |(), files| files.iter().try_for_each(write));
        written.into_iter().collect::<Result<(), NotLaidOut>>().map_err(Failure::from)
    }
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|source| CommandError::NotUtf8 { path: path.to_owned(), source }.into())
}

impl From<Failure> for NotLaidOut {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Box<Diagnostic>> for NotLaidOut {
    fn from(mistake: Box<Diagnostic>) -> Self {
        Self::Mistakes(vec![*mistake])
    }
}

impl From<NotLaidOut> for Failure {
    fn from(reason: NotLaidOut) -> Self {
        match reason {
            NotLaidOut::Mistakes(mistakes) => Self::invalid(mistakes),
            NotLaidOut::Failed(failure) => failure,
        }
    }
}
