//! What `list -o json` writes.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{FormatVersionV1, PositionV1};
use crate::model::{ClientId, ClientName, Definition, Presence, Scope};

/// `list -o json`: the definitions of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Definitions")]
pub(crate) struct DefinitionsV1 {
    pub(crate) format_version: FormatVersionV1,
    /// The name of the target.
    pub(crate) target: String,
    /// The definitions that are selected, after fleets and profiles are expanded.
    pub(crate) definitions: Vec<DefinitionV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DefinitionV1 {
    pub(crate) name: ClientName,
    pub(crate) scope: Scope,
    /// Whether the client shall be there.
    pub(crate) state: StateV1,
    /// The id that it is pinned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ClientId>,
    /// The profiles that it is made of, in their order.
    pub(crate) profiles: Vec<Arc<str>>,
    pub(crate) source: PositionV1,
}

/// Whether a client shall be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StateV1 {
    Present,
    Absent,
}

impl DefinitionsV1 {
    pub(crate) fn new<'a>(target: &str, definitions: impl Iterator<Item = &'a Definition>) -> Self {
        Self {
            format_version: FormatVersionV1::default(),
            target: target.to_owned(),
            definitions: definitions.map(DefinitionV1::from).collect(),
        }
    }
}

impl From<&Definition> for DefinitionV1 {
    fn from(definition: &Definition) -> Self {
        let Definition {
            name,
            scope,
            scope_at: _,
            id,
            state,
            spec: _,
            owns: _,
            ignore: _,
            exceptions: _,
            profiles,
            at,
            until: _,
            pin_place: _,
        } = definition;
        Self {
            name: name.clone(),
            scope: scope.clone(),
            state: match state {
                Presence::Present => StateV1::Present,
                Presence::Absent => StateV1::Absent,
            },
            id: id.as_ref().map(|pin| pin.value.clone()),
            profiles: profiles.iter().map(Arc::clone).collect(),
            source: at.into(),
        }
    }
}
