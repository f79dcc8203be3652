//! What a plan says of clients for which it has no step.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{LabelsV1, PositionV1, names};
use crate::model::{ClientId, ClientName, Scope, Telsys, UnreadRow};
use crate::plan::{Blocked, Candidate, Notice, Obstacle, Unchanged, UnreadNotice};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BlockedV1 {
    pub(crate) client: Option<ClientName>,
    pub(crate) scope: Scope,
    #[serde(default, skip_serializing_if = "LabelsV1::is_empty")]
    pub(crate) labels: LabelsV1,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<PositionV1>,
    /// Why.
    pub(crate) reason: String,
    /// What to do next.
    pub(crate) help: String,
    /// Live clients that may be meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) candidates: Vec<CandidateV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CandidateV1 {
    pub(crate) id: ClientId,
    pub(crate) description: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NotComparedV1 {
    pub(crate) client: ClientName,
    pub(crate) scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ClientId>,
    pub(crate) source: PositionV1,
    /// The fields that the server does not return.
    pub(crate) fields: Vec<Cow<'static, str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NoticeV1 {
    /// The definition; left out for a client that git did not define.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<ClientName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    /// Where the definition says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<PositionV1>,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// A row of a list that could not be read, with what could be read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UnreadRowV1 {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ClientId>,
    /// The telephony server; -1 for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) telsys: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    /// What is odd about it.
    pub(crate) reason: String,
    /// What follows from it, and what to do next.
    pub(crate) help: String,
}

impl From<&UnreadNotice> for UnreadRowV1 {
    fn from(unread: &UnreadNotice) -> Self {
        let UnreadNotice { row: UnreadRow { id, telsys, scope, reason }, help } = unread;
        Self {
            id: id.clone(),
            telsys: telsys.map(Telsys::number),
            scope: scope.clone(),
            reason: reason.clone(),
            help: help.clone(),
        }
    }
}

impl From<&Blocked> for BlockedV1 {
    fn from(blocked: &Blocked) -> Self {
        let Blocked { client, scope, id, at, obstacle, labels } = blocked;
        let Obstacle { reason, help, candidates } = obstacle;
        Self {
            client: client.clone(),
            scope: scope.clone(),
            labels: labels.into(),
            id: id.clone(),
            source: at.as_ref().map(PositionV1::from),
            reason: reason.clone(),
            help: help.clone(),
            candidates: candidates.iter().map(CandidateV1::from).collect(),
        }
    }
}

impl From<&Candidate> for CandidateV1 {
    fn from(candidate: &Candidate) -> Self {
        let Candidate { id, description } = candidate;
        Self { id: id.clone(), description: description.clone() }
    }
}

impl From<&Unchanged> for NotComparedV1 {
    fn from(unchanged: &Unchanged) -> Self {
        let Unchanged { client, scope, id, at, not_compared } = unchanged;
        Self {
            client: client.clone(),
            scope: scope.clone(),
            id: id.clone(),
            source: at.into(),
            fields: names(not_compared),
        }
    }
}

impl From<&Notice> for NoticeV1 {
    fn from(notice: &Notice) -> Self {
        let Notice { client, scope, at, message, help } = notice;
        Self {
            client: client.clone(),
            scope: Some(scope.clone()),
            source: at.as_ref().map(PositionV1::from),
            message: message.clone(),
            help: help.clone(),
        }
    }
}
