//! What `show --effective NAME -o json` writes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{FormatVersionV1, PositionV1, names};
use crate::model::{
    ClientId, ClientName, DeclaredEntries, Definition, Exception, Field, Location, Owns, Presence, Scope, Sensitive,
    Spec,
};
use crate::redact::{Mask, Shown};

/// `show --effective NAME -o json`: one client after expansion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Effective definition")]
pub(crate) struct EffectiveV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) client: ClientName,
    pub(crate) scope: Scope,
    /// The line that names the scope; for a client of a fleet that of its device.
    pub(crate) scope_source: PositionV1,
    pub(crate) id: Option<ClientId>,
    // The line that says the id.
    #[serde(skip)]
    pub(crate) id_source: Option<PositionV1>,
    pub(crate) state: Cow<'static, str>,
    pub(crate) source: PositionV1,
    /// The fields that git manages.
    pub(crate) managed: Vec<Cow<'static, str>>,
    pub(crate) values: Vec<EffectiveValueV1>,
    /// `exact` or `listed`, for `policies` and `settings`.
    pub(crate) owns: BTreeMap<Cow<'static, str>, Cow<'static, str>>,
    pub(crate) ignore: Vec<String>,
    /// What the configuration leaves alone for a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exceptions: Vec<EffectiveExceptionV1>,
    /// The profiles that took part, direct and inherited.
    pub(crate) profiles: Vec<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EffectiveValueV1 {
    pub(crate) field: Cow<'static, str>,
    pub(crate) key: Option<Arc<str>>,
    pub(crate) value: Shown,
    /// The line that says the value.
    pub(crate) source: PositionV1,
}

/// What the configuration leaves alone of a client, up to a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EffectiveExceptionV1 {
    pub(crate) fields: Vec<String>,
    /// The last day, in UTC.
    pub(crate) until: String,
    pub(crate) reason: String,
}

impl From<&Exception> for EffectiveExceptionV1 {
    fn from(exception: &Exception) -> Self {
        let Exception { fields, until, reason } = exception;
        let fields = fields.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        Self { fields, until: until.to_string(), reason: reason.clone() }
    }
}

impl EffectiveV1 {
    /// Makes the document of a definition, with sensitive values masked.
    pub(crate) fn new(definition: &Definition, sensitive: &Sensitive) -> Self {
        let Definition {
            name,
            scope,
            scope_at,
            id,
            state,
            spec,
            owns,
            ignore,
            exceptions,
            profiles,
            at,
            until: _,
            pin_place: _,
        } = definition;
        Self {
            format_version: FormatVersionV1::default(),
            client: name.clone(),
            scope: scope.clone(),
            scope_source: PositionV1::exact(scope_at),
            id: id.as_ref().map(|id| id.value.clone()),
            id_source: id.as_ref().map(|id| PositionV1::exact(&id.at)),
            state: match state {
                Presence::Present => "present".into(),
                Presence::Absent => "absent".into(),
            },
            source: PositionV1::exact(at),
            managed: names(&spec.managed()),
            values: values(spec, Mask(sensitive)),
            owns: words(*owns),
            ignore: ignore.iter().map(|pattern| pattern.as_str().to_owned()).collect(),
            exceptions: exceptions.iter().map(|one| EffectiveExceptionV1::from(&**one)).collect(),
            profiles: profiles.to_vec(),
        }
    }
}

fn values(spec: &Spec, mask: Mask<'_>) -> Vec<EffectiveValueV1> {
    let mut values = Vec::new();
    let mut push = |field: Field, key: Option<&Arc<str>>, value: Shown, at: &Location| {
        let source = PositionV1::exact(at);
        values.push(EffectiveValueV1 { field: field.name().into(), key: key.cloned(), value, source });
    };
    for (field, text) in spec.texts() {
        if let Some(one) = text {
            push(field, None, mask.text(field, &one.value), &one.at);
        }
    }
    for (field, entries) in spec.entries() {
        for (key, one) in entries.iter().flat_map(DeclaredEntries::iter) {
            push(field, Some(key), mask.entry(field, key, one.value), &one.at());
        }
    }
    values
}

fn words(owns: Owns) -> BTreeMap<Cow<'static, str>, Cow<'static, str>> {
    owns.entries().map(|(field, ownership)| (field.name().into(), ownership.name().into())).collect()
}
