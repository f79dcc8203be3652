//! What `diff -o json` writes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::DiagnosticV1;
use super::parts::{ChangeV1, FormatVersionV1, PositionV1, count};
use crate::diagnostic::Diagnostic;
use crate::model::{Change, ClientName, Location, Scope};
use crate::review::{CauseLine, ClientReview, Review, ReviewKind, TermChange};

/// `diff -o json`: two revisions of the definitions compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Review")]
pub(crate) struct ReviewV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) base: String,
    pub(crate) head: String,
    pub(crate) clients: Vec<ClientReviewV1>,
    /// The lines that changed something, with how many clients each reaches.
    pub(crate) causes: Vec<CauseV1>,
    /// What changes of the configuration: `manage`, `prune`, `limits`, `protect`, `sensitive`, the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) configuration: Vec<TermV1>,
    /// What is probably not meant in the files of `head`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnostics: Vec<DiagnosticV1>,
    pub(crate) summary: ReviewSummaryV1,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ClientReviewV1 {
    pub(crate) client: ClientName,
    pub(crate) change: ReviewWordV1,
    pub(crate) scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from_client: Option<ClientName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from_scope: Option<Scope>,
    pub(crate) source: PositionV1,
    pub(crate) cause: CauseV1,
    pub(crate) changes: Vec<ReviewChangeV1>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReviewWordV1 {
    Added,
    Removed,
    Changed,
    Renamed,
    Moved,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CauseV1 {
    #[serde(flatten)]
    pub(crate) source: PositionV1,
    pub(crate) clients: u64,
}

/// A difference of a client's content, or of how it is managed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ReviewChangeV1 {
    Content(ChangeV1),
    Term(TermV1),
}

/// A difference of how clients are managed; null is a side that does not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TermV1 {
    /// The term, such as `state` or `owns.settings`.
    pub(crate) field: Cow<'static, str>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReviewSummaryV1 {
    pub(crate) added: u64,
    pub(crate) removed: u64,
    pub(crate) changed: u64,
    pub(crate) renamed: u64,
    pub(crate) moved: u64,
    pub(crate) unchanged: u64,
}

impl ReviewV1 {
    /// Makes the document of a review of two revisions, as a person names them.
    pub(crate) fn new(base: &str, head: &str, review: &Review) -> Self {
        let Review { clients, unchanged: _, causes, rules } = review;
        let reach: BTreeMap<&Location, usize> = causes.iter().map(|cause| (&cause.at, cause.clients)).collect();
        let cause = |at: &Location| CauseV1 {
            source: at.into(),
            clients: reach.get(&Location { column: 1, ..at.clone() }).copied().unwrap_or(1) as u64,
        };
        Self {
            format_version: FormatVersionV1::default(),
            base: base.to_owned(),
            head: head.to_owned(),
            clients: clients.iter().map(|client| ClientReviewV1::new(client, cause(&client.cause))).collect(),
            causes: causes.iter().map(CauseV1::from).collect(),
            configuration: rules.iter().map(TermV1::from).collect(),
            diagnostics: Vec::new(),
            summary: ReviewSummaryV1::from(review),
        }
    }

    /// Adds what is probably not meant in the files of `head`.
    #[must_use]
    pub(crate) fn with(self, warnings: &[Diagnostic]) -> Self {
        Self { diagnostics: warnings.iter().map(DiagnosticV1::from).collect(), ..self }
    }
}

impl ClientReviewV1 {
    fn new(review: &ClientReview, cause: CauseV1) -> Self {
        let ClientReview { client, kind, scope, from_client, from_scope, at, cause: _, changes, terms, .. } = review;
        let content = changes.iter().map(|change| ReviewChangeV1::Content(ChangeV1::from(change)));
        Self {
            client: client.clone(),
            change: (*kind).into(),
            scope: scope.clone(),
            from_client: from_client.clone(),
            from_scope: from_scope.clone(),
            source: at.into(),
            cause,
            changes: terms.iter().map(|term| ReviewChangeV1::Term(term.into())).chain(content).collect(),
        }
    }
}

impl From<ReviewKind> for ReviewWordV1 {
    fn from(kind: ReviewKind) -> Self {
        match kind {
            ReviewKind::Added => Self::Added,
            ReviewKind::Removed => Self::Removed,
            ReviewKind::Changed => Self::Changed,
            ReviewKind::Renamed => Self::Renamed,
            ReviewKind::Moved => Self::Moved,
        }
    }
}

impl From<&CauseLine> for CauseV1 {
    fn from(cause: &CauseLine) -> Self {
        let CauseLine { at, clients } = cause;
        Self { source: at.into(), clients: *clients as u64 }
    }
}

impl From<&TermChange> for TermV1 {
    fn from(change: &TermChange) -> Self {
        let TermChange { term, change: Change { before, after } } = change;
        Self { field: term.clone(), before: before.clone(), after: after.clone() }
    }
}

impl From<&Review> for ReviewSummaryV1 {
    fn from(review: &Review) -> Self {
        let Review { clients, unchanged, causes: _, rules: _ } = review;
        let clients = |kind: ReviewKind| count(clients.iter().filter(|one| one.kind == kind));
        Self {
            added: clients(ReviewKind::Added),
            removed: clients(ReviewKind::Removed),
            changed: clients(ReviewKind::Changed),
            renamed: clients(ReviewKind::Renamed),
            moved: clients(ReviewKind::Moved),
            unchanged: *unchanged as u64,
        }
    }
}
