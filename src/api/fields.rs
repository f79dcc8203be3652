//! Which fields a read asks for: policies and settings too, until the server has refused that.
//!
//! The vendor's page documents them for writes only; whether reads carry them, ignore them or refuse them is not known.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::error::{ApiError, ErrorCode, ErrorKind};
use crate::model::{Field, LiveClient};

/// The fields that the vendor's page documents for List and Info.
pub(super) const DOCUMENTED: &str = "TelSysDescription,PartitionDescription,DeviceDescription";
/// These and the two that the page documents for writes only.
pub(super) const WIDE: &str = "TelSysDescription,PartitionDescription,DeviceDescription,Policies,Settings";

/// So many refusals without a success are taken for one that meets every client.
const STRIKES: u32 = 3;

/// What one operation has learnt about the fields it may ask for. It holds for the run.
#[derive(Debug, Default)]
pub(super) struct Narrowing {
    reason: OnceLock<Arc<str>>,
    strikes: AtomicU32,
    worked: AtomicBool,
}

impl Narrowing {
    /// Says why only the documented fields are asked for, once that is so.
    pub(super) fn reason(&self) -> Option<&Arc<str>> {
        self.reason.get()
    }

    /// Notes that asking for every field succeeded: from now on a refusal is about one client.
    pub(super) fn wide_worked(&self) {
        self.worked.store(true, Ordering::Relaxed);
    }

    /// Tells whether asking for every field has succeeded in this run.
    pub(super) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Relaxed)
    }

    /// Notes that every field was refused and the documented ones were not. Gives the reason for this one client.
    pub(super) fn wide_refused(&self, refusal: &ApiError) -> Arc<str> {
        let reason: Arc<str> = format!("the server refuses to show policies and settings: {}", refusal.message).into();
        let strikes = self.strikes.fetch_add(1, Ordering::Relaxed) + 1;
        if strikes >= STRIKES && !self.has_worked() {
            let _ = self.reason.set(Arc::clone(&reason));
        }
        reason
    }

    /// Notes the same for an operation that is about no single client.
    pub(super) fn wide_refused_for_all(&self, refusal: &ApiError) {
        let reason = self.wide_refused(refusal);
        let _ = self.reason.set(reason);
    }
}

/// Tells whether a refusal may be one of the fields that were asked for.
pub(super) fn may_be_about_fields(error: &ApiError) -> bool {
    match error.kind {
        ErrorKind::Refused | ErrorKind::NotPermitted | ErrorKind::Malformed => {
            error.code != Some(ErrorCode::NOT_RESOLVED)
        }
        ErrorKind::Unreachable => error.status == Some(500) && error.code.is_none(),
        ErrorKind::NotAuthenticated
        | ErrorKind::NotFound
        | ErrorKind::Exists
        | ErrorKind::Unsettled
        | ErrorKind::Deadline => false,
    }
}

/// Says of every field that an Info left out why it is not known.
pub(super) fn complete(client: LiveClient, refused: Option<&Arc<str>>) -> LiveClient {
    let reason = |field: Field| match refused {
        Some(refused) if field.has_keys() => Arc::clone(refused),
        Some(_) | None => format!("the server did not return `{}`", field.api_name()).into(),
    };
    LiveClient { content: client.content.or_unreadable(reason), ..client }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Operation;

    fn refusal(kind: ErrorKind, code: Option<u32>) -> ApiError {
        let (object, message) = ("417/1/all".to_owned(), "no".to_owned());
        ApiError {
            operation: Operation::Info,
            object,
            kind,
            code: code.map(ErrorCode),
            status: Some(400),
            retry_after: None,
            message,
        }
    }

    #[test]
    fn one_refused_client_does_not_narrow_the_run_whenever_it_comes() {
        for kind in [ErrorKind::NotPermitted, ErrorKind::Refused] {
            let narrowing = Narrowing::default();
            narrowing.wide_refused(&refusal(kind, None));
            assert!(narrowing.reason().is_none());
            narrowing.wide_worked();
            (0..10).for_each(|_| drop(narrowing.wide_refused(&refusal(kind, None))));
            assert!(narrowing.reason().is_none());
        }
    }

    #[test]
    fn refusals_of_every_client_narrow_the_run() {
        let narrowing = Narrowing::default();
        (0..STRIKES).for_each(|_| drop(narrowing.wide_refused(&refusal(ErrorKind::Refused, None))));
        assert!(narrowing.reason().is_some());
        let narrowing = Narrowing::default();
        narrowing.wide_refused_for_all(&refusal(ErrorKind::Refused, None));
        assert!(narrowing.reason().is_some());
    }

    #[test]
    fn what_is_about_the_client_or_about_us_is_not_about_fields() {
        for (kind, code) in [
            (ErrorKind::NotFound, Some(30003)),
            (ErrorKind::Refused, Some(30007)),
            (ErrorKind::NotAuthenticated, None),
            (ErrorKind::Unreachable, None),
        ] {
            assert!(!may_be_about_fields(&refusal(kind, code)), "{kind:?}");
        }
        assert!(may_be_about_fields(&refusal(ErrorKind::NotPermitted, Some(30000))));
        assert!(may_be_about_fields(&refusal(ErrorKind::Refused, None)));
    }
}
