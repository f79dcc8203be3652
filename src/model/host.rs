//! Hosts by name.

use std::net::IpAddr;

/// Tells whether a host of a URL is this machine, judged by its address and not by its looks: `localhost`, `127.0.0.0/8`
/// or `[::1]`. Names below `.localhost` do not count, because a name server may be asked for them.
pub fn is_loopback(host: &str) -> bool {
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
}
