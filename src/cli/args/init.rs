//! What `icsync init` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::model::{ServerUrl, ServerUrlError};

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(in crate::cli) struct InitArguments {
    /// The folder, which is made if it is not there [default: the current one]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Whose recipes for CI are written
    #[arg(long, value_name = "HOST", value_enum, default_value_t)]
    pub ci: CiHost,
    /// The address of the server; without it the configuration begins with a sandbox
    #[arg(long, value_name = "URL", value_parser = parse_server)]
    pub url: Option<String>,
    /// Where the recipes for CI download icsync: a binary or a .tar.gz
    #[arg(long, value_name = "URL", value_parser = parse_download, requires = "sha256")]
    pub from: Option<String>,
    /// The digest of that download, 64 hexadecimal digits
    #[arg(long, value_name = "DIGEST", value_parser = parse_sha256, requires = "from")]
    pub sha256: Option<String>,
    /// Only show, as a patch, what changed in recipes and schemas since they were written
    #[arg(long, conflicts_with = "url")]
    pub update: bool,
}

/// Whose recipes for CI are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum CiHost {
    /// GitHub's and GitLab's.
    #[default]
    All,
    /// GitHub's.
    Github,
    /// GitLab's.
    Gitlab,
    /// None.
    None,
}

/// Takes the address of a server, as `url` in `icsync.yaml` is read.
pub(in crate::cli) fn parse_server(text: &str) -> Result<String, String> {
    match ServerUrl::new(text) {
        Ok(server) => Ok(server.to_string()),
        Err(ServerUrlError::TooMuch(bare)) => Err(format!("write the scheme and the host: `{bare}`")),
        Err(error @ (ServerUrlError::NoUrl | ServerUrlError::Scheme)) => {
            Err(format!("{error}: {}", ServerUrlError::HELP))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Takes an address that begins with `https://` or `http://`.
fn parse_download(text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(text).map_err(|error| error.to_string())?;
    if matches!(url.scheme(), "https" | "http") {
        Ok(url.into())
    } else {
        Err("it does not begin with https://".to_owned())
    }
}

/// Takes a SHA-256 as hexadecimal digits.
fn parse_sha256(text: &str) -> Result<String, String> {
    let right = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if right { Ok(text.to_ascii_lowercase()) } else { Err("a SHA-256 has 64 hexadecimal digits".to_owned()) }
}
