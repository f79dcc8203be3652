//! What a plan or a comparison says of adds that look like moves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::LabelsV1;
use crate::model::{ClientId, ClientName, PinPlace, Scope};
use crate::plan::{LikelyMove, LikelyOrigin};
use crate::redact::Shown;
use crate::review::RemovedOrigin;

/// What has the content of an add, which may be meant to move one of them: live clients that git does not define, or definitions
/// that are removed. Only one of them, and of one add, is a likely one. It decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LikelyMoveV1<Origin = LikelyOriginV1> {
    /// The first few of them.
    pub(crate) of: Vec<Origin>,
    /// How many there are.
    pub(crate) clients: u64,
    /// How many adds have that content.
    pub(crate) adds: u64,
    /// Whether the definition has a line for the `id` that makes it a move; one of a fleet has none.
    pub(crate) pinnable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LikelyOriginV1 {
    pub(crate) id: ClientId,
    pub(crate) scope: Scope,
    #[serde(default, skip_serializing_if = "LabelsV1::is_empty")]
    pub(crate) labels: LabelsV1,
    pub(crate) description: Shown,
}

/// A definition that is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RemovedOriginV1 {
    pub(crate) client: ClientName,
    pub(crate) scope: Scope,
    /// Its pin, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ClientId>,
}

impl<'a, Found, Origin: From<&'a Found>> From<&'a LikelyMove<Found>> for LikelyMoveV1<Origin> {
    fn from(likely: &'a LikelyMove<Found>) -> Self {
        let LikelyMove { of, clients, adds, pin } = likely;
        Self {
            of: of.iter().map(Origin::from).collect(),
            clients: *clients as u64,
            adds: *adds as u64,
            pinnable: *pin == PinPlace::Document,
        }
    }
}

impl From<&LikelyOrigin> for LikelyOriginV1 {
    fn from(origin: &LikelyOrigin) -> Self {
        let LikelyOrigin { id, scope, description, labels } = origin;
        Self { id: id.clone(), scope: scope.clone(), labels: labels.into(), description: description.clone() }
    }
}

impl From<&RemovedOrigin> for RemovedOriginV1 {
    fn from(origin: &RemovedOrigin) -> Self {
        let RemovedOrigin { client, scope, id } = origin;
        Self { client: client.clone(), scope: scope.clone(), id: id.clone() }
    }
}
