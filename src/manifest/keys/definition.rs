//! The documents of a file of definitions.

use super::form::{Form, Items, Key, Mapping, Rule};
use super::mapping::{Keys, Written, mapping, shared};
use super::named::{DEVICE, ENTRIES, ID, IGNORED, NAME, OWNERSHIP, PROFILES, STATE};
use super::scope::{FleetScopeKeys, ScopeKeys};
use crate::diagnostic::Span;
use crate::manifest::yaml::MapEntry;

mapping! {
    /// One integrator client.
    Client as ClientKeys: CLIENT_KIND(Rule::Needs { key: "id", if_number: -3, below: ["scope", "partition"] }) {
        name: Key::required(NAME),
        scope: Key::required(Form::Mapping(ScopeKeys::MAPPING)),
        /// The pin: the id of the live client that is meant. `icsync pin` and `icsync export` write it.
        id: Key::optional(ID).example("a21abf960a398ee2:7b73f31a:198d18707a9:6e88"),
        /// What the client is called on the server. `null` means empty; left out: not managed.
        description: Key::optional(Form::TextOrNull).example("Config Access Allowed"),
        /// The CM environment of the client. `null` means empty; left out: not managed.
        cm_environment_id: Key::optional(Form::TextOrNull).example("d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613"),
        profiles: Key::optional(PROFILES),
        policies: Key::optional(ENTRIES),
        settings: Key::optional(ENTRIES),
        owns: Key::optional(Form::Mapping(OwnsKeys::MAPPING)),
        ignore: Key::optional(IGNORED),
        state: Key::optional(STATE),
    }
}

mapping! {
    /// Content that clients, fleets and other profiles share.
    Profile as ProfileKeys: PROFILE_KIND {
        name: Key::required(NAME),
        /// Profiles that this one is laid over, later ones over earlier.
        extends: Key::optional(Form::List(&NAME, Items::Any)),
        /// What the clients are called on the server. `null` means empty; left out: not managed.
        description: Key::optional(Form::TextOrNull),
        /// The CM environment of the clients. `null` means empty; left out: not managed.
        cm_environment_id: Key::optional(Form::TextOrNull),
        policies: Key::optional(ENTRIES),
        settings: Key::optional(ENTRIES),
        owns: Key::optional(Form::Mapping(OwnsKeys::MAPPING)),
        ignore: Key::optional(IGNORED),
    }
}

mapping! {
    /// One client for each device, named NAME-KEY.
    Fleet as FleetKeys: FLEET_KIND(Rule::OneOf(&[(&["devices"], &[]), (&["devices_from"], &[])])) {
        name: Key::required(NAME),
        scope: Key::required(Form::Mapping(FleetScopeKeys::MAPPING)),
        /// The device numbers, in quotes.
        devices: Key::optional(Form::List(&DEVICE, Items::Distinct)).example(r#"["01234567102", "01234567121"]"#),
        devices_from: Key::optional(Form::Mapping(DevicesFromKeys::MAPPING)),
        template: Key::required(Form::Mapping(TemplateKeys::MAPPING)),
    }
}

mapping! {
    /// What the clients of a fleet have in common. `${device}` and the columns of the CSV file stand for each one's own.
    Template as TemplateKeys {
        /// What the clients are called on the server. `null` means empty; left out: not managed.
        description: Key::optional(Form::TextOrNull).example("Desk ${device}"),
        /// The CM environment of the clients. `null` means empty; left out: not managed.
        cm_environment_id: Key::optional(Form::TextOrNull),
        profiles: Key::optional(PROFILES),
        policies: Key::optional(ENTRIES),
        settings: Key::optional(ENTRIES),
        owns: Key::optional(Form::Mapping(OwnsKeys::MAPPING)),
        ignore: Key::optional(IGNORED),
        state: Key::optional(STATE),
    }
}

shared! {
    /// The keys that make up content.
    ContentKeys { description, cm_environment_id, policies, settings, owns, ignore } in ClientKeys, ProfileKeys, TemplateKeys
}

mapping! {
    /// A CSV file with one device a line, relative to this file or to `icsync.yaml`.
    DevicesFrom as DevicesFromKeys {
        /// The file.
        csv: Key::required(Form::Text).example("desks.csv"),
        /// The column of the device number.
        column: Key::required(Form::Text),
        /// The column that completes the name of each client. Left out: the device number.
        key: Key::optional(Form::Text),
    }
}

mapping! {
    /// What happens to live keys that git does not list.
    Owns as OwnsKeys {
        policies: Key::optional(OWNERSHIP),
        settings: Key::optional(OWNERSHIP),
    }
}
