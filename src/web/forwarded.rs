//! Whom a request comes from: the peer, or whom our own proxies say they saw. `X-Forwarded-Host`, `-Proto` and `Forwarded`
//! are never read: where we are is a setting, not what somebody sends.

use super::limits::Client;
use crate::config::AddressRange;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use std::net::{IpAddr, Ipv4Addr};

/// The client of a request.
pub(super) fn client(req: &ServiceRequest, proxies: &[AddressRange]) -> Client {
    let peer = req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip().to_canonical());
    Client::of(forwarded(req.headers(), peer, proxies))
}

fn is_ours(address: IpAddr, proxies: &[AddressRange]) -> bool {
    proxies.iter().any(|range| range.contains(address))
}

/// Several lines of `X-Forwarded-For` are one list (RFC 9110, 5.3), to whose end each proxy adds whom it saw. From the
/// end, the first that is no proxy of ours is the client; what stands before it anybody could have written.
pub(crate) fn forwarded(headers: &HeaderMap, peer: IpAddr, proxies: &[AddressRange]) -> IpAddr {
    if !is_ours(peer, proxies) {
        return peer;
    }
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").map(|v| v.to_str().unwrap_or_default()).collect();
    let mut seen = peer;
    for entry in lines.join(",").rsplit(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let Some(address) = address_of(entry) else { return seen };
        seen = address;
        if !is_ours(seen, proxies) {
            return seen;
        }
    }
    seen
}

/// An address as proxies write it: bare, in quotes or brackets, with a port or a zone; none for `unknown`.
fn address_of(entry: &str) -> Option<IpAddr> {
    let text = entry.trim_matches('"');
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let bare = bracketed.unwrap_or(text).split('%').next().unwrap_or_default();
    let plain = bare.parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    plain.or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn of(lines: &[&str], peer: &str, proxies: &[AddressRange]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(line).unwrap());
        }
        forwarded(&headers, ip(peer), proxies)
    }

    #[test]
    fn the_last_hop_that_is_not_ours_is_the_client() {
        let proxies = ["10.0.0.1", "10.8.0.0/16", "fd00:1::/64"].map(|range| range.parse().unwrap());
        for (lines, expected) in [
            (&["192.0.2.1"][..], "192.0.2.1"),
            (&["198.51.100.9", "192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.9, 203.0.113.5", "192.0.2.1, 10.8.3.2"], "192.0.2.1"),
            (&["192.0.2.1, fd00:1::7, 10.8.3.2"], "192.0.2.1"),
            (&["192.0.2.1, [fd00:1::7]:443, \"10.8.3.2:80\""], "192.0.2.1"),
            (&["192.0.2.1:4711"], "192.0.2.1"),
            (&["\"[2001:db8::1]:443\""], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["fe80::1%eth0"], "fe80::1"),
            (&["::ffff:192.0.2.1"], "192.0.2.1"),
            (&["192.0.2.1, unknown"], "10.0.0.1"),
            (&["192.0.2.1, _hidden, 10.8.3.2"], "10.8.3.2"),
            (&["192.0.2.1,"], "192.0.2.1"),
            (&["10.8.3.2"], "10.8.3.2"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(of(lines, "10.0.0.1", &proxies), ip(expected), "{lines:?}");
        }
        assert_eq!(
            of(&["192.0.2.1"], "10.0.0.2", &proxies),
            ip("10.0.0.2"),
            "nobody's proxy is believed nothing"
        );
        assert_eq!(of(&["192.0.2.1"], "fd00:1::9", &proxies), ip("192.0.2.1"));
    }
}
