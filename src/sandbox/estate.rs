//! What exists in the sandbox: the file `estate.yaml` and the index made of it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::mistakes::FileMistakes;
use super::rights::{Rights, WriteAccess};
use crate::diagnostic::Diagnostic;
use crate::manifest::typed;
use crate::model::{ALL_DEVICES, ClientId, Device, DeviceNumber, Partition, Scope, Telsys};

/// What exists in the sandbox. The store is made from it on first use; after that the clients are those of the
/// store, and the estate still says everything else.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estate {
    /// The telephony servers with their partitions and devices.
    #[serde(default)]
    pub telephony_servers: Vec<TelephonyServer>,
    /// The ids that `CMEnvironmentID` may have; when none is listed any text may stand there.
    #[serde(default)]
    pub cm_environments: Vec<String>,
    /// Who may log in or use an API key, and what they may touch.
    #[serde(default)]
    pub users: Vec<User>,
    /// The answers to the open questions of the API; what is left out has its default.
    #[serde(default)]
    pub dialect: Dialect,
    /// After how many requests a session expires; never when left out.
    #[serde(default)]
    pub session_requests: Option<u64>,
    /// The clients that a new store holds.
    #[serde(default)]
    pub clients: Vec<FirstClient>,
    /// Rows that stand at the end of Lists although they are no clients.
    #[serde(default)]
    pub odd_rows: Vec<OddRow>,
}

/// A telephony server (`TelSysID`, `TelSysDescription`).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TelephonyServer {
    /// Its number, as in the path of every request.
    pub id: u32,
    /// Its name; rows show null when it has none.
    #[serde(default)]
    pub description: Option<String>,
    /// Its partitions.
    #[serde(default)]
    pub partitions: Vec<PartitionOfServer>,
}

/// A partition of a telephony server (`PartitionID`, `PartitionDescription`).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartitionOfServer {
    /// Its number, which is its own only inside its server.
    pub id: u32,
    /// Its name; rows show null when it has none.
    #[serde(default)]
    pub description: Option<String>,
    /// Its devices.
    #[serde(default)]
    pub devices: Vec<DeviceOfPartition>,
}

/// A device of a partition (`DeviceNumber`, `DeviceDescription`).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceOfPartition {
    /// Its number, which is text: quote it, so that `+` and leading zeros stay.
    pub number: String,
    /// Its name; rows show null when it has none.
    #[serde(default)]
    pub description: Option<String>,
}

/// A user: somebody with an API key, or with a password to log in, or with both.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name to log in with, which rows show as `UserIDCreatedBy` and `UserIDUpdatedBy`.
    pub username: String,
    /// The password to log in with; without one the user cannot log in.
    #[serde(default)]
    pub password: Option<String>,
    /// The value of `x-api-key`; without one the user needs a session.
    #[serde(default)]
    pub api_key: Option<String>,
    /// What the user may read and write; everything when left out.
    #[serde(default)]
    pub rights: Rights,
    /// Whether the user may write.
    #[serde(default)]
    pub access: WriteAccess,
}

/// A client that a new store holds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstClient {
    /// Its id; one is made when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The telephony server of its true scope, -1 for all.
    pub telsys: i64,
    /// The partition of its true scope; -1, the whole server, when left out.
    #[serde(default = "all")]
    pub partition: i64,
    /// The device of its true scope; `UnknownNoneOrAll` when left out.
    #[serde(default = "all_devices")]
    pub device: String,
    /// Set to -3, rows show that instead of the true partition and device, with null descriptions: a scope that the
    /// server could not resolve for display.
    #[serde(default)]
    pub shown_partition: Option<i64>,
    /// `Description`.
    #[serde(default)]
    pub description: Option<String>,
    /// `CMEnvironmentID`.
    #[serde(default)]
    pub cm_environment_id: Option<String>,
    /// `Policies`; null is not the same as left out, which is an object without keys.
    #[serde(default = "no_keys")]
    #[schemars(extend("x-nullable" = true))]
    pub policies: Option<Map<String, Value>>,
    /// `Settings`, likewise.
    #[serde(default = "no_keys")]
    #[schemars(extend("x-nullable" = true))]
    pub settings: Option<Map<String, Value>>,
    /// Set to `generic_config`, Info and Change of the client are refused with 30007.
    #[serde(default)]
    pub unresolved_from: Option<UnresolvedFrom>,
}

/// A row as no client should have it: Lists of its whole telephony server, or of all, have it as their last.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OddRow {
    /// The telephony server whose List has it.
    pub telsys: u32,
    /// Any JSON, which is sent as it stands here, with its own escapes (`"\ud800"`).
    #[serde(deserialize_with = "json")]
    #[schemars(with = "String")]
    pub row: Box<RawValue>,
}

/// What a client could not be resolved from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnresolvedFrom {
    /// The generic configuration (error 30007 of the vendor's page).
    GenericConfig,
}

/// Why a text is no estate.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EstateError(FileMistakes);

/// What contradicts itself, and in which entry of which list.
struct EstateProblem {
    entry: Option<(&'static str, usize)>,
    message: String,
}

fn all() -> i64 {
    -1
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field has the type of the field")]
fn no_keys() -> Option<Map<String, Value>> {
    Some(Map::new())
}

fn json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Box<RawValue>, D::Error> {
    RawValue::from_string(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn all_devices() -> String {
    ALL_DEVICES.to_owned()
}

impl std::fmt::Debug for User {
    /// Leaves the password and the key out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { username, password: _, api_key: _, rights, access } = self;
        f.debug_struct("User")
            .field("username", username)
            .field("rights", rights)
            .field("access", access)
            .finish_non_exhaustive()
    }
}

impl EstateError {
    /// Gives each mistake with its place.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.0.into_diagnostics()
    }
}

impl Estate {
    /// Reads an estate; `file` is its name in errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, EstateError> {
        let no_estate = |mistakes| EstateError(FileMistakes::new(file, "an estate", mistakes));
        let estate = typed::<Self>(text, file).map_err(no_estate)?;
        match estate.value.check() {
            Ok(()) => Ok(estate.value),
            Err(EstateProblem { entry, message }) => Err(no_estate(vec![estate.contradiction(entry, message)])),
        }
    }

    /// Gives the API key of the first user that has one, for whoever runs the sandbox.
    pub fn first_api_key(&self) -> Option<&str> {
        self.users.iter().find_map(|user| user.api_key.as_deref())
    }

    fn check(&self) -> Result<(), EstateProblem> {
        let places = Places::of(self).map_err(|message| EstateProblem { entry: None, message })?;
        self.check_users()?;
        let (mut ids, mut scopes) = (BTreeSet::new(), BTreeSet::new());
        for (index, client) in self.clients.iter().enumerate() {
            let about = |problem: String| EstateProblem {
                entry: Some(("clients", index)),
                message: format!("client {}: {problem}", index + 1),
            };
            let scope = client.scope().map_err(about)?;
            places.require(&scope).map_err(about)?;
            if !scopes.insert(scope.clone()) {
                return Err(about(format!("another client has the scope `{scope}`")));
            }
            if let Some(id) = &client.id
                && (ClientId::from_person(id).is_none() || !ids.insert(id))
            {
                return Err(about(format!("`{}` is not an id, or another client has it", id.escape_debug())));
            }
            let environment = client.cm_environment_id.as_ref();
            if let Some(unknown) = environment.filter(|id| !self.knows_cm_environment(id)) {
                return Err(about(format!("`{}` is not in `cm_environments`", unknown.escape_debug())));
            }
        }
        Ok(())
    }

    fn check_users(&self) -> Result<(), EstateProblem> {
        let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for (index, User { username, password: _, api_key, rights: _, access: _ }) in self.users.iter().enumerate() {
            let about = |problem: &str| {
                let message = format!("user `{}`: {problem}", username.escape_debug());
                Err(EstateProblem { entry: Some(("users", index)), message })
            };
            if username.contains(':') || !names.insert(username) {
                return about("the name holds a colon, or another user has it");
            }
            if api_key.as_ref().is_some_and(|key| key.is_empty() || !keys.insert(key)) {
                return about("the API key is empty, or another user has it");
            }
        }
        Ok(())
    }

    /// Tells whether a client may name this CM environment.
    pub(super) fn knows_cm_environment(&self, id: &str) -> bool {
        id.is_empty() || self.cm_environments.is_empty() || self.cm_environments.iter().any(|known| known == id)
    }
}

impl FirstClient {
    pub(super) fn scope(&self) -> Result<Scope, String> {
        let scope = Scope {
            telsys: Telsys::from_number(self.telsys).map_err(|error| error.to_string())?,
            partition: Partition::from_number(self.partition).map_err(|error| error.to_string())?,
            device: Device::from_text(&self.device).map_err(|error| error.to_string())?,
        };
        match self.shown_partition {
            None | Some(-3) => Ok(scope),
            Some(other) => Err(format!("`shown_partition` is -3 or left out, not {other}")),
        }
    }
}

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
    /// Indexes an estate; the error says what stands in it twice.
    pub(super) fn of(estate: &Estate) -> Result<Self, String> {
        let mut servers = BTreeMap::new();
        for server in &estate.telephony_servers {
            let inside = server.partitions.iter().map(|partition| {
                let place = PlaceNode { description: partition.description.clone(), inside: devices(partition)? };
                Ok((PlaceKey::Partition(partition.id), place))
            });
            let inside = unique(inside).map_err(|problem| format!("telephony server {}: {problem}", server.id))?;
            let place = PlaceNode { description: server.description.clone(), inside };
            if servers.insert(server.id, place).is_some() {
                return Err(format!("telephony server {} is listed twice", server.id));
            }
        }
        Ok(Self { servers })
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

fn devices(partition: &PartitionOfServer) -> Result<BTreeMap<PlaceKey, Option<String>>, String> {
    let devices = partition.devices.iter().map(|device| {
        let number = DeviceNumber::new(&device.number).map_err(|error| error.to_string())?;
        Ok((PlaceKey::Device(number), device.description.clone()))
    });
    unique(devices).map_err(|problem| format!("partition {}: {problem}", partition.id))
}

fn unique<T>(entries: impl Iterator<Item = Result<(PlaceKey, T), String>>) -> Result<BTreeMap<PlaceKey, T>, String> {
    let mut map = BTreeMap::new();
    for entry in entries {
        let (key, value) = entry?;
        if map.contains_key(&key) {
            return Err(match key {
                PlaceKey::Partition(id) => format!("partition {id} is listed twice"),
                PlaceKey::Device(number) => format!("device `{}` is listed twice", number.as_str().escape_debug()),
            });
        }
        map.insert(key, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Estate::parse(text, "estate.yaml").expect_err(text).to_string()
    }

    #[test]
    fn an_unquoted_device_number_keeps_its_plus_and_zeros() {
        let text = "telephony_servers: [{ id: 1, partitions: [{ id: 1, devices: [{ number: +442046034980 }, { number: 0123 }] }] }]";
        let estate = Estate::parse(text, "estate.yaml").expect("an estate");
        let numbers: Vec<_> = estate.telephony_servers[0].partitions[0].devices.iter().map(|d| &d.number).collect();
        assert_eq!(numbers, ["+442046034980", "0123"]);
    }

    #[test]
    fn mistakes_have_a_code_their_place_and_help() {
        let mistake = |text: &str| {
            let mistakes = Estate::parse(text, "estate.yaml").expect_err(text).into_diagnostics();
            let [one] = &mistakes[..] else { panic!("{mistakes:?}") };
            let at = one.location().expect("a place");
            format!(
                "{} {}:{} {}; {}",
                one.code.as_str(),
                at.line,
                at.column,
                one.message,
                one.help.as_deref().unwrap_or("-")
            )
        };
        for (text, said) in [
            ("user: []", "IC0201 1:1 the key `user` is not known here; did you mean `users`?"),
            (
                "users:\n  - username: u\n    acess: x",
                "IC0201 3:5 the key `acess` is not known here; did you mean `access`?",
            ),
            (
                "users: [{ username: u, access: read }]",
                "IC0206 1:32 `read` is not one of `read_write` and `read_only`; the words here are `read_write` and `read_only`",
            ),
            ("users:\n  - api_key: k", "IC0203 2:5 the key `username` is missing; -"),
            (
                "telephony_servers:\n  - id: x",
                "IC0202 2:9 here stands the text `x`, and a whole number that is not negative and not too large is wanted; -",
            ),
            (
                "telephony_servers: [{ id: 007 }]",
                "IC0110 1:27 it is not clear which number `007` is: the leading zero would be lost; -",
            ),
            (
                "users: [{ username: a }, { username: a }]",
                "IC0209 1:26 user `a`: the name holds a colon, or another user has it; -",
            ),
            ("clients:\n  - { telsys: 4 }", "IC0209 2:5 client 1: no telephony server has the scope `4/all/all`; -"),
            ("users: []\nusers: []", "IC0102 2:1 the key `users` stands twice in one mapping; remove one of them"),
        ] {
            assert_eq!(mistake(text), said, "{text}");
        }
        assert!(mistake("dialect: { put: x }").contains("`x` is not a value of `put`"));
    }

    #[test]
    fn errors_name_the_file_and_the_place() {
        assert_eq!(error("nope: 1"), "`estate.yaml` is not an estate: the key `nope` is not known here at 1:1");
        assert_eq!(
            error("telephony_servers: [{ id: 1 }, { id: 1 }]"),
            "`estate.yaml` is not an estate: telephony server 1 is listed twice at 1:1"
        );
    }

    #[test]
    fn secrets_are_not_in_debug_output() {
        let estate = Estate::parse("users: [{ username: u, password: hush, api_key: hush2 }]", "e").expect("an estate");
        assert!(!format!("{estate:?}").contains("hush"));
    }
}
