//! What several documents write in the same form.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::drift::State;
use crate::model::{
    ClientId, ClientName, Exception, Field, Fingerprint, Json, KeyedDigest, Labels, Location, Origin, Scope,
};
use crate::plan::{Action, FieldChange, Kept, Side, Unmanaged};
use crate::redact::Shown;

/// The version of the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct FormatVersionV1(#[schemars(regex(pattern = r"^1\.[0-9]+$"), example = &"1.0")] String);

impl Default for FormatVersionV1 {
    fn default() -> Self {
        Self("1.0".to_owned())
    }
}

/// The server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TargetV1 {
    /// Its name in `targets`.
    pub(crate) name: String,
    /// Scheme and host, or `sandbox:PATH`.
    pub(crate) url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ActionV1 {
    Add,
    Change,
    Replace,
    Delete,
    #[serde(other, skip_serializing)]
    Unknown,
}

impl From<Action> for ActionV1 {
    fn from(action: Action) -> Self {
        match action {
            Action::Add => Self::Add,
            Action::Change => Self::Change,
            Action::Replace => Self::Replace,
            Action::Delete => Self::Delete,
        }
    }
}

impl ActionV1 {
    /// Gives the action, unless only a newer version knows it.
    pub(crate) fn known(self) -> Option<Action> {
        match self {
            Self::Add => Some(Action::Add),
            Self::Change => Some(Action::Change),
            Self::Replace => Some(Action::Replace),
            Self::Delete => Some(Action::Delete),
            Self::Unknown => None,
        }
    }
}

/// `drifted`: live changed. `pending`: git changed. `conflict`: both. `excepted`: the configuration leaves it alone for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DriftStateV1 {
    InSync,
    Drifted,
    Pending,
    Conflict,
    Missing,
    Excepted,
    NotCompared,
    Blocked,
}

impl From<State> for DriftStateV1 {
    fn from(state: State) -> Self {
        match state {
            State::InSync => Self::InSync,
            State::Drifted => Self::Drifted,
            State::Pending => Self::Pending,
            State::Conflict => Self::Conflict,
            State::Missing => Self::Missing,
            State::Excepted => Self::Excepted,
            State::NotCompared => Self::NotCompared,
            State::Blocked => Self::Blocked,
        }
    }
}

/// A line of a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PositionV1 {
    pub(crate) file: Arc<str>,
    /// Counted from 1.
    pub(crate) line: u64,
    /// In characters, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<u64>,
}

impl From<&Location> for PositionV1 {
    fn from(at: &Location) -> Self {
        let Location { file, line, column: _ } = at;
        Self { file: Arc::clone(file), line: u64::from(*line), column: None }
    }
}

impl PositionV1 {
    /// Takes a place with its column.
    pub(super) fn exact(at: &Location) -> Self {
        Self { column: Some(u64::from(at.column)), ..Self::from(at) }
    }
}

/// A difference of one field or key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ChangeV1 {
    /// `description`, `cm_environment_id`, `policies` or `settings`.
    pub(crate) field: Cow<'static, str>,
    /// The key, for `policies` and `settings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Arc<str>>,
    /// Left out if there was none, or if it cannot be read.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Shown>,
    /// Left out if there is none any more.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Shown>,
    /// In a conflict of drift: what git said before both sides changed. Left out if it said nothing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<Shown>,
    /// Whether the value before cannot be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unreadable: bool,
    /// The line that says the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<PositionV1>,
    /// Whether a profile says it, and not the client's own document.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) inherited: bool,
    /// In drift: which side changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<DriftStateV1>,
    /// In drift: what leaves an excepted difference alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exception: Option<ExceptionV1>,
}

/// What leaves a difference alone, up to a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExceptionV1 {
    /// The last day, in UTC.
    pub(crate) until: String,
    pub(crate) reason: String,
}

impl From<&Exception> for ExceptionV1 {
    fn from(exception: &Exception) -> Self {
        let Exception { fields: _, until, reason } = exception;
        Self { until: until.to_string(), reason: reason.clone() }
    }
}

impl From<&FieldChange> for ChangeV1 {
    fn from(change: &FieldChange) -> Self {
        let FieldChange { field, key, before, after, at, origin } = change;
        Self {
            field: field.name().into(),
            key: key.clone(),
            before: shown(before),
            after: shown(after),
            base: None,
            unreadable: *before == Side::Unreadable,
            source: at.as_ref().map(PositionV1::from),
            inherited: *origin == Origin::Inherited,
            state: None,
            exception: None,
        }
    }
}

pub(super) fn shown(side: &Side) -> Option<Shown> {
    match side {
        Side::Value(value) => Some(value.clone()),
        Side::Absent | Side::Unreadable => None,
    }
}

/// Reads a value that is there: null is one too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Shown>, D::Error> {
    Shown::deserialize(deserializer).map(Some)
}

/// What the server calls the levels of a scope. Texts for people, which decide nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LabelsV1 {
    /// The telephony server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) telsys: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) partition: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<Arc<str>>,
}

impl From<&Labels> for LabelsV1 {
    fn from(labels: &Labels) -> Self {
        let Labels { telsys, partition, device, created_by: _, created_at: _, updated_by: _, updated_at: _ } = labels;
        Self { telsys: telsys.clone(), partition: partition.clone(), device: device.clone() }
    }
}

impl LabelsV1 {
    /// Tells whether the server says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.texts().next().is_none()
    }

    /// Gives the texts, the telephony server first.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let Self { telsys, partition, device } = self;
        [telsys, partition, device].into_iter().filter_map(Option::as_deref)
    }
}

/// A live client that git does not define.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UnmanagedV1 {
    pub(crate) id: ClientId,
    pub(crate) scope: Scope,
    #[serde(default, skip_serializing_if = "LabelsV1::is_empty")]
    pub(crate) labels: LabelsV1,
    pub(crate) description: Shown,
    /// Why prune leaves it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<Cow<'static, str>>,
    /// Who changed it last, if the server says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_by: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<Arc<str>>,
}

impl From<&Unmanaged> for UnmanagedV1 {
    fn from(unmanaged: &Unmanaged) -> Self {
        let Unmanaged { id, scope, description, kept, labels } = unmanaged;
        let kept = kept.map(|kept| match kept {
            Kept::Protected => "protected",
            Kept::Unresolved => "unresolved",
            Kept::NotSelected => "not_selected",
        });
        Self {
            id: id.clone(),
            scope: scope.clone(),
            labels: labels.into(),
            description: description.clone(),
            kept: kept.map(Cow::from),
            updated_by: labels.updated_by.clone(),
            updated_at: labels.updated_at.clone(),
        }
    }
}

/// Gives what a flag says that is only written when it is not so.
pub(super) fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_yes(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Counts in the width that documents have on every machine.
pub(super) fn count<T>(items: impl IntoIterator<Item = T>) -> u64 {
    items.into_iter().fold(0, |sum, _| sum + 1)
}

/// Names fields as documents do.
pub(super) fn names(fields: &[Field]) -> Vec<Cow<'static, str>> {
    fields.iter().map(|field| field.name().into()).collect()
}

impl<'de> Deserialize<'de> for Shown {
    /// Reads a value as documents write it. A live value of the form of a masked one reads as masked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        Ok(if is_masked(json.value()) { Self::Sensitive(KeyedDigest::default()) } else { Self::Plain(json) })
    }
}

/// Tells whether this stands for a sensitive value: `{"sensitive": true}`, or a digest as earlier versions wrote it.
pub(super) fn is_masked(json: &Value) -> bool {
    let inner = json.as_object().filter(|map| map.len() == 1).and_then(|map| map.get("sensitive"));
    inner.is_some_and(|inner| *inner == true || inner.as_str().is_some_and(|text| text.starts_with("sha256:")))
}

impl JsonSchema for Shown {
    fn schema_name() -> Cow<'static, str> {
        "Shown".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "description": "A value, or `{\"sensitive\": true}` in place of one that is not shown." })
    }
}

/// Describes types that are text to whoever reads a document.
macro_rules! described_as_text {
    ($($name:ty),*) => { $(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                String::schema_name()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                String::json_schema(generator)
            }
        }
    )* };
}

described_as_text!(ClientName, ClientId, Fingerprint);
