//! Doors: a door is a listener with an address of its own, the routes that answer there, and its rules. People and other
//! systems come through the portal's, partner provinces through theirs, which asks for a client certificate, and devices
//! through a third. A door that is not configured does not listen.

use crate::config::{AddressRange, Config};

/// Through which door somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Door {
    /// People with a browser, and other systems (clients).
    #[default]
    Portal,
    /// Partner provinces: TLS ends in this process, which looks at the client's certificate itself.
    Partner,
    /// Devices.
    Device,
}

impl Door {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Portal, Self::Partner, Self::Device];

    /// The address by which it is known outside, without a trailing slash: what a signature says about the target.
    #[must_use]
    pub fn url(self, config: &Config) -> &str {
        let door = match self {
            Self::Portal => return &config.public_url,
            Self::Partner => &config.partner,
            Self::Device => &config.device,
        };
        door.as_ref().map_or("", |door| &door.url)
    }

    /// Whose word about the address of a client is taken: at the partners' door nobody's, since nothing stands before it.
    #[must_use]
    pub fn proxies(self, config: &Config) -> &[AddressRange] {
        if self == Self::Partner { &[] } else { &config.trusted_proxies }
    }
}

/// SHA-256 of the certificate with which a client has proven itself in the TLS of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientCertificate(pub [u8; 32]);
