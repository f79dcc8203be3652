//! What `diff -o json` writes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::DiagnosticV1;
use super::likely::{LikelyMoveV1, RemovedOriginV1};
use super::parts::{ChangeV1, FormatVersionV1, PositionV1, count};
use crate::diagnostic::Diagnostic;
use crate::model::{Change, ClientName, Location, PinPlace, Scope};
use crate::review::{CauseLine, ClientReview, Consequence, NextAction, NextStep, Review, ReviewKind, TermChange};

/// `diff -o json`: two revisions of the definitions compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Review")]
pub(crate) struct ReviewV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) base: String,
    pub(crate) head: String,
    pub(crate) clients: Vec<ClientReviewV1>,
    /// The lines that changed something, with how many clients each reaches.
    pub(crate) causes: Vec<CauseV1>,
    /// What changes of the configuration: each of its keys that says something else, and `target` for the target itself.
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
    /// Whether the definition has a line for the `id` that makes a change of its scope one move; one of a fleet has none.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub(crate) pinnable: bool,
    /// What the next apply may take from the live client, or overwrite, that was left alone before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) dangers: Vec<String>,
    /// What the next apply makes of the live client that the definition was for in the base, under the configuration of the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) consequence: Option<ConsequenceV1>,
    /// What the next apply does for the definition, where that does not follow from `change` and `consequence`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<NextV1>,
    /// Definitions that are removed and have the content of this one, which is added: it may be meant to move one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) looks_like_move: Option<LikelyMoveV1<RemovedOriginV1>>,
    /// The targets for which it is so, if it is not so for all that were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<String>,
}

/// What is so where nothing is said of it.
fn yes() -> bool {
    true
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

/// `unmanaged`: it stays and is reported. `outside`: it stays, and nobody looks at it any more. `deleted`: it is deleted. `taken`:
/// another definition is for it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConsequenceV1 {
    Unmanaged,
    Outside,
    Deleted,
    Taken,
}

/// What the next apply does for a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NextV1 {
    pub(crate) action: NextActionV1,
    /// The definition of the base whose live client it is done to, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) of: Option<ClientName>,
    /// Why nothing can be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// `nothing`: the client is there, or absent, as it shall be. `blocked`: it cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NextActionV1 {
    Add,
    Change,
    Replace,
    Delete,
    Nothing,
    Blocked,
}

impl From<&NextStep> for NextV1 {
    fn from(next: &NextStep) -> Self {
        let NextStep { action, of } = next;
        let (action, reason) = match action {
            NextAction::Add => (NextActionV1::Add, None),
            NextAction::Change => (NextActionV1::Change, None),
            NextAction::Replace => (NextActionV1::Replace, None),
            NextAction::Delete => (NextActionV1::Delete, None),
            NextAction::Nothing => (NextActionV1::Nothing, None),
            NextAction::Blocked(reason) => (NextActionV1::Blocked, Some(reason.clone())),
        };
        Self { action, of: of.clone(), reason }
    }
}

impl From<Consequence> for ConsequenceV1 {
    fn from(consequence: Consequence) -> Self {
        match consequence {
            Consequence::Unmanaged => Self::Unmanaged,
            Consequence::Outside => Self::Outside,
            Consequence::Deleted => Self::Deleted,
            Consequence::Taken => Self::Taken,
        }
    }
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
    /// Of the configuration, what may happen that did not before: deletes, writes at other times or somewhere else, secrets that show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) danger: Option<Cow<'static, str>>,
    /// Of the configuration, the targets for which it is so, if it is not so for all that were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReviewSummaryV1 {
    pub(crate) added: u64,
    pub(crate) removed: u64,
    pub(crate) changed: u64,
    pub(crate) renamed: u64,
    pub(crate) moved: u64,
    pub(crate) unchanged: u64,
    /// What changes of the configuration.
    #[serde(default)]
    pub(crate) configuration: u64,
}

impl ReviewV1 {
    /// Makes the document of a review of two revisions, as a person names them.
    pub(crate) fn new(base: &str, head: &str, review: &Review) -> Self {
        let Review { clients, unchanged, causes, rules } = review;
        let reach: BTreeMap<&Location, usize> = causes.iter().map(|cause| (&cause.at, cause.clients)).collect();
        let cause = |at: &Location| CauseV1 {
            source: at.into(),
            clients: reach.get(&Location { column: 1, ..at.clone() }).copied().unwrap_or(1) as u64,
        };
        let clients: Vec<ClientReviewV1> =
            clients.iter().map(|client| ClientReviewV1::new(client, cause(&client.cause))).collect();
        Self {
            format_version: FormatVersionV1::default(),
            base: base.to_owned(),
            head: head.to_owned(),
            summary: ReviewSummaryV1 {
                unchanged: *unchanged as u64,
                configuration: rules.len() as u64,
                ..ReviewSummaryV1::of(&clients)
            },
            clients,
            causes: causes.iter().map(CauseV1::from).collect(),
            configuration: rules.iter().map(TermV1::from).collect(),
            diagnostics: Vec::new(),
        }
    }

    /// Puts the reviews of several targets into one: what is the same for all of them stands there once.
    /// Without a target on both sides it is that of two revisions in which there is nothing.
    pub(crate) fn merged(reviews: Vec<(String, Self)>, (base, head): (&str, &str)) -> Self {
        let names: Vec<String> = reviews.iter().map(|(name, _)| name.clone()).collect();
        let mut reviews = reviews.into_iter();
        let Some((first, mut merged)) = reviews.next() else { return Self::new(base, head, &Review::default()) };
        merged.claim(&first);
        for (target, mut review) in reviews {
            review.claim(&target);
            merged.add(review);
        }
        merged.settle(&names);
        merged
    }

    /// Adds what is said of the configuration as a whole, and of targets that are gone.
    #[must_use]
    pub(crate) fn and_also(mut self, whole: Option<&TermChange>, gone: Vec<(String, TermChange)>) -> Self {
        let term = |(target, change)| TermV1 { targets: vec![target], ..TermV1::from(&change) };
        self.configuration.extend(whole.map(TermV1::from).into_iter().chain(gone.into_iter().map(term)));
        self.summary.configuration = count(self.configuration.iter());
        self
    }

    /// Tells whether nothing changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.configuration.is_empty()
    }

    fn targets_mut(&mut self) -> impl Iterator<Item = &mut Vec<String>> {
        let clients = self.clients.iter_mut().map(|client| &mut client.targets);
        clients.chain(self.configuration.iter_mut().map(|term| &mut term.targets))
    }

    fn claim(&mut self, target: &str) {
        self.targets_mut().for_each(|targets| targets.push(target.to_owned()));
    }

    fn add(&mut self, other: Self) {
        let Self { format_version: _, base: _, head: _, clients, causes, configuration, diagnostics: _, summary } =
            other;
        let mut places: BTreeMap<ClientName, Vec<usize>> = BTreeMap::new();
        for (place, known) in self.clients.iter().enumerate() {
            places.entry(known.client.clone()).or_default().push(place);
        }
        for client in clients {
            let mut of_that_name = places.get(&client.client).into_iter().flatten();
            match of_that_name.find(|place| self.clients[**place].is_like(&client)) {
                Some(place) => self.clients[*place].targets.extend(client.targets),
                None => self.clients.push(client),
            }
        }
        for term in configuration {
            match self.configuration.iter_mut().find(|known| known.is_like(&term)) {
                Some(known) => known.targets.extend(term.targets),
                None => self.configuration.push(term),
            }
        }
        for cause in causes {
            match self.causes.iter_mut().find(|known| known.source == cause.source) {
                Some(known) => known.clients = known.clients.max(cause.clients),
                None => self.causes.push(cause),
            }
        }
        self.summary.unchanged = self.summary.unchanged.max(summary.unchanged);
    }

    /// Leaves out the targets of what is so for all, and counts.
    fn settle(&mut self, names: &[String]) {
        self.targets_mut().filter(|targets| targets.len() == names.len()).for_each(Vec::clear);
        self.causes.sort_by_key(|cause| std::cmp::Reverse(cause.clients));
        self.clients.sort_by(|left, right| (&left.source, &left.client).cmp(&(&right.source, &right.client)));
        self.summary = ReviewSummaryV1 {
            unchanged: self.summary.unchanged,
            configuration: count(self.configuration.iter()),
            ..ReviewSummaryV1::of(&self.clients)
        };
    }

    /// Adds what is probably not meant in the files of `head`.
    #[must_use]
    pub(crate) fn with(self, warnings: &[Diagnostic]) -> Self {
        Self { diagnostics: warnings.iter().map(DiagnosticV1::from).collect(), ..self }
    }
}

impl TermV1 {
    fn is_like(&self, other: &Self) -> bool {
        let Self { field, before, after, danger, targets: _ } = self;
        (field, before, after, danger) == (&other.field, &other.before, &other.after, &other.danger)
    }
}

impl ClientReviewV1 {
    /// Tells whether it says the same of another target; how many clients a cause reaches there does not matter.
    fn is_like(&self, other: &Self) -> bool {
        let Self {
            client,
            change,
            scope,
            from_client,
            from_scope,
            source,
            cause,
            changes,
            pinnable: _,
            dangers,
            consequence,
            next,
            looks_like_move,
            targets: _,
        } = self;
        (client, change, scope, from_client, from_scope)
            == (&other.client, &other.change, &other.scope, &other.from_client, &other.from_scope)
            && (source, &cause.source, changes, dangers)
                == (&other.source, &other.cause.source, &other.changes, &other.dangers)
            && (consequence, next, looks_like_move) == (&other.consequence, &other.next, &other.looks_like_move)
    }

    fn new(review: &ClientReview, cause: CauseV1) -> Self {
        let ClientReview {
            client,
            kind,
            scope,
            from_client,
            from_scope,
            at,
            cause: _,
            changes,
            terms,
            pin_place,
            dangers,
            consequence,
            next,
            likely_move,
            ..
        } = review;
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
            pinnable: *pin_place == PinPlace::Document,
            dangers: dangers.clone(),
            consequence: consequence.map(ConsequenceV1::from),
            next: next.as_ref().map(NextV1::from),
            looks_like_move: likely_move.as_ref().map(LikelyMoveV1::from),
            targets: Vec::new(),
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
        let TermChange { term, change: Change { before, after }, danger } = change;
        Self {
            field: term.clone(),
            before: before.clone(),
            after: after.clone(),
            danger: danger.map(Cow::from),
            targets: Vec::new(),
        }
    }
}

impl ReviewSummaryV1 {
    fn of(clients: &[ClientReviewV1]) -> Self {
        let count = |word: ReviewWordV1| count(clients.iter().filter(|one| one.change == word));
        Self {
            added: count(ReviewWordV1::Added),
            removed: count(ReviewWordV1::Removed),
            changed: count(ReviewWordV1::Changed),
            renamed: count(ReviewWordV1::Renamed),
            moved: count(ReviewWordV1::Moved),
            unchanged: 0,
            configuration: 0,
        }
    }
}
