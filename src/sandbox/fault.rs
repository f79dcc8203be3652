//! Faults as data: which requests go wrong, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids;

/// The operations that faults and counts tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// List of the vendor's page.
    List,
    /// Info.
    Info,
    /// Add.
    Add,
    /// Change.
    Change,
    /// Delete.
    Delete,
    /// `POST /session`.
    Session,
    /// `GET /login`.
    Login,
    /// `GET /logout`.
    Logout,
    /// A request that is none of these.
    Unknown,
}

/// The operations that a rule is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Every request to the API.
    #[default]
    Any,
    /// List of the vendor's page.
    List,
    /// Info.
    Info,
    /// Add.
    Add,
    /// Change.
    Change,
    /// Delete.
    Delete,
    /// `POST /session`.
    Session,
    /// `GET /login`.
    Login,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Nothing but `latency_ms`.
    #[default]
    Delay,
    /// An answer with `status`, `code`, `body`, `retry_after`, after or instead of the work (`work`).
    Answer,
    /// The connection is closed before the work.
    DropBefore,
    /// The work is done, then the connection is closed.
    DropAfter,
    /// The work is done, then the connection is closed in the middle of the answer's body.
    Truncate,
    /// A page of HTML with `status` (200 unless given); the work is not done.
    Html,
    /// The session of the request is gone before the request is looked at.
    ExpireSession,
    /// The rows of this List begin `by` rows further on (or, negative, further back) than its offset says, as if rows
    /// had vanished from (or appeared on) the pages before.
    Shift,
    /// `Total` of this List is off by `by`.
    Total,
    /// This List always has rows and `Total` is always larger than what was read.
    Endless,
    /// A write answers success and is not carried out.
    AcceptWithoutDoing,
}

/// Whether an `answer` comes after the work or instead of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Nothing is done.
    #[default]
    Skipped,
    /// The work is done, and nobody hears of it.
    Done,
}

/// One rule. Of `nth`, `every`, `first` and `probability` one may be given; they count the requests that the rule is
/// about, from 1. Without any of them the rule always holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which operations.
    #[serde(default)]
    pub operation: About,
    /// Only requests whose path names this telephony server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telsys: Option<i64>,
    /// Only requests whose path names this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Only requests whose path names this client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Only this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Every such one: 3 is the third, the sixth and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// The first so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Each with this probability from 0 to 1, drawn from the seed of the sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What goes wrong.
    #[serde(default)]
    pub effect: FaultKind,
    /// How long the answer waits before anything else, in milliseconds.
    #[serde(default)]
    pub latency_ms: u64,
    /// How long after its answer, or after the loss of it, a write is carried out, in milliseconds.
    #[serde(default)]
    pub late_ms: u64,
    /// The HTTP status of `answer` (503 with `retry_after`, else 500) and `html` (200).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The general error code of `answer`, in the form of the dialect's errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// The body of `answer`, as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The `Retry-After` header of `answer`: seconds, or a date as HTTP writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// Whether `answer` comes after the work or instead of it.
    #[serde(default)]
    pub work: Work,
    /// How many rows `shift` and `total` are off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<i64>,
}

/// The value of a `Retry-After` header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RetryAfter(String);

/// A list of rules. The first rule that holds says what goes wrong; the delays of all that hold add up, those before the
/// answer and those of the write.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Faults(pub(super) Vec<FaultRule>);

impl JsonSchema for RetryAfter {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RetryAfter".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string" }] })
    }
}

impl<'de> Deserialize<'de> for RetryAfter {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(seconds) => seconds.to_string(),
            serde_json::Value::String(text) => text,
            _ => return Err(D::Error::custom("`retry_after` takes seconds or a date")),
        };
        if axum::http::HeaderValue::from_str(&text).is_err() {
            return Err(D::Error::custom("`retry_after` cannot stand in a header"));
        }
        Ok(Self(text))
    }
}

impl RetryAfter {
    /// Gives the value of the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FaultRule {
    /// Says what contradicts itself.
    pub(super) fn problems(&self) -> impl Iterator<Item = &'static str> {
        let occurrences = [self.nth.is_some(), self.every.is_some(), self.first.is_some(), self.probability.is_some()];
        let answers = self.code.is_some() || self.body.is_some() || self.retry_after.is_some();
        let undone = match self.effect {
            FaultKind::DropBefore | FaultKind::Html | FaultKind::AcceptWithoutDoing => true,
            FaultKind::Answer => self.work == Work::Skipped,
            _ => false,
        };
        let problems = [
            (
                occurrences.into_iter().filter(|given| *given).count() > 1,
                "only one of `nth`, `every`, `first` and `probability` may be given",
            ),
            (self.nth == Some(0) || self.every == Some(0), "`nth` and `every` count from 1"),
            (self.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)), "`probability` is from 0 to 1"),
            (self.status.is_some_and(|status| !(200..=599).contains(&status)), "`status` is from 200 to 599"),
            (
                (answers || self.work == Work::Done) && self.effect != FaultKind::Answer,
                "`code`, `body`, `retry_after` and `work` need `effect: answer`",
            ),
            (
                self.status.is_some() && !matches!(self.effect, FaultKind::Answer | FaultKind::Html),
                "`status` needs `effect: answer` or `effect: html`",
            ),
            (
                self.late_ms > 0 && undone,
                "`late_ms` needs a write that is carried out: with `effect: answer` by `work: done`",
            ),
            (
                self.by.is_some() != matches!(self.effect, FaultKind::Shift | FaultKind::Total),
                "`by` belongs to `effect: shift` and `effect: total`, and they need it",
            ),
        ];
        problems.into_iter().filter(|(holds, _)| *holds).map(|(_, problem)| problem)
    }

    pub(super) fn is_about(&self, request: &Asked) -> bool {
        let operation = match self.operation {
            About::Any => true,
            About::List => request.operation == Operation::List,
            About::Info => request.operation == Operation::Info,
            About::Add => request.operation == Operation::Add,
            About::Change => request.operation == Operation::Change,
            About::Delete => request.operation == Operation::Delete,
            About::Session => request.operation == Operation::Session,
            About::Login => request.operation == Operation::Login,
        };
        operation
            && (self.telsys.is_none() || self.telsys == request.telsys)
            && (self.device.is_none() || self.device.as_deref() == request.device)
            && (self.id.is_none() || self.id.as_deref() == request.id)
    }

    pub(super) fn holds(&self, occurrence: u64, seed: u64) -> bool {
        match (self.nth, self.every, self.first, self.probability) {
            (Some(nth), ..) => occurrence == nth,
            (_, Some(every), ..) => occurrence.is_multiple_of(every),
            (_, _, Some(first), _) => occurrence <= first,
            (.., Some(probability)) => ids::chance(seed, occurrence, probability),
            _ => true,
        }
    }
}

/// What faults look at in a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) operation: Operation,
    pub(super) telsys: Option<i64>,
    pub(super) device: Option<&'a str>,
    pub(super) id: Option<&'a str>,
}
