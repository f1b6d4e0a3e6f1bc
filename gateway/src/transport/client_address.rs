//! Where a client is, as far as the proxies in front can be believed.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The address nearest to the client that a trusted proxy vouches for.
pub(super) fn client_address(request: &HttpRequest, trusted: &[ipnet::IpNet]) -> Option<IpAddr> {
    let values = |name: &str| {
        let values: Vec<&str> = request
            .headers()
            .get_all(name)
            .filter_map(|value| value.to_str().ok())
            .collect();
        values
    };
    let (listed, described) = (values("x-forwarded-for"), values("forwarded"));
    let mut hops: Vec<&str> = listed
        .iter()
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    if hops.is_empty() {
        hops = described
            .iter()
            .flat_map(|value| value.split(','))
            .filter_map(forwarded_for)
            .collect();
    }
    Some(nearest(request.peer_addr()?.ip(), &hops, trusted))
}

/// The address in one element of a `Forwarded` header (RFC 7239 §4); a port and brackets are left out.
fn forwarded_for(element: &str) -> Option<&str> {
    let value = element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| value.trim().trim_matches('"'))
    })?;
    match value.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next(),
        None => value.split(':').next(),
    }
}

/// Walks from the peer towards the client as long as whoever reported the next hop is trusted.
fn nearest(peer: IpAddr, hops: &[&str], trusted: &[ipnet::IpNet]) -> IpAddr {
    let mut address = peer;
    for hop in hops.iter().rev() {
        if !trusted.iter().any(|network| network.contains(&address)) {
            break;
        }
        let Ok(next) = hop.parse() else { break };
        address = next;
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_elements_are_read() {
        let cases = [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", Some("192.0.2.60")),
            ("For=\"[2001:db8::1]:4711\"", Some("2001:db8::1")),
            (" proto=https; for=192.0.2.61:1234", Some("192.0.2.61")),
            ("by=203.0.113.43", None),
            ("junk", None),
        ];
        for (element, expected) in cases {
            assert_eq!(forwarded_for(element), expected, "{element}");
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let ip = |text: &str| -> IpAddr { text.parse().unwrap() };
        let cases = [
            ("10.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            ("192.0.2.1", vec!["203.0.113.9"], "192.0.2.1"),
            ("10.0.0.1", vec!["junk"], "10.0.0.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
        ];
        for (peer, hops, expected) in cases {
            assert_eq!(nearest(ip(peer), &hops, &trusted), ip(expected), "{peer} {hops:?}");
        }
    }
}
