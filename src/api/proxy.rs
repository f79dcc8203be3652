//! Which proxy the variables of the environment name for a host. Pure.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::ConnectError;
use crate::model::ServerUrl;

/// The variables of the environment that are about proxies, in the order in which they count. There is none for `http`:
/// only loopback is reached without TLS, and that never by a proxy.
pub(crate) const PROXY_VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

/// How a host is reached.
pub(super) enum Route {
    /// Without a proxy, whatever the system says.
    Direct,
    /// As the system says: no variable speaks of it.
    System,
    /// By a proxy.
    Proxy(Proxy),
}

/// A proxy and who we are to it.
pub(super) struct Proxy {
    /// Without user and password.
    pub(super) url: Url,
    /// User and password.
    pub(super) login: Option<(String, String)>,
    /// The variable that names it.
    pub(super) variable: &'static str,
}

/// Decides how a host is reached.
pub(super) fn route(variables: &BTreeMap<&'static str, String>, server: &ServerUrl) -> Result<Route, ConnectError> {
    let set = |names: &[&'static str]| {
        let named = |name: &&'static str| Some((*name, variables.get(name).filter(|value| !value.trim().is_empty())?));
        names.iter().find_map(named)
    };
    let (proxies, exceptions) = PROXY_VARIABLES.split_at(4);
    let excepted = set(exceptions).is_some_and(|(_, value)| is_excepted(value, server.host(), server.port()));
    match set(proxies) {
        _ if server.is_loopback() || excepted => Ok(Route::Direct),
        None => Ok(Route::System),
        Some((variable, value)) => proxy(variable, value.trim()).map(Route::Proxy),
    }
}

fn proxy(variable: &'static str, value: &str) -> Result<Proxy, ConnectError> {
    let text = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&text).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()));
    let known = |url: &Url| matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h");
    let mut url = url.filter(known).ok_or(ConnectError::Proxy(variable))?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let login = (decoded(url.username()), url.password().map(decoded).unwrap_or_default());
    let login = Some(login).filter(|(user, password)| !user.is_empty() || !password.is_empty());
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| ConnectError::Proxy(variable))?;
    url.set_path("");
    url.set_query(None);
    url.set_fragment(None);
    Ok(Proxy { url, login, variable })
}

impl std::fmt::Display for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the proxy `{}` of {}", self.url.as_str().trim_end_matches('/'), self.variable)
    }
}

/// Tells whether a list such as `.example.com, *.corp, 10.0.0.0/8, host:8443` names a host.
fn is_excepted(list: &str, host: &str, port: u16) -> bool {
    list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()).any(|entry| names(entry, host, port))
}

fn names(entry: &str, host: &str, port: u16) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let (name, wanted) = with_port(entry);
    let name = name.trim_matches(['[', ']']).to_ascii_lowercase();
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        let same = name.parse::<IpAddr>().is_ok_and(|named| named == address);
        return name == "*" || same || name.parse::<IpNet>().is_ok_and(|net| net.contains(&address));
    }
    let domain = name.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
    name == "*" || (!domain.is_empty() && (host == domain || host.ends_with(&format!(".{domain}"))))
}

/// Takes a port from the end of an entry. An address of IPv6 has one only behind brackets.
fn with_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, variables: &[(&'static str, &str)]) -> String {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        match route(&variables, &ServerUrl::new(url).expect("a URL")) {
            Ok(Route::Direct) => "direct".to_owned(),
            Ok(Route::System) => "system".to_owned(),
            Ok(Route::Proxy(proxy)) => match &proxy.login {
                Some((user, password)) => format!("{proxy} as {user}:{password}"),
                None => proxy.to_string(),
            },
            Err(error) => error.to_string(),
        }
    }

    const HOST: &str = "https://ccs.example.com:8443";

    #[test]
    fn the_first_variable_that_says_something_names_the_proxy() {
        let all = ("ALL_PROXY", "socks5://all:1080");
        assert_eq!(chosen(HOST, &[]), "system");
        assert_eq!(chosen(HOST, &[all]), "the proxy `socks5://all:1080` of ALL_PROXY");
        assert_eq!(chosen(HOST, &[all, ("HTTPS_PROXY", "")]), "the proxy `socks5://all:1080` of ALL_PROXY");
        assert_eq!(chosen(HOST, &[all, ("https_proxy", "p:3128")]), "the proxy `http://p:3128` of https_proxy");
        let both = [("https_proxy", "p"), ("HTTPS_PROXY", "https://u:p%40ss@q:3128/x?y")];
        assert_eq!(chosen(HOST, &both), "the proxy `https://q:3128` of HTTPS_PROXY as u:p@ss");
    }

    #[test]
    fn a_value_that_names_no_proxy_is_an_error_that_does_not_repeat_it() {
        for value in ["http://", "http://u:hunter2@", "ftp://p", "http://p:99999", "://", "http://[::1"] {
            let said = chosen(HOST, &[("ALL_PROXY", value)]);
            assert!(said.contains("ALL_PROXY") && !said.contains("hunter2") && said != "direct", "{value}: {said}");
        }
    }

    #[test]
    fn loopback_is_never_reached_by_a_proxy() {
        for url in ["http://127.0.0.1:8080", "https://localhost", "https://[::1]:8443"] {
            assert_eq!(chosen(url, &[("HTTPS_PROXY", "http://p:3128"), ("ALL_PROXY", "??")]), "direct", "{url}");
        }
    }

    #[test]
    fn exceptions_are_names_domains_addresses_networks_and_ports() {
        let through = |url: &str, list: &str| chosen(url, &[("HTTPS_PROXY", "p:3128"), ("no_proxy", list)]) != "direct";
        for list in [
            "*",
            "example.com",
            ".example.com",
            "*.example.com",
            "x, ccs.example.com",
            "a b CCS.EXAMPLE.COM",
            "*.com",
            "ccs.example.com:8443",
            "*.example.com:8443",
            "*:8443",
            "example.com.",
        ] {
            assert!(!through(HOST, list), "{list}");
        }
        for list in [
            "",
            "xample.com",
            "s.example.com",
            ".ccs.example.org",
            "ccs.example.com:443",
            "*:443",
            ".",
            "*.",
            "10.0.0.0/8",
        ] {
            assert!(through(HOST, list), "{list}");
        }
        for (url, list, past) in [
            ("https://10.1.2.3", "10.0.0.0/8", true),
            ("https://10.1.2.3", "10.1.2.3:443", true),
            ("https://10.1.2.3", "11.0.0.0/8", false),
            ("https://10.1.2.3", ".3", false),
            ("https://[fd00::1]", "fd00::/8", true),
            ("https://[fd00::1]", "[fd00::1]:443", true),
            ("https://[fd00::1]", "fd00::1", true),
            ("https://[fd00::1]", "[fd00::1]:8443", false),
        ] {
            assert_eq!(through(url, list), !past, "{url} {list}");
        }
    }
}
