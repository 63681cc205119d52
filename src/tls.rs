//! The TLS library of the process.

/// Chooses the TLS library for the whole process (ring). Calling it again changes nothing.
pub fn install() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
