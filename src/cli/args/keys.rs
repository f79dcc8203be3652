//! The command line of `keys`.

use clap::Args;

use super::Output;

/// Arguments of `keys`.
#[derive(Debug, Args)]
pub(in crate::cli) struct KeysArguments {
    /// Add the keys to keys.yaml; what stands there stays
    #[arg(long)]
    pub write: bool,
    /// Write the result as FORMAT (text, json), to FILE or to stdout; repeatable
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    pub output: Vec<Output>,
}
