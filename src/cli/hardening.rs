//! What the process asks of the system for itself, before it holds any secret.

#[cfg(unix)]
use super::check_open_files;

/// Switches core dumps off, so that no crash leaves secrets on a disk. Where the system does not know them, as Windows, this does nothing.
pub(super) fn keep_memory_to_itself() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // No dump fits into one byte. Linux hands dumps to programs such as `systemd-coredump` whatever the limit, except where it
        // is just this (core(5), fs/coredump.c).
        let limit = Rlimit { current: Some(1), maximum: Some(1) };
        if setrlimit(Resource::Core, limit).is_err() {
            // A limit of none is below that already.
            let none = Rlimit { current: Some(0), maximum: Some(0) };
            let _ = setrlimit(Resource::Core, none);
        }
    }
}

/// Lets a write beyond the limit on the size of files fail (setrlimit(2), `RLIMIT_FSIZE`). By default it ends the process, in the middle of
/// a run and with a temporary file left behind.
pub(super) fn survive_large_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Signal, getrlimit};
        use tokio::signal::unix::{SignalKind, signal};
        if getrlimit(Resource::Fsize).current.is_none() || check_open_files().is_err() {
            return;
        }
        // Whoever has listened for a signal once keeps it from its default until the end of the process.
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            let _inside = runtime.enter();
            drop(signal(SignalKind::from_raw(Signal::XFSZ.as_raw())));
        }
    }
}
