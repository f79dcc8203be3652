//! The command line of `list`.

use clap::Args;

use super::{Output, SelectArguments};

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    #[command(flatten)]
    pub select: SelectArguments,
    /// Write the list as FORMAT (text or json), to FILE or to stdout; repeatable
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    pub output: Vec<Output>,
}
