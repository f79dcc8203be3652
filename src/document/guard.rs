//! What a plan says of its guard.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Limit;
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
    /// What of a limit is exceeded, if the rule is one; asked for is a step each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exceeded: Option<ExceededLimitV1>,
    /// What the plan would do, and what the rule allows.
    pub(crate) message: String,
    /// The exact way out.
    pub(crate) help: String,
}

/// A limit that a plan exceeds, by count or by share in percent, or by both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExceededLimitV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) percent: Option<u64>,
}

impl From<Limit> for ExceededLimitV1 {
    fn from(limit: Limit) -> Self {
        let Limit { count, percent } = limit;
        Self { count, percent }
    }
}

impl From<ExceededLimitV1> for Limit {
    fn from(limit: ExceededLimitV1) -> Self {
        let ExceededLimitV1 { count, percent } = limit;
        Self { count, percent }
    }
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
        let Finding { rule, steps, exceeded, message, help, option: _ } = finding;
        Self {
            rule: (*rule).into(),
            steps: steps.iter().map(|number| *number as u64).collect(),
            exceeded: exceeded.map(ExceededLimitV1::from),
            message: message.clone(),
            help: help.clone(),
        }
    }
}
