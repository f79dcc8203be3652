//! Where results go: documents to stdout and files, everything else to stderr.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::{Global, LogFormat, Output, RenderArguments, is_stream};
use super::destination::Destination;
use super::environment::{Environment, FileAccess, check_writable};
use super::error::CommandError;
use super::exit::Exit;
use super::failure::Failure;
use super::logging;
use super::overwriting::OverwritingGuard;
use super::repository::locate;
use super::screen::aside;
use crate::diagnostic::{self, Diagnostic, Paint, RenderOptions};
use crate::document::{self, DiagnosticV1, FailureV1, SeverityV1};
use crate::git;
use crate::report::{self, Colour, Format, Grouping, Style};
use crate::text;

/// The formats of a command by its name: what shows a plan has all, other reports have those that are not of plans alone.
pub(super) fn formats(command: &str) -> &'static [Format] {
    match command {
        "plan" | "rollback" | "show" => &Format::ALL,
        "apply" | "drift" | "diff" | "validate" => &Format::OF_REPORTS,
        _ => &[Format::Text, Format::Json],
    }
}

/// The results of a command: in which formats, and where.
#[derive(Clone)]
pub(super) struct Sink<'a> {
    environment: &'a Environment,
    /// The command, which failures are reported of.
    command: &'static str,
    outputs: Vec<Output>,
    grouping: Grouping,
    /// The folder of `icsync.yaml`, on disk and in the git repository.
    root: PathBuf,
    /// The name of the configuration in there.
    config: String,
    folder: OnceCell<String>,
    /// Where a whole document stands already or cannot be written, so that a failure does not write a second one.
    written: RefCell<BTreeSet<Option<PathBuf>>>,
}

impl<'a> Sink<'a> {
    /// Makes a sink; text on stdout unless something else goes there.
    pub(super) fn new(
        environment: &'a Environment,
        global: &Global,
        command: &'static str,
        render: &RenderArguments,
    ) -> Self {
        let grouping = match (render.full, render.brief) {
            (true, _) => Grouping::Full,
            (false, true) => Grouping::Brief,
            (false, false) => Grouping::Grouped,
        };
        Self { grouping, ..Self::of(environment, global, command, &render.output) }
    }

    /// Makes a sink of outputs alone.
    pub(super) fn of(environment: &'a Environment, global: &Global, command: &'static str, outputs: &[Output]) -> Self {
        let mut outputs = outputs.to_vec();
        if outputs.iter().all(|output| output.file.is_some()) {
            outputs.push(Output { format: Format::Text, file: None });
        }
        let (root, config) = locate(environment, global);
        Self {
            environment,
            command,
            outputs,
            grouping: Grouping::Grouped,
            root,
            config,
            folder: OnceCell::new(),
            written: RefCell::default(),
        }
    }

    /// Leaves stdout to a plan that is saved to `-`, where nothing else was asked for.
    pub(super) fn leaving_stdout_to(mut self, saved: Option<&Path>, asked: &[Output]) -> Self {
        if saved.is_some_and(is_stream) && asked.iter().all(|output| output.file.is_some()) {
            self.outputs.retain(|output| output.file.is_some());
        }
        self
    }

    /// Makes sure that the command has each format, that each document has a place of its own, and the file of `--out` with them, which can be written.
    pub(super) fn check(&self, saved: Option<&Path>) -> Result<(), Failure> {
        let offered = formats(self.command);
        if let Some(other) = self.outputs.iter().find(|output| !offered.contains(&output.format)) {
            return Err(CommandError::OtherFormat { command: self.command, format: other.format, offered }.into());
        }
        let places = self.outputs.iter().map(|output| output.file.as_deref());
        let saved = saved.map(|file| Some(file).filter(|file| !is_stream(file)));
        let places = places.chain(saved);
        let mut taken = BTreeSet::new();
        match { places }.find(|place| !taken.insert(place.map(|file| self.environment.place(file)))) {
            None => {
                let saved = saved.flatten();
                self.check_kept(saved)?;
                saved.map_or(Ok(()), |file| check_writable(&self.environment.path(file)))
            }
            Some(file) => {
                let place = file.map_or_else(|| "stdout".to_owned(), |file| format!("`{}`", text::path(file)));
                Err(CommandError::SamePlace(place).into())
            }
        }
    }

    /// Refuses to write over what icsync reads. What is refused gets no document of the failure either.
    fn check_kept(&self, saved: Option<&Path>) -> Result<(), Failure> {
        let kept = OverwritingGuard::of(self.environment, (&self.root, &self.config));
        let mut checked = saved.map_or(Ok(()), |file| kept.check(file));
        for file in self.outputs.iter().filter_map(|output| output.file.as_ref()) {
            if let Err(failure) = kept.check(file) {
                self.written.borrow_mut().insert(Some(file.clone()));
                checked = checked.and(Err(failure));
            }
        }
        checked
    }

    /// Makes sure that every file can be written, before anything is done that the files are to tell of.
    pub(super) fn check_writable(&self) -> Result<(), Failure> {
        self.outputs.iter().filter_map(|output| output.file.as_ref()).try_for_each(|file| {
            check_writable(&self.environment.path(file)).inspect_err(|_| {
                self.written.borrow_mut().insert(Some(file.clone()));
            })
        })
    }

    /// Renders a result in every format.
    pub(super) fn render(
        &self,
        render: impl FnMut(Format, &mut Destination, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        self.render_to(&self.outputs.iter().collect::<Vec<_>>(), render)
    }

    /// Renders a part of a result where text goes to stdout: text may come piece by piece.
    pub(super) fn render_text(
        &self,
        mut render: impl FnMut(&mut Destination, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let text: Vec<_> = self.outputs.iter().filter(|output| is_text(output)).collect();
        self.render_to(&text, |_, out, style| render(out, style))
    }

    /// Renders a whole result everywhere else.
    pub(super) fn render_rest(
        &self,
        render: impl FnMut(Format, &mut Destination, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let rest: Vec<_> = self.outputs.iter().filter(|output| !is_text(output)).collect();
        self.render_to(&rest, render)
    }

    /// Renders a result everywhere but on stdout as text and as JSON: what comes after it says the last word there.
    pub(crate) fn render_besides_json(
        &self,
        render: impl FnMut(Format, &mut Destination, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let rest: Vec<_> =
            self.outputs.iter().filter(|output| !is_text(output) && output.format != Format::Json).collect();
        self.render_to(&rest, render)
    }

    /// Writes files before stdout, and every one that can be written; fails with the first that cannot.
    fn render_to(
        &self,
        outputs: &[&Output],
        mut render: impl FnMut(Format, &mut Destination, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let (files, stdout): (Vec<&Output>, Vec<&Output>) = outputs.iter().partition(|output| output.file.is_some());
        let mut failures = Vec::new();
        for output in files.into_iter().chain(stdout) {
            let style = self.style(output);
            let written = self
                .destination(output)
                .and_then(|destination| destination.hold(|out| render(output.format, out, style)));
            failures.extend(written.err());
            self.written.borrow_mut().insert(output.file.clone());
        }
        failures.into_iter().next().map_or(Ok(()), Err)
    }

    fn style(&self, output: &Output) -> Style<'_> {
        let Output { format, file } = output;
        let colour = if self.environment.colour && file.is_none() { Colour::Ansi } else { Colour::Never };
        let hosted = matches!(format, Format::Github | Format::Sarif);
        let folder = if hosted { self.folder.get_or_init(|| git::prefix(&self.root).unwrap_or_default()) } else { "" };
        let width = if file.is_none() { self.environment.columns() } else { None };
        Style { colour, grouping: self.grouping, folder, width, hosted: self.environment.ci.hosted() }
    }

    fn destination(&self, output: &Output) -> Result<Destination, Failure> {
        match &output.file {
            // A plan may be one of them, and it tells what a phone system looks like inside.
            Some(file) if output.format == Format::Json => {
                Destination::file(&self.environment.path(file), FileAccess::Private)
            }
            Some(file) => Destination::file(&self.environment.path(file), FileAccess::Shared),
            None => Ok(Destination::stdout()),
        }
    }

    /// Says on stderr what is probably not meant in the files, unless text on stdout says it.
    pub(super) fn warn(&self, warnings: &[Diagnostic]) {
        if !self.outputs.iter().any(is_text) {
            self.complain(warnings);
        }
    }

    /// Says on stderr what is probably not meant in the files.
    pub(super) fn complain(&self, warnings: &[Diagnostic]) {
        match (self.environment.quiet, self.environment.log) {
            (true, _) => {}
            (false, LogFormat::Json) => warnings.iter().for_each(logging::diagnose),
            (false, LogFormat::Text) => {
                let text = excerpts(warnings, self.environment);
                let _ = aside(|stderr| stderr.write_all(text.as_bytes()));
            }
        }
    }

    /// Tells of a failure: on stderr for people, and in every other format that was asked for. Where a document stands
    /// already it stays.
    pub(super) fn fail(&self, failure: &Failure) {
        let mut places = self.written.take();
        let open = self.outputs.iter().filter(|output| places.insert(output.file.clone()));
        let (json, others): (Vec<_>, Vec<_>) = open.partition(|output| output.format == Format::Json);
        let others: Vec<_> = others.into_iter().filter(|output| !is_text(output)).collect();
        // The failure itself is said on stderr whether or not any of this can be written.
        let (diagnostics, revision) = failure.mistakes();
        let written = match diagnostics {
            // Where documents go may be what is wrong.
            [] if failure.exit() == Exit::Usage => Ok(()),
            // A file of an earlier run would look like this one's.
            [] => self.render_to(&others, |format, out, style| {
                report::failed(format, out, self.command, &whole(failure), style)
            }),
            found => {
                let complaints: Vec<DiagnosticV1> = found.iter().map(|one| complaint(one, revision)).collect();
                self.render_to(&others, |format, out, style| {
                    report::complaints(format, out, "definitions", &complaints, style)
                })
            }
        };
        self.mention(written);
        self.mention(self.render_to(&json, |_, out, _| write_failure(out, failure)));
        complain(failure, self.environment);
    }

    /// Says that a report of a failure could not be written either.
    fn mention(&self, written: Result<(), Failure>) {
        if let Err(failure) = written {
            complain(&failure, self.environment);
        }
    }
}

/// Writes a failure as JSON.
pub(super) fn write_failure(out: &mut impl Write, failure: &Failure) -> io::Result<()> {
    let lines: Vec<_> = std::iter::once(failure.message()).chain(failure.details().iter().cloned()).collect();
    let diagnostics = failure.mistakes().0;
    document::write(out, &FailureV1::new(failure.exit().name(), lines.join("\n"), failure.help(), diagnostics))
}

/// Makes one complaint of a failure that is about no file.
fn whole(failure: &Failure) -> DiagnosticV1 {
    let words = std::iter::once(failure.message()).chain(failure.details().iter().cloned()).chain(failure.causes());
    let words = words.collect::<Vec<_>>();
    DiagnosticV1 {
        code: failure.exit().name().into(),
        severity: SeverityV1::Error,
        message: words.join("; "),
        file: None,
        line: None,
        column: None,
        help: failure.help(),
        related: Vec::new(),
    }
}

/// Makes a complaint. Lines of an older revision are not lines of the files that people and hosts look at.
fn complaint(diagnostic: &Diagnostic, revision: Option<&str>) -> DiagnosticV1 {
    let complaint = DiagnosticV1::from(diagnostic);
    let Some(revision) = revision else { return complaint };
    let message = match diagnostic.location() {
        Some(at) => format!("at {revision}, {at}: {}", complaint.message),
        None => complaint.message,
    };
    DiagnosticV1 { message, file: None, line: None, column: None, ..complaint }
}

fn is_text(output: &Output) -> bool {
    output.file.is_none() && output.format == Format::Text
}

/// Shows what is wrong with files, each with the lines it is about.
fn excerpts(diagnostics: &[Diagnostic], environment: &Environment) -> String {
    let paint = if environment.colour { Paint::Coloured } else { Paint::Plain };
    let width = Environment::columns_aside();
    diagnostic::render(diagnostics, RenderOptions { paint, width, ..RenderOptions::default() })
}

/// Tells a person of a failure.
pub(super) fn complain(failure: &Failure, environment: &Environment) {
    if environment.log == LogFormat::Json {
        return logging::fail(failure);
    }
    let (diagnostics, _) = failure.mistakes();
    let columns = Environment::columns_aside();
    let mut text = String::new();
    text.push_str(&excerpts(diagnostics, environment));
    let lines = std::iter::once(format!("error: {}", failure.message()))
        .chain(failure.details().iter().map(|line| format!("  {line}")));
    let lines = lines.chain(failure.causes().into_iter().map(|cause| format!("caused by: {cause}")));
    for line in lines.chain(failure.help().into_iter().map(|help| format!("help: {help}"))) {
        let line = text::visible(&line);
        let lines = text::within(&line, columns, 2);
        lines.iter().for_each(|line| {
            text.push_str(line);
            text.push('\n');
        });
    }
    let _ = aside(|stderr| stderr.write_all(text.as_bytes()));
}
