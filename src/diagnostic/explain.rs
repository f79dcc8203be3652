//! The long text behind `icsync explain`: codes of icsync and error codes of the API.

use std::fmt;

use super::Code;

/// The long text of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The code, such as `IC0201` or `30005`.
    pub code: &'static str,
    /// What is wrong, in a few words, or the name that the vendor gives it.
    pub title: &'static str,
    /// How it comes about.
    pub cause: &'static str,
    /// Files that are refused with this code; error codes of the API have none.
    pub example: Option<&'static str>,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Finds the long text of a code of icsync, in upper or lower case, or of a numeric error code of the API.
pub fn explain(code: &str) -> Option<Explanation> {
    explanations().find(|explanation| explanation.code.eq_ignore_ascii_case(code.trim()))
}

/// Gives every code that can be explained, in order.
pub fn explanations() -> impl Iterator<Item = Explanation> {
    Code::ALL.iter().map(|code| of_code(*code)).chain(API.iter().copied())
}

fn of_code(code: Code) -> Explanation {
    let super::code::Entry { title, cause, example, remedy } = code.entry();
    Explanation { code: code.as_str(), title, cause, example: Some(example), remedy }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, title, cause, example, remedy } = self;
        write!(f, "{code}: {title}\n\ncause: {cause}\n\n")?;
        if let Some(example) = example {
            writeln!(f, "example:\n")?;
            for line in example.lines() {
                writeln!(f, "    {line}")?;
            }
            writeln!(f)?;
        }
        writeln!(f, "remedy: {remedy}")
    }
}

const fn api(code: &'static str, title: &'static str, cause: &'static str, remedy: &'static str) -> Explanation {
    Explanation { code, title, cause, example: None, remedy }
}

/// Error codes of the API. Titles and causes of 30000 to 30009 are those of the vendor's page, Error Codes; the page
/// refers elsewhere for general codes, so what is said of those is what is known of them.
const API: &[Explanation] = &[
    api(
        "10000",
        "general error of the server",
        "The server failed without saying why. A write may or may not have been carried out.",
        "Run `icsync plan` to see what is true now, and run again. If it stays, give the vendor the time of the request.",
    ),
    api(
        "10001",
        "general refusal of the server",
        "The server does not accept the request. Repeating it does not help.",
        "Compare the request (`-v` logs it without secrets) with the vendor's documentation of the server's version.",
    ),
    api(
        "10101",
        "general refusal of the server",
        "The server does not accept the request. Repeating it does not help.",
        "Compare the request (`-v` logs it without secrets) with the vendor's documentation of the server's version.",
    ),
    api(
        "10102",
        "general refusal of the server",
        "The server does not accept the request. Repeating it does not help.",
        "Compare the request (`-v` logs it without secrets) with the vendor's documentation of the server's version.",
    ),
    api(
        "10103",
        "general error of the server",
        "The server failed in a way that leaves open whether a write was carried out.",
        "Run `icsync plan` to see what is true now, and run again.",
    ),
    api(
        "10104",
        "the server is not available for a while",
        "The database is not available: maintenance or a backup. This passes within minutes; icsync repeats reads by itself.",
        "Run again later.",
    ),
    api(
        "10105",
        "the server is not available for a while",
        "The database is not available: maintenance or a backup. This passes within minutes; icsync repeats reads by itself.",
        "Run again later.",
    ),
    api(
        "10201",
        "the session is over",
        "The sandbox answers this, when its dialect says so, to a request without a valid session; no page of the vendor names a code for it.",
        "icsync logs in again by itself. If it happens at once, check the credentials of the target.",
    ),
    api(
        "30000",
        "INTEGRATOR_CLIENT_NOT_ENOUGH_PERMISSIONS_FOR_ACTION",
        "The current user does not have enough permissions to perform the action.",
        "Give the user of the target the right to administer integrator clients in this scope, or take the scope out of `manage`.",
    ),
    api(
        "30001",
        "INTEGRATOR_CLIENT_NO_CONFIG_PROVIDED",
        "No configuration provided in the request.",
        "The server found no body it understands. Check proxies between icsync and the server; otherwise report this as a fault of icsync.",
    ),
    api(
        "30002",
        "INTEGRATOR_CLIENT_NO_ID_PROVIDED_IN_REQUEST",
        "No Integrator Client ID provided in the request.",
        "The id was lost on the way. Check proxies that rewrite paths (ids hold colons); otherwise report this as a fault of icsync.",
    ),
    api(
        "30003",
        "INTEGRATOR_CLIENT_NOT_FOUND",
        "Integrator Client with the specified ID was not found.",
        "Someone else deleted it since it was read. Run `icsync plan` again; an `id:` that is out of date is renewed by `icsync pin`.",
    ),
    api(
        "30004",
        "INTEGRATOR_CLIENT_DEVICE_NOT_FOUND_IN_TELSYS",
        "The specified device was not found in the telephony server.",
        "Check `scope.device` character by character, also a leading plus or zero, and that the device belongs to this telephony server and partition.",
    ),
    api(
        "30005",
        "INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE",
        "An Integrator Client with the same scope already exists.",
        "Someone else added it since it was read, or the list hides it behind an unresolved scope (partition -3). Run `icsync plan` again; if it stays, pin the row's `id:`.",
    ),
    api(
        "30006",
        "INTEGRATOR_CLIENT_EXISTS_FOR_ID",
        "An Integrator Client with the same ID already exists.",
        "Run `icsync plan` again to see the clients that exist now.",
    ),
    api(
        "30007",
        "INTEGRATOR_CLIENT_NOT_RESOLVED_FROM_GENERIC_CONFIG",
        "The Integrator Client could not be resolved from the generic configuration.",
        "The server could not make a client of what was sent: look for a `cm_environment_id` that does not exist, or for keys and value types that the server's version does not know.",
    ),
    api(
        "30008",
        "INTEGRATOR_CLIENT_MULTI_TELSYS_NOT_ALLOWED_FOR_USER",
        "The Integrator Client cannot be assigned to multiple telephony servers for the user.",
        "`telsys: -1` needs a user with rights over every telephony server: name one telephony server, or use another user.",
    ),
    api(
        "30009",
        "INTEGRATOR_CLIENT_MULTI_PARTITION_NOT_ALLOWED_FOR_USER",
        "The Integrator Client cannot be assigned to multiple partitions for the user.",
        "A scope without `partition` needs a user with rights over the whole telephony server: name a partition, or use another user.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_in_order_and_fully_explained() {
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(codes.is_sorted());
        let unique: BTreeSet<_> = explanations().map(|explanation| explanation.code).collect();
        assert_eq!(unique.len(), explanations().count());
        for Explanation { code, title, cause, example, remedy } in explanations() {
            assert!(!title.ends_with('.') && cause.ends_with('.') && remedy.ends_with('.'), "{code}");
            assert!(example.is_none_or(|example| example.ends_with('\n')), "{code}");
        }
    }

    #[test]
    fn codes_are_found_in_any_case_and_by_number() {
        assert_eq!(explain("ic0201").map(|found| found.code), Some("IC0201"));
        assert_eq!(explain("30005").map(|found| found.title), Some("INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE"));
        assert_eq!(explain("IC9999"), None);
    }
}
