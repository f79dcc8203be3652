//! From documents to definitions: profiles are laid over each other, fleets become clients.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::budget::{Budget, Mistakes, Overspent};
use super::content::OpenContent;
use super::document::{ClientDocument, ProfileDocument};
use super::fleet::Fleet;
use super::read::{Placed, did_you_mean, nearest};
use super::reference::Reference;
use super::roster::{FleetDevice, Names, devices_of};
use super::table::Table;
use super::variables::NoColumns;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{ClientId, ClientName, Declared, Definition, Device, FieldPattern, Owns, PinPlace, Scope, Spec};
use crate::text::quote;

/// How deep profiles may extend each other.
const MOST_DEPTH: usize = 64;

/// What a definition claims for itself alone, and the definition unless it has mistakes.
pub(super) enum Expanded {
    /// A client has a document, which says each at its place.
    Client(Box<ExpandedClient>),
    /// A client of a fleet claims everything where its device is named.
    Device { place: Place, definition: Arc<Definition> },
}

pub(super) struct ExpandedClient {
    name: Option<Placed<ClientName>>,
    scope: Option<Placed<Scope>>,
    id: Option<Placed<ClientId>>,
    definition: Option<Arc<Definition>>,
}

/// What is claimed, and where.
pub(super) type Claim<'e, T> = (&'e T, &'e Place);

impl Expanded {
    pub(super) fn name(&self) -> Option<Claim<'_, ClientName>> {
        match self {
            Self::Client(client) => client.name.as_ref().map(Placed::claim),
            Self::Device { place, definition } => Some((&definition.name, place)),
        }
    }

    pub(super) fn scope(&self) -> Option<Claim<'_, Scope>> {
        match self {
            Self::Client(client) => client.scope.as_ref().map(Placed::claim),
            Self::Device { place, definition } => Some((&definition.scope, place)),
        }
    }

    pub(super) fn id(&self) -> Option<Claim<'_, ClientId>> {
        match self {
            Self::Client(client) => client.id.as_ref().map(Placed::claim),
            Self::Device { .. } => None,
        }
    }

    pub(super) fn definition_mut(&mut self) -> Option<&mut Definition> {
        match self {
            Self::Client(client) => client.definition.as_mut().map(Arc::make_mut),
            Self::Device { definition, .. } => Some(Arc::make_mut(definition)),
        }
    }

    pub(super) fn into_definition(self) -> Option<Arc<Definition>> {
        match self {
            Self::Client(client) => client.definition,
            Self::Device { definition, .. } => Some(definition),
        }
    }
}

impl<T> Placed<T> {
    fn claim(&self) -> Claim<'_, T> {
        (&self.value, &self.place)
    }
}

/// The profiles of a tree. A profile is itself laid over what it extends, whole, before others are laid over it.
pub(super) struct Profiles<'d> {
    by_name: BTreeMap<&'d str, &'d ProfileDocument>,
    flat: HashMap<&'d str, FlatProfile>,
    unknown: Unknown,
    budget: &'d Arc<Budget>,
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
        budget: &'d Arc<Budget>,
        found: &mut Mistakes,
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
    fn flatten(&mut self, name: &'d str, path: &mut Vec<&'d str>, found: &mut Mistakes) {
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

    fn lay(&self, lower: &mut FlatProfile, reference: &Reference, found: &mut Mistakes) {
        match self.flat.get(&*reference.name) {
            Some(flat) => lower.lay_over(flat),
            None if self.unknown == Unknown::Excused || self.by_name.contains_key(&*reference.name) => {}
            None => {
                let mistake = self.no_profile(reference, found.is_worth_a_search());
                found.push(mistake);
            }
        }
    }

    fn no_profile(&self, reference: &Reference, search: bool) -> Diagnostic {
        let names: Vec<&str> = if search { self.by_name.keys().copied().collect() } else { Vec::new() };
        let help = match nearest(&reference.name, &names) {
            Some(near) => did_you_mean(near),
            None => "define it with `kind: Profile`".to_owned(),
        };
        let message = format!("there is no profile {}", quote(&reference.name));
        Diagnostic::error(Code::UnknownProfile, message).at(reference.place.clone(), "").help(help)
    }

    /// Lays content over profiles, later ones over earlier ones.
    fn under(&self, references: &[Reference], own: &OpenContent, found: &mut Mistakes) -> FlatProfile {
        let mut flat = FlatProfile::default();
        for reference in references {
            self.lay(&mut flat, reference, found);
        }
        flat.content.lay_over(own);
        flat
    }

    /// Tells whether clients fit into memory with what they take from profiles, before any does.
    pub(super) fn afford_clients(&self, clients: &[Box<ClientDocument>], found: &mut Mistakes) -> bool {
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
        self.budget.have(extent + client.content.extent())?;
        let is_merged = count + usize::from(client.content.has_keys()) > 1;
        if is_merged {
            self.budget.lay(extent + client.content.extent())?;
        }
        self.budget.expand(0, text)
    }

    pub(super) fn expand_client(&self, client: Box<ClientDocument>, found: &mut Mistakes) -> Expanded {
        let ClientDocument { name, scope, id, state, profiles, content, place, until } = *client;
        let flat = if profiles.is_empty() {
            FlatProfile { content, ..FlatProfile::default() }
        } else {
            self.under(&profiles, &content, found)
        };
        let spec = flat.content.fill(&NoColumns, found);
        let definition = name.as_ref().zip(scope.as_ref()).map(|(name, scope)| {
            Arc::new(Definition {
                name: name.value.clone(),
                scope: scope.value.clone(),
                scope_at: scope.place.location(),
                id: id.as_ref().map(|id| Box::new(Declared { value: id.value.clone(), at: id.place.location() })),
                state,
                spec,
                owns: flat.content.owns(),
                ignore: flat.content.ignore.into(),
                exceptions: Arc::default(),
                profiles: flat.names.into(),
                at: place.location(),
                until,
                pin_place: PinPlace::Document,
            })
        });
        Expanded::Client(Box::new(ExpandedClient { name, scope, id, definition }))
    }

    /// Makes the definitions of a fleet. `table` is the CSV file that the fleet names.
    pub(super) fn expand_fleet(&self, fleet: &Fleet, table: Option<&Table>, found: &mut Mistakes) -> Vec<Expanded> {
        let flat = self.under(&fleet.profiles, &fleet.content, found);
        let devices = devices_of(fleet, table, found);
        let extent = flat.content.extent_per_client() + flat.names.len();
        let had = devices.len().saturating_mul(flat.content.extent());
        let afforded = self.budget.define(devices.len()).and_then(|()| self.budget.have(had));
        if let Err(overspent) = afforded.and_then(|()| self.budget.lay(devices.len().saturating_mul(extent))) {
            found.push(overspent.at(fleet.place.clone()));
            return Vec::new();
        }
        let mut names = Names::default();
        let given: Vec<_> = devices.iter().map(|device| names.name(fleet, device, found)).collect();
        drop(names);
        let mut mistakes = Mistakes::within(self.budget);
        let mut expanded = Vec::with_capacity(devices.len());
        let common = Common::of(&flat);
        for (device, name) in devices.into_iter().zip(given) {
            let Some(name) = name else { continue };
            // What is wrong with the template is wrong for every device alike: it is said once.
            let spec = if mistakes.is_empty() {
                flat.content.fill(&device.columns(self.budget), &mut mistakes)
            } else {
                Spec::default()
            };
            if mistakes.is_empty() && self.budget.is_overspent() {
                mistakes.push(Overspent::Expanded.at(fleet.place.clone()));
            }
            expanded.push(expand_device(device, fleet, name, spec, &common));
        }
        found.absorb(mistakes);
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

/// What the clients of a fleet have in common besides their content: kept once.
struct Common {
    owns: Owns,
    ignore: Arc<[FieldPattern]>,
    profiles: Arc<[Arc<str>]>,
}

impl Common {
    fn of(FlatProfile { content, names, depth: _ }: &FlatProfile) -> Self {
        Self { owns: content.owns(), ignore: content.ignore.as_slice().into(), profiles: names.as_slice().into() }
    }
}

/// Makes the definition of a device of a fleet.
fn expand_device(device: FleetDevice<'_>, fleet: &Fleet, name: ClientName, spec: Spec, common: &Common) -> Expanded {
    let FleetDevice { number, place, .. } = device;
    let Common { owns, ignore, profiles } = common;
    let definition = Definition {
        name,
        scope: Scope { telsys: fleet.telsys, partition: fleet.partition, device: Device::One(number) },
        scope_at: place.location(),
        id: None,
        state: fleet.state,
        spec,
        owns: *owns,
        ignore: Arc::clone(ignore),
        exceptions: Arc::default(),
        profiles: Arc::clone(profiles),
        at: fleet.place.location(),
        until: fleet.until,
        pin_place: PinPlace::Fleet,
    };
    Expanded::Device { place, definition: Arc::new(definition) }
}
