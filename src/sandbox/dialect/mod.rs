//! The open questions of the API as switches, by name.

mod values;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use values::{
    Audit, Details, EmptyId, ErrorStatus, Errors, Expired, IdTypes, JsonFields, LoginConflict, MaxLimit, Omitted, Put,
    ScopeCheck, Seconds, Sticky, Unseen, WriteFields,
};

/// A switch by its name, with the values to try; the first value is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// The name, as in `NAME=VALUE`.
    pub name: &'static str,
    /// Every value; for a number one example besides the word.
    pub values: &'static [&'static str],
    /// Which numbers are values too, in words.
    pub numbers: Option<&'static str>,
}

/// Why a text sets no switch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialectError {
    /// The text is not `NAME=VALUE`.
    #[error("`{}` is not of the form `NAME=VALUE`", .0.escape_debug())]
    Form(String),
    /// No switch has this name.
    #[error("`{}` is not a switch; the switches are {}", .0.escape_debug(), names())]
    Name(String),
    /// The switch does not have this value.
    #[error("`{}` is not a value of `{name}`; the values are {}", .value.escape_debug(), allowed(.name))]
    Value {
        /// The switch.
        name: &'static str,
        /// What was given.
        value: String,
    },
}

/// Ties the names of the switches to the fields of [`Dialect`], once.
macro_rules! dialect {
    ($($(#[doc = $about:literal])* $field:ident: $kind:ident),+ $(,)?) => {
        /// One answer for every open question; the default is the documented or likeliest one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Dialect { $($(#[doc = $about])* pub $field: $kind),+ }

        const SWITCHES: &[Switch] =
            &[$(Switch { name: stringify!($field), values: $kind::VALUES, numbers: $kind::NUMBERS }),+];

        impl Dialect {
            /// Sets one switch, or says which names or values there are.
            pub fn set_value(&mut self, name: &str, value: &str) -> Result<(), DialectError> {
                match name {
                    $(stringify!($field) => {
                        self.$field = $kind::from_text(value).ok_or_else(|| DialectError::Value {
                            name: stringify!($field),
                            value: value.to_owned(),
                        })?;
                    })+
                    _ => return Err(DialectError::Name(name.to_owned())),
                }
                Ok(())
            }

            /// Describes each switch for a file: what it is about, its default, and what its values mean.
            fn schemas() -> Map<String, Value> {
                let described = [$((stringify!($field), concat!($($about),*).trim_ascii(), $kind::schema())),+];
                let switches = described.into_iter().zip(SWITCHES).map(|((name, about, mut schema), switch)| {
                    schema["description"] = json!(about);
                    schema["default"] = json!(switch.values[0]);
                    (name.to_owned(), schema)
                });
                switches.collect()
            }

            /// Gives every switch with its value, by name.
            pub fn values(&self) -> BTreeMap<&'static str, String> {
                let Self { $($field),+ } = *self;
                BTreeMap::from([$((stringify!($field), $field.text())),+])
            }
        }
    };
}

dialect! {
    /// How the body of an error looks.
    errors: Errors,
    /// Which HTTP status an error has.
    error_status: ErrorStatus,
    /// Whether the path of Info, Change and Delete must be the scope of the client.
    scope_check: ScopeCheck,
    /// What Change does with what its body leaves out.
    put: Put,
    /// Whether a login that succeeds answers 400.
    login_conflict: LoginConflict,
    /// What a missing or expired session is answered.
    expired: Expired,
    /// The most rows of one List.
    max_limit: MaxLimit,
    /// Which operations return `Policies` and `Settings`.
    details: Details,
    /// How `Policies` and `Settings` are written.
    json_fields: JsonFields,
    /// Where numbers of scopes are numbers and where strings.
    id_types: IdTypes,
    /// Whether `CMEnvironmentID` may be empty.
    empty_id: EmptyId,
    /// What Add does with fields that are left out.
    omitted: Omitted,
    /// Whether writes store only the fields that their query names.
    write_fields: WriteFields,
    /// What a client that may not be seen is answered.
    unseen: Unseen,
    /// What becomes of a wish for the fields that say who and when.
    audit: Audit,
    /// How long after its answer, or after the loss of it, a write is carried out.
    late: Seconds,
    /// How far List and Info are behind the writes.
    lag: Seconds,
    /// Whether a load balancer wants its cookie back.
    sticky: Sticky,
}

impl Dialect {
    /// Lists every switch with its values, for help texts and for tests that try them all.
    pub fn switches() -> &'static [Switch] {
        SWITCHES
    }

    /// Sets one switch from the form of the command line, `NAME=VALUE`.
    pub fn set(&mut self, text: &str) -> Result<(), DialectError> {
        let (name, value) = text.split_once('=').ok_or_else(|| DialectError::Form(text.to_owned()))?;
        self.set_value(name.trim(), value.trim())
    }
}

impl<'de> Deserialize<'de> for Dialect {
    /// Reads a map from switches to values; values may be text, numbers, `true` and `false`.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut dialect = Self::default();
        for (name, value) in BTreeMap::<String, serde_yaml::Value>::deserialize(deserializer)? {
            let value = match value {
                serde_yaml::Value::String(text) => text,
                serde_yaml::Value::Bool(truth) => truth.to_string(),
                serde_yaml::Value::Number(number) => number.to_string(),
                _ => return Err(D::Error::custom(format!("`{}` takes one word or number", name.escape_debug()))),
            };
            dialect.set_value(&name, &value).map_err(D::Error::custom)?;
        }
        Ok(dialect)
    }
}

impl JsonSchema for Dialect {
    fn schema_name() -> Cow<'static, str> {
        "Dialect".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "properties": Self::schemas(), "additionalProperties": false })
    }
}

impl Serialize for Dialect {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.values().serialize(serializer)
    }
}

fn quoted(words: impl Iterator<Item = &'static str>) -> String {
    let mut text = String::new();
    for word in words {
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}`{word}`");
    }
    text
}

fn names() -> String {
    quoted(SWITCHES.iter().map(|switch| switch.name))
}

fn allowed(name: &str) -> String {
    let switch = SWITCHES.iter().find(|switch| switch.name == name);
    let Switch { name: _, values, numbers } = switch.expect("an error about a value names one of the switches");
    match numbers {
        // The last value is but an example of the numbers.
        Some(numbers) => format!("`{}` and {numbers}", values[0]),
        None => quoted(values.iter().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_switch_can_be_set_and_reads_back() {
        for switch in Dialect::switches() {
            for value in switch.values {
                let mut dialect = Dialect::default();
                dialect.set(&format!("{}={value}", switch.name)).expect("a value of the list");
                assert_eq!(dialect.values()[switch.name], *value);
            }
        }
    }

    #[test]
    fn the_first_value_of_a_switch_is_its_default() {
        let defaults = Dialect::default().values();
        for switch in Dialect::switches() {
            assert_eq!(defaults[switch.name], switch.values[0]);
        }
    }

    #[test]
    fn an_error_names_what_is_allowed() {
        let error = |text: &str| Dialect::default().set(text).expect_err(text).to_string();
        assert_eq!(error("put"), "`put` is not of the form `NAME=VALUE`");
        assert_eq!(error("put=x"), "`x` is not a value of `put`; the values are `replace`, `merge`, `deep_merge`");
        assert_eq!(
            error("max_limit=0"),
            "`0` is not a value of `max_limit`; the values are `none` and the numbers from 1 up"
        );
        assert!(error("nope=x").starts_with("`nope` is not a switch; the switches are `errors`, "));
    }
}
