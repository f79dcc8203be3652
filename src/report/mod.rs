//! Renders plans, outcomes, drift and reviews into a writer: one view of what there is to say, one file per format.

pub mod effective;
mod github;
mod group;
mod html;
pub mod json;
mod junit;
mod layout;
mod markdown;
mod plain;
mod sarif;
pub mod text;
mod value;
mod view;

#[cfg(test)]
mod tests;

use std::io;
use std::str::FromStr;

use crate::apply::Outcomes;
use crate::drift::Drift;
use crate::model::Location;
use crate::plan::{Document, Heading, Plan, Target};
use crate::review::Review;
pub use layout::{layout, path};
use view::Report;

/// A format of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Format {
    /// For people at a terminal.
    #[default]
    Text,
    /// For scripts.
    Json,
    /// For one comment of a pull request.
    Markdown,
    /// One file for a browser.
    Html,
    /// For test reports of CI.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

impl Format {
    /// All formats in the order of the manual.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Json, Self::Markdown, Self::Html, Self::Junit, Self::Sarif, Self::Github];

    /// Gives the word of the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not one of text, json, markdown, html, junit, sarif, github", .0.escape_debug())]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let format = Self::ALL.into_iter().find(|format| format.name() == text);
        format.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// How a report is written. Colour is for text; detail for every format that groups. It has a secret and no `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Style<'a> {
    /// Whether it is coloured.
    pub colour: Colour,
    /// How much of it.
    pub detail: Detail,
    /// The folder of `icsync.yaml` below the root of the git repository, with a slash at its end, or nothing: hosts know
    /// files by their path from the root, so formats for them begin with it.
    pub folder: &'a str,
    /// The key that signs plan documents.
    pub key: Option<&'a [u8]>,
}

/// Whether text is coloured; the caller knows the stream and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It is not: no escape sequence is written.
    Never,
    /// With ANSI escape sequences.
    Ansi,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Identical edits together.
    Grouped,
    /// Each client by itself: `--full`.
    Full,
}

/// Writes a plan.
pub fn plan(
    format: Format,
    out: &mut impl io::Write,
    heading: &Heading,
    plan: &Plan,
    style: Style<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => json::plan(out, heading, plan, style.key),
        other => write(other, out, &view::plan(heading, plan), style),
    }
}

/// Writes a saved plan.
pub fn document(format: Format, out: &mut impl io::Write, document: &Document, style: Style<'_>) -> io::Result<()> {
    match format {
        Format::Json => json::document(out, document),
        other => write(other, out, &view::document(document), style),
    }
}

/// What was applied, and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Applied<'a> {
    /// What the plan was made of.
    pub heading: &'a Heading,
    /// The plan.
    pub plan: &'a Plan,
    /// What became of it.
    pub outcomes: &'a Outcomes,
}

/// Writes what became of a plan.
pub fn outcomes(format: Format, out: &mut impl io::Write, applied: Applied<'_>, style: Style<'_>) -> io::Result<()> {
    let Applied { heading, plan, outcomes } = applied;
    match format {
        Format::Json => json::outcomes(out, heading, plan, outcomes),
        other => write(other, out, &view::outcomes(heading, plan, outcomes), style),
    }
}

/// What a report of drift says besides the drift.
#[derive(Debug, Clone, Copy)]
pub struct DriftHeading<'a> {
    /// The server that was read.
    pub target: &'a Target,
    /// The revision that tells drift from pending changes.
    pub since: Option<&'a str>,
}

/// Writes drift.
pub fn drift(
    format: Format,
    out: &mut impl io::Write,
    heading: &DriftHeading<'_>,
    drift: &Drift,
    style: Style<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => json::drift(out, heading, drift),
        other => write(other, out, &view::drift(heading, drift), style),
    }
}

/// What a review is of.
#[derive(Debug, Clone, Copy)]
pub struct ReviewHeading<'a> {
    /// The one revision, as a person names it.
    pub base: &'a str,
    /// The other, or `working tree`.
    pub head: &'a str,
}

/// Writes a review.
pub fn review(
    format: Format,
    out: &mut impl io::Write,
    heading: &ReviewHeading<'_>,
    review: &Review,
    style: Style<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => json::review(out, heading, review),
        other => write(other, out, &view::review(heading, review), style),
    }
}

/// Something that is wrong with a file, as far as reports show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What kind of mistake it is.
    pub code: String,
    /// Whether it stops the run.
    pub gravity: Gravity,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub at: Option<Location>,
    /// Other places that matter, each with what it is.
    pub also: Vec<(String, Location)>,
    /// What to do about it.
    pub help: Option<String>,
}

/// Whether a complaint stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// It does.
    Error,
    /// It does not.
    Warning,
}

/// Writes what is wrong with the files of `subject`. The JSON of a failure is [`json::failure`]; asked for JSON, this
/// writes the same without an error of its own.
pub fn complaints(
    format: Format,
    out: &mut impl io::Write,
    subject: &str,
    complaints: &[Complaint],
    style: Style<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => json::complaints(out, complaints),
        // Each mistake is one of its own, however alike they are.
        other => write(
            other,
            out,
            &view::complaints(view::Kind::Validate, subject, complaints),
            Style { detail: Detail::Full, ..style },
        ),
    }
}

/// Writes why there is nothing to report, in a format that has no form of its own for that.
pub fn failed(
    format: Format,
    out: &mut impl io::Write,
    subject: &str,
    complaint: &Complaint,
    style: Style<'_>,
) -> io::Result<()> {
    let report = view::complaints(view::Kind::Failure, subject, std::slice::from_ref(complaint));
    write(format, out, &report, style)
}

/// Writes a report in a format that has no form of its own for each kind of report.
fn write(format: Format, out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    match format {
        // The callers write JSON, whose form differs for each kind; text says the same.
        Format::Text | Format::Json => text::write(out, report, style),
        Format::Markdown => markdown::write(out, report, style.detail),
        Format::Html => html::write(out, report, style.detail),
        Format::Junit => junit::write(out, report),
        Format::Sarif => sarif::write(out, report, style),
        Format::Github => github::write(out, report, style),
    }
}
