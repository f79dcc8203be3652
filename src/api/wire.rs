//! The JSON of the API: answers are read tolerantly and straight into what is kept, payloads are written whole.
//!
//! Types are not what they seem: the vendor's samples show `TelSysID` as a number in List and as text in Info, and
//! nobody knows whether `Policies` and `Settings` come as objects or as JSON inside a string. All forms are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::Deserialize;
use serde::ser::SerializeMap as _;
use serde::{Deserialize as DeserializeDerive, Serialize, Serializer};
use serde_json::value::RawValue;

use super::cell::Cell;
use super::failure::is_success;
use super::pack::RawPack;
pub(super) use super::pack::Texts;
use super::shape::{self, OnlyObject, reserved_keys};
use super::{ListPage, ListRow};
use crate::model::{
    ClientId, Content, Detail, Device, Field, Labels, LiveClient, Nullable, Partition, Payload, Scope, Telsys,
    UnreadRow,
};

/// A page with more rows that cannot be read is no page of clients.
const MOST_UNREAD: usize = 10_000;

/// What is said of keys by which the reader of JSON marks things for itself.
const RESERVED: &str = "it has a key that begins with `$serde_json::private::`, which no client has";

/// Why a body with a status of success is not used.
pub(super) type Unusable = String;

/// Reads the answer of List.
pub(super) fn list_page(body: &[u8], texts: &Texts) -> Result<ListPage, Unusable> {
    let data: ListData = success(body)?;
    let total = data.total.integer().and_then(|total| u64::try_from(total).ok());
    let total = total.ok_or("`Total` is missing or no number")?;
    let items = data.items.unwrap_or_default();
    if reserved_keys(body) != items.iter().map(|row| reserved_keys(row.get().as_bytes())).sum::<usize>() {
        return Err(RESERVED.to_owned());
    }
    let mut rows = Vec::new();
    let mut odd = 0;
    for row in items {
        let row = list_row(row, texts);
        if let ListRow::Unread(unread) = &row {
            odd += 1;
            if odd > MOST_UNREAD {
                return Err(format!("more than {MOST_UNREAD} of its rows cannot be read, at last {unread}"));
            }
        }
        rows.push(row);
    }
    Ok(ListPage { total, rows })
}

/// Reads a row of a list by itself, so that an odd one spoils no other.
fn list_row(row: &RawValue, texts: &Texts) -> ListRow {
    let parsed = match reserved_keys(row.get().as_bytes()) {
        0 => shape::object::<WireRow<'_>>(row),
        _ => Err(RESERVED.to_owned()),
    };
    match parsed.and_then(|row| row.client(texts, Detail::Listed)) {
        Ok(client) => ListRow::from(client),
        Err(reason) => ListRow::Unread(unread_row(row, reason)),
    }
}

/// Reads of a row what can be read of it: each field by itself.
fn unread_row(row: &RawValue, reason: Unusable) -> UnreadRow {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(row.get()).unwrap_or_default();
    let plain = |field: &&&RawValue| reserved_keys(field.get().as_bytes()) == 0;
    let cell = |name| {
        fields.get(name).filter(plain).and_then(|field| serde_json::from_str(field.get()).ok()).unwrap_or_default()
    };
    let place = ScopeCells { telsys: cell("TelSysID"), partition: cell("PartitionID"), device: cell("DeviceNumber") };
    UnreadRow {
        id: cell("ID").text().and_then(ClientId::from_server),
        telsys: place.telsys().ok(),
        scope: place.scope().ok(),
        reason,
    }
}

/// Reads the answer of Info. What it leaves out stays `Unread`; the caller knows why.
pub(super) fn client(body: &[u8], texts: &Texts) -> Result<LiveClient, Unusable> {
    let row: WireRow<'_> = success(body)?;
    if reserved_keys(body) > 0 {
        return Err(RESERVED.to_owned());
    }
    row.client(texts, Detail::Read)
}

/// Tells whether a body says `"Result":"Success"`, whatever else it holds.
pub(super) fn tells_success(body: &[u8]) -> bool {
    envelope(body).is_ok_and(|envelope| envelope.tells_success())
}

/// How a body says that a field is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnsetForm {
    /// It leaves the field out.
    LeftOut,
    /// It says `null`.
    Null,
}

/// Writes the body of Add and Change.
pub(super) fn payload(payload: &Payload, unset: UnsetForm) -> Vec<u8> {
    serde_json::to_vec(&PayloadBody { payload, unset }).expect("texts and JSON values with text keys are JSON always")
}

struct PayloadBody<'a> {
    payload: &'a Payload,
    unset: UnsetForm,
}

impl PayloadBody<'_> {
    fn writes<T>(&self, value: &Nullable<T>) -> bool {
        !value.is_null() || self.unset == UnsetForm::Null
    }
}

impl Serialize for PayloadBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (field, text) in self.payload.texts().filter(|(_, text)| self.writes(text)) {
            map.serialize_entry(field.api_name(), &text.set())?;
        }
        for (field, entries) in self.payload.entries().filter(|(_, entries)| self.writes(entries)) {
            map.serialize_entry(field.api_name(), &entries.set())?;
        }
        map.end()
    }
}

/// Counts at least the values that a body holds, those of JSON inside its texts too, without opening it.
pub(super) fn values(body: &[u8]) -> usize {
    let escapes = |one: &[u8]| matches!(one.to_ascii_lowercase().as_slice(), b"2c" | b"5b" | b"7b");
    let starts = |(at, one): (usize, &u8)| match one {
        b',' | b'[' | b'{' => true,
        b'u' => {
            body.get(at.wrapping_sub(1)) == Some(&b'\\')
                && body.get(at + 1..at + 5).is_some_and(|hex| hex.starts_with(b"00") && escapes(&hex[2..]))
        }
        _ => false,
    };
    body.iter().enumerate().filter(|one| starts(*one)).count()
}

/// Reads the data of a body that tells of success.
fn success<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Unusable> {
    success_at_once(body).map_or_else(|| success_in_parts(body), Ok)
}

/// Reads the body and then its data, to tell which of them is wrong.
fn success_in_parts<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Unusable> {
    let envelope = envelope(body)?;
    if !envelope.tells_success() {
        return Err("`Result` is not `Success`".to_owned());
    }
    let data = envelope.data.ok_or_else(|| "`Data` is missing".to_owned())?;
    shape::object(data).map_err(|error| format!("`Data`: {error}"))
}

/// Reads body and data together, as most can be read.
fn success_at_once<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Option<T> {
    let body = std::str::from_utf8(body).ok()?;
    let OnlyObject(SuccessEnvelope { result, data }) = serde_json::from_str(body).ok()?;
    let OnlyObject(data) = data.filter(|_| result.text().is_some_and(is_success))?;
    Some(data)
}

fn envelope(body: &[u8]) -> Result<Envelope<'_>, Unusable> {
    shape::object(serde_json::from_slice(body).map_err(|error| error.to_string())?)
}

#[derive(DeserializeDerive)]
struct Envelope<'a> {
    #[serde(rename = "Result", default)]
    result: Cell,
    #[serde(rename = "Data", borrow)]
    data: Option<&'a RawValue>,
}

/// An envelope whose data is read with it.
#[derive(DeserializeDerive)]
#[serde(bound = "T: Deserialize<'de>")]
struct SuccessEnvelope<T> {
    #[serde(rename = "Result", default)]
    result: Cell,
    #[serde(rename = "Data")]
    data: Option<OnlyObject<T>>,
}

impl Envelope<'_> {
    fn tells_success(&self) -> bool {
        self.result.text().is_some_and(is_success)
    }
}

#[derive(DeserializeDerive)]
struct ListData<'a> {
    #[serde(rename = "Total", default)]
    total: Cell,
    #[serde(rename = "Items", borrow)]
    items: Option<Vec<&'a RawValue>>,
}

/// A client as List and Info show it. Other keys are skipped without being built.
#[derive(DeserializeDerive)]
#[serde(expecting = "an object with the fields of a client")]
struct WireRow<'a> {
    #[serde(rename = "ID", default)]
    id: Cell,
    #[serde(rename = "TelSysID", default)]
    telsys: Cell,
    #[serde(rename = "PartitionID", default)]
    partition: Cell,
    #[serde(rename = "DeviceNumber", default)]
    device: Cell,
    #[serde(rename = "Description", default)]
    description: Cell,
    #[serde(rename = "CMEnvironmentID", default)]
    cm_environment_id: Cell,
    #[serde(rename = "Policies", default, borrow)]
    policies: RawPack<'a>,
    #[serde(rename = "Settings", default, borrow)]
    settings: RawPack<'a>,
    #[serde(rename = "TelSysDescription", default)]
    telsys_label: Cell,
    #[serde(rename = "PartitionDescription", default)]
    partition_label: Cell,
    #[serde(rename = "DeviceDescription", default)]
    device_label: Cell,
    #[serde(rename = "UserIDCreatedBy", default)]
    created_by: Cell,
    #[serde(rename = "DateTimeCreated", default)]
    created_at: Cell,
    #[serde(rename = "UserIDUpdatedBy", default)]
    updated_by: Cell,
    #[serde(rename = "DateTimeUpdated", default)]
    updated_at: Cell,
}

impl WireRow<'_> {
    fn client(self, texts: &Texts, detail: Detail) -> Result<LiveClient, Unusable> {
        let id = self.id.text().and_then(ClientId::from_server).ok_or("`ID` is missing or no text")?;
        let label = |cell: &Cell| cell.text().map(|text| texts.share(text));
        let user = |cell: &Cell| cell.text_or_number().map(|text| texts.share(text));
        let time = |cell: &Cell| cell.text_or_number().map(Arc::from);
        let scope = ScopeCells { telsys: self.telsys, partition: self.partition, device: self.device }.scope()?;
        let expected = texts.expected(&scope);
        let read = |pack: RawPack<'_>, field| pack.read(field, expected.as_ref(), texts);
        let content = Content {
            description: self.description,
            cm_environment_id: self.cm_environment_id,
            policies: read(self.policies, Field::Policies)?,
            settings: read(self.settings, Field::Settings)?,
        };
        let content = content.map_texts(|field, cell| cell.observed(field.api_name()));
        Ok(LiveClient {
            scope,
            labels: Labels {
                telsys: label(&self.telsys_label),
                partition: label(&self.partition_label),
                created_by: user(&self.created_by),
                updated_by: user(&self.updated_by),
                // These differ from client to client: sharing them would only crowd out what repeats.
                device: self.device_label.text().map(Arc::from),
                created_at: time(&self.created_at),
                updated_at: time(&self.updated_at),
            },
            id,
            content,
            detail,
        })
    }
}

/// The three fields that say where a client is.
struct ScopeCells {
    telsys: Cell,
    partition: Cell,
    device: Cell,
}

impl ScopeCells {
    fn scope(&self) -> Result<Scope, Unusable> {
        let device = self.device.text().ok_or("`DeviceNumber` is missing or no text")?;
        let partition = number(&self.partition, "PartitionID")?;
        Ok(Scope {
            telsys: self.telsys()?,
            partition: Partition::from_number(partition).map_err(|error| error.to_string())?,
            device: Device::from_text(device).map_err(|error| error.to_string())?,
        })
    }

    fn telsys(&self) -> Result<Telsys, Unusable> {
        Telsys::from_number(number(&self.telsys, "TelSysID")?).map_err(|error| error.to_string())
    }
}

fn number(cell: &Cell, name: &str) -> Result<i64, Unusable> {
    cell.integer().ok_or_else(|| format!("`{name}` is missing or no number"))
}

#[cfg(test)]
mod tests;
