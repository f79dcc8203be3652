//! What a plan says of its guard.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::{Finding, Guard};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct GuardV1 {
    pub(crate) verdict: VerdictV1,
    pub(crate) findings: Vec<FindingV1>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VerdictV1 {
    Allowed,
    Refused,
    #[serde(other, skip_serializing)]
    Unknown,
}

/// One thing that speaks against a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FindingV1 {
    /// Which rule: `limits.delete`, `limits.change`, `limits.vanished`, `protect`, `prune` or `source`.
    pub(crate) rule: Cow<'static, str>,
    /// The numbers of the steps that the rule speaks of.
    pub(crate) steps: Vec<u64>,
    /// What the plan would do, and what the rule allows.
    pub(crate) message: String,
    /// The exact way out.
    pub(crate) help: String,
}

impl From<&Guard> for GuardV1 {
    fn from(guard: &Guard) -> Self {
        let Guard { findings } = guard;
        Self {
            verdict: if guard.allows() { VerdictV1::Allowed } else { VerdictV1::Refused },
            findings: findings.iter().map(FindingV1::from).collect(),
        }
    }
}

impl From<&Finding> for FindingV1 {
    fn from(finding: &Finding) -> Self {
        let Finding { rule, steps, message, help } = finding;
        Self {
            rule: (*rule).into(),
            steps: steps.iter().map(|number| *number as u64).collect(),
            message: message.clone(),
            help: help.clone(),
        }
    }
}
