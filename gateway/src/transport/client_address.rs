//! Where a client is, as far as the proxies in front can be believed.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The address nearest to the client that a trusted proxy vouches for.
pub(super) fn client_address(request: &HttpRequest, trusted: &[ipnet::IpNet]) -> Option<IpAddr> {
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    Some(nearest(request.peer_addr()?.ip(), &hops, trusted))
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
