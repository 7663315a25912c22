//! Whose request it is: the address of the peer, unless the peer is a proxy that the operator
//! trusts. Then the proxies' list is read from its end, since only that part was written by them;
//! whoever is not trusted there is the client.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::Network;

/// What proxies write down.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Returns the client's address. An entry that is none ends the walk: what stands before it may be
/// anybody's invention.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    let mut nearest = peer;
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    let mut entries = lines.iter().flat_map(|line| line.split(',')).rev();
    while is_trusted(nearest) {
        let Some(before) = entries.next().and_then(address) else { break };
        nearest = before;
    }
    nearest
}

/// Reads an entry: an address, possibly with a port.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse::<IpAddr>().ok().or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        let trusted: Vec<Network> = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let cases: &[(&str, &[&str], &str)] = &[
            // The peer is nobody's proxy: whatever it claims.
            ("203.0.113.9", &[], "203.0.113.9"),
            ("203.0.113.9", &["192.0.2.1"], "203.0.113.9"),
            ("203.0.113.9", &["10.0.0.1"], "203.0.113.9"),
            // One proxy, two, with and without lies in front.
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("127.0.0.1", &["198.51.100.7, 192.0.2.1"], "192.0.2.1"),
            ("127.0.0.1", &["198.51.100.7", "192.0.2.1"], "192.0.2.1"),
            ("127.0.0.1", &["192.0.2.1, 10.0.0.1"], "192.0.2.1"),
            ("127.0.0.1", &["127.0.0.1, 192.0.2.1, 10.1.1.1,10.0.0.1"], "192.0.2.1"),
            ("127.0.0.1", &["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
            ("::ffff:127.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("fd00::1", &["2001:db8::7"], "2001:db8::7"),
            // Ports, brackets, mapped addresses.
            ("127.0.0.1", &["192.0.2.1:4711"], "192.0.2.1"),
            ("127.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("127.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("127.0.0.1", &["::ffff:192.0.2.1"], "192.0.2.1"),
            // What is no address ends the walk.
            ("127.0.0.1", &["192.0.2.1, unknown"], "127.0.0.1"),
            ("127.0.0.1", &["192.0.2.1, unknown, 10.0.0.1"], "10.0.0.1"),
            ("127.0.0.1", &[""], "127.0.0.1"),
            ("127.0.0.1", &["192.0.2.1,"], "127.0.0.1"),
            ("127.0.0.1", &["<script>, 198.51.100.7"], "198.51.100.7"),
        ];
        for (peer, lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in *lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let found = client(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, "192.0.2.1".parse().unwrap());
        let peer = "127.0.0.1".parse().unwrap();
        assert_eq!(client(peer, &headers, &[]), peer, "nobody is trusted unless named");
    }
}
