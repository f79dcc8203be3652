//! The command line of `sandbox`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The embedded server.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SandboxCommand {
    /// Run the server until it is interrupted; prints its URL and key
    Serve(ServeArguments),
    /// Empty the store of the sandbox target, so that the estate starts over
    Reset,
}

/// Arguments of `sandbox serve`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// What exists [default: the estate of the target]
    #[arg(long, value_name = "FILE")]
    pub estate: Option<PathBuf>,
    /// The store [default: in memory]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Failures to produce
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// The answer to an open question of the API; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub dialect: Vec<String>,
}
