//! The content of a client as a journal keeps it: everything but sensitive values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Mask, Shown};
use crate::model::{ClientId, Entries, Field, Json, LiveClient, Observed, Payload, Scope};

/// A client as it was before or after a write. A field that the server did not show is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The scope.
    pub scope: Scope,
    /// The id, if it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<ClientId>,
    /// `Description`.
    pub description: Option<Json>,
    /// `CMEnvironmentID`.
    pub cm_environment_id: Option<Json>,
    /// `Policies`, without sensitive keys.
    pub policies: Option<Entries>,
    /// `Settings`, without sensitive keys.
    pub settings: Option<Entries>,
    /// What was left out because it is sensitive, as `settings.crm::password`, with `sha256:…` of its value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub left_out: BTreeMap<String, String>,
}

impl Snapshot {
    /// Takes a live client.
    pub fn of_live(live: &LiveClient, mask: Mask<'_>) -> Self {
        let LiveClient { id, scope, description, cm_environment_id, policies, settings, labels: _, detail: _ } = live;
        let mut left_out = BTreeMap::new();
        Self {
            scope: scope.clone(),
            id: Some(id.clone()),
            description: known(description).and_then(|one| text(Field::Description, one, mask, &mut left_out)),
            cm_environment_id: known(cm_environment_id)
                .and_then(|one| text(Field::CmEnvironmentId, one, mask, &mut left_out)),
            policies: known(policies).map(|entries| entries_of(Field::Policies, entries, mask, &mut left_out)),
            settings: known(settings).map(|entries| entries_of(Field::Settings, entries, mask, &mut left_out)),
            left_out,
        }
    }

    /// Takes what is about to be written.
    pub fn of_payload(scope: &Scope, payload: &Payload, mask: Mask<'_>) -> Self {
        let Payload { description, cm_environment_id, policies, settings } = payload;
        let mut left_out = BTreeMap::new();
        Self {
            scope: scope.clone(),
            id: None,
            description: text(Field::Description, description, mask, &mut left_out),
            cm_environment_id: text(Field::CmEnvironmentId, cm_environment_id, mask, &mut left_out),
            policies: Some(entries_of(Field::Policies, policies, mask, &mut left_out)),
            settings: Some(entries_of(Field::Settings, settings, mask, &mut left_out)),
            left_out,
        }
    }
}

fn known<T>(observed: &Observed<T>) -> Option<&T> {
    observed.known()
}

fn text(field: Field, value: &str, mask: Mask<'_>, left_out: &mut BTreeMap<String, String>) -> Option<Json> {
    match mask.text(field, value) {
        Shown::Plain(value) => Some(value),
        Shown::Sensitive(digest) => {
            left_out.insert(field.name().to_owned(), digest);
            None
        }
    }
}

fn entries_of(field: Field, entries: &Entries, mask: Mask<'_>, left_out: &mut BTreeMap<String, String>) -> Entries {
    let mut plain = Entries::new();
    for (key, shown) in mask.entries(field, entries) {
        match shown {
            Shown::Plain(value) => {
                plain.insert(key, value);
            }
            Shown::Sensitive(digest) => {
                left_out.insert(format!("{field}.{key}"), digest);
            }
        }
    }
    plain
}
