//! Renders documents into a writer: one view of what there is to say, one file per format.

pub(crate) mod covering;
pub(crate) mod effective;
mod github;
mod gitlab;
mod group;
mod html;
mod junit;
pub(crate) mod keys;
mod layout;
pub(crate) mod list;
mod markdown;
mod plain;
pub(crate) mod runs;
mod sarif;
mod table;
pub(crate) mod text;
mod value;
mod view;

#[cfg(test)]
mod tests;

use std::io;
use std::str::FromStr;

use crate::document::{self, DiagnosticV1, DriftV1, OutcomesV1, PlanV1, ReviewV1, SavedPlan};
pub(crate) use layout::{LayoutChange, layout, path};
use view::{Report, SteadyClients};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Format {
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
    /// The numbers for GitLab's widget of plans.
    Gitlab,
}

impl Format {
    /// All formats in the order of the manual.
    pub(crate) const ALL: [Self; 8] =
        [Self::Text, Self::Json, Self::Markdown, Self::Html, Self::Junit, Self::Sarif, Self::Github, Self::Gitlab];

    /// Those that every report has, whatever it is about.
    pub(crate) const OF_REPORTS: [Self; 7] =
        [Self::Text, Self::Json, Self::Markdown, Self::Html, Self::Junit, Self::Sarif, Self::Github];

    /// Gives the word of the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }
}

/// Names formats in a sentence: `text, json or html`.
pub(crate) fn names(formats: &[Format]) -> String {
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    match &names[..] {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not one of {}", .0.escape_debug(), Format::ALL.map(Format::name).join(", "))]
pub(crate) struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let format = Self::ALL.into_iter().find(|format| format.name() == text);
        format.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// How a report is written. Colour is for text; grouping for every format that groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style<'a> {
    pub(crate) colour: Colour,
    pub(crate) grouping: Grouping,
    /// The folder of `icsync.yaml` below the root of the git repository, with a slash at its end, or nothing: hosts know
    /// files by their path from the root, so formats for them begin with it.
    pub(crate) folder: &'a str,
    /// The columns that lines of text have, if they are read where longer ones do not fit.
    pub(crate) width: Option<usize>,
    /// Where the report is made, as far as the host of a comment says.
    pub(crate) hosted: Hosted<'a>,
}

/// Where a report is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hosted<'a> {
    /// The page of the run of CI, where a comment finds the full report.
    pub(crate) page: Option<&'a str>,
    pub(crate) stage: ChangeStage,
}

impl Hosted<'_> {
    /// Nobody says where.
    #[cfg(test)]
    pub(crate) const NOWHERE: Hosted<'static> = Hosted { page: None, stage: ChangeStage::AtHand };
}

/// What becomes of the change that a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeStage {
    /// Whoever reads it applies it.
    AtHand,
    /// It is a proposal: merging it is what applies it.
    Proposed,
}

/// Whether text is coloured; the caller knows the stream and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// It is not: no escape sequence is written.
    Never,
    /// With ANSI escape sequences.
    Ansi,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// Identical edits together.
    Grouped,
    /// Each client by itself: `--full`.
    Full,
    /// Each client on one line, in text: `--brief`.
    Brief,
}

pub(crate) fn plan(format: Format, out: &mut impl io::Write, plan: &PlanV1, style: Style<'_>) -> io::Result<()> {
    match format {
        Format::Json => document::write(out, plan),
        Format::Gitlab => gitlab::write(out, plan),
        other => write(other, out, &view::plan(plan, steady_clients(other)), style),
    }
}

/// Writes a plan that is not the one it was compared with; a line each says where they differ. As text it stands beside the
/// failure that says so, and elsewhere it has to say so itself.
pub(crate) fn stale(
    format: Format,
    out: &mut impl io::Write,
    (now, differences): (&PlanV1, &[String]),
    style: Style<'_>,
) -> io::Result<()> {
    if matches!(format, Format::Json | Format::Gitlab | Format::Text) {
        return plan(format, out, now, style);
    }
    let message = format!("this is not what the saved plan says: {}", differences.join("; "));
    write(format, out, &view::plan(now, steady_clients(format)).made_stale(&message), style)
}

fn steady_clients(format: Format) -> SteadyClients {
    match format {
        Format::Junit => SteadyClients::Listed,
        Format::Text
        | Format::Json
        | Format::Markdown
        | Format::Html
        | Format::Sarif
        | Format::Github
        | Format::Gitlab => SteadyClients::Beside,
    }
}

/// Writes a saved plan, which `file` names; as JSON everything that its file says, besides digests of sensitive values.
pub(crate) fn saved(
    format: Format,
    out: &mut impl io::Write,
    (saved, file): (&SavedPlan, &str),
    style: Style<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => document::write(out, &saved.shown()),
        Format::Gitlab => gitlab::write(out, &saved.plan),
        other => write(other, out, &view::saved(&saved.plan, file, steady_clients(other)), style),
    }
}

/// Writes what became of a plan.
pub(crate) fn outcomes(
    format: Format,
    out: &mut impl io::Write,
    outcomes: &OutcomesV1,
    style: Style<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => document::write(out, outcomes),
        other => write(other, out, &view::outcomes(outcomes), style),
    }
}

pub(crate) fn drift(format: Format, out: &mut impl io::Write, drift: &DriftV1, style: Style<'_>) -> io::Result<()> {
    match format {
        Format::Json => document::write(out, drift),
        other => write(other, out, &view::drift(drift), style),
    }
}

pub(crate) fn review(format: Format, out: &mut impl io::Write, review: &ReviewV1, style: Style<'_>) -> io::Result<()> {
    match format {
        Format::Json => document::write(out, review),
        other => write(other, out, &view::review(review), style),
    }
}

/// Writes what is wrong with the files of `subject`, in a format besides JSON, whose form is that of the failure.
pub(crate) fn complaints(
    format: Format,
    out: &mut impl io::Write,
    subject: &str,
    complaints: &[DiagnosticV1],
    style: Style<'_>,
) -> io::Result<()> {
    let report = view::complaints(view::ReportKind::Validate, subject, complaints);
    let grouping = match format {
        // Machines get each mistake at its own line.
        Format::Junit | Format::Sarif => Grouping::Full,
        Format::Text | Format::Json | Format::Markdown | Format::Html | Format::Github | Format::Gitlab => {
            style.grouping
        }
    };
    write(format, out, &report, Style { grouping, ..style })
}

/// Writes why there is nothing to report, in a format that has no form of its own for that.
pub(crate) fn failed(
    format: Format,
    out: &mut impl io::Write,
    subject: &str,
    complaint: &DiagnosticV1,
    style: Style<'_>,
) -> io::Result<()> {
    let report = view::complaints(view::ReportKind::Failure, subject, std::slice::from_ref(complaint));
    write(format, out, &report, style)
}

/// The look of HTML reports, for a page that has parts of them.
pub(crate) const HTML_STYLE: &str = html::STYLE;

/// Writes drift as a part of a page.
pub(crate) fn drift_part(drift: &DriftV1, most: usize) -> String {
    html::part(&view::drift(drift), most)
}

/// Writes a plan as a part of a page.
pub(crate) fn plan_part(plan: &PlanV1, most: usize) -> String {
    html::part(&view::plan(plan, SteadyClients::Beside), most)
}

/// Writes a report in a format that has no form of its own for each kind of report.
fn write(format: Format, out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    match format {
        // The callers write JSON, whose form differs for each kind; text says the same.
        Format::Text | Format::Json => text::write(out, report, style),
        // The callers write the numbers of a plan; nothing else has any.
        Format::Gitlab => gitlab::write_none(out),
        Format::Markdown => markdown::write(out, report, style),
        Format::Html => html::write(out, report, style.grouping),
        Format::Junit => junit::write(out, report),
        Format::Sarif => sarif::write(out, report, style),
        Format::Github => github::write(out, report, style),
    }
}
