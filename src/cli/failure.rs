//! A command that could not do its work: what happened, what led to it, and how it is told.

use std::io;
use std::path::Path;

use super::args::Global;
use super::error::CommandError;
use super::exit::Exit;
use crate::api::{ConnectError, ErrorKind};
use crate::diagnostic::Diagnostic;

/// Why a command could not do its work, and what is known besides.
#[derive(Debug)]
pub(super) struct Failure {
    error: Box<CommandError>,
    /// What else led to it.
    also: Vec<String>,
    /// How the command had ended before it failed to tell of it.
    ended: Option<Exit>,
    /// The options that lead the commands of its help to the place that it is about.
    place: String,
}

/// The commands that are about a target, or about a repository.
const PLACED_COMMANDS: [&str; 12] =
    ["apply", "diff", "drift", "export", "keys", "list", "pin", "plan", "rollback", "runs", "show", "validate"];

/// Adds options to the commands between backticks that go without them to some other place.
fn placed(help: &str, place: &str) -> String {
    let is_command = |text: &str| {
        let verb = text.strip_prefix("icsync ").and_then(|rest| rest.split(' ').next());
        verb.is_some_and(|verb| PLACED_COMMANDS.contains(&verb)) && !text.contains(place)
    };
    let parts = help.split('`').enumerate().map(|(index, part)| {
        if index % 2 == 1 && is_command(part) { format!("{part}{place}") } else { part.to_owned() }
    });
    parts.collect::<Vec<_>>().join("`")
}

impl<E: Into<CommandError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: Box::new(error.into()), also: Vec::new(), ended: None, place: String::new() }
    }
}

impl Failure {
    /// Makes the failure of files that are wrong.
    pub(super) fn invalid(diagnostics: Vec<Diagnostic>) -> Self {
        CommandError::Invalid { diagnostics, revision: None }.into()
    }

    /// Makes the failure of a file that cannot be read or written.
    pub(super) fn file(verb: &'static str, path: &Path, source: io::Error) -> Self {
        CommandError::File { verb, path: path.to_owned(), source }.into()
    }

    /// Tells of mistakes in other files too, if files are what is wrong.
    #[must_use]
    pub(super) fn with_mistakes(mut self, mistakes: Vec<Diagnostic>) -> Self {
        if let CommandError::Invalid { diagnostics, revision: _ } = &mut *self.error {
            diagnostics.extend(mistakes);
        }
        self
    }

    /// Says what else led to it.
    #[must_use]
    pub(super) fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        self.also.push(cause.to_string());
        self
    }

    /// Lets how the command ended decide the exit code, if that is a failure too: what was done, refused or left in doubt
    /// matters more than a report that could not be written.
    #[must_use]
    pub(super) fn after(self, exit: Exit) -> Self {
        match exit {
            Exit::Done | Exit::Changes => self,
            exit => Self { ended: Some(exit), ..self },
        }
    }

    /// Gives how the command ends.
    pub(super) fn exit(&self) -> Exit {
        self.ended.unwrap_or_else(|| Exit::of(&self.error))
    }

    /// Tells whether the server, or git's remote, could not be reached or gave no answer of use.
    pub(super) fn is_of_contact(&self) -> bool {
        match &*self.error {
            CommandError::Api(error) | CommandError::Connect(ConnectError::Login(error)) => {
                matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Deadline | ErrorKind::Malformed)
            }
            _ => false,
        }
    }

    pub(super) fn message(&self) -> String {
        self.error.to_string()
    }

    /// Gives the particulars, a line each.
    pub(super) fn details(&self) -> &[String] {
        match &*self.error {
            CommandError::SavedPlan(error) => error.details(),
            _ => &[],
        }
    }

    /// Gives what led to it, outermost first. What a line says already is not said again.
    pub(super) fn causes(&self) -> Vec<String> {
        let error: &dyn std::error::Error = &*self.error;
        let chain = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string);
        let (mut causes, mut last) = (Vec::new(), self.message());
        for cause in chain {
            if !last.ends_with(&cause) {
                causes.push(cause.clone());
            }
            last = cause;
        }
        causes.extend(self.also.iter().cloned());
        causes
    }

    /// Says what to do next.
    pub(super) fn help(&self) -> Option<String> {
        self.error.help().map(|help| placed(&help, &self.place))
    }

    /// Lets the commands of the help lead to the place that the failure is about.
    #[must_use]
    pub(super) fn in_place(self, global: &Global) -> Self {
        Self { place: global.same_place(), ..self }
    }

    /// Gives what is wrong with files, and the revision that they are of, if it is not the working tree.
    pub(super) fn mistakes(&self) -> (&[Diagnostic], Option<&str>) {
        match &*self.error {
            CommandError::Invalid { diagnostics, revision } => (diagnostics, revision.as_deref()),
            CommandError::UntrueExport { what: _, diagnostics } => (diagnostics, None),
            _ => (&[], None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::placed;

    #[test]
    fn commands_of_a_help_lead_to_the_same_place() {
        let help = "run `icsync plan --out FILE`, `icsync rollback RUN`, not `icsync help guard` or plan, `--steps 1`";
        let there = "run `icsync plan --out FILE --target prod`, `icsync rollback RUN --target prod`, not `icsync help guard` or plan, \
                     `--steps 1`";
        assert_eq!(placed(help, " --target prod"), there);
        assert_eq!(placed(there, " --target prod"), there, "what says it already");
        assert_eq!(placed(help, ""), help);
    }
}
