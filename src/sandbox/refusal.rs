//! Why an operation is not carried out: the codes of the vendor's page, and what no code of it says.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// One of the ten errors of the vendor's page.
    Client(ClientError),
    /// The request cannot be read as one of the five operations; the text says why.
    Malformed(String),
    /// The request breaks HTTP rather than the API, so that the status is always this one.
    Http(u16, &'static str),
    /// A general code that a fault asked for.
    General(u32),
    /// The store could not be written, so nothing was done.
    Store,
}

/// The errors of the vendor's page, Error Codes, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientError {
    NotEnoughPermissions,
    NoConfigProvided,
    NoId,
    /// No client has this id (in this scope).
    NotFound,
    /// The telephony server, partition or device does not exist.
    DeviceNotFound,
    ExistsForScope,
    ExistsForId,
    /// The client cannot be resolved from the generic configuration.
    NotResolved,
    /// The scope spans telephony servers and the user has one.
    MultiTelsys,
    /// The scope spans partitions and the user has one.
    MultiPartition,
}

impl ClientError {
    fn numbered(self) -> (u32, &'static str, u16) {
        match self {
            Self::NotEnoughPermissions => (30000, "INTEGRATOR_CLIENT_NOT_ENOUGH_PERMISSIONS_FOR_ACTION", 403),
            Self::NoConfigProvided => (30001, "INTEGRATOR_CLIENT_NO_CONFIG_PROVIDED", 400),
            Self::NoId => (30002, "INTEGRATOR_CLIENT_NO_ID_PROVIDED_IN_REQUEST", 400),
            Self::NotFound => (30003, "INTEGRATOR_CLIENT_NOT_FOUND", 404),
            Self::DeviceNotFound => (30004, "INTEGRATOR_CLIENT_DEVICE_NOT_FOUND_IN_TELSYS", 404),
            Self::ExistsForScope => (30005, "INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE", 409),
            Self::ExistsForId => (30006, "INTEGRATOR_CLIENT_EXISTS_FOR_ID", 409),
            Self::NotResolved => (30007, "INTEGRATOR_CLIENT_NOT_RESOLVED_FROM_GENERIC_CONFIG", 400),
            Self::MultiTelsys => (30008, "INTEGRATOR_CLIENT_MULTI_TELSYS_NOT_ALLOWED_FOR_USER", 403),
            Self::MultiPartition => (30009, "INTEGRATOR_CLIENT_MULTI_PARTITION_NOT_ALLOWED_FOR_USER", 403),
        }
    }
}

/// The sandbox's code for a request that cannot be read: one of the general codes that stay as they are when repeated.
const MALFORMED: u32 = 10001;
/// The general code for a database that is not available, which passes.
const DATABASE_UNAVAILABLE: u32 = 10104;

impl Refusal {
    /// Gives the number that stands under `ErrorCode`.
    pub(super) fn code(&self) -> u32 {
        match self {
            Self::Client(error) => error.numbered().0,
            Self::Malformed(_) | Self::Http(..) => MALFORMED,
            Self::General(code) => *code,
            Self::Store => DATABASE_UNAVAILABLE,
        }
    }

    /// Gives the text that stands under `ErrorMessage`; the constant of the page where there is one.
    pub(super) fn message(&self) -> &str {
        match self {
            Self::Client(error) => error.numbered().1,
            Self::Malformed(problem) => problem,
            Self::Http(_, problem) => problem,
            Self::General(_) => "GENERAL_ERROR",
            Self::Store => "DATABASE_UNAVAILABLE",
        }
    }

    /// Gives the status that fits best, for the dialect that uses it.
    pub(super) fn fitting_status(&self) -> u16 {
        match self {
            Self::Client(error) => error.numbered().2,
            Self::Malformed(_) | Self::General(_) => 400,
            Self::Http(status, _) => *status,
            Self::Store => 503,
        }
    }

    /// Tells whether the status is the fitting one in every dialect, because HTTP and not the API says so.
    pub(super) fn status_is_fixed(&self) -> bool {
        matches!(self, Self::Http(..) | Self::Store)
    }
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}
