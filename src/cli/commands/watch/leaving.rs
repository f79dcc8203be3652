//! What a watch leaves behind that ends before its round has.

use std::path::Path;
use std::sync::PoisonError;

use super::Watcher;
use crate::apply::History;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::watch::RoundOutcome;

impl Watcher<'_> {
    /// Takes note of the journal of a run that a round begins.
    pub(super) fn begins_run(&self, journal: &Path) {
        *self.journal.lock().unwrap_or_else(PoisonError::into_inner) = Some(journal.to_owned());
    }

    /// Forgets it: the round tells what became of its run.
    pub(super) fn ends_run(&self) {
        *self.journal.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Ends with a round under way. What its run has begun and not ended is in doubt, and only the journal knows of it.
    pub(super) fn leaves_round(&self) -> Result<Exit, Failure> {
        match self.left_in_doubt() {
            Some(doubt) => Err(doubt.into()),
            None => Ok(Exit::Done),
        }
    }

    fn left_in_doubt(&self) -> Option<CommandError> {
        let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let history = History::read(&journal).ok()?;
        let steps = history.doubtful();
        let folder = self.arguments.journal.clone();
        (!steps.is_empty()).then(|| CommandError::LeftInDoubt { run: history.run.run, steps, folder })
    }

    /// Ends at once, and says what is left in doubt by that.
    pub(super) fn breaks_off(&self) -> Failure {
        if let Some(doubt) = self.left_in_doubt() {
            self.environment.say(&format!("warning: {doubt}"));
            doubt.help().iter().for_each(|help| self.environment.say(&format!("help: {help}")));
        }
        CommandError::Interrupted.into()
    }

    /// Tells how a watch ends that was asked to: doubt of its last round is that of the process too.
    pub(super) fn exit_after_last_round(&self) -> Exit {
        let state = self.board.state();
        let last = state.history.last().map(|round| round.outcome);
        if self.stop.is_cancelled() && last == Some(RoundOutcome::InDoubt) { Exit::InDoubt } else { Exit::Done }
    }
}
