//! Lines on stderr: what is said, log lines, and with `--log-format json` each of them as one JSON object.

use std::ffi::OsString;
use std::io::Write as _;

use tracing_subscriber::EnvFilter;

use super::args::{Global, LogFormat};
use super::failure::Failure;
use super::screen::{Aside, aside};
use crate::diagnostic::{Diagnostic, Severity};
use crate::text::visible;

/// Where the lines come from that are said to whoever runs the program.
const SAID: &str = "icsync::said";

/// Starts logging as the command line wants it.
pub(super) fn start(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn,icsync::said=info",
        (false, 1) => "warn,icsync=debug",
        // What of the HTTP library tells of connections, and not more: other targets write what is sent.
        (false, _) => "warn,icsync=trace,reqwest::connect=debug,hyper_util::client::legacy=debug",
    };
    begin(global.log_format, level);
}

fn begin(format: LogFormat, level: &str) {
    // The platform verifier logs every certificate that it does not trust as an error of its own; the request's error says it.
    let filter = EnvFilter::new(format!("{level},rustls_platform_verifier=off"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || Aside(format)).with_ansi(false);
    let started = match format {
        LogFormat::Text => builder.without_time().with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    // A second start in one process keeps the first.
    drop(started);
}

/// Writes a line to stderr. A closed stderr is nobody's failure.
pub(super) fn say(format: LogFormat, line: &str) {
    let line = visible(line);
    match (format, line.strip_prefix("warning: ")) {
        (LogFormat::Text, _) => drop(aside(|stderr| writeln!(stderr, "{line}"))),
        (LogFormat::Json, Some(warning)) => tracing::warn!(target: SAID, "{warning}"),
        (LogFormat::Json, None) => tracing::info!(target: SAID, "{line}"),
    }
}

/// Writes a failure as JSON: a line for each thing that is wrong with files, then one for the whole.
pub(super) fn fail(failure: &Failure) {
    let (mistakes, _) = failure.mistakes();
    mistakes.iter().for_each(diagnose);
    let lines = |lines: &[String]| (!lines.is_empty()).then(|| lines.join("\n"));
    let (details, causes, help) = (lines(failure.details()), lines(&failure.causes()), failure.help());
    tracing::error!(target: SAID, code = failure.exit().name(), details, causes, help, "{}", failure.message());
}

/// Writes what is wrong with a file, or probably not meant in it, as a line of JSON.
pub(super) fn diagnose(diagnostic: &Diagnostic) {
    let Diagnostic { code, severity, message, primary: _, secondary: _, help, constant: _ } = diagnostic;
    let (code, help) = (code.as_str(), help.as_deref());
    let at = diagnostic.location().map(|location| location.to_string());
    match severity {
        Severity::Error => tracing::error!(target: SAID, code, at, help, "{message}"),
        Severity::Warning => tracing::warn!(target: SAID, code, at, help, "{message}"),
    }
}

/// Writes the failure of a command line that could not be read, if it asks for JSON; tells whether it does.
pub(super) fn fail_early(failure: &Failure, arguments: impl Iterator<Item = OsString>) -> bool {
    let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let json = words.iter().any(|word| word == "--log-format=json")
        || words.windows(2).any(|pair| pair[0] == "--log-format" && pair[1] == "json");
    if json {
        begin(LogFormat::Json, "warn");
        fail(failure);
    }
    json
}
