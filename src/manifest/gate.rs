//! Large files are read one after the other, on however many threads: each takes its size several times while it is parsed.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file with more bytes waits for the others that are as large.
const LARGE: u64 = 4 * 1024 * 1024;

/// What lets one large file pass at a time.
#[derive(Debug, Default)]
pub(crate) struct LargeFileGate(Mutex<()>);

/// A large file is at work as long as this is kept; a small one needs none.
pub(crate) type GatePass<'g> = Option<MutexGuard<'g, ()>>;

impl LargeFileGate {
    /// Waits before a file is read of which only the size is known.
    pub(crate) fn enter(&self, bytes: u64) -> GatePass<'_> {
        (bytes > LARGE).then(|| self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
