//! The JSON that the sandbox answers with, key for key as in the vendor's samples; shared with no client.

use serde::Serialize;
use serde_json::value::RawValue;

use super::client::{Object, RowScope, StoredClient};
use super::dialect::{Audit, Details, IdTypes, JsonFields};
use super::query::WantedFields;
use super::state::World;
use crate::model::{Device, Scope};

/// The fields that say who wrote a client, and when.
pub(super) const AUDIT: [&str; 4] = ["UserIDCreatedBy", "UserIDUpdatedBy", "DateTimeCreated", "DateTimeUpdated"];

/// Which of the two reading operations a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    List,
    Info,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Success<Data> {
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rows<'a> {
    pub(super) total: i64,
    pub(super) items: Vec<Item<'a>>,
    pub(super) offset: u32,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Item<'a> {
    Client(Box<ClientRow<'a>>),
    Odd(&'a RawValue),
}

/// An error in the dialect `coded`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CodedError<'a> {
    pub(super) result: &'static str,
    pub(super) error_code: u32,
    pub(super) error_message: &'a str,
}

/// An error in the dialect `message`, and what is said about logins.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message<'a> {
    pub(super) message: &'a str,
}

/// A field that is left out (outer `None`), null (inner `None`) or there.
type Optional<T> = Option<Option<T>>;

/// One client, in the key order of the samples; what no sample shows comes last.
#[derive(Debug, Serialize)]
pub(super) struct ClientRow<'a> {
    #[serde(rename = "TelSysID")]
    telsys: ScopeNumber,
    #[serde(rename = "DeviceDescription", skip_serializing_if = "Option::is_none")]
    device_description: Optional<&'a str>,
    #[serde(rename = "DeviceNumber")]
    device: String,
    #[serde(rename = "Description")]
    description: Option<&'a str>,
    #[serde(rename = "TelSysDescription", skip_serializing_if = "Option::is_none")]
    telsys_description: Optional<&'a str>,
    #[serde(rename = "CMEnvironmentID", skip_serializing_if = "Option::is_none")]
    cm_environment_id: Optional<&'a str>,
    #[serde(rename = "ID")]
    id: &'a str,
    #[serde(rename = "PartitionID")]
    partition: ScopeNumber,
    #[serde(rename = "PartitionDescription", skip_serializing_if = "Option::is_none")]
    partition_description: Optional<&'a str>,
    #[serde(rename = "Policies", skip_serializing_if = "Option::is_none")]
    policies: Option<JsonValue<'a>>,
    #[serde(rename = "Settings", skip_serializing_if = "Option::is_none")]
    settings: Option<JsonValue<'a>>,
    #[serde(rename = "DeviceUniqueID", skip_serializing_if = "Option::is_none")]
    device_unique_id: Optional<String>,
    #[serde(rename = "UserIDCreatedBy", skip_serializing_if = "Option::is_none")]
    created_by: Optional<&'a str>,
    #[serde(rename = "UserIDUpdatedBy", skip_serializing_if = "Option::is_none")]
    updated_by: Optional<&'a str>,
    #[serde(rename = "DateTimeCreated", skip_serializing_if = "Option::is_none")]
    created: Optional<&'a str>,
    #[serde(rename = "DateTimeUpdated", skip_serializing_if = "Option::is_none")]
    updated: Optional<&'a str>,
}

/// A number of a scope, as the operation and the dialect write it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ScopeNumber {
    Number(i64),
    Text(String),
}

/// `Policies` or `Settings`, as the dialect writes it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum JsonValue<'a> {
    Object(Option<&'a Object>),
    Text(String),
}

pub(super) fn success<Data>(data: Option<Data>) -> Success<Data> {
    Success { result: "Success", data }
}

/// Writes one client for List or Info. A field that nobody asked for is left out, one without a value is null.
pub(super) fn row<'a>(
    world: &'a World,
    client: &'a StoredClient,
    fields: &WantedFields,
    reading: Reading,
) -> ClientRow<'a> {
    let scope = client.shown_scope();
    let places = &world.places;
    let telsys_description = match client.shown {
        RowScope::True => places.telsys_description(scope.telsys),
        RowScope::Unresolved => None,
    };
    let (created, updated) = (client.created.as_ref(), client.updated.as_ref());
    let audited = |name| world.dialect.audit != Audit::Ignored && fields.has(name);
    let details = carries_details(world, reading);
    ClientRow {
        telsys: number(world, scope.telsys.number(), reading),
        device_description: fields.has("DeviceDescription").then(|| places.device_description(&scope)),
        device: scope.device.as_str().to_owned(),
        description: client.description.as_deref(),
        telsys_description: fields.has("TelSysDescription").then_some(telsys_description),
        cm_environment_id: carries_environment(world, fields, reading).then_some(client.cm_environment_id.as_deref()),
        id: client.id.as_str(),
        partition: number(world, scope.partition.number(), reading),
        partition_description: fields.has("PartitionDescription").then(|| places.partition_description(&scope)),
        policies: (details && fields.has("Policies")).then(|| json(world, client.policies.as_ref())),
        settings: (details && fields.has("Settings")).then(|| json(world, client.settings.as_ref())),
        device_unique_id: fields.has("DeviceUniqueID").then(|| device_unique_id(&scope)),
        created_by: audited("UserIDCreatedBy").then(|| created.map(|touch| touch.user.as_str())),
        updated_by: audited("UserIDUpdatedBy").then(|| updated.map(|touch| touch.user.as_str())),
        created: audited("DateTimeCreated").then(|| created.map(|touch| touch.time.as_str())),
        updated: audited("DateTimeUpdated").then(|| updated.map(|touch| touch.time.as_str())),
    }
}

fn carries_details(world: &World, reading: Reading) -> bool {
    match (world.dialect.details, reading) {
        (Details::Both, _) | (Details::Info, Reading::Info) => true,
        (Details::Info, Reading::List) | (Details::Never, _) => false,
    }
}

/// Info always has `CMEnvironmentID` (the vendor's sample); List has it with the details, so that no Info is needed.
fn carries_environment(world: &World, fields: &WantedFields, reading: Reading) -> bool {
    let wanted = ["Policies", "Settings", "CMEnvironmentID"].into_iter().any(|name| fields.has(name));
    reading == Reading::Info || (carries_details(world, reading) && wanted)
}

fn number(world: &World, number: i64, reading: Reading) -> ScopeNumber {
    match (world.dialect.id_types, reading) {
        (IdTypes::Documented, Reading::List) | (IdTypes::Swapped, Reading::Info) => ScopeNumber::Number(number),
        (IdTypes::Documented, Reading::Info) | (IdTypes::Swapped, Reading::List) => {
            ScopeNumber::Text(number.to_string())
        }
    }
}

fn json<'a>(world: &World, object: Option<&'a Object>) -> JsonValue<'a> {
    match (world.dialect.json_fields, object) {
        (JsonFields::String, Some(object)) => {
            JsonValue::Text(serde_json::to_string(object).expect("a map with text keys can be written as JSON"))
        }
        (JsonFields::Object | JsonFields::String, object) => JsonValue::Object(object),
    }
}

/// The page does not say what a `DeviceUniqueID` looks like; this one is unique and stays.
fn device_unique_id(scope: &Scope) -> Option<String> {
    match &scope.device {
        Device::All => None,
        Device::One(number) => {
            Some(format!("{}-{}-{}", scope.telsys.number(), scope.partition.number(), number.as_str()))
        }
    }
}
