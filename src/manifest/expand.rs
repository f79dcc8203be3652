//! From documents to definitions: profiles are laid over each other, fleets become clients.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::budget::{Budget, Overspent};
use super::content::{OpenContent, Reference};
use super::device::{self, NoDevice};
use super::document::{ClientDocument, ProfileDocument};
use super::fleet::{Devices, Fleet};
use super::read::{Placed, nearest};
use super::table::{RowColumns, Table};
use super::variables::NoColumns;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{ClientId, ClientName, Declared, Definition, Device, DeviceNumber, Scope, Spec};
use crate::text::quote;

/// How deep profiles may extend each other.
const MOST_DEPTH: usize = 64;

/// What a definition claims for itself alone, and the definition unless it has mistakes.
pub(super) struct Expanded {
    pub(super) name: Option<Placed<ClientName>>,
    pub(super) scope: Option<Placed<Scope>>,
    pub(super) id: Option<Placed<ClientId>>,
    pub(super) definition: Option<Box<Definition>>,
}

/// The profiles of a tree. A profile is itself laid over what it extends, whole, before others are laid over it.
pub(super) struct Profiles<'d> {
    by_name: BTreeMap<&'d str, &'d ProfileDocument>,
    flat: HashMap<&'d str, FlatProfile>,
    unknown: Unknown,
    budget: &'d Budget,
}

/// Whether profiles that no document defines are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// They are.
    Reported,
    /// They are not: documents that could not be read may define them.
    Excused,
}

/// A profile with everything that it extends.
#[derive(Clone, Default)]
struct FlatProfile {
    content: OpenContent,
    names: Vec<Arc<str>>,
    /// How many profiles extend each other, at most.
    depth: usize,
}

impl FlatProfile {
    fn lay_over(&mut self, upper: &Self) {
        self.depth = self.depth.max(upper.depth);
        self.content.lay_over(&upper.content);
        let there: HashSet<Arc<str>> = self.names.iter().cloned().collect();
        self.names.extend(upper.names.iter().filter(|name| !there.contains(*name)).cloned());
    }

    /// Counts what is copied where this is laid over or under others.
    fn extent(&self) -> usize {
        self.content.extent() + self.names.len()
    }
}

impl<'d> Profiles<'d> {
    /// Flattens all profiles; unknown names, names that stand twice and cycles are reported.
    pub(super) fn new(
        profiles: &'d [ProfileDocument],
        unknown: Unknown,
        budget: &'d Budget,
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut all = Self { by_name: BTreeMap::new(), flat: HashMap::new(), unknown, budget };
        for profile in profiles {
            match all.by_name.get(&*profile.name.value) {
                None => drop(all.by_name.insert(&profile.name.value, profile)),
                Some(first) => {
                    let message = format!("there are two profiles {}", quote(&profile.name.value));
                    let diagnostic = Diagnostic::error(Code::DuplicateProfile, message)
                        .at(profile.name.place.clone(), "again here")
                        .also(first.name.place.clone(), "first defined here")
                        .help("rename or merge them");
                    found.push(diagnostic);
                }
            }
        }
        let names: Vec<&str> = all.by_name.keys().copied().collect();
        for name in names {
            all.flatten(name, &mut Vec::new(), found);
        }
        all
    }

    /// Flattens a profile after what it extends. `path` holds the profiles that are being flattened.
    fn flatten(&mut self, name: &'d str, path: &mut Vec<&'d str>, found: &mut Vec<Diagnostic>) {
        if self.flat.contains_key(name) {
            return;
        }
        let Some(profile) = self.by_name.get(name).copied() else { return };
        if path.len() == MOST_DEPTH {
            found.push(too_deep(profile));
            return;
        }
        path.push(name);
        let mut flat = FlatProfile::default();
        for reference in &profile.extends {
            if let Some(begin) = path.iter().position(|other| **other == *reference.name) {
                found.push(cycle(&path[begin..], reference));
                continue;
            }
            if self.by_name.contains_key(&*reference.name) {
                self.flatten(&reference.name, path, found);
            }
            let extent = self.flat.get(&*reference.name).map_or(0, FlatProfile::extent);
            if let Err(overspent) = self.budget.lay(extent + profile.content.extent()) {
                found.push(overspent.at(reference.place.clone()));
                break;
            }
            self.lay(&mut flat, reference, found);
        }
        path.pop();
        let (content, names, depth) = (profile.content.clone(), vec![Arc::clone(&profile.name.value)], flat.depth + 1);
        flat.lay_over(&FlatProfile { content, names, depth });
        if depth > MOST_DEPTH {
            found.push(too_deep(profile));
            flat = FlatProfile { depth: MOST_DEPTH, ..FlatProfile::default() };
        }
        self.flat.insert(name, flat);
    }

    fn lay(&self, lower: &mut FlatProfile, reference: &Reference, found: &mut Vec<Diagnostic>) {
        match self.flat.get(&*reference.name) {
            Some(flat) => lower.lay_over(flat),
            None if self.unknown == Unknown::Excused || self.by_name.contains_key(&*reference.name) => {}
            None => found.push(self.no_profile(reference)),
        }
    }

    fn no_profile(&self, reference: &Reference) -> Diagnostic {
        let names: Vec<&str> = self.by_name.keys().copied().collect();
        let help = match nearest(&reference.name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "define it with `kind: Profile`".to_owned(),
        };
        let message = format!("there is no profile {}", quote(&reference.name));
        Diagnostic::error(Code::UnknownProfile, message).at(reference.place.clone(), "").help(help)
    }

    /// Lays content over profiles, later ones over earlier ones.
    fn under(&self, references: &[Reference], own: &OpenContent, found: &mut Vec<Diagnostic>) -> FlatProfile {
        let mut flat = FlatProfile::default();
        for reference in references {
            self.lay(&mut flat, reference, found);
        }
        flat.content.lay_over(own);
        flat
    }

    /// Tells whether clients fit into memory with what they take from profiles, before any does.
    pub(super) fn afford_clients(&self, clients: &[Box<ClientDocument>], found: &mut Vec<Diagnostic>) -> bool {
        let over = clients.iter().find_map(|client| Some((self.afford(client).err()?, &client.place)));
        found.extend(over.map(|(overspent, place)| overspent.at(place.clone())));
        over.is_none()
    }

    fn afford(&self, client: &ClientDocument) -> Result<(), Overspent> {
        let profiles = client.profiles.iter().filter_map(|reference| self.flat.get(&*reference.name));
        let (mut count, mut extent, mut text) = (0, 0, 0);
        for profile in profiles {
            count += usize::from(profile.content.has_keys());
            extent += profile.content.extent();
            text += profile.content.text_length();
            self.budget.lay(profile.names.len() + profile.content.ignore.len())?;
        }
        let is_merged = count + usize::from(client.content.has_keys()) > 1;
        if is_merged {
            self.budget.lay(extent + client.content.extent())?;
        }
        self.budget.expand(0, text)
    }

    pub(super) fn expand_client(&self, client: Box<ClientDocument>, found: &mut Vec<Diagnostic>) -> Expanded {
        let ClientDocument { name, scope, id, state, profiles, content, place, until } = *client;
        let flat = if profiles.is_empty() {
            FlatProfile { content, ..FlatProfile::default() }
        } else {
            self.under(&profiles, &content, found)
        };
        let spec = flat.content.fill(&NoColumns, found);
        let definition = name.as_ref().zip(scope.as_ref()).map(|(name, scope)| {
            Box::new(Definition {
                name: name.value.clone(),
                scope: scope.value.clone(),
                scope_at: scope.place.location(),
                id: id.as_ref().map(|id| Declared { value: id.value.clone(), at: id.place.location() }),
                state,
                spec,
                owns: flat.content.owns(),
                ignore: flat.content.ignore,
                exceptions: Vec::new(),
                profiles: flat.names,
                at: place.location(),
                until,
            })
        });
        Expanded { name, scope, id, definition }
    }

    /// Makes the definitions of a fleet. `table` is the CSV file that the fleet names.
    pub(super) fn expand_fleet(
        &self,
        fleet: &Fleet,
        table: Option<&Table>,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<Expanded> {
        let flat = self.under(&fleet.profiles, &fleet.content, found);
        let devices = match (&fleet.devices, table) {
            (Devices::Listed(devices), _) => listed(devices),
            (Devices::Table { csv, column, key }, Some(table)) => {
                let key = key.as_ref().map(|key| table.column(&key.value, &key.place)).transpose();
                match (table.column(&column.value, &column.place), key) {
                    (Ok(column), Ok(key)) => {
                        table.check_hidden(column, found);
                        devices_of(table, column, key, csv, found)
                    }
                    (column, key) => {
                        found.extend(column.err().into_iter().chain(key.err()).map(|diagnostic| *diagnostic));
                        Vec::new()
                    }
                }
            }
            (Devices::Table { .. }, None) => Vec::new(),
        };
        let extent = flat.content.extent_per_client() + flat.names.len();
        let afforded = self.budget.define(devices.len());
        if let Err(overspent) = afforded.and_then(|()| self.budget.lay(devices.len().saturating_mul(extent))) {
            found.push(overspent.at(fleet.place.clone()));
            return Vec::new();
        }
        let mut names = Names::default();
        let mut mistakes = Vec::new();
        let mut expanded = Vec::with_capacity(devices.len());
        for device in &devices {
            let Some(name) = names.name(fleet, device, found) else { continue };
            // What is wrong with the template is wrong for every device alike: it is said once.
            let spec = if mistakes.is_empty() {
                flat.content.fill(&device.columns(self.budget), &mut mistakes)
            } else {
                Spec::default()
            };
            if mistakes.is_empty() && self.budget.is_overspent() {
                mistakes.push(Overspent::Expanded.at(fleet.place.clone()));
            }
            expanded.push(device.expand(fleet, name, spec, &flat));
        }
        found.append(&mut mistakes);
        expanded
    }
}

fn too_deep(profile: &ProfileDocument) -> Diagnostic {
    let message = format!("profiles extend each other more than {MOST_DEPTH} deep");
    let diagnostic = Diagnostic::error(Code::TooDeep, message).at(profile.name.place.clone(), "");
    diagnostic.help("name several profiles in one `extends` instead")
}

fn cycle(path: &[&str], reference: &Reference) -> Diagnostic {
    let names: Vec<String> = path.iter().chain(path.first()).map(|name| quote(name)).collect();
    let message = format!("profiles extend each other in a circle: {}", names.join(" → "));
    Diagnostic::error(Code::ProfileCycle, message)
        .at(reference.place.clone(), "leads back to the beginning")
        .help("remove one of the `extends`")
}

/// A device of a fleet, what completes the name of its client, and where it is named.
struct FleetDevice<'t> {
    number: DeviceNumber,
    key: &'t str,
    place: Place,
    row: Option<(&'t Table, &'t super::table::TableRow)>,
}

impl FleetDevice<'_> {
    fn expand(&self, fleet: &Fleet, name: ClientName, spec: Spec, flat: &FlatProfile) -> Expanded {
        let scope =
            Scope { telsys: fleet.telsys, partition: fleet.partition, device: Device::One(self.number.clone()) };
        let definition = Definition {
            name: name.clone(),
            scope: scope.clone(),
            scope_at: self.place.location(),
            id: None,
            state: fleet.state,
            spec,
            owns: flat.content.owns(),
            ignore: flat.content.ignore.clone(),
            exceptions: Vec::new(),
            profiles: flat.names.clone(),
            at: fleet.place.location(),
            until: fleet.until,
        };
        Expanded {
            name: Some(Placed { value: name, place: self.place.clone() }),
            scope: Some(Placed { value: scope, place: self.place.clone() }),
            id: None,
            definition: Some(Box::new(definition)),
        }
    }

    fn columns<'c>(&'c self, budget: &'c Budget) -> RowColumns<'c> {
        match self.row {
            Some((table, row)) => table.columns(row, self.number.as_str(), budget),
            None => RowColumns::device_only(self.number.as_str(), budget),
        }
    }
}

fn listed(devices: &[Placed<DeviceNumber>]) -> Vec<FleetDevice<'_>> {
    devices
        .iter()
        .map(|one| FleetDevice {
            number: one.value.clone(),
            key: one.value.as_str(),
            place: one.place.clone(),
            row: None,
        })
        .collect()
}

fn devices_of<'t>(
    table: &'t Table,
    column: usize,
    key: Option<usize>,
    csv: &Placed<String>,
    found: &mut Vec<Diagnostic>,
) -> Vec<FleetDevice<'t>> {
    if table.rows().is_empty() {
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
                let key = key.map_or(number, |key| row.field(key));
                devices.push(FleetDevice { number: device, key, place: table.place(row), row: Some((table, row)) });
            }
            Ok(Device::All) => {
                let message = format!("{} is not the number of a device", quote(number));
                let diagnostic = Diagnostic::error(Code::BadScope, message).at(table.cell(row, column), "");
                found.push(diagnostic.help("define the client of all devices without a fleet"));
            }
            Err(NoDevice { message, help }) => {
                let help = if number.is_empty() { "write the number, or remove the line" } else { &help };
                let diagnostic = Diagnostic::error(Code::BadScope, message).at(table.cell(row, column), "");
                found.push(diagnostic.help(help));
            }
        }
    }
    devices
}

/// The names and devices that a fleet has given so far.
#[derive(Default)]
struct Names {
    by_key: HashMap<String, Place>,
    by_device: HashMap<DeviceNumber, Place>,
}

impl Names {
    /// Names the client of a device, unless its device or name is taken.
    fn name(&mut self, fleet: &Fleet, device: &FleetDevice<'_>, found: &mut Vec<Diagnostic>) -> Option<ClientName> {
        if let Some(first) = self.by_device.insert(device.number.clone(), device.place.clone()) {
            let message = format!("the fleet names the device {} twice", quote(device.number.as_str()));
            let diagnostic = Diagnostic::error(Code::DuplicateDevice, message).at(device.place.clone(), "again here");
            found.push(diagnostic.also(first, "first named here").help("remove one of the two"));
            return None;
        }
        let key = key(device.key);
        let name = ClientName::new(&format!("{}-{key}", fleet.name.value)).filter(|_| !key.is_empty());
        let Some(name) = name else {
            let message = format!("{} leaves nothing for the name of a client", quote(device.key));
            let diagnostic = Diagnostic::error(Code::BadKey, message).at(device.place.clone(), "");
            found.push(diagnostic.help("a `key` needs a letter or a digit, `a` to `z` or `0` to `9`: use `devices_from` with a `key` column of such"));
            return None;
        };
        if let Some(first) = self.by_key.insert(key, device.place.clone()) {
            let message = format!("two devices of the fleet get the name {}", quote(name.as_str()));
            let diagnostic = Diagnostic::error(Code::KeyClash, message).at(device.place.clone(), "the second");
            let help = "use `devices_from` with a `key` column that tells the devices apart";
            found.push(diagnostic.also(first, "the first").help(help));
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
