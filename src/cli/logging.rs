//! Log lines on stderr: warnings always, more with `-v`.

use tracing_subscriber::EnvFilter;

use super::args::{Global, LogFormat};
use super::environment::Environment;

/// Starts logging as the command line wants it.
pub(super) fn start(global: &Global, environment: &Environment) {
    let level = match (environment.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info,icsync=debug",
        (false, _) => "debug,icsync=trace",
    };
    // The platform verifier logs every certificate that it does not trust as an error of its own; the request's error says it.
    let filter = EnvFilter::new(format!("{level},rustls_platform_verifier=off"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let started = match global.log_format {
        LogFormat::Text => builder.without_time().with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    // A second start in one process keeps the first.
    drop(started);
}
