//! Signals: the first lets what is in flight finish, the second ends at once.

use tokio_util::sync::CancellationToken;

use super::environment::Environment;
use super::exit::Exit;
use super::logging;

/// Listens for Ctrl-C, SIGTERM and SIGHUP; the token is cancelled by the first.
pub(super) fn listen(environment: &Environment) -> CancellationToken {
    let (log, quiet) = (environment.log, environment.quiet);
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        signal().await;
        cancelled.cancel();
        let text = "interrupted: finishing what is in flight; once more to end at once (the journal stays true)";
        if !quiet {
            logging::say(log, text);
        }
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
    // Under `nohup` the end of the terminal is not the end of the run.
    let mut hangup = if ignores_hangup() { None } else { signal(SignalKind::hangup()).ok() };
    let hung_up = async {
        match &mut hangup {
            Some(hangup) => drop(hangup.recv().await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        () = hung_up => {}
    }
}

/// Tells whether whoever started the process had SIGHUP ignored, where the system tells that (proc(5): bit 0 of `SigIgn`).
#[cfg(unix)]
fn ignores_hangup() -> bool {
    #[expect(clippy::disallowed_methods, reason = "it is no file but an answer of the system")]
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Leaves Ctrl-C to another program on the terminal for as long as the value is held: a pager ends a search by it.
#[cfg(unix)]
pub(super) fn left_to_another(runtime: &tokio::runtime::Runtime) -> Option<impl Sized> {
    let _inside = runtime.enter();
    // Who listens is not ended by the signal.
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).ok()
}

#[cfg(not(unix))]
pub(super) fn left_to_another(_: &tokio::runtime::Runtime) -> Option<impl Sized> {
    None::<()>
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
