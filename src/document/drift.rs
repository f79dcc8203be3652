//! What `drift -o json` writes.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::DiagnosticV1;
use super::options::OptionsV1;
use super::parts::{
    ActionV1, ChangeV1, DriftStateV1, ExceptionV1, FormatVersionV1, LabelsV1, PositionV1, TargetV1, UnmanagedV1, count,
    is_yes, is_zero, names, shown, yes,
};
use super::remarks::{CandidateV1, UnreadRowV1};
use crate::diagnostic::Diagnostic;
use crate::drift::{ClientDrift, Difference, Drift, State};
use crate::model::{ClientId, ClientName, Scope};
use crate::plan::Obstacle;

/// `drift -o json`: where live and git disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Drift")]
pub(crate) struct DriftV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) target: TargetV1,
    /// The revision of `--since`.
    pub(crate) since: Option<String>,
    /// Only these were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) select: Vec<String>,
    /// These were not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exclude: Vec<String>,
    /// Which part of the telephony servers was compared: `I/N`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<String>,
    pub(crate) clients: Vec<ClientDriftV1>,
    pub(crate) unmanaged: Vec<UnmanagedV1>,
    /// Rows of the lists that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unread_rows: Vec<UnreadRowV1>,
    /// What is probably not meant in the files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnostics: Vec<DiagnosticV1>,
    pub(crate) summary: DriftSummaryV1,
}

/// How one definition stands to its live client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ClientDriftV1 {
    pub(crate) client: ClientName,
    pub(crate) state: DriftStateV1,
    /// What would be done to make live what git says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<ActionV1>,
    pub(crate) id: Option<ClientId>,
    pub(crate) scope: Scope,
    #[serde(default, skip_serializing_if = "LabelsV1::is_empty")]
    pub(crate) labels: LabelsV1,
    /// Where the live client is, if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from_scope: Option<Scope>,
    pub(crate) source: PositionV1,
    pub(crate) changes: Vec<ChangeV1>,
    /// Why nothing can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
    // Live clients that may be meant.
    #[serde(skip)]
    pub(crate) candidates: Vec<CandidateV1>,
    /// Fields that the server does not return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) not_compared: Vec<Cow<'static, str>>,
    /// Who changed the live client last, if the server says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_by: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DriftSummaryV1 {
    pub(crate) in_sync: u64,
    pub(crate) drifted: u64,
    pub(crate) pending: u64,
    pub(crate) conflict: u64,
    pub(crate) missing: u64,
    /// Differing in nothing but what exceptions leave alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) excepted: u64,
    pub(crate) not_compared: u64,
    pub(crate) blocked: u64,
    pub(crate) unmanaged: u64,
    pub(crate) outside: u64,
    /// Whether everything was listed; otherwise `outside` says nothing.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) outside_counted: bool,
}

impl DriftV1 {
    /// Makes the document of drift on a target, told from pending changes by a revision if there is one.
    pub(crate) fn new(target: TargetV1, since: Option<&str>, drift: &Drift) -> Self {
        let Drift { clients, unmanaged, outside: _, unread } = drift;
        Self {
            format_version: FormatVersionV1::default(),
            target,
            since: since.map(str::to_owned),
            select: Vec::new(),
            exclude: Vec::new(),
            shard: None,
            clients: clients.iter().map(ClientDriftV1::from).collect(),
            unmanaged: unmanaged.iter().map(UnmanagedV1::from).collect(),
            unread_rows: unread.iter().map(UnreadRowV1::from).collect(),
            diagnostics: Vec::new(),
            summary: DriftSummaryV1::from(drift),
        }
    }

    /// Says that only a part was compared, in the words of what a plan is shaped by.
    #[must_use]
    pub(crate) fn of_part(self, options: &OptionsV1) -> Self {
        let OptionsV1 { select, exclude, shard, .. } = options.clone();
        Self { select, exclude, shard, ..self }
    }

    /// Adds what is probably not meant in the files.
    #[must_use]
    pub(crate) fn with(self, warnings: &[Diagnostic]) -> Self {
        Self { diagnostics: warnings.iter().map(DiagnosticV1::from).collect(), ..self }
    }
}

impl From<&ClientDrift> for ClientDriftV1 {
    fn from(drift: &ClientDrift) -> Self {
        let ClientDrift { client, state, action, scope, from_scope, id, at, changes, obstacle, not_compared, labels } =
            drift.clone();
        let (reason, help, candidates) = match obstacle {
            Some(Obstacle { reason, help, candidates }) => (Some(reason), Some(help), candidates),
            None => (None, None, Vec::new()),
        };
        Self {
            client,
            state: state.into(),
            action: action.map(ActionV1::from),
            id,
            scope,
            from_scope,
            source: PositionV1::from(&at),
            changes: changes.iter().map(ChangeV1::from).collect(),
            reason,
            help,
            candidates: candidates.iter().map(CandidateV1::from).collect(),
            not_compared: names(&not_compared),
            labels: LabelsV1::from(&labels),
            updated_by: labels.updated_by,
            updated_at: labels.updated_at,
        }
    }
}

impl From<&Difference> for ChangeV1 {
    fn from(difference: &Difference) -> Self {
        let Difference { change, state, base, exception } = difference;
        Self {
            state: Some((*state).into()),
            base: base.as_ref().and_then(shown),
            exception: exception.as_deref().map(ExceptionV1::from),
            ..Self::from(change)
        }
    }
}

impl From<&Drift> for DriftSummaryV1 {
    fn from(drift: &Drift) -> Self {
        let Drift { clients, unmanaged, outside, unread: _ } = drift;
        let clients = |state: State| count(clients.iter().filter(|one| one.state == state));
        Self {
            in_sync: clients(State::InSync),
            drifted: clients(State::Drifted),
            pending: clients(State::Pending),
            conflict: clients(State::Conflict),
            missing: clients(State::Missing),
            excepted: clients(State::Excepted),
            not_compared: clients(State::NotCompared),
            blocked: clients(State::Blocked),
            unmanaged: count(unmanaged),
            outside: outside.unwrap_or_default() as u64,
            outside_counted: outside.is_some(),
        }
    }
}
