//! Writes that are carried out after their answer.

use std::sync::Arc;
use std::time::Duration;

use super::Shared;
use super::estate::User;
use super::record::WorkDone;
use super::state::WriteRequest;

/// A write that would not have been refused when it was asked for.
#[derive(Debug)]
pub(super) struct LateWrite {
    pub(super) user: Arc<User>,
    pub(super) write: WriteRequest,
    pub(super) after: Duration,
}

impl LateWrite {
    /// Carries the write out after its time, or when the sandbox stops; nobody hears of it if it is refused by then.
    /// `number` is that of its request.
    pub(super) fn start(self, shared: &Arc<Shared>, number: u64) {
        let Self { user, write, after } = self;
        let held = Arc::clone(shared);
        shared.late.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = held.closing.cancelled() => {}
            }
            let work = match held.writer.write(user, write).await {
                Ok(()) => WorkDone::Done,
                Err(_) => WorkDone::NotDone,
            };
            held.lock_records().land(number, work);
        });
    }
}
