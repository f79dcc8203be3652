//! The error codes of the API: their names, what they mean, and how to find them in what a server says.

use std::fmt;

/// An error code of the API, such as 30005.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub u32);

/// What a known error code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// 30000.
    NotEnoughPermissions,
    /// 30001.
    NoConfig,
    /// 30002.
    NoId,
    /// 30003.
    NotFound,
    /// 30004.
    DeviceNotFound,
    /// 30005.
    ExistsForScope,
    /// 30006.
    ExistsForId,
    /// 30007.
    NotResolved,
    /// 30008.
    MultiTelsys,
    /// 30009.
    MultiPartition,
    /// 10000 and 10103: an error that may or may not pass.
    GeneralAmbiguous,
    /// 10001, 10101 and 10102: an error that stays.
    GeneralPermanent,
    /// 10104 and 10105: the database is away for minutes, for maintenance or a backup.
    GeneralTransient,
}

struct Known {
    code: u32,
    meaning: Meaning,
    /// The constant without its prefix; the general codes have none that is public.
    name: Option<&'static str>,
    /// The sentence of the vendor's page, Error Codes.
    sentence: &'static str,
}

const PREFIX: &str = "INTEGRATOR_CLIENT_";

const fn own(code: u32, meaning: Meaning, name: &'static str, sentence: &'static str) -> Known {
    Known { code, meaning, name: Some(name), sentence }
}

const fn general(code: u32, meaning: Meaning, sentence: &'static str) -> Known {
    Known { code, meaning, name: None, sentence }
}

/// Every code with a known meaning: the vendor's page, Error Codes, and the general codes shared with the SOAP API.
const KNOWN: [Known; 17] = [
    own(
        30000,
        Meaning::NotEnoughPermissions,
        "INTEGRATOR_CLIENT_NOT_ENOUGH_PERMISSIONS_FOR_ACTION",
        "The current user does not have enough permissions to perform the action.",
    ),
    own(30001, Meaning::NoConfig, "INTEGRATOR_CLIENT_NO_CONFIG_PROVIDED", "No configuration provided in the request."),
    own(
        30002,
        Meaning::NoId,
        "INTEGRATOR_CLIENT_NO_ID_PROVIDED_IN_REQUEST",
        "No Integrator Client ID provided in the request.",
    ),
    own(
        30003,
        Meaning::NotFound,
        "INTEGRATOR_CLIENT_NOT_FOUND",
        "Integrator Client with the specified ID was not found.",
    ),
    own(
        30004,
        Meaning::DeviceNotFound,
        "INTEGRATOR_CLIENT_DEVICE_NOT_FOUND_IN_TELSYS",
        "The specified device was not found in the telephony server.",
    ),
    own(
        30005,
        Meaning::ExistsForScope,
        "INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE",
        "An Integrator Client with the same scope already exists.",
    ),
    own(
        30006,
        Meaning::ExistsForId,
        "INTEGRATOR_CLIENT_EXISTS_FOR_ID",
        "An Integrator Client with the same ID already exists.",
    ),
    own(
        30007,
        Meaning::NotResolved,
        "INTEGRATOR_CLIENT_NOT_RESOLVED_FROM_GENERIC_CONFIG",
        "The Integrator Client could not be resolved from the generic configuration.",
    ),
    own(
        30008,
        Meaning::MultiTelsys,
        "INTEGRATOR_CLIENT_MULTI_TELSYS_NOT_ALLOWED_FOR_USER",
        "The Integrator Client cannot be assigned to multiple telephony servers for the user.",
    ),
    own(
        30009,
        Meaning::MultiPartition,
        "INTEGRATOR_CLIENT_MULTI_PARTITION_NOT_ALLOWED_FOR_USER",
        "The Integrator Client cannot be assigned to multiple partitions for the user.",
    ),
    general(10000, Meaning::GeneralAmbiguous, "A general error of the server, which may pass or stay."),
    general(10001, Meaning::GeneralPermanent, "A general error of the server that repeating does not cure."),
    general(10101, Meaning::GeneralPermanent, "A database error of the server that repeating does not cure."),
    general(10102, Meaning::GeneralPermanent, "A database error of the server that repeating does not cure."),
    general(10103, Meaning::GeneralAmbiguous, "A database error of the server, which may pass or stay."),
    general(10104, Meaning::GeneralTransient, "The database is not available; this lasts minutes."),
    general(
        10105,
        Meaning::GeneralTransient,
        "The database is under maintenance or being backed up; this lasts minutes.",
    ),
];

impl ErrorCode {
    /// Lists the codes with a known meaning, for `explain`.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|known| Self(known.code))
    }

    /// Gives the constant of the vendor's page, if the code has one.
    pub fn name(self) -> Option<&'static str> {
        self.known().and_then(|known| known.name)
    }

    /// Gives the sentence of the vendor's page, or what is known of a general code.
    pub fn explanation(self) -> Option<&'static str> {
        self.known().map(|known| known.sentence)
    }

    /// Gives the meaning of a known code.
    pub fn meaning(self) -> Option<Meaning> {
        self.known().map(|known| known.meaning)
    }

    /// Takes a number that a server calls a code; HTTP statuses and zero are none.
    pub(super) fn from_number(number: u64) -> Option<Self> {
        u32::try_from(number).ok().filter(|number| (10_000..100_000).contains(number)).map(Self)
    }

    /// Finds the code in a text: the number, the constant with or without its prefix, or the vendor's sentence.
    pub(super) fn in_text(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('"').trim();
        if let Some(code) = text.parse().ok().and_then(Self::from_number) {
            return Some(code);
        }
        let found = KNOWN.iter().find(|known| known.is_said_by(text));
        found.map(|known| Self(known.code))
    }

    /// Tells whether this is a general code (10000 to 19999, shared with the SOAP API) that nobody has explained.
    pub(super) fn is_unknown_general(self) -> bool {
        (10_000..20_000).contains(&self.0) && self.known().is_none()
    }

    fn known(self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.code == self.0)
    }
}

impl Known {
    fn is_said_by(&self, text: &str) -> bool {
        let Some(name) = self.name else { return false };
        let bare = name.strip_prefix(PREFIX).unwrap_or(name);
        text.eq_ignore_ascii_case(bare) || holds_word(text, name) || text.contains(self.sentence.trim_end_matches('.'))
    }
}

/// Tells whether `word` stands in `text` and is not part of a longer constant.
fn holds_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

impl fmt::Display for ErrorCode {
    /// Writes `30005 INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE`, or the number alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} {name}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_constant_maps_to_its_number() {
        for text in [
            "30005",
            "INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE",
            "EXISTS_FOR_SCOPE",
            "\"INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE\"",
            "30005 INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE",
            "An Integrator Client with the same scope already exists.",
            "<h1>INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE</h1>",
        ] {
            assert_eq!(ErrorCode::in_text(text), Some(ErrorCode(30005)), "{text}");
        }
    }

    #[test]
    fn the_two_constants_with_not_found_are_not_mixed_up() {
        assert_eq!(ErrorCode::in_text("INTEGRATOR_CLIENT_NOT_FOUND"), Some(ErrorCode(30003)));
        assert_eq!(ErrorCode::in_text("DEVICE_NOT_FOUND_IN_TELSYS"), Some(ErrorCode(30004)));
        assert_eq!(ErrorCode::in_text("INTEGRATOR_CLIENT_NOT_FOUND_EITHER"), None);
    }

    #[test]
    fn statuses_and_other_numbers_are_no_codes() {
        for text in ["404", "0", "-30005", "300050000", "page not found"] {
            assert_eq!(ErrorCode::in_text(text), None, "{text}");
        }
    }

    #[test]
    fn every_known_code_has_an_explanation() {
        assert!(ErrorCode::all().all(|code| code.explanation().is_some() && code.meaning().is_some()));
        assert_eq!(ErrorCode(30005).to_string(), "30005 INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE");
        assert_eq!(ErrorCode(10104).to_string(), "10104");
    }
}
