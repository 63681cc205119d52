//! Where a request comes from, as far as limits may know it.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A part of the address space, all of whose addresses count as one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

impl Network {
    fn of(address: IpAddr, four: u8, six: u8) -> Self {
        let kept = |prefix: u8, width: u32| {
            u128::MAX.checked_shl(width.saturating_sub(prefix.into())).unwrap_or_default()
        };
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let mask = u32::try_from(kept(four, 32) & u128::from(u32::MAX)).unwrap_or(u32::MAX);
                Self { first: Ipv4Addr::from_bits(v4.to_bits() & mask).into(), prefix: four }
            }
            IpAddr::V6(v6) => {
                Self { first: Ipv6Addr::from_bits(v6.to_bits() & kept(six, 128)).into(), prefix: six }
            }
        }
    }
}

impl Network {
    /// A number that stands for it where only who is the same as whom counts.
    #[must_use]
    pub fn key(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// Nothing of an address goes into a log by accident.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network(/{})", self.prefix)
    }
}

/// The client of a request. What one client can choose freely counts as one, so the address itself is not kept: no limit
/// can be counted by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client {
    near: Network,
    wide: Network,
    widest: Network,
}

impl Client {
    /// Of the peer's address, or of what proxies of ours say about it.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self {
            near: Network::of(address, 32, 64),
            wide: Network::of(address, 24, 48),
            widest: Network::of(address, 16, 32),
        }
    }

    /// The address of IPv4, the /64 of IPv6, which one subscriber has whole (RFC 6177).
    #[must_use]
    pub fn network(&self) -> Network {
        self.near
    }

    /// The /24 of IPv4, the /48 of IPv6: what somebody who rents addresses has whole.
    #[must_use]
    pub fn wide(&self) -> Network {
        self.wide
    }

    /// The /16 of IPv4, the /32 of IPv6: the least that a provider is given. A carrier may serve half a province from one,
    /// and it says nothing of a person.
    #[must_use]
    pub fn widest(&self) -> Network {
        self.widest
    }

    /// For tests.
    #[cfg(test)]
    pub(crate) fn at(address: &str) -> Self {
        Self::of(address.parse().unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_client_has_whole_counts_as_one() {
        for (address, near, wide, widest) in [
            ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24", "192.0.0.0/16"),
            ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24", "192.0.0.0/16"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8::/32"),
            ("::1", "::/64", "::/48", "::/32"),
            ("0.0.0.0", "0.0.0.0/32", "0.0.0.0/24", "0.0.0.0/16"),
        ] {
            let client = Client::at(address);
            let found = [client.network(), client.wide(), client.widest()].map(|n| n.to_string());
            assert_eq!(found, [near, wide, widest]);
            assert!(!format!("{client:?}").contains(near), "no address in a log");
        }
        assert_eq!(Client::at("2001:db8::1"), Client::at("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(Client::at("2001:db8::1").network(), Client::at("2001:db8:0:1::1").network());
        assert_eq!(Client::at("2001:db8::1").wide(), Client::at("2001:db8:0:ffff::1").wide());
    }
}
