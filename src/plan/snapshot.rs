//! The content of a client as a journal keeps it: everything but sensitive values.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{ClientId, Content, Entries, Field, Json, KnownContent, LiveClient, Nullable, Payload, Scope};
use crate::redact::{Mask, Shown};

/// A client as it was before or after a write. A field that the server did not show is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// The scope.
    pub scope: Scope,
    /// The id, if it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<ClientId>,
    /// The content, without sensitive values.
    #[serde(flatten)]
    pub content: Content<Option<Json>, Option<Entries>>,
    /// Fields that hold no value: the server shows null. In the content they read as empty.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unset: BTreeSet<String>,
    /// What was left out because it is sensitive, as `settings.crm::password`, with a keyed digest of its value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub left_out: BTreeMap<String, String>,
}

impl Snapshot {
    /// Takes a live client.
    pub(crate) fn of_live(live: &LiveClient, mask: Mask<'_>) -> Self {
        let LiveClient { id, scope, content, labels: _, detail: _ } = live;
        Self { id: Some(id.clone()), ..Self::of(scope, content.known(), mask) }
    }

    /// Takes what is about to be written.
    pub(crate) fn of_payload(scope: &Scope, payload: &Payload, mask: Mask<'_>) -> Self {
        Self::of(scope, payload.as_known(), mask)
    }

    fn of(scope: &Scope, content: KnownContent<'_>, mask: Mask<'_>) -> Self {
        let mut left_out = BTreeMap::new();
        let unset =
            content.fields_where(|text| text.is_some_and(Nullable::is_null), |one| one.is_some_and(Nullable::is_null));
        let unset = unset.into_iter().map(|field| field.name().to_owned()).collect();
        let content = content
            .map_texts(|field, value| text(field, value?, mask, &mut left_out))
            .map_entries(|field, entries| Some(entries_of(field, entries?, mask, &mut left_out)));
        Self { scope: scope.clone(), id: None, content, unset, left_out }
    }
}

fn text(field: Field, value: &str, mask: Mask<'_>, left_out: &mut BTreeMap<String, String>) -> Option<Json> {
    match mask.text(field, value) {
        Shown::Plain(value) => Some(value),
        Shown::Sensitive(digest) => {
            left_out.insert(field.name().to_owned(), digest.as_str().to_owned());
            None
        }
    }
}

fn entries_of(field: Field, entries: &Entries, mask: Mask<'_>, left_out: &mut BTreeMap<String, String>) -> Entries {
    let mut plain = |(key, shown)| match shown {
        Shown::Plain(value) => Some((key, value)),
        Shown::Sensitive(digest) => {
            left_out.insert(format!("{field}.{key}"), digest.as_str().to_owned());
            None
        }
    };
    mask.entries(field, entries).into_iter().filter_map(&mut plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{row, sensitive};

    #[test]
    fn a_snapshot_keeps_its_form_and_every_digit() {
        let number: serde_json::Value = serde_json::from_str("12345678901234567890.10").expect("a number");
        let live = row("desk", "0123", &[("core::n", number), ("crm::password", "s".into())]);
        let sensitive = sensitive(&["settings.crm::*"]);
        let snapshot = Snapshot::of_live(&live, Mask(&sensitive));
        let text = serde_json::to_string(&snapshot).expect("JSON");
        insta::assert_snapshot!(text, @r#"{"scope":{"telsys":417,"partition":1,"device":"0123"},"id":"id-of-0123","description":"desk","cm_environment_id":"","policies":{},"settings":{"core::n":12345678901234567890.10},"unset":["cm_environment_id","policies"],"left_out":{"settings.crm::password":"hmac-sha256:7f9f18441995f0aa0c905b4f3b411d651594c4215cdde54ce87eda5ea005fdf6"}}"#);
        assert_eq!(serde_json::from_str::<Snapshot>(&text).expect("a snapshot"), snapshot);
    }
}
