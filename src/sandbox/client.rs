//! One client as the sandbox keeps it, and what the body of Add or Change says about one.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::dialect::Put;
use super::estate::UnresolvedFrom;
use crate::model::{ClientId, Device, Partition, Scope};

/// A JSON object: `Policies` or `Settings`.
pub(super) type Object = Map<String, Value>;

/// One client with its true scope; this is also its form in the store and in `GET /sandbox/state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredClient {
    pub(super) id: ClientId,
    pub(super) scope: Scope,
    pub(super) shown: RowScope,
    pub(super) resolved: Resolvable,
    pub(super) description: Option<String>,
    pub(super) cm_environment_id: Option<String>,
    pub(super) policies: Option<Object>,
    pub(super) settings: Option<Object>,
    pub(super) created: Option<Touch>,
    pub(super) updated: Option<Touch>,
}

/// How rows show the scope of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RowScope {
    /// As it is.
    True,
    /// As partition -3 of its telephony server, with null descriptions.
    Unresolved,
}

/// Whether the client can be resolved from the generic configuration (error 30007).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Resolvable {
    Yes,
    No,
}

/// Who touched a client, and when, as the page writes it: a timestamp without time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Touch {
    pub(super) user: String,
    pub(super) time: String,
}

/// What a body says of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum BodyField<T> {
    #[default]
    LeftOut,
    /// The body has it, but the query of the request does not name it: whatever is stored stays.
    Unnamed,
    Null,
    Set(T),
}

/// The body of Add and Change (the vendor's page). Keys that it does not name are ignored.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub(super) struct Draft {
    /// Not on the page for Add, but 30006 is about it: a client with the same ID exists.
    #[serde(default, rename = "ID")]
    pub(super) id: BodyField<String>,
    #[serde(default, rename = "Description")]
    pub(super) description: BodyField<String>,
    #[serde(default, rename = "CMEnvironmentID")]
    pub(super) cm_environment_id: BodyField<String>,
    #[serde(default, rename = "Policies")]
    pub(super) policies: BodyField<ObjectForm>,
    #[serde(default, rename = "Settings")]
    pub(super) settings: BodyField<ObjectForm>,
}

/// A JSON object, written as one or as JSON inside a string.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ObjectForm(pub(super) Object);

impl StoredClient {
    /// Gives the scope as rows show it, which is also the one that List filters by.
    pub(super) fn shown_scope(&self) -> Scope {
        match self.shown {
            RowScope::True => self.scope.clone(),
            RowScope::Unresolved => {
                Scope { telsys: self.scope.telsys, partition: Partition::Unresolved, device: Device::All }
            }
        }
    }

    /// Makes a client out of nothing but a draft.
    pub(super) fn new(id: ClientId, scope: Scope, draft: Draft, touch: Touch) -> Self {
        let mut client = Self {
            id,
            scope,
            shown: RowScope::True,
            resolved: Resolvable::Yes,
            description: None,
            cm_environment_id: None,
            policies: Some(Object::new()),
            settings: Some(Object::new()),
            created: Some(touch.clone()),
            updated: None,
        };
        client.put(draft, Put::Replace, touch);
        client
    }

    /// Makes a client out of one of the estate.
    pub(super) fn first(id: ClientId, scope: Scope, first: &super::estate::FirstClient) -> Self {
        Self {
            id,
            scope,
            shown: first.shown_partition.map_or(RowScope::True, |_| RowScope::Unresolved),
            resolved: match first.unresolved_from {
                None => Resolvable::Yes,
                Some(UnresolvedFrom::GenericConfig) => Resolvable::No,
            },
            description: first.description.clone(),
            cm_environment_id: first.cm_environment_id.clone(),
            policies: first.policies.clone(),
            settings: first.settings.clone(),
            created: None,
            updated: None,
        }
    }

    /// Overwrites the fields as the dialect's Change does.
    pub(super) fn put(&mut self, draft: Draft, put: Put, touch: Touch) {
        let Draft { id: _, description, cm_environment_id, policies, settings } = draft;
        put_text(&mut self.description, description, put);
        put_text(&mut self.cm_environment_id, cm_environment_id, put);
        put_object(&mut self.policies, policies, put);
        put_object(&mut self.settings, settings, put);
        self.updated = Some(touch);
    }
}

fn put_text(kept: &mut Option<String>, field: BodyField<String>, put: Put) {
    match (field, put) {
        (BodyField::Set(text), _) => *kept = Some(text),
        (BodyField::Null, _) | (BodyField::LeftOut, Put::Replace) => *kept = None,
        (BodyField::LeftOut, Put::Merge | Put::DeepMerge) | (BodyField::Unnamed, _) => {}
    }
}

fn put_object(kept: &mut Option<Object>, field: BodyField<ObjectForm>, put: Put) {
    match (field, put) {
        (BodyField::Set(ObjectForm(object)), Put::Replace | Put::Merge) => *kept = Some(object),
        (BodyField::Set(ObjectForm(object)), Put::DeepMerge) => kept.get_or_insert_default().extend(object),
        (BodyField::Null, Put::Replace | Put::Merge) => *kept = None,
        (BodyField::LeftOut, Put::Replace) => *kept = Some(Object::new()),
        (BodyField::Null, Put::DeepMerge)
        | (BodyField::LeftOut, Put::Merge | Put::DeepMerge)
        | (BodyField::Unnamed, _) => {}
    }
}

impl Draft {
    /// Tells whether the body names none of the four fields, so that it provides no configuration (error 30001).
    pub(super) fn is_empty(&self) -> bool {
        let Self { id: _, description, cm_environment_id, policies, settings } = self;
        description == &BodyField::LeftOut
            && cm_environment_id == &BodyField::LeftOut
            && policies == &BodyField::LeftOut
            && settings == &BodyField::LeftOut
    }

    /// Tells whether the body leaves out any of the four fields.
    pub(super) fn omits(&self) -> bool {
        let Self { id: _, description, cm_environment_id, policies, settings } = self;
        description == &BodyField::LeftOut
            || cm_environment_id == &BodyField::LeftOut
            || policies == &BodyField::LeftOut
            || settings == &BodyField::LeftOut
    }

    /// Keeps of `Policies` and `Settings` only what the query names.
    pub(super) fn keep_named(&mut self, is_named: impl Fn(&str) -> bool) {
        let Self { id: _, description: _, cm_environment_id: _, policies, settings } = self;
        for (field, name) in [(policies, "Policies"), (settings, "Settings")] {
            if *field != BodyField::LeftOut && !is_named(name) {
                *field = BodyField::Unnamed;
            }
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for BodyField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Set))
    }
}

impl<'de> Deserialize<'de> for ObjectForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        match Value::deserialize(deserializer)? {
            Value::Object(object) => Ok(Self(object)),
            Value::String(text) => serde_json::from_str(&text).map(Self).map_err(D::Error::custom),
            _ => Err(D::Error::custom("an object is wanted")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object {
        serde_json::from_str(text).expect("an object")
    }

    fn after(put: Put, body: &str) -> (Option<String>, Option<Object>) {
        let touch = Touch { user: "u".to_owned(), time: "t".to_owned() };
        let id = ClientId::from_server("x").expect("an id");
        let scope =
            serde_json::from_str(r#"{"telsys":1,"partition":-1,"device":"UnknownNoneOrAll"}"#).expect("a scope");
        let draft = serde_json::from_str(r#"{"Description":"d","Settings":{"a":1,"b":2}}"#).expect("a draft");
        let mut client = StoredClient::new(id, scope, draft, touch.clone());
        client.put(serde_json::from_str(body).expect("a draft"), put, touch);
        (client.description, client.settings)
    }

    #[test]
    fn replace_empties_what_is_left_out() {
        assert_eq!(after(Put::Replace, "{}"), (None, Some(object("{}"))));
        assert_eq!(after(Put::Replace, r#"{"Settings":{"a":3}}"#), (None, Some(object(r#"{"a":3}"#))));
    }

    #[test]
    fn merge_keeps_fields_and_deep_merge_keeps_keys() {
        let body = r#"{"Settings":{"a":3}}"#;
        assert_eq!(after(Put::Merge, body), (Some("d".to_owned()), Some(object(r#"{"a":3}"#))));
        assert_eq!(after(Put::DeepMerge, body), (Some("d".to_owned()), Some(object(r#"{"a":3,"b":2}"#))));
        assert_eq!(after(Put::Merge, r#"{"Description":null,"Settings":null}"#), (None, None), "null is kept as null");
    }

    #[test]
    fn an_object_may_stand_inside_a_string() {
        let draft: Draft = serde_json::from_str(r#"{"Policies":"{\"a\":true}"}"#).expect("a draft");
        assert_eq!(draft.policies, BodyField::Set(ObjectForm(object(r#"{"a":true}"#))));
        assert!(serde_json::from_str::<Draft>(r#"{"Policies":[]}"#).is_err());
    }
}
