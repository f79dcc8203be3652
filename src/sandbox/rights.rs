//! What users may read and write: everything, or parts of it down to single clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::refusal::ClientError;
use crate::model::{ClientId, Device, Partition, Scope, Telsys};

/// What a user may see, and what of it the user may add, change and delete.
///
/// In a file and as JSON: `{ telsys: 417 }` for one part, to read and to write, or lists of parts as
/// `{ read: [{ telsys: 417 }], write: [{ id: … }] }`. Without `read` everything may be read; without `write` that may
/// be written which may be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RightsForm")]
pub struct Rights {
    read: Vec<Right>,
    write: Vec<Right>,
}

/// One part of the clients: those that fit everything that is given here, so all of them when nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// The only telephony server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telsys: Option<u32>,
    /// The only partition of that server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<u32>,
    /// The only device of that partition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The only client. It covers no Add, whose client has no id yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Whether a user may write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteAccess {
    /// All five operations.
    #[default]
    ReadWrite,
    /// List and Info; the others are refused with 30000.
    ReadOnly,
}

/// What a user may do, as `PUT /sandbox/users/NAME` takes it; what is left out is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserLimits {
    /// What the user may read and write.
    #[serde(default)]
    pub rights: Rights,
    /// Whether the user may write at all.
    #[serde(default)]
    pub access: WriteAccess,
}

/// What a user may read and write: one part, or lists of parts under `read` and `write`; everything when left out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RightsForm {
    /// The only telephony server.
    telsys: Option<u32>,
    /// The only partition of that server.
    partition: Option<u32>,
    /// The only device of that partition.
    device: Option<String>,
    /// The only client.
    id: Option<String>,
    /// The parts that may be read; everything when left out.
    read: Option<Vec<Right>>,
    /// The parts that may be written; those that may be read when left out.
    write: Option<Vec<Right>>,
}

impl Default for Rights {
    fn default() -> Self {
        let everything = vec![Right::default()];
        Self { read: everything.clone(), write: everything }
    }
}

impl TryFrom<RightsForm> for Rights {
    type Error = &'static str;

    fn try_from(form: RightsForm) -> Result<Self, &'static str> {
        let RightsForm { telsys, partition, device, id, read, write } = form;
        let only = Right { telsys, partition, device, id };
        if only != Right::default() && (read.is_some() || write.is_some()) {
            return Err("rights are either one part or lists under `read` and `write`");
        }
        let read = read.unwrap_or_else(|| vec![only]);
        let write = write.unwrap_or_else(|| read.clone());
        read.iter().chain(&write).try_for_each(Right::check)?;
        Ok(Self { read, write })
    }
}

impl Rights {
    /// Tells whether no client is out of sight.
    pub(super) fn sees_everything(&self) -> bool {
        self.read.contains(&Right::default())
    }

    /// Tells whether a client may be seen.
    pub(super) fn sees(&self, scope: &Scope, id: &ClientId) -> bool {
        permit(&self.read, scope, Some(id)).is_ok()
    }

    /// Tells whether rows of a telephony server that are no clients may be seen.
    pub(super) fn sees_server(&self, telsys: u32) -> bool {
        permit(&self.read, &Scope { telsys: Telsys::One(telsys), ..Scope::EVERYTHING }, None).is_ok()
    }

    /// Permits a List by this filter, unless it names a place and the user has only others. Who may see single clients
    /// or none at all is shown no more rows than that.
    pub(super) fn permit_list(&self, filter: &Scope) -> Result<(), ClientError> {
        let allowed = filter.is_unresolved() || self.read.is_empty() || self.read.iter().any(|one| one.meets(filter));
        if allowed { Ok(()) } else { Err(ClientError::NotEnoughPermissions) }
    }

    /// Permits an Add at a scope (errors 30000, 30008 and 30009).
    pub(super) fn permit_add(&self, scope: &Scope) -> Result<(), ClientError> {
        permit(&self.write, scope, None)
    }

    /// Permits a Change or Delete of a client that may be seen.
    pub(super) fn permit_write(&self, scope: &Scope, id: &ClientId) -> Result<(), ClientError> {
        permit(&self.write, scope, Some(id)).map_err(|_| ClientError::NotEnoughPermissions)
    }
}

/// Looks for a right that covers a scope; of what the rights say against it the most telling is given.
fn permit(rights: &[Right], scope: &Scope, id: Option<&ClientId>) -> Result<(), ClientError> {
    let mut refusal = ClientError::NotEnoughPermissions;
    for right in rights {
        match right.permit(scope, id) {
            Ok(()) => return Ok(()),
            Err(ClientError::NotEnoughPermissions) => {}
            Err(spanning) => refusal = spanning,
        }
    }
    Err(refusal)
}

impl Right {
    fn check(&self) -> Result<(), &'static str> {
        match self {
            Self { partition: Some(_), telsys: None, .. } => {
                Err("rights over a partition need the `telsys` it belongs to")
            }
            Self { device: Some(_), partition: None, .. } => {
                Err("rights over a device need the `partition` it belongs to")
            }
            _ => Ok(()),
        }
    }

    fn permit(&self, scope: &Scope, client: Option<&ClientId>) -> Result<(), ClientError> {
        let Self { telsys, partition, device, id } = self;
        if id.is_some() && id.as_deref() != client.map(ClientId::as_str) {
            return Err(ClientError::NotEnoughPermissions);
        }
        match (telsys, scope.telsys) {
            (Some(_), Telsys::All) => return Err(ClientError::MultiTelsys),
            (Some(mine), Telsys::One(other)) if *mine != other => return Err(ClientError::NotEnoughPermissions),
            _ => {}
        }
        match (partition, scope.partition) {
            (Some(_), Partition::All) => return Err(ClientError::MultiPartition),
            (Some(mine), Partition::One(other)) if *mine == other => {}
            (Some(_), _) => return Err(ClientError::NotEnoughPermissions),
            (None, _) => {}
        }
        let fits = device.as_ref().is_none_or(|mine| mine == scope.device.as_str());
        if fits { Ok(()) } else { Err(ClientError::NotEnoughPermissions) }
    }

    /// Tells whether clients of this part can be among those that a filter leaves.
    fn meets(&self, filter: &Scope) -> bool {
        let Self { telsys, partition, device, id: _ } = self;
        let server =
            telsys.is_none_or(|mine| matches!(filter.telsys, Telsys::All) || filter.telsys == Telsys::One(mine));
        let part =
            partition.is_none_or(|mine| filter.partition == Partition::All || filter.partition == Partition::One(mine));
        let number = device.as_ref().is_none_or(|mine| filter.device == Device::All || mine == filter.device.as_str());
        server && part && number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(text: &str) -> Rights {
        serde_yaml::from_str(text).expect(text)
    }

    fn scope(text: &str) -> Scope {
        serde_yaml::from_str(text).expect(text)
    }

    #[test]
    fn the_short_form_is_for_reading_and_writing() {
        assert_eq!(rights("{ telsys: 4 }"), rights("{ read: [{ telsys: 4 }] }"));
        assert_eq!(rights("{}"), Rights::default());
        assert_eq!(rights("{ write: [] }"), rights("{ read: [{}], write: [] }"));
        assert!(!rights("{ read: [] }").sees_everything());
    }

    #[test]
    fn rights_that_make_no_sense_are_refused() {
        for text in
            ["{ partition: 1 }", "{ read: [{ device: x }] }", "{ telsys: 1, read: [] }", "{ write: [{ nope: 1 }] }"]
        {
            assert!(serde_yaml::from_str::<Rights>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_add_is_refused_with_what_the_scope_spans() {
        let mine = rights("{ read: [{ telsys: 4, partition: 1 }, { telsys: 5 }, { id: x }] }");
        let add = |text: &str| mine.permit_add(&scope(text));
        let all = "device: UnknownNoneOrAll";
        assert_eq!(add(&format!("{{ telsys: 4, partition: 1, {all} }}")), Ok(()));
        assert_eq!(add(&format!("{{ telsys: 5, partition: -1, {all} }}")), Ok(()));
        assert_eq!(add(&format!("{{ telsys: 4, partition: -1, {all} }}")), Err(ClientError::MultiPartition));
        assert_eq!(add(&format!("{{ telsys: -1, partition: -1, {all} }}")), Err(ClientError::MultiTelsys));
        assert_eq!(add(&format!("{{ telsys: 6, partition: 1, {all} }}")), Err(ClientError::NotEnoughPermissions));
    }

    #[test]
    fn a_list_is_refused_only_to_who_has_other_places() {
        let filter = scope("{ telsys: 4, partition: -1, device: UnknownNoneOrAll }");
        for text in ["{}", "{ read: [] }", "{ id: x }", "{ telsys: 4, partition: 1, device: '01' }"] {
            assert_eq!(rights(text).permit_list(&filter), Ok(()), "{text}");
        }
        assert!(rights("{ telsys: 5 }").permit_list(&filter).is_err());
    }
}
