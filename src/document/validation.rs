//! What `validate -o json` writes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::DiagnosticV1;
use super::parts::FormatVersionV1;

/// `validate -o json`: the files are valid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Validation")]
pub(crate) struct ValidationV1 {
    pub(crate) format_version: FormatVersionV1,
    /// What is probably not meant in them.
    pub(crate) diagnostics: Vec<DiagnosticV1>,
    /// How many clients the definitions define, for the first of the targets.
    pub(crate) clients: u64,
    /// The targets that were checked: the one that `--target` names, else all, first the one that is meant without it.
    #[serde(default)]
    pub(crate) targets: Vec<TargetClientsV1>,
}

/// How many clients the definitions define for a target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TargetClientsV1 {
    pub(crate) target: String,
    pub(crate) clients: u64,
}
