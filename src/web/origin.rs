//! Where a request of the console comes from: only pages of our own origin may change anything,
//! and a page whose origin is missing, opaque or merely alike is none of ours.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// How the browser reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Over TLS, by a proxy in front.
    Https,
    /// Without, on this machine.
    LocalHttp,
}

/// Returns the scheme of a request whose `Origin` is ours: one of `allowed`, or without those the
/// host that was asked. Plain HTTP is fine on this machine only.
pub(super) fn ours(headers: &HeaderMap, allowed: &[String]) -> Option<Scheme> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
    let origin = origin.to_str().ok()?;
    let (scheme, host) = if let Some(host) = origin.strip_prefix("https://") {
        (Scheme::Https, host)
    } else {
        (Scheme::LocalHttp, origin.strip_prefix("http://")?)
    };
    if scheme == Scheme::LocalHttp && !is_loopback(host) {
        return None;
    }
    let known = if allowed.is_empty() {
        headers.get(HOST).is_some_and(|asked| asked.as_bytes() == host.as_bytes())
    } else {
        allowed.iter().any(|known| known == origin)
    };
    (known && !host.is_empty()).then_some(scheme)
}

/// Returns whether the host that was asked is this machine.
pub(super) fn is_local(headers: &HeaderMap) -> bool {
    headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    ["localhost", "127.0.0.1", "[::1]"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origins: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        for origin in origins {
            headers.append(ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_pages_are_ours() {
        let desk = "desk.example.org";
        let cases: &[(&str, &[&str], Option<Scheme>)] = &[
            (desk, &["https://desk.example.org"], Some(Scheme::Https)),
            ("desk.example.org:8443", &["https://desk.example.org:8443"], Some(Scheme::Https)),
            ("127.0.0.1:8080", &["http://127.0.0.1:8080"], Some(Scheme::LocalHttp)),
            ("localhost:8080", &["http://localhost:8080"], Some(Scheme::LocalHttp)),
            ("[::1]:8080", &["http://[::1]:8080"], Some(Scheme::LocalHttp)),
            (desk, &[], None),
            (desk, &["null"], None),
            (desk, &[""], None),
            (desk, &["https://"], None),
            (desk, &["http://desk.example.org"], None),
            (desk, &["https://desk.example.org:444"], None),
            (desk, &["https://desk.example.org."], None),
            (desk, &["https://DESK.example.org"], None),
            (desk, &["https://desk.example.org/"], None),
            (desk, &["https://desk.example.org.evil.example"], None),
            (desk, &["https://evil.desk.example.org"], None),
            (desk, &["https://example.org"], None),
            (desk, &["https://evildesk.example.org"], None),
            (desk, &["https://desk.example.org@evil.example"], None),
            (desk, &["https://desk.example.org", "https://evil.example"], None),
            (desk, &["https://desk.example.org https://evil.example"], None),
            (desk, &["file://"], None),
            (desk, &["chrome-extension://desk.example.org"], None),
            ("127.0.0.1:8080", &["http://127.0.0.1:8081"], None),
            ("127.0.0.1:8080", &["http://localhost:8080"], None),
            ("127.0.0.1.evil.example", &["http://127.0.0.1.evil.example"], None),
        ];
        for (host, origins, expected) in cases {
            assert_eq!(ours(&headers(host, origins), &[]), *expected, "{host} {origins:?}");
        }
    }

    #[test]
    fn named_origins_replace_the_host() {
        let allowed = ["https://desk.example.org".to_owned()];
        let from = |origin: &str| ours(&headers("10.0.0.7:8080", &[origin]), &allowed);
        assert_eq!(from("https://desk.example.org"), Some(Scheme::Https));
        assert_eq!(from("https://10.0.0.7:8080"), None);
    }
}
