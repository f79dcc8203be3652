//! What a plan says of adds that look like moves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::LabelsV1;
use crate::model::{ClientId, Scope};
use crate::plan::{LikelyMove, LikelyOrigin, PinPlace};
use crate::redact::Shown;

/// Live clients that git does not define and that have the content of an add: it may be meant to move one of them. Only one
/// of them, and of one add, is a likely one. It decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LikelyMoveV1 {
    /// The first few of them.
    pub(crate) of: Vec<LikelyOriginV1>,
    /// How many there are.
    pub(crate) clients: u64,
    /// How many adds of the plan have that content.
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

impl From<&LikelyMove> for LikelyMoveV1 {
    fn from(likely: &LikelyMove) -> Self {
        let LikelyMove { of, clients, adds, pin } = likely;
        Self {
            of: of.iter().map(LikelyOriginV1::from).collect(),
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
