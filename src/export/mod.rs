//! Live clients that git does not define, turned into definitions. Planning what was exported finds nothing to do.

mod client;
mod name;
mod profile;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;

use crate::manifest::is_device_number;
use crate::model::{ClientId, ClientName, Detail, Field, LiveClient, Scope, Sensitive, Telsys};
use crate::redact::Mask;

use client::ClientWriter;
use name::names;
use profile::{Profile, profiles};
pub(crate) use secrets::{ClearKey, is_likely_secret, likely_secrets};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Each client spells everything out.
    Plain,
    /// What many clients share stands in profiles.
    AsProfiles,
}

/// What happens to rows that hide their scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HiddenScopes {
    /// They are left out and listed.
    List,
    /// They are written, bound by their id.
    Include,
}

/// What stands in the place of sensitive values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SensitiveForm {
    /// Nothing: `ignore` leaves them as they are on the server.
    Ignored,
    /// A variable of the environment for each.
    Variables,
}

/// What the repository has already, and an export must neither repeat nor overwrite.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    pub names: BTreeSet<ClientName>,
    /// The scopes of clients: one definition per scope.
    pub scopes: BTreeSet<Scope>,
    pub profiles: BTreeSet<String>,
    /// The files below the folder that is written to.
    pub files: BTreeSet<String>,
}

/// Files to write and what a person has to do besides.
#[derive(Debug, Default)]
pub(crate) struct Export {
    /// The content of each file by its path below the folder that is written to.
    pub files: BTreeMap<String, String>,
    /// The names of the clients in the files.
    pub clients: BTreeSet<ClientName>,
    /// The environment variables that stand for sensitive values.
    pub variables: BTreeMap<String, Variable>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
    /// How many sensitive values `ignore` leaves as they are on the server.
    pub ignored: usize,
}

/// What an environment variable stands for.
#[derive(Debug)]
pub(crate) struct Variable {
    /// The field or key, and the client.
    pub stands_for: String,
    /// The live value, which is never written.
    pub value: SecretString,
}

pub(crate) fn export(
    clients: &[&LiveClient],
    taken: &Taken,
    sensitive: &Sensitive,
    (layout, hidden, form): (Layout, HiddenScopes, SensitiveForm),
) -> Export {
    let (mask, mut export) = (Mask(sensitive), Export::default());
    let exported = choose(clients, taken, mask, hidden, &mut export.left_out);
    let names = names(&exported, taken, mask);
    let shared = match layout {
        Layout::Plain => Vec::new(),
        Layout::AsProfiles => profiles(&exported, mask, taken),
    };
    for profile in &shared {
        export.files.insert(format!("clients/profiles/{}.yaml", profile.name), profile.document());
    }
    let uses = uses(&shared, &exported);
    for (client, name) in exported.iter().zip(names) {
        let profiles = uses.get(&client.id).map_or(&[][..], Vec::as_slice);
        let document = ClientWriter::new(client, &name, (mask, form), profiles).document(&mut export);
        export.files.insert(file(client, &name), document);
        export.clients.insert(name);
    }
    export
}

/// Leaves out what cannot be a definition, says why, and puts the others in the order of their ids.
fn choose<'a>(
    clients: &[&'a LiveClient],
    taken: &Taken,
    mask: Mask<'_>,
    hidden: HiddenScopes,
    left_out: &mut Vec<String>,
) -> Vec<&'a LiveClient> {
    let mut shared: BTreeMap<&Scope, usize> = BTreeMap::new();
    for client in clients {
        *shared.entry(&client.scope).or_default() += 1;
    }
    let mut chosen = Vec::with_capacity(clients.len());
    for client in clients {
        let pinned = ClientId::from_person(client.id.as_str()).is_some();
        let reason = match (&client.detail, client.scope.is_unresolved()) {
            (Detail::Refused { reason, .. }, _) => format!("it cannot be read: {}", reason.escape_debug()),
            _ if !is_device_number(client.scope.device.as_str()) => {
                "its device number cannot stand in a definition: see `icsync explain IC0404`".to_owned()
            }
            (_, true) if hidden == HiddenScopes::List => {
                "the server hides its scope; --include-unresolved writes it, bound by its id".to_owned()
            }
            (_, true) if !pinned => "the server hides its scope, and its id has no known shape".to_owned(),
            (_, false) if taken.scopes.contains(&client.scope) => {
                "a definition of another client has its scope".to_owned()
            }
            (_, false) if shared[&client.scope] > 1 => "another live client has the same scope".to_owned(),
            _ => {
                chosen.push(*client);
                continue;
            }
        };
        left_out.push(format!("{} ({}{}): {reason}", client.id, client.scope, quoted(title(client, mask))));
    }
    chosen.sort_by(|left, right| left.id.cmp(&right.id));
    chosen
}

fn quoted(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(" \"{}\"", title.escape_debug()) }
}

/// Gives the description of a client as far as it may be shown.
fn title<'a>(client: &'a LiveClient, mask: Mask<'_>) -> &'a str {
    if mask.hides_field(Field::Description) { "" } else { client.title() }
}

/// Gives the profiles of each client in their order.
fn uses<'p>(shared: &'p [Profile], clients: &[&LiveClient]) -> BTreeMap<ClientId, Vec<&'p Profile>> {
    let mut uses: BTreeMap<ClientId, Vec<&Profile>> = BTreeMap::new();
    for profile in shared {
        for index in &profile.clients {
            uses.entry(clients[*index].id.clone()).or_default().push(profile);
        }
    }
    uses
}

fn file(client: &LiveClient, name: &ClientName) -> String {
    match client.scope.telsys {
        Telsys::All => format!("clients/all/{name}.yaml"),
        Telsys::One(id) => format!("clients/{id}/{name}.yaml"),
    }
}

#[cfg(test)]
mod tests;
