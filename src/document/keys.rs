//! What `keys -o json` writes.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{FormatVersionV1, TargetV1};
use crate::catalogue::{Catalogue, CatalogueEntry, Census, Deprecation, Evidence, KeyUse};
use crate::model::{Field, Json, Sensitive};
use crate::redact::Mask;

/// `keys -o json`: every policy and setting key of git and of the live clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Keys")]
pub(crate) struct KeysV1 {
    pub(crate) format_version: FormatVersionV1,
    /// The server whose live clients were read; null if none was.
    pub(crate) target: Option<TargetV1>,
    pub(crate) keys: Vec<KeyV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyV1 {
    /// `policies` or `settings`.
    pub(crate) field: Cow<'static, str>,
    pub(crate) key: Arc<str>,
    pub(crate) types: Vec<KeyTypeV1>,
    /// How many definitions declare it.
    pub(crate) definitions: u64,
    /// How many live clients hold it; null if none was read.
    pub(crate) live: Option<u64>,
    /// Some values; none of a sensitive key.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub(crate) examples: Vec<Json>,
    pub(crate) sensitive: bool,
    /// Whether keys.yaml has it.
    pub(crate) catalogued: bool,
    /// What keys.yaml says that it means.
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyTypeV1 {
    /// The JSON type.
    #[serde(rename = "type")]
    pub(crate) name: Cow<'static, str>,
    pub(crate) definitions: u64,
    pub(crate) live: Option<u64>,
}

impl KeysV1 {
    /// Makes the document; `target` is the server whose clients were counted. What only the catalogue has is in it too.
    pub(crate) fn new(
        target: Option<TargetV1>,
        census: &Census,
        catalogue: Option<&Catalogue>,
        sensitive: &Sensitive,
    ) -> Self {
        let asked = target.is_some();
        let unused = KeyUse::default();
        let used = census.keys();
        let mut keys: Vec<KeyV1> = used
            .map(|(field, key, used)| {
                let entry = catalogue.and_then(|catalogue| catalogue.get(field, key));
                KeyV1::new((field, key), used, entry, (Mask(sensitive), asked))
            })
            .collect();
        let lacks = |(field, key, _): &(Field, &Arc<str>, _)| census.get(*field, key).is_none();
        let only_known = catalogue.into_iter().flat_map(Catalogue::entries).filter(lacks);
        keys.extend(
            only_known
                .map(|(field, key, entry)| KeyV1::new((field, key), &unused, Some(entry), (Mask(sensitive), asked))),
        );
        keys.sort_by(|one, other| (&one.field, &one.key).cmp(&(&other.field, &other.key)));
        Self { format_version: FormatVersionV1::default(), target, keys }
    }
}

impl KeyV1 {
    fn new(
        (field, key): (Field, &Arc<str>),
        used: &KeyUse,
        entry: Option<&CatalogueEntry>,
        (mask, asked): (Mask<'_>, bool),
    ) -> Self {
        let KeyUse { whole, types, examples } = used;
        let sensitive = mask.hides_field(field) || mask.hides_key(field, key);
        let live = |evidence: &Evidence| asked.then_some(evidence.live);
        Self {
            field: field.name().into(),
            key: Arc::clone(key),
            types: types
                .iter()
                .map(|(found, evidence)| KeyTypeV1 {
                    name: found.name().into(),
                    definitions: evidence.definitions,
                    live: live(evidence),
                })
                .collect(),
            definitions: whole.definitions,
            live: live(whole),
            examples: if sensitive { Vec::new() } else { examples.clone() },
            sensitive,
            catalogued: entry.is_some(),
            description: entry.and_then(|entry| entry.description.clone()),
            deprecated: entry.is_some_and(|entry| entry.deprecation != Deprecation::Current),
        }
    }
}
