//! Faults as data: which requests go wrong, and how.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids;
use super::mistakes::FileMistakes;
use crate::manifest::typed;

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
pub struct Faults(Vec<FaultRule>);

/// Why a text is no list of faults.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// A file is no list of rules, or a rule of it contradicts itself.
    #[error(transparent)]
    File(FileMistakes),
    /// JSON does not have the fields of rules.
    #[error("`{file}` is not a list of faults: {problem}")]
    Form {
        /// The file as it was named.
        file: String,
        /// What the reader says, with line and column.
        problem: String,
    },
    /// A rule contradicts itself.
    #[error("fault {number}: {problem}")]
    Rule {
        /// Which rule, from 1.
        number: usize,
        /// What does not fit.
        problem: &'static str,
    },
}

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

/// How many bytes a file of faults may have.
const LARGEST: usize = 1024 * 1024;

impl Faults {
    /// Reads faults from YAML; `file` is its name in errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, FaultError> {
        if text.len() > LARGEST {
            let problem = format!("it has more than {LARGEST} bytes, and faults are a few rules");
            return Err(FaultError::Form { file: file.to_owned(), problem });
        }
        let no_faults = |mistakes| FaultError::File(FileMistakes::new(file, "a list of faults", mistakes));
        // A file with nothing but comments reads as null.
        let rules = typed::<Option<Vec<FaultRule>>>(text, file).map_err(no_faults)?;
        for (index, rule) in rules.value.iter().flatten().enumerate() {
            rule.check().map_err(|problem| {
                no_faults(vec![rules.contradiction(Some(("", index)), format!("fault {}: {problem}", index + 1))])
            })?;
        }
        Ok(Self(rules.value.unwrap_or_default()))
    }

    /// Reads faults from JSON, as `PUT /sandbox/faults` takes them.
    pub fn parse_json(bytes: &[u8]) -> Result<Self, FaultError> {
        let form = |problem: String| FaultError::Form { file: "the body".to_owned(), problem };
        Self::new(serde_json::from_slice(bytes).map_err(|error| form(error.to_string()))?)
    }

    /// Takes rules, if each makes sense.
    pub fn new(rules: Vec<FaultRule>) -> Result<Self, FaultError> {
        for (index, rule) in rules.iter().enumerate() {
            rule.check().map_err(|problem| FaultError::Rule { number: index + 1, problem })?;
        }
        Ok(Self(rules))
    }
}

impl FaultRule {
    fn check(&self) -> Result<(), &'static str> {
        let occurrences = [self.nth.is_some(), self.every.is_some(), self.first.is_some(), self.probability.is_some()];
        if occurrences.into_iter().filter(|given| *given).count() > 1 {
            return Err("only one of `nth`, `every`, `first` and `probability` may be given");
        }
        if self.nth == Some(0) || self.every == Some(0) {
            return Err("`nth` and `every` count from 1");
        }
        if self.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            return Err("`probability` is from 0 to 1");
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("`status` is from 200 to 599");
        }
        let answers = self.code.is_some() || self.body.is_some() || self.retry_after.is_some();
        if (answers || self.work == Work::Done) && self.effect != FaultKind::Answer {
            return Err("`code`, `body`, `retry_after` and `work` need `effect: answer`");
        }
        if self.status.is_some() && !matches!(self.effect, FaultKind::Answer | FaultKind::Html) {
            return Err("`status` needs `effect: answer` or `effect: html`");
        }
        let undone = match self.effect {
            FaultKind::DropBefore | FaultKind::Html | FaultKind::AcceptWithoutDoing => true,
            FaultKind::Answer => self.work == Work::Skipped,
            _ => false,
        };
        if self.late_ms > 0 && undone {
            return Err("`late_ms` needs a write that is carried out: with `effect: answer` by `work: done`");
        }
        if self.by.is_some() != matches!(self.effect, FaultKind::Shift | FaultKind::Total) {
            return Err("`by` belongs to `effect: shift` and `effect: total`, and they need it");
        }
        Ok(())
    }

    fn is_about(&self, request: &Asked) -> bool {
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

    fn holds(&self, occurrence: u64, seed: u64) -> bool {
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

/// What goes wrong with one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Fault {
    pub(super) delay: Duration,
    pub(super) late: Duration,
    pub(super) rule: FaultRule,
}

/// The rules, and how many requests each has seen.
#[derive(Debug, Default)]
pub(super) struct FaultSchedule {
    faults: Faults,
    seen: Vec<u64>,
    seed: u64,
}

impl FaultSchedule {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self { seen: vec![0; faults.0.len()], faults, seed }
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Puts other rules in place, and starts counting again.
    pub(super) fn replace(&mut self, faults: Faults) {
        *self = Self::new(faults, self.seed);
    }

    /// Counts a request and says what goes wrong with it.
    pub(super) fn decide(&mut self, request: &Asked) -> Fault {
        let mut fault = Fault::default();
        for (index, rule) in self.faults.0.iter().enumerate() {
            if !rule.is_about(request) {
                continue;
            }
            self.seen[index] += 1;
            // Every rule draws from its own row of chances.
            let seed = self.seed.wrapping_add(index as u64);
            if rule.holds(self.seen[index], seed) {
                fault.delay += Duration::from_millis(rule.latency_ms);
                fault.late += Duration::from_millis(rule.late_ms);
                if fault.rule.effect == FaultKind::Delay {
                    fault.rule = rule.clone();
                }
            }
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: Asked = Asked { operation: Operation::List, telsys: Some(417), device: None, id: None };

    fn hits(rule: &str, times: usize) -> Vec<usize> {
        let faults = Faults::parse(&format!("[{rule}]"), "faults.yaml").expect("a fault");
        let mut schedule = FaultSchedule::new(faults, 1);
        (1..=times).filter(|_| schedule.decide(&LIST).rule.effect != FaultKind::Delay).collect()
    }

    #[test]
    fn occurrences_count_the_requests_a_rule_is_about() {
        assert_eq!(hits("{ operation: list, nth: 2, effect: html }", 4), [2]);
        assert_eq!(hits("{ every: 2, effect: html }", 5), [2, 4]);
        assert_eq!(hits("{ first: 2, effect: html }", 5), [1, 2]);
        assert_eq!(hits("{ telsys: 417, effect: html }", 2), [1, 2]);
        assert!(hits("{ telsys: 418, effect: html }", 2).is_empty());
        assert!(hits("{ operation: info, effect: html }", 2).is_empty());
        assert_eq!(hits("{ probability: 0.5, effect: html }", 64), hits("{ probability: 0.5, effect: html }", 64));
    }

    #[test]
    fn delays_add_up_and_the_first_effect_wins() {
        let text = "[{ latency_ms: 5 }, { latency_ms: 7, effect: drop_after }, { effect: html }]";
        let mut schedule = FaultSchedule::new(Faults::parse(text, "f").expect("faults"), 1);
        let fault = schedule.decide(&LIST);
        assert_eq!((fault.delay.as_millis(), fault.rule.effect), (12, FaultKind::DropAfter));
    }

    #[test]
    fn more_rules_than_anybody_writes_are_refused_before_they_are_read() {
        let error = Faults::parse(&"[".repeat(LARGEST + 1), "f").expect_err("too much").to_string();
        assert!(error.contains("it has more than 1048576 bytes"), "{error}");
    }

    #[test]
    fn rules_that_contradict_themselves_are_refused() {
        for rule in [
            "nth: 1, every: 2",
            "nth: 0",
            "probability: 2",
            "status: 500",
            "by: 1",
            "effect: shift",
            "nope: 1",
            "late_ms: 1, effect: html",
            "late_ms: 1, effect: answer",
        ] {
            assert!(Faults::parse(&format!("[{{ {rule} }}]"), "f").is_err(), "{rule}");
        }
    }

    #[test]
    fn an_answer_may_have_any_status() {
        for status in [408, 425, 520, 521, 522, 523, 524, 529, 599] {
            assert!(Faults::parse(&format!("[{{ effect: answer, status: {status} }}]"), "f").is_ok(), "{status}");
        }
    }

    #[test]
    fn faults_read_back_as_they_were_put() {
        let json = br#"[{"operation":"add","device":"+44","first":3,"effect":"answer","retry_after":7,"work":"done"}]"#;
        let faults = Faults::parse_json(json).expect("faults");
        let again = serde_json::to_vec(&faults).expect("JSON");
        assert_eq!(Faults::parse_json(&again).expect("faults"), faults);
    }
}
