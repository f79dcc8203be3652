//! The plan document, format 1.0: what `plan --out` saves and `plan -o json` writes.
//!
//! The document is for reading and for comparing. Applying a saved plan plans again and compares the two documents, so
//! nothing in a file is ever sent to a server.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Blocked, FieldChange, Image, Kept, Plan, Precondition, Shown, Side, Step, Summary, Unchanged, Unmanaged};
use crate::model::{ClientId, ClientName, Field, Json, Location, Observed, Origin, Scope, harmless_json, sha256_text};

const FORMAT: &str = "1.0";
const FORMAT_MAJOR: u64 = 1;

/// What a plan document says besides the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The server the plan is for.
    pub target: Target,
    /// The definitions the plan is made of.
    pub source: Source,
    /// The options that shaped the plan, so that `apply PLAN` can plan again in the same way.
    pub options: Options,
}

/// The server a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The name in `targets`.
    pub name: String,
    /// The scheme and host, or `sandbox:PATH` for the embedded server, whose port differs from run to run.
    pub url: String,
}

/// The definitions a plan is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// `sha256:…` over every file that was read.
    pub digest: String,
    /// The commit of the working tree, if it is in git.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
}

/// The options that shaped a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Options {
    /// `--select` as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub select: Vec<String>,
    /// `--exclude` as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// `--max-deletes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_deletes: Option<u64>,
    /// `--max-changes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_changes: Option<u64>,
    /// `--since`, as the full name of the commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The run that the plan rolls back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_of: Option<String>,
}

/// Why a file is not a plan that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
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

/// A plan document: its values, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    value: Json,
}

impl Document {
    /// Reads a document and checks format and digest, and the signature if a key is given.
    pub fn parse(bytes: &[u8], key: Option<&[u8]>) -> Result<Self, DocumentError> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| DocumentError::NotAPlan(error.to_string()))?;
        let version = value.get("format_version").and_then(Value::as_str);
        let version = version.ok_or_else(|| DocumentError::NotAPlan("it has no `format_version`".to_owned()))?;
        let major = version.split('.').next().and_then(|major| major.parse::<u64>().ok());
        if major != Some(FORMAT_MAJOR) {
            return Err(DocumentError::Newer { found: version.escape_debug().to_string() });
        }
        let stated = value.get("digest").and_then(Value::as_str).unwrap_or_default().to_owned();
        let signature = value.get("signature").and_then(Value::as_str).map(str::to_owned);
        if value.get("steps").is_none_or(|steps| !steps.is_array()) || digest_of(&value) != stated {
            return Err(DocumentError::Digest);
        }
        if let Some(key) = key {
            check_signature(key, &stated, signature.as_deref().ok_or(DocumentError::Unsigned)?)?;
        }
        Ok(Self { value: Json::from(value) })
    }

    /// Gives the document for rendering.
    pub fn value(&self) -> &Value {
        self.value.value()
    }

    /// Gives the URL of the server that the plan is for.
    pub fn target_url(&self) -> &str {
        self.value().pointer("/target/url").and_then(Value::as_str).unwrap_or_default()
    }

    /// Gives the name of the target.
    pub fn target_name(&self) -> &str {
        self.value().pointer("/target/name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Gives the major version of the program that made the plan.
    pub fn tool_major(&self) -> Option<&str> {
        self.value().pointer("/tool/version").and_then(Value::as_str)?.split('.').next()
    }

    /// Tells whether the plan prunes.
    pub fn prunes(&self) -> bool {
        self.value().get("prune").and_then(Value::as_str) == Some("delete")
    }

    /// Gives the options that shaped the plan.
    pub fn options(&self) -> Options {
        let options = self.value().get("options").cloned().unwrap_or_default();
        serde_json::from_value(options).unwrap_or_default()
    }
}

/// Writes the document of a plan as indented JSON with a digest, and a signature if a key is given.
pub fn write(out: &mut impl io::Write, heading: &Heading, plan: &Plan, key: Option<&[u8]>) -> io::Result<()> {
    let mut view = view(heading, plan);
    let value = serde_json::to_value(&view)?;
    let digest = digest_of(&value);
    view.signature = key.map(|key| sign(key, &digest));
    view.digest = Some(digest);
    let json = serde_json::to_string_pretty(&view)?;
    writeln!(out, "{}", harmless_json(&json))
}

fn digest_of(value: &Value) -> String {
    let mut value = value.clone();
    if let Value::Object(map) = &mut value {
        map.remove("digest");
        map.remove("signature");
    }
    sha256_text(Sha256::new_with_prefix(Json::from(value).canonical()))
}

fn mac(key: &[u8], digest: &str) -> Hmac<Sha256> {
    // HMAC takes keys of every length (RFC 2104, section 2).
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
    mac.update(digest.as_bytes());
    mac
}

fn sign(key: &[u8], digest: &str) -> String {
    let bytes = mac(key, digest).finalize().into_bytes();
    bytes.iter().fold("hmac-sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn check_signature(key: &[u8], digest: &str, signature: &str) -> Result<(), DocumentError> {
    let hex = signature.strip_prefix("hmac-sha256:").ok_or(DocumentError::Signature)?;
    let pairs = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    let bytes: Option<Vec<u8>> = pairs.collect();
    let bytes = bytes.ok_or(DocumentError::Signature)?;
    mac(key, digest).verify_slice(&bytes).map_err(|_| DocumentError::Signature)
}

#[derive(Serialize)]
struct DocumentV1<'a> {
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
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
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
    findings: &'a [super::Finding],
}

fn view<'a>(heading: &'a Heading, plan: &'a Plan) -> DocumentV1<'a> {
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
        let super::Obstacle { reason, help, candidates } = obstacle;
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
