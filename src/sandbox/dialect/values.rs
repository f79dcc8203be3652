//! The values of the switches: for each open question of the API, every answer the real server might give.

use std::time::Duration;

use serde_json::{Value, json};

/// Describes one value. `true` and `false` are read with and without quotes.
fn one(text: &str, meaning: &str) -> Value {
    match text.parse::<bool>() {
        Ok(truth) => json!({ "enum": [truth, text], "description": meaning }),
        Err(_) => json!({ "const": text, "description": meaning }),
    }
}

/// Declares one switch: an enum whose variants are its values, the first of which is the default.
macro_rules! switch {
    ($(#[$about:meta])* $name:ident { $($(#[doc = $meaning:literal])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $meaning])* $variant),+ }

        impl $name {
            pub(super) const VALUES: &'static [&'static str] = &[$($text),+];
            pub(super) const NUMBERS: Option<&'static str> = None;

            pub(super) fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            pub(super) fn text(self) -> String {
                match self { $(Self::$variant => $text.to_owned()),+ }
            }

            /// Describes what may stand in a file: each value with what it means.
            pub(super) fn schema() -> Value {
                json!({ "oneOf": [$(one($text, concat!($($meaning),*).trim_ascii())),+] })
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

switch! {
    /// What an empty `CMEnvironmentID` in Add and Change is answered.
    EmptyId {
        /// It is stored as it is.
        Accepted = "accepted",
        /// It is refused as a CM environment that does not exist (30007).
        Refused = "refused",
    }
}

switch! {
    /// What Add does with fields that its body leaves out.
    Omitted {
        /// They are empty: a null text, an object without keys.
        Empty = "empty",
        /// The Add is refused as one without a configuration (30001).
        Refused = "refused",
    }
}

switch! {
    /// Whether `IntegratorClientFields` says which fields a write stores.
    WriteFields {
        /// All fields of the body are stored.
        Ignored = "ignored",
        /// `Policies` and `Settings` are stored if they are named there, and otherwise left as they are.
        Required = "required",
    }
}

switch! {
    /// What Info, Change and Delete of a client that exists and may not be seen are answered.
    Unseen {
        /// The user lacks the rights (30000).
        Refused = "refused",
        /// There is no such client (30003).
        NotFound = "not_found",
    }
}

switch! {
    /// What List and Info do when they are asked for `UserIDCreatedBy`, `UserIDUpdatedBy`, `DateTimeCreated` or
    /// `DateTimeUpdated`.
    Audit {
        /// They return them.
        RowScope = "shown",
        /// They refuse the request with a general error code.
        Refused = "refused",
        /// They leave them out.
        Ignored = "ignored",
    }
}

switch! {
    /// Whether a load balancer wants its cookie back.
    Sticky {
        /// There is none.
        False = "false",
        /// Answers to requests without the cookie `ROUTE` set it; what belongs to a session is refused with status 400
        /// without it.
        True = "true",
    }
}

/// The most rows that one List answers with, whatever its `limit` says: a number from 1 up, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MaxLimit(pub Option<std::num::NonZeroU32>);

impl MaxLimit {
    /// `none`, and one small number for tests that try every value.
    pub(super) const VALUES: &'static [&'static str] = &["none", "7"];
    pub(super) const NUMBERS: Option<&'static str> = Some("the numbers from 1 up");

    pub(super) fn from_text(text: &str) -> Option<Self> {
        if text == "none" { Some(Self(None)) } else { text.parse().ok().map(|most| Self(Some(most))) }
    }

    pub(super) fn text(self) -> String {
        self.0.map_or_else(|| "none".to_owned(), |most| most.to_string())
    }

    pub(super) fn schema() -> Value {
        json!({ "anyOf": [{ "const": Self::VALUES[0] }, { "type": "integer", "minimum": 1, "maximum": u32::MAX }] })
    }
}

/// A time in seconds, as `0.5s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seconds(pub Duration);

impl Seconds {
    /// The most that makes sense, in seconds.
    const MOST: f64 = 3600.0;
    /// None, and a short time for tests that try every value.
    pub(super) const VALUES: &'static [&'static str] = &["0s", "0.5s"];
    pub(super) const NUMBERS: Option<&'static str> = Some("the times up to `3600s`");

    pub(super) fn from_text(text: &str) -> Option<Self> {
        let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
        (0.0..=Self::MOST).contains(&seconds).then(|| Self(Duration::from_secs_f64(seconds)))
    }

    pub(super) fn text(self) -> String {
        format!("{}s", self.0.as_secs_f64())
    }

    pub(super) fn schema() -> Value {
        json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?s$", "examples": Self::VALUES })
    }
}
