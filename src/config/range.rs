//! Networks in settings: an address, or CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3).

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// Addresses that begin with the same bits. IPv4 is kept as the part of IPv6 that stands for it (RFC 4291, 2.5.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    first: u128,
    prefix: u32,
}

/// Shortest prefixes that can be the network of one's own proxies.
const LEAST: (u32, u32) = (8, 16);

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl AddressRange {
    /// Whether an address is one of these, however it is written.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = 128 - self.prefix;
        (bits(address) ^ self.first).checked_shr(shift).unwrap_or_default() == 0
    }
}

impl From<IpAddr> for AddressRange {
    fn from(address: IpAddr) -> Self {
        Self { first: bits(address), prefix: 128 }
    }
}

impl FromStr for AddressRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, length) = match text.split_once('/') {
            None => (text, None),
            Some((address, length)) => (address, Some(length)),
        };
        let address: IpAddr = address.parse().map_err(|_| format!("{text} is no IP address or network"))?;
        if address.is_unspecified() || address.to_canonical().is_multicast() {
            return Err(format!("{text} is no address of a machine"));
        }
        let Some(length) = length else { return Ok(address.into()) };
        let (width, least) = if address.is_ipv4() { (32, LEAST.0) } else { (128, LEAST.1) };
        let digits = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
        let prefix = length.parse::<u32>().ok().filter(|n| digits && (least..=width).contains(n));
        let prefix =
            prefix.ok_or_else(|| format!("{text}: the length is a number from {least} to {width}"))?;
        let range = Self { first: bits(address), prefix: 128 - width + prefix };
        let mask = u128::MAX.checked_shl(128 - range.prefix).unwrap_or_default();
        if range.first & mask != range.first {
            let first = Ipv6Addr::from_bits(range.first & mask).to_canonical();
            return Err(format!("{text}: that network is written {first}/{prefix}"));
        }
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_they_are_written() {
        for (range, inside, outside) in [
            ("10.0.0.1", "10.0.0.1", "10.0.0.2"),
            ("10.0.0.1", "::ffff:10.0.0.1", "::10.0.0.1"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("192.0.2.128/25", "192.0.2.129", "192.0.2.127"),
            ("192.0.2.1/32", "192.0.2.1", "192.0.2.0"),
            ("fd00:1::/32", "fd00:1:ffff::1", "fd00:2::"),
            ("::1", "::1", "::2"),
            ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"),
        ] {
            let parsed: AddressRange = range.parse().unwrap();
            assert!(parsed.contains(inside.parse().unwrap()), "{range} {inside}");
            assert!(!parsed.contains(outside.parse().unwrap()), "{range} {outside}");
        }
        for wrong in [
            "0.0.0.0",
            "::",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+9",
            "10.0.0.0/7",
            "224.0.0.1",
            "proxy.example",
            "10.0.0",
            "fe80::1%eth0",
            "10.0.0.0/8/8",
            "",
        ] {
            assert!(wrong.parse::<AddressRange>().is_err(), "{wrong}");
        }
        assert!("10.0.0.1/8".parse::<AddressRange>().unwrap_err().contains("10.0.0.0/8"));
    }
}
