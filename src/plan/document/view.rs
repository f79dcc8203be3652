//! The form of the plan document: within format 1.x fields are only added.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::{FORMAT, Heading, Options, Source, Target};
use crate::model::{ClientId, ClientName, Field, Location, Observed, Origin, Scope};
use crate::plan::{Blocked, FieldChange, Kept, Plan, Precondition, Side, Step, Summary, Unchanged, Unmanaged};
use crate::redact::{Image, Shown};

#[derive(Serialize)]
pub(super) struct DocumentV1<'a> {
    format_version: &'static str,
    tool: ToolV1,
    target: &'a Target,
    source: &'a Source,
    prune: &'static str,
    options: &'a Options,
    summary: Summary,
    steps: Vec<StepV1<'a>>,
    unmanaged: Vec<UnmanagedV1<'a>>,
    blocked: Vec<BlockedV1<'a>>,
    not_compared: Vec<NotComparedV1<'a>>,
    notices: Vec<NoticeV1<'a>>,
    guard: GuardV1<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signature: Option<String>,
}

#[derive(Serialize)]
struct ToolV1 {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct StepV1<'a> {
    number: usize,
    action: &'static str,
    client: Option<&'a ClientName>,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_scope: Option<&'a Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<PositionV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<ImageV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<ImageV1<'a>>,
    changes: Vec<ChangeV1<'a>>,
    precondition: PreconditionV1<'a>,
    after_steps: &'a [usize],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<&'static str>,
}

#[derive(Serialize)]
struct PositionV1<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct ImageV1<'a> {
    description: Option<&'a Shown>,
    cm_environment_id: Option<&'a Shown>,
    policies: Option<&'a BTreeMap<Arc<str>, Shown>>,
    settings: Option<&'a BTreeMap<Arc<str>, Shown>>,
}

/// One difference; other documents write differences in the same form.
#[derive(Serialize)]
pub(crate) struct ChangeV1<'a> {
    field: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a Shown>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unreadable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<PositionV1<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inherited: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PreconditionV1<'a> {
    ScopeIsFree { scope_is_free: bool, known_ids: &'a [ClientId] },
    Unchanged { fingerprint: &'a str },
}

/// A live client that git does not define; other documents write one in the same form.
#[derive(Serialize)]
pub(crate) struct UnmanagedV1<'a> {
    id: &'a ClientId,
    scope: &'a Scope,
    description: &'a Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'static str>,
}

#[derive(Serialize)]
struct BlockedV1<'a> {
    client: Option<&'a ClientName>,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<PositionV1<'a>>,
    reason: &'a str,
    help: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<CandidateV1<'a>>,
}

#[derive(Serialize)]
struct CandidateV1<'a> {
    id: &'a ClientId,
    description: &'a str,
}

#[derive(Serialize)]
struct NotComparedV1<'a> {
    client: &'a ClientName,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a ClientId>,
    source: PositionV1<'a>,
    fields: Vec<&'static str>,
}

#[derive(Serialize)]
struct NoticeV1<'a> {
    client: &'a ClientName,
    source: PositionV1<'a>,
    message: &'a str,
    help: &'a str,
}

#[derive(Serialize)]
struct GuardV1<'a> {
    verdict: &'static str,
    findings: &'a [crate::plan::Finding],
}

/// Gives a plan as the document writes it, without digest and signature.
pub(super) fn view<'a>(heading: &'a Heading, plan: &'a Plan) -> DocumentV1<'a> {
    let Heading { target, source, options } = heading;
    let Plan { prune, steps, unchanged, unmanaged, outside: _, blocked, notices, guard, managed: _ } = plan;
    let not_compared = unchanged.iter().filter(|one| !one.not_compared.is_empty());
    DocumentV1 {
        format_version: FORMAT,
        tool: ToolV1 { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        target,
        source,
        prune: prune.name(),
        options,
        summary: plan.summary(),
        steps: steps.iter().map(StepV1::from).collect(),
        unmanaged: unmanaged.iter().map(UnmanagedV1::from).collect(),
        blocked: blocked.iter().map(BlockedV1::from).collect(),
        not_compared: not_compared.map(NotComparedV1::from).collect(),
        notices: notices
            .iter()
            .map(|notice| NoticeV1 {
                client: &notice.client,
                source: PositionV1::from(&notice.at),
                message: &notice.message,
                help: &notice.help,
            })
            .collect(),
        guard: GuardV1 { verdict: guard.verdict(), findings: &guard.findings },
        digest: None,
        signature: None,
    }
}

fn names(fields: &[Field]) -> Vec<&'static str> {
    fields.iter().map(|field| field.name()).collect()
}

impl<'a> From<&'a Location> for PositionV1<'a> {
    fn from(at: &'a Location) -> Self {
        let Location { file, line, column: _ } = at;
        Self { file, line: *line }
    }
}

impl<'a> From<&'a Step> for StepV1<'a> {
    fn from(step: &'a Step) -> Self {
        let Step { number, client, scope, at, write: _, before, after, changes, precondition, after_steps, unreadable } =
            step;
        Self {
            number: *number,
            action: step.action().name(),
            client: client.as_ref(),
            scope,
            from_scope: step.live().map(|live| &live.scope).filter(|from| *from != scope),
            id: step.id(),
            source: at.as_ref().map(PositionV1::from),
            before: before.as_ref().map(ImageV1::from),
            after: after.as_ref().map(ImageV1::from),
            changes: changes.iter().map(ChangeV1::from).collect(),
            precondition: match precondition {
                Precondition::ScopeIsFree { known } => {
                    PreconditionV1::ScopeIsFree { scope_is_free: true, known_ids: known }
                }
                Precondition::Unchanged { fingerprint } => {
                    PreconditionV1::Unchanged { fingerprint: fingerprint.as_str() }
                }
            },
            after_steps,
            unreadable: names(unreadable),
        }
    }
}

impl<'a> From<&'a Image> for ImageV1<'a> {
    fn from(image: &'a Image) -> Self {
        let Image { description, cm_environment_id, policies, settings } = image;
        Self {
            description: Observed::known(description),
            cm_environment_id: Observed::known(cm_environment_id),
            policies: Observed::known(policies),
            settings: Observed::known(settings),
        }
    }
}

impl<'a> From<&'a FieldChange> for ChangeV1<'a> {
    fn from(change: &'a FieldChange) -> Self {
        let FieldChange { field, key, before, after, at, origin } = change;
        Self {
            field: field.name(),
            key: key.as_deref(),
            before: shown(before),
            after: shown(after),
            unreadable: *before == Side::Unreadable,
            source: at.as_ref().map(PositionV1::from),
            inherited: *origin == Origin::Inherited,
        }
    }
}

fn shown(side: &Side) -> Option<&Shown> {
    match side {
        Side::Value(value) => Some(value),
        Side::Absent | Side::Unreadable => None,
    }
}

impl<'a> From<&'a Unmanaged> for UnmanagedV1<'a> {
    fn from(unmanaged: &'a Unmanaged) -> Self {
        let Unmanaged { id, scope, description, kept } = unmanaged;
        let kept = kept.map(|kept| match kept {
            Kept::Protected => "protected",
            Kept::Unresolved => "unresolved",
            Kept::NotSelected => "not_selected",
        });
        Self { id, scope, description, kept }
    }
}

impl<'a> From<&'a Unchanged> for NotComparedV1<'a> {
    fn from(unchanged: &'a Unchanged) -> Self {
        let Unchanged { client, scope, id, at, not_compared } = unchanged;
        Self { client, scope, id: id.as_ref(), source: at.into(), fields: names(not_compared) }
    }
}

impl<'a> From<&'a Blocked> for BlockedV1<'a> {
    fn from(blocked: &'a Blocked) -> Self {
        let Blocked { client, scope, id, at, obstacle } = blocked;
        let crate::plan::Obstacle { reason, help, candidates } = obstacle;
        Self {
            client: client.as_ref(),
            scope,
            id: id.as_ref(),
            source: at.as_ref().map(PositionV1::from),
            reason,
            help,
            candidates: candidates
                .iter()
                .map(|candidate| CandidateV1 { id: &candidate.id, description: &candidate.description })
                .collect(),
        }
    }
}
