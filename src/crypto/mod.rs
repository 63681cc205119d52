//! Crypto suites, field encryption, blind indexes and the keyring.
