//! Who is told of every request, for whoever measures a process that runs for long.

use std::fmt::Debug;
use std::time::Duration;

use super::error::Operation;

/// Is told of every attempt at a request.
pub(crate) trait Meter: Debug + Send + Sync {
    /// An attempt has ended: with an answer of this status, or without one, and from then on so many may be in flight.
    fn request(&self, operation: Operation, status: Option<u16>, took: Duration, allowed: usize);

    /// A request is sent again.
    fn retry(&self);
}
