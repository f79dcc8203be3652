//! Which operation a method and a path ask for. A `+` in a path is a plus, escaped or not.

use percent_encoding::percent_decode_str;

use super::fault::{Asked, Operation};
use crate::model::{ClientId, Device, Partition, Scope, Telsys};

/// What stands before every path of the API.
pub(super) const BASE: &str = "/CCS/API/v1";

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RequestTarget {
    /// One of the five operations.
    Client(Operation, Address),
    /// `POST /session`, `GET /login` or `GET /logout`.
    Session(Operation),
    /// A path of the API with a method it does not have; these it has.
    MethodNotAllowed(&'static str),
    /// Anything else.
    NotFound,
}

/// The path of one of the five operations, as far as it could be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The scope, or why the path has none.
    pub(super) scope: Result<Scope, String>,
    /// The id, where the path has one.
    pub(super) id: Option<ClientId>,
    /// The number and the text as they were sent, for faults.
    telsys: Option<i64>,
    device: Option<String>,
}

impl RequestTarget {
    /// Reads a method and a path as it was sent.
    pub(super) fn parse(method: &str, path: &str) -> Self {
        let Some(rest) = path.strip_prefix(BASE) else { return Self::NotFound };
        let parts: Vec<&str> = rest.split('/').collect();
        match parts[..] {
            ["", "session"] => session(method, "POST", Operation::Session),
            ["", "login"] => session(method, "GET", Operation::Login),
            ["", "logout"] => session(method, "GET", Operation::Logout),
            [
                "",
                "admin",
                "telsys",
                telsys,
                "partition",
                partition,
                "device",
                device,
                "integratorClient",
                ref tail @ ..,
            ] if tail.len() <= 1 => client(method, [telsys, partition, device], tail.first().copied()),
            _ => Self::NotFound,
        }
    }

    /// Gives what faults look at.
    pub(super) fn asked(&self) -> Asked<'_> {
        let nothing = |operation| Asked { operation, telsys: None, device: None, id: None };
        match self {
            Self::Client(operation, Address { scope: _, id, telsys, device }) => Asked {
                operation: *operation,
                telsys: *telsys,
                device: device.as_deref(),
                id: id.as_ref().map(ClientId::as_str),
            },
            Self::Session(operation) => nothing(*operation),
            Self::MethodNotAllowed(_) | Self::NotFound => nothing(Operation::Unknown),
        }
    }
}

fn session(method: &str, wanted: &'static str, operation: Operation) -> RequestTarget {
    if method == wanted { RequestTarget::Session(operation) } else { RequestTarget::MethodNotAllowed(wanted) }
}

/// `tail` is what follows `integratorClient/`: an id, or nothing where the page prints the slash of Add.
fn client(method: &str, scope: [&str; 3], tail: Option<&str>) -> RequestTarget {
    let operation = match (method, tail) {
        ("POST", None | Some("")) => Operation::Add,
        ("GET", None) => Operation::List,
        ("GET", Some(_)) => Operation::Info,
        ("PUT", _) => Operation::Change,
        ("DELETE", _) => Operation::Delete,
        // Change and Delete without an id are answered too: with 30002.
        (_, None | Some("")) => return RequestTarget::MethodNotAllowed("GET, POST, PUT, DELETE"),
        (_, Some(_)) => return RequestTarget::MethodNotAllowed("GET, PUT, DELETE"),
    };
    let id = tail.map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned());
    let device = percent_decode_str(scope[2]).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    RequestTarget::Client(
        operation,
        Address {
            scope: read_scope(scope),
            id: id.as_deref().and_then(ClientId::from_server),
            telsys: number(scope[0]),
            device,
        },
    )
}

fn read_scope([telsys, partition, device]: [&str; 3]) -> Result<Scope, String> {
    let wanted = |what: &str| format!("the {what} of the path is not a whole number");
    let telsys = number(telsys).ok_or_else(|| wanted("telSysID"))?;
    let partition = number(partition).ok_or_else(|| wanted("partitionIDInTelSys"))?;
    let device = percent_decode_str(device).decode_utf8();
    let device = device.map_err(|_| "the deviceNumber of the path is not UTF-8".to_owned())?;
    Ok(Scope {
        telsys: Telsys::from_number(telsys).map_err(|error| error.to_string())?,
        partition: Partition::from_number(partition).map_err(|error| error.to_string())?,
        device: Device::from_text(&device).map_err(|error| error.to_string())?,
    })
}

fn number(text: &str) -> Option<i64> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(method: &str, rest: &str) -> RequestTarget {
        RequestTarget::parse(method, &format!("{BASE}/admin/telsys/{rest}"))
    }

    fn device(rest: &str) -> String {
        let RequestTarget::Client(_, Address { scope: Ok(scope), .. }) = parse("GET", rest) else { panic!("{rest}") };
        scope.device.as_str().to_owned()
    }

    #[test]
    fn a_plus_is_a_plus_escaped_or_not() {
        assert_eq!(device("426/partition/1/device/+44/integratorClient"), "+44");
        assert_eq!(device("426/partition/1/device/%2B44/integratorClient"), "+44");
    }

    #[test]
    fn an_id_reads_the_same_escaped_or_not() {
        for id in ["a:-b", "a%3A-b", "a%3a-b"] {
            let RequestTarget::Client(Operation::Info, address) =
                parse("GET", &format!("4/partition/1/device/5/integratorClient/{id}"))
            else {
                panic!("{id}")
            };
            assert_eq!(address.id.expect("an id").as_str(), "a:-b");
        }
    }

    #[test]
    fn methods_and_slashes_choose_the_operation() {
        let operation = |method, tail: &str| {
            parse(method, &format!("4/partition/1/device/5/integratorClient{tail}")).asked().operation
        };
        assert_eq!(operation("POST", "/"), Operation::Add);
        assert_eq!(operation("POST", ""), Operation::Add);
        assert_eq!(operation("GET", ""), Operation::List);
        assert_eq!(operation("GET", "/"), Operation::Info);
        assert_eq!(operation("PUT", "/"), Operation::Change);
        assert_eq!(operation("DELETE", ""), Operation::Delete);
        assert_eq!(operation("PATCH", ""), Operation::Unknown);
        assert_eq!(operation("GET", "/a/b"), Operation::Unknown);
    }

    #[test]
    fn scopes_that_are_none_say_why() {
        for path in [
            "x/partition/1/device/5",
            "4/partition/+1/device/5",
            "4/partition/1/device/%ff",
            "4/partition/-2/device/5",
            "4/partition/1/device/",
        ] {
            let RequestTarget::Client(_, address) = parse("GET", &format!("{path}/integratorClient")) else {
                panic!("{path}")
            };
            assert!(address.scope.is_err(), "{path}");
        }
    }
}
