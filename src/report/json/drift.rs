//! `drift -o json`.

use std::io;

use serde::Serialize;

use super::{FORMAT, PositionV1, write};
use crate::drift::{ClientDrift, Difference, Drift, DriftSummary};
use crate::model::{ClientId, ClientName, Scope};
use crate::plan::{Action, ChangeV1, Target, UnmanagedV1};
use crate::report::DriftHeading;

/// Writes drift.
pub fn drift(out: &mut impl io::Write, heading: &DriftHeading<'_>, drift: &Drift) -> io::Result<()> {
    let DriftHeading { target, since } = *heading;
    let view = DriftV1 {
        format_version: FORMAT,
        target,
        since,
        clients: drift.clients.iter().map(ClientDriftV1::from).collect(),
        unmanaged: drift.unmanaged.iter().map(UnmanagedV1::from).collect(),
        summary: drift.summary(),
    };
    write(out, &view)
}

#[derive(Serialize)]
struct DriftV1<'a> {
    format_version: &'static str,
    target: &'a Target,
    since: Option<&'a str>,
    clients: Vec<ClientDriftV1<'a>>,
    unmanaged: Vec<UnmanagedV1<'a>>,
    summary: DriftSummary,
}

#[derive(Serialize)]
struct ClientDriftV1<'a> {
    client: &'a ClientName,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    id: Option<&'a ClientId>,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_scope: Option<&'a Scope>,
    source: PositionV1<'a>,
    changes: Vec<DifferenceV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_compared: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<&'a str>,
}

#[derive(Serialize)]
struct DifferenceV1<'a> {
    #[serde(flatten)]
    change: ChangeV1<'a>,
    state: &'static str,
}

impl<'a> From<&'a ClientDrift> for ClientDriftV1<'a> {
    fn from(drift: &'a ClientDrift) -> Self {
        let ClientDrift {
            client,
            state,
            action,
            scope,
            from_scope,
            id,
            at,
            changes,
            obstacle,
            not_compared,
            updated_by,
            updated_at,
        } = drift;
        let difference =
            |one: &'a Difference| DifferenceV1 { change: ChangeV1::from(&one.change), state: one.state.name() };
        Self {
            client,
            state: state.name(),
            action: action.map(Action::name),
            id: id.as_ref(),
            scope,
            from_scope: from_scope.as_ref(),
            source: at.into(),
            changes: changes.iter().map(difference).collect(),
            reason: obstacle.as_ref().map(|obstacle| obstacle.reason.as_str()),
            help: obstacle.as_ref().map(|obstacle| obstacle.help.as_str()),
            not_compared: not_compared.iter().map(|field| field.name()).collect(),
            updated_by: updated_by.as_deref(),
            updated_at: updated_at.as_deref(),
        }
    }
}
