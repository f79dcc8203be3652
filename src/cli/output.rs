//! Where results go: documents to stdout and files, everything else to stderr.

use std::cell::OnceCell;
use std::io::{self, Write};
use std::path::PathBuf;

use super::args::{Global, Output, RenderArguments};
use super::environment::{Access, Environment, write};
use super::failure::Failure;
use super::git;
use super::plan_key;
use super::repository::root;
use crate::diagnostic::{self, Diagnostic, DiagnosticV1, Paint, RenderOptions, Severity};
use crate::report::{self, Colour, Complaint, Detail, Format, Gravity, Style};

/// The results of a command: in which formats, and where.
#[derive(Clone)]
pub(super) struct Sink<'a> {
    environment: &'a Environment,
    outputs: Vec<Output>,
    detail: Detail,
    /// The folder of `icsync.yaml`, on disk and in the git repository.
    root: PathBuf,
    folder: OnceCell<String>,
    /// The key that signs plans.
    key: Option<Vec<u8>>,
}

impl<'a> Sink<'a> {
    /// Makes a sink; text on stdout unless something else goes there.
    pub(super) fn new(environment: &'a Environment, global: &Global, render: &RenderArguments) -> Self {
        let detail = if render.full { Detail::Full } else { Detail::Grouped };
        Self::of(environment, global, &render.output, detail)
    }

    /// Makes a sink of outputs alone.
    pub(super) fn of(environment: &'a Environment, global: &Global, outputs: &[Output], detail: Detail) -> Self {
        let mut outputs = outputs.to_vec();
        if outputs.iter().all(|output| output.file.is_some()) {
            outputs.push(Output { format: Format::Text, file: None });
        }
        Self { environment, outputs, detail, root: root(environment, global), folder: OnceCell::new(), key: plan_key() }
    }

    /// Gives the formats that are asked for.
    pub(super) fn formats(&self) -> impl Iterator<Item = Format> {
        self.outputs.iter().map(|output| output.format)
    }

    /// Tells whether text goes to stdout.
    pub(super) fn is_text(&self) -> bool {
        self.outputs.iter().any(is_text)
    }

    /// Renders a result in every format.
    pub(super) fn render(
        &self,
        render: impl FnMut(Format, &mut Vec<u8>, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        self.render_to(&self.outputs.iter().collect::<Vec<_>>(), render)
    }

    /// Renders a part of a result where text goes to stdout: text may come piece by piece.
    pub(super) fn render_text(
        &self,
        mut render: impl FnMut(&mut Vec<u8>, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let text: Vec<_> = self.outputs.iter().filter(|output| is_text(output)).collect();
        self.render_to(&text, |_, out, style| render(out, style))
    }

    /// Renders a whole result everywhere else.
    pub(super) fn render_rest(
        &self,
        render: impl FnMut(Format, &mut Vec<u8>, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let rest: Vec<_> = self.outputs.iter().filter(|output| !is_text(output)).collect();
        self.render_to(&rest, render)
    }

    /// Renders a result everywhere but on stdout as text and as JSON: what comes after it says the last word there.
    pub(crate) fn render_besides_json(
        &self,
        render: impl FnMut(Format, &mut Vec<u8>, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let rest: Vec<_> =
            self.outputs.iter().filter(|output| !is_text(output) && output.format != Format::Json).collect();
        self.render_to(&rest, render)
    }

    fn render_to(
        &self,
        outputs: &[&Output],
        mut render: impl FnMut(Format, &mut Vec<u8>, Style<'_>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        for Output { format, file } in outputs {
            let colour = if self.environment.colour && file.is_none() { Colour::Ansi } else { Colour::Never };
            let mut bytes = Vec::new();
            let hosted = matches!(format, Format::Github | Format::Sarif);
            let folder = if hosted { self.folder.get_or_init(|| git::folder(&self.root)) } else { "" };
            render(*format, &mut bytes, Style { colour, detail: self.detail, folder, key: self.key.as_deref() })?;
            match file {
                // A plan may be one of them, and it tells what a phone system looks like inside.
                Some(file) if *format == Format::Json => write(&self.environment.path(file), &bytes, Access::Private)?,
                Some(file) => write(&self.environment.path(file), &bytes, Access::Shared)?,
                None => print(&bytes)?,
            }
        }
        Ok(())
    }

    /// Tells of a failure: on stderr for people, as JSON for machines that asked for it, and what is wrong with files in
    /// every other format too.
    pub(super) fn fail(&self, failure: &Failure) {
        if !failure.diagnostics.is_empty() {
            let complaints: Vec<Complaint> = failure.diagnostics.iter().map(complaint).collect();
            let others: Vec<_> = self
                .outputs
                .iter()
                .filter(|output| output.file.is_some() || output.format != Format::Text)
                .filter(|output| output.format != Format::Json)
                .collect();
            // The failure itself is said on stderr whether or not this can be written.
            let _ = self.render_to(&others, |format, out, style| {
                report::complaints(format, out, "definitions", &complaints, style)
            });
        }
        let json = self.outputs.iter().filter(|output| output.format == Format::Json);
        for Output { format: _, file } in json {
            let mut bytes = Vec::new();
            let diagnostics: Vec<_> = failure.diagnostics.iter().map(DiagnosticV1::from).collect();
            let _ = report::json::failure(&mut bytes, error_view(failure), &diagnostics);
            let _ = match file {
                Some(file) => write(&self.environment.path(file), &bytes, Access::Shared),
                None => print(&bytes),
            };
        }
        complain(failure, self.environment);
    }
}

fn complaint(diagnostic: &Diagnostic) -> Complaint {
    let Diagnostic { code, severity, message, primary: _, secondary: _, help } = diagnostic;
    Complaint {
        code: code.as_str().to_owned(),
        gravity: match severity {
            Severity::Error => Gravity::Error,
            Severity::Warning => Gravity::Warning,
        },
        message: message.clone(),
        at: diagnostic.location(),
        help: help.clone(),
    }
}

fn is_text(output: &Output) -> bool {
    output.file.is_none() && output.format == Format::Text
}

/// Writes to stdout. A reader that went away is not a failure.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn error_view(failure: &Failure) -> report::json::Failure<'_> {
    let Failure { exit, message, causes: _, help, diagnostics: _ } = failure;
    report::json::Failure { code: exit.name(), message, help: help.as_deref() }
}

/// Tells a person of a failure.
pub(super) fn complain(failure: &Failure, environment: &Environment) {
    let Failure { exit, message, causes, help, diagnostics } = failure;
    let mut text = String::new();
    if !diagnostics.is_empty() {
        let paint = if environment.colour { Paint::Coloured } else { Paint::Plain };
        text.push_str(&diagnostic::render(diagnostics, RenderOptions { paint, ..RenderOptions::default() }));
    }
    let lines = [format!("error: {message}")].into_iter();
    let lines = lines.chain(causes.iter().map(|cause| format!("caused by: {cause}")));
    let lines: Vec<_> = lines.chain(help.iter().map(|help| format!("help: {help}"))).collect();
    text.push_str(&lines.join("\n"));
    text.push('\n');
    let _ = io::stderr().lock().write_all(text.as_bytes());
    tracing::debug!(code = exit.number(), "failed");
}
