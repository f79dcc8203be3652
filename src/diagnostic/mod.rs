//! What is said about bad input: a code, a place, the other place, and a remedy.

mod code;
mod explain;
mod render;
mod source_file;
mod table;

pub(crate) use code::Code;
pub(crate) use explain::{explain, explanations};
pub(crate) use render::{Paint, RenderOptions, render};
pub(crate) use source_file::{Place, SourceFile, Span, narrow};

use std::borrow::Cow;

use crate::model::Location;
use crate::text::visible_lines;

/// One thing that is wrong, or probably not meant, in the configuration or the definitions.
///
/// Messages are lower case, without a full stop, with names in backticks; text of a file in them is bounded and
/// escaped with `quote`. They never hold a secret, and no character that acts on a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// What kind of mistake it is; stable, and explained by `explain`.
    pub code: Code,
    /// Whether it stops the run.
    pub severity: Severity,
    pub message: String,
    /// Where; `None` for what no file says, such as a target named on the command line.
    pub primary: Option<Label>,
    /// Other places that matter: "first defined here".
    pub secondary: Vec<Label>,
    pub help: Option<String>,
    /// Which of its words are the program's own, and quote nothing.
    pub constant: ConstantWords,
}

/// Which words of a diagnostic stand in the program as they are, and were not put together. Whatever a value is, they do not
/// give it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ConstantWords {
    message: bool,
    help: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The run stops with exit code 3.
    Error,
    /// The run goes on, unless `--strict` makes it an error.
    Warning,
}

/// A place with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub place: Place,
    /// The words; may be empty.
    pub text: String,
}

impl Diagnostic {
    pub(crate) fn error(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        let constant = ConstantWords { message: matches!(message, Cow::Borrowed(_)), ..ConstantWords::default() };
        let message = visible_lines(message.into_owned());
        Self { code, severity: Severity::Error, message, primary: None, secondary: Vec::new(), help: None, constant }
    }

    pub(crate) fn warning(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    #[must_use]
    pub(crate) fn at(mut self, place: Place, text: impl Into<String>) -> Self {
        self.primary = Some(Label { place, text: visible_lines(text.into()) });
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub(crate) fn also(mut self, place: Place, text: impl Into<String>) -> Self {
        self.secondary.push(Label { place, text: visible_lines(text.into()) });
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        let help = help.into();
        self.constant.help = matches!(help, Cow::Borrowed(_));
        self.help = Some(visible_lines(help.into_owned()));
        self
    }

    /// Says for which targets it is so.
    #[must_use]
    pub(crate) fn for_targets<'n>(mut self, targets: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<String> = targets.into_iter().map(|name| format!("`{}`", name.escape_debug())).collect();
        let word = if names.len() == 1 { "target" } else { "targets" };
        self.message = format!("{} (for {word} {})", self.message, names.join(", "));
        self
    }

    /// Tells where the mistake is.
    pub(crate) fn location(&self) -> Option<Location> {
        self.primary.as_ref().map(|label| label.place.location())
    }

    /// Gives every place the diagnostic holds, for replacing a file by a masked one.
    pub(crate) fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        self.primary.iter_mut().chain(self.secondary.iter_mut()).map(|label| &mut label.place)
    }

    /// Gives all words of it that may quote a file: the message, the help and those at places.
    pub(crate) fn quoting_words_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let ConstantWords { message, help } = self.constant;
        let labels = self.primary.iter_mut().chain(self.secondary.iter_mut()).map(|label| &mut label.text);
        let message = Some(&mut self.message).filter(|_| !message);
        labels.chain(message).chain(self.help.iter_mut().filter(move |_| !help))
    }

    fn order(&self) -> (Option<Location>, Code, &str) {
        (self.location(), self.code, &self.message)
    }
}

/// Makes warnings errors, as `--strict` wants it.
pub(crate) fn strict(mut warnings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    warnings.iter_mut().for_each(|one| one.severity = Severity::Error);
    warnings
}

/// Brings diagnostics into the order of files and lines and drops repetitions.
pub(crate) fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|left, right| left.order().cmp(&right.order()));
    diagnostics.dedup_by(|left, right| left.order() == right.order());
}
