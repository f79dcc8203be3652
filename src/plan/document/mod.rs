//! The plan document, format 1.0: what `plan --out` saves and `plan -o json` writes.
//!
//! The document is for reading and for comparing. Applying a saved plan plans again and compares the two documents, so
//! nothing in a file is ever sent to a server.

mod view;

use std::io;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Plan;
use crate::model::{Json, hex, sha256_text};
use crate::text::harmless_json;

use view::view;
pub(crate) use view::{ChangeV1, UnmanagedV1};

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
    format!("hmac-sha256:{}", hex(&mac(key, digest).finalize().into_bytes()))
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
