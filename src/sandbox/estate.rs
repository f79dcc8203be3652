//! What exists in the sandbox: what `estate.yaml` says.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::rights::{Rights, WriteAccess};
use crate::model::{ALL_DEVICES, Device, Partition, Scope, Telsys};

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

impl Estate {
    /// Gives the API key of the first user that has one, for whoever runs the sandbox.
    pub fn first_api_key(&self) -> Option<&str> {
        self.users.iter().find_map(|user| user.api_key.as_deref())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_in_debug_output() {
        let estate = Estate::parse("users: [{ username: u, password: hush, api_key: hush2 }]", "e").expect("an estate");
        assert!(!format!("{estate:?}").contains("hush"));
    }
}
