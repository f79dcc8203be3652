//! Reading secrets from where the configuration says they are.

use std::path::Path;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::config::SecretSource;
use super::variables::EnvironmentVariables;

/// Why a secret cannot be had. The message never holds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretError {
    /// The variable of the environment is not set, or empty.
    #[error("the variable `{0}` of the environment is not set")]
    Unset(String),
    /// The file cannot be read.
    #[error("the secret file `{}` cannot be read: {reason}", .path.escape_debug())]
    Unreadable {
        /// The path as it is written.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The file holds nothing, or no text.
    #[error("the secret file `{}` does not hold one line of text", .0.escape_debug())]
    Senseless(String),
}

impl SecretSource {
    /// Reads the secret. `folder` is that of `icsync.yaml`; relative paths begin there.
    pub(crate) fn read(&self, folder: &Path, environment: &EnvironmentVariables) -> Result<SecretString, SecretError> {
        match self {
            Self::Env(name) => {
                let value = environment.get(name).filter(|value| !value.is_empty());
                value.map(SecretString::from).ok_or_else(|| SecretError::Unset(name.clone()))
            }
            Self::File(path) => {
                let text = read_file(path, folder)?;
                let line = text.strip_suffix('\n').unwrap_or(text.as_str());
                let line = line.strip_suffix('\r').unwrap_or(line);
                if line.is_empty() || line.contains(['\n', '\r', '\0']) {
                    return Err(SecretError::Senseless(path.clone()));
                }
                Ok(SecretString::from(line))
            }
        }
    }

    /// Reads a secret of several lines, as those in PEM form are.
    pub(crate) fn read_lines(
        &self,
        folder: &Path,
        environment: &EnvironmentVariables,
    ) -> Result<SecretString, SecretError> {
        match self {
            Self::Env(_) => self.read(folder, environment),
            Self::File(path) => read_file(path, folder).map(|text| SecretString::from(text.as_str())),
        }
    }
}

fn read_file(path: &str, folder: &Path) -> Result<Zeroizing<String>, SecretError> {
    super::source::read_secret_file(&folder.join(path))
        .map_err(|reason| SecretError::Unreadable { path: path.to_owned(), reason })
}
