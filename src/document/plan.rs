//! What `plan --out FILE` saves and `plan -o json` writes.
//!
//! The document is for reading and for comparing. Applying a saved plan plans again and compares the two, so nothing in a
//! file is ever sent to a server.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::sign;
use super::failure::DiagnosticV1;
use super::guard::GuardV1;
use super::likely::LikelyMoveV1;
use super::options::OptionsV1;
use super::parts::{
    ActionV1, ChangeV1, FormatVersionV1, LabelsV1, PositionV1, TargetV1, UnmanagedV1, count, is_yes, names, yes,
};
use super::remarks::{BlockedV1, NotComparedV1, NoticeV1, UnreadRowV1};
use crate::model::{ClientId, ClientName, Content, Fingerprint, Json, Observed, Prune, Scope};
use crate::plan::{Action, Plan, Precondition, Rollout, Step, Withheld};
use crate::redact::{Image, Shown};

/// What a plan document says besides the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) target: TargetV1,
    pub(crate) source: SourceTreeV1,
    pub(crate) options: OptionsV1,
    pub(crate) diagnostics: Vec<DiagnosticV1>,
}

/// A plan: what `icsync apply` would do. The same inputs give the same bytes. Within format 1.x fields are only added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "icsync plan")]
pub(crate) struct PlanV1 {
    pub(crate) format_version: FormatVersionV1,
    /// The program that made the plan.
    pub(crate) tool: ToolV1,
    pub(crate) target: TargetV1,
    /// The definitions that the plan is made of.
    pub(crate) source: SourceTreeV1,
    pub(crate) prune: PruneV1,
    /// The options that shaped the plan, for planning again in the same way.
    pub(crate) options: OptionsV1,
    pub(crate) summary: SummaryV1,
    /// What is to be done, in order.
    pub(crate) steps: Vec<StepV1>,
    /// Live clients in the boundary that git does not define and the plan does not delete.
    pub(crate) unmanaged: Vec<UnmanagedV1>,
    /// Definitions for which nothing can be done, and why.
    pub(crate) blocked: Vec<BlockedV1>,
    /// Definitions with fields that the server does not return.
    pub(crate) not_compared: Vec<NotComparedV1>,
    /// What a person should know although nothing is wrong.
    pub(crate) notices: Vec<NoticeV1>,
    /// Rows of the lists that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unread_rows: Vec<UnreadRowV1>,
    /// What is probably not meant in the files. It decides nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnostics: Vec<DiagnosticV1>,
    /// Whether limits and protection allow the plan.
    pub(crate) guard: GuardV1,
    /// `sha256:…` over what would be done: the server, and of each step client, scope, action, before, after and
    /// precondition; not files, lines or commits. Sensitive values are part of it only with `ICSYNC_PLAN_KEY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) steps_digest: Option<String>,
    /// In a saved plan with sensitive values: the name of the key of their digests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest_key: Option<String>,
    /// In a report of a plan that was saved: the `digest` of its file, where that is another one, as it is with digests of sensitive values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) saved_digest: Option<String>,
    /// `sha256:…` over everything before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<String>,
    /// `hmac-sha256:…` over the digest, if `ICSYNC_PLAN_KEY` was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<String>,
    // Definitions with nothing to do, which the file only counts.
    #[serde(skip)]
    pub(crate) unchanged: Vec<NotComparedV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ToolV1 {
    name: String,
    version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SourceTreeV1 {
    /// `sha256:…` over every file that was read; where values are sensitive a keyed digest, `hmac-sha256:…`.
    pub(crate) digest: String,
    /// The commit of the working tree, if it is in git.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) git_commit: Option<String>,
    /// Whether something in the working tree is not committed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) dirty: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PruneV1 {
    Report,
    Delete,
    #[serde(other, skip_serializing)]
    Unknown,
}

impl From<PruneV1> for Prune {
    fn from(prune: PruneV1) -> Self {
        match prune {
            PruneV1::Delete => Self::Delete,
            PruneV1::Report | PruneV1::Unknown => Self::Report,
        }
    }
}

/// How many clients the plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SummaryV1 {
    pub(crate) add: u64,
    pub(crate) change: u64,
    pub(crate) replace: u64,
    pub(crate) delete: u64,
    pub(crate) unchanged: u64,
    pub(crate) unmanaged: u64,
    pub(crate) outside: u64,
    /// Whether everything was listed; otherwise `outside` says nothing.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) outside_counted: bool,
    pub(crate) blocked: u64,
    pub(crate) not_compared: u64,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct StepV1 {
    /// Its number, counted from 1.
    pub(crate) number: u64,
    pub(crate) action: ActionV1,
    /// The definition; null for a delete of a client that git does not define.
    pub(crate) client: Option<ClientName>,
    pub(crate) scope: Scope,
    #[serde(default, skip_serializing_if = "LabelsV1::is_empty")]
    pub(crate) labels: LabelsV1,
    /// Where a client that is replaced is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from_scope: Option<Scope>,
    /// The id of the live client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ClientId>,
    /// Who changed the live client last, if the server says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_by: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<Arc<str>>,
    /// Of an add: the live clients that it may be meant to move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) looks_like_move: Option<LikelyMoveV1>,
    /// Where the definition is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<PositionV1>,
    /// The whole content before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<ImageV1>,
    /// The whole content after, as it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<ImageV1>,
    pub(crate) changes: Vec<ChangeV1>,
    pub(crate) precondition: PreconditionV1,
    /// The numbers of the steps that come first.
    pub(crate) after_steps: Vec<u64>,
    /// The wave that it goes in, from 1, where there are waves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wave: Option<u64>,
    /// Why it is not done when the plan is applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) withheld: Option<WithheldV1>,
    // Why it would not be done at this moment, which is no part of the plan.
    #[serde(skip)]
    pub(crate) withheld_now: Option<WithheldV1>,
    /// Fields that the server does not return and the step writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unreadable: Vec<Cow<'static, str>>,
    /// In a saved plan: a keyed digest of each sensitive value, as `before.settings.crm::password`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) sensitive: BTreeMap<String, String>,
}

/// Why a step is not done although nothing speaks against the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WithheldV1 {
    pub(crate) message: String,
    /// What to do next.
    pub(crate) help: String,
}

/// The content of a client; null is a field that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ImageV1 {
    pub(crate) description: Option<Shown>,
    pub(crate) cm_environment_id: Option<Shown>,
    pub(crate) policies: Option<BTreeMap<Arc<str>, Shown>>,
    pub(crate) settings: Option<BTreeMap<Arc<str>, Shown>>,
    /// Of what is sent, fields that are to hold no value although they read as empty: an add leaves them out, a change says null.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unset: Vec<Cow<'static, str>>,
}

/// What has to hold when the step is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum PreconditionV1 {
    /// For an add.
    ScopeIsFree { scope_is_free: bool, known_ids: Vec<ClientId> },
    /// For everything else.
    Unchanged { fingerprint: Fingerprint },
    #[schemars(skip)]
    Unknown(Json),
}

impl PlanV1 {
    /// Makes the document of a plan, without digests and signature.
    pub(super) fn bare(heading: &Heading, plan: &Plan) -> Self {
        let Heading { target, source, options, diagnostics } = heading.clone();
        let Plan { prune, steps, unchanged, unmanaged, outside: _, unread, blocked, notices, guard, rollout } = plan;
        let (unchanged, not_compared) =
            unchanged.iter().map(NotComparedV1::from).partition(|one| one.fields.is_empty());
        Self {
            format_version: FormatVersionV1::default(),
            tool: ToolV1::default(),
            target,
            source,
            prune: match prune {
                Prune::Report => PruneV1::Report,
                Prune::Delete => PruneV1::Delete,
            },
            options,
            summary: SummaryV1::from(plan),
            steps: steps.iter().map(|step| StepV1::from(step).rolled_out(rollout)).collect(),
            unmanaged: unmanaged.iter().map(UnmanagedV1::from).collect(),
            blocked: blocked.iter().map(BlockedV1::from).collect(),
            not_compared,
            notices: notices.iter().map(NoticeV1::from).collect(),
            unread_rows: unread.iter().map(UnreadRowV1::from).collect(),
            diagnostics,
            guard: GuardV1::from(guard),
            steps_digest: None,
            digest_key: None,
            saved_digest: None,
            digest: None,
            signature: None,
            unchanged,
        }
    }

    /// Says of each step why it would not be done at this moment.
    pub(crate) fn withheld_now(mut self, rollout: &Rollout) -> Self {
        for step in &mut self.steps {
            let number = usize::try_from(step.number).unwrap_or(usize::MAX);
            step.withheld_now = rollout.for_now.get(&number).map(WithheldV1::from);
        }
        self
    }

    /// Signs the document if there is a key.
    pub(crate) fn signed(mut self, key: Option<&[u8]>) -> Self {
        self.sign(key);
        self
    }

    pub(super) fn sign(&mut self, key: Option<&[u8]>) {
        self.signature = key.zip(self.digest.as_deref()).map(|(key, digest)| sign(key, digest));
    }
}

impl Default for ToolV1 {
    fn default() -> Self {
        Self { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl ToolV1 {
    /// Tells whether a program of this major version made the document.
    pub(crate) fn is_of_this_major(&self) -> bool {
        self.version.split('.').next() == env!("CARGO_PKG_VERSION").split('.').next()
    }
}

impl From<&Plan> for SummaryV1 {
    fn from(plan: &Plan) -> Self {
        let Plan {
            prune: _,
            steps,
            unchanged,
            unmanaged,
            outside,
            unread: _,
            blocked,
            notices: _,
            guard: _,
            rollout: _,
        } = plan;
        let steps = |action: Action| count(steps.iter().filter(|step| step.action() == action));
        Self {
            add: steps(Action::Add),
            change: steps(Action::Change),
            replace: steps(Action::Replace),
            delete: steps(Action::Delete),
            unchanged: count(unchanged.iter().filter(|one| one.not_compared.is_empty())),
            unmanaged: count(unmanaged),
            outside: outside.unwrap_or_default() as u64,
            outside_counted: outside.is_some(),
            blocked: count(blocked),
            not_compared: count(unchanged.iter().filter(|one| !one.not_compared.is_empty())),
        }
    }
}

impl From<&Step> for StepV1 {
    fn from(step: &Step) -> Self {
        let Step {
            number,
            client,
            scope,
            at,
            write: _,
            before,
            after,
            changes,
            precondition,
            after_steps,
            unreadable,
            carried: _,
            labels,
            likely_move,
        } = step;
        Self {
            number: *number as u64,
            action: step.action().into(),
            client: client.clone(),
            scope: scope.clone(),
            // What does not replace a client leaves it where it is, although a definition may name its scope otherwise than its row.
            from_scope: step
                .live()
                .filter(|_| step.action() == Action::Replace)
                .map(|live| &live.scope)
                .filter(|from| *from != scope)
                .cloned(),
            id: step.id().cloned(),
            labels: labels.into(),
            updated_by: labels.updated_by.clone(),
            updated_at: labels.updated_at.clone(),
            looks_like_move: likely_move.as_ref().map(LikelyMoveV1::from),
            source: at.as_ref().map(PositionV1::from),
            before: before.as_ref().map(ImageV1::from),
            after: after.as_ref().map(ImageV1::from),
            changes: changes.iter().map(ChangeV1::from).collect(),
            precondition: precondition.into(),
            after_steps: after_steps.iter().map(|number| *number as u64).collect(),
            unreadable: names(unreadable),
            sensitive: BTreeMap::new(),
            wave: None,
            withheld: None,
            withheld_now: None,
        }
    }
}

impl StepV1 {
    fn rolled_out(self, rollout: &Rollout) -> Self {
        let Rollout { withheld, for_now, waves: _ } = rollout;
        let Ok(number) = usize::try_from(self.number) else { return self };
        Self {
            wave: rollout.wave_of(number).map(|wave| wave as u64),
            withheld: withheld.get(&number).map(WithheldV1::from),
            withheld_now: for_now.get(&number).map(WithheldV1::from),
            ..self
        }
    }

    /// Gives why it is not done, now or ever.
    pub(crate) fn reason(&self) -> Option<&WithheldV1> {
        self.withheld.as_ref().or(self.withheld_now.as_ref())
    }
}

impl From<&Withheld> for WithheldV1 {
    fn from(reason: &Withheld) -> Self {
        Self { message: reason.to_string(), help: reason.help() }
    }
}

impl From<&Image> for ImageV1 {
    fn from(image: &Image) -> Self {
        let Image { content: Content { description, cm_environment_id, policies, settings }, unset } = image;
        Self {
            description: Observed::known(description).cloned(),
            cm_environment_id: Observed::known(cm_environment_id).cloned(),
            policies: Observed::known(policies).cloned(),
            settings: Observed::known(settings).cloned(),
            unset: unset.iter().map(|field| field.name().into()).collect(),
        }
    }
}

impl From<&Precondition> for PreconditionV1 {
    fn from(precondition: &Precondition) -> Self {
        match precondition {
            Precondition::ScopeIsFree { known } => Self::ScopeIsFree { scope_is_free: true, known_ids: known.clone() },
            Precondition::Unchanged { fingerprint } => Self::Unchanged { fingerprint: fingerprint.clone() },
        }
    }
}
