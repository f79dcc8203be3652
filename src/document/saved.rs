//! A plan document in a file: its digest, its signature, and what is done with what this version does not know.

use serde_json::Value;

use super::PlanV1;
use super::digest::{digest_of, is_signature};
use crate::model::Json;

const FORMAT_MAJOR: u64 = 1;

/// Why a file is not a plan that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    /// It is no JSON object of this kind.
    #[error("it is not a plan document: {0}")]
    NotAPlan(String),
    /// Its format is newer than this program.
    #[error("it has the plan format {found}, and this icsync reads format {FORMAT_MAJOR}")]
    Newer {
        /// The version that the file states.
        found: String,
    },
    /// Its content does not fit its digest.
    #[error("its digest does not fit its content: the file was changed after it was written")]
    Digest,
    /// A key is set and the file carries no signature.
    #[error("it is not signed, and ICSYNC_PLAN_KEY is set")]
    Unsigned,
    /// The signature was made with another key or of other content.
    #[error("its signature does not fit ICSYNC_PLAN_KEY")]
    Signature,
}

/// A plan that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedPlan {
    /// As far as this version knows what plans say.
    pub(crate) plan: PlanV1,
    /// Everything that the file says, which is what its digest covers.
    value: Json,
}

impl SavedPlan {
    /// Reads a file and checks format and digest, and the signature if a key is given.
    pub(crate) fn parse(bytes: &[u8], key: Option<&[u8]>) -> Result<Self, DocumentError> {
        let unread = |error: serde_json::Error| DocumentError::NotAPlan(error.to_string());
        let value: Value = serde_json::from_slice(bytes).map_err(unread)?;
        let version = value.get("format_version").and_then(Value::as_str);
        let version = version.ok_or_else(|| DocumentError::NotAPlan("it has no `format_version`".to_owned()))?;
        let major = version.split('.').next().and_then(|major| major.parse::<u64>().ok());
        if major != Some(FORMAT_MAJOR) {
            return Err(DocumentError::Newer { found: version.escape_debug().to_string() });
        }
        let stated = value.get("digest").and_then(Value::as_str).unwrap_or_default();
        if value.get("steps").is_none_or(|steps| !steps.is_array()) || digest_of(value.clone()) != stated {
            return Err(DocumentError::Digest);
        }
        if let Some(key) = key {
            let signature = value.get("signature").and_then(Value::as_str).ok_or(DocumentError::Unsigned)?;
            if !is_signature(key, stated, signature) {
                return Err(DocumentError::Signature);
            }
        }
        let plan = serde_json::from_value(value.clone()).map_err(unread)?;
        Ok(Self { plan, value: Json::from(value) })
    }

    /// Gives everything that the file says.
    pub(crate) fn value(&self) -> &Json {
        &self.value
    }

    /// Tells whether this version knows everything that the file says of what would be done. A newer version may plan what
    /// this one does not see.
    pub(crate) fn is_understood(&self) -> bool {
        serde_json::to_value(&self.plan).is_ok_and(|known| {
            ["prune", "steps", "blocked", "guard"].iter().all(|part| {
                let said = |value: &Value| value.get(part).cloned().map(Json::from);
                said(&known) == said(self.value.value())
            })
        })
    }
}
