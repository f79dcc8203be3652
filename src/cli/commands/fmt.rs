//! `icsync fmt`: the canonical layout of the YAML, comments kept.

use std::path::{Path, PathBuf};

use crate::cli::args::{FmtArguments, Global, is_stream};
use crate::cli::environment::{Environment, print, rewrite};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::load_config;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::manifest;
use crate::model::FieldPattern;
use crate::report;
use crate::text::counted;

/// A file, where it is on disk, and how it is to be laid out.
struct Laid {
    file: SourceFile,
    path: PathBuf,
    after: String,
}

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &FmtArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    if arguments.files.len() > 1 && arguments.files.iter().any(|file| is_stream(file)) {
        return Err(CommandError::WrongUse {
            what: "`-` is laid out by itself, without other files",
            help: "`icsync fmt - <FILE >LAID_OUT`",
        }
        .into());
    }
    let files = files(environment, global, &arguments.files)?;
    let count = files.len();
    let given = files.first().map(|(file, _)| file.text().to_owned()).unwrap_or_default();
    // Without a configuration nothing is known to be sensitive.
    let sensitive = load_config(environment, global).map(|one| one.sensitive().to_vec()).unwrap_or_default();
    let laid = lay_out(files, &sensitive)?;
    if arguments.check {
        sink.render(|_, out, style| {
            laid.iter().try_for_each(|laid| {
                let path = laid.file.path();
                let shown = |text: &str| manifest::masked_text(path, text, &sensitive);
                report::layout(out, path, &shown(laid.file.text()), &shown(&laid.after), style)
            })
        })?;
        environment.say(&format!("{} of {} would be laid out differently", laid.len(), counted(count, "file")));
        return Ok(if laid.is_empty() { Exit::Done } else { Exit::Changes });
    }
    if let [file] = &*arguments.files
        && is_stream(file)
    {
        // What is right already is the result too.
        print(laid.first().map_or(&given, |laid| &laid.after).as_bytes())?;
        return Ok(Exit::Done);
    }
    for laid in &laid {
        rewrite(&laid.path, laid.after.as_bytes())?;
    }
    sink.render(|_, out, _| laid.iter().try_for_each(|laid| report::path(out, laid.file.path())))?;
    environment.say(&format!("{} of {} laid out", laid.len(), counted(count, "file")));
    Ok(Exit::Done)
}

/// Gives the files that are named, or else the configuration and all definitions.
fn files(environment: &Environment, global: &Global, named: &[PathBuf]) -> Result<Vec<(SourceFile, PathBuf)>, Failure> {
    if !named.is_empty() {
        return named.iter().map(|path| named_file(environment, path)).collect();
    }
    let repository = load_config(environment, global)?;
    let files = manifest::texts(&repository.source(), repository.resolved()).map_err(Failure::invalid)?;
    let on_disk = |file: SourceFile| {
        let path = repository.root().join(&***file.path());
        (file, path)
    };
    Ok(files.into_iter().map(on_disk).collect())
}

fn named_file(environment: &Environment, path: &Path) -> Result<(SourceFile, PathBuf), Failure> {
    let on_disk = environment.path(path);
    let text = String::from_utf8(environment.read(path)?)
        .map_err(|source| CommandError::NotUtf8 { path: path.to_owned(), source })?;
    Ok((SourceFile::new(path.to_string_lossy(), text), on_disk))
}

/// Gives the files that are to be laid out differently, or says everything that is wrong with any: then nothing is written.
fn lay_out(files: Vec<(SourceFile, PathBuf)>, sensitive: &[FieldPattern]) -> Result<Vec<Laid>, Failure> {
    let format = |(file, _): &(SourceFile, PathBuf)| {
        let after = manifest::format(file.path(), file.text())?;
        Ok((after != file.text()).then_some(after))
    };
    let formatted: Vec<Vec<Result<Option<String>, Vec<Diagnostic>>>> =
        manifest::in_parallel(&files, || (), |(), files| files.iter().map(format).collect());
    let (mut laid, mut found) = (Vec::new(), Vec::new());
    for ((file, path), formatted) in files.into_iter().zip(formatted.into_iter().flatten()) {
        match formatted {
            Ok(after) => laid.extend(after.map(|after| Laid { file, path, after })),
            Err(diagnostics) => found.extend(diagnostics),
        }
    }
    manifest::mask(&mut found, sensitive);
    if found.is_empty() { Ok(laid) } else { Err(Failure::invalid(found)) }
}
