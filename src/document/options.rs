//! What shaped a plan, for planning again in the same way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::shell_word;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct OptionsV1 {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) select: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) exclude: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_deletes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_changes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_vanished: Option<u64>,
    /// How many steps each wave takes: `1, 10%, rest`. An apply of the plan may say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waves: Option<String>,
    /// What goes in the first wave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) first: Vec<String>,
    /// Of an apply that was about a part of a saved plan: the numbers of its steps, `1-20,35`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<String>,
    /// Which part of the telephony servers the plan is about: `I/N`. Limits hold for this part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<String>,
    /// The commit of `--since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// The commit of `--sensitive-at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sensitive_at: Option<String>,
    /// The run that the plan turns back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rollback_of: Option<String>,
}

impl OptionsV1 {
    /// Gives the command that makes a plan of this kind: a rollback is never made again by planning from git.
    pub(crate) fn command(&self) -> String {
        match &self.rollback_of {
            Some(run) => format!("icsync rollback {}", shell_word(run)),
            None => "icsync plan".to_owned(),
        }
    }
}
