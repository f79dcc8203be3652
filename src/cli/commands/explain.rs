//! `icsync explain`: the long text of a code of icsync or of the API.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::api::{ErrorCode, Operation};
use crate::cli::args::ExplainArguments;
use crate::cli::environment::print;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::diagnostic::{explain, explanations};

pub(super) fn run(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let text = match &arguments.code {
        None => titles().fold(String::new(), |list, (code, title)| list + &code + "  " + title + "\n"),
        Some(code) => long_text(code.trim()).ok_or_else(|| unknown(code))?,
    };
    print(text.as_bytes())?;
    Ok(Exit::Done)
}

/// Gives every code with what it is about: those of icsync, then those of the API.
pub(super) fn titles() -> impl Iterator<Item = (String, &'static str)> {
    let own = explanations().map(|one| (one.code.to_owned(), one.title));
    let of_api: BTreeSet<ErrorCode> = ErrorCode::all().collect();
    own.chain(of_api.into_iter().filter_map(|code| Some((code.0.to_string(), code.title()?))))
}

/// Gives every code.
pub(super) fn codes() -> Vec<String> {
    titles().map(|(code, _)| code).collect()
}

fn long_text(code: &str) -> Option<String> {
    explain(code).map(|found| found.to_string()).or_else(|| of_api(ErrorCode(code.parse().ok()?)))
}

/// Writes what is known of a code of the API; remedies that differ by operation each with theirs.
fn of_api(code: ErrorCode) -> Option<String> {
    let mut text = format!("{}: {}\n\ncause: {}\n\n", code.0, code.title()?, code.meaning()?);
    let mut remedies: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in Operation::ALL.into_iter().filter(|operation| *operation != Operation::Session) {
        remedies.entry(code.help(operation)?).or_default().push(operation.to_string());
    }
    let always = remedies.len() == 1;
    for (remedy, operations) in remedies {
        let after = if always { String::new() } else { format!(" after {}", operations.join(", ")) };
        let _ = writeln!(text, "remedy{after}: {remedy}");
    }
    Some(text)
}

fn unknown(code: &str) -> CommandError {
    CommandError::UnknownCode { code: code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_the_api_is_explained_by_what_its_errors_say() {
        insta::assert_snapshot!(long_text("30007").expect("a text"), @r"
        30007: INTEGRATOR_CLIENT_NOT_RESOLVED_FROM_GENERIC_CONFIG

        cause: The Integrator Client could not be resolved from the generic configuration.

        remedy after add, change: check that `cm_environment_id` names an environment that exists, and the generic configuration of the CCS host; then look for keys and types of values that the server's version does not know
        remedy after list, info, delete: the server cannot resolve the client's own scope, which happens when its device or partition was deleted: look at it in the CCS administration
        ");
        insta::assert_snapshot!(long_text("10104").expect("a text"), @r"
        10104: the server is not available for a while

        cause: The database is not available: maintenance or a backup.

        remedy: the database of the CCS host is away, for maintenance or a backup: run it again in a few minutes
        ");
        assert_eq!(long_text("30010"), None);
    }

    #[test]
    fn every_code_of_the_list_has_a_long_text() {
        assert!(titles().all(|(code, _)| long_text(&code).is_some()));
    }
}
