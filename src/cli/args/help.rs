//! Arguments of what explains icsync: `explain`, `help`, `completions`, `man`.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// A code such as IC0101 or 30005 [default: all codes are listed]
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// Arguments of `help`.
#[derive(Debug, Args)]
pub(in crate::cli) struct HelpArguments {
    /// A topic such as `start`, or a command such as `sandbox serve` [default: all are listed]
    #[arg(value_name = "TOPIC")]
    pub words: Vec<String>,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ManArguments {
    /// The folder, such as `/usr/local/share/man`; the pages are in `man1` and `man7` below it
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
