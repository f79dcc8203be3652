//! The devices of a fleet, and the names that their clients get.

use std::collections::HashMap;

use super::budget::{Budget, Mistakes};
use super::device::{self, NoDevice};
use super::fleet::{Devices, Fleet};
use super::read::Placed;
use super::table::{RowColumns, Table, TableRow};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{ClientName, Device, DeviceNumber};
use crate::text::quote;

/// A device of a fleet, what completes the name of its client, and where it is named.
pub(super) struct FleetDevice<'t> {
    pub(super) number: DeviceNumber,
    pub(super) place: Place,
    row: Option<TableRow<'t>>,
    /// The column that completes the name, if it is not the number that does.
    key: Option<usize>,
}

impl FleetDevice<'_> {
    fn key(&self) -> &str {
        self.row.zip(self.key).map_or(self.number.as_str(), |(row, column)| row.field(column))
    }

    fn key_place(&self) -> Place {
        self.row.zip(self.key).map_or_else(|| self.place.clone(), |(row, column)| row.cell(column))
    }

    /// Says how a `key` column that makes good names comes about, which depends on what is there already.
    fn key_help(&self, that: &str) -> String {
        match (self.row, self.key) {
            (Some(_), Some(_)) => format!("write another text here, or name another `key` column, one that {that}"),
            (Some(_), None) => format!("add `key: COLUMN` to `devices_from`, a column that {that}"),
            (None, _) => format!("use `devices_from` with a `key` column that {that}"),
        }
    }

    pub(super) fn columns<'c>(&'c self, budget: &'c Budget) -> RowColumns<'c> {
        match self.row {
            Some(row) => row.columns(self.number.as_str(), budget),
            None => RowColumns::device_only(self.number.as_str(), budget),
        }
    }
}

/// Gives the devices of a fleet. `table` is the CSV file that it names.
pub(super) fn devices_of<'f>(fleet: &'f Fleet, table: Option<&'f Table>, found: &mut Mistakes) -> Vec<FleetDevice<'f>> {
    match (&fleet.devices, table) {
        (Devices::Listed(devices), _) => listed(devices),
        (Devices::Table { csv, column, key }, Some(table)) => {
            let key = key.as_ref().map(|key| table.column(&key.value, &key.place)).transpose();
            match (table.column(&column.value, &column.place), key) {
                (Ok(column), Ok(key)) => {
                    table.check_hidden(column, found);
                    in_table(table, column, key, csv, found)
                }
                (column, key) => {
                    found.extend(column.err().into_iter().chain(key.err()).map(|diagnostic| *diagnostic));
                    Vec::new()
                }
            }
        }
        (Devices::Table { .. }, None) => Vec::new(),
    }
}

fn listed(devices: &[Placed<DeviceNumber>]) -> Vec<FleetDevice<'_>> {
    devices
        .iter()
        .map(|one| FleetDevice { number: one.value.clone(), place: one.place.clone(), row: None, key: None })
        .collect()
}

fn in_table<'t>(
    table: &'t Table,
    column: usize,
    key: Option<usize>,
    csv: &Placed<String>,
    found: &mut Mistakes,
) -> Vec<FleetDevice<'t>> {
    if table.rows().len() == 0 {
        let message = format!("{} holds no devices", quote(&csv.value));
        found.push(
            Diagnostic::error(Code::NoDevices, message)
                .at(csv.place.clone(), "")
                .help("add devices, or remove the fleet"),
        );
    }
    let mut devices = Vec::with_capacity(table.rows().len());
    for row in table.rows() {
        // Blanks around a number are no part of it; what only looks like a blank is a mistake.
        let number = row.field(column).trim_matches([' ', '\t']);
        match device::read(number) {
            Ok(Device::One(device)) => {
                devices.push(FleetDevice { number: device, place: row.cell(column), row: Some(row), key });
            }
            Ok(Device::All) => {
                let message = format!("{} is not the number of a device", quote(number));
                let diagnostic = Diagnostic::error(Code::BadScope, message).at(row.cell(column), "");
                found.push(diagnostic.help("define the client of all devices without a fleet"));
            }
            Err(NoDevice { message, help }) => {
                let help = if number.is_empty() { "write the number, or remove the line" } else { help };
                let diagnostic = Diagnostic::error(Code::BadScope, message).at(row.cell(column), "");
                found.push(diagnostic.help(help));
            }
        }
    }
    devices
}

/// The names and devices that a fleet has given so far.
#[derive(Default)]
pub(super) struct Names<'t> {
    by_name: HashMap<ClientName, &'t FleetDevice<'t>>,
    by_device: HashMap<&'t DeviceNumber, &'t Place>,
}

impl<'t> Names<'t> {
    /// Names the client of a device, unless its device or name is taken.
    pub(super) fn name(
        &mut self,
        fleet: &Fleet,
        device: &'t FleetDevice<'t>,
        found: &mut Mistakes,
    ) -> Option<ClientName> {
        if let Some(first) = self.by_device.insert(&device.number, &device.place) {
            let message = format!("the fleet names the device {} twice", quote(device.number.as_str()));
            let diagnostic = Diagnostic::error(Code::DuplicateDevice, message).at(device.place.clone(), "again here");
            found.push(diagnostic.also(first.clone(), "first named here").help("remove one of the two"));
            return None;
        }
        let key = key(device.key());
        let says_anything = key.bytes().any(|byte| byte != b'-');
        let name = ClientName::new(&format!("{}-{key}", fleet.name.value)).filter(|_| says_anything);
        let Some(name) = name else {
            let message = format!("{} leaves nothing for the name of a client", quote(device.key()));
            let diagnostic = Diagnostic::error(Code::BadKey, message).at(device.key_place(), "");
            let needs = "a name needs a letter or a digit, `a` to `z` or `0` to `9`";
            found.push(diagnostic.help(format!("{needs}: {}", device.key_help("has one in each line"))));
            return None;
        };
        if name.as_str().len() > ClientName::LONGEST {
            let message = format!("{} is longer than {} characters", quote(name.as_str()), ClientName::LONGEST);
            let diagnostic = Diagnostic::error(Code::BadName, message).at(device.key_place(), "");
            found.push(diagnostic.help("give the device a shorter `key`, or the fleet a shorter name"));
            return None;
        }
        if let Some(first) = self.by_name.insert(name.clone(), device) {
            let message = format!("two devices of the fleet get the name {}", quote(name.as_str()));
            let diagnostic = Diagnostic::error(Code::KeyClash, message).at(device.key_place(), "the second");
            let help = device.key_help("tells the devices apart");
            found.push(diagnostic.also(first.key_place(), "the first").help(help));
            return None;
        }
        Some(name)
    }
}

/// Makes the part of a name: lower case, and nothing but `a` to `z`, `0` to `9` and hyphens.
fn key(text: &str) -> String {
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-';
    text.chars().flat_map(char::to_lowercase).filter(allowed).collect()
}
