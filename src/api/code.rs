//! The one table of the API's error codes: what each means, what follows from it, and what to do about it.

use std::fmt;

use super::error::{ErrorCode, ErrorKind, Operation};

/// What the table says of one code.
struct CodeRow {
    code: u32,
    /// The constant of the vendor's page, Error Codes; the general codes have none that is public.
    name: Option<&'static str>,
    /// The sentence of the vendor's page, or what is known of a general code.
    meaning: &'static str,
    class: Class,
    help: Help,
}

/// What a code says about trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Repeating does not cure it, and nothing was done.
    Permanent(ErrorKind),
    /// It passes within minutes.
    Transient,
    /// It may pass or stay, and does not tell what was done.
    Ambiguous,
    /// It may say that the session is over.
    Session,
}

/// What to do about a code.
#[derive(Debug, Clone, Copy)]
enum Help {
    /// The same whatever was asked for.
    Always(&'static str),
    /// It depends on whether the request was about a client that is listed.
    ByClient { named: &'static str, unnamed: &'static str },
    /// It depends on whether the request held the content of a client.
    ByContent { sent: &'static str, unsent: &'static str },
    /// It depends on whether the request would have changed anything.
    ByEffect { read: &'static str, write: &'static str },
}

const PERMANENT: &str = "repeating does not help: give the code to the administrator of the CCS host";
const TRANSIENT: &str =
    "the database of the CCS host is away, for maintenance or a backup: run it again in a few minutes";
const AMBIGUOUS: Help = Help::ByEffect {
    read: "run it again in a few minutes; if it stays, give the code to the administrator of the CCS host",
    write: "run `icsync plan` to see what is true now, and run it again; if it stays, give the code to the administrator of the CCS host",
};

const fn general(code: u32, class: Class, meaning: &'static str, help: Help) -> CodeRow {
    CodeRow { code, name: None, meaning, class, help }
}

/// Every code with a known meaning: the vendor's page, Error Codes, and the general codes shared with the SOAP API.
const TABLE: &[CodeRow] = &[
    CodeRow {
        code: 30000,
        name: Some("INTEGRATOR_CLIENT_NOT_ENOUGH_PERMISSIONS_FOR_ACTION"),
        meaning: "The current user does not have enough permissions to perform the action.",
        class: Class::Permanent(ErrorKind::NotPermitted),
        help: Help::Always(
            "give the user of this key or login the Integrator Client privilege for this scope, or leave the scope out of `manage`",
        ),
    },
    CodeRow {
        code: 30001,
        name: Some("INTEGRATOR_CLIENT_NO_CONFIG_PROVIDED"),
        meaning: "No configuration provided in the request.",
        class: Class::Permanent(ErrorKind::Refused),
        help: Help::ByContent {
            sent: "the configuration that icsync sent was lost on the way: look for a proxy that strips bodies, and report this",
            unsent: "this request needs no configuration: give the code to the administrator of the CCS host",
        },
    },
    CodeRow {
        code: 30002,
        name: Some("INTEGRATOR_CLIENT_NO_ID_PROVIDED_IN_REQUEST"),
        meaning: "No Integrator Client ID provided in the request.",
        class: Class::Permanent(ErrorKind::Refused),
        help: Help::ByClient {
            named: "the id that icsync sent was lost on the way: look for a proxy that rewrites paths (ids hold colons), and report this",
            unnamed: "this request needs no id: give the code to the administrator of the CCS host",
        },
    },
    CodeRow {
        code: 30003,
        name: Some("INTEGRATOR_CLIENT_NOT_FOUND"),
        meaning: "Integrator Client with the specified ID was not found.",
        class: Class::Permanent(ErrorKind::NotFound),
        help: Help::ByClient {
            named: "somebody deleted the client since it was listed: plan again; an `id:` in git may be out of date, `icsync pin` renews it",
            unnamed: "this request names no id: check that the telephony server and the partition of this scope exist",
        },
    },
    CodeRow {
        code: 30004,
        name: Some("INTEGRATOR_CLIENT_DEVICE_NOT_FOUND_IN_TELSYS"),
        meaning: "The specified device was not found in the telephony server.",
        class: Class::Permanent(ErrorKind::Refused),
        help: Help::Always(
            "compare the device's number with the telephony server digit by digit, with its `+` and leading zeros, and check `scope.telsys` and `scope.partition`",
        ),
    },
    CodeRow {
        code: 30005,
        name: Some("INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE"),
        meaning: "An Integrator Client with the same scope already exists.",
        class: Class::Permanent(ErrorKind::Exists),
        help: Help::Always(
            "another client has this exact scope already, perhaps one that the lists show with partition -3, or one that this key may not see: plan again to bind it, write its id as `id:` into the definition, or use a key that may see the scope",
        ),
    },
    CodeRow {
        code: 30006,
        name: Some("INTEGRATOR_CLIENT_EXISTS_FOR_ID"),
        meaning: "An Integrator Client with the same ID already exists.",
        class: Class::Permanent(ErrorKind::Exists),
        help: Help::Always(
            "another client has this id already: plan again, and remove a wrong `id:` from the definition",
        ),
    },
    CodeRow {
        code: 30007,
        name: Some("INTEGRATOR_CLIENT_NOT_RESOLVED_FROM_GENERIC_CONFIG"),
        meaning: "The Integrator Client could not be resolved from the generic configuration.",
        class: Class::Permanent(ErrorKind::Refused),
        help: Help::ByContent {
            sent: "check that `cm_environment_id` names an environment that exists, and the generic configuration of the CCS host; then look for keys and types of values that the server's version does not know",
            unsent: "the server cannot resolve the client's own scope, which happens when its device or partition was deleted: look at it in the CCS administration",
        },
    },
    CodeRow {
        code: 30008,
        name: Some("INTEGRATOR_CLIENT_MULTI_TELSYS_NOT_ALLOWED_FOR_USER"),
        meaning: "The Integrator Client cannot be assigned to multiple telephony servers for the user.",
        class: Class::Permanent(ErrorKind::NotPermitted),
        help: Help::Always(
            "the user may work on one telephony server only: name one under `scope.telsys`, or use a user with rights over several",
        ),
    },
    CodeRow {
        code: 30009,
        name: Some("INTEGRATOR_CLIENT_MULTI_PARTITION_NOT_ALLOWED_FOR_USER"),
        meaning: "The Integrator Client cannot be assigned to multiple partitions for the user.",
        class: Class::Permanent(ErrorKind::NotPermitted),
        help: Help::Always(
            "the user may work on one partition only: name it as `scope.partition`, or use a user with rights over the whole telephony server",
        ),
    },
    general(
        10000,
        Class::Ambiguous,
        "The server failed without saying why, or whether a write was carried out.",
        AMBIGUOUS,
    ),
    general(
        10001,
        Class::Permanent(ErrorKind::Refused),
        "The server does not accept the request.",
        Help::Always(PERMANENT),
    ),
    general(
        10101,
        Class::Permanent(ErrorKind::Refused),
        "The server does not accept the request.",
        Help::Always(PERMANENT),
    ),
    general(
        10102,
        Class::Permanent(ErrorKind::Refused),
        "The server does not accept the request.",
        Help::Always(PERMANENT),
    ),
    general(
        10103,
        Class::Ambiguous,
        "The server failed without saying why, or whether a write was carried out.",
        AMBIGUOUS,
    ),
    general(
        10104,
        Class::Transient,
        "The database is not available: maintenance or a backup.",
        Help::Always(TRANSIENT),
    ),
    general(
        10105,
        Class::Transient,
        "The database is not available: maintenance or a backup.",
        Help::Always(TRANSIENT),
    ),
    general(
        10201,
        Class::Session,
        "The sandbox answers this, when its dialect says so, to a request without a valid session; no page of the vendor names a code for it.",
        Help::Always("icsync logs in again by itself; if it happens at once, check the credentials of the target"),
    ),
];

impl ErrorCode {
    /// 30007.
    pub(super) const NO_CONFIG: Self = Self(30001);
    pub(super) const NOT_RESOLVED: Self = Self(30007);

    /// Lists the codes of the table.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| Self(row.code))
    }

    /// Gives the constant of the vendor's page, if the code has one.
    pub(crate) fn name(self) -> Option<&'static str> {
        self.row()?.name
    }

    /// Says what the code is about in a few words: its name, or of a general code what is known.
    pub(crate) fn title(self) -> Option<&'static str> {
        let row = self.row()?;
        row.name.or(Some(match row.class {
            Class::Permanent(_) => "general refusal of the server",
            Class::Transient => "the server is not available for a while",
            Class::Ambiguous => "general error of the server",
            Class::Session => "the session is over",
        }))
    }

    /// Gives the sentence of the vendor's page, or what is known of a general code.
    pub(crate) fn meaning(self) -> Option<&'static str> {
        self.row().map(|row| row.meaning)
    }

    /// Says what to do about the code when an operation meets it.
    pub(crate) fn help(self, operation: Operation) -> Option<&'static str> {
        self.row().map(|row| row.help.on(operation))
    }

    /// Tells what the code says about trying again.
    pub(super) fn class(self) -> Option<Class> {
        self.row().map(|row| row.class)
    }

    /// Takes a number that a server calls a code: of the general ones, or of those of integrator clients. HTTP statuses and
    /// the numbers of what stands between us and the server are none.
    pub(super) fn from_number(number: u64) -> Option<Self> {
        let code = u32::try_from(number).ok().map(Self)?;
        (code.is_general() || (30_000..40_000).contains(&code.0)).then_some(code)
    }

    /// Finds the code in a text: the number, the constant with or without its prefix, or the vendor's sentence.
    pub(super) fn in_text(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('"').trim();
        if let Some(code) = text.parse().ok().and_then(Self::from_number) {
            return Some(code);
        }
        let found = TABLE.iter().find(|row| row.is_said_by(text));
        found.map(|row| Self(row.code))
    }

    /// Tells whether this is one of the codes that are shared with the SOAP API.
    pub(crate) fn is_general(self) -> bool {
        (10_000..20_000).contains(&self.0)
    }

    /// Tells whether this is a general code that may say anything, also that the session is over.
    pub(crate) fn is_unknown_general(self) -> bool {
        self.is_general() && matches!(self.class(), None | Some(Class::Session))
    }

    fn row(self) -> Option<&'static CodeRow> {
        TABLE.iter().find(|row| row.code == self.0)
    }
}

impl Help {
    fn on(self, operation: Operation) -> &'static str {
        match (self, operation) {
            (Self::Always(help), _)
            | (Self::ByClient { named: help, .. }, Operation::Info | Operation::Change | Operation::Delete)
            | (Self::ByClient { unnamed: help, .. }, Operation::Session | Operation::List | Operation::Add)
            | (Self::ByContent { sent: help, .. }, Operation::Add | Operation::Change)
            | (
                Self::ByContent { unsent: help, .. },
                Operation::Session | Operation::List | Operation::Info | Operation::Delete,
            )
            | (Self::ByEffect { write: help, .. }, Operation::Add | Operation::Change | Operation::Delete)
            | (Self::ByEffect { read: help, .. }, Operation::Session | Operation::List | Operation::Info) => help,
        }
    }
}

impl CodeRow {
    fn is_said_by(&self, text: &str) -> bool {
        let Some(name) = self.name else { return false };
        let bare = name.strip_prefix("INTEGRATOR_CLIENT_").unwrap_or(name);
        text.eq_ignore_ascii_case(bare) || holds_word(text, name) || text.contains(self.meaning.trim_end_matches('.'))
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
        for text in ["404", "0", "-30005", "300050000", "50013", "20000", "page not found"] {
            assert_eq!(ErrorCode::in_text(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_holds_every_code_that_is_known_once() {
        let codes: Vec<u32> = ErrorCode::all().map(|code| code.0).collect();
        let general = [10000, 10001, 10101, 10102, 10103, 10104, 10105, 10201];
        assert_eq!(codes, (30000..=30009).chain(general).collect::<Vec<_>>());
        assert_eq!(ErrorCode(30005).to_string(), "30005 INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE");
        assert_eq!(ErrorCode(10104).to_string(), "10104");
    }

    #[test]
    fn names_meanings_and_help_have_their_form() {
        for CodeRow { code, name, meaning, class: _, help } in TABLE {
            assert_eq!(name.is_none(), ErrorCode(*code).is_general(), "{code}");
            assert!(name.is_none_or(|name| name.starts_with("INTEGRATOR_CLIENT_")), "{code}");
            assert!(meaning.ends_with('.'), "{code}");
            for operation in Operation::ALL {
                let help = help.on(operation);
                assert!(!help.is_empty() && !help.ends_with('.') && !help.starts_with(char::is_uppercase), "{code}");
            }
        }
    }

    #[test]
    fn an_unresolved_client_is_about_its_content_on_a_write_and_about_its_scope_on_a_read() {
        let help = |operation| ErrorCode::NOT_RESOLVED.help(operation).expect("help");
        for operation in [Operation::Add, Operation::Change] {
            let (content, scope) = (help(operation).find("`cm_environment_id`"), help(operation).find("own scope"));
            assert!(content.is_some() && scope.is_none(), "{operation}");
        }
        assert!(help(Operation::Info).contains("own scope") && !help(Operation::Info).contains("cm_environment_id"));
    }
}
