//! Signals: the first lets what is in flight finish, the second ends at once.

use tokio_util::sync::CancellationToken;

use super::args::LogFormat;
use super::exit::Exit;
use super::logging;

/// Listens for Ctrl-C and SIGTERM; the token is cancelled by the first.
pub(super) fn listen(log: LogFormat) -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        signal().await;
        cancelled.cancel();
        let text = "interrupted: finishing what is in flight; once more to end at once (the journal stays true)";
        logging::say(log, text);
        signal().await;
        #[expect(clippy::exit, reason = "a second signal means now, whatever is in flight")]
        std::process::exit(i32::from(Exit::Interrupted.number()));
    });
    token
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
