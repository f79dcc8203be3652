//! The places of an estate, for looking them up.

use std::collections::BTreeMap;

use super::estate::{Estate, PartitionOfServer};
use crate::model::{Device, DeviceNumber, Partition, Scope, Telsys};

/// The places of an estate by number, for looking them up.
#[derive(Debug, Default)]
pub(super) struct Places {
    servers: BTreeMap<u32, PlaceNode<PlaceNode<Option<String>>>>,
}

#[derive(Debug)]
struct PlaceNode<Inner> {
    description: Option<String>,
    inside: BTreeMap<PlaceKey, Inner>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PlaceKey {
    Partition(u32),
    Device(DeviceNumber),
}

impl Places {
    /// Indexes an estate. What stands in it twice, or is no device, is told to `found` with the place of its server in the list.
    pub(super) fn of(estate: &Estate, mut found: impl FnMut(usize, String)) -> Self {
        let mut servers = BTreeMap::new();
        for (index, server) in estate.telephony_servers.iter().enumerate() {
            let mut inside = BTreeMap::new();
            let mut about = |problem: &dyn std::fmt::Display| {
                found(index, format!("telephony server {}: {problem}", server.id));
            };
            for partition in &server.partitions {
                let devices =
                    devices(partition, |problem| about(&format_args!("partition {}: {problem}", partition.id)));
                let place = PlaceNode { description: partition.description.clone(), inside: devices };
                if inside.insert(PlaceKey::Partition(partition.id), place).is_some() {
                    about(&format_args!("partition {} is listed twice", partition.id));
                }
            }
            let place = PlaceNode { description: server.description.clone(), inside };
            if servers.insert(server.id, place).is_some() {
                found(index, format!("telephony server {} is listed twice", server.id));
            }
        }
        Self { servers }
    }

    pub(super) fn telsys_description(&self, telsys: Telsys) -> Option<&str> {
        let Telsys::One(id) = telsys else { return None };
        self.servers.get(&id)?.description.as_deref()
    }

    /// Gives the description of a partition: the page's "[None Or All Partitions]" for the whole server.
    pub(super) fn partition_description(&self, scope: &Scope) -> Option<&str> {
        match scope.partition {
            Partition::All => Some("[None Or All Partitions]"),
            Partition::Unresolved => None,
            Partition::One(_) => self.partition(scope)?.description.as_deref(),
        }
    }

    /// Gives the description of a device: the page's "None" for every device.
    pub(super) fn device_description(&self, scope: &Scope) -> Option<&str> {
        match &scope.device {
            Device::All => Some("None"),
            Device::One(number) => self.partition(scope)?.inside.get(&PlaceKey::Device(number.clone()))?.as_deref(),
        }
    }

    /// Requires that a scope exists, as a client needs it: the error says what does not.
    pub(super) fn require(&self, scope: &Scope) -> Result<(), String> {
        let known = match (scope.telsys, scope.partition, &scope.device) {
            (Telsys::All, Partition::All, Device::All) => true,
            (Telsys::One(id), Partition::All, Device::All) => self.servers.contains_key(&id),
            (Telsys::One(_), Partition::One(_), Device::All) => self.partition(scope).is_some(),
            (Telsys::One(_), Partition::One(_), Device::One(number)) => {
                self.partition(scope).is_some_and(|place| place.inside.contains_key(&PlaceKey::Device(number.clone())))
            }
            _ => false,
        };
        if known { Ok(()) } else { Err(format!("no telephony server has the scope `{scope}`")) }
    }

    /// Tells whether the servers and partitions that a List names as its filter exist.
    pub(super) fn allows_filter(&self, filter: &Scope) -> bool {
        match (filter.telsys, filter.partition) {
            (Telsys::All, _) => true,
            (Telsys::One(id), Partition::All | Partition::Unresolved) => self.servers.contains_key(&id),
            (Telsys::One(_), Partition::One(_)) => self.partition(filter).is_some(),
        }
    }

    fn partition(&self, scope: &Scope) -> Option<&PlaceNode<Option<String>>> {
        let (Telsys::One(telsys), Partition::One(partition)) = (scope.telsys, scope.partition) else { return None };
        self.servers.get(&telsys)?.inside.get(&PlaceKey::Partition(partition))
    }
}

fn devices(partition: &PartitionOfServer, mut found: impl FnMut(String)) -> BTreeMap<PlaceKey, Option<String>> {
    let mut devices = BTreeMap::new();
    for device in &partition.devices {
        match DeviceNumber::new(&device.number) {
            Err(error) => found(error.to_string()),
            Ok(number) => {
                if devices.insert(PlaceKey::Device(number), device.description.clone()).is_some() {
                    found(format!("device `{}` is listed twice", device.number.escape_debug()));
                }
            }
        }
    }
    devices
}
