//! The open questions of the API as switches: for each, every answer the real server might give.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Declares one switch: an enum whose variants are its values, the first of which is the default.
macro_rules! switch {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$meaning])* $variant),+ }

        impl $name {
            const VALUES: &'static [&'static str] = &[$($text),+];

            fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            fn text(self) -> String {
                match self { $(Self::$variant => $text.to_owned()),+ }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::from_text(Self::VALUES[0]).expect("the first value of a switch is one of its values")
            }
        }
    };
}

switch! {
    /// How the body of an error looks.
    Errors {
        /// `{"Result":"Failure","ErrorCode":30005,"ErrorMessage":"…"}`.
        Coded = "coded",
        /// `{"Message":"…"}`, as other endpoints answer.
        Message = "message",
        /// The constant alone, as text.
        Bare = "bare",
        /// Nothing.
        Empty = "empty",
        /// A page of HTML, as a servlet container answers.
        Html = "html",
    }
}

switch! {
    /// Which HTTP status an error has.
    ErrorStatus {
        /// 400 for all.
        BadRequest = "bad_request",
        /// 403, 404 or 409 where one fits, else 400.
        Mapped = "mapped",
        /// 200 with a `Result` other than `Success`.
        Ok = "ok",
    }
}

switch! {
    /// Whether the path of Info, Change and Delete must be the scope of the client.
    ScopeCheck {
        /// It must be the scope that rows show, or the true one.
        Strict = "strict",
        /// Only the id counts.
        Lenient = "lenient",
    }
}

switch! {
    /// What Change does with what its body leaves out.
    Put {
        /// Empties it.
        Replace = "replace",
        /// Keeps the fields that are left out.
        Merge = "merge",
        /// Keeps the fields that are left out, and the keys left out of `Policies` and `Settings`.
        DeepMerge = "deep_merge",
    }
}

switch! {
    /// Whether a login answers 400 "There were other browser sessions active" and logs in nevertheless.
    LoginConflict {
        /// It answers 200.
        False = "false",
        /// It answers 400.
        True = "true",
    }
}

switch! {
    /// What a missing or expired session and a wrong API key are answered.
    Expired {
        /// Status 401.
        Unauthorized = "unauthorized",
        /// A redirect to a login page.
        Redirect = "redirect",
        /// A login page with status 200.
        Html = "html",
        /// A general error code, with the status that `error_status` gives.
        Coded = "coded",
    }
}

switch! {
    /// Which operations return `Policies` and `Settings` when they are asked for.
    Details {
        /// Info alone.
        Info = "info",
        /// Info and List; rows of a List that asks for them also carry `CMEnvironmentID`, so that no Info is needed.
        Both = "both",
        /// None.
        Never = "never",
    }
}

switch! {
    /// How `Policies` and `Settings` are written.
    JsonFields {
        /// As objects.
        Object = "object",
        /// As JSON inside a string.
        String = "string",
    }
}

switch! {
    /// Where `TelSysID` and `PartitionID` are numbers and where strings.
    IdTypes {
        /// Numbers in List, strings in Info (the vendor's samples).
        Documented = "documented",
        /// The reverse.
        Swapped = "swapped",
    }
}

/// The most rows that one List answers with, whatever its `limit` says: a number from 1 up, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MaxLimit(pub Option<std::num::NonZeroU32>);

impl MaxLimit {
    /// `none`, and one small number for tests that try every value.
    const VALUES: &'static [&'static str] = &["none", "7"];

    fn from_text(text: &str) -> Option<Self> {
        if text == "none" { Some(Self(None)) } else { text.parse().ok().map(|most| Self(Some(most))) }
    }

    fn text(self) -> String {
        self.0.map_or_else(|| "none".to_owned(), |most| most.to_string())
    }
}

/// One answer for every open question; the default is the documented or likeliest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dialect {
    /// How the body of an error looks.
    pub errors: Errors,
    /// Which HTTP status an error has.
    pub error_status: ErrorStatus,
    /// Whether the path of Info, Change and Delete must be the scope of the client.
    pub scope_check: ScopeCheck,
    /// What Change does with what its body leaves out.
    pub put: Put,
    /// Whether a login that succeeds answers 400.
    pub login_conflict: LoginConflict,
    /// What a missing or expired session is answered.
    pub expired: Expired,
    /// The most rows of one List.
    pub max_limit: MaxLimit,
    /// Which operations return `Policies` and `Settings`.
    pub details: Details,
    /// How `Policies` and `Settings` are written.
    pub json_fields: JsonFields,
    /// Where numbers of scopes are numbers and where strings.
    pub id_types: IdTypes,
}

/// A switch by its name, with the values to try; the first value is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// The name, as in `NAME=VALUE`.
    pub name: &'static str,
    /// Every value; for a number one example besides the word.
    pub values: &'static [&'static str],
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
macro_rules! switches {
    ($($field:ident: $kind:ident),+ $(,)?) => {
        const SWITCHES: &[Switch] = &[$(Switch { name: stringify!($field), values: $kind::VALUES }),+];

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

            /// Gives every switch with its value, by name.
            pub fn values(&self) -> BTreeMap<&'static str, String> {
                let Self { $($field),+ } = *self;
                BTreeMap::from([$((stringify!($field), $field.text())),+])
            }
        }
    };
}

switches! {
    errors: Errors,
    error_status: ErrorStatus,
    scope_check: ScopeCheck,
    put: Put,
    login_conflict: LoginConflict,
    expired: Expired,
    max_limit: MaxLimit,
    details: Details,
    json_fields: JsonFields,
    id_types: IdTypes,
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
    if name == "max_limit" {
        return "`none` and the numbers from 1 up".to_owned();
    }
    quoted(SWITCHES.iter().filter(|switch| switch.name == name).flat_map(|switch| switch.values.iter().copied()))
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
