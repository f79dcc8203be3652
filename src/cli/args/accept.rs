//! Arguments of `drift --accept`.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct AcceptArguments {
    /// Write the live values of these clients, or with --all of every one that drifted, into the definitions
    #[arg(long, value_name = "NAME", num_args = 0..)]
    pub accept: Option<Vec<String>>,
    /// With --accept: every client that drifted
    #[arg(long, requires = "accept")]
    pub all: bool,
    /// With --accept: show what would be written as a diff, and write nothing
    #[arg(long, requires = "accept")]
    pub dry_run: bool,
    /// With --accept: write into a profile or a fleet what all of its clients have alike
    #[arg(long, requires = "accept")]
    pub into_profile: bool,
}
