//! Which fields a read asks for: as many as the server gives, and fewer tier by tier once it has refused more.
//!
//! The vendor's page documents policies and settings for writes only, and shows who and when in no sample; whether reads
//! carry them, ignore them or refuse them is not known.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::{ApiError, ErrorCode, ErrorKind, Operation};
use crate::model::{Field, LiveClient};

/// So many refusals without a success are taken for one that meets every client.
const STRIKES: u32 = 3;

/// How much a read asks for; each tier holds the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Tier {
    /// What the server shows unasked.
    Plain,
    /// The fields that the vendor's page documents for List and Info.
    Documented,
    /// Policies and settings, which the page documents for writes only.
    Wide,
    /// Who made and changed a client, and when.
    #[default]
    Audited,
}

impl Tier {
    /// Gives the fields as the query names them.
    pub(super) fn fields(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Documented => "TelSysDescription,PartitionDescription,DeviceDescription",
            Self::Wide => "TelSysDescription,PartitionDescription,DeviceDescription,Policies,Settings",
            Self::Audited => {
                "TelSysDescription,PartitionDescription,DeviceDescription,Policies,Settings,\
                 UserIDCreatedBy,UserIDUpdatedBy,DateTimeCreated,DateTimeUpdated"
            }
        }
    }

    /// Gives the tier to try after a refusal of this one. Rights are about policies and settings, so nobody asks for
    /// those again who lacks one.
    fn after(self, refusal: &ApiError) -> Option<Self> {
        match self {
            Self::Audited if refusal.kind != ErrorKind::NotPermitted => Some(Self::Wide),
            Self::Audited | Self::Wide => Some(Self::Documented),
            Self::Documented if refusal.kind != ErrorKind::NotPermitted => Some(Self::Plain),
            Self::Documented | Self::Plain => None,
        }
    }
}

/// What one operation has learnt about the fields it may ask for. It holds for the run.
#[derive(Debug, Default)]
pub(super) struct Narrowing(Mutex<Learnt>);

#[derive(Debug, Default)]
struct Learnt {
    /// What is asked for.
    tier: Tier,
    /// The widest tier that has succeeded: a refusal of it is about one client.
    worked: Option<Tier>,
    /// Why policies and settings are not asked for, once that is so.
    reason: Option<Arc<str>>,
    /// How often policies and settings were refused and less was not.
    strikes: u32,
    /// How often asking for less helped nothing.
    in_vain: u32,
}

/// What a read came to that was repeated with fewer fields where it had to be.
#[derive(Debug)]
pub(super) struct Narrowed<T> {
    /// What was read.
    pub(super) value: T,
    /// Why policies and settings were not asked for, if so.
    pub(super) refused: Option<Arc<str>>,
}

impl Narrowing {
    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives what is asked for.
    pub(super) fn tier(&self) -> Tier {
        self.learnt().tier
    }

    /// Tells whether asking for a tier is known to work or to be the least.
    pub(super) fn is_settled(&self) -> bool {
        let learnt = self.learnt();
        learnt.worked >= Some(learnt.tier)
    }

    /// Asks for nothing that another operation was refused, as far as it is not about content.
    pub(super) fn follow(&self, other: &Self) {
        if other.tier() < Tier::Audited {
            let mut learnt = self.learnt();
            learnt.tier = learnt.tier.min(Tier::Wide);
        }
    }

    /// Reads with as many fields as the server gives. Each tier that is given up costs one request.
    pub(super) async fn ask<T, Reading>(&self, read: impl Fn(Tier) -> Reading) -> Result<Narrowed<T>, ApiError>
    where
        Reading: Future<Output = Result<T, ApiError>>,
    {
        let first = self.tier();
        let refusal = match read(first).await {
            Ok(value) => return Ok(Narrowed { value, refused: self.worked(first) }),
            Err(refusal) if self.may_be_about_fields(first, &refusal) => refusal,
            Err(error) => return Err(error),
        };
        let mut next = first.after(&refusal);
        while let Some(tier) = next {
            if let Ok(value) = read(tier).await {
                return Ok(Narrowed { value, refused: self.refused(first, tier, &refusal) });
            }
            next = tier.after(&refusal);
        }
        self.learnt().in_vain += 1;
        Err(refusal)
    }

    /// Tells whether a tier has worked in this run.
    pub(super) fn has_worked(&self, tier: Tier) -> bool {
        self.learnt().worked >= Some(tier)
    }

    /// Notes that a tier succeeded. Gives why it holds no policies and settings, if so.
    fn worked(&self, tier: Tier) -> Option<Arc<str>> {
        let mut learnt = self.learnt();
        learnt.worked = learnt.worked.max(Some(tier));
        if tier <= Tier::Documented { learnt.reason.clone() } else { None }
    }

    /// Notes that a tier was refused and a lower one was not. Gives why that holds no policies and settings, if so.
    fn refused(&self, first: Tier, tier: Tier, refusal: &ApiError) -> Option<Arc<str>> {
        let mut learnt = self.learnt();
        let is_list = refusal.operation == Operation::List;
        if is_list || learnt.worked < Some(Tier::Audited) {
            // Who and when are worth no second request.
            learnt.tier = learnt.tier.min(Tier::Wide);
        }
        if tier > Tier::Documented {
            learnt.worked = learnt.worked.max(Some(tier));
            return None;
        }
        let reason: Arc<str> = format!("the server refuses to show policies and settings: {}", refusal.message).into();
        learnt.strikes += 1;
        let by_every_client = learnt.strikes >= STRIKES && learnt.worked < Some(first.min(Tier::Wide));
        if is_list || by_every_client {
            (learnt.tier, learnt.worked) = (tier, Some(tier));
            learnt.reason = Some(Arc::clone(&reason));
        }
        Some(reason)
    }

    /// Tells whether a refusal may be one of the fields that were asked for.
    fn may_be_about_fields(&self, tier: Tier, refusal: &ApiError) -> bool {
        let learnt = self.learnt();
        if tier == Tier::Plain || learnt.in_vain >= STRIKES {
            return false;
        }
        if refusal.operation == Operation::List {
            return refusal.kind.is_refusal() || is_doubtful(refusal);
        }
        let about_client = refusal.code == Some(ErrorCode::NOT_RESOLVED) && learnt.in_vain > 0;
        learnt.worked < Some(tier) && !about_client && is_doubtful(refusal)
    }
}

/// Tells whether a refusal says nothing about the one client that was asked for.
pub(super) fn is_doubtful(refusal: &ApiError) -> bool {
    match refusal.kind {
        ErrorKind::Refused | ErrorKind::NotPermitted | ErrorKind::Malformed => true,
        ErrorKind::Unreachable => refusal.status == Some(500) && refusal.code.is_none(),
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
    use crate::api::SaidBy;

    fn refusal(kind: ErrorKind, code: Option<u32>) -> ApiError {
        let (object, message) = ("417/1/all".to_owned(), "no".to_owned());
        ApiError {
            operation: Operation::Info,
            object,
            kind,
            code: code.map(ErrorCode),
            status: Some(400),
            retry_after: None,
            said_by: SaidBy::Anybody,
            message,
        }
    }

    /// Reads from a server that refuses every tier above one. Gives the tiers that were asked for.
    async fn read(narrowing: &Narrowing, most: Tier, refusal: ApiError) -> Vec<Tier> {
        let asked = Mutex::new(Vec::new());
        let result = narrowing.ask(|tier| {
            asked.lock().expect("no panic").push(tier);
            std::future::ready(if tier <= most { Ok(()) } else { Err(refusal.clone()) })
        });
        result.await.expect("fields");
        asked.into_inner().expect("no panic")
    }

    async fn refuse(narrowing: &Narrowing, refusal: ApiError) -> usize {
        let asked = Mutex::new(0);
        let result = narrowing.ask(|_| {
            *asked.lock().expect("no panic") += 1;
            std::future::ready(Err::<(), _>(refusal.clone()))
        });
        result.await.expect_err("refused");
        asked.into_inner().expect("no panic")
    }

    fn unknown_field(operation: Operation) -> ApiError {
        ApiError { operation, ..refusal(ErrorKind::Refused, None) }
    }

    #[tokio::test]
    async fn who_and_when_are_given_up_at_once_and_cost_one_request() {
        for operation in [Operation::List, Operation::Info] {
            let narrowing = Narrowing::default();
            assert_eq!(read(&narrowing, Tier::Wide, unknown_field(operation)).await, [Tier::Audited, Tier::Wide]);
            assert_eq!(read(&narrowing, Tier::Wide, unknown_field(operation)).await, [Tier::Wide]);
            assert!(narrowing.learnt().reason.is_none());
        }
    }

    #[tokio::test]
    async fn even_the_documented_fields_may_be_refused() {
        for operation in [Operation::List, Operation::Info] {
            for code in [None, Some(10001), Some(30007)] {
                let refusal = ApiError { operation, ..refusal(ErrorKind::Refused, code) };
                let narrowing = Narrowing::default();
                let all = [Tier::Audited, Tier::Wide, Tier::Documented, Tier::Plain];
                assert_eq!(read(&narrowing, Tier::Plain, refusal.clone()).await, all);
                let next = if operation == Operation::List { &all[3..] } else { &all[1..] };
                assert_eq!(read(&narrowing, Tier::Plain, refusal).await, next);
            }
        }
    }

    #[tokio::test]
    async fn policies_and_settings_are_given_up_by_a_list_at_once_and_by_infos_after_three() {
        let all = [Tier::Audited, Tier::Wide, Tier::Documented];
        let narrowing = Narrowing::default();
        assert_eq!(read(&narrowing, Tier::Documented, unknown_field(Operation::List)).await, all);
        assert_eq!(read(&narrowing, Tier::Documented, unknown_field(Operation::List)).await, [Tier::Documented]);
        let narrowing = Narrowing::default();
        assert_eq!(read(&narrowing, Tier::Documented, unknown_field(Operation::Info)).await, all);
        for _ in 1..STRIKES {
            assert!(narrowing.learnt().reason.is_none());
            assert_eq!(read(&narrowing, Tier::Documented, unknown_field(Operation::Info)).await, all[1..]);
        }
        assert!(narrowing.learnt().reason.is_some());
    }

    #[tokio::test]
    async fn one_refused_client_does_not_narrow_the_run_whenever_it_comes() {
        let lacks_a_right = refusal(ErrorKind::NotPermitted, None);
        let narrowing = Narrowing::default();
        let asked = read(&narrowing, Tier::Documented, lacks_a_right.clone()).await;
        assert_eq!(asked, [Tier::Audited, Tier::Documented], "a right is not asked for twice");
        read(&narrowing, Tier::Audited, lacks_a_right.clone()).await;
        for _ in 0..10 {
            assert_eq!(refuse(&narrowing, lacks_a_right.clone()).await, 1);
        }
        assert!(narrowing.learnt().reason.is_none());
    }

    #[tokio::test]
    async fn asking_for_less_in_vain_is_given_up() {
        let narrowing = Narrowing::default();
        let mut asked = Vec::new();
        for _ in 0..5 {
            asked.push(refuse(&narrowing, unknown_field(Operation::Info)).await);
        }
        assert_eq!(asked, [4, 4, 4, 1, 1]);
        let narrowing = Narrowing::default();
        let unresolved = refusal(ErrorKind::Refused, Some(30007));
        assert_eq!(refuse(&narrowing, unresolved.clone()).await, 4, "the first Info");
        assert_eq!(refuse(&narrowing, unresolved).await, 1, "it is about the client");
    }

    #[tokio::test]
    async fn whatever_a_list_is_refused_with_may_be_about_fields_but_not_who_we_are() {
        for (kind, code) in
            [(ErrorKind::Refused, Some(30007)), (ErrorKind::NotFound, None), (ErrorKind::Malformed, None)]
        {
            let refusal = ApiError { operation: Operation::List, ..refusal(kind, code) };
            assert_eq!(read(&Narrowing::default(), Tier::Documented, refusal).await.len(), 3);
        }
        for kind in [ErrorKind::NotAuthenticated, ErrorKind::Unreachable, ErrorKind::Deadline] {
            for operation in [Operation::List, Operation::Info] {
                let refusal = ApiError { operation, ..refusal(kind, None) };
                assert_eq!(refuse(&Narrowing::default(), refusal).await, 1);
            }
        }
        assert_eq!(refuse(&Narrowing::default(), refusal(ErrorKind::NotFound, Some(30003))).await, 1);
    }
}
