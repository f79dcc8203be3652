//! The plan document.

#![expect(dead_code, reason = "types of documents are described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

/// A plan: what `icsync apply` would do. The same inputs give the same bytes. Within format 1.x fields are only added.
#[derive(JsonSchema)]
#[schemars(title = "icsync plan")]
pub(super) struct Plan {
    format_version: FormatVersion,
    /// The program that made the plan.
    tool: Tool,
    target: Target,
    /// The definitions that the plan is made of.
    source: SourceTree,
    prune: Prune,
    /// The options that shaped the plan, for planning again in the same way.
    options: Options,
    summary: Summary,
    /// What is to be done, in order.
    steps: Vec<Step>,
    /// Live clients in the boundary that git does not define and the plan does not delete.
    unmanaged: Vec<Unmanaged>,
    /// Definitions for which nothing can be done, and why.
    blocked: Vec<Blocked>,
    /// Definitions with fields that the server does not return.
    not_compared: Vec<NotCompared>,
    /// What a person should know although nothing is wrong.
    notices: Vec<Notice>,
    /// Whether limits and protection allow the plan.
    guard: Guard,
    /// `sha256:…` over everything before it.
    digest: Option<String>,
    /// `hmac-sha256:…` over the digest, if `ICSYNC_PLAN_KEY` was set.
    signature: Option<String>,
}

/// The version of the format.
#[derive(JsonSchema)]
pub(super) struct FormatVersion(#[schemars(regex(pattern = r"^1\.[0-9]+$"), example = &"1.0")] String);

#[derive(JsonSchema)]
struct Tool {
    name: String,
    version: String,
}

/// The server.
#[derive(JsonSchema)]
pub(super) struct Target {
    /// Its name in `targets`.
    name: String,
    /// Scheme and host, or `sandbox:PATH`.
    url: String,
}

#[derive(JsonSchema)]
struct SourceTree {
    /// `sha256:…` over every file that was read.
    digest: String,
    /// The commit of the working tree, if it is in git.
    git_commit: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Prune {
    Report,
    Delete,
}

#[derive(JsonSchema)]
struct Options {
    select: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
    max_deletes: Option<u64>,
    max_changes: Option<u64>,
    /// The commit of `--since`.
    since: Option<String>,
    /// The run that the plan turns back.
    rollback_of: Option<String>,
}

/// How many clients the plan is about.
#[derive(JsonSchema)]
struct Summary {
    add: u64,
    change: u64,
    replace: u64,
    delete: u64,
    unchanged: u64,
    unmanaged: u64,
    outside: u64,
    blocked: u64,
    not_compared: Option<u64>,
}

/// One thing to do.
#[derive(JsonSchema)]
struct Step {
    /// Its number, counted from 1.
    number: u64,
    action: Action,
    /// The definition; null for a delete of a client that git does not define.
    #[schemars(extend("x-present" = true))]
    client: Option<String>,
    scope: Scope,
    /// Where a client that is replaced is now.
    from_scope: Option<Scope>,
    /// The id of the live client.
    id: Option<String>,
    /// Where the definition is.
    source: Option<Position>,
    /// The whole content before.
    before: Option<Image>,
    /// The whole content after, as it is sent.
    after: Option<Image>,
    changes: Vec<Change>,
    precondition: Precondition,
    /// The numbers of the steps that come first.
    after_steps: Vec<u64>,
    /// Fields that the server does not return and the step writes.
    unreadable: Option<Vec<String>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(super) enum Action {
    Add,
    Change,
    Replace,
    Delete,
}

/// What a client applies to, in the numbers of the API.
#[derive(JsonSchema)]
pub(super) struct Scope {
    telsys: i64,
    partition: i64,
    device: String,
}

/// A line of a file of the repository.
#[derive(JsonSchema)]
pub(super) struct Position {
    file: String,
    /// Counted from 1.
    line: u64,
    /// In characters, counted from 1.
    column: Option<u64>,
}

/// The content of a client; null is a field that cannot be read.
#[derive(JsonSchema)]
struct Image {
    #[schemars(extend("x-present" = true))]
    description: Option<Shown>,
    #[schemars(extend("x-present" = true))]
    cm_environment_id: Option<Shown>,
    #[schemars(extend("x-present" = true))]
    policies: Option<BTreeMap<String, Shown>>,
    #[schemars(extend("x-present" = true))]
    settings: Option<BTreeMap<String, Shown>>,
}

/// A value, or `{"sensitive": "sha256:…"}` of one that is not shown.
#[derive(JsonSchema)]
pub(super) struct Shown(Value);

/// A difference of one field or key.
#[derive(JsonSchema)]
pub(super) struct Change {
    /// `description`, `cm_environment_id`, `policies`, `settings`; in a diff also a term such as `scope` or `owns`.
    field: String,
    /// The key, for `policies` and `settings`.
    key: Option<String>,
    /// Left out if there was none, or if it cannot be read.
    #[schemars(extend("x-nullable" = true))]
    before: Option<Shown>,
    /// Left out if there is none any more.
    #[schemars(extend("x-nullable" = true))]
    after: Option<Shown>,
    /// Whether the value before cannot be read.
    unreadable: Option<bool>,
    /// The line that says the value.
    source: Option<Position>,
    /// Whether a profile says it, and not the client's own document.
    inherited: Option<bool>,
    /// In drift: which side changed.
    state: Option<String>,
}

/// What has to hold when the step is carried out.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Precondition {
    /// For an add.
    ScopeIsFree { scope_is_free: bool, known_ids: Vec<String> },
    /// For everything else.
    Unchanged { fingerprint: String },
}

/// A live client that git does not define.
#[derive(JsonSchema)]
pub(super) struct Unmanaged {
    id: String,
    scope: Scope,
    description: Shown,
    /// Why prune leaves it alone.
    kept: Option<String>,
}

#[derive(JsonSchema)]
struct Blocked {
    #[schemars(extend("x-present" = true))]
    client: Option<String>,
    scope: Scope,
    id: Option<String>,
    source: Option<Position>,
    /// Why.
    reason: String,
    /// What to do next.
    help: String,
    /// Live clients that may be meant.
    candidates: Option<Vec<Candidate>>,
}

#[derive(JsonSchema)]
struct Candidate {
    id: String,
    description: String,
}

#[derive(JsonSchema)]
struct NotCompared {
    client: String,
    scope: Scope,
    id: Option<String>,
    source: Position,
    /// The fields that the server does not return.
    fields: Vec<String>,
}

#[derive(JsonSchema)]
struct Notice {
    client: String,
    source: Position,
    message: String,
    help: String,
}

#[derive(JsonSchema)]
struct Guard {
    verdict: Verdict,
    findings: Vec<Value>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Verdict {
    Allowed,
    Refused,
}
