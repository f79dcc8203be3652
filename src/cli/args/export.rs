//! The command line of `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::SelectArguments;

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArguments {
    /// Write below DIR, as clients/TELSYS/NAME.yaml [default: the folder of icsync.yaml]
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
    /// Write what many clients share as profiles
    #[arg(long)]
    pub as_profiles: bool,
    /// Write clients too whose scope the server hides (partition -3), bound by their id
    #[arg(long)]
    pub include_unresolved: bool,
    /// What stands in the place of sensitive values: `ignore` leaves them as they are on the server, `env` names a variable for each
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub sensitive: SensitiveWritten,
    /// Which clients.
    #[command(flatten)]
    pub select: SelectArguments,
}

/// What `export` writes in the place of sensitive values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum SensitiveWritten {
    /// `ignore`.
    #[default]
    Ignore,
    /// `${env.NAME}`.
    Env,
}
