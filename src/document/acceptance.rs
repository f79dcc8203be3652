//! What `drift --accept -o json` writes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{FormatVersionV1, PositionV1, TargetV1};
use crate::drift::{Acceptance, AlikeLine, ClientsOfFiles, DraftUse, LeftAsIs};
use crate::model::{ClientName, FieldPath};

/// `drift --accept -o json`: which live values went into the definitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Accepted drift")]
pub(crate) struct AcceptanceV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) target: TargetV1,
    /// Whether nothing was written.
    pub(crate) dry_run: bool,
    /// The clients whose live values are taken over.
    pub(crate) accepted: Vec<ClientName>,
    /// The files that say something else, each with the clients it is for.
    pub(crate) files: Vec<EditedFileV1>,
    /// Values that are left out, because a file would show them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sensitive: Vec<SensitiveLeftV1>,
    /// The clients that stay as they are.
    pub(crate) left: Vec<LeftAsIsV1>,
    /// Lines of profiles and fleets of which all clients drifted alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) alike: Vec<AlikeLineV1>,
    /// How many live clients git does not define: `export` takes them over.
    pub(crate) unmanaged: u64,
    /// Other targets with a server of their own that read these files, with the clients of which git says something else there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) elsewhere: Vec<ChangedTargetV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ChangedTargetV1 {
    pub(crate) target: String,
    pub(crate) clients: Vec<ClientName>,
}

/// What there is besides the clients that are taken over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Besides {
    /// So many live clients git does not define.
    pub unmanaged: usize,
    /// The clients of other targets of which git says something else.
    pub elsewhere: BTreeMap<String, BTreeSet<ClientName>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EditedFileV1 {
    pub(crate) file: String,
    pub(crate) clients: Vec<ClientName>,
    /// What changes in it, as `diff -u` says it; sensitive values are left out.
    pub(crate) diff: String,
}

/// A sensitive value that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SensitiveLeftV1 {
    pub(crate) client: ClientName,
    pub(crate) field: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftAsIsV1 {
    pub(crate) client: ClientName,
    pub(crate) reason: String,
    pub(crate) help: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AlikeLineV1 {
    /// The line that says the value.
    pub(crate) source: PositionV1,
    pub(crate) field: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Arc<str>>,
    /// How many clients have it from there.
    pub(crate) clients: u64,
}

impl AcceptanceV1 {
    /// Makes the document of what was taken over, by file.
    pub(crate) fn new(
        target: TargetV1,
        used: DraftUse,
        acceptance: &Acceptance,
        files: &ClientsOfFiles,
        diff: impl Fn(&str) -> String,
        besides: &Besides,
    ) -> Self {
        let Besides { unmanaged, elsewhere } = besides;
        let changed = |(target, clients): (&String, &BTreeSet<ClientName>)| ChangedTargetV1 {
            target: target.clone(),
            clients: clients.iter().cloned().collect(),
        };
        let Acceptance { accepted, sensitive, left, alike } = acceptance;
        let file = |(file, clients): (&String, &BTreeSet<ClientName>)| EditedFileV1 {
            file: file.clone(),
            clients: clients.iter().cloned().collect(),
            diff: diff(file),
        };
        let sensitive = sensitive.iter().flat_map(|(client, paths)| {
            paths.iter().map(|FieldPath { field, key }| SensitiveLeftV1 {
                client: client.clone(),
                field: field.name().into(),
                key: key.clone(),
            })
        });
        let left = left.iter().map(|(client, LeftAsIs { reason, help })| LeftAsIsV1 {
            client: client.clone(),
            reason: reason.clone(),
            help: help.clone(),
        });
        let alike = alike.iter().map(|AlikeLine { at, path, name: _, clients }| AlikeLineV1 {
            source: PositionV1::from(at),
            field: path.field.name().into(),
            key: path.key.clone(),
            clients: *clients as u64,
        });
        Self {
            format_version: FormatVersionV1::default(),
            target,
            dry_run: used == DraftUse::Shown,
            accepted: accepted.keys().cloned().collect(),
            files: files.iter().map(file).collect(),
            sensitive: sensitive.collect(),
            left: left.collect(),
            alike: alike.collect(),
            unmanaged: *unmanaged as u64,
            elsewhere: elsewhere.iter().map(changed).collect(),
        }
    }
}
