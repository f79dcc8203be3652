//! Tells whoever started the process how it does, if somebody wants to hear that.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::environment::Environment;
use crate::watch::Board;

/// Without a watchdog so often is said what the process does.
#[cfg(unix)]
const PAUSE: std::time::Duration = std::time::Duration::from_secs(10);

/// Begins to tell; the task ends when it has told that the process ends.
#[cfg(unix)]
pub(super) fn supervise(
    environment: &Environment,
    board: &Arc<Board>,
    stop: &CancellationToken,
) -> Option<JoinHandle<()>> {
    use crate::cli::variables::HeardVariable;
    use crate::watch::{Supervisor, SupervisorVariables};
    let variables = SupervisorVariables {
        socket: HeardVariable::NotifySocket.text(),
        watchdog: HeardVariable::WatchdogUsec.text(),
        process: HeardVariable::WatchdogPid.text(),
    };
    let supervisor = Supervisor::of(&variables, std::process::id()).unwrap_or_else(|error| {
        environment.say(&format!("warning: the supervisor cannot be told: {error}"));
        None
    })?;
    supervisor.ready();
    let (board, stop) = (Arc::clone(board), stop.clone());
    Some(tokio::spawn(async move {
        let beat = supervisor.beat().unwrap_or(PAUSE);
        loop {
            if board.is_alive() {
                supervisor.alive();
            }
            supervisor.status(&board.line());
            tokio::select! {
                () = tokio::time::sleep(beat) => {}
                () = stop.cancelled() => return supervisor.stopping(),
            }
        }
    }))
}

/// There is none.
#[cfg(not(unix))]
pub(super) fn supervise(_: &Environment, _: &Arc<Board>, _: &CancellationToken) -> Option<JoinHandle<()>> {
    None
}
