//! Where a server is.

use std::net::IpAddr;

use url::Url;

/// Scheme, host and perhaps a port of a server. `http` is for loopback addresses only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    text: String,
    host: String,
    port: u16,
    place: HostLocation,
}

/// Whether a server is this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HostLocation {
    Loopback,
    Remote,
}

/// Why a text is not the URL of a server. No message repeats what may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServerUrlError {
    /// It is no URL.
    #[error("`url` is not a URL")]
    NoUrl,
    /// It holds a user name or a password.
    #[error("`url` holds credentials")]
    Credentials,
    /// It is another protocol.
    #[error("`url` is not a URL with https")]
    Scheme,
    /// It has a path, a query or a fragment; this is what it may be.
    #[error("`url` is more than scheme and host")]
    TooMuch(String),
    /// Keys and passwords would travel to this host in the open.
    #[error("`{0}` would be reached without encryption")]
    NotEncrypted(String),
}

impl ServerUrlError {
    /// Says how to write what is no URL of a server at all.
    pub(crate) const HELP: &str = "write the scheme and the host, for example `https://ccs.example.com`";
}

impl ServerUrl {
    /// Reads the `url` of a target.
    pub(crate) fn new(text: &str) -> Result<Self, ServerUrlError> {
        let url = Url::parse(text).map_err(|_| ServerUrlError::NoUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ServerUrlError::Credentials);
        }
        let host = url.host_str().filter(|_| matches!(url.scheme(), "https" | "http")).ok_or(ServerUrlError::Scheme)?;
        let place = if is_loopback(host) { HostLocation::Loopback } else { HostLocation::Remote };
        let text = url.origin().ascii_serialization();
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            let bare = if place == HostLocation::Loopback { text } else { text.replacen("http://", "https://", 1) };
            return Err(ServerUrlError::TooMuch(bare));
        }
        if url.scheme() == "http" && place == HostLocation::Remote {
            return Err(ServerUrlError::NotEncrypted(host.to_owned()));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        Ok(Self { text, host: host.to_owned(), port, place })
    }

    /// Gives the name or the address; one of IPv6 stands in brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Gives the port, also where it is that of the scheme.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Tells whether the server is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.place == HostLocation::Loopback
    }

    /// Tells whether requests are encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.text.starts_with("https:")
    }
}

impl std::fmt::Display for ServerUrl {
    /// Writes scheme, host and port, without a slash at the end.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Judges a host by its address and not by its looks: `localhost`, `127.0.0.0/8` or `[::1]`. Names below `.localhost` do
/// not count, because a name server may be asked for them.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_recognised_by_address_not_by_looks() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["127.0.0.1.example.com", "api.localhost", "10.0.0.1", "[::2]", "notlocalhost"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn only_loopback_may_be_plain() {
        for url in ["http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:1/", "http://localhost:80", "https://h"]
        {
            assert!(ServerUrl::new(url).is_ok(), "{url}");
        }
        for url in ["http://example.com", "http://localhost.example.com", "http://128.0.0.1", "http://[::2]"] {
            assert!(matches!(ServerUrl::new(url), Err(ServerUrlError::NotEncrypted(_))), "{url}");
        }
        for url in ["https://h:8443/CCS", "https://h:8443?x", "https://h:8443#x", "http://h:8443/CCS"] {
            assert_eq!(ServerUrl::new(url), Err(ServerUrlError::TooMuch("https://h:8443".to_owned())), "{url}");
        }
        assert_eq!(ServerUrl::new("https://u:p@h"), Err(ServerUrlError::Credentials));
        assert_eq!(ServerUrl::new("ftp://h"), Err(ServerUrlError::Scheme));
        assert_eq!(ServerUrl::new("ccs.example.com"), Err(ServerUrlError::NoUrl));
    }
}
