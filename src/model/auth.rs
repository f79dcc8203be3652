//! How to log in.

/// How to log in to a server. `Secret` is where a secret comes from, or the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Auth<Secret> {
    /// The header `x-api-key`.
    ApiKey(Secret),
    /// A session that user name and password open, and that is ended after the run.
    Login {
        /// The user.
        username: Secret,
        /// The password.
        password: Secret,
        /// The language of the session.
        locale: Locale,
    },
    /// A session that somebody else opened: the value of `JSESSIONID`. It is neither renewed nor ended.
    Session(Secret),
}

impl<Secret> Auth<Secret> {
    /// Gives each secret.
    pub(crate) fn secrets(&self) -> Vec<&Secret> {
        match self {
            Self::ApiKey(secret) | Self::Session(secret) => vec![secret],
            Self::Login { username, password, locale: _ } => vec![username, password],
        }
    }

    /// Makes something else of each secret.
    pub(crate) fn try_map<Other, E>(&self, map: impl Fn(&Secret) -> Result<Other, E>) -> Result<Auth<Other>, E> {
        Ok(match self {
            Self::ApiKey(key) => Auth::ApiKey(map(key)?),
            Self::Login { username, password, locale } => {
                Auth::Login { username: map(username)?, password: map(password)?, locale: *locale }
            }
            Self::Session(session) => Auth::Session(map(session)?),
        })
    }
}

/// A language that the login knows (the vendor's page, Login).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Locale {
    /// British English.
    #[default]
    EnGb,
    /// American English.
    EnUs,
}

impl Locale {
    /// Gives the name that the login expects.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EnGb => "en_GB",
            Self::EnUs => "en_US",
        }
    }
}
