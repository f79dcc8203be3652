//! The requests: exact paths, encodings and query parameters (the vendor's page, Endpoint of each operation).

use std::fmt::Write as _;
use std::sync::atomic::AtomicU32;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Url};

use super::error::{ApiError, ErrorKind, Operation, SaidBy};
use super::wire::{self, UnsetForm};
use crate::model::{ClientId, Payload, Scope, ServerUrl};
use crate::text::excerpt;

/// What a path segment may hold as it is (RFC 3986, section 2.3). `+` and `:` are always encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of the API on every host.
const API_PATH: &str = "/CCS/API/v1";

/// Fields that a write names (the vendor's page, Query Parameters of Add and Change).
const WRITTEN: &str = "Policies,Settings";

/// So many bytes most URLs have at most.
const MOSTLY_ENOUGH: usize = 512;

/// One request, ready to be sent any number of times.
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Vec<u8>>,
    pub(super) subject: RequestSubject,
    /// How often it has been sent.
    pub(super) attempts: AtomicU32,
}

/// What a request is about. It is named in messages only, and most requests never are.
pub(super) enum RequestSubject {
    /// The API itself.
    Api(String),
    Client(Scope, Option<ClientId>),
}

impl RequestSubject {
    /// Names it in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Api(url) => url.clone(),
            Self::Client(scope, Some(id)) => excerpt(&format!("{scope} ({id})")),
            Self::Client(scope, None) => excerpt(&scope.to_string()),
        }
    }
}

impl std::fmt::Debug for Request {
    /// Shows no body: it may hold sensitive values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// The host of an API: scheme, name and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    /// `https://HOST[:PORT]/CCS/API/v1`, without a slash at the end.
    text: String,
    server: ServerUrl,
}

impl BaseUrl {
    /// Adds the path of the API to where the server is.
    pub(crate) fn new(server: &ServerUrl) -> Self {
        Self { text: format!("{server}{API_PATH}"), server: server.clone() }
    }

    pub(super) fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// Makes the request for a page of rows.
    pub(super) fn list(&self, filter: &Scope, page: (u64, u64), fields: &str) -> Result<Request, ApiError> {
        let (offset, limit) = page;
        self.request(Operation::List, filter, None, |url| {
            let _ = write!(url, "?limit={limit}&offset={offset}");
            ask(url, '&', fields);
        })
    }

    /// Makes the request for one client.
    pub(super) fn info(&self, scope: &Scope, id: &ClientId, fields: &str) -> Result<Request, ApiError> {
        self.request(Operation::Info, scope, Some(id), |url| ask(url, '?', fields))
    }

    /// Makes the request that adds a client.
    pub(super) fn add(&self, scope: &Scope, payload: &Payload, unset: UnsetForm) -> Result<Request, ApiError> {
        let request = self.request(Operation::Add, scope, None, |url| {
            url.push('/');
            ask(url, '?', WRITTEN);
        })?;
        Ok(Request { body: Some(wire::payload(payload, unset)), ..request })
    }

    /// Makes the request that changes a client.
    pub(super) fn change(&self, scope: &Scope, id: &ClientId, payload: &Payload) -> Result<Request, ApiError> {
        let request = self.request(Operation::Change, scope, Some(id), |url| ask(url, '?', WRITTEN))?;
        Ok(Request { body: Some(wire::payload(payload, UnsetForm::Null)), ..request })
    }

    /// Makes the request that deletes a client.
    pub(super) fn delete(&self, scope: &Scope, id: &ClientId) -> Result<Request, ApiError> {
        self.request(Operation::Delete, scope, Some(id), |_| {})
    }

    /// Makes a request of the session: `/session`, `/login?…` or `/logout`.
    pub(super) fn session(&self, method: Method, path: &str) -> Result<Request, ApiError> {
        let (operation, subject) = (Operation::Session, RequestSubject::Api(self.text.clone()));
        let url = Url::parse(&format!("{}{path}", self.text)).map_err(|_| unaddressable(operation, &subject))?;
        Ok(Request { operation, method, url, body: None, subject, attempts: AtomicU32::new(0) })
    }

    fn request(
        &self,
        operation: Operation,
        scope: &Scope,
        id: Option<&ClientId>,
        rest: impl FnOnce(&mut String),
    ) -> Result<Request, ApiError> {
        let subject = RequestSubject::Client(scope.clone(), id.cloned());
        let Scope { telsys, partition, device } = scope;
        let (telsys, partition) = (telsys.number(), partition.number());
        let device = utf8_percent_encode(device.as_str(), SEGMENT);
        // Written in one go: a run makes many of them.
        let mut text = String::with_capacity(MOSTLY_ENOUGH);
        text.push_str(&self.text);
        let _ = write!(text, "/admin/telsys/{telsys}/partition/{partition}/device/{device}/integratorClient");
        if let Some(id) = id {
            let _ = write!(text, "/{}", utf8_percent_encode(id.as_str(), SEGMENT));
        }
        rest(&mut text);
        let url = Url::parse(&text).ok().filter(|url| url.as_str() == text);
        // A URL library folds `.` and `..`, even encoded, and would address another object.
        let url = url.ok_or_else(|| unaddressable(operation, &subject))?;
        Ok(Request { operation, method: method(operation), url, body: None, subject, attempts: AtomicU32::new(0) })
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn method(operation: Operation) -> Method {
    match operation {
        Operation::List | Operation::Info => Method::GET,
        Operation::Session | Operation::Add => Method::POST,
        Operation::Change => Method::PUT,
        Operation::Delete => Method::DELETE,
    }
}

/// Adds the fields that are asked for to the query of a URL, if any are.
fn ask(url: &mut String, separator: char, fields: &str) {
    if !fields.is_empty() {
        let [open, close, fields] = ["[", "]", fields].map(|part| utf8_percent_encode(part, SEGMENT));
        let _ = write!(url, "{separator}IntegratorClientFields={open}{fields}{close}");
    }
}

fn unaddressable(operation: Operation, subject: &RequestSubject) -> ApiError {
    ApiError {
        operation,
        object: subject.name(),
        kind: ErrorKind::Refused,
        code: None,
        status: None,
        retry_after: None,
        said_by: SaidBy::Anybody,
        message: "its device number or id cannot be part of a URL; nothing was sent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Device, Partition, Telsys};

    fn base() -> BaseUrl {
        BaseUrl::new(&ServerUrl::new("https://ccs.example.com").expect("a URL"))
    }

    fn scope(device: &str) -> Scope {
        Scope {
            telsys: Telsys::One(426),
            partition: Partition::One(1),
            device: Device::from_text(device).expect("a device"),
        }
    }

    #[test]
    fn the_five_operations_have_the_vendors_paths() {
        let id = ClientId::from_server("d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613").expect("an id");
        let (base, scope, payload) = (base(), scope("+442046034980"), Payload::default());
        let requests = [
            base.list(&scope, (0, 25), "TelSysDescription,Policies"),
            base.info(&scope, &id, "Policies"),
            base.add(&scope, &payload, UnsetForm::LeftOut),
            base.change(&scope, &id, &payload),
            base.delete(&scope, &id),
        ];
        let lines = requests.map(|request| request.map(|request| format!("{} {}", request.method, request.url)));
        let lines: Vec<String> = lines.into_iter().map(|line| line.expect("a request")).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        GET https://ccs.example.com/CCS/API/v1/admin/telsys/426/partition/1/device/%2B442046034980/integratorClient?limit=25&offset=0&IntegratorClientFields=%5BTelSysDescription%2CPolicies%5D
        GET https://ccs.example.com/CCS/API/v1/admin/telsys/426/partition/1/device/%2B442046034980/integratorClient/d6d6c5a5f0f90d60%3A-15617a00%3A169f533f6d5%3A5613?IntegratorClientFields=%5BPolicies%5D
        POST https://ccs.example.com/CCS/API/v1/admin/telsys/426/partition/1/device/%2B442046034980/integratorClient/?IntegratorClientFields=%5BPolicies%2CSettings%5D
        PUT https://ccs.example.com/CCS/API/v1/admin/telsys/426/partition/1/device/%2B442046034980/integratorClient/d6d6c5a5f0f90d60%3A-15617a00%3A169f533f6d5%3A5613?IntegratorClientFields=%5BPolicies%2CSettings%5D
        DELETE https://ccs.example.com/CCS/API/v1/admin/telsys/426/partition/1/device/%2B442046034980/integratorClient/d6d6c5a5f0f90d60%3A-15617a00%3A169f533f6d5%3A5613
        ");
    }

    #[test]
    fn a_device_number_never_changes_the_path() {
        for device in [".", ".."] {
            assert_eq!(
                base().add(&scope(device), &Payload::default(), UnsetForm::LeftOut).expect_err("refused").kind,
                ErrorKind::Refused
            );
        }
        for device in ["a/b", "%2e%2e", "..%2f", "a?b#c", "a b", "é", "\\..\\", "x;y=z", "...", "a/../b"] {
            let url = base().add(&scope(device), &Payload::default(), UnsetForm::LeftOut).expect(device).url;
            assert_eq!(url.path().matches('/').count(), 12, "{url}");
        }
        let dots = ClientId::from_server("..").expect("an id");
        assert!(base().delete(&scope("1"), &dots).is_err());
    }
}
