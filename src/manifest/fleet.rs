//! `kind: Fleet`: one client for each device of a list or CSV file.

use std::sync::Arc;

use super::content::{Interner, OpenContent, read_content};
use super::keys::{self, PRESENCES, Written};
use super::read::{Placed, TreeReader, first_line};
use super::reference::{Reference, read_references};
use super::scope::{read_device, read_document_name, read_parts};
use super::variables::Variables;
use super::yaml::MapEntry;
use crate::diagnostic::{Code, Place};
use crate::model::{Device, DeviceNumber, Partition, Presence, Telsys};

/// A document `kind: Fleet` without mistakes of its own.
pub(super) struct Fleet {
    pub(super) name: Placed<Arc<str>>,
    pub(super) telsys: Telsys,
    pub(super) partition: Partition,
    pub(super) devices: Devices,
    pub(super) profiles: Vec<Reference>,
    pub(super) state: Presence,
    pub(super) content: OpenContent,
    pub(super) place: Place,
    /// The last line of the document.
    pub(super) until: u32,
}

/// Where the devices of a fleet are named.
pub(super) enum Devices {
    /// In the document.
    Listed(Vec<Placed<DeviceNumber>>),
    /// In a CSV file.
    Table {
        /// The path as it is written.
        csv: Placed<String>,
        /// The column of the device number.
        column: Placed<String>,
        /// The column that completes the name.
        key: Option<Placed<String>>,
    },
}

pub(super) fn read_fleet(
    reader: &mut TreeReader<'_>,
    keys: &keys::FleetKeys<'_>,
    variables: &Variables<'_>,
    shared: &mut Interner,
) -> Option<Fleet> {
    let name = read_document_name(reader, keys.name);
    let scope = read_scope(reader, keys.scope);
    let devices = read_devices(reader, keys.devices, keys.devices_from, variables);
    let help = "write what the clients have in common, for example `template: { profiles: [base] }`";
    let template = reader.required(keys.template, help).and_then(|entry| reader.keys(entry));
    let (profiles, state, content) = template.map_or_else(Default::default, |template: keys::TemplateKeys<'_>| {
        let profiles = read_references(reader, template.profiles);
        let state = reader.word(template.state, &PRESENCES).unwrap_or_default();
        (profiles, state, read_content(reader, &template, variables, shared))
    });
    let place = reader.place(first_line(keys.name.mapping));
    let until = reader.last_line(keys.name.mapping);
    let (telsys, partition) = scope?;
    Some(Fleet { name: name?, telsys, partition, devices: devices?, profiles, state, content, place, until })
}

fn read_scope(reader: &mut TreeReader<'_>, written: Written<'_>) -> Option<(Telsys, Partition)> {
    let entry = reader.required(written, "write for example `scope: { telsys: 417, partition: 1 }`")?;
    let scope: keys::FleetScopeKeys<'_> = reader.keys(entry)?;
    if let Some(device) = scope.device.entry {
        let help = "write the devices as `devices` or `devices_from`";
        reader.error_with(Code::FleetDevices, device.key_span, "the scope of a fleet has no device", help);
        return None;
    }
    let parts = read_parts(reader, &scope, None)?;
    if parts.partition == Some(Partition::Unresolved) {
        let message = "partition -3 means that the scope is not known, so it cannot be the scope of a fleet";
        reader.error_with(Code::Unresolved, entry.value_span(), message, "write the true partition");
        return None;
    }
    Some((parts.telsys, parts.partition.unwrap_or(Partition::All)))
}

fn read_devices<'n>(
    reader: &mut TreeReader<'_>,
    devices: Written<'n>,
    devices_from: Written<'n>,
    variables: &Variables<'_>,
) -> Option<Devices> {
    match (devices.entry, devices_from.entry) {
        (Some(devices), None) => read_list(reader, devices, variables),
        (None, Some(table)) => read_table(reader, table),
        (listed, _) => {
            let has = if listed.is_some() { "both" } else { "neither" };
            let message = format!("the fleet has {has} of `devices` and `devices_from`, and takes exactly one");
            let span = listed.map_or(first_line(devices.mapping), |entry| entry.key_span);
            let help = "write `devices: [\"01234567120\"]` or `devices_from: { csv: desks.csv, column: number }`";
            reader.error_with(Code::FleetDevices, span, message, help);
            None
        }
    }
}

fn read_list(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>, variables: &Variables<'_>) -> Option<Devices> {
    let items = reader.list(entry)?;
    if items.is_empty() {
        let help = "add devices, or remove the fleet; to delete its clients write `state: absent` into the template";
        reader.error_with(Code::NoDevices, entry.value_span(), "`devices` is an empty list", help);
        return None;
    }
    let mut devices = Vec::with_capacity(items.len());
    for item in items {
        match read_device(reader, item, item.span, Some(variables)) {
            Some(Device::One(value)) => devices.push(reader.placed(value, item.span)),
            Some(Device::All) => {
                let message = "`UnknownNoneOrAll` is no device of a fleet";
                reader.error_with(Code::BadScope, item.span, message, "write an `IntegratorClient` for it");
            }
            None => {}
        }
    }
    (devices.len() == items.len()).then_some(Devices::Listed(devices))
}

fn read_table(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Devices> {
    let keys::DevicesFromKeys { csv, column, key } = reader.keys(entry)?;
    let help = "write for example `devices_from: { csv: desks.csv, column: number, key: seat }`";
    let text = |reader: &mut TreeReader<'_>, entry: &MapEntry<'_>| {
        let value = reader.text(entry)?.to_owned();
        Some(reader.placed(value, entry.value_span()))
    };
    let csv = reader.required(csv, help).and_then(|entry| text(reader, entry));
    let column = reader.required(column, help).and_then(|entry| text(reader, entry));
    let key = match key.entry {
        Some(entry) => Some(text(reader, entry)?),
        None => None,
    };
    Some(Devices::Table { csv: csv?, column: column?, key })
}
