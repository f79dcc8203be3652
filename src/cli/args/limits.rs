//! Options that lift a limit of the configuration.

use clap::Args;

/// How much a plan may do.
#[derive(Debug, Args, Default)]
pub(in crate::cli) struct LimitArguments {
    /// Allow just this many deletes and replaces, whatever `limits` says; 0 withholds them
    #[arg(long = "max-deletes", value_name = "N")]
    pub deletes: Option<u64>,
    /// Allow just this many changes, whatever `limits` says
    #[arg(long = "max-changes", value_name = "N")]
    pub changes: Option<u64>,
    /// Allow just this many adds of clients whose pinned client is gone, whatever `limits` says
    #[arg(long = "max-vanished", value_name = "N")]
    pub vanished: Option<u64>,
}
