//! One table of everything that people write: the keys of each mapping in the order of `icsync fmt`, what each means, what
//! may stand after it, and whether it may be left out.
//!
//! Unknown keys and the key that was meant, the order of `fmt`, the bounds and words that the readers accept, and the JSON
//! Schemas come from here. A reader takes a mapping apart by the fields of its struct: a key that is not in the table does
//! not compile, and a key that nobody reads is a field that the compiler reports as never read.

mod catalogue;
mod config;
mod definition;
mod example;
mod form;
mod mapping;
mod named;
mod scope;

pub(in crate::manifest) use self::catalogue::{CatalogueKeys, KnownKeyKeys};
pub(in crate::manifest) use self::config::{
    AuthKeys, CertificateKeys, ConfigKeys, ExceptionKeys, LimitKeys, LimitsKeys, LoginKeys, RequestsKeys, RolloutKeys,
    RuleKeys, SandboxKeys, SecretKeys, TargetKeys,
};
pub(in crate::manifest) use self::definition::{
    ClientKeys, ContentKeys, DevicesFromKeys, FleetKeys, OwnsKeys, ProfileKeys, TemplateKeys,
};
pub(in crate::manifest) use self::example::{WantedShape, keys_named};
pub(in crate::manifest) use self::form::KeyOrder;
pub(crate) use self::form::{Form, Items, Key, Mapping, Need, Rule, Word};
pub(in crate::manifest) use self::mapping::{Keys, Written};
pub(in crate::manifest) use self::named::{KEY_STRICTNESS, LOCALES, OWNERSHIPS, PRESENCES, PRUNES, VALUE_TYPES};
pub(in crate::manifest) use self::scope::{
    AnyScopeKeys, FilterKeys, FleetScopeKeys, ProtectionKeys, ScopeKeys, WindowKeys,
};

/// The key that says what a document is.
pub(in crate::manifest) const KIND: &str = "kind";

/// The `kind` of `icsync.yaml` and of `keys.yaml`, and those of the documents of a file of definitions.
pub(in crate::manifest) const CONFIG_KIND: &str = "Config";
pub(in crate::manifest) const KEYS_KIND: &str = "Keys";
pub(in crate::manifest) const CLIENT_KIND: &str = "IntegratorClient";
pub(in crate::manifest) const PROFILE_KIND: &str = "Profile";
pub(in crate::manifest) const FLEET_KIND: &str = "Fleet";

/// `icsync.yaml`.
pub(crate) const CONFIG: &Mapping = ConfigKeys::MAPPING;

/// `keys.yaml`.
pub(crate) const CATALOGUE: &Mapping = CatalogueKeys::MAPPING;

/// What the documents of a file of definitions may be.
pub(crate) const DEFINITIONS: [&Mapping; 3] = [ClientKeys::MAPPING, ProfileKeys::MAPPING, FleetKeys::MAPPING];

/// Tells whether a document of this `kind` is one of a file of definitions.
pub(in crate::manifest) fn is_definition_kind(kind: &str) -> bool {
    DEFINITIONS.iter().any(|mapping| mapping.kind == Some(kind))
}

/// Gives the form of a document by its `kind`.
pub(in crate::manifest) fn form_of_kind(kind: &str) -> Form {
    let known = DEFINITIONS.into_iter().chain([CONFIG, CATALOGUE]).find(|mapping| mapping.kind == Some(kind));
    known.map_or(Form::Anything, Form::Mapping)
}
