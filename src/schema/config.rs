//! `icsync.yaml`.

#![expect(dead_code, reason = "types of documents are described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::definition::Telsys;

/// Scheme and host: `http://` is for loopback addresses only.
const URL: &str = r"^([Hh][Tt][Tt][Pp][Ss]://[^/?#@\s]+|http://localhost(:[0-9]+)?|http://(127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?)/?$";

/// The configuration of a repository: the servers, what is managed there, and how much a plan may do.
#[derive(JsonSchema)]
#[schemars(title = "icsync configuration", deny_unknown_fields)]
pub(super) struct Config {
    /// Says what the document is.
    #[schemars(extend("const" = "Config"))]
    kind: String,
    /// Globs of the files of definitions, relative to this file. Left out: `clients/**/*.yaml`.
    #[schemars(length(min = 1), example = ["clients/**/*.yaml"])]
    definitions: Option<Vec<String>>,
    /// The target that is meant without `--target` and `ICSYNC_TARGET`.
    default_target: Option<String>,
    /// The servers by name.
    #[schemars(extend("minProperties" = 1))]
    targets: BTreeMap<String, Target>,
    /// Values for `${var.NAME}` in definitions. A target may say otherwise.
    vars: Option<BTreeMap<String, String>>,
    /// The boundary: live clients outside it are never read in detail or touched. Left out: exactly the scopes that the
    /// definitions name, and then nothing can be pruned.
    #[schemars(length(min = 1), example = serde_json::json!([{ "telsys": 417 }, { "telsys": 426, "partition": 1 }]))]
    manage: Option<Vec<Filter>>,
    /// What happens to live clients in the boundary that git does not define. Left out: `report`.
    prune: Option<Prune>,
    /// How much one plan may delete and change; more is refused.
    limits: Option<Limits>,
    /// Clients that are never changed or deleted, whatever the definitions say.
    protect: Option<Vec<Protection>>,
    /// Fields and keys whose values are never shown, saved or logged.
    #[schemars(example = ["settings.crm::password", "policies.secret::*"])]
    sensitive: Option<Vec<FieldPattern>>,
    /// How requests are made.
    requests: Option<Requests>,
}

/// A server: either `sandbox`, or `url` and `auth`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["sandbox"], "not": { "anyOf": [{ "required": ["url"] }, { "required": ["auth"] }, { "required": ["ca_file"] }] } }, { "required": ["url", "auth"], "not": { "required": ["sandbox"] } }]))]
struct Target {
    /// The embedded server on a loopback port, for the run.
    sandbox: Option<Sandbox>,
    /// Scheme and host of a server; `/CCS/API/v1` is added. `http://` is for loopback addresses only.
    #[schemars(regex(pattern = URL), example = &"https://ccs.example.com")]
    url: Option<String>,
    /// Certificates to trust besides those of the platform (PEM).
    #[schemars(length(min = 1))]
    ca_file: Option<String>,
    /// How to log in: exactly one of the ways.
    auth: Option<Auth>,
    /// Values for `${var.NAME}`, over those at the top.
    vars: Option<BTreeMap<String, String>>,
    /// The boundary at this target, instead of the one at the top.
    #[schemars(length(min = 1))]
    manage: Option<Vec<Filter>>,
    /// What happens to unmanaged clients at this target.
    prune: Option<Prune>,
    /// Limits at this target, over those at the top.
    limits: Option<Limits>,
    /// Globs of the files of definitions for this target, instead of those at the top.
    #[schemars(length(min = 1))]
    definitions: Option<Vec<String>>,
}

/// The embedded server.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Sandbox {
    /// The file of its store.
    #[schemars(length(min = 1), example = &".icsync/sandbox.db")]
    data: String,
    /// What exists in a new store.
    #[schemars(length(min = 1), example = &"estate.yaml")]
    estate: String,
    /// Its answers to open questions of the API, by name.
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    dialect: Option<()>,
    /// The file of the failures it produces.
    #[schemars(length(min = 1))]
    faults: Option<String>,
}

/// How to log in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{ "required": ["api_key"] }, { "required": ["login"] }, { "required": ["session"] }]))]
struct Auth {
    /// The key for the header `x-api-key`.
    api_key: Option<Secret>,
    /// A session that user name and password open.
    login: Option<Login>,
    /// A session that somebody else opened: the value of `JSESSIONID`.
    session: Option<Secret>,
    /// The client's own certificate, where a connection takes one; it comes besides the others.
    certificate: Option<Certificate>,
}

/// Where the client's certificate is, with its chain, in PEM form. The key is there too, or in a place of its own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{ "required": ["env"] }, { "required": ["file"] }]))]
struct Certificate {
    /// The name of an environment variable.
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"), example = &"CCS_CERTIFICATE")]
    env: Option<String>,
    /// A file.
    #[schemars(length(min = 1), example = &"client.pem")]
    file: Option<String>,
    /// Where the key is, without a passphrase. Left out: with the certificate.
    key: Option<Secret>,
}

/// User name and password.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Login {
    /// Where the user name is.
    username: Secret,
    /// Where the password is.
    password: Secret,
    /// The language of the session. Left out: `en_GB`.
    locale: Option<Locale>,
}

#[derive(JsonSchema)]
enum Locale {
    #[schemars(rename = "en_GB")]
    British,
    #[schemars(rename = "en_US")]
    American,
}

/// Where a secret is: in an environment variable or in a file, never in this one.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Secret {
    /// The name of an environment variable.
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"), example = &"CCS_API_KEY")]
    env: Option<String>,
    /// A file; its last line break is no part of the secret.
    #[schemars(length(min = 1))]
    file: Option<String>,
}

/// A part of the estate.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Filter {
    telsys: Telsys,
    /// A partition. Left out: the whole telephony server.
    #[schemars(range(min = -1, max = 4_294_967_295_u32))]
    partition: Option<i64>,
    /// A device number, in quotes. Left out: every device.
    #[schemars(regex(pattern = super::definition::DEVICE))]
    device: Option<String>,
}

/// Clients that are never changed or deleted: a scope, of which parts that are left out may be anything, or an id.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{ "required": ["telsys"], "not": { "required": ["id"] } }, { "required": ["id"], "maxProperties": 1 }]))]
struct Protection {
    telsys: Option<Telsys>,
    /// A partition; -1 is the whole telephony server, -3 a row that hides its scope.
    #[schemars(range(min = -3, max = 4_294_967_295_u32), extend("not" = { "const": -2 }))]
    partition: Option<i64>,
    /// A device number, in quotes; `UnknownNoneOrAll` is a client for every device.
    #[schemars(regex(pattern = super::definition::DEVICE))]
    device: Option<String>,
    /// An id of the server.
    #[schemars(regex(pattern = super::definition::ID))]
    id: Option<String>,
}

/// What happens to live clients in the boundary that git does not define.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Prune {
    /// They are listed.
    Report,
    /// They are deleted.
    Delete,
}

/// How much one plan may do.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Limits {
    /// For deletes and replaces together. Left out: 10 and 20 %.
    delete: Option<Limit>,
    /// For changes. Left out: no limit.
    change: Option<Limit>,
}

/// The most that is allowed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Limit {
    /// How many clients.
    #[schemars(range(max = 4_294_967_295_u32))]
    count: Option<u64>,
    /// Which share of the clients in the boundary.
    #[schemars(range(max = 100))]
    percent: Option<u64>,
}

/// A field, or a field with keys: a dot and a glob in which `*` is any text.
#[derive(JsonSchema)]
pub(super) struct FieldPattern(
    #[schemars(regex(pattern = r"^(description|cm_environment_id|(policies|settings)(\..+)?)$"))] String,
);

/// How requests are made.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Requests {
    /// How many are in flight at most. Left out: 8.
    #[schemars(range(min = 1, max = 1024))]
    parallelism: Option<u64>,
    /// How many rows are asked for at once. Left out: 100.
    #[schemars(range(min = 1, max = 100_000))]
    page_size: Option<u64>,
    /// How long one request may take. Left out: `30s`.
    timeout: Option<Duration>,
    /// How long the whole run may take. Left out: for ever.
    deadline: Option<Duration>,
    /// How often one request is repeated. Left out: 4.
    #[schemars(range(max = 100))]
    retries: Option<u64>,
    /// Whether what was written is read back and compared. Left out: true.
    verify: Option<bool>,
}

/// A whole number with the unit ms, s, m or h.
#[derive(JsonSchema)]
struct Duration(#[schemars(regex(pattern = "^0*[1-9][0-9]*(ms|s|m|h)$"), example = &"30s")] String);
