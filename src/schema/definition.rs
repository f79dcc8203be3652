//! A document of a file of definitions.

#![expect(dead_code, reason = "types of documents are described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

use super::config::FieldPattern;

/// Text that can be seen: a device number, or a reference to one.
pub(super) const DEVICE: &str = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$";

/// The shape of an id (the vendor's samples), or a variable in its place.
pub(super) const ID: &str = r"^([0-9a-f]{16}:-?[0-9a-f]{1,8}:[0-9a-f]{1,16}:-?[0-9a-f]{1,4}|.*\$\{.*)$";

/// One integrator client.
#[derive(JsonSchema)]
#[schemars(title = "IntegratorClient", deny_unknown_fields)]
#[schemars(extend("if" = { "required": ["scope"], "properties": { "scope": { "required": ["partition"], "properties": { "partition": { "const": -3 } } } } }, "then" = { "required": ["id"] }))]
pub(super) struct Client {
    /// Says what the document is.
    #[schemars(extend("const" = "IntegratorClient"))]
    kind: String,
    name: Name,
    scope: Scope,
    /// The pin: the id of the live client that is meant. `icsync pin` and `icsync export` write it.
    #[schemars(regex(pattern = ID), example = &"a21abf960a398ee2:7b73f31a:198d18707a9:6e88")]
    id: Option<String>,
    /// What the client is called on the server. `null` means empty; left out: not managed.
    #[schemars(extend("x-nullable" = true), example = &"Config Access Allowed")]
    description: Option<String>,
    /// The CM environment of the client. `null` means empty; left out: not managed.
    #[schemars(extend("x-nullable" = true), example = &"d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613")]
    cm_environment_id: Option<String>,
    profiles: Option<Profiles>,
    policies: Option<Entries>,
    settings: Option<Entries>,
    owns: Option<Owns>,
    ignore: Option<Ignored>,
    state: Option<State>,
}

/// Content that clients, fleets and other profiles share.
#[derive(JsonSchema)]
#[schemars(title = "Profile", deny_unknown_fields)]
pub(super) struct Profile {
    /// Says what the document is.
    #[schemars(extend("const" = "Profile"))]
    kind: String,
    name: Name,
    /// Profiles that this one is laid over, later ones over earlier.
    extends: Option<Vec<Name>>,
    /// What the clients are called on the server. `null` means empty; left out: not managed.
    #[schemars(extend("x-nullable" = true))]
    description: Option<String>,
    /// The CM environment of the clients. `null` means empty; left out: not managed.
    #[schemars(extend("x-nullable" = true))]
    cm_environment_id: Option<String>,
    policies: Option<Entries>,
    settings: Option<Entries>,
    owns: Option<Owns>,
    ignore: Option<Ignored>,
}

/// One client for each device, named NAME-KEY.
#[derive(JsonSchema)]
#[schemars(title = "Fleet", deny_unknown_fields, extend("oneOf" = [{ "required": ["devices"] }, { "required": ["devices_from"] }]))]
pub(super) struct Fleet {
    /// Says what the document is.
    #[schemars(extend("const" = "Fleet"))]
    kind: String,
    name: Name,
    scope: FleetScope,
    /// The device numbers, in quotes.
    #[schemars(length(min = 1), inner(regex(pattern = DEVICE)), extend("uniqueItems" = true), example = ["01234567102", "01234567121"])]
    devices: Option<Vec<String>>,
    devices_from: Option<DevicesFrom>,
    template: Template,
}

/// What the clients of a fleet have in common. `${device}` and the columns of the CSV file stand for each one's own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Template {
    /// What the clients are called on the server. `null` means empty; left out: not managed.
    #[schemars(extend("x-nullable" = true), example = &"Desk ${device}")]
    description: Option<String>,
    /// The CM environment of the clients. `null` means empty; left out: not managed.
    #[schemars(extend("x-nullable" = true))]
    cm_environment_id: Option<String>,
    profiles: Option<Profiles>,
    policies: Option<Entries>,
    settings: Option<Entries>,
    owns: Option<Owns>,
    ignore: Option<Ignored>,
    state: Option<State>,
}

/// A CSV file with one device a line, relative to this file or to `icsync.yaml`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DevicesFrom {
    /// The file.
    #[schemars(example = &"desks.csv")]
    csv: String,
    /// The column of the device number.
    column: String,
    /// The column that completes the name of each client. Left out: the device number.
    key: Option<String>,
}

/// A name, unique in the tree; it lives in git only.
#[derive(JsonSchema)]
struct Name(#[schemars(regex(pattern = "^[a-z0-9-]{1,200}$"), example = &"sunshine-reception")] String);

/// Profiles, later ones over earlier; the own keys win over all.
#[derive(JsonSchema)]
struct Profiles(Vec<Name>);

/// What the client applies to: a telephony server, a partition of it, or one device.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Scope {
    telsys: Telsys,
    /// A partition. Left out: the whole telephony server (-1). -3 stands for a row that hides its scope, with an `id` only.
    #[schemars(range(min = -3, max = 4_294_967_295_u32), extend("not" = { "const": -2 }))]
    partition: Option<i64>,
    /// A device number, in quotes: without them a `+` or a leading zero would be lost. Left out: every device.
    #[schemars(regex(pattern = DEVICE), example = &"01234567120")]
    device: Option<String>,
}

/// Where the devices of the fleet are.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FleetScope {
    telsys: Telsys,
    /// A partition. Left out: the whole telephony server (-1).
    #[schemars(range(min = -1, max = 4_294_967_295_u32))]
    partition: Option<i64>,
}

/// The number of a telephony server; -1 is all of them.
#[derive(JsonSchema)]
pub(super) struct Telsys(#[schemars(range(min = -1, max = 4_294_967_295_u32), example = 417)] i64);

/// Values by key. `{}` manages the field as empty; left out: not managed.
#[derive(JsonSchema)]
#[schemars(example = serde_json::json!({ "interface::showMissedCallPreview": true }))]
struct Entries(BTreeMap<String, Value>);

/// What happens to live keys that git does not list.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Owns {
    policies: Option<Ownership>,
    settings: Option<Ownership>,
}

/// `exact` removes live keys that git does not list, `listed` leaves them alone. Left out: `exact`.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Ownership {
    Exact,
    Listed,
}

/// Fields and keys that keep their live value, whatever git says.
#[derive(JsonSchema)]
#[schemars(example = ["description", "settings.interface::*"])]
struct Ignored(Vec<FieldPattern>);

/// Whether the client shall exist. Left out: `present`; `absent` deletes it, prune or not.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum State {
    Present,
    Absent,
}
