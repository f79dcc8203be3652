//! The JSON that commands besides `plan` write.

#![expect(clippy::struct_field_names, reason = "the documents have these names")]
#![expect(dead_code, reason = "types of documents are described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::plan::{Action, Change, FormatVersion, Plan, Position, Scope, Shown, Target, Unmanaged};

/// A command that could not do its work.
#[derive(JsonSchema)]
#[schemars(title = "Failure")]
pub(super) struct Failure {
    format_version: FormatVersion,
    error: FailureError,
    /// What is wrong with files, if that is the reason.
    diagnostics: Vec<Diagnostic>,
}

#[derive(JsonSchema)]
struct FailureError {
    /// The word of the exit code: `failed`, `invalid`, `not_permitted`, `refused`, `stale`, `partial`, `in_doubt`, …
    code: String,
    /// What happened.
    message: String,
    /// What to do next.
    #[schemars(extend("x-present" = true))]
    help: Option<String>,
}

/// Something that is wrong with a file.
#[derive(JsonSchema)]
struct Diagnostic {
    /// The stable code; `icsync explain CODE` says more.
    #[schemars(regex(pattern = "^IC[0-9]{4}$"))]
    code: String,
    severity: Severity,
    message: String,
    #[schemars(extend("x-present" = true))]
    file: Option<String>,
    /// Counted from 1.
    #[schemars(extend("x-present" = true))]
    line: Option<u64>,
    /// In characters, counted from 1.
    #[schemars(extend("x-present" = true))]
    column: Option<u64>,
    /// What to do about it.
    #[schemars(extend("x-present" = true))]
    help: Option<String>,
    /// Other places that matter.
    related: Vec<Related>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
}

#[derive(JsonSchema)]
struct Related {
    file: String,
    line: u64,
    column: u64,
    message: String,
}

/// `validate -o json`: the files are valid.
#[derive(JsonSchema)]
#[schemars(title = "Validation")]
pub(super) struct Validation {
    format_version: FormatVersion,
    diagnostics: Vec<Diagnostic>,
    /// How many clients the definitions define.
    clients: u64,
}

/// `apply -o json`: what became of a plan.
#[derive(JsonSchema)]
#[schemars(title = "Outcomes")]
pub(super) struct Outcomes {
    format_version: FormatVersion,
    plan: Plan,
    /// The journal, for `icsync rollback RUN`; null if nothing was to be done.
    #[schemars(extend("x-present" = true))]
    run: Option<String>,
    outcomes: Vec<Outcome>,
    interrupted: bool,
    summary: OutcomeSummary,
}

/// What became of a step.
#[derive(JsonSchema)]
struct Outcome {
    /// The number of the step in the plan.
    number: u64,
    action: Action,
    #[schemars(extend("x-present" = true))]
    client: Option<String>,
    scope: Scope,
    source: Option<Position>,
    outcome: OutcomeWord,
    /// The id of the live client, if it is known.
    #[schemars(extend("x-present" = true))]
    id: Option<String>,
    #[schemars(extend("x-present" = true))]
    error: Option<OutcomeError>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum OutcomeWord {
    Applied,
    Failed,
    Skipped,
    Stale,
    Unknown,
}

#[derive(JsonSchema)]
struct OutcomeError {
    /// The code of the API, if it gave one.
    #[schemars(extend("x-present" = true))]
    code: Option<u64>,
    #[schemars(extend("x-present" = true))]
    name: Option<String>,
    message: String,
    help: String,
}

#[derive(JsonSchema)]
struct OutcomeSummary {
    applied: u64,
    failed: u64,
    skipped: u64,
    stale: u64,
    unknown: u64,
    blocked: u64,
}

/// `drift -o json`: where live and git disagree.
#[derive(JsonSchema)]
#[schemars(title = "Drift")]
pub(super) struct Drift {
    format_version: FormatVersion,
    target: Target,
    /// The revision of `--since`.
    #[schemars(extend("x-present" = true))]
    since: Option<String>,
    clients: Vec<ClientDrift>,
    unmanaged: Vec<Unmanaged>,
    summary: DriftSummary,
}

/// How one definition stands to its live client.
#[derive(JsonSchema)]
struct ClientDrift {
    client: String,
    state: DriftState,
    /// What would be done to make live what git says.
    action: Option<Action>,
    #[schemars(extend("x-present" = true))]
    id: Option<String>,
    scope: Scope,
    /// Where the live client is, if elsewhere.
    from_scope: Option<Scope>,
    source: Position,
    changes: Vec<Change>,
    /// Why nothing can be said.
    reason: Option<String>,
    help: Option<String>,
    /// Fields that the server does not return.
    not_compared: Option<Vec<String>>,
    /// Who changed the live client last, if the server says.
    updated_by: Option<String>,
    updated_at: Option<String>,
}

/// `drifted`: live changed. `pending`: git changed. `conflict`: both.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum DriftState {
    InSync,
    Drifted,
    Pending,
    Conflict,
    Missing,
    NotCompared,
    Blocked,
}

#[derive(JsonSchema)]
struct DriftSummary {
    in_sync: u64,
    drifted: u64,
    pending: u64,
    conflict: u64,
    missing: u64,
    not_compared: u64,
    blocked: u64,
    unmanaged: u64,
    outside: u64,
}

/// `diff -o json`: two revisions of the definitions compared.
#[derive(JsonSchema)]
#[schemars(title = "Review")]
pub(super) struct Review {
    format_version: FormatVersion,
    base: String,
    head: String,
    clients: Vec<ClientReview>,
    /// The lines that changed something, with how many clients each reaches.
    causes: Vec<Cause>,
    /// What changes of the configuration: `manage`, `prune`, `limits`, `protect`, `sensitive`, the target.
    configuration: Option<Vec<Change>>,
    summary: ReviewSummary,
}

#[derive(JsonSchema)]
struct ClientReview {
    client: String,
    change: ReviewWord,
    scope: Scope,
    from_client: Option<String>,
    from_scope: Option<Scope>,
    source: Position,
    cause: Cause,
    changes: Vec<Change>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ReviewWord {
    Added,
    Removed,
    Changed,
    Renamed,
    Moved,
}

#[derive(JsonSchema)]
struct Cause {
    file: String,
    line: u64,
    column: Option<u64>,
    clients: u64,
}

#[derive(JsonSchema)]
struct ReviewSummary {
    added: u64,
    removed: u64,
    changed: u64,
    renamed: u64,
    moved: u64,
    unchanged: Option<u64>,
}

/// `show --effective NAME -o json`: one client after expansion.
#[derive(JsonSchema)]
#[schemars(title = "Effective definition")]
pub(super) struct Effective {
    format_version: FormatVersion,
    client: String,
    scope: Scope,
    /// The line that names the scope; for a client of a fleet that of its device.
    scope_source: Position,
    #[schemars(extend("x-present" = true))]
    id: Option<String>,
    state: String,
    source: Position,
    /// The fields that git manages.
    managed: Vec<String>,
    values: Vec<EffectiveValue>,
    /// `exact` or `listed`, for `policies` and `settings`.
    owns: BTreeMap<String, String>,
    ignore: Vec<String>,
    /// The profiles that took part, direct and inherited.
    profiles: Vec<String>,
}

#[derive(JsonSchema)]
struct EffectiveValue {
    field: String,
    #[schemars(extend("x-present" = true))]
    key: Option<String>,
    value: Shown,
    /// The line that says the value.
    source: Position,
}

/// `runs -o json`: the journals.
#[derive(JsonSchema)]
#[schemars(title = "Runs")]
pub(super) struct Runs {
    format_version: FormatVersion,
    runs: Vec<Run>,
    /// Journals that cannot be read.
    unreadable: Vec<UnreadableJournal>,
}

#[derive(JsonSchema)]
struct Run {
    run: String,
    /// When it began (RFC 3339).
    started: String,
    target: String,
    url: String,
    /// The run that it turned back.
    #[schemars(extend("x-nullable" = true))]
    rollback_of: Option<String>,
    state: RunState,
    steps: u64,
    /// How many steps ended how.
    outcomes: BTreeMap<String, u64>,
    /// The numbers of the steps whose outcome is not known.
    in_doubt: Vec<u64>,
    left_out_sensitive: u64,
    /// The first line that does not fit.
    #[schemars(extend("x-nullable" = true))]
    corrupt_line: Option<u64>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum RunState {
    Ended,
    Interrupted,
    Killed,
}

#[derive(JsonSchema)]
struct UnreadableJournal {
    file: String,
    reason: String,
}
